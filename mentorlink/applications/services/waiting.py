"""席があくのを待つ方の列: numbered from 1, without gaps."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, Decision
from mentorlink.applications.selection_queries import waiting_list
from mentorlink.programmes.models import Programme


def put_in_line(session: Session, application: Application, decision: Decision, position: int | None) -> None:
    """At the wished place, or last."""
    line = [each for each in waiting_list(session, application.programme) if each is not decision]
    line.insert(len(line) if position is None else max(0, position - 1), decision)
    _number(line)
    session.flush()


def close_gaps(session: Session, programme: Programme) -> None:
    """Whoever waits moves up where somebody left the line."""
    _number(waiting_list(session, programme))
    session.flush()


def _number(line: Sequence[Decision]) -> None:
    for place, decision in enumerate(line, start=1):
        decision.waiting_position = place
