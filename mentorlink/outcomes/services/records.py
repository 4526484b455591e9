"""What came of an engagement: noted by the office, or taken from the answer to a later question."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core import taxonomy
from mentorlink.core.dates import BadDate, parse_date
from mentorlink.core.errors import RuleViolation
from mentorlink.engagements.models import Engagement
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.queries import moment_after, unnoted_answers
from mentorlink.surveys.models import Target
from mentorlink.surveys.queries import answers_of

STARTED = "01"  # 活動が始まった
_FACTS = (
    "started_on",
    "prefecture",
    "regular_visitors",
    "inquiries",
    "activity_name",
    "income",
    "in_touch",
)


def record_outcome(
    session: Session,
    engagement: Engagement,
    moment: Moment,
    ending: str,
    *,
    by: str,
    now: datetime,
    **columns: Any,
) -> Outcome:
    """Note what came of it at one moment; noted again, the newer words count.

    Raises RuleViolation ``ending_unknown``, ``not_started`` (a day of beginning with another ending).
    """
    if ending not in taxonomy.codes("ending"):
        raise RuleViolation("ending_unknown")
    if columns.get("started_on") is not None and ending != STARTED:
        raise RuleViolation("not_started")
    query = select(Outcome).where(Outcome.engagement_id == engagement.id, Outcome.moment == moment)
    outcome = session.scalar(query) or Outcome(engagement_id=engagement.id, moment=moment)
    for name, value in (dict.fromkeys(_FACTS) | columns).items():
        setattr(outcome, name, value)
    outcome.ending, outcome.recorded_by, outcome.recorded_at = ending, by, now
    session.add(outcome)
    session.flush()
    return outcome


def note_followups(session: Session, now: datetime) -> int:
    """The job: answers to the questions of later months become outcomes. Returns how many are new."""
    count = 0
    for target, engagement in unnoted_answers(session):
        moment = moment_of(target, engagement)
        known = select(Outcome.id).where(Outcome.engagement_id == engagement.id, Outcome.moment == moment)
        if session.scalar(known) is None:
            _note_answer(session, target, engagement, moment, now)
            count += 1
    return count


def moment_of(target: Target, engagement: Engagement) -> Moment:
    """Which of the moments a target stands for, by how long after the end it was due."""
    return moment_after(target.due_at - (engagement.ended_at or engagement.opened_at))


def _note_answer(
    session: Session, target: Target, engagement: Engagement, moment: Moment, now: datetime
) -> None:
    answers = {code: values[0] for code, values in answers_of(target.response).items()}
    started = answers["ending"] == STARTED
    record_outcome(
        session,
        engagement,
        moment,
        answers["ending"],
        by=f"response:{target.response.id if target.response else 0}",
        now=now,
        started_on=_day(answers.get("started_on")) if started else None,
        prefecture=answers.get("started_prefecture"),
        regular_visitors=_whole(answers.get("regular_visitors")),
        inquiries=_whole(answers.get("inquiries")),
        activity_name=answers.get("started_name"),
        income=answers.get("income"),
        in_touch=answers.get("in_touch"),
    )


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except BadDate:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
