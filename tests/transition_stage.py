"""A scene set up in a test's database, and browsers for everybody who might press there."""

from sqlalchemy import select

from mentorlink.core.actor import Role
from mentorlink.core.audit import AuditEntry
from mentorlink.core.state import StateChange
from tests import factories
from tests.permission_world import make_survey, tell_story
from tests.transition_scenes import SCENES

STRANGERS = ("another applicant", "another supporter")


class Stage:
    """``with_others``: beside the scene stands somebody else's whole story; its people are the strangers."""

    def __init__(self, session, enter, concept, arrow, way, *, with_others=False):
        self.session, self.enter, self.concept = session, enter, concept
        self.old, self.new = arrow.split(" > ")
        self.ids = SCENES[way.scene or f"{concept} {self.old}"](session)
        self.visitors = {
            **{
                each: factories.make_user(session, role=Role(each)).id for each in ("office", "lead", "admin")
            },
            **({} if not with_others else self._others()),
            **{each: self.ids[each] for each in ("applicant", "supporter", "office") if each in self.ids},
        }
        session.commit()
        self.row_id = self.ids.get("looked_at") or self.ids.get(concept)
        self.since = session.scalar(select(StateChange.id).order_by(StateChange.id.desc()).limit(1)) or 0
        session.rollback()

    def _others(self):
        programme, survey = factories.make_programme(self.session), make_survey(self.session)
        other = tell_story(self.session, programme, survey)
        applicant, supporter = other.person.user_id, other.supporter.person.user_id
        links = {name: other.ids[f"{name}_id"] for name in ("application", "invitation", "meeting", "target")}
        strangers = {"another applicant": applicant, "another supporter": supporter}
        return {**links, "supporter": supporter, "nobody": None, **strangers}

    def who(self, visitor):
        """The arguments of ``enter``: who has nothing in this scene comes with something of the other story."""
        if visitor in ("application", "invitation", "meeting", "target"):
            return {"scope": (visitor, self.ids.get(visitor) or self.visitors[visitor])}
        return {"user_id": self.visitors[visitor]}

    def name_of(self, visitor):
        who = self.who(visitor)
        return "link:{}:{}".format(*who["scope"]) if "scope" in who else f"user:{who['user_id']}"

    def press(self, visitor, way):
        form = {key.format(**self.ids): value.format(**self.ids) for key, value in way.form.items()}
        return self.enter(**self.who(visitor)).post(way.address.format(**self.ids), data=form)

    def is_audited(self, visitor):
        query = select(AuditEntry.id).where(AuditEntry.user_id == self.visitors.get(visitor, 0))
        found = self.session.scalar(query.limit(1)) is not None
        self.session.rollback()
        return found

    def history(self):
        """(old, new, by) of what happened to the row since; of any row of its kind where the act makes it."""
        query = select(StateChange).where(StateChange.concept == self.concept, StateChange.id > self.since)
        if self.row_id is not None:
            query = query.where(StateChange.row_id == self.row_id)
        found = [(row.old, row.new, row.by) for row in self.session.scalars(query.order_by(StateChange.id))]
        self.session.rollback()
        return found
