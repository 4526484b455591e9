"""What people do in a story, page by page: apply, propose, accept, choose an hour, record."""

from datetime import UTC, date, datetime, timedelta

import pyotp
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import select

from mentorlink.accounts import keys
from mentorlink.accounts.services import create_user
from mentorlink.core.actor import Role
from mentorlink.people.models import ContactChannel
from mentorlink.people.services import create_person, register_supporter
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.services import set_weekly_windows
from mentorlink.surveys.services import load_surveys, schedule_surveys
from tests.journeys.hands import Finger
from tests.journeys.world import World, first_link

MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # Wednesday, 10:00 in Tokyo
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
APPLICANT, SUPPORTER = "haru@example.org", "mentor@example.org"
OFFICE, COLLEAGUE = "desk@example.org", "colleague@example.org"
PASSWORD = "a quiet engawa in the sun"
TOTP = pyotp.random_base32()


def open_a_run(session) -> None:
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


def invite_the_office(session, role: Role = Role.OFFICE, email: str = OFFICE) -> None:
    user = create_user(session, email=email, name="事務局", role=role, now=MORNING, password=PASSWORD)
    user.totp_secret = keys.keys().encrypt(TOTP)


def welcome_a_supporter(session) -> None:
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


def page_of(browser: Browser, viewport: dict, with_script: bool = True) -> Page:
    page = browser.new_context(viewport=viewport, locale="ja-JP", java_script_enabled=with_script).new_page()
    page.set_default_timeout(8_000)
    page.on("response", no_fault_of_ours)
    return page


def no_fault_of_ours(answer: Response) -> None:
    assert answer.status < 500, f"{answer.status} at {answer.url}"


def open_mail(who: Finger, world: World, address: str, subject: str) -> None:
    world.let_time_work()
    arrived = world.mails_to(address)
    assert any(subject in mail["Subject"] for mail in arrived), [mail["Subject"] for mail in arrived]
    mail = next(mail for mail in reversed(arrived) if subject in mail["Subject"])
    who.page.goto(first_link(mail))
    who.press("開く")


def apply(who: Finger, world: World) -> str:
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


def sign_in(who: Finger, world: World, email: str = OFFICE) -> None:
    """Unless they are still inside: a code is good once."""
    who.page.goto(f"{world.address}/office")
    if "/sign-in" not in who.page.url:
        return
    who.fill("input[name=email]", email)
    who.fill("input[name=password]", PASSWORD)
    who.press("中に入る")
    who.fill("input[name=code]", pyotp.TOTP(TOTP).at(world.clock()))
    who.press("確かめる")


def propose(who: Finger, world: World, reference: str) -> None:
    sign_in(who, world)
    who.page.goto(f"{world.address}/office/applications")
    who.press(reference, exact=False)
    expect(who.page.get_by_text("空き家をお借りできそうです。")).to_be_visible()
    who.press("さがし始める")
    if not who.has("番号の順に打診する"):
        who.press("候補を見る")
    expect(who.page.get_by_role("heading", name="みはらし そら")).to_be_visible()
    who.press("番号の順に打診する")


def accept(who: Finger, world: World) -> None:
    open_mail(who, world, SUPPORTER, "ご相談の打診")
    assert "空き家" not in who.page.content(), "the story is read only after acceptance"
    if who.has("引き受ける"):
        who.press("引き受ける")
    who.press("はい、引き受ける")


def choose_an_hour(who: Finger, world: World) -> datetime:
    open_mail(who, world, APPLICANT, "日にちをえらんでください")
    expect(who.page.get_by_text("みはらし そら")).to_be_visible()
    who.check("input[name=slot]")
    who.press("この日にする")
    world.let_time_work()
    with world.sessions() as session:
        return session.scalars(select(Meeting.starts_at)).one()


def record(
    who: Finger, world: World, start: datetime, promise: str = "大家さんに話を聞きに行きます。"
) -> None:
    world.clock.move_to(start + timedelta(hours=16))
    open_mail(who, world, SUPPORTER, "記録のお願い")
    if who.has("3行で記録する"):
        who.press("3行で記録する")
    who.fill("textarea[name=went_well]", "場所の見通しがつきました。")
    who.fill("textarea[name=difficult]", "保険のことがまだです。")
    who.fill("textarea[name=next_promise]", promise)
    who.press("記録する")
