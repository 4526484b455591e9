"""The office's desk under somebody's hands: keys, and rows that open beside the list."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from mentorlink.seeds import seed_demo
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("desk")
    with running_world(folder, SmtpSink(), NOW, demo=True, mail_url="inbox:") as world:
        seed_demo(world.sessions, world.settings, NOW)
        yield world


@pytest.fixture
def desk(world: World, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(world.address)
    page.locator(".notebar summary").click()
    page.locator("button[name=role][value=office]").click()
    page.goto(f"{world.address}/office?queue=answer")
    yield page
    context.close()


def test_a_row_opens_beside_the_list_without_loading_the_page(desk: Page) -> None:
    desk.evaluate("document.body.dataset.stayed = 'yes'")
    other = desk.locator("tbody tr:not([aria-current]) a[id^=pick]").first
    reference = other.inner_text()
    other.click()
    expect(desk.locator("#panel h2").first).to_have_text(reference)
    assert desk.evaluate("document.body.dataset.stayed") == "yes"
    assert "item=" in desk.url


def test_the_keys_walk_the_rows_and_take_the_next_action(desk: Page) -> None:
    desk.keyboard.press("j")
    chosen = desk.locator("tbody tr[aria-current=true]")
    expect(chosen).to_be_focused()
    before = desk.url
    desk.keyboard.press("Enter")
    expect(desk).not_to_have_url(before)


def test_the_slash_leads_to_the_search(desk: Page) -> None:
    desk.keyboard.press("/")
    desk.keyboard.type("2026")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(r"/office/applications\?q=2026"))
