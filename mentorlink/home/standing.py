"""Where one application stands as its writer sees it: the place on the line, and the one thing to do next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import (
    TRANSITIONS,
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Decision,
)
from mentorlink.applications.queries import answer_day, decision_of, open_question
from mentorlink.core.i18n import gettext
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.scheduling.joining import door_of, lacks_number
from mentorlink.scheduling.models import TOOK_PLACE, HourAsk, Meeting, MeetingRecord, MeetingState, SlotOffer
from mentorlink.scheduling.queries import (
    last_offer,
    latest_meeting,
    next_meeting,
    open_ask,
    open_offer,
    promise_of,
)
from mentorlink.surveys.models import Audience, Target, TargetState
from mentorlink.surveys.queries import is_afterwards

_S, _E = ApplicationState, EngagementState
RECEIVED, SEARCHING, DATING, TALKING, AFTERWARDS = range(5)
OVER = (_S.WITHDRAWN, _S.REFERRED, _S.NOT_SELECTED)
TO_BE_SELECTED = (_S.RECEIVED, _S.CHECKING, _S.SELECTING)
ASKED_FOR = timedelta(days=60)  # so long a question stands on the page, as long as its link opens
RUNS = (_E.PREPARING, _E.RUNNING, _E.PAUSED)
GOES_ON = (
    _S.MATCHED,
    _S.CLOSED,
    _S.MATCHING,
    _S.CHECKING,
)  # the last two while another supporter is looked for


@dataclass
class Standing:
    """One application. ``step`` counts on its line from 0; ``next`` names the card with the main button."""

    application: Application
    step: int
    next: str
    answer_day: date | None = None
    question: ClarifyingQuestion | None = None
    decision: Decision | None = None
    engagement: Engagement | None = None
    offer: SlotOffer | None = None
    ask: HourAsk | None = None
    meeting: Meeting | None = None
    target: Target | None = None
    promise: MeetingRecord | None = None

    @property
    def may_withdraw(self) -> bool:
        return _S.WITHDRAWN in TRANSITIONS[self.application.state] and self.application.state is not _S.DRAFT

    @property
    def line(self) -> list[str] | None:
        """The words of the line where the programme selects and lasts; None is the usual one."""
        programme = self.application.programme
        if not programme.has_selection:
            return None
        together = gettext("半年") if programme.months else gettext("お話し")
        return [gettext("受付"), gettext("選考"), gettext("さがす"), together, gettext("その後")]

    @property
    def is_searching(self) -> bool:
        return self.engagement is None and self.application.state in (_S.MATCHING, _S.MATCHED)

    @property
    def asks_afterwards(self) -> bool:
        return self.target is not None and is_afterwards(self.target)

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for the writer's own word on an hour."""
        return self.ask is not None and self.application.person_id in self.ask.waits_for

    @property
    def has_hours_beside(self) -> bool:
        """Whether hours were offered where the half-year is the card: they get a card of their own."""
        return self.next == "half_year" and self.offer is not None

    @property
    def door(self) -> str | None:
        """How the talk takes place: room, call or place."""
        return door_of(self.meeting).value if self.meeting is not None else None

    @property
    def lacks_number(self) -> bool:
        return self.meeting is not None and lacks_number(self.meeting)

    @property
    def rests(self) -> bool:
        return self.engagement is not None and self.engagement.state is _E.PAUSED


def standing_of(session: Session, application: Application, now: datetime) -> Standing:
    """Reads where the application stands from rows; nothing of it is stored."""
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application.id))
    if application.state in OVER:
        return Standing(application, RECEIVED, "again", decision=decision_of(session, application))
    if engagement is not None and application.programme.months and application.state in GOES_ON:
        return _in_a_half_year(session, application, engagement, now)
    if engagement is None or application.state not in (_S.MATCHED, _S.CLOSED):
        return _before_the_pair(session, application)
    return _with_a_pair(session, application, engagement, now)


def _before_the_pair(session: Session, application: Application) -> Standing:
    state, selects = application.state, application.programme.has_selection
    standing = Standing(application, RECEIVED, "wait", answer_day=answer_day(session, application))
    if state is _S.DRAFT:
        standing.next = "draft"
    elif state is _S.ASKING:
        standing.next, standing.question = "question", open_question(session, application)
    elif state in (_S.MATCHING, _S.MATCHED):
        standing.step = 2 if selects else SEARCHING
    elif state in (_S.WAITING, _S.SELECTED):
        standing.step, standing.next = (1, "seat") if state is _S.WAITING else (2, "selected")
        standing.decision = decision_of(session, application)
    elif selects and state in TO_BE_SELECTED:
        standing.step, standing.next = 1, "result"
        standing.answer_day = application.programme.result_on or standing.answer_day
    return standing


def _in_a_half_year(
    session: Session, application: Application, engagement: Engagement, now: datetime
) -> Standing:
    """While it runs the half-year has a page of its own, which knows the next thing; afterwards this one does."""
    standing = Standing(application, 3, "half_year", engagement=engagement)
    standing.target = _open_target(session, engagement, now)
    if engagement.state in RUNS:
        standing.meeting = next_meeting(session, engagement.id, after=now)
        standing.offer = None if standing.rests else open_offer(session, engagement.id)
        standing.promise = promise_of(session, engagement)
    else:
        standing.step, standing.next = AFTERWARDS, "survey" if standing.target else "ended"
    return standing


def _with_a_pair(
    session: Session, application: Application, engagement: Engagement, now: datetime
) -> Standing:
    standing = Standing(application, DATING, "wait", engagement=engagement)
    standing.offer, standing.ask = open_offer(session, engagement.id), open_ask(session, engagement.id)
    standing.meeting = latest_meeting(session, engagement.id)
    standing.target = _open_target(session, engagement, now)
    if standing.target is not None:
        standing.step, standing.next = AFTERWARDS, "survey"
    elif standing.offer is not None and standing.offer.slots:
        standing.next = "choose"
    elif standing.offer is not None or standing.ask is not None:
        standing.next = "near"
    elif standing.meeting is not None and standing.meeting.state is MeetingState.CONFIRMED:
        standing.step, standing.next = TALKING, "meeting"
    elif standing.meeting is not None and standing.meeting.state in TOOK_PLACE:
        standing.step, standing.next = AFTERWARDS, "again"
    elif application.state is _S.CLOSED:
        standing.step, standing.next = AFTERWARDS, "ended"
    elif last := last_offer(session, engagement.id):
        standing.next, standing.offer = "hours", last
    return standing


def _open_target(session: Session, engagement: Engagement, now: datetime) -> Target | None:
    return session.scalar(
        select(Target)
        .where(
            Target.engagement_id == engagement.id,
            Target.audience == Audience.APPLICANT,
            Target.state.in_((TargetState.PLANNED, TargetState.SENT)),
            Target.due_at.between(now - ASKED_FOR, now),
        )
        .order_by(Target.due_at)
        .limit(1)
    )
