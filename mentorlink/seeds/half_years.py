"""What the people of a seed do in a half-year: answer its questions, talk once a month, take its steps."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.engagements.models import Engagement, EvidenceKind, Milestone, Side
from mentorlink.engagements.services import (
    add_evidence,
    check_milestone,
    hand_in_milestone,
    resume_milestone,
)
from mentorlink.engagements.services.milestones import milestones_of
from mentorlink.outcomes.services import note_followups
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries import team_starts
from mentorlink.scheduling.queries.half_year import add_months
from mentorlink.scheduling.services import book_meeting
from mentorlink.scheduling.services.booking import agreed_way
from mentorlink.seeds import cast as acts
from mentorlink.seeds.cast import Cast
from mentorlink.seeds.rows import Row, read_rows, several
from mentorlink.seeds.stories import Story
from mentorlink.surveys.models import Anchor, Audience, SurveySchedule, Target
from mentorlink.surveys.services import plan_targets, submit_response

FOLDER = "engao-2023"
A_DAY = timedelta(days=1)
DAYS_AFTER = {"one_week": 7, "one_month": 30, "three_months": 90, "six_months": 180, "twelve_months": 365}
SCALE = (
    "can_organise",
    "can_research",
    "can_model",
    "can_carry_out",
    "can_revise",
    "confidants",
    "readiness",
)


def mentee_of(engagement: Engagement) -> str:
    return f"link:application:{engagement.application_id}"


def mentor_of(engagement: Engagement) -> str:
    return f"supporter:{engagement.supporter_ids()[0]}"


def live_months(
    cast: Cast, engagement: Engagement, meeting: Meeting, row: Row, lines: Iterator[Row]
) -> Story:
    """A talk each month, and after each the step that it was about.

    The first step follows the talk of ``first_step_after``. The next talk is planned a week before, or at once
    where somebody ``plans_ahead``.
    """
    talks, steps, later = int(row["talks"]), int(row["steps"]), int(row["first_step_after"]) - 1
    first = meeting.starts_at
    for month in range(1, talks + 1):
        yield (now := meeting.ends_at + timedelta(minutes=30))
        promise_on = local_date(now) + 14 * A_DAY
        acts.write_record(cast, meeting, next(lines), promise_on=promise_on, now=now)
        wanted = _months_later(first, month)
        if month < talks and row.get("plans_ahead"):
            meeting = _plan_next(cast, engagement, wanted, now=now)
        place = month - later
        if 1 <= place <= steps:
            turn = row["one_more_turn"] == f"{place:02}"
            yield from take_step(cast, engagement, place, begins=now + 2 * A_DAY, one_more_turn=turn)
        if month < talks and not row.get("plans_ahead"):
            yield (now := wanted - 7 * A_DAY)
            meeting = _plan_next(cast, engagement, wanted, now=now)


def _months_later(first: datetime, number: int) -> datetime:
    """The same hour on the same day of a later month."""
    return first + (add_months(first.date(), number) - first.date())


def _plan_next(cast: Cast, engagement: Engagement, wanted: datetime, *, now: datetime) -> Meeting:
    return plan_talk_near(cast, engagement, wanted, now=now) or acts.plan_talk(cast, engagement, now=now)


def plan_talk_near(cast: Cast, engagement: Engagement, wanted: datetime, *, now: datetime) -> Meeting | None:
    """The first hour that suits both from ``wanted`` on; None where there is none within the horizon."""
    starts = [each for each in team_starts(cast.session, engagement, now=now) if each >= wanted]
    if not starts:
        return None
    way = agreed_way(engagement)
    return book_meeting(cast.session, engagement, starts[0], way=way, by=mentor_of(engagement), now=now)


def step_at(session: Session, engagement: Engagement, place: int) -> Milestone:
    """The step at that place, from 1."""
    return milestones_of(session, engagement)[place - 1]


def take_step(
    cast: Cast, engagement: Engagement, place: int, *, begins: datetime, one_more_turn: bool
) -> Story:
    """Shown, looked at a day later, and where wanted sent round once more: nine days at most."""
    yield begins
    hand_in_step(cast, engagement, place, "evidence", now=begins)
    yield (now := begins + A_DAY)
    if one_more_turn:
        _look(cast, engagement, place, reached=False, now=now)
        yield (now := begins + 7 * A_DAY)
        resume_milestone(
            cast.session, step_at(cast.session, engagement, place), by=mentee_of(engagement), now=now
        )
        hand_in_step(cast, engagement, place, "again", now=now)
        yield (now := begins + 8 * A_DAY)
    _look(cast, engagement, place, reached=True, now=now)


def hand_in_step(cast: Cast, engagement: Engagement, place: int, words: str, *, now: datetime) -> None:
    """``words`` names the column of ``steps.csv`` that is shown."""
    show_step(cast, engagement, place, words, now=now)
    step = step_at(cast.session, engagement, place)
    hand_in_milestone(cast.session, step, by=mentee_of(engagement), now=now)


def show_step(cast: Cast, engagement: Engagement, place: int, words: str, *, now: datetime) -> None:
    add_evidence(
        cast.session,
        step_at(cast.session, engagement, place),
        EvidenceKind.TEXT,
        text=_words(place)[words],
        side=Side.APPLICANT,
        by=mentee_of(engagement),
        now=now,
    )


def answer_scale(cast: Cast, engagement: Engagement, anchor: Anchor, cell: str, *, now: datetime) -> None:
    """The questions of the beginning or the end: ``2;2;1;1;1;1;listened``."""
    answers = dict(zip(SCALE, several(cell), strict=True))
    answer_asked(cast, engagement, anchor, 0, answers, now=now)


def answer_asked(
    cast: Cast,
    engagement: Engagement,
    anchor: Anchor,
    after_days: int,
    answers: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Answer what the programme asks so many days after its beginning or end, where it was asked by now."""
    schedules = select(SurveySchedule.id).where(
        SurveySchedule.programme_id == engagement.programme_id,
        SurveySchedule.anchor == anchor,
        SurveySchedule.audience == Audience.APPLICANT,
        SurveySchedule.after_minutes == after_days * 24 * 60,
    )
    events = [f"engagement:{engagement.id}:{each}" for each in cast.session.scalars(schedules)]
    target = cast.session.scalar(select(Target).where(Target.event.in_(events)))
    if target is not None:
        submit_response(cast.session, target, dict(answers), by=f"link:target:{target.id}", now=now)


def follow(cast: Cast, engagement: Engagement, row: Row) -> Story:
    """The later questions of ``row["later"]`` (``one_week:often;…``), answered two days after they were due."""
    ended_at = engagement.ended_at
    if ended_at is None:
        return
    for cell in several(row["later"]):
        name, _, word = cell.partition(":")
        days = DAYS_AFTER[name]
        yield (now := ended_at + (days + 2) * A_DAY)
        plan_targets(cast.session, now)
        answers = {"ending": row["ending"], "in_touch": word} | later_facts(row, name)
        answer_asked(cast, engagement, Anchor.ENGAGEMENT_END, days, answers, now=now)
        note_followups(cast.session, now)


def later_facts(row: Row, moment: str) -> dict[str, str]:
    """Who comes and who asks, from the third month on; the first week asks neither."""
    named = {"regular_visitors": row.get("regular_visitors"), "inquiries": row.get("inquiries")}
    if DAYS_AFTER[moment] < DAYS_AFTER["three_months"]:
        return {}
    return {name: value for name, value in named.items() if value}


def _look(cast: Cast, engagement: Engagement, place: int, *, reached: bool, now: datetime) -> None:
    words = _words(place)["words" if reached else "one_more_turn"]
    step, by = step_at(cast.session, engagement, place), mentor_of(engagement)
    check_milestone(cast.session, step, reached=reached, words=words, by=by, now=now)


def _words(place: int) -> Row:
    return read_rows(FOLDER, "steps.csv")[place - 1]
