"""The pictures of the guides, taken from the demo's people: ``python -m tests.take_pictures docs/images``."""

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, ApplicationState, Review, ReviewState
from mentorlink.applications.services import prepare_decision
from mentorlink.applications.services.selection import ask_reviewers, submit_review
from mentorlink.core.actor import Role
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.engagements.models import Engagement, Milestone, MilestoneState
from mentorlink.matching.rounds import prepare_round
from mentorlink.people.models import Person
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.services.holds import hold_for
from mentorlink.seeds import seed_demo
from tests.browser import find_browser
from tests.factories import make_application, make_person
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PHONE, DESK = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=800)
COLOURS = 128  # a page of ours has few: a third of the bytes


class Shot(NamedTuple):
    """``path`` may name what ``_places`` finds: ``{run}``, ``{half_year}``, ``{step}``, ``{talk}``, and so on."""

    name: str
    path: str
    tall: bool = False  # the whole page, not the first screen
    typed: tuple[tuple[str, str], ...] = ()  # names of fields, and what stands in them
    unfolds: bool = False  # the first thing folded on it is open


class Album(NamedTuple):
    role: Role | None
    viewport: ViewportSize
    shots: tuple[Shot, ...]


THREE_LINES = (
    ("went_well", "チラシができました。"),
    ("difficult", "来てくれる人がいるか、心配です。"),
    ("next_promise", "民生委員さんに、声をかけます。"),
)
SAID_ON_THE_TELEPHONE = (("day", "令和8年12月3日"), ("time", "午後7時"))
OFFICE = (
    Shot("office-01-programmes", "/office/programmes"),
    Shot("office-02-sources", "/office/programmes/new"),
    Shot("office-03-new", "/office/programmes/new?source=template:mentorship"),
    Shot("office-04-preview", "/office/programmes/{run}/preview"),
    Shot("office-05-selection", "/office/selections/{run}"),
    Shot("office-06-reviewers", "/office/selections/{run}/reviewers"),
    Shot("office-07-review", "/office/reviews/{review}"),
    Shot("office-08-decision", "/office/applications/{application}/decision"),
    Shot("office-09-ending", "/engagements/{half_year}/ending"),
    Shot("office-10-desk", "/office"),
    Shot("office-11-candidates", "/office/applications/{searching}/candidates"),
    Shot("office-12-board", "/office/engagements", tall=True),
    Shot("office-13-silent", "/office/engagements?silence=30"),
    Shot("office-14-half-year", "/engagements/{half_year}"),
    Shot("office-15-colleagues", "/office/colleagues"),
    Shot("office-16-figures", "/office/figures/{run}"),
    Shot(
        "office-18-rest",
        "/office/engagements/pauses?batch=a-picture-of-the-effect&reason=disaster&expected_until=&region=20&region=25",
        tall=True,
    ),
    Shot("office-19-mentor", "/engagements/{half_year}/handover"),
)
PREPARED = (
    Shot("office-17-letters", "/office/selections/{run}/decisions", unfolds=True),
    Shot("office-20-round", "/office/rounds/{talks}"),
    Shot("office-21-calendar", "/office/calendar?state=planned"),
    Shot("office-22-hour", "/engagements/{half_year}/hour", typed=SAID_ON_THE_TELEPHONE),
)
SUPPORTER = (
    Shot("mentor-1-first", "/supporter"),
    Shot("mentor-2-half-year", "/engagements/{half_year}"),
    Shot("mentor-3-step", "/milestones/{step}"),
    Shot("mentor-4-talks", "/engagements/{half_year}/talks", tall=True),
    Shot("mentor-5-care", "/supporter/care"),
    Shot("mentor-6-record", "/meetings/{talk}/record", typed=THREE_LINES),
    Shot("mentor-7-hours", "/supporter/availability#week"),
    Shot("mentor-8-agenda", "/supporter/calendar"),
)
SUPPORTER_AT_A_DESK = (
    Shot("mentor-9-week", "/supporter/calendar", tall=True),
    Shot("mentor-10-feed", "/calendar-feed"),
)
APPLICANT = (
    Shot("applicant-2-my", "/my"),
    Shot("applicant-3-half-year", "/engagements/{half_year}"),
    Shot("applicant-4-step", "/milestones/{step}"),
    Shot("applicant-5-notes", "/engagements/{half_year}/notes"),
    Shot("applicant-6-print", "/engagements/{half_year}/print"),
    Shot("applicant-7-ending", "/engagements/{half_year}/ending"),
    Shot("applicant-8-feed", "/calendar-feed"),
    Shot("applicant-9-change", "/meetings/{talk}/change"),
)
SCORED = {"見本のつくし": (4, 3), "見本のなずな": (3, 3), "見本のすみれ": (1, 4), "見本のたんぽぽ": (2, 2)}
GLAD = (ApplicationState.SELECTED, "これまでの歩みと、これからの形がよく伝わりました。")
RESULTS = (
    *[GLAD] * 4,
    (ApplicationState.NOT_SELECTED, "まずは60分のお話しで、次の一歩をいっしょに見つけませんか。"),
    (ApplicationState.WAITING, "ごいっしょしたい気持ちは同じです。席があきしだい、お声をかけます。"),
)
WAITING = (("01", "01"), ("02", "03"), ("03", "16"), ("04", "05"), ("06", "02"), ("08", "16"))  # 相談, テーマ
ANYBODY = (Shot("applicant-1-landing", "/"),)
ALBUMS = (
    Album(Role.LEAD, DESK, OFFICE),
    Album(Role.SUPPORTER, PHONE, SUPPORTER),
    Album(Role.SUPPORTER, DESK, SUPPORTER_AT_A_DESK),
    Album(Role.APPLICANT, PHONE, APPLICANT),
    Album(None, PHONE, ANYBODY),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, _demo(Path(home)) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**find_browser().launch_arguments())
        for album in ALBUMS:
            _take(browser, world, album, folder)
        _prepare_results(world)
        _prepare_round(world)
        _take(browser, world, Album(Role.LEAD, DESK, PREPARED), folder)
        browser.close()


@contextmanager
def _demo(home: Path) -> Iterator[World]:
    with running_world(home, SmtpSink(), NOW, mail_url="inbox:") as world:
        seed_demo(world.sessions, world.settings, NOW)
        _add_scored_applications(world)
        _keep_an_hour(world)
        yield world


def _keep_an_hour(world: World) -> None:
    """Somebody is choosing a day, and the first of them is kept for the demo's supporter."""
    with world.sessions.begin() as session:
        user = select(User.id).where(User.role == Role.SUPPORTER).order_by(User.id).limit(1)
        person_id = session.scalars(select(Person.id).where(Person.user_id == user.scalar_subquery())).one()
        kept, until = NOW + timedelta(days=2, hours=9), NOW + timedelta(days=1)
        assert hold_for(session, {person_id: timedelta(minutes=75)}, kept, source="offer:0", until=until)


def _add_scored_applications(world: World) -> None:
    """Four more who apply to the demo's run, read by both of the office, so that the selection is one of six."""
    with world.sessions.begin() as session:
        run = _a_review(session).application.programme
        readers = session.scalars(
            select(User.id).where(User.role.in_((Role.LEAD, Role.OFFICE)), User.disabled_at.is_(None))
        ).all()
        for number, (name, points) in enumerate(SCORED.items()):
            person = make_person(session, display_name=name, email=f"scored{number}@example.org")
            reference = f"2026-{990 + number:04d}"
            application = make_application(session, programme=run, person=person, reference=reference)
            asked = ask_reviewers(session, application, readers, by="office", now=NOW)
            for review, point in zip(asked, points, strict=True):
                scores = {criterion.id: point for criterion in run.criteria}
                submit_review(session, review, scores, "思いがよく伝わりました。", by="office", now=NOW)


def _prepare_results(world: World) -> None:
    """Four selected, one waiting, one with another way to go on: prepared, and told to nobody."""
    with world.sessions.begin() as session:
        run = _a_review(session).application.programme
        lead = session.scalars(select(User.id).where(User.role == Role.LEAD).order_by(User.id)).first()
        assert lead is not None
        undecided = Application.state.in_((ApplicationState.RECEIVED, ApplicationState.SELECTING))
        found = session.scalars(
            select(Application).where(Application.programme_id == run.id, undecided).order_by(Application.id)
        )
        for application, (outcome, words) in zip(found, RESULTS, strict=False):
            prepare_decision(
                session,
                application,
                outcome,
                words,
                despite_missing=True,
                by_user_id=lead,
                by="office",
                now=NOW,
            )


def _prepare_round(world: World) -> None:
    """For those who wait for a single talk, and a handful more."""
    with world.sessions.begin() as session:
        run = _single_talks(session)
        for number, (category, theme) in enumerate(WAITING):
            person = make_person(session, display_name=f"見本の待ち人{number}")
            terms = {"category": [category], "theme": [theme]}
            columns = {"state": ApplicationState.MATCHING, "reference": f"2026-{980 + number:04d}"}
            make_application(session, programme=run, person=person, terms=terms, **columns)
        prepare_round(session, run, {}, set(), now=NOW, by="office")


def _single_talks(session: Session) -> Programme:
    """The run whose applicants are being matched."""
    waiting = select(Application.programme_id).where(Application.state == ApplicationState.MATCHING)
    return session.scalars(select(Programme).where(Programme.id.in_(waiting), Programme.months == 0)).one()


def _a_review(session: Session) -> Review:
    """The first that still waits for its points."""
    review = session.scalars(
        select(Review).order_by(Review.state != ReviewState.ASKED, Review.reviewer_user_id, Review.id)
    ).first()
    assert review is not None
    return review


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
        for name, words in shot.typed:
            page.fill(f"[name={name}]", words)
        if shot.unfolds:
            page.locator("main summary").first.click()
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
        steps = select(Milestone.id).order_by(
            Milestone.state != wanted, Milestone.state == MilestoneState.REACHED, Milestone.position
        )
        if role is not Role.SUPPORTER:
            steps = steps.where(Milestone.engagement_id == half_year.id)
        review = _a_review(session)
        run = review.application.programme
        talk = (
            select(Meeting.id)
            .where(Meeting.engagement_id == half_year.id)
            .order_by(Meeting.state != MeetingState.CONFIRMED, Meeting.starts_at)
        )
        scored = (
            select(Application.id).where(Application.programme_id == run.id).order_by(Application.id.desc())
        )
        searching = select(Application.id).where(Application.state == ApplicationState.MATCHING)
        return {
            "half_year": half_year.id,
            "step": session.scalars(steps).first(),
            "run": run.code,
            "talks": _single_talks(session).code,
            "talk": session.scalars(talk).first(),
            "review": review.id,
            "application": session.scalars(scored).first(),
            "searching": session.scalars(searching).first(),
        }


if __name__ == "__main__":
    main()
