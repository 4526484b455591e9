"""How a slice says what its links open; ``app`` collects these, because accounts knows no other slice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mentorlink.core.links import Link

SCOPE_LIFETIME = timedelta(days=14)
DISCREET_LIFETIME = timedelta(hours=2)


@dataclass(frozen=True)
class Entrance:
    """Opens a visit to ``concept`` and goes to ``path`` (``/surveys/{id}``); an act is done on the way, once."""

    path: str
    concept: str
    act: Callable[[Session, Link, datetime], None] | None = None

    def page_of(self, link: Link) -> str:
        return self.path.format(id=link.row_id)
