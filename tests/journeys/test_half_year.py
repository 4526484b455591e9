"""A half-year in the browser: from the wish in the survey through selection and five steps to what came of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from mentorlink.core.actor import Role
from mentorlink.core.dates import TOKYO
from mentorlink.core.db import transaction
from mentorlink.engagements.models import Engagement, Milestone, MilestoneState
from mentorlink.outcomes.figures import compute_figures
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code
from mentorlink.scheduling.models import Meeting, MeetingState
from tests.journeys.acts import (
    APPLICANT,
    COLLEAGUE,
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
from tests.journeys.hands import Finger
from tests.journeys.world import World, running_world
from tests.smtp import SmtpSink

NAME = "半年の伴走（起業支援）"
pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[World]:
    with running_world(tmp_path, smtp_sink, MORNING) as world:
        with world.sessions() as session, transaction(session):
            open_a_run(session)
            invite_the_office(session, Role.LEAD)
            invite_the_office(session, Role.OFFICE, COLLEAGUE)
            welcome_a_supporter(session)
        yield world


def test_a_wish_becomes_a_half_year_and_its_follow_up(world: World, browser: Browser) -> None:
    mentee, mentor = Finger(page_of(browser, PHONE)), Finger(page_of(browser, PHONE))
    office, colleague = Finger(page_of(browser, DESK)), Finger(page_of(browser, DESK))

    _set_up_a_run(office, world)
    propose(office, world, apply(mentee, world))
    accept(mentor, world)
    record(mentor, world, choose_an_hour(mentee, world))
    reference = _wish_for_more(mentee, world)
    _score(office, colleague, world)
    _select(office, world, reference)
    _pair(office, world, reference)
    accept(mentor, world)
    _plan_the_talks(mentee, world)
    _see_the_board(office, world)
    _take_five_steps(mentee, mentor, world)
    _close(mentee, world)
    _follow_up(mentee, world)

    with world.sessions() as session:
        run = by_code(session, _code(world))
        assert run is not None
        values = {figure.key: figure.value for figure in compute_figures(session, run)}
    assert (values["applications"], values["selected"], values["started"]) == (1, 1, 1)


def _set_up_a_run(office: Finger, world: World) -> None:
    """The lead makes the run from its template and opens it: five fields and three buttons."""
    sign_in(office, world)
    office.page.goto(f"{world.address}/office/programmes")
    office.press("新しい事業をつくる")
    office.press(NAME, exact=False)
    office.fill("input[name=opens_on]", "2026年11月25日")
    office.fill("input[name=closes_on]", "2026年12月20日")
    office.fill("input[name=result_on]", "2027年1月8日")
    office.press("下書きをつくる")
    office.press("募集をはじめる")
    office.press("募集をはじめる")


def _code(world: World) -> str:
    with world.sessions() as session:
        return session.scalars(select(Programme.code).where(Programme.has_selection)).one()


def _wish_for_more(mentee: Finger, world: World) -> str:
    open_mail(mentee, world, APPLICANT, "今日はいかがでしたか")
    mentee.check("input[value=satisfied]")
    mentee.check("input[value=half_year]")
    mentee.press("答えを送る")
    mentee.press("申込みの画面へ進む")
    for screen in range(1, 6):  # what was said before is there already; what it is about now is asked anew
        if screen == 4:
            mentee.check("input[name=main_category][value='06']")
        mentee.press("つぎへ")
    questions = mentee.page.locator("textarea[name^=q], input[type=text][name^=q]")
    for field in questions.all():
        field.fill("空き家で、だれでも休める場所をひらきたいです。")
    mentee.check("input[name=shares_talk]")
    mentee.press("つぎへ")
    for consent in ("personal_data", "share_with_supporter", "later_contact"):
        mentee.check(f"input[name={consent}]")
    mentee.press("この内容で送る")
    reference = mentee.page.locator(".receipt b").inner_text()
    world.let_time_work()
    assert any("1月8日" in _text(mail) for mail in world.mails_to(APPLICANT)), (
        "the day of the result is promised"
    )
    return reference


def _text(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def _score(office: Finger, colleague: Finger, world: World) -> None:
    sign_in(office, world)
    office.page.goto(f"{world.address}/office/selections/{_code(world)}")
    office.press("読む方にお願いする")
    office.check_all("input[type=checkbox][name=user_ids]")
    office.press("採点をお願いする")
    for who, points in ((office, "3"), (colleague, "2")):
        if who is colleague:
            sign_in(colleague, world, COLLEAGUE)
        who.page.goto(f"{world.address}/office/reviews")
        who.press("読んで採点する", exact=False)
        expect(who.page.locator("main")).to_contain_text("大家さんに話を聞きに行きます。")  # said in the talk
        for radio in who.page.locator(f"input[type=radio][value='{points}']").all():
            radio.check()
        who.press("採点を出す")


def _select(office: Finger, world: World, reference: str) -> None:
    office.page.goto(f"{world.address}/office/selections/{_code(world)}")
    office.press("話し合って決める", exact=False)
    office.check("input[name=outcome][value=selected]")
    office.fill("textarea[name=reason]", "続けていく形が、よく伝わりました。")
    office.press("結果を用意する")
    assert not any("選考結果】" in mail["Subject"] for mail in world.mails_to(APPLICANT))
    office.page.goto(f"{world.address}/office/selections/{_code(world)}")
    office.press("結果を見直して、まとめて送る")
    office.press("1人に、結果をお知らせする")
    world.let_time_work()
    assert any("いっしょに進めましょう" in mail["Subject"] for mail in world.mails_to(APPLICANT)), reference


def _pair(office: Finger, world: World, reference: str) -> None:
    office.page.goto(f"{world.address}/office/selections/{_code(world)}")
    office.press("お相手をさがし始める", exact=False)
    office.page.goto(f"{world.address}/office/applications?q={reference}")
    office.press(reference, exact=False)
    office.press("候補を見る")
    office.press("番号の順に打診する")


def _plan_the_talks(mentee: Finger, world: World) -> None:
    """Every month in one act; the post brings one letter about all of them."""
    _come_back(mentee, world)
    mentee.page.goto(f"{world.address}/engagements/{_half_year_id(world)}/talks")
    for choice in mentee.page.locator("select.input").all():
        if not choice.input_value():
            choice.select_option(index=1)
    before = len(world.mails_to(APPLICANT))
    mentee.press("この日にちで決める")
    world.let_time_work()
    assert len(world.mails_to(APPLICANT)) == before + 1
    starts = _planned(world)
    assert len(starts) >= 6
    assert len({(start.year, start.month) for start in (each.astimezone(TOKYO) for each in starts)}) >= 6


def _come_back(mentee: Finger, world: World) -> None:
    """By the way that needs nothing but the newest mail with a link into the person's own pages."""
    open_mail(mentee, world, APPLICANT, "日にちをえらんでください")


def _half_year_id(world: World) -> int:
    with world.sessions() as session:
        return session.scalars(
            select(Engagement.id)
            .join(Programme, Programme.id == Engagement.programme_id)
            .where(Programme.months > 0)
        ).one()


def _planned(world: World) -> list[datetime]:
    with world.sessions() as session:
        return list(
            session.scalars(
                select(Meeting.starts_at)
                .where(Meeting.engagement_id == _half_year_id(world), Meeting.state == MeetingState.CONFIRMED)
                .order_by(Meeting.starts_at)
            )
        )


def _steps(world: World) -> list[tuple[int, MilestoneState]]:
    with world.sessions() as session:
        rows = session.execute(
            select(Milestone.id, Milestone.state)
            .where(Milestone.engagement_id == _half_year_id(world))
            .order_by(Milestone.position)
        )
        return [(row.id, row.state) for row in rows]


def _see_the_board(office: Finger, world: World) -> None:
    sign_in(office, world)
    office.page.goto(f"{world.address}/office/engagements")
    expect(office.page.locator("main")).to_contain_text("はる")
    expect(office.page.locator("main")).to_contain_text("課題整理")


def _take_five_steps(mentee: Finger, mentor: Finger, world: World) -> None:
    """A talk, its record, a step shown and looked at, month after month; the third step takes one more turn."""
    talks = _planned(world)
    assert len(_steps(world)) == 5
    for number, (step, _state) in enumerate(_steps(world)):
        record(mentor, world, talks[number], promise=f"約束その{number + 1}")
        _home(mentee, world)
        expect(mentee.page.locator("main")).to_contain_text(f"約束その{number + 1}")
        _hand_in(mentee, world, step)
        if number == 2:
            _look(mentor, world, reached=False)
            _home(mentee, world)
            mentee.page.goto(f"{world.address}/milestones/{step}")
            expect(mentee.page.locator("main")).to_contain_text("もうひとまわり")
            mentee.press("もう一度とりくむ")
            mentee.press("お相手に見てもらう")
        _look(mentor, world, reached=True)
    assert {state for _step, state in _steps(world)} == {MilestoneState.REACHED}


def _home(mentee: Finger, world: World) -> None:
    """The mentee comes back with the receipt number's link, as after a month without a session."""
    mentee.page.goto(f"{world.address}/return")
    with world.sessions() as session:
        half_year = session.get_one(Engagement, _half_year_id(world))
        reference = half_year.application.reference
    mentee.fill("input[name=reference]", reference)
    mentee.fill("input[name=contact]", APPLICANT)
    mentee.page.locator("main button[type=submit]").first.click()
    world.let_time_work()
    open_mail(mentee, world, APPLICANT, "")
    mentee.page.goto(f"{world.address}/engagements/{_half_year_id(world)}")


def _hand_in(mentee: Finger, world: World, step: int) -> None:
    mentee.page.goto(f"{world.address}/milestones/{step}")
    if mentee.has("この一歩をはじめる"):
        mentee.press("この一歩をはじめる")
    box = mentee.page.locator("textarea[name=text]")
    if not box.is_visible():
        mentee.page.get_by_text("ことばでのせる").click()
    box.fill("三人の方に、お話しを聞きに行きました。")
    mentee.page.locator("form:has(textarea[name=text]) button[type=submit]").click()
    mentee.press("お相手に見てもらう")


def _look(mentor: Finger, world: World, *, reached: bool) -> None:
    open_mail(mentor, world, SUPPORTER, "一歩")
    if mentor.has("一歩を見る"):
        mentor.press("一歩を見る")
    mentor.page.locator(f"input[name=answer][value={'reached' if reached else 'one_more_turn'}]").check()
    mentor.fill(
        "textarea[name=words]", "よく聞いてこられましたね。次は、来られない方の声も聞けるとよいです。"
    )
    mentor.press("お返事する")


def _close(mentee: Finger, world: World) -> None:
    _home(mentee, world)
    mentee.press("半年をしめくくる")
    mentee.check("input[name=ending][value='01']")
    mentee.press("これにする")


def _follow_up(mentee: Finger, world: World) -> None:
    """A week, a month, three and six months later; half a year on, the answer becomes an outcome."""
    ended = world.clock()
    world.let_time_work()
    for days in (8, 31, 91, 181):
        world.clock.move_to((ended + timedelta(days=days)).replace(hour=3))
        world.let_time_work()
    open_mail(mentee, world, APPLICANT, "6か月")
    mentee.page.get_by_label("活動が始まりました").check()
    mentee.page.get_by_label("定期的に来る人は何人ですか。", exact=False).fill("4")
    mentee.press("答えを送る")
    world.let_time_work()
    with world.sessions() as session:
        outcome = session.scalars(
            select(Outcome).where(
                Outcome.engagement_id == _half_year_id(world), Outcome.moment == Moment.SIX_MONTHS
            )
        ).one()
        assert (outcome.ending, outcome.regular_visitors) == ("01", 4)
