"""The year that the published figures tell of, lived through by made-up people.

Who they are, when they came and how it went stands in ``seed/engao-2023/``; what follows from it (the hour of a talk,
who is told what) is what the services make of it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from mentorlink.accounts.services import disable_user
from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import decide_selection, refer_application, withdraw_application
from mentorlink.core.business_time import add_business_days, is_business_day
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement, PauseReason, Side
from mentorlink.engagements.services import complete_engagement, stop_engagement
from mentorlink.outcomes.models import Claim, Moment
from mentorlink.outcomes.services import (
    close_engagement,
    follow_engagements,
    note_followups,
    record_outcome,
)
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.services import mark_no_show, release_expired
from mentorlink.scheduling.services.resting import rest_engagement
from mentorlink.seeds import cast as acts
from mentorlink.seeds.cast import Cast
from mentorlink.seeds.half_years import (
    A_DAY,
    answer_scale,
    follow,
    live_months,
    show_step,
)
from mentorlink.seeds.rows import Row, at, day, instant, read_rows, whole
from mentorlink.seeds.stories import Story, tell
from mentorlink.surveys.models import Anchor
from mentorlink.surveys.services import plan_targets

FOLDER = "engao-2023"
SUPPORTERS_JOIN = at(day("2023-05-01"), 10)
TRAINED_UNTIL = day("2024-03-31")
DECIDED_AT = at(day("2023-07-24"), 14)
DISASTER_AT = at(day("2024-01-04"), 10)
YEAR_ENDS = at(day("2024-03-31"), 17)
LAST_QUESTION = at(day("2025-04-15"), 10)  # a year and a month after the last half-year
DISASTER = "2024-01-04-disaster"  # the batch of those who were called away
OFFICE_EMAIL = "mihon-office-2023@example.jp"
UNREACHABLE = "08"  # of 終わり方


def seed_engao_2023(sessions: sessionmaker[Session], settings: Settings, now: datetime | None = None) -> bool:
    """Make the two runs of fiscal year 2023; False where they are there already. Raises SeedRefused.

    It happened when it happened: ``now`` changes nothing and is taken for likeness with the other seeds.
    """
    acts.prepare(settings)
    with sessions() as session, transaction(session):
        if is_there(session):
            return False
        live_through(session)
    return True


def is_there(session: Session) -> bool:
    return any(by_code(session, row["code"]) is not None for row in read_rows(FOLDER, "runs.csv"))


def join_supporters(cast: Cast) -> None:
    for row in read_rows(FOLDER, "supporters.csv"):
        acts.join(cast, row, trained_until=TRAINED_UNTIL, now=SUPPORTERS_JOIN)


def live_through(session: Session) -> None:
    """Everything that happened, in its order, in one transaction."""
    cast = acts.hire_office(session, OFFICE_EMAIL, "見本の事務局（2023年度）", now=SUPPORTERS_JOIN)
    join_supporters(cast)
    runs = {row["part"]: _begin(session, row) for row in read_rows(FOLDER, "runs.csv")}
    lines = cycle(read_rows(FOLDER, "records.csv"))
    talks = [_talk(cast, runs["talk"], row, next(lines)) for row in read_rows(FOLDER, "applicants.csv")]
    half_years = [
        _half_year(cast, runs["half_year"], row, lines) for row in read_rows(FOLDER, "half_year.csv")
    ]
    tell([*talks, *half_years, _time_goes_by(cast)])
    session.add_all(_claim(runs[row["part"]], row) for row in read_rows(FOLDER, "claims.csv"))
    session.flush()
    acts.let_expire(session, LAST_QUESTION + timedelta(days=365))


def _begin(session: Session, row: Row) -> Programme:
    return acts.begin_run(
        session,
        row["template"],
        code=row["code"],
        fiscal_year=int(row["fiscal_year"]),
        opens_on=day(row["opens_on"]),
        closes_on=day(row["closes_on"]),
        target_number=whole(row["target_number"]),
        now=SUPPORTERS_JOIN,
    )


def _talk(cast: Cast, run: Programme, row: Row, lines: Row) -> Story:
    yield (now := instant(row["applied_at"]))
    application = cast.applications[row["number"]] = acts.apply(cast, run, row, now=now)
    yield (now := following(now, 11))
    if row["course"] == "withdrawn":
        withdraw_application(cast.session, application, by=f"link:application:{application.id}", now=now)
        return
    if row["course"] == "referred":
        refer_application(cast.session, application, by=cast.by_office, now=now)
        return
    acts.ask(cast, application, [row["supporter"]], now=now)
    yield (now := following(now, 10))
    engagement = acts.accept(cast, application, now=now)
    yield (now := now + timedelta(hours=4))
    meeting = acts.choose_hour(cast, engagement, now=now)
    went = _absent if row["course"] == "absent" else _held
    yield from went(cast, row, lines, engagement, meeting)


def _held(cast: Cast, row: Row, lines: Row, engagement: Engagement, meeting: Meeting) -> Story:
    ended = meeting.ends_at
    yield (now := ended + timedelta(minutes=20))
    acts.write_record(cast, meeting, lines, now=now)
    yield (now := ended + timedelta(hours=2, minutes=5))
    plan_targets(cast.session, now)
    if row["satisfaction"]:
        yield (now := ended + timedelta(hours=14))
        acts.answer_survey(cast, meeting, {"satisfaction": [row["satisfaction"]]}, now=now)
    yield (now := ended + timedelta(days=3))
    complete_engagement(cast.session, engagement, by=cast.by_office, now=now)
    if row["ending"]:
        yield (now := max(now, at(day(row["started_on"]), 18)) if row["started_on"] else now)
        _note_outcome(cast, engagement, row, now=now)


def _absent(cast: Cast, row: Row, lines: Row, engagement: Engagement, meeting: Meeting) -> Story:
    """Nobody came, and nobody could be reached afterwards."""
    yield (now := meeting.ends_at)
    by = f"supporter:{engagement.supporter_ids()[0]}"
    mark_no_show(cast.session, meeting, side=Side.APPLICANT, by=by, now=now)
    yield (now := now + timedelta(days=20))
    stop_engagement(cast.session, engagement, why=UNREACHABLE, by=cast.by_office, now=now)
    record_outcome(cast.session, engagement, Moment.END, UNREACHABLE, by=cast.by_office, now=now)


def _half_year(cast: Cast, run: Programme, row: Row, lines: Iterator[Row]) -> Story:
    yield (now := instant(row["applied_at"]))
    answers = row | ({} if row["from"] else {"contact_channel": "mail"})
    application = acts.apply(cast, run, answers, origin=cast.applications.get(row["from"]), now=now)
    yield (now := DECIDED_AT)
    _decide(cast, application, row["course"], now=now)
    if not row["supporter"]:
        return
    begins = instant(row["begins_at"])
    yield (now := preceding(begins, 15))
    acts.ask(cast, application, [row["supporter"]], now=now)
    yield (now := begins)
    engagement = acts.accept(cast, application, now=now)
    yield (now := begins + timedelta(hours=3))
    meeting = acts.choose_hour(cast, engagement, now=now)
    yield (now := begins + timedelta(hours=4))
    plan_targets(cast.session, now)
    answer_scale(cast, engagement, Anchor.ENGAGEMENT_START, row["before"], now=now)
    yield from live_months(cast, engagement, meeting, row, lines)
    yield from _end_of_half_year(cast, row, engagement)


def _end_of_half_year(cast: Cast, row: Row, engagement: Engagement) -> Story:
    if row["course"] == "disaster":
        yield (now := DISASTER_AT - 14 * A_DAY)
        show_step(cast, engagement, int(row["steps"]) + 1, "evidence", now=now)
        yield (now := DISASTER_AT)
        rest_engagement(
            cast.session, engagement, PauseReason.DISASTER, batch=DISASTER, by=cast.by_office, now=now
        )
        return
    yield (now := at(day(row["started_on"]), 14))
    facts = _facts(row)
    close_engagement(
        cast.session, engagement, row["ending"], side=Side.OFFICE, by=cast.by_office, now=now, **facts
    )
    yield (now := now + timedelta(hours=3))
    plan_targets(cast.session, now)
    answer_scale(cast, engagement, Anchor.ENGAGEMENT_END, row["after"], now=now)
    yield from follow(cast, engagement, row)


def _time_goes_by(cast: Cast) -> Story:
    """The year is over; later questions were put at their time, so that no worker puts them today."""
    yield (now := YEAR_ENDS)
    disable_user(cast.session, cast.office, now=YEAR_ENDS)
    while now < LAST_QUESTION:
        yield (now := now + 20 * A_DAY)
        release_expired(cast.session, now)
        plan_targets(cast.session, now)
        note_followups(cast.session, now)
        follow_engagements(cast.session, now)


def _decide(cast: Cast, application: Application, course: str, *, now: datetime) -> None:
    if course == "not_selected":
        outcome, reason = (
            ApplicationState.NOT_SELECTED,
            "今年度は席が4つでした。個別のお話しと、仲間の紹介を続けます。",
        )
    else:
        outcome, reason = ApplicationState.SELECTED, "これまでの歩みと、これからの形が伝わりました。"
    decide_selection(
        cast.session, application, outcome, reason, by_user_id=cast.office.id, by=cast.by_office, now=now
    )


def _note_outcome(cast: Cast, engagement: Engagement, row: Row, *, now: datetime) -> None:
    facts = _facts(row)
    record_outcome(cast.session, engagement, Moment.END, row["ending"], by=cast.by_office, now=now, **facts)


def _facts(row: Row) -> dict[str, Any]:
    return {
        "started_on": day(row["started_on"]) if row["started_on"] else None,
        "prefecture": (row.get("started_in") or row["prefecture"]) if row["started_on"] else None,
        "regular_visitors": whole(row.get("regular_visitors", "")),
        "inquiries": whole(row.get("inquiries", "")),
    }


def _claim(run: Programme, row: Row) -> Claim:
    columns = {name: row[name] for name in ("key", "printed", "source", "note_ja", "note_en")}
    return Claim(programme_id=run.id, **columns)


def following(now: datetime, hour: int) -> datetime:
    """That hour of the next business day."""
    return at(add_business_days(local_date(now), 1), hour)


def preceding(now: datetime, hour: int) -> datetime:
    """That hour of the last business day before."""
    earlier = local_date(now) - timedelta(days=1)
    while not is_business_day(earlier):
        earlier -= timedelta(days=1)
    return at(earlier, hour)
