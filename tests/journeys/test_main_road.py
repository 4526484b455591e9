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
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import select

from mentorlink.accounts import keys
from mentorlink.accounts.services import create_user
from mentorlink.core.actor import Role
from mentorlink.core.dates import TOKYO
from mentorlink.core.db import transaction
from mentorlink.people.models import ContactChannel
from mentorlink.people.services import create_person, register_supporter
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.services import set_weekly_windows
from mentorlink.surveys.services import load_surveys, schedule_surveys
from tests.journeys.hands import Finger, Keyboard
from tests.journeys.world import World, calendar_files, first_link, running_world
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


@pytest.mark.parametrize(
    ("hands", "with_script"),
    [(Finger, True), (Finger, False), (Keyboard, True)],
    ids=["with JavaScript", "without JavaScript", "by keyboard alone"],
)
def test_an_application_becomes_a_talk_a_survey_answer_and_a_figure(
    world: World, browser: Browser, tmp_path: Path, hands: type[Finger], with_script: bool
) -> None:
    applicant = hands(_page(browser, PHONE, with_script))
    office = hands(_page(browser, DESK, with_script))
    supporter = hands(_page(browser, PHONE, with_script))

    reference = _apply(applicant, world)
    _propose(office, world, reference)
    _accept(supporter, world)
    start = _choose_an_hour(applicant, world)
    _calendar_knows_the_hour(world, start, tmp_path)
    _reminded_once(world, start)
    _record(supporter, world, start)
    _answer_the_survey(applicant, world)

    assert _figures(world) == {
        "applications": 1,
        "people_met": 1,
        "supporters_met": 1,
        "meetings_held": 1,
        "satisfied": 1,
        "somewhat_satisfied": 0,
        "started": 0,
    }
    _the_office_sees_it(office, world)


def _page(browser: Browser, viewport: dict, with_script: bool) -> Page:
    page = browser.new_context(viewport=viewport, locale="ja-JP", java_script_enabled=with_script).new_page()
    page.set_default_timeout(8_000)
    page.on("response", _no_fault_of_ours)
    return page


def _no_fault_of_ours(answer: Response) -> None:
    assert answer.status < 500, f"{answer.status} at {answer.url}"


def _open_mail(who: Finger, world: World, address: str, subject: str) -> None:
    world.let_time_work()
    arrived = world.mails_to(address)
    assert any(subject in mail["Subject"] for mail in arrived), [mail["Subject"] for mail in arrived]
    mail = next(mail for mail in reversed(arrived) if subject in mail["Subject"])
    who.page.goto(first_link(mail))
    who.press("開く")


def _apply(who: Finger, world: World) -> str:
    page = who.page
    page.goto(world.address)
    who.press("60分、話してみる", exact=False)
    who.press("はじめる")
    who.fill("input[name=display_name]", "はる")
    who.check("input[name=contact_channel][value=mail]")
    who.fill("input[name=email]", APPLICANT)
    who.press("つぎへ")
    who.select("select[name=prefecture]", "09")
    who.check("input[name=stage][value='02']")
    who.press("つぎへ")
    who.check("input[name=themes][value='16']")
    who.press("つぎへ")
    who.check("input[name=main_category][value='06']")
    who.fill("textarea[name=story]", "空き家をお借りできそうです。")
    who.press("つぎへ")
    who.check("input[name=modes][value=online]")
    who.check_all("input[type=checkbox][name=times]")
    who.press("つぎへ")
    for consent in ("personal_data", "share_with_supporter", "statistics"):
        who.check(f"input[name={consent}]")
    who.press("この内容で送る")
    expect(page.get_by_role("heading", level=1)).to_have_text("お申し込みを受け付けました")
    world.let_time_work()
    assert "受付完了" in world.mails_to(APPLICANT)[-1]["Subject"]
    return page.locator(".receipt b").inner_text()


def _sign_in(who: Finger, world: World) -> None:
    who.page.goto(f"{world.address}/sign-in")
    who.fill("input[name=email]", OFFICE)
    who.fill("input[name=password]", PASSWORD)
    who.press("中に入る")
    who.fill("input[name=code]", pyotp.TOTP(TOTP).at(world.clock()))
    who.press("確かめる")


def _propose(who: Finger, world: World, reference: str) -> None:
    _sign_in(who, world)
    who.page.goto(f"{world.address}/office/applications")
    who.press(reference, exact=False)
    expect(who.page.get_by_text("空き家をお借りできそうです。")).to_be_visible()
    who.press("さがし始める")
    if not who.has("番号の順に打診する"):
        who.press("候補を見る")
    expect(who.page.get_by_role("heading", name="みはらし そら")).to_be_visible()
    who.press("番号の順に打診する")


def _accept(who: Finger, world: World) -> None:
    _open_mail(who, world, SUPPORTER, "ご相談の打診")
    assert "空き家" not in who.page.content(), "the story is read only after acceptance"
    if who.has("引き受ける"):
        who.press("引き受ける")
    who.press("はい、引き受ける")


def _choose_an_hour(who: Finger, world: World) -> datetime:
    _open_mail(who, world, APPLICANT, "日にちを選んでください")
    if not who.has("この日にする"):
        who.press("日にちをえらぶ")
    expect(who.page.get_by_text("みはらし そら")).to_be_visible()
    who.press("この日にする")
    world.let_time_work()
    with world.sessions() as session:
        return session.scalars(select(Meeting.starts_at)).one()


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


def _record(who: Finger, world: World, start: datetime) -> None:
    world.clock.move_to(start + timedelta(hours=16))
    _open_mail(who, world, SUPPORTER, "記録のお願い")
    if who.has("3行で記録する"):
        who.press("3行で記録する")
    who.fill("textarea[name=went_well]", "場所の見通しがつきました。")
    who.fill("textarea[name=difficult]", "保険のことがまだです。")
    who.fill("textarea[name=next_promise]", "大家さんに話を聞きに行きます。")
    who.press("記録する")


def _answer_the_survey(who: Finger, world: World) -> None:
    _open_mail(who, world, APPLICANT, "今日はいかがでしたか")
    who.check("input[value=satisfied]")
    who.press("答えを送る")
    expect(who.page.get_by_role("heading", level=1)).to_have_text("ありがとうございました")


def _figures(world: World) -> dict[str, float]:
    """What the command line prints of the run, the measured minutes aside."""
    command = [str(Path(sys.executable).with_name("mentorlink")), "figures", "talk-2026", "--json"]
    url = world.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"MENTORLINK_DATABASE_URL": url, "MENTORLINK_SECRET_KEY": "story-secret"}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    values = {figure["key"]: figure["value"] for figure in json.loads(printed)}
    assert values.pop("office_minutes_per_meeting") is not None
    return values


def _the_office_sees_it(who: Finger, world: World) -> None:
    _sign_in(who, world)  # two days have passed
    who.page.goto(f"{world.address}/office/figures/talk-2026")
    expect(who.page.locator("a[href$='/satisfied']")).to_contain_text("100")
