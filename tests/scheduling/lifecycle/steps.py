"""Every act upon somebody's time. Its choices are small numbers, so that the same step means the same in each database."""

from collections.abc import Callable, Sequence
from dataclasses import replace as replace_terms
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import TOKYO, local_date
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import Engagement, PauseReason, Side
from mentorlink.engagements.services import open_engagement
from mentorlink.jobs import _one_by_one as one_by_one
from mentorlink.matching.services.changes import end_talks_of_leaving, part_at_once
from mentorlink.people.models import Receiving, Supporter
from mentorlink.scheduling import services as time_services
from mentorlink.scheduling.models import (
    AskState,
    AvailabilityException,
    HourAsk,
    Meeting,
    MeetingWay,
    OfferState,
    SlotOffer,
)
from mentorlink.scheduling.queries import team_of, team_starts
from mentorlink.scheduling.queries.hours.misses import nearest_hours
from mentorlink.scheduling.services import Terms, expired_asks, expired_offers, let_ask_go, let_offer_go
from tests.scheduling.lifecycle.world import DONE, World

SIDES = tuple(Side)
HOURS = ((10, 0), (11, 0), (18, 0), (18, 30), (19, 0), (20, 0))
DAYS = 9
WEEKS = (
    [(day, 1080, 1260) for day in range(5)],
    [(day, 540, 720) for day in range(7)],
    [(2, 0, 1440), (6, 0, 1440)],
    [],
)
SPANS = ((0, 1440), (0, 1440), (1020, 1260), (1080, 1140), (540, 690))  # minutes of a day
LASTING = (0, 0, 2, 13)  # days more
PAUSES = (None, 0, 3, 12)
ZONES = ("Asia/Tokyo", "Asia/Tokyo", "Europe/London", "America/New_York")
JUMPS = (20, 60, 60, 360, 720, 1440, 2880, 7 * 1440, -60, -60, -1440)
LINES = ("物件を見た", "大家さんに電話した", "何もできなかった")
MOST = 1 << 16  # a choice is a number below


class Step(NamedTuple):
    name: str
    choices: tuple[int, ...]


def offer(world: World, session: Session, which: int) -> None:
    time_services.offer_slots(session, _engagement(world, session, which), now=world.now)


def replace(world: World, session: Session, which: int, others: int) -> None:
    found = _offer(session, which)
    time_services.replace_offer(session, found, other_hours=bool(others % 2), **_by(world))


def choose(world: World, session: Session, which: int, slot: int) -> None:
    """Whatever became of the offer: an old page in a pocket is still a page."""
    found = _offer(session, which)
    time_services.choose_slot(session, found, _any_of(found.slots, slot), **_by(world))


def ask(world: World, session: Session, which: int, hour: int, manner: int) -> None:
    """For one of the nearest misses, or, one in four, for any hour: an old page, or somebody's own request."""
    engagement, side = _engagement(world, session, which), SIDES[manner % 3]
    team = sorted(each.person_id for each in team_of(engagement))
    asker_id = _any_of(team, manner // 3) if side is Side.SUPPORTER else None
    if manner // 6 % 4:
        misses = nearest_hours(session, engagement, now=world.now)
        start = _any_of(misses, hour).starts_at
    else:
        start = _hour(world, hour)
    time_services.ask_for_hour(session, engagement, start, side=side, person_id=asker_id, **_by(world))


def answer(world: World, session: Session, which: int, who: int, word: int) -> None:
    """To one of the latest questions, whatever became of it, those that wait first; one in four says no."""
    latest = select(HourAsk).order_by((HourAsk.state == AskState.OPEN).desc(), HourAsk.id.desc()).limit(3)
    found = _any_of(session.scalars(latest).all(), which)
    person_id = _any_of(found.answers, who).person_id
    time_services.answer_hour(session, found, person_id, is_yes=word % 4 > 0, **_by(world))


def book(world: World, session: Session, which: int, hour: int) -> None:
    engagement = _engagement(world, session, which)
    start = _hour(world, hour)
    time_services.book_meeting(session, engagement, start, way=MeetingWay.ONLINE, **_by(world))


def plan(world: World, session: Session, which: int, hour: int, number: int) -> None:
    """Up to three weeks in a row; half of them begin with an hour that the page shows."""
    engagement, first, side = _engagement(world, session, which), _hour(world, hour), SIDES[number % 3]
    if number // 9 % 2:
        first = _any_of(team_starts(session, engagement, now=world.now), hour)
    starts = [first + timedelta(days=7 * week) for week in range(1 + number // 3 % 3)]
    time_services.plan_talks(session, engagement, starts, side=side, **_by(world))


def move(world: World, session: Session, which: int, hour: int, manner: int) -> None:
    """One in four comes from a page that showed an earlier state; half of them to an hour that the page shows."""
    meeting = _meeting(session, which)
    shown = meeting.sequence - 1 if manner % 4 == 3 else meeting.sequence
    side, start = SIDES[manner % 3], _hour(world, hour)
    if manner // 12 % 2:
        own = f"meeting:{meeting.id}"
        start = _any_of(team_starts(session, meeting.engagement, now=world.now, ignoring=own), hour)
    by = {"by": side.value, "now": world.now}
    time_services.move_meeting(session, meeting, start, side=side, sequence=shown, **by)


def cancel(world: World, session: Session, which: int, manner: int) -> None:
    meeting = _meeting(session, which)
    again, side = manner % 2 == 0, SIDES[manner % 3]
    time_services.cancel_meeting(session, meeting, side=side, offer_again=again, **_by(world))


def miss(world: World, session: Session, which: int, side: int) -> None:
    meeting = _meeting(session, which, begun=world.now)
    time_services.mark_no_show(session, meeting, side=SIDES[side % 2], **_by(world))


def write(world: World, session: Session, which: int, line: int) -> None:
    meeting = _meeting(session, which, begun=world.now)
    words = {"went_well": LINES[line % 3], "difficult": "", "next_promise": ""}
    time_services.record_meeting(session, meeting, **words, **_by(world))


def rest(world: World, session: Session, which: int) -> None:
    time_services.rest_engagement(
        session, _engagement(world, session, which), PauseReason.FAMILY, **_by(world)
    )


def take_up(world: World, session: Session, which: int) -> None:
    time_services.take_up_engagement(session, _engagement(world, session, which), **_by(world))


def set_week(world: World, session: Session, which: int, week: int) -> None:
    supporter = _supporter(world, session, which)
    time_services.save_availability(session, supporter, WEEKS[week % len(WEEKS)], **_by(world))


def set_terms(world: World, session: Session, which: int, number: int) -> None:
    supporter = _supporter(world, session, which)
    terms = replace_terms(
        Terms.of(supporter),
        notice_hours=(0, 48)[number % 2],
        buffer_minutes=(0, 15, 30, 120)[number // 2 % 4],
        capacity_week=(1, 2, 5, 40)[number // 8 % 4],
        capacity_month=(2, 8, 100)[number // 32 % 3],
        free_on_holidays=number // 96 % 2 == 1,
        zone=ZONES[number // 192 % len(ZONES)],
    )
    time_services.save_terms(session, supporter, terms, **_by(world))


def pause(world: World, session: Session, which: int, number: int) -> None:
    """休止 for some days or until further notice; every other time, 受付中 again."""
    supporter = _supporter(world, session, which)
    days = PAUSES[number // 2 % len(PAUSES)]
    until = None if days is None else local_date(world.now, supporter.person.zone) + timedelta(days=days)
    now_on = (Receiving.OPEN, None) if number % 2 else (Receiving.PAUSED, until)
    terms = replace_terms(Terms.of(supporter), receiving=now_on[0], paused_until=now_on[1])
    time_services.save_terms(session, supporter, terms, **_by(world))


def say_of_days(world: World, session: Session, which: int, day: int, manner: int) -> None:
    """Away, or free besides the week: two of three times away."""
    supporter = _supporter(world, session, which)
    first = local_date(world.now, supporter.person.zone) + timedelta(days=day % DAYS)
    days = first, first + timedelta(days=LASTING[manner // 3 % len(LASTING)])
    minutes, is_free = SPANS[manner // 12 % len(SPANS)], manner % 3 == 0
    manners = {"is_free": is_free, "keeps_others": manner // 60 % 2 == 1}
    time_services.add_exceptions(session, supporter, days, minutes, **manners, **_by(world))


def take_back_days(world: World, session: Session, which: int, half: int) -> None:
    """Every other one of the days that differ, so that some stay."""
    supporter = _supporter(world, session, which)
    one = AvailabilityException
    query = select(one.id).where(one.supporter_id == supporter.id).order_by(one.day, one.start_minute)
    ids = session.scalars(query).all()[half % 2 :: 2]
    time_services.remove_exceptions(session, supporter, ids, **_by(world))


def leave(world: World, session: Session, which: int) -> None:
    """The two part at once, before somebody else is found."""
    part_at_once(session, _engagement(world, session, which), **_by(world))


def hand_over(world: World, session: Session, which: int, whom: int) -> None:
    """What an acceptance does where somebody else supported before."""
    engagement, supporter = _engagement(world, session, which), _supporter(world, session, whom)
    _are_two(engagement, supporter)
    team = [supporter.id]
    end_talks_of_leaving(session, engagement.application, team, **_by(world))
    open_engagement(session, engagement.application, team, **_by(world))


def keep_hour(world: World, session: Session, which: int, whom: int, hour: int) -> None:
    """A round keeps an hour for somebody and a supporter who is only being asked."""
    engagement, supporter = _engagement(world, session, which), _supporter(world, session, whom)
    _are_two(engagement, supporter)
    person, source = engagement.recipient_id, f"invitation:{which % 5 * 3 + whom % 3}"
    time_services.lock_people(session, [person, supporter.person_id], world.now)
    time_services.give_back_time(session, source)
    start, until = _hour(world, hour), world.now + timedelta(hours=30)
    if start <= world.now:
        raise RuleViolation("meeting_in_the_past")
    if not time_services.hold_hour(session, person, supporter, start, 60, source=source, until=until):
        raise Conflict("slot_gone")


def give_back(_world: World, session: Session, which: int) -> None:
    time_services.give_back_time(session, f"invitation:{which % 15}")


def jump(world: World, _session: Session, which: int) -> None:
    world.let_pass(JUMPS[which % len(JUMPS)])


def let_go(world: World) -> None:
    """The worker's jobs."""
    one_by_one(expired_offers, let_offer_go)(world.sessions, world.now)
    one_by_one(expired_asks, let_ask_go)(world.sessions, world.now)


def deliver(world: World) -> None:
    """The worker's post."""
    world.courier.deliver()


# name → act, how many choices it takes, how often it comes
ACTS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "offer": (offer, 1, 7),
    "replace": (replace, 2, 3),
    "choose": (choose, 2, 8),
    "let_go": (let_go, 0, 4),
    "ask": (ask, 3, 6),
    "answer": (answer, 3, 9),
    "book": (book, 2, 10),
    "plan": (plan, 3, 4),
    "move": (move, 3, 10),
    "cancel": (cancel, 2, 6),
    "miss": (miss, 2, 4),
    "write": (write, 2, 4),
    "rest": (rest, 1, 1),
    "take_up": (take_up, 1, 3),
    "set_week": (set_week, 2, 2),
    "set_terms": (set_terms, 2, 3),
    "pause": (pause, 2, 2),
    "say_of_days": (say_of_days, 3, 6),
    "take_back_days": (take_back_days, 2, 1),
    "leave": (leave, 1, 1),
    "hand_over": (hand_over, 2, 2),
    "keep_hour": (keep_hour, 3, 3),
    "give_back": (give_back, 1, 1),
    "jump": (jump, 1, 12),
    "deliver": (deliver, 0, 3),
}


JOBS = (let_go, deliver)  # each opens transactions of its own


def perform(world: World, step: Step) -> str:
    """What became of it: see ``World.do``. Anything but a refusal in words is raised."""
    act = ACTS[step.name][0]
    if act in JOBS:
        act(world)
        return DONE
    return world.do(act, *step.choices)


def draw(chance: Random) -> Step:
    """A step by chance, by the weights of ``ACTS``."""
    name = chance.choices(list(ACTS), [weight for _act, _number, weight in ACTS.values()])[0]
    return Step(name, tuple(chance.randrange(MOST) for _ in range(ACTS[name][1])))


def _by(world: World) -> dict[str, Any]:
    return {"by": "test", "now": world.now}


def _engagement(world: World, session: Session, which: int) -> Engagement:
    return session.get_one(Engagement, _any_of(world.ids[Engagement], which))


def _supporter(world: World, session: Session, which: int) -> Supporter:
    return session.get_one(Supporter, _any_of(world.ids[Supporter], which))


def _any_of(rows: Sequence[Any], which: int) -> Any:
    if not rows:
        raise RuleViolation("nobody_there")
    return rows[which % len(rows)]


def _offer(session: Session, which: int) -> SlotOffer:
    """One of the latest, those that wait first."""
    latest = (
        select(SlotOffer).order_by((SlotOffer.state == OfferState.OPEN).desc(), SlotOffer.id.desc()).limit(4)
    )
    return _any_of(session.scalars(latest).all(), which)


def _meeting(session: Session, which: int, begun: datetime | None = None) -> Meeting:
    """One of the last dozen; of those that have begun, where ``begun`` is an instant."""
    query = select(Meeting).order_by(Meeting.id.desc()).limit(12)
    if begun is not None:
        query = query.where(Meeting.starts_at <= begun)
    return _any_of(session.scalars(query).all(), which)


def _are_two(engagement: Engagement, supporter: Supporter) -> None:
    if supporter.person_id == engagement.recipient_id:
        raise RuleViolation("nobody_there")


def _hour(world: World, which: int) -> datetime:
    """Few enough for many to meet in; today's may lie behind."""
    day, (hour, minute) = which // len(HOURS) % DAYS, HOURS[which % len(HOURS)]
    return datetime.combine(local_date(world.now) + timedelta(days=day), time(hour, minute), TOKYO)
