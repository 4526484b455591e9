"""The command line. Machine-readable output goes to standard output alone, messages to standard error.

Exit codes: 0, 1 (could not), 2 (wrong usage).
"""

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from mentorlink.accounts import keys
from mentorlink.accounts.services import invite_user
from mentorlink.cli.demo import demo_settings, port_is_free, worker_process
from mentorlink.cli.doctor import Level, examine
from mentorlink.cli.match import match_sheets, require_one_question
from mentorlink.cli.programmes import bring_in, write_out
from mentorlink.cli.rounds import match_programme, verify_stored
from mentorlink.cli.serving import Server
from mentorlink.core import links, rooms
from mentorlink.core.actor import Role
from mentorlink.core.clock import Clock, demo_clock, system_clock
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.schema import UnknownRevision, downgrade_schema, schema_status, upgrade_schema
from mentorlink.core.settings import Settings
from mentorlink.core.text_input import BadText, normalise_email
from mentorlink.jobs import all_jobs
from mentorlink.jobs.worker import Worker
from mentorlink.outcomes.figures import compute_figures
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code, runs
from mentorlink.seeds import SeedRefused, seed_demo, seed_engao_2023, seed_scale

Command = Callable[..., Any]
SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)


def say(words: str) -> None:
    click.echo(words, err=True)


def fail(words: str) -> NoReturn:
    say(f"mentorlink: {words}")
    sys.exit(1)


def _explaining(command: Command) -> Command:
    """What an operator can mend is said in words; a traceback is for what nobody expected."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except ValidationError as error:
            fail("; ".join(map(_setting, error.errors())))
        except UnknownRevision as error:
            fail(f"the database is at revision {error}, made by a newer mentorlink: install that version")
        except ArgumentError:
            fail("MENTORLINK_DATABASE_URL: sqlite:///file.db or postgresql://user:password@host/name")
        except OperationalError as error:
            fail(f"the database does not answer: {str(error.orig).strip()}")

    return run


def _setting(error: Any) -> str:
    name = str(error["loc"][0]).upper().removeprefix("MENTORLINK_")
    return f"MENTORLINK_{name}: {error['msg'].removeprefix('Value error, ')}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mentorlink")
def main() -> None:
    """Brings a person who wants to open an ibasho to someone who has done it."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(levelname)s %(message)s")


@main.group()
def db() -> None:
    """The tables of the database."""


@db.command("upgrade")
@_explaining
def db_upgrade() -> None:
    """Bring the tables to what this version expects."""
    engine = make_engine(Settings().database_url)
    before = schema_status(engine)
    upgrade_schema(engine)
    after = schema_status(engine)
    say(
        f"database: {before.current or 'empty'} -> {after.current}"
        if before != after
        else "database: up to date"
    )


@db.command("downgrade")
@click.argument("revision")
@click.confirmation_option(prompt="Rows of the tables that go are lost. Continue?")
@_explaining
def db_downgrade(revision: str) -> None:
    """Go back to REVISION; `base` removes everything."""
    downgrade_schema(make_engine(Settings().database_url), revision)
    say(f"database: at {revision}")


@db.command("check")
@_explaining
def db_check() -> None:
    """Say whether the tables are current; exit code 1 where they are not."""
    _require_current(make_engine(Settings().database_url))
    say("database: up to date")


def _require_current(engine: Engine) -> None:
    status = schema_status(engine)
    if not status.is_known:
        raise UnknownRevision(status.current)
    if not status.is_current:
        fail(
            f"the database is at {status.current or 'nothing'}, {status.newest} is wanted: mentorlink db upgrade"
        )


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@_explaining
def serve(port: int, host: str, workers: int) -> None:
    """Serve the pages."""
    settings = Settings()
    engine = _ready_engine(settings)
    engine.dispose()
    _serve(settings, engine, f"{host}:{port}", workers)


def _serve(settings: Settings, engine: Engine, address: str, workers: int, about: str = "") -> None:
    ready = f"mentorlink{about}: {settings.base_url} (listening on {address})"
    Server(settings, engine, address=address, workers=workers, on_ready=lambda: say(ready)).run()


def _ready_engine(settings: Settings) -> Engine:
    """An engine on a database that this version can work with, by a process that has its keys."""
    if not settings.secret_key.get_secret_value():
        fail("MENTORLINK_SECRET_KEY is empty; `mentorlink doctor` says what to do")
    engine = make_engine(settings.database_url)
    _require_current(engine)
    _configure(settings)
    return engine


def _configure(settings: Settings) -> None:
    secret_key = settings.secret_key.get_secret_value()
    links.configure(secret_key)
    links.configure_base(settings.base_url)
    rooms.configure(settings.meeting_base_url)
    keys.configure(secret_key)


def _clock(settings: Settings, engine: Engine) -> Clock:
    return demo_clock(make_sessions(engine)) if settings.demo else system_clock


@main.command()
@_explaining
def worker() -> None:
    """Deliver messages and let time pass. Any number may run."""
    _work(Settings())


def _work(settings: Settings, *, with_parent: bool = False) -> None:
    engine = _ready_engine(settings)
    clock = _clock(settings, engine)
    ticking = Worker(engine, clock, hurried=settings.demo, with_parent=with_parent)
    ticking.obey_signals()
    try:
        jobs = all_jobs(settings, make_sessions(engine), clock, ticking.may_go_on)
    except ValueError as error:  # the mail server's address
        fail(str(error))
    say(f"mentorlink worker: {len(jobs)} jobs")
    ticking.run(jobs)


@main.command()
@click.option("--port", default=8000, show_default=True)
@_explaining
def demo(port: int) -> None:
    """Serve a demo full of made-up people, with its own mailbox and a clock to move."""
    if not port_is_free(port):
        fail(f"port {port} is taken: mentorlink demo --port {port + 1}")
    try:
        settings = demo_settings(port)
    except ValueError as error:
        fail(str(error))
    engine = make_engine(settings.database_url)
    upgrade_schema(engine)
    _configure(settings)
    _seed_demo_once(settings, engine)
    engine.dispose()
    with worker_process(lambda: _work(settings, with_parent=True)):
        _serve(settings, engine, f"127.0.0.1:{port}", 1, about=" demo")


@main.group()
def seed() -> None:
    """Fill the database with made-up people. Refused where mail is really delivered."""


@seed.command("demo")
@_explaining
def seed_lively_present() -> None:
    """A lively present: work on each of the three first screens."""
    _seed(seed_demo)


@seed.command("engao-2023")
@_explaining
def seed_published_year() -> None:
    """The year 2023 whose figures were published, played through the same services as real ones."""
    _seed(seed_engao_2023)


@seed.command("scale")
@click.option("--applicants", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--supporters", default=100, show_default=True, type=click.IntRange(1))
@_explaining
def seed_many(applicants: int, supporters: int) -> None:
    """Many people, for measuring."""
    _seed(seed_scale, applicants=applicants, supporters=supporters)


def _seed(dataset: Callable[..., object], **numbers: int) -> None:
    settings = Settings()
    engine = _ready_engine(settings)
    if settings.delivers_outside:
        fail("seeds write to made-up people: unset MENTORLINK_MAIL_URL first")
    now = _clock(settings, engine)()
    try:
        is_new = dataset(make_sessions(engine), settings, now, **numbers)
    except SeedRefused as error:
        fail(str(error))
    say("mentorlink: seeded" if is_new else "mentorlink: it is there already")


def _seed_demo_once(settings: Settings, engine: Engine) -> None:
    sessions = make_sessions(engine)
    with sessions() as session:
        if session.scalar(select(func.count(Programme.id))):
            return
    say("mentorlink demo: making up people, once")
    seed_demo(sessions, settings, system_clock())


@main.command()
@click.argument("programme")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on standard output.")
@_explaining
def figures(programme: str, *, as_json: bool) -> None:
    """The figures of a programme run, each with its unit, its n and how many answers are missing."""
    engine = make_engine(Settings().database_url)
    _require_current(engine)
    with make_sessions(engine)() as session:
        run = _run_of(session, programme)
        found = [asdict(figure) | {"label": str(figure.label)} for figure in compute_figures(session, run)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for figure in found:
        value = "-" if figure["value"] is None else figure["value"]
        note = f"(n={figure['n']}, missing {figure['missing']})"
        click.echo(f"{figure['key']:28} {value} {figure['unit']}  {note}  {figure['label']}")


@main.command()
@click.argument("words", nargs=-1, metavar="[PROGRAMME | verify RUN]")
@click.option(
    "--applicants", type=SHEET, help="CSV file of applicants; with --supporters, no database is needed."
)
@click.option("--supporters", type=SHEET, help="CSV file of supporters.")
@click.option("--json", "as_json", is_flag=True, help="One object on standard output.")
@click.option("--explain", type=click.Choice(["all"]), help="Sheets, `all`: every pair that the rules allow.")
@click.option("--apply", is_flag=True, help="PROGRAMME: ask the supporter of every pair at once.")
@_explaining
def match(
    words: tuple[str, ...],
    applicants: Path | None,
    supporters: Path | None,
    explain: str | None,
    *,
    as_json: bool,
    apply: bool,
) -> None:
    """The best pairs and hours, with the certificate that shows it: of a PROGRAMME, or of two spreadsheets.

    `match PROGRAMME` keeps the round and prints its number; `match verify RUN` checks that one without the solver.
    """
    require_one_question(words, applicants, supporters, explain, as_json=as_json, apply=apply)
    if applicants and supporters:
        match_sheets(applicants, supporters, as_json=as_json, explain_all=explain == "all")
    elif words[0] == "verify":
        engine = make_engine(Settings().database_url)
        _require_current(engine)
        verify_stored(make_sessions(engine), int(words[1]))
    else:
        _match_run_of(words[0], as_json=as_json, apply=apply)


def _match_run_of(code: str, *, as_json: bool, apply: bool) -> None:
    settings = Settings()
    engine = _ready_engine(settings) if apply else make_engine(settings.database_url)
    _require_current(engine)
    sessions = make_sessions(engine)
    with sessions() as session:
        programme_id = _run_of(session, code).id
    match_programme(sessions, programme_id, _clock(settings, engine)(), as_json=as_json, apply=apply)


@main.group()
def programme() -> None:
    """A run as one file, to take to another installation."""


@programme.command("export")
@click.argument("code")
@_explaining
def programme_export(code: str) -> None:
    """Write the run CODE as TOML to standard output: what it is made of, nobody's data."""
    engine = make_engine(Settings().database_url)
    _require_current(engine)
    with make_sessions(engine)() as session:
        write_out(session, _run_of(session, code))


@programme.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_explaining
def programme_import(file: Path) -> None:
    """Make a run of FILE that is not open yet, and print its code."""
    engine = make_engine(Settings().database_url)
    _require_current(engine)
    bring_in(make_sessions(engine), file)


@main.command()
@click.argument("email")
@click.option("--name", required=True, help="How the office's pages call them.")
@click.option("--role", default="lead", show_default=True, type=click.Choice(["office", "lead", "admin"]))
@_explaining
def invite(email: str, name: str, role: str) -> None:
    """Give somebody of the office an account: the first one of an installation, and whoever is above the others.

    They choose their password by the link in the mail that `mentorlink worker` sends.
    """
    sessions, now = make_sessions(_ready_engine(Settings())), system_clock()
    try:
        with sessions() as session, transaction(session):
            invite_user(session, email=normalise_email(email), name=name, role=Role(role), now=now)
    except BadText as wrong:
        fail(f"{email}: {wrong.code.replace('_', ' ')}")
    except RuleViolation as refused:
        fail(f"{email}: {refused.code.replace('_', ' ')}")
    say(f"mentorlink: {email} is invited")


def _run_of(session: Session, code: str) -> Programme:
    run = by_code(session, code)
    if run is None:
        fail(f"no programme {code!r}: {', '.join(known.code for known in runs(session)) or 'none yet'}")
    return run


@main.command()
@_explaining
def doctor() -> None:
    """What is configured, what is missing, what to do. Exit code 1 where something blocks."""
    findings = examine(Settings())
    for level, about, words in findings:
        say(f"{level.value:8} {about}: {words}")
    if any(finding.level is Level.BLOCKED for finding in findings):
        sys.exit(1)
