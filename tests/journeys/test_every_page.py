"""Every page that a role can reach by following links, on the demo's lively present, at both widths."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response
from sqlalchemy import select

from mentorlink.accounts.models import User
from mentorlink.core.actor import Role
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.seeds import seed_demo
from tests.journeys.world import World, running_world
from tests.pages import faults_of_page
from tests.smtp import SmtpSink

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PAGES_OF_ONE_KIND = 1
PAGE_BYTES = 100_000
FILES = re.compile(r"\.(csv|ics|xlsx|pdf)$|/export$")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    sink = SmtpSink()  # never started: the demo delivers to its own mailbox
    folder = tmp_path_factory.mktemp("pages")
    with running_world(folder, sink, NOW, demo=True, mail_url="inbox:") as world:
        seed_demo(world.sessions, world.settings, NOW)
        yield world


ROADS = [
    (None, "/", 4),
    (Role.APPLICANT, "/my", 4),
    (Role.SUPPORTER, "/supporter", 6),
    (Role.LEAD, "/office", 25),
]


@pytest.mark.browser
@pytest.mark.parametrize(("role", "start", "least"), ROADS)
def test_every_page_is_whole_light_and_accessible(
    world: World, browser: Browser, role: Role | None, start: str, least: int
) -> None:
    with _known_as(role, world, browser, "ja-JP") as page:
        faults, seen = _crawl(page, world, start, accessibly=True)
    assert faults == []
    assert len(seen) >= least, sorted(seen)


@pytest.mark.browser
@pytest.mark.parametrize(("role", "start", "least"), ROADS)
def test_every_page_stands_in_english_too(
    world: World, browser: Browser, role: Role | None, start: str, least: int
) -> None:
    with _known_as(role, world, browser, "en-GB") as page:
        page.goto(world.address)
        page.get_by_role("button", name="English").first.click()
        page.wait_for_load_state()
        faults, seen = _crawl(page, world, start, accessibly=False)
        assert page.locator("html").get_attribute("lang") == "en"
    assert faults == []
    assert len(seen) >= least, sorted(seen)


@contextmanager
def _known_as(role: Role | None, world: World, browser: Browser, locale: str) -> Iterator[Page]:
    context = browser.new_context(locale=locale, viewport=PHONE)
    if role is not None:
        cookie = {"name": "mentorlink", "value": _token_of(world, role), "url": world.address}
        context.add_cookies([cookie])
    yield context.new_page()
    context.close()


def _crawl(page: Page, world: World, start: str, *, accessibly: bool) -> tuple[list[str], set[str]]:
    waiting, known, kinds, faults = [start], {start}, Counter[str](), []
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "N", urlsplit(path).path)
        kinds[kind] += 1
        if kinds[kind] > PAGES_OF_ONE_KIND:
            continue
        faults += [f"{path}: {fault}" for fault in _faults(page, world, path)]
        if accessibly:
            faults += [f"{path}: {fault}" for fault in _barriers(page)]
        for link in _links(page, world):
            if link not in known:
                known.add(link)
                waiting.append(link)
    return faults, set(kinds)


def _faults(page: Page, world: World, path: str) -> list[str]:
    sizes: list[int] = []

    def weigh(answer: Response) -> None:
        sizes.append(int(answer.headers.get("content-length") or 0))

    page.on("response", weigh)
    answer = page.goto(urljoin(world.address, path))
    page.remove_listener("response", weigh)
    assert answer is not None
    found = [] if answer.status == 200 else [f"answers {answer.status}"]
    found += faults_of_page(answer.text())
    if sum(sizes) > PAGE_BYTES:
        found.append(f"{sum(sizes)} bytes with its assets")
    return found


def _barriers(page: Page) -> list[str]:
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        found += [
            f"{v['id']} at {viewport['width']}: {v['nodes'][0]['html'][:120]}" for v in _violations(page)
        ]
        found += _wider_than_the_screen(page, viewport["width"])
    return found


def _violations(page: Page) -> list[dict]:
    return Axe().run(page).response["violations"]


def _wider_than_the_screen(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{wide}px wide on a screen of {width}px"] if wide > width else []


def _links(page: Page, world: World) -> list[str]:
    hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    own = [href.partition("#")[0] for href in hrefs if href.startswith(world.address)]
    return [href.removeprefix(world.address) or "/" for href in own if not FILES.search(urlsplit(href).path)]


def _token_of(world: World, role: Role) -> str:
    token = new_token()
    with world.sessions() as session:
        user_id = session.scalar(select(User.id).where(User.role == role).order_by(User.id).limit(1))
        assert user_id is not None, f"the demo has nobody who is {role}"
        row = WebSession(token_hash=hash_token(token), user_id=user_id, data={}, created_at=NOW)
        row.expires_at = NOW.replace(year=NOW.year + 1)
        session.add(row)
        session.commit()
    return token
