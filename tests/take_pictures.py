"""The pictures of the guides, taken from the demo's people: ``python -m tests.take_pictures docs/images``."""

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import select

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, ApplicationState, Review, ReviewState
from mentorlink.core.actor import Role
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.engagements.models import Engagement, Milestone, MilestoneState
from mentorlink.people.models import Person
from mentorlink.programmes.models import Programme
from mentorlink.seeds import seed_demo
from tests.browser import find_browser
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PHONE, DESK = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=800)
COLOURS = 128  # a page of ours has few: a third of the bytes


class Shot(NamedTuple):
    """``path`` may name ``{run}``, ``{half_year}``, ``{step}``, ``{review}``, ``{application}`` and ``{searching}``."""

    name: str
    path: str
    tall: bool = False  # the whole page, not the first screen


class Album(NamedTuple):
    role: Role | None
    viewport: ViewportSize
    shots: tuple[Shot, ...]


OFFICE = (
    Shot("office-01-programmes", "/office/programmes"),
    Shot("office-02-sources", "/office/programmes/new"),
    Shot("office-03-new", "/office/programmes/new?source=template:mentorship"),
    Shot("office-04-preview", "/office/programmes/{run}/preview"),
    Shot("office-05-selection", "/office/selections/{run}"),
    Shot("office-06-reviewers", "/office/selections/{run}/reviewers"),
    Shot("office-07-review", "/office/reviews/{review}"),
    Shot("office-08-decision", "/office/applications/{application}/decision"),
    Shot("office-10-desk", "/office"),
    Shot("office-11-candidates", "/office/applications/{searching}/candidates"),
    Shot("office-12-board", "/office/engagements", tall=True),
    Shot("office-13-silent", "/office/engagements?silence=30"),
    Shot("office-14-half-year", "/engagements/{half_year}"),
    Shot("office-15-colleagues", "/office/colleagues"),
    Shot("office-16-figures", "/office/figures/{run}"),
)
SUPPORTER = (
    Shot("mentor-1-first", "/supporter"),
    Shot("mentor-2-half-year", "/engagements/{half_year}"),
    Shot("mentor-3-step", "/milestones/{step}"),
    Shot("mentor-4-talks", "/engagements/{half_year}/talks"),
    Shot("mentor-5-care", "/supporter/care"),
)
APPLICANT = (
    Shot("applicant-2-my", "/my"),
    Shot("applicant-3-half-year", "/engagements/{half_year}"),
    Shot("applicant-4-step", "/milestones/{step}"),
    Shot("applicant-5-notes", "/engagements/{half_year}/notes"),
    Shot("applicant-6-print", "/engagements/{half_year}/print"),
    Shot("applicant-7-ending", "/engagements/{half_year}/ending"),
)
ANYBODY = (Shot("applicant-1-landing", "/"),)
ALBUMS = (
    Album(Role.LEAD, DESK, OFFICE),
    Album(Role.SUPPORTER, PHONE, SUPPORTER),
    Album(Role.APPLICANT, PHONE, APPLICANT),
    Album(None, PHONE, ANYBODY),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as home, _demo(Path(home)) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**find_browser().launch_arguments())
        for album in ALBUMS:
            _take(browser, world, album, folder)
        browser.close()


@contextmanager
def _demo(home: Path) -> Iterator[World]:
    with running_world(home, SmtpSink(), NOW, mail_url="inbox:") as world:
        seed_demo(world.sessions, world.settings, NOW)
        yield world


def _take(browser: Browser, world: World, album: Album, folder: Path) -> None:
    context = browser.new_context(locale="ja-JP", viewport=album.viewport, reduced_motion="reduce")
    if album.role is not None:
        token = _visit(world, album.role)
        context.add_cookies([{"name": "mentorlink", "value": token, "url": world.address}])
    page, places = context.new_page(), _places(world, album.role)
    for shot in album.shots:
        answer = page.goto(world.address + shot.path.format(**places))
        assert answer is not None
        assert answer.status == 200, (shot.name, page.url, answer.status)
        _save(page, folder / f"{shot.name}.png", full_page=shot.tall)
    context.close()


def _save(page: Page, path: Path, *, full_page: bool) -> None:
    picture = Image.open(io.BytesIO(page.screenshot(full_page=full_page))).convert("RGB")
    picture.quantize(COLOURS).save(path, optimize=True)


def _visit(world: World, role: Role) -> str:
    """A session of the demo's first person of this role."""
    token = new_token()
    with world.sessions() as session:
        user_id = session.scalars(select(User.id).where(User.role == role).order_by(User.id)).first()
        session.add(
            WebSession(
                token_hash=hash_token(token),
                user_id=user_id,
                data={},
                created_at=NOW,
                expires_at=NOW.replace(year=NOW.year + 1),
            )
        )
        session.commit()
    return token


def _places(world: World, role: Role | None) -> dict[str, object]:
    """What the paths name: the demo applicant's half-year, and a step, a run and a review that have something to show."""
    with world.sessions() as session:
        applicant = session.scalars(
            select(User.id).where(User.role == Role.APPLICANT).order_by(User.id)
        ).first()
        half_year = session.scalars(
            select(Engagement)
            .join(Person, Person.id == Engagement.recipient_id)
            .join(Programme, Programme.id == Engagement.programme_id)
            .where(Person.user_id == applicant, Programme.months > 0)
        ).one()
        wanted = MilestoneState.CHECKING if role is Role.SUPPORTER else MilestoneState.IN_PROGRESS
        steps = select(Milestone.id).order_by(Milestone.state != wanted, Milestone.position)
        if role is not Role.SUPPORTER:
            steps = steps.where(Milestone.engagement_id == half_year.id)
        review = session.scalars(
            select(Review).order_by(Review.state != ReviewState.ASKED, Review.reviewer_user_id, Review.id)
        ).first()
        assert review is not None
        run = review.application.programme
        searching = select(Application.id).where(Application.state == ApplicationState.MATCHING)
        return {
            "half_year": half_year.id,
            "step": session.scalars(steps).first(),
            "run": run.code,
            "review": review.id,
            "application": review.application_id,
            "searching": session.scalars(searching).first(),
        }


if __name__ == "__main__":
    main()
