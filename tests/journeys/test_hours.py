"""The week under a mentor's hands: painted by keys, by mouse and by finger, and ticked where there is no script."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mentorlink.seeds import seed_demo
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("hours")
    with running_world(folder, SmtpSink(), NOW, demo=True, mail_url="inbox:") as world:
        seed_demo(world.sessions, world.settings, NOW)
        yield world


def entered(context: BrowserContext, world: World) -> Page:
    page = context.new_page()
    page.goto(world.address)
    page.locator(".notebar summary").click()
    page.locator("button[name=role][value=supporter]").click()
    page.goto(f"{world.address}/supporter/availability")
    return page


@pytest.fixture(scope="module")
def desk_page(world: World, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
    yield entered(context, world)
    context.close()


@pytest.fixture(scope="module")
def phone_page(world: World, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        locale="ja-JP", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield entered(context, world)
    context.close()


@pytest.fixture
def desk(desk_page: Page) -> Page:
    return emptied(desk_page)


@pytest.fixture
def phone(phone_page: Page) -> Page:
    return emptied(phone_page)


def emptied(page: Page) -> Page:
    page.reload()
    page.get_by_role("button", name="ぜんぶ消す").click()
    return page


def cell(page: Page, name: str):
    return page.get_by_role("checkbox", name=name, exact=True)


def middle(page: Page, name: str) -> tuple[float, float]:
    box = cell(page, name).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-summary]")).to_have_text(words)


def test_keys_walk_and_paint(desk: Page) -> None:
    cell(desk, "火曜 19:00").focus()
    desk.keyboard.press("Space")
    for _half in range(4):
        desk.keyboard.press("Shift+ArrowRight")
    says(desk, "火曜 19:00〜21:30")
    desk.keyboard.press("Shift+ArrowLeft")  # too far
    says(desk, "火曜 19:00〜21:00")
    desk.keyboard.press("ArrowDown")
    expect(cell(desk, "水曜 20:30")).to_be_focused()
    desk.keyboard.press("Shift+ArrowLeft")  # as empty as where it begins
    says(desk, "火曜 19:00〜21:00")


def test_shift_paints_on_over_days_from_where_it_began(desk: Page) -> None:
    cell(desk, "月曜 10:00").focus()
    desk.keyboard.press("Space")
    desk.keyboard.down("Shift")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        desk.keyboard.press(key)
    desk.keyboard.up("Shift")
    says(desk, "月曜 10:00〜11:00、火曜 10:00〜11:00、水曜 10:00〜11:00")


def test_one_cell_takes_the_tab_key_and_the_arrows_do_the_rest(desk: Page) -> None:
    cell(desk, "金曜 7:00").focus()
    desk.keyboard.press("End")
    expect(cell(desk, "金曜 21:30")).to_be_focused()
    desk.keyboard.press("Tab")
    expect(desk.locator("#all-hours")).to_be_focused()
    desk.keyboard.press("Shift+Tab")
    expect(cell(desk, "金曜 21:30")).to_be_focused()


def test_the_mouse_paints_a_stroke_and_takes_it_away_again(desk: Page) -> None:
    for _stroke, words in ((1, "土曜 9:00〜12:00"), (2, "空いている時間なし")):
        desk.mouse.move(*middle(desk, "土曜 9:00"))
        desk.mouse.down()
        desk.mouse.move(*middle(desk, "土曜 10:30"))
        desk.mouse.move(*middle(desk, "土曜 11:30"))
        desk.mouse.up()
        says(desk, words)
    cell(desk, "土曜 9:00").click()
    says(desk, "土曜 9:00〜9:30")


def test_a_stroke_that_comes_back_to_its_beginning_leaves_it_painted(desk: Page) -> None:
    desk.mouse.move(*middle(desk, "木曜 9:00"))
    desk.mouse.down()
    desk.mouse.move(*middle(desk, "木曜 10:00"))
    desk.mouse.move(*middle(desk, "木曜 9:00"))
    desk.mouse.up()
    says(desk, "木曜 9:00〜9:30")


def test_a_mouse_that_was_let_go_outside_of_the_window_paints_no_more(desk: Page) -> None:
    desk.mouse.move(*middle(desk, "木曜 9:00"))
    desk.mouse.down()
    desk.mouse.move(*middle(desk, "木曜 10:00"))
    x, y = middle(desk, "木曜 12:00")
    move = "([x, y, n]) => dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, pointerId: n, buttons: 0}))"
    desk.evaluate(move, [x, y, 1])
    says(desk, "木曜 9:00〜10:30")
    desk.mouse.up()


def test_what_was_painted_is_saved_and_comes_back(desk: Page) -> None:
    desk.get_by_role("button", name="平日の夜 19〜21時").click()
    desk.get_by_role("button", name="この時間で保存する").click()
    expect(desk.get_by_text("お話しできる時間を保存しました。")).to_be_visible()
    expect(cell(desk, "金曜 20:30")).to_be_checked()
    desk.get_by_role("button", name="ぜんぶ消す").click()
    desk.get_by_role("button", name="元に戻す").click()
    expect(desk.locator("[data-summary]")).to_contain_text("金曜 19:00〜21:00")


def test_a_finger_taps_one_and_draws_many(phone: Page) -> None:
    phone.locator("label:has(#day-2)").tap()
    cell(phone, "水曜 13:00").tap()
    says(phone, "水曜 13:00〜13:30")
    phone.locator(".hours").evaluate("table => table.scrollIntoView({ block: 'center' })")
    (x, y), (end, _y) = middle(phone, "水曜 19:00"), middle(phone, "水曜 21:00")
    finger = phone.context.new_cdp_session(phone)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 9):
        point = {"x": x + (end - x) * part / 8, "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    says(phone, "水曜 13:00〜13:30・19:00〜21:30")


def test_a_narrow_screen_shows_one_day_at_a_time(phone: Page) -> None:
    phone.locator("label:has(#day-4)").tap()
    expect(cell(phone, "金曜 19:00")).to_be_visible()
    expect(cell(phone, "月曜 19:00")).to_be_hidden()
    expect(cell(phone, "金曜 5:00")).to_be_hidden()
    phone.locator("#all-hours").tap()
    expect(cell(phone, "金曜 5:00")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_a_zone_is_found_by_its_japanese_name(desk: Page) -> None:
    desk.get_by_label("都市や国の名前でさがす").fill("サモア")
    expect(desk.locator("#zone option")).to_have_text(["アピア（サモア）", "パゴパゴ（米領サモア）"])


def test_what_was_painted_and_not_saved_is_not_lost_without_a_word(desk: Page) -> None:
    cell(desk, "火曜 9:00").click()
    expect(desk.get_by_text("まだ保存していません")).to_be_visible()
    asked: list[str] = []
    desk.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.get_by_role("button", name="決まりごとを保存する").click(no_wait_after=True)
    says(desk, "火曜 9:00〜9:30")
    assert asked == ["beforeunload"]


def test_the_week_is_whole_without_a_script(world: World, browser: Browser) -> None:
    context = browser.new_context(
        locale="ja-JP", viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = entered(context, world)
    page.locator("label:has(#day-6)").click()
    cell(page, "日曜 20:00").check()
    page.get_by_role("button", name="この時間で保存する").click()
    expect(page.locator("[data-summary]")).to_contain_text("日曜 20:00〜20:30")
    context.close()
