"""What a process of a race does: its own engine, one service at a time, as a web worker would."""

from datetime import datetime

from mentorlink.core import links
from mentorlink.core.dates import local_date
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.services import add_milestone
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.queries import windows_of
from mentorlink.scheduling.services import (
    book_meeting,
    cancel_meeting,
    move_meeting,
    plan_talks,
    save_availability,
)
from mentorlink.setup.services.drafts import change_draft, open_run

OPENING = "open"
Wish = tuple[int, datetime]


def book_all(url: str, wishes: list[Wish], now: datetime) -> list[str]:
    """One attempt for each (engagement, hour): "booked" or the code of the refusal."""
    return _each(url, wishes, lambda session, wish: _book(session, wish, now))


def plan_all(url: str, plans: list[tuple[int, list[datetime]]], now: datetime) -> list[str]:
    """One plan for each (engagement, hours): "planned" or the code of the refusal."""

    def plan(session, wish) -> str:
        plan_talks(session, session.get_one(Engagement, wish[0]), wish[1], by="test", now=now)
        return "planned"

    return _each(url, plans, plan)


def plan_or_book(url: str, wishes: list[tuple[int, list[datetime]]], now: datetime) -> list[str]:
    """Many hours are planned, a single one is booked."""
    return [
        code
        for wish in wishes
        for code in (
            plan_all(url, [wish], now) if len(wish[1]) > 1 else book_all(url, [(wish[0], wish[1][0])], now)
        )
    ]


def move_one(
    url: str, meeting_id: int, starts_at: datetime, now: datetime, side: Side = Side.OFFICE
) -> list[str]:
    def move(session, _wish) -> str:
        meeting = session.get_one(Meeting, meeting_id)
        move_meeting(session, meeting, starts_at, by="test", side=side, now=now, sequence=0)
        return "moved"

    return _each(url, [(meeting_id, starts_at)], move)


def save_or_book(url: str, wishes: list[Wish | tuple[int, None]], now: datetime) -> list[str]:
    """A supporter's week is saved again where a wish has no hour; otherwise a support books it."""

    def act(session, wish) -> str:
        if wish[1] is not None:
            return _book(session, wish, now)
        supporter = session.get_one(Supporter, wish[0])
        week = [(each.weekday, each.start_minute, each.end_minute) for each in windows_of(session, supporter)]
        save_availability(session, supporter, week, by="test", now=now)
        return "saved"

    return _each(url, wishes, act)


def book_and_cancel(url: str, wishes: list[Wish], now: datetime) -> list[str]:
    def book_or_cancel(session, wish: Wish) -> str:
        done = _book(session, wish, now)
        session.flush()
        for meeting in session.query(Meeting).filter_by(engagement_id=wish[0], state="confirmed"):
            cancel_meeting(session, meeting, side=Side.APPLICANT, by="test", now=now, offer_again=True)
        return done

    return _each(url, wishes, book_or_cancel)


def add_steps(url: str, engagement_id: int, titles: list[str], now: datetime) -> list[str]:
    """One's own steps, one after another: "added" or the code of the refusal."""

    def add(session, title: str) -> str:
        engagement = session.get_one(Engagement, engagement_id)
        add_milestone(session, engagement, title, local_date(now), by="test", now=now)
        return "added"

    return _each(url, titles, add)


def open_or_change(url: str, programme_id: int, acts: list[str], now: datetime) -> list[str]:
    """The run is opened where an act says so, and otherwise called by that name."""

    def act(session, wish: str) -> str:
        programme = session.get_one(Programme, programme_id)
        if wish == OPENING:
            open_run(session, programme, now=now)
            return "opened"
        change_draft(session, programme, {"name_ja": wish})
        return wish

    return _each(url, acts, act)


def _book(session, wish: Wish, now: datetime) -> str:
    engagement = session.get_one(Engagement, wish[0])
    book_meeting(session, engagement, wish[1], way=MeetingWay.ONLINE, by="test", now=now)
    return "booked"


def _each(url: str, wishes: list, act) -> list[str]:
    links.configure("test-secret")
    links.configure_base("http://localhost")
    engine = make_engine(url)
    sessions = make_sessions(engine)
    codes = []
    for wish in wishes:
        with sessions() as session:
            try:
                with transaction(session):
                    codes.append(act(session, wish))
            except (Conflict, RuleViolation) as no:
                codes.append(no.code)
    engine.dispose()
    return codes
