"""The parts of a run that is being prepared: how each is shown in its form, and how it is saved."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session
from wtforms.fields.core import UnboundField

from mentorlink.core.errors import Conflict
from mentorlink.programmes.models import Programme
from mentorlink.setup import services
from mentorlink.setup.forms import BasicsForm, PartForm, PointsForm, ShapeForm
from mentorlink.setup.queries import known_surveys, schedules_of, survey_rows
from mentorlink.setup.row_forms import (
    CriteriaForm,
    ListForm,
    MilestonesForm,
    QuestionsForm,
    SurveysForm,
)

Replace = Callable[[Session, Programme, Any], None]
RowsOf = Callable[[Session, Programme], Sequence[Any]]


class Part:
    """Columns of the run, edited together."""

    def __init__(self, form: Any):
        self.form = form
        fields = (name for name in dir(form) if isinstance(getattr(form, name), UnboundField))
        self.columns = [name for name in fields if name not in ("base", "rows")]

    def stored(self, session: Session, programme: Programme) -> dict[str, Any]:
        session.refresh(programme)
        return {name: getattr(programme, name) for name in self.columns}

    def opened(self, session: Session, programme: Programme) -> PartForm:
        stored = self.stored(session, programme)
        form: PartForm = self.form(formdata=None, data=stored | {"base": fingerprint(stored)})
        return form

    def sent(self, _session: Session) -> PartForm:
        form: PartForm = self.form()
        return form

    def save(self, session: Session, programme: Programme, form: PartForm) -> None:
        """Raises Conflict ``changed_meanwhile`` where somebody else has saved other words since."""
        if form.base.data != fingerprint(self.stored(session, programme)):
            raise Conflict("changed_meanwhile")
        self.write(session, programme, form)

    def write(self, session: Session, programme: Programme, form: PartForm) -> None:
        services.change_draft(session, programme, form.columns())


class ListPart(Part):
    """A list of the run, and the columns that go with it."""

    def __init__(self, form: Any, rows: RowsOf, replace: Replace):
        super().__init__(form)
        self.rows, self.replace = rows, replace

    def stored(self, session: Session, programme: Programme) -> dict[str, Any]:
        columns = super().stored(session, programme)
        kind = self.form.row_kind()
        rows = self.rows(session, programme)
        return columns | {"rows": [{"code": row.code, **kind.shown(row)} for row in rows]}

    def opened(self, session: Session, programme: Programme) -> PartForm:
        stored = self.stored(session, programme)
        rows = [row | {"place": place} for place, row in enumerate(stored["rows"], start=1)]
        form = self.form(formdata=None, data=stored | {"rows": rows, "base": fingerprint(stored)})
        form.add_empty()
        return self._offered(session, form)

    def sent(self, session: Session) -> PartForm:
        return self._offered(session, self.form())

    def write(self, session: Session, programme: Programme, form: PartForm) -> None:
        known = {row.code for row in self.rows(session, programme)}
        if isinstance(form, ListForm):
            self.replace(session, programme, form.made_rows(known))
        if self.columns:
            columns = {name: form[name].whole for name in self.columns}
            services.change_draft(session, programme, columns)

    def _offered(self, session: Session, form: PartForm) -> PartForm:
        if isinstance(form, SurveysForm):
            form.offer([(survey.code, survey.title_ja) for survey in known_surveys(session)])
        return form


def fingerprint(stored: dict[str, Any]) -> str:
    text = json.dumps(stored, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


PARTS: dict[str, Part] = {  # by the last part of their addresses, in the order in which they are read
    "basics": Part(BasicsForm),
    "shape": Part(ShapeForm),
    "milestones": ListPart(MilestonesForm, lambda _session, run: run.milestones, services.replace_milestones),
    "questions": ListPart(QuestionsForm, lambda _session, run: run.questions, services.replace_questions),
    "criteria": ListPart(CriteriaForm, lambda _session, run: run.criteria, services.replace_criteria),
    "surveys": ListPart(
        SurveysForm, lambda session, run: survey_rows(schedules_of(session, run)), services.replace_surveys
    ),
    "points": Part(PointsForm),
}
