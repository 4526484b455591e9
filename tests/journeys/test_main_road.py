"""One application from the landing page to its survey answer and into the figures, through all three roles."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from mentorlink.core.dates import TOKYO
from mentorlink.core.db import transaction
from tests.journeys.acts import (
    APPLICANT,
    DESK,
    MORNING,
    PHONE,
    SUPPORTER,
    accept,
    apply,
    choose_an_hour,
    invite_the_office,
    open_a_run,
    open_mail,
    page_of,
    propose,
    record,
    sign_in,
    welcome_a_supporter,
)
from tests.journeys.hands import Finger, Keyboard
from tests.journeys.world import World, calendar_files, running_world
from tests.smtp import SmtpSink

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[World]:
    with running_world(tmp_path, smtp_sink, MORNING) as world:
        with world.sessions() as session, transaction(session):
            open_a_run(session)
            invite_the_office(session)
            welcome_a_supporter(session)
        yield world


@pytest.mark.parametrize(
    ("hands", "with_script"),
    [(Finger, True), (Finger, False), (Keyboard, True)],
    ids=["with JavaScript", "without JavaScript", "by keyboard alone"],
)
def test_an_application_becomes_a_talk_a_survey_answer_and_a_figure(
    world: World, browser: Browser, tmp_path: Path, hands: type[Finger], with_script: bool
) -> None:
    applicant = hands(page_of(browser, PHONE, with_script))
    office = hands(page_of(browser, DESK, with_script))
    supporter = hands(page_of(browser, PHONE, with_script))

    reference = apply(applicant, world)
    propose(office, world, reference)
    accept(supporter, world)
    start = choose_an_hour(applicant, world)
    _calendar_knows_the_hour(world, start, tmp_path)
    _reminded_once(world, start)
    record(supporter, world, start)
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


def _answer_the_survey(who: Finger, world: World) -> None:
    open_mail(who, world, APPLICANT, "今日はいかがでしたか")
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
    sign_in(who, world)  # two days have passed
    who.page.goto(f"{world.address}/office/figures/talk-2026")
    expect(who.page.locator("a[href$='/satisfied']")).to_contain_text("100")
