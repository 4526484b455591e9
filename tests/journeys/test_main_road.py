"""One application from the landing page to its survey answer and into the figures, through all three roles."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from mentorlink.accounts import keys
from mentorlink.accounts.services import create_user
from mentorlink.core.actor import Role
from mentorlink.core.dates import TOKYO
from mentorlink.core.db import transaction
from mentorlink.outcomes.figures import compute_figures
from mentorlink.people.models import ContactChannel
from mentorlink.people.services import create_person, register_supporter
from mentorlink.programmes.models import Programme
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.services import set_weekly_windows
from mentorlink.surveys.services import load_surveys, schedule_surveys
from tests.journeys.world import World, calendar_files, first_link, running_world
from tests.pages import faults_of_page
from tests.smtp import SmtpSink

MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # Wednesday, 10:00 in Tokyo
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
APPLICANT, SUPPORTER, OFFICE = "haru@example.org", "mentor@example.org", "desk@example.org"
PASSWORD = "a quiet engawa in the sun"
TOTP = pyotp.random_base32()
pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[World]:
    with running_world(tmp_path, smtp_sink, MORNING) as world:
        with world.sessions() as session, transaction(session):
            _open_a_run(session)
            _invite_the_office(session)
            _welcome_a_supporter(session)
        yield world


def _open_a_run(session) -> None:
    load_surveys(session)
    run = create_programme(
        session,
        "consultation",
        code="talk-2026",
        fiscal_year=2026,
        opens_on=date(2026, 4, 1),
        now=MORNING,
    )
    schedule_surveys(session, run, load_template("consultation").surveys)
    open_programme(session, run, now=MORNING)


def _invite_the_office(session) -> None:
    user = create_user(session, email=OFFICE, name="事務局", role=Role.OFFICE, now=MORNING, password=PASSWORD)
    user.totp_secret = keys.keys().encrypt(TOTP)


def _welcome_a_supporter(session) -> None:
    person = create_person(
        session,
        display_name="みはらし そら",
        contact_channel=ContactChannel.MAIL,
        email=SUPPORTER,
        now=MORNING,
    )
    supporter = register_supporter(
        session,
        person,
        introduction="地域の農園をひらいて8年になります。",
        prefecture="20",
        skills={"06": 3, "07": 2},
        themes=["16"],
        now=MORNING,
        meeting_url="https://meet.example.org/sora",
    )
    set_weekly_windows(session, supporter, [(day, 18 * 60, 21 * 60) for day in range(7)])


@pytest.mark.parametrize("with_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_application_becomes_a_talk_a_survey_answer_and_a_figure(
    world: World, browser: Browser, tmp_path: Path, with_script: bool
) -> None:
    applicant = _page(browser, PHONE, with_script)
    office = _page(browser, DESK, with_script)
    supporter = _page(browser, PHONE, with_script)

    reference = _apply(applicant, world)
    _propose(office, world, reference)
    _accept(supporter, world)
    start = _choose_an_hour(applicant, world)
    _calendar_knows_the_hour(world, start, tmp_path)
    _reminded_once(world, start)
    _record(supporter, world, start)
    _answer_the_survey(applicant, world, start)

    _figures_count_it(world)
    _the_office_sees_it(office, world)


def _page(browser: Browser, viewport: dict, with_script: bool) -> Page:
    page = browser.new_context(viewport=viewport, locale="ja-JP", java_script_enabled=with_script).new_page()
    page.set_default_timeout(8_000)
    page.on("response", _check)
    return page


def _check(answer) -> None:
    assert answer.status < 500, f"{answer.status} at {answer.url}"


def _press(page: Page, name: str) -> None:
    """Press the button or link of this name; the page that follows must be whole."""
    target = page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("link", name=name, exact=True)
    )
    target.first.click()
    page.wait_for_load_state()
    assert faults_of_page(page.content()) == []


def _open_mail(page: Page, world: World, address: str, subject: str) -> None:
    world.let_time_work()
    arrived = world.mails_to(address)
    assert any(subject in mail["Subject"] for mail in arrived), [mail["Subject"] for mail in arrived]
    mail = next(mail for mail in reversed(arrived) if subject in mail["Subject"])
    page.goto(first_link(mail))
    _press(page, "開く")


def _apply(page: Page, world: World) -> str:
    page.goto(world.address)
    page.get_by_role("link", name="60分、話してみる").click()
    _press(page, "はじめる")
    page.locator("input[name=display_name]").fill("はる")
    page.locator("input[name=contact_channel][value=mail]").check()
    page.locator("input[name=email]").fill(APPLICANT)
    _press(page, "つぎへ")
    page.locator("select[name=prefecture]").select_option(label="栃木県")
    page.locator("input[name=stage]").nth(1).check()
    _press(page, "つぎへ")
    page.locator("input[name=themes][value='16']").check()
    _press(page, "つぎへ")
    page.locator("input[name=main_category][value='06']").check()
    page.locator("textarea[name=story]").fill("空き家をお借りできそうです。")
    _press(page, "つぎへ")
    page.locator("input[name=modes][value=online]").check()
    for box in page.locator("input[type=checkbox][name=times]").all():
        box.check()
    _press(page, "つぎへ")
    page.locator("input[name=personal_data]").check()
    page.locator("input[name=share_with_supporter]").check()
    page.locator("input[name=statistics]").check()
    _press(page, "この内容で送る")
    expect(page.get_by_role("heading", level=1)).to_have_text("お申し込みを受け付けました")
    world.let_time_work()
    assert "受付完了" in world.mails_to(APPLICANT)[-1]["Subject"]
    return page.locator(".receipt b").inner_text()


def _propose(page: Page, world: World, reference: str) -> None:
    page.goto(f"{world.address}/sign-in")
    page.locator("input[name=email]").first.fill(OFFICE)
    page.locator("input[name=password]").fill(PASSWORD)
    _press(page, "中に入る")
    page.locator("input[name=code]").fill(pyotp.TOTP(TOTP).at(world.clock()))
    _press(page, "確かめる")
    page.goto(f"{world.address}/office/applications")
    page.get_by_role("link", name=reference).first.click()
    expect(page.get_by_text("空き家をお借りできそうです。")).to_be_visible()
    _press(page, "さがし始める")
    if page.get_by_role("button", name="番号の順に打診する").count() == 0:
        _press(page, "候補を見る")
    expect(page.get_by_role("heading", name="みはらし そら")).to_be_visible()
    _press(page, "番号の順に打診する")


def _accept(page: Page, world: World) -> None:
    _open_mail(page, world, SUPPORTER, "ご相談の打診")
    assert "空き家" not in page.content(), "the story is read only after acceptance"
    if page.get_by_role("link", name="引き受ける", exact=True).count():
        _press(page, "引き受ける")
    _press(page, "はい、引き受ける")


def _choose_an_hour(page: Page, world: World) -> datetime:
    _open_mail(page, world, APPLICANT, "日にちを選んでください")
    if page.get_by_role("button", name="この日にする").count() == 0:
        page.get_by_role("link", name="日にちをえらぶ").first.click()
    expect(page.get_by_text("みはらし そら")).to_be_visible()
    _press(page, "この日にする")
    world.let_time_work()
    with world.sessions() as session:
        meeting = session.scalars(select(Meeting)).one()
        return meeting.starts_at


def _calendar_knows_the_hour(world: World, start: datetime, folder: Path) -> None:
    """khal, a calendar program that nobody here wrote, reads the file that came by mail."""
    mails = [
        next(m for m in world.mails_to(who) if "日時が決まりました" in m["Subject"])
        for who in (APPLICANT, SUPPORTER)
    ]
    files = [calendar_files(mail)[0] for mail in mails]
    assert SUPPORTER.encode() not in files[0].replace(b"\r\n ", b"")
    assert APPLICANT.encode() not in files[1].replace(b"\r\n ", b"")
    listed = _khal(folder, files[0])
    assert start.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M") in listed


def _khal(folder: Path, ics: bytes) -> str:
    home = folder / "khal"
    (home / "calendar").mkdir(parents=True)
    (home / "invitation.ics").write_bytes(ics)
    (home / "config").write_text(
        f"[calendars]\n[[mine]]\npath = {home}/calendar\ntype = calendar\n"
        f"[sqlite]\npath = {home}/khal.db\n[default]\ndefault_calendar = mine\n"
        "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "local_timezone = Asia/Tokyo\ndefault_timezone = Asia/Tokyo\n",
        encoding="utf-8",
    )
    khal = [str(Path(sys.executable).with_name("khal")), "-c", str(home / "config")]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(home)}
    subprocess.run(
        [*khal, "import", "--batch", str(home / "invitation.ics")],
        check=True,
        env=environment,
        capture_output=True,
    )
    listing = [*khal, "list", "--format", "{start-long}", "2026-11-25", "40d"]
    return subprocess.run(listing, check=True, env=environment, capture_output=True, text=True).stdout


def _reminded_once(world: World, start: datetime) -> None:
    world.clock.move_to(start - timedelta(minutes=50))
    for _ in range(2):
        world.let_time_work()
    subjects = [mail["Subject"] for mail in world.mails_to(APPLICANT)]
    assert sum("【あす】" in subject for subject in subjects) <= 1
    assert sum("このあと" in subject for subject in subjects) == 1


def _record(page: Page, world: World, start: datetime) -> None:
    world.clock.move_to(start + timedelta(hours=16))
    _open_mail(page, world, SUPPORTER, "記録のお願い")
    if page.get_by_label("できたこと").count() == 0:
        _press(page, "3行で記録する")
    page.get_by_label("できたこと").fill("場所の見通しがつきました。")
    page.get_by_label("困っていること").fill("保険のことがまだです。")
    page.get_by_label("次の約束").fill("大家さんに話を聞きに行きます。")
    _press(page, "記録する")


def _answer_the_survey(page: Page, world: World, start: datetime) -> None:
    _open_mail(page, world, APPLICANT, "今日はいかがでしたか")
    page.get_by_label("満足", exact=True).check()
    page.get_by_label("とてもそう思う", exact=True).check()
    page.get_by_label("少しずつ始められそう").check()
    _press(page, "答えを送る")
    expect(page.get_by_role("heading", level=1)).to_have_text("ありがとうございました")


def _figures_count_it(world: World) -> None:
    command = [str(Path(sys.executable).with_name("mentorlink")), "figures", "talk-2026", "--json"]
    url = world.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"MENTORLINK_DATABASE_URL": url, "MENTORLINK_SECRET_KEY": "story-secret"}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    values = {figure["key"]: figure["value"] for figure in json.loads(printed)}
    assert values["applications"] == 1
    assert values["people_met"] == values["supporters_met"] == values["meetings_held"] == 1
    assert values["satisfied"] == 1
    assert values["somewhat_satisfied"] == 0
    assert values["office_minutes_per_meeting"] is not None
    with world.sessions() as session:
        run = session.scalars(select(Programme)).one()
        assert {figure.key for figure in compute_figures(session, run)} == set(values)


def _the_office_sees_it(page: Page, world: World) -> None:
    page.goto(f"{world.address}/office/figures/talk-2026")
    if "sign-in" in page.url:
        page.locator("input[name=email]").first.fill(OFFICE)
        page.locator("input[name=password]").fill(PASSWORD)
        _press(page, "中に入る")
        page.locator("input[name=code]").fill(pyotp.TOTP(TOTP).at(world.clock()))
        _press(page, "確かめる")
        page.goto(f"{world.address}/office/figures/talk-2026")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("100").first).to_be_visible()
