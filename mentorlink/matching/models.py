"""打診: an offer of one application to supporters in an approved order, and each one's answer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.applications.models import Application
from mentorlink.core.db import Base
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme


class ProposalState(StrEnum):
    OPEN = "open"
    FILLED = "filled"  # the team is complete, the support begins
    EXHAUSTED = "exhausted"  # the approved list came to its end: back to the desk
    WITHDRAWN = "withdrawn"


_P = ProposalState
PROPOSAL_TRANSITIONS: dict[ProposalState, frozenset[ProposalState]] = {
    _P.OPEN: frozenset({_P.FILLED, _P.EXHAUSTED, _P.WITHDRAWN}),
    _P.FILLED: frozenset(),
    _P.EXHAUSTED: frozenset(),
    _P.WITHDRAWN: frozenset(),
}


class InvitationState(StrEnum):
    LISTED = "listed"  # approved, not asked yet
    ASKED = "asked"  # 打診中
    TALK_WANTED = "talk_wanted"  # 話したい: the deadline stands still until the office has called
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the application went another way


_I = InvitationState
INVITATION_TRANSITIONS: dict[InvitationState, frozenset[InvitationState]] = {
    _I.LISTED: frozenset({_I.ASKED, _I.WITHDRAWN}),
    _I.ASKED: frozenset({_I.ACCEPTED, _I.DECLINED, _I.EXPIRED, _I.TALK_WANTED, _I.WITHDRAWN}),
    _I.TALK_WANTED: frozenset({_I.ASKED, _I.ACCEPTED, _I.DECLINED, _I.WITHDRAWN}),
    _I.ACCEPTED: frozenset(),
    _I.DECLINED: frozenset(),
    _I.EXPIRED: frozenset(),
    _I.WITHDRAWN: frozenset(),
}
WAITING_FOR_ANSWER = (InvitationState.ASKED, InvitationState.TALK_WANTED)


class Proposal(Base):
    """One open proposal per application at a time: the database holds it (partial unique index)."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("places_left >= 0", "places_left"),
        Index("ix_proposal_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.OPEN)
    places_left: Mapped[int]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    application: Mapped[Application] = relationship()
    invitations: Mapped[list["Invitation"]] = relationship(
        back_populates="proposal", order_by="Invitation.position"
    )
    __mapper_args__ = {"version_id_col": version}  # two last acceptances: one wins


Index(
    "uq_proposal_open_application",
    Proposal.application_id,
    unique=True,
    sqlite_where=Proposal.state == ProposalState.OPEN,
    postgresql_where=Proposal.state == ProposalState.OPEN,
)


class DeclineReason(StrEnum):
    BUSY = "busy"
    NOT_MY_FIELD = "not_my_field"
    ACQUAINTED = "acquainted"
    HEALTH = "health"
    OTHER = "other"


class Invitation(Base):
    """One supporter's place in a proposal. ``score`` is what the office saw when it approved the list."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("proposal_id", "supporter_id"),
        UniqueConstraint("proposal_id", "position"),
        CheckConstraint("state IN ('listed', 'withdrawn') OR asked_at IS NOT NULL", "asked_at"),
        CheckConstraint("state <> 'asked' OR deadline_at IS NOT NULL", "deadline_at"),
        CheckConstraint("(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", "answered_at"),
        CheckConstraint("(state = 'declined') = (decline_reason IS NOT NULL)", "decline_reason"),
        Index("ix_invitation_supporter_id_state", "supporter_id", "state"),
        Index("ix_invitation_state_deadline_at", "state", "deadline_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    position: Mapped[int]
    score: Mapped[int]
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.LISTED)
    asked_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[DeclineReason | None]
    proposal: Mapped[Proposal] = relationship(back_populates="invitations")
    supporter: Mapped[Supporter] = relationship(lazy="joined")


class MatchRun(Base):
    """One matching round as it was found, with all that its certificate is checked against.

    ``facts`` are codes and ids, nobody's name or words. ``pins`` and ``bans`` are pairs of application and supporter.
    ``pairs`` are lists of application, supporter, score, sitting and hour (steps of 30 minutes; null is 時間は相談).
    ``total`` in tenths of a point. ``teams`` is None where one supporter makes a pair; else ``size``, and ``made``: lists
    of application, hour and the members as supporter, score and sitting. Then pairs, proof and figures are those of the
    first seats, and ``matched`` caps how many teams there can be. Rows are only ever added.
    """

    __tablename__ = "match_run"
    __table_args__ = (
        CheckConstraint("dual_total = total", "proven"),
        CheckConstraint("matched >= 0 AND (worst BETWEEN 0 AND 100 OR worst IS NULL)", "figures"),
        Index("ix_match_run_programme_id", "programme_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    weights: Mapped[dict[str, int]] = mapped_column(JSON)
    pins: Mapped[list[list[int]]] = mapped_column(JSON)
    bans: Mapped[list[list[int]]] = mapped_column(JSON)
    pairs: Mapped[list[list[Any]]] = mapped_column(JSON)
    proof: Mapped[dict[str, Any]] = mapped_column(JSON)
    teams: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    matched: Mapped[int]
    worst: Mapped[int | None]
    total: Mapped[int]
    dual_total: Mapped[int]
    spread: Mapped[int]
    allowed: Mapped[int]
    pruned: Mapped[int]
    rounds: Mapped[int]
    milliseconds: Mapped[int]
    programme: Mapped[Programme] = relationship()
