"""``mentorlink programme``: a run as one file on standard output, and a file as a run that is being prepared."""

import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core.db import transaction
from mentorlink.core.i18n import ENGLISH, plain, use_language
from mentorlink.programmes.models import Programme
from mentorlink.setup.files import LARGEST_FILE, BadRunFile, FileTooLarge
from mentorlink.setup.services import export_run, import_run
from mentorlink.setup.words import problem_words


def write_out(session: Session, programme: Programme) -> None:
    click.echo(export_run(session, programme), nl=False)


def bring_in(sessions: sessionmaker[Session], path: Path) -> None:
    """The new run's code on standard output. Exits with 1, having named every problem, where the file is wrong."""
    try:
        with sessions() as session, transaction(session):
            code = import_run(session, path.read_bytes()).code
    except FileTooLarge:
        _refuse([f"{path.name}: more than {LARGEST_FILE:,} bytes"])
    except BadRunFile as refused:
        with use_language(ENGLISH):
            words = [(problem.key or "-", plain(problem_words(problem))) for problem in refused.problems]
        _refuse([f"{path.name}: {key}: {text}" for key, text in words])
    click.echo(code)


def _refuse(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
