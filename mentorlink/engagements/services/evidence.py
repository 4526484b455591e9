"""What shows that a step was taken: words, a link, a talk, or a file that was stored before."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Evidence, EvidenceKind, Milestone, MilestoneState, Side
from mentorlink.engagements.services.crisis import heed_crisis
from mentorlink.engagements.services.milestones import STILL_TO_DO, begin_milestone, must_go_on

LONGEST_URL = 2000
EVIDENCE_REMOVED = "evidence_removed"  # the reason in a step's history


def add_evidence(
    session: Session,
    milestone: Milestone,
    kind: EvidenceKind,
    *,
    text: str | None = None,
    url: str | None = None,
    file_id: int | None = None,
    meeting_id: int | None = None,
    side: Side,
    by: str,
    now: datetime,
) -> Evidence:
    """Put one thing to a step; showing something of a step not begun begins it.

    Exactly the column of ``kind`` is filled. Raises RuleViolation ``evidence_empty`` (nothing, or something else than
    the kind says), ``link_wrong``, ``milestone_done`` (reached or skipped), ``engagement_ended``.
    """
    must_go_on(milestone.engagement)
    if milestone.state not in STILL_TO_DO:
        raise RuleViolation("milestone_done")
    text = (text or "").strip() or None
    _must_be_one(kind, {"text": text, "link": url, "file": file_id, "meeting": meeting_id})
    evidence = Evidence(
        milestone_id=milestone.id,
        kind=kind,
        text=text,
        url=url,
        file_id=file_id,
        meeting_id=meeting_id,
        side=side,
        at=now,
    )
    session.add(evidence)
    session.flush()
    session.refresh(milestone, ["evidence"])
    if milestone.state is MilestoneState.NOT_STARTED:
        begin_milestone(session, milestone, by=by, now=now)
    heed_crisis(session, milestone.engagement, text, side=side, by=by, now=now)
    return evidence


def remove_evidence(session: Session, evidence: Evidence, *, by: str, now: datetime) -> None:
    """Take back what should not be there, its file too. That something was taken back stays in the step's history.

    Raises RuleViolation ``evidence_looked_at`` while the mentor looks and after it was reached: first the step comes
    back (``take_back_milestone``, ``revise_milestone``). ``engagement_ended`` as everywhere.
    """
    milestone = session.get_one(Milestone, evidence.milestone_id)
    must_go_on(milestone.engagement)
    if milestone.state in (MilestoneState.CHECKING, MilestoneState.REACHED):
        raise RuleViolation("evidence_looked_at")
    file, here = evidence.file, milestone.state
    session.delete(evidence)
    session.flush()
    if file is not None:
        session.delete(file)
    session.add(
        StateChange(
            concept="milestone", row_id=milestone.id, old=here, new=here, by=by, at=now, why=EVIDENCE_REMOVED
        )
    )
    session.flush()
    session.refresh(milestone, ["evidence"])


def host_of(url: str) -> str | None:
    """The host that a link leads to; None for what is no plain http or https address."""
    if len(url) > LONGEST_URL or any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
        _port = parts.port  # raises on one that is no number
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    return parts.hostname


def _must_be_one(kind: EvidenceKind, given: Mapping[str, str | int | None]) -> None:
    if [name for name, value in given.items() if value is not None] != [kind.value]:
        raise RuleViolation("evidence_empty")
    if kind is EvidenceKind.LINK and host_of(str(given["link"])) is None:
        raise RuleViolation("link_wrong")
