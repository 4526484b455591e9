"""The steps of a half-year: laid out once, taken one by one, looked at by the mentor. Going round again is no fault."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements import milestone_notices as notices
from mentorlink.engagements.models import (
    MILESTONE_TRANSITIONS,
    Engagement,
    EngagementState,
    Milestone,
    MilestoneCheck,
    MilestoneMove,
    MilestoneState,
    MoveReason,
)
from mentorlink.engagements.services.reminders import plan_step_reminders

ENDED = (
    EngagementState.COMPLETED,
    EngagementState.STOPPED,
    EngagementState.FOLLOWING,
    EngagementState.FINISHED,
)
_S = MilestoneState
STILL_TO_DO = (_S.NOT_STARTED, _S.IN_PROGRESS, _S.CHECKING, _S.REVISING)
FURTHEST = timedelta(days=730)  # a step planned beyond this is a slip of the finger


def lay_out_milestones(
    session: Session, engagement: Engagement, begins_on: date, *, now: datetime
) -> list[Milestone]:
    """The programme's steps with their days, counted from ``begins_on``. Done once: later calls change nothing."""
    known = milestones_of(session, engagement)
    if known or not engagement.programme.months:
        return known
    engagement.begins_on = begins_on
    engagement.ends_on = months_after(begins_on, engagement.programme.months)
    session.add_all(
        Milestone(
            engagement_id=engagement.id,
            position=step.position,
            code=step.code,
            title=None,
            due_on=begins_on + timedelta(days=step.due_after_days),
            reached_at=None,
        )
        for step in engagement.programme.milestones
    )
    session.flush()
    return milestones_of(session, engagement)


def set_beginning(session: Session, engagement: Engagement, day: date, *, by: str, now: datetime) -> None:
    """The first talk is on ``day``: everything that was counted from another day goes along."""
    if engagement.begins_on is None or engagement.ends_on is None:
        lay_out_milestones(session, engagement, day, now=now)
        return
    days = (day - engagement.begins_on).days
    if days:
        shift_milestones(session, engagement, days, MoveReason.BEGINNING, by=by, now=now)
        engagement.ends_on += timedelta(days=days)
        engagement.begins_on = day
        session.flush()


def add_milestone(
    session: Session, engagement: Engagement, title: str, due_on: date, *, by: str, now: datetime
) -> Milestone:
    """A step of the mentee's own, beside the programme's.

    Raises RuleViolation ``title_missing``, ``day_unlikely``, ``engagement_ended``; Conflict ``changed_meanwhile``
    where another step was added at the same moment.
    """
    must_go_on(engagement)
    if not title.strip():
        raise RuleViolation("title_missing")
    _must_be_likely(due_on, now)
    last = select(func.max(Milestone.position)).where(Milestone.engagement_id == engagement.id)
    milestone = Milestone(
        engagement_id=engagement.id,
        position=(session.scalar(last) or 0) + 1,
        code=None,
        title=title.strip(),
        due_on=due_on,
        reached_at=None,
    )
    try:
        with session.begin_nested():
            session.add(milestone)
    except IntegrityError:
        raise Conflict("changed_meanwhile") from None
    plan_step_reminders(session, [milestone], now=now)
    return milestone


def begin_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    _change(session, milestone, _S.IN_PROGRESS, by=by, now=now, only_from=(_S.NOT_STARTED,))


def hand_in_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    """確認待ち: the mentor is asked to look. Raises RuleViolation ``evidence_missing`` where there is nothing to see."""
    if not milestone.evidence:
        raise RuleViolation("evidence_missing")
    _change(session, milestone, _S.CHECKING, by=by, now=now)
    notices.ask_to_look(session, milestone, now=now)


def take_back_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    """There is something to add before the mentor looks."""
    _change(session, milestone, _S.IN_PROGRESS, by=by, now=now, only_from=(_S.CHECKING,))
    cancel_messages(session, f"milestone:{milestone.id}", template=notices.TO_LOOK_AT)


def check_milestone(
    session: Session, milestone: Milestone, *, reached: bool, words: str | None, by: str, now: datetime
) -> MilestoneCheck:
    """The mentor has looked: 達成, or 見直し with words that say what would help. After the end too: it was handed in.

    Raises RuleViolation ``words_needed`` for another turn without a word, ``milestone_not_reached`` or
    ``milestone_not_revising`` where nothing waits to be looked at.
    """
    if not reached and not (words or "").strip():
        raise RuleViolation("words_needed")
    if milestone.state is not _S.CHECKING:
        raise RuleViolation(f"milestone_not_{_S.REACHED if reached else _S.REVISING}")
    new, reached_at = (_S.REACHED, now) if reached else (_S.REVISING, None)
    change_state(session, milestone, new, MILESTONE_TRANSITIONS, by=by, now=now, reached_at=reached_at)
    check = MilestoneCheck(milestone_id=milestone.id, reached=reached, words=words or None, by=by, at=now)
    session.add(check)
    session.flush()
    session.refresh(milestone, ["checks"])
    plan_step_reminders(session, [milestone], now=now)
    cancel_messages(session, f"milestone:{milestone.id}", template=notices.TO_LOOK_AT)
    notices.tell_of_check(session, milestone, check, now=now)
    return check


def revise_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    """達成 → 見直し: something has changed since. What was said then stays in its history.

    Raises RuleViolation ``milestone_not_revising`` from any other state: 確認待ち waits for ``check_milestone``.
    """
    _change(session, milestone, _S.REVISING, by=by, now=now, only_from=(_S.REACHED,))


def resume_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    """見直し or 見送り → 進行中. Raises RuleViolation ``milestone_not_in_progress`` from any other state."""
    _change(session, milestone, _S.IN_PROGRESS, by=by, now=now, only_from=(_S.REVISING, _S.SKIPPED))


def skip_milestone(session: Session, milestone: Milestone, *, by: str, now: datetime) -> None:
    """見送り: this half-year goes on without it; ``resume_milestone`` brings it back."""
    _change(session, milestone, _S.SKIPPED, by=by, now=now)


def move_milestone(
    session: Session, milestone: Milestone, due_on: date, reason: MoveReason, *, by: str, now: datetime
) -> MilestoneMove | None:
    """Another day, with a reason; the same day again changes nothing.

    Raises RuleViolation ``milestone_done`` where it is reached or skipped, ``day_unlikely``, ``engagement_ended``.
    """
    must_go_on(milestone.engagement)
    if milestone.state not in STILL_TO_DO:
        raise RuleViolation("milestone_done")
    if due_on == milestone.due_on:
        return None
    _must_be_likely(due_on, now)
    move = _moved(milestone, due_on, reason, by, now)
    session.add(move)
    session.flush()
    session.refresh(milestone, ["moves"])
    plan_step_reminders(session, [milestone], now=now)
    return move


def shift_milestones(
    session: Session, engagement: Engagement, days: int, reason: MoveReason, *, by: str, now: datetime
) -> int:
    """Every step still to do goes along by ``days`` (may be negative); returns how many did."""
    if not days:
        return 0
    waiting = [each for each in milestones_of(session, engagement) if each.state in STILL_TO_DO]
    for milestone in waiting:
        session.add(_moved(milestone, milestone.due_on + timedelta(days=days), reason, by, now))
    session.flush()
    for milestone in waiting:
        session.expire(milestone, ["moves"])
    plan_step_reminders(session, waiting, now=now)
    return len(waiting)


def milestones_of(session: Session, engagement: Engagement) -> list[Milestone]:
    query = select(Milestone).where(Milestone.engagement_id == engagement.id)
    return list(session.scalars(query.order_by(Milestone.due_on, Milestone.position)))


def must_go_on(engagement: Engagement) -> None:
    """Raises RuleViolation ``engagement_ended``: what is over is kept as it was."""
    if engagement.state in ENDED:
        raise RuleViolation("engagement_ended")


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _change(
    session: Session,
    milestone: Milestone,
    new: MilestoneState,
    *,
    by: str,
    now: datetime,
    only_from: tuple[MilestoneState, ...] = tuple(MilestoneState),
) -> None:
    """One verb's way: several lead to the same state, so each says where it starts. None of them ends at 達成."""
    must_go_on(milestone.engagement)
    if milestone.state not in only_from:
        raise RuleViolation(f"milestone_not_{new}")
    change_state(session, milestone, new, MILESTONE_TRANSITIONS, by=by, now=now, reached_at=None)
    plan_step_reminders(session, [milestone], now=now)


def _moved(milestone: Milestone, due_on: date, reason: MoveReason, by: str, now: datetime) -> MilestoneMove:
    move = MilestoneMove(
        milestone_id=milestone.id,
        old_due_on=milestone.due_on,
        new_due_on=due_on,
        reason=reason,
        by=by,
        at=now,
    )
    milestone.due_on = due_on
    return move


def _must_be_likely(due_on: date, now: datetime) -> None:
    if not local_date(now) <= due_on <= local_date(now) + FURTHEST:
        raise RuleViolation("day_unlikely")
