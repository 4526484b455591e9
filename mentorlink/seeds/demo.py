"""A lively present around now: somebody at every step of the road, so that each first screen has work on it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.accounts.models import User
from mentorlink.accounts.services import create_user, find_user
from mentorlink.applications.models import Application, ClarifyingQuestion, Intake
from mentorlink.applications.services import answer_question, ask_applicant, begin_matching
from mentorlink.core.actor import Role
from mentorlink.core.business_time import is_business_day
from mentorlink.core.dates import TOKYO, fiscal_year, local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.services import complete_engagement, post_message
from mentorlink.matching.models import DeclineReason
from mentorlink.matching.services import decline_invitation, want_talk
from mentorlink.people.models import Person, Supporter
from mentorlink.people.services import update_supporter
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code
from mentorlink.programmes.templates import template_names
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.services import book_meeting
from mentorlink.seeds import cast as acts
from mentorlink.seeds.cast import Cast
from mentorlink.seeds.demo_half_years import earlier_run, half_years, review
from mentorlink.seeds.engao import FOLDER as YEAR_FOLDER
from mentorlink.seeds.engao import is_there, live_through
from mentorlink.seeds.rows import Row, at, read_rows
from mentorlink.seeds.stories import Story, tell
from mentorlink.surveys.services import plan_targets

FOLDER = "demo"
HOUR, A_HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
FIRST_HOUR, LAST_HOUR = 9, 20  # of a day's talks
OPEN_FOR = timedelta(days=30)  # at least: the longest story began twelve days ago
QUESTION = "お手伝いは、週末と平日のどちらをお考えですか。"
CHOICES = ("週末", "平日")
SCORES_MISSING = {"selection": 1, "scored": 0}  # how many of the two reviewers have not scored yet
THANKS = "あすはよろしくお願いします。聞きたいことを三つ、紙に書いてみました。"


def seed_demo(sessions: sessionmaker[Session], settings: Settings, now: datetime) -> bool:
    """Open both programmes of this fiscal year and fill the desk; False where it was done already."""
    acts.prepare(settings)
    accounts = {row["role"]: row for row in read_rows(FOLDER, "accounts.csv")}
    with sessions() as session, transaction(session):
        if find_user(session, accounts[Role.LEAD]["email"]) is not None:
            return False
        users = {role: _account(session, row, Role(role), now) for role, row in accounts.items()}
        if not is_there(session):
            live_through(session)
        cast = Cast(session, users[Role.LEAD])
        cast.reviewers = [users[Role.LEAD].id, users[Role.OFFICE].id]
        _fill(cast, now)
        cast.supporters[accounts[Role.SUPPORTER]["is"]].person.user_id = users[Role.SUPPORTER].id
        applicant = cast.applications[accounts[Role.APPLICANT]["is"]].person
        if applicant is not None:
            applicant.user_id = users[Role.APPLICANT].id
    return True


def _fill(cast: Cast, now: datetime) -> None:
    year = fiscal_year(local_date(now))
    _keep_supporters(cast, trained_until=date(year + 2, 3, 31))
    runs = [_run(cast.session, template, year, now=now) for template in template_names()]
    lines = read_rows(YEAR_FOLDER, "records.csv")
    rows = read_rows(FOLDER, "applicants.csv")
    earlier = [earlier_run(cast, run.template, now) for run in runs if run.months]
    stories = [story for run in earlier for story in half_years(cast, run, now)]
    stories += [_story(cast, runs, row, lines[0], now) for row in rows]
    tell(stories, until=now)
    plan_targets(cast.session, now)
    acts.let_expire(cast.session, now - timedelta(days=1), calls=False)


def _run(session: Session, template: str, year: int, *, now: datetime) -> Programme:
    code = f"{template}-{year}"
    known = by_code(session, code)
    opens = min(date(year, 4, 1), local_date(now) - OPEN_FOR)
    closes = date(year + 1, 3, 31)
    return known or acts.begin_run(
        session, template, code=code, fiscal_year=year, opens_on=opens, closes_on=closes, now=at(opens, 9)
    )


def _keep_supporters(cast: Cast, *, trained_until: date) -> None:
    """The supporters of 2023 go on, with their training renewed."""
    for row in read_rows(YEAR_FOLDER, "supporters.csv"):
        query = select(Supporter).join(Person, Person.id == Supporter.person_id)
        supporter = cast.session.scalars(query.where(Person.email == row["email"])).one()
        update_supporter(
            cast.session, supporter, skills=supporter.skills, chosen={}, training_valid_until=trained_until
        )
        cast.supporters[row["number"]] = supporter


def _account(session: Session, row: Row, role: Role, now: datetime) -> User:
    return create_user(session, email=row["email"], name=row["name"], role=role, now=now)


def _story(cast: Cast, runs: list[Programme], row: Row, lines: Row, now: datetime) -> Story:
    """Apply; then whatever the row's course says. What would come after ``now`` is left to the visitor."""
    course = row["course"]
    run = next(each for each in runs if each.has_selection == (course in SCORES_MISSING))
    yield (start := now - int(row["hours_ago"]) * HOUR)
    intake = Intake.PHONE if course == "phone" else Intake.WEB
    application = cast.applications[row["number"]] = acts.apply(
        cast, run, row, intake=intake, origin=cast.applications.get(row["from"]), now=start
    )
    if course in SCORES_MISSING:
        yield from review(cast, application, SCORES_MISSING[course], start + 5 * HOUR)
    if course in _BEFORE_ASKING:
        yield from _BEFORE_ASKING[course](cast, application, start, now)
    elif row["supporter"]:
        yield (asked := _asked_at(course, start, now))
        acts.ask(cast, application, [row["supporter"]], now=asked)
        if course in _ANSWERS:
            yield from _ANSWERS[course](cast, application, asked, now)
        elif not course.startswith("asked"):
            yield (accepted := asked + HOUR)
            engagement = acts.accept(cast, application, now=accepted)
            if course in _TALKS:
                yield from _TALKS[course](cast, engagement, lines, accepted, now)


def _asked_at(course: str, start: datetime, now: datetime) -> datetime:
    """``asked_due`` was asked so that the answer is due about this hour of the next business day."""
    if course == "asked":
        return now - 3 * HOUR
    if course == "asked_due":
        return max(start + HOUR, _last_business_day(now) + HOUR)
    return start + 6 * HOUR


def _last_business_day(now: datetime) -> datetime:
    earlier = now - timedelta(days=1)
    while not is_business_day(local_date(earlier)):
        earlier -= timedelta(days=1)
    return earlier


def _question(cast: Cast, application: Application, start: datetime, now: datetime) -> Story:
    yield (then := start + 5 * HOUR)
    _ask_back(cast, application, then)


def _question_answered(cast: Cast, application: Application, start: datetime, now: datetime) -> Story:
    yield (then := start + 5 * HOUR)
    question = _ask_back(cast, application, then)
    yield (then := now - 3 * HOUR)
    answer_question(cast.session, question, CHOICES[0], by=f"link:application:{application.id}", now=then)


def _ask_back(cast: Cast, application: Application, now: datetime) -> ClarifyingQuestion:
    return ask_applicant(
        cast.session,
        application,
        QUESTION,
        first_choice=CHOICES[0],
        second_choice=CHOICES[1],
        by_user_id=cast.office.id,
        by=cast.by_office,
        now=now,
    )


def _search(cast: Cast, application: Application, start: datetime, now: datetime) -> Story:
    yield (then := start + 5 * HOUR)
    begin_matching(cast.session, application, by=cast.by_office, now=then)


def _want_talk(cast: Cast, application: Application, asked: datetime, now: datetime) -> Story:
    yield (then := asked + 4 * HOUR)
    invitation = acts.invitation_of(cast, application)
    want_talk(cast.session, invitation, by=f"link:invitation:{invitation.id}", now=then)


def _decline(cast: Cast, application: Application, asked: datetime, now: datetime) -> Story:
    yield (then := asked + 4 * HOUR)
    invitation = acts.invitation_of(cast, application)
    by = f"link:invitation:{invitation.id}"
    decline_invitation(cast.session, invitation, DeclineReason.BUSY, by=by, now=then)


def _booked(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    yield (then := accepted + 2 * HOUR)
    acts.choose_hour(cast, engagement, now=then)


def _today(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    yield (then := accepted + 2 * HOUR)
    _book(cast, engagement, _by_day(now + 3 * HOUR, A_HALF_HOUR), then)


def _tomorrow(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    yield (then := accepted + 2 * HOUR)
    _book(cast, engagement, at(local_date(now) + timedelta(days=1), 18, 30), then)
    yield (then := now - 2 * HOUR)
    author = engagement.recipient_id
    post_message(cast.session, engagement, Side.APPLICANT, author, THANKS, f"demo-{engagement.id}", now=then)


def _unrecorded(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    yield (then := accepted + 2 * HOUR)
    _book(cast, engagement, _by_day(now - 20 * HOUR, -A_HALF_HOUR), then)


def _talked(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    """The talk was yesterday and is recorded; its survey is on the way."""
    yield (then := accepted + 2 * HOUR)
    meeting = _book(cast, engagement, _by_day(now - 22 * HOUR, -A_HALF_HOUR), then)
    yield (then := meeting.ends_at + HOUR)
    acts.write_record(cast, meeting, lines, now=then)


def _done(cast: Cast, engagement: Engagement, lines: Row, accepted: datetime, now: datetime) -> Story:
    yield (then := accepted + 2 * HOUR)
    meeting = _book(cast, engagement, _by_day(now - 100 * HOUR, -A_HALF_HOUR), then)
    yield (then := meeting.ends_at + HOUR)
    acts.write_record(cast, meeting, lines, now=then)
    yield (then := meeting.ends_at + 3 * HOUR)
    plan_targets(cast.session, then)
    yield (then := meeting.ends_at + 20 * HOUR)
    acts.answer_survey(cast, meeting, {"satisfaction": ["satisfied"]}, now=then)
    yield (then := meeting.ends_at + 72 * HOUR)
    complete_engagement(cast.session, engagement, by=cast.by_office, now=then)


def _book(cast: Cast, engagement: Engagement, starts_at: datetime, now: datetime) -> Meeting:
    """The hour, or the next that is free: the supporter may talk with somebody else then."""
    way = MeetingWay.ONLINE
    while True:
        try:
            return book_meeting(cast.session, engagement, starts_at, way=way, by=cast.by_office, now=now)
        except Conflict:
            starts_at = _by_day(starts_at + HOUR, A_HALF_HOUR)


def _by_day(instant: datetime, step: timedelta) -> datetime:
    """The half hour; from a night, the nearest one at which people talk, earlier or later as ``step`` says."""
    hour = instant.replace(minute=instant.minute // 30 * 30, second=0, microsecond=0)
    while not FIRST_HOUR <= hour.astimezone(TOKYO).hour <= LAST_HOUR:
        hour += step
    return hour


_BEFORE_ASKING: dict[str, Callable[[Cast, Application, datetime, datetime], Story]] = {
    "question": _question,
    "answered": _question_answered,
    "searching": _search,
}
_ANSWERS: dict[str, Callable[[Cast, Application, datetime, datetime], Story]] = {
    "talk_wanted": _want_talk,
    "declined": _decline,
}
_TALKS: dict[str, Callable[[Cast, Engagement, Row, datetime, datetime], Story]] = {
    "booked": _booked,
    "today": _today,
    "tomorrow": _tomorrow,
    "record": _unrecorded,
    "survey": _talked,
    "done": _done,
}
