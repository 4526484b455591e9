"""A run as one file, and a file as a run that is being prepared."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.programmes.models import Programme
from mentorlink.programmes.templates import template_names
from mentorlink.setup.files import BadRunFile, Problem, RunFile, read_run, write_run
from mentorlink.setup.queries import contents_of, known_surveys
from mentorlink.setup.services.drafts import draft_run
from mentorlink.surveys.services import load_surveys


def export_run(session: Session, programme: Programme) -> str:
    """The run as TOML; without its code, its applications and its people."""
    return write_run(contents_of(session, programme))


def import_run(session: Session, content: bytes) -> Programme:
    """A new run, not open, of a file that ``export_run`` wrote, here or elsewhere.

    Raises FileTooLarge, and BadRunFile with every problem; then nothing was made.
    """
    contents = read_run(content)
    load_surveys(session)
    if problems := [*_unknown_surveys(session, contents), *_unknown_onward(session, contents)]:
        raise BadRunFile(problems)
    run = contents.run
    return draft_run(
        session,
        contents,
        template=run.template,
        year=run.fiscal_year,
        opens_on=run.opens_on,
        closes_on=run.closes_on,
        result_on=run.result_on,
    )


def _unknown_surveys(session: Session, contents: RunFile) -> list[Problem]:
    known = {survey.code for survey in known_surveys(session)}
    rows = enumerate(contents.surveys)
    return [
        Problem(f"surveys.{place}.code", "survey_unknown", {}) for place, row in rows if row.code not in known
    ]


def _unknown_onward(session: Session, contents: RunFile) -> list[Problem]:
    """It can only lead to a scheme that is here, or to which nothing here is known to lead."""
    wanted = contents.leads_to
    if wanted is None or wanted in template_names():
        return []
    is_there = session.scalar(select(Programme.id).where(Programme.template == wanted).limit(1))
    return [] if is_there else [Problem("leads_to", "leads_to_unknown", {})]
