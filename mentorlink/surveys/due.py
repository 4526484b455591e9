"""What is to be asked of whom and when, read from the rows that it hangs on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter, Pause
from mentorlink.people.models import Consent, Person, Purpose, Supporter
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState
from mentorlink.surveys.models import Anchor, Audience, SurveySchedule, Target, TargetState
from mentorlink.surveys.queries import TAKEN_BACK

LATER = timedelta(days=30)  # a question so long after the support needs the consent to later contact
ASKED_LATE = timedelta(days=30)  # what was due longer ago is not asked any more: that time has passed
MAY_TAKE_PLACE = (MeetingState.CONFIRMED, *TOOK_PLACE)
DID_NOT_TAKE_PLACE = (MeetingState.NO_SHOW, MeetingState.CANCELLED, MeetingState.MOVED)
GOES_ON = (EngagementState.PREPARING, EngagementState.RUNNING)
OPEN = (TargetState.PLANNED, TargetState.SENT)
Moved = tuple[Target, SurveySchedule, datetime]


@dataclass(frozen=True)
class Due:
    """One survey to be asked: what it is about, for whom, and when it is to arrive."""

    schedule: SurveySchedule
    person: Person
    engagement_id: int
    meeting_id: int | None
    due_at: datetime


def find_due(session: Session, now: datetime) -> Iterable[Due]:
    """What can be planned and is not yet, however far ahead. As many queries as there are kinds of schedules."""
    schedules: dict[tuple[Anchor, Audience, int], list[SurveySchedule]] = defaultdict(list)
    for schedule in session.scalars(select(SurveySchedule)):
        schedules[schedule.anchor, schedule.audience, schedule.after_minutes].append(schedule)
    for (anchor, audience, minutes), alike in schedules.items():
        after = timedelta(minutes=minutes)
        for schedule, person, engagement_id, meeting_id, anchored_at in session.execute(
            _due_rows(anchor, audience, after, [schedule.id for schedule in alike], now)
        ):
            yield Due(schedule, person, engagement_id, meeting_id, anchored_at + after)


def sent_targets(session: Session) -> Sequence[tuple[Target, datetime]]:
    """Planned targets whose request has gone out, with the instant."""
    query = (
        select(Target, OutboxMessage.sent_at)
        .join(OutboxMessage, OutboxMessage.event == literal("survey:") + cast(Target.id, String))
        .where(Target.state == TargetState.PLANNED, OutboxMessage.state == MessageState.SENT)
    )
    return [(target, sent_at) for target, sent_at in session.execute(query) if sent_at is not None]


def pointless_targets(session: Session) -> list[Target]:
    """Targets about a meeting that did not take place, and what was to be asked on the way of what has ended."""
    about_meeting = (
        select(Target)
        .join(Meeting, Meeting.id == Target.meeting_id)
        .where(Meeting.state.in_(DID_NOT_TAKE_PLACE), Target.state.in_(OPEN))
    )
    on_the_way = (
        _of_engagement(select(Target))
        .where(SurveySchedule.anchor == Anchor.ENGAGEMENT_START, Engagement.ended_at.is_not(None))
        .where(Target.state == TargetState.PLANNED)
    )
    return [*session.scalars(about_meeting), *session.scalars(on_the_way)]


def wrongly_void_targets(session: Session) -> Sequence[Target]:
    """Targets about a meeting that was first written down as missed, and took place after all."""
    query = (
        select(Target)
        .join(Meeting, Meeting.id == Target.meeting_id)
        .where(Meeting.state.in_(TOOK_PLACE), Target.state == TargetState.VOID)
        .where(~Target.event.contains(TAKEN_BACK))
    )
    return session.scalars(query).all()


def moved_targets(session: Session) -> list[Moved]:
    """Requests that have not gone out and have another hour now, with it: a talk was moved, a half-year rested."""
    return [*_after_talks(session), *_after_rests(session)]


def targets_by_consent(session: Session, person: Person) -> Sequence[Target]:
    """What somebody is, or was, asked on the ground of the consent to later contact, and has not answered."""
    needs_it = SurveySchedule.after_minutes >= LATER / timedelta(minutes=1)
    query = _of_engagement(select(Target)).where(Target.person_id == person.id, Target.state.in_(OPEN))
    return session.scalars(query.where(needs_it, Target.audience == Audience.APPLICANT)).all()


def _after_talks(session: Session) -> list[Moved]:
    """One kind of survey asks about a talk once: where several rows plan it, any of their hours is right."""
    query = (
        select(Target, SurveySchedule, Meeting.ends_at)
        .join(Meeting, Meeting.id == Target.meeting_id)
        .join(Engagement, Engagement.id == Target.engagement_id)
        .join(SurveySchedule, SurveySchedule.programme_id == Engagement.programme_id)
        .where(
            SurveySchedule.survey_id == Target.survey_id,
            SurveySchedule.audience == Target.audience,
            SurveySchedule.anchor == Anchor.MEETING_END,
            Target.state == TargetState.PLANNED,
            Target.audience == Audience.APPLICANT,
            Meeting.state.in_(MAY_TAKE_PLACE),
        )
    )
    hours: dict[Target, dict[datetime, SurveySchedule]] = defaultdict(dict)
    for target, schedule, ends_at in session.execute(query.order_by(SurveySchedule.id)):
        hours[target].setdefault(ends_at + _span(schedule), schedule)
    return [
        (target, *next((schedule, due_at) for due_at, schedule in wanted.items()))
        for target, wanted in hours.items()
        if target.due_at not in wanted
    ]


def _after_rests(session: Session) -> list[Moved]:
    """The days of its rests are added to what is asked on the way, as they are to its steps."""
    query = (
        _of_engagement(select(Target, SurveySchedule, Engagement.opened_at))
        .where(SurveySchedule.anchor == Anchor.ENGAGEMENT_START, Engagement.state.in_(GOES_ON))
        .where(Target.state == TargetState.PLANNED)
    )
    found = session.execute(query).all()
    rested = _rested(session, {target.engagement_id for target, _schedule, _opened_at in found})
    hours = [
        (target, schedule, opened_at + _span(schedule) + rested[target.engagement_id])
        for target, schedule, opened_at in found
    ]
    return [each for each in hours if each[0].due_at != each[2]]


def _rested(session: Session, engagement_ids: Collection[int]) -> dict[int, timedelta]:
    rested: dict[int, timedelta] = defaultdict(timedelta)
    query = select(Pause).where(Pause.engagement_id.in_(engagement_ids), Pause.until.is_not(None))
    for pause in session.scalars(query):
        rested[pause.engagement_id] += (pause.until or pause.since) - pause.since
    return rested


def _span(schedule: SurveySchedule) -> timedelta:
    return timedelta(minutes=schedule.after_minutes)


def _of_engagement(query: Any) -> Any:
    """With the schedule of a target that is about a half-year, not about one talk."""
    row = literal("engagement:") + cast(Target.engagement_id, String) + ":" + cast(SurveySchedule.id, String)
    of_its_run = SurveySchedule.programme_id == Engagement.programme_id
    return query.join(Engagement, Engagement.id == Target.engagement_id).join(
        SurveySchedule, and_(of_its_run, Target.event == row)
    )


def _due_rows(
    anchor: Anchor, audience: Audience, after: timedelta, schedule_ids: list[int], now: datetime
) -> Select[Any]:
    meeting = anchor is Anchor.MEETING_END
    anchored_at: Any = {
        Anchor.MEETING_END: Meeting.ends_at,
        Anchor.ENGAGEMENT_START: Engagement.opened_at,
        Anchor.ENGAGEMENT_END: Engagement.ended_at,
    }[anchor]
    meeting_id = Meeting.id if meeting else literal(None)
    query = select(SurveySchedule, Person, Engagement.id, meeting_id, anchored_at).join(
        Engagement, Engagement.programme_id == SurveySchedule.programme_id
    )
    if meeting:
        query = query.join(Meeting, Meeting.engagement_id == Engagement.id)
        query = query.where(Meeting.state.in_(MAY_TAKE_PLACE))
        if (
            audience is Audience.SUPPORTER
        ):  # their record leads on to it, without a mail: whoever was there by then
            query = query.where(Meeting.ends_at <= now)
    elif anchor is Anchor.ENGAGEMENT_START:
        query = query.where(Engagement.state.in_(GOES_ON))
    query = query.where(anchored_at > now - after - ASKED_LATE)
    query = _join_person(query, audience, anchored_at)
    if after >= LATER and audience is Audience.APPLICANT:
        query = query.where(_agreed_to_later_contact())
    planned = _is_planned(meeting)
    return query.where(SurveySchedule.id.in_(schedule_ids), Person.erased_at.is_(None), ~planned)


def _join_person(query: Select[Any], audience: Audience, anchored_at: Any) -> Select[Any]:
    if audience is Audience.APPLICANT:
        return query.join(Person, Person.id == Engagement.recipient_id)
    place = EngagementSupporter
    return (
        query.join(place, place.engagement_id == Engagement.id)
        .join(Supporter, Supporter.id == place.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(place.since <= anchored_at, or_(place.until.is_(None), place.until >= anchored_at))
    )


def _is_planned(about_meeting: bool) -> ColumnElement[bool]:
    """One event asks one person once; due_at tells the two times of a survey at the beginning and the end apart."""
    same = and_(
        Target.survey_id == SurveySchedule.survey_id,
        Target.person_id == Person.id,
        Target.engagement_id == Engagement.id,
    )
    if about_meeting:
        about_it = and_(Target.meeting_id == Meeting.id, ~Target.event.contains(TAKEN_BACK))
        return exists(select(1).where(same, about_it).select_from(Target))
    anchor = literal(":") + cast(SurveySchedule.id, String)
    event = literal("engagement:") + cast(Engagement.id, String) + anchor
    return exists(select(1).where(same, Target.event == event).select_from(Target))


def _agreed_to_later_contact() -> ColumnElement[bool]:
    return exists().where(
        Consent.person_id == Person.id,
        Consent.purpose == Purpose.LATER_CONTACT,
        Consent.withdrawn_at.is_(None),
    )
