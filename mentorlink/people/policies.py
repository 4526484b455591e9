"""Who may see and change a person's own things."""

from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor, Role
from mentorlink.people.models import Supporter
from mentorlink.people.queries import supporter_of_person


def own_supporter(session: Session, actor: Actor) -> Supporter | None:
    """The signed-in supporter's own row."""
    if actor.role is not Role.SUPPORTER or actor.person_id is None:
        return None
    return supporter_of_person(session, actor.person_id)
