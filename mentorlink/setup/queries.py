"""Reading runs: where they stand, what they are made of, what has been changed in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, ApplicationState
from mentorlink.programmes.models import Amendment, Programme
from mentorlink.programmes.templates import OWN_COLUMNS, SurveyRow, load_template, template_names
from mentorlink.setup.files import RunFile
from mentorlink.setup.words import Phase
from mentorlink.surveys.models import Survey, SurveySchedule

LONGEST_MONTH = 31


@dataclass(frozen=True)
class RunsPage:
    """``applications``: how many were sent in, by the id of the run."""

    rows: Sequence[Programme]
    applications: dict[int, int]
    number: int
    pages: int
    total: int


def phase_of(programme: Programme, today: date) -> Phase:
    if programme.opened_at is None:
        return Phase.PREPARING
    if today < programme.opens_on:
        return Phase.OPENING_SOON
    return Phase.OPEN if programme.is_open_on(today) else Phase.CLOSED


def runs_page(session: Session, *, number: int, size: int) -> RunsPage:
    """Every run: the ones being prepared first, then the newest."""
    total = session.scalar(select(func.count(Programme.id))) or 0
    pages = max(1, -(-total // size))
    number = min(number, pages)
    order = (Programme.opened_at.is_not(None), Programme.opens_on.desc(), Programme.id.desc())
    rows = session.scalars(select(Programme).order_by(*order).limit(size).offset((number - 1) * size)).all()
    sent_in = (
        select(Application.programme_id, func.count(Application.id))
        .where(
            Application.programme_id.in_([run.id for run in rows]),
            Application.state != ApplicationState.DRAFT,
        )
        .group_by(Application.programme_id)
    )
    counts = {programme_id: number for programme_id, number in session.execute(sent_in)}  # noqa: C416 - typed
    return RunsPage(rows, counts, number, pages, total)


def schedules_of(session: Session, programme: Programme) -> Sequence[SurveySchedule]:
    """Which surveys the run sends, in the order in which they were planned."""
    query = select(SurveySchedule).where(SurveySchedule.programme_id == programme.id)
    return session.scalars(
        query.options(selectinload(SurveySchedule.survey)).order_by(SurveySchedule.id)
    ).all()


def known_surveys(session: Session) -> list[Survey]:
    """The newest version of every questionnaire, by code."""
    found = session.scalars(select(Survey).order_by(Survey.code, Survey.version))
    return list({survey.code: survey for survey in found}.values())


def survey_rows(schedules: Sequence[SurveySchedule]) -> list[SurveyRow]:
    return [
        SurveyRow(
            code=each.survey.code,
            audience=each.audience.value,
            anchor=each.anchor.value,
            after_minutes=each.after_minutes,
            remind_after_days=each.remind_after_days,
        )
        for each in schedules
    ]


def contents_of(session: Session, programme: Programme) -> RunFile:
    """The run as it would stand in a file: the newest version of its surveys is meant, its code is left out."""
    milestones = [{"code": step.code, "due_after_days": step.due_after_days} for step in programme.milestones]
    return RunFile.model_validate(
        {
            **{name: getattr(programme, name) for name in OWN_COLUMNS},
            "leads_to": _leads_to(programme),
            "team": {"min": programme.team_min, "max": programme.team_max},
            "meetings": {
                "minutes": programme.meeting_minutes,
                "least": programme.meetings_min,
                "months": programme.months,
            },
            "deadlines": _columns(programme, ("answer_hours", "offer_hours", "search_days", "horizon_days")),
            "points": _points(programme),
            "milestones": milestones,
            "questions": [_columns(row, QUESTION_COLUMNS) for row in programme.questions],
            "criteria": [_columns(row, CRITERION_COLUMNS) for row in programme.criteria],
            "surveys": [row.model_dump() for row in survey_rows(schedules_of(session, programme))],
            "run": _columns(programme, ("template", "fiscal_year", "opens_on", "closes_on", "result_on")),
        }
    )


QUESTION_COLUMNS = ("code", "length", "required", "maximum", "text_ja", "text_en", "help_ja", "help_en")
CRITERION_COLUMNS = ("code", "most", "name_ja", "name_en", "guide_ja", "guide_en")


def missing_of(programme: Programme, today: date) -> list[tuple[str, str]]:
    """What is wanted before it can open: (a key of MISSING_WORDS, the part where it is filled in)."""
    found = []
    if programme.has_selection:
        wanted = (
            (programme.questions, "questions", "questions"),
            (programme.criteria, "criteria", "criteria"),
            (programme.closes_on, "closing", "basics"),
            (programme.result_on, "result", "basics"),
        )
        found += [(what, part) for value, what, part in wanted if not value]
    if programme.closes_on is not None and programme.closes_on < today:
        found.append(("past", "basics"))
    last = programme.months * LONGEST_MONTH
    if programme.months and any(step.due_after_days > last for step in programme.milestones):
        found.append(("late_step", "milestones"))
    return found


def amendments_of(session: Session, programme: Programme) -> list[tuple[Amendment, str]]:
    """Every change with the name of who made it: those still to come first, then the newest."""
    query = (
        select(Amendment, User.name)
        .join(User, User.id == Amendment.made_by_user_id)
        .where(Amendment.programme_id == programme.id)
        .order_by(Amendment.applied_at.is_not(None), Amendment.effective_on.desc(), Amendment.id.desc())
    )
    return [(amendment, name) for amendment, name in session.execute(query)]


def waiting_amendments(session: Session, programme: Programme) -> Sequence[Amendment]:
    """Those not in force yet, in the order in which they will be."""
    query = select(Amendment).where(Amendment.programme_id == programme.id, Amendment.applied_at.is_(None))
    return session.scalars(query.order_by(Amendment.effective_on, Amendment.id)).all()


def _leads_to(programme: Programme) -> str | None:
    """The scheme it leads to; where no such run is there yet, the one that its template names."""
    if programme.leads_to is not None:
        return programme.leads_to.template
    return load_template(programme.template).leads_to if programme.template in template_names() else None


def _points(programme: Programme) -> dict[str, int]:
    names = (
        "theme",
        "target",
        "main_category",
        "other_category",
        "stage",
        "similar",
        "similar_most",
        "region",
    )
    return {name: getattr(programme, f"points_{name}") for name in names}


def _columns(row: object, names: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}
