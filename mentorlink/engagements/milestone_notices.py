"""What is told about steps and shared notes. None of it carries a word that somebody wrote, nor a step's own title."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core import reminder_rules as rules
from mentorlink.core.i18n import LazyText, lazy, plain
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Engagement, Milestone, MilestoneCheck, Note, Side
from mentorlink.people.models import Person
from mentorlink.people.notices import remind, tell

TO_LOOK_AT = "engagements/step_to_look_at"
REACHED = "engagements/step_reached"
ONE_MORE_TURN = "engagements/step_one_more_turn"
DUE_SOON = rules.STEP_DUE_SOON.template
NOTE_SHARED = "engagements/note_shared"
LINK_LIFE = timedelta(days=30)
SAFE_LINK_LIFE = timedelta(days=1)  # where safe contact was asked for, an address soon opens nothing

_BUTTONS: Mapping[str, LazyText] = {
    TO_LOOK_AT: lazy("一歩を見る"),
    REACHED: lazy("わたしたちの半年をひらく"),
    ONE_MORE_TURN: lazy("お相手の言葉を読む"),
    DUE_SOON: lazy("わたしたちの半年をひらく"),
    NOTE_SHARED: lazy("メモを読む"),
}


@dataclass(frozen=True)
class News:
    """One thing to say about one engagement; ``about`` is the row that it is about."""

    template: str
    event: str
    about: str
    engagement: Engagement


def ask_to_look(session: Session, milestone: Milestone, *, now: datetime) -> None:
    """To each mentor of now: a step waits to be looked at."""
    event = f"milestone:{milestone.id}:handed_in:{now:%Y%m%d%H%M%S}"
    _tell_supporters(session, _of_step(TO_LOOK_AT, event, milestone), now)


def tell_of_check(session: Session, milestone: Milestone, check: MilestoneCheck, *, now: datetime) -> None:
    template = REACHED if check.reached else ONE_MORE_TURN
    _tell_recipient(session, _of_step(template, f"milestone_check:{check.id}", milestone), now)


def remind_of_step(session: Session, milestone: Milestone, *, now: datetime) -> None:
    """A week before its day, as the table says. The link lives from then on, not from today."""
    person, rule = milestone.engagement.recipient, rules.STEP_DUE_SOON
    due_at, _until = rules.times_of(rule, milestone.due_on, person.zone)
    if due_at <= now:
        return
    news = _of_step(rule.template, due_event(milestone), milestone)
    entry = ("half_year", f"application:{news.engagement.application_id}")
    params = _params(session, news, person, entry, due_at, now)
    remind(
        session,
        person,
        rule,
        milestone.due_on,
        event=news.event,
        about=news.about,
        params=params,
        now=now,
    )


def due_event(milestone: Milestone) -> str:
    """One reminder for one day: a step with another day is another reminder."""
    return f"milestone:{milestone.id}:due:{milestone.due_on.isoformat()}"


def tell_of_note(session: Session, engagement: Engagement, note: Note, side: Side, *, now: datetime) -> None:
    """``side`` is the author's: the other one hears of it."""
    news = News(NOTE_SHARED, f"note:{note.id}:shared", f"engagement:{engagement.id}", engagement)
    if side is Side.SUPPORTER:
        _tell_recipient(session, news, now)
    else:
        _tell_supporters(session, news, now)


def _of_step(template: str, event: str, milestone: Milestone) -> News:
    return News(template, event, f"milestone:{milestone.id}", milestone.engagement)


def _tell_recipient(session: Session, news: News, now: datetime) -> None:
    """The link opens the mentee's own visit and leads to the half-year, where the step is what comes next."""
    opens = f"application:{news.engagement.application_id}"
    _tell(session, news, news.engagement.recipient, ("half_year", opens), now)


def _tell_supporters(session: Session, news: News, now: datetime) -> None:
    """A link for somebody alone without an account; of a team, or with an account, the page itself."""
    purpose = "milestone" if news.about.startswith("milestone:") else "mentoring"
    people = [place.supporter.person for place in news.engagement.supporters if place.until is None]
    for person in people:
        is_told_apart = person.user_id is None and len(people) == 1
        _tell(session, news, person, (purpose, news.about) if is_told_apart else None, now)


def _tell(session: Session, news: News, person: Person, entry: tuple[str, str] | None, now: datetime) -> None:
    tell(
        session,
        person,
        event=news.event,
        template=news.template,
        about=news.about,
        params=_params(session, news, person, entry, now, now),
        now=now,
    )


def _params(  # noqa: PLR0917 — what every one of them is made of
    session: Session, news: News, person: Person, entry: tuple[str, str] | None, at: datetime, now: datetime
) -> dict[str, Any]:
    """``at`` is when it goes out: a link lives from then on."""
    params: dict[str, Any] = {"engagement_id": news.engagement.id, "about": news.about}
    if entry is not None:
        purpose, opens = entry
        expires_at = at + _life_of(person)
        link = issue_link(session, LinkKind.ENTRY, purpose, opens, expires_at=expires_at, now=now)
        params["link_id"] = link.id
    return params


def _life_of(person: Person) -> timedelta:
    return SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE


def _show(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    return {
        "action_url": _address(session, message),
        "action_label": plain(_BUTTONS[message.template]),
        "receipt_number": engagement.application.reference,
    }


def _address(session: Session, message: OutboxMessage) -> str:
    params = message.params
    if link_id := params.get("link_id"):
        return address_of(session.get_one(Link, link_id))
    concept, _, row_id = params["about"].partition(":")
    if concept == "milestone":
        return page_address("milestone", milestone_id=row_id)
    return page_address("half_year", engagement_id=params["engagement_id"])


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = dict.fromkeys(_BUTTONS, _show)
