"""A round of forty by keyboard alone: prepared, looked at, one pinned, one ruled out, one exchanged, all of them sent."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from benchmarks.rounds import made_up
from mentorlink.core.actor import Role
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.matching.models import Invitation, InvitationState, MatchRun
from tests.factories import NOW, make_user
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

MOST_PRESSES = 30
SECONDS_A_PRESS = 0.8  # of somebody who looks before they press; reading comes on top
pytestmark = pytest.mark.browser


class Keys:
    """Presses keys, one by one, and counts them and the seconds that the machine takes."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.seconds = page, 0, 0.0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def go(self, *keys: str) -> None:
        """The last of these keys loads a page."""
        self.press(*keys[:-1])
        began = time.perf_counter()
        with self.page.expect_navigation():
            self.press(keys[-1])
        self.seconds += time.perf_counter() - began


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with running_world(tmp_path, SmtpSink(), NOW, mail_url="inbox:") as world:
        with world.sessions() as session:
            made_up(session, 40, 10)
            session.commit()
        yield world


@pytest.fixture
def keys(world: World, browser: Browser) -> Iterator[Keys]:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "mentorlink", "value": _office(world, NOW), "url": world.address}])
    page = context.new_page()
    page.goto(f"{world.address}/office/rounds")
    yield Keys(page)
    context.close()


def test_forty_are_worked_through_by_keyboard_alone(world: World, keys: Keys) -> None:
    page = keys.page
    keys.go("j", "Enter")  # the run with forty who wait
    keys.go("r")  # 組み合わせをつくる
    expect(page.locator(".pairs > li")).to_have_count(40)
    keys.go("j", "p")  # looked at, and pinned
    expect(_chosen(page)).to_contain_text("固定を外す")
    keys.go("j", "j", "x")  # ruled out
    keys.go("j", "o")  # what if it were somebody else?
    other = _chosen(page).locator(".others li").first
    name = other.locator("b").inner_text()
    expect(other).to_contain_text("この方にすると、")
    keys.go("1")
    expect(_chosen(page).locator("h2")).to_have_text(name)
    keys.go("a", "Enter")  # すべての組に打診する, and yes
    expect(page.locator("body")).to_contain_text("40件の打診をお送りしました。")
    with world.sessions() as session:
        asked = select(func.count(Invitation.id)).where(Invitation.state == InvitationState.ASKED)
        assert session.scalar(asked) == 40
        last = session.scalars(select(MatchRun).order_by(MatchRun.id.desc())).first()
        assert (len(last.pins), len(last.bans)) == (2, 1)
    assert keys.presses <= MOST_PRESSES
    assert keys.presses * SECONDS_A_PRESS + keys.seconds < 40
    print(f"{keys.presses} presses, {keys.seconds:.2f} s of the machine")  # noqa: T201 - the figure of the issue


def test_a_key_does_nothing_in_a_field_nor_when_keys_are_off(keys: Keys) -> None:
    page = keys.page
    keys.go("j", "Enter")
    keys.go("r")
    before = page.url
    page.locator("input[type=checkbox]").first.focus()
    keys.press("p", "x", "r")
    page.keyboard.press("?")
    page.locator("body").focus()
    page.evaluate("document.activeElement.blur()")
    keys.press("?")
    page.locator("[data-keys-switch]").click()
    page.keyboard.press("Escape")
    keys.press("j", "p", "r")
    page.wait_for_timeout(200)
    assert page.url == before
    assert "固定を外す" not in page.locator(".pairs").inner_text()


def test_sending_to_all_waits_for_enter(keys: Keys) -> None:
    keys.go("j", "Enter")
    keys.go("r")
    keys.press("a")
    expect(keys.page.get_by_role("button", name="すべての組に打診する")).to_be_focused()
    expect(keys.page.locator("body")).not_to_contain_text("打診をお送りしました")


def test_the_page_stands_for_those_who_do_not_see_it(keys: Keys) -> None:
    keys.go("j", "Enter")
    keys.go("r")
    keys.go("j", "o")
    assert Axe().run(keys.page).response["violations"] == []


def _chosen(page: Page):
    return page.locator(".pairs > li[aria-current=true]")


def _office(world: World, now: datetime) -> str:
    token = new_token()
    with world.sessions() as session:
        user = make_user(session, role=Role.OFFICE)
        row = WebSession(token_hash=hash_token(token), user_id=user.id, data={}, created_at=now)
        row.expires_at = now.replace(year=now.year + 1)
        session.add(row)
        session.commit()
    return token
