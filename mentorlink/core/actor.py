"""Who is asking: a signed-in person, somebody holding an entry link, or nobody known."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    ANONYMOUS = "anonymous"
    APPLICANT = "applicant"
    SUPPORTER = "supporter"
    OFFICE = "office"  # 事務局 担当
    LEAD = "lead"  # 事務局 責任者
    ADMIN = "admin"  # settings and rights, never narratives without a reason


@dataclass(frozen=True)
class Actor:
    """Immutable, so that a policy can be asked with any actor in a test.

    ``scope`` is what an entry link opened, such as ``("application", 12)``: such an actor may see that one
    row and what hangs on it, nothing else. ``supports`` is the one engagement to which the entry link of a
    supporter leads, and the person who came by it: they sit on the supporter's side there.
    """

    role: Role = Role.ANONYMOUS
    user_id: int | None = None
    person_id: int | None = None
    scope: tuple[str, int] | None = None
    supports: tuple[int, int] | None = None

    @property
    def is_office(self) -> bool:
        return self.role in (Role.OFFICE, Role.LEAD)

    @property
    def is_known(self) -> bool:
        return self.user_id is not None or self.scope is not None

    def holds(self, concept: str, row_id: int) -> bool:
        return self.scope == (concept, row_id)

    @property
    def name_in_history(self) -> str:
        """How history and audit rows name the actor: ``user:3``, ``link:application:12`` or ``anonymous``."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        if self.scope is not None:
            return f"link:{self.scope[0]}:{self.scope[1]}"
        return self.role.value


ANONYMOUS = Actor()
SYSTEM = "system"  # the worker, in history rows
