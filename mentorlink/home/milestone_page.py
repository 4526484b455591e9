"""What the page of a step shows to one side of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.i18n import gettext
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import (
    MILESTONE_TRANSITIONS,
    Evidence,
    EvidenceKind,
    Milestone,
    MilestoneCheck,
    MilestoneState,
    Side,
)
from mentorlink.engagements.policies import MilestoneSeat, Seat, seen_since, zone_of
from mentorlink.engagements.services.evidence import EVIDENCE_REMOVED, host_of
from mentorlink.engagements.services.milestones import ENDED, STILL_TO_DO
from mentorlink.engagements.words import MOVE_REASONS, STEP_STATES, STEP_TAGS, title_of
from mentorlink.home.half_year_page import evidence_seen
from mentorlink.scheduling.models import TOOK_PLACE, Meeting

_S = MilestoneState


@dataclass(frozen=True)
class Happening:
    """One line of a step's history: a change of state, or another day."""

    at: datetime
    words: str


@dataclass(frozen=True)
class StepPage:
    milestone: Milestone
    seat: Seat
    evidence: list[Evidence]
    checks: list[MilestoneCheck]
    meetings: Mapping[int, Meeting]
    history: list[Happening]

    @property
    def title(self) -> str:
        return title_of(self.milestone)

    @property
    def side(self) -> str:
        return self.seat.side.value

    @property
    def zone(self) -> str:
        return zone_of(self.seat)

    @property
    def state_word(self) -> str:
        return gettext(STEP_STATES[self.milestone.state])

    @property
    def state_tag(self) -> str:
        return STEP_TAGS[self.milestone.state]

    @property
    def is_over(self) -> bool:
        return self.seat.engagement.state in ENDED

    @property
    def may_add(self) -> bool:
        return self.milestone.state in STILL_TO_DO and not self.is_over

    @property
    def takes_steps(self) -> bool:
        """The mentee, or the office for them."""
        return self.seat.side is not Side.SUPPORTER and not self.is_over

    @property
    def may_check(self) -> bool:
        return self.seat.side is not Side.APPLICANT and self.milestone.state is _S.CHECKING

    @property
    def last_words(self) -> MilestoneCheck | None:
        return self.checks[-1] if self.checks else None

    def may_become(self, state: MilestoneState) -> bool:
        return state in MILESTONE_TRANSITIONS[self.milestone.state] and not self.is_over

    def may_remove(self, evidence: Evidence) -> bool:
        """One's own side's, as long as nobody looks at it; what the office added for the mentee is the mentee's."""
        own = (Side.APPLICANT, Side.OFFICE) if self.takes_steps else (self.seat.side,)
        kept = self.milestone.state in (_S.CHECKING, _S.REACHED) or self.is_over
        return evidence.side in own and not kept

    def host(self, evidence: Evidence) -> str:
        return host_of(evidence.url or "") or ""

    def meeting_of(self, evidence: Evidence) -> Meeting | None:
        return self.meetings.get(evidence.meeting_id or 0)


def step_page_of(session: Session, place: MilestoneSeat) -> StepPage:
    """A mentor who came later reads of the time before only what was handed over."""
    milestone, seat = place.milestone, place.seat
    since = seen_since(seat, "evidence")
    evidence = evidence_seen(seat, milestone)
    talks = [each.meeting_id for each in evidence if each.kind is EvidenceKind.MEETING]
    found = session.scalars(select(Meeting).where(Meeting.id.in_(talks))) if talks else ()
    return StepPage(
        milestone=milestone,
        seat=seat,
        evidence=evidence,
        checks=[each for each in milestone.checks if since is None or each.at >= since],
        meetings={meeting.id: meeting for meeting in found},
        history=_history(session, milestone),
    )


def talks_to_show(session: Session, engagement_id: int) -> list[Meeting]:
    """The talks that took place, the latest first: each may show that a step was taken."""
    query = select(Meeting).where(Meeting.engagement_id == engagement_id, Meeting.state.in_(TOOK_PLACE))
    return list(session.scalars(query.order_by(Meeting.starts_at.desc())))


def _words_of(change: StateChange) -> str:
    if change.why == EVIDENCE_REMOVED:
        return gettext("のせたものを一つ、取り下げました")
    return gettext(STEP_STATES[MilestoneState(change.new)])


def _history(session: Session, milestone: Milestone) -> list[Happening]:
    """What became of it, the newest first; no name in it, and no word that somebody wrote."""
    query = select(StateChange).where(
        StateChange.concept == Milestone.__tablename__, StateChange.row_id == milestone.id
    )
    changes = [
        Happening(change.at, _words_of(change)) for change in session.scalars(query.order_by(StateChange.id))
    ]
    moves = [
        Happening(
            move.at, gettext("日にちを変えました（%(reason)s）", reason=gettext(MOVE_REASONS[move.reason]))
        )
        for move in milestone.moves
    ]
    return sorted([*changes, *moves], key=lambda each: each.at, reverse=True)
