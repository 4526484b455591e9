"""One-tap questions: would this hour do after all? Everybody says yes: it is a meeting. Somebody does not: nobody is to blame.

Who taps has said yes by it, and the recipient always says so themselves. Whoever gave the hour need not be asked. While
it waits, the hour is kept for all who have nothing to say against it.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.actor import SYSTEM
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import notices, queries
from mentorlink.scheduling.models import AskState, HourAnswer, HourAsk
from mentorlink.scheduling.services.booking import agreed_way, book_meeting
from mentorlink.scheduling.services.holds import hold_for
from mentorlink.scheduling.services.occupancy import MEETS_IN, SLOT_GONE, lock_time, people_of
from mentorlink.scheduling.services.waiting import close_ask, close_waiting

WAITS = timedelta(hours=48)
BEFORE_IT_BEGINS = timedelta(hours=24)  # who says yes has a day left to get ready
CLOSED = "ask_closed"


def ask_for_hour(
    session: Session,
    engagement: Engagement,
    starts_at: datetime,
    *,
    by: str,
    side: Side,
    now: datetime,
    person_id: int | None = None,
) -> HourAsk:
    """Ask everybody whose yes this hour needs; where it needs nobody else's, it is booked at once.

    ``person_id`` is which of a team asks; the office asks for the recipient. Asking for the hour that is being asked
    for is a yes to it. Raises Conflict ``slot_gone`` where it cannot be asked for (any more) and
    ``hour_asked_already`` where another hour waits for its answer; RuleViolation ``engagement_not_running``,
    ``not_asked`` for who has no part in it, and ``asked_enough``.
    """
    lock_time(session, engagement, now)
    asker_id = _asker(engagement, side, person_id)
    if engagement.state not in MEETS_IN:
        raise RuleViolation("engagement_not_running")
    waiting = queries.open_ask(session, engagement.id)
    if waiting is not None and waiting.expires_at <= now:
        _let_go(session, waiting, now)
    elif waiting is not None:
        if waiting.starts_at != starts_at:
            raise Conflict("hour_asked_already")
        is_answer = asker_id in waiting.waits_for
        return answer_hour(session, waiting, asker_id, is_yes=True, by=by, now=now) if is_answer else waiting
    if queries.is_asked_enough(session, engagement.id):
        raise RuleViolation("asked_enough")
    ask = _new_ask(session, engagement, starts_at, asker_id, now)
    if not ask.waits_for:
        if _settle(session, ask, asker_id, by, now).state is AskState.DROPPED:
            raise Conflict(SLOT_GONE)
        return ask
    notices.tell_asked(session, ask, now=now)
    return ask


def answer_hour(
    session: Session, ask: HourAsk, person_id: int, *, is_yes: bool, by: str, now: datetime
) -> HourAsk:
    """One person's word. The last yes books the meeting in the same step; a no ends the question kindly.

    The same answer again changes nothing, whatever has become of it. Where somebody else has the hour by now the ask
    comes back DROPPED. Raises Conflict ``ask_closed`` where it waits for no answer any more, RuleViolation
    ``not_asked`` for who was not asked.
    """
    lock_time(session, ask.engagement, now)
    word = _word_of(session, ask, person_id)
    if word.is_yes is is_yes:
        return ask
    if ask.state is not AskState.OPEN or ask.expires_at <= now:
        raise Conflict(CLOSED)
    word.is_yes, word.answered_at = is_yes, now
    session.flush()
    if not is_yes:
        close_ask(session, ask, AskState.DECLINED, by=by, now=now)
        notices.tell_in_vain(session, ask, besides=person_id, now=now)
        return ask
    if ask.waits_for:
        return ask if _hold(session, ask, [person_id]) else _drop(session, ask, person_id, by, now)
    return _settle(session, ask, person_id, by, now)


def expired_asks(session: Session, now: datetime) -> list[int]:
    """The ids of those that ran out: each is let go in a transaction of its own, see ``let_ask_go``."""
    over = select(HourAsk.id).where(HourAsk.state == AskState.OPEN, HourAsk.expires_at <= now)
    return list(session.scalars(over.order_by(HourAsk.id)))


def let_ask_go(session: Session, ask_id: int, now: datetime) -> HourAsk | None:
    """Somebody has not answered in time: the hour is free again, the others hear of it, the office gets a task."""
    ask = session.get_one(HourAsk, ask_id)
    lock_time(session, ask.engagement, now)
    session.refresh(ask)
    if ask.state is not AskState.OPEN or ask.expires_at > now:
        return None
    return _let_go(session, ask, now)


def _asker(engagement: Engagement, side: Side, person_id: int | None) -> int:
    if side is not Side.SUPPORTER:
        return engagement.recipient_id
    team = [supporter.person_id for supporter in queries.team_of(engagement)]
    asker_id = team[0] if person_id is None and len(team) == 1 else person_id
    if asker_id not in team:
        raise RuleViolation("not_asked")
    return asker_id


def _new_ask(
    session: Session, engagement: Engagement, starts_at: datetime, asker_id: int, now: datetime
) -> HourAsk:
    asked = queries.whom_to_ask(session, engagement, starts_at, now=now)
    if asked is None:
        raise Conflict(SLOT_GONE)
    expires_at = min(now + WAITS, starts_at - BEFORE_IT_BEGINS)
    ask = HourAsk(
        engagement=engagement, starts_at=starts_at, asker_id=asker_id, asked_at=now, expires_at=expires_at
    )
    ask.answers = [HourAnswer(person_id=asker_id, is_yes=True, answered_at=now)]
    others = sorted({engagement.recipient_id, *asked} - {asker_id})
    ask.answers += [HourAnswer(person_id=each, is_yes=None, answered_at=None) for each in others]
    session.add(ask)
    session.flush()
    if not _hold(session, ask, [each for each in people_of(engagement) if each not in others]):
        raise Conflict(SLOT_GONE)
    return ask


def _word_of(session: Session, ask: HourAsk, person_id: int) -> HourAnswer:
    session.refresh(ask)
    session.refresh(ask, ["answers"])
    word = ask.answer_of(person_id)
    if word is None or person_id not in people_of(ask.engagement):
        raise RuleViolation("not_asked")
    session.refresh(word)
    return word


def _hold(session: Session, ask: HourAsk, person_ids: list[int]) -> bool:
    """Keep the hour for these people until the question is answered; whether that was still possible."""
    rests = {each.person_id: each.buffer_minutes for each in queries.team_of(ask.engagement)}
    minutes = ask.engagement.programme.meeting_minutes
    lengths = {each: timedelta(minutes=minutes + rests.get(each, 0)) for each in person_ids}
    return hold_for(session, lengths, ask.starts_at, source=f"ask:{ask.id}", until=ask.expires_at)


def _settle(session: Session, ask: HourAsk, last_id: int, by: str, now: datetime) -> HourAsk:
    """Everybody has said yes, ``last_id`` as the last: a meeting, unless the hour went meanwhile."""
    try:
        with session.begin_nested():
            _book(session, ask, by, now)
    except (Conflict, RuleViolation):
        session.expire_all()  # what was read of the states that are undone
        return _drop(session, ask, last_id, by, now)
    return ask


def _book(session: Session, ask: HourAsk, by: str, now: datetime) -> None:
    """Whoever was not asked has to give the hour still: they may have changed their week since."""
    engagement = ask.engagement
    close_ask(session, ask, AskState.AGREED, by=by, now=now)
    close_waiting(session, engagement, by=by, now=now)
    needed = queries.whom_to_ask(session, engagement, ask.starts_at, now=ask.asked_at)
    if needed is None or not set(needed) <= {each.person_id for each in ask.answers}:
        raise Conflict(SLOT_GONE)
    book_meeting(session, engagement, ask.starts_at, way=agreed_way(engagement), by=by, now=now)


def _drop(session: Session, ask: HourAsk, last_id: int, by: str, now: datetime) -> HourAsk:
    close_ask(session, ask, AskState.DROPPED, by=by, now=now)
    notices.tell_in_vain(session, ask, besides=last_id, now=now)
    return ask


def _let_go(session: Session, ask: HourAsk, now: datetime) -> HourAsk:
    if ask.engagement.state not in MEETS_IN:
        close_ask(session, ask, AskState.DROPPED, by=SYSTEM, now=now)
        return ask
    close_ask(session, ask, AskState.EXPIRED, by=SYSTEM, now=now)
    notices.tell_in_vain(session, ask, besides=None, now=now)
    return ask
