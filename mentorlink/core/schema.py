"""Bringing a database to the tables that this version of the program expects: Alembic, configured in code.

Alembic is loaded only to migrate: every start asks for the status, and would wait a third of a second for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text

from mentorlink.core.paths import resource

UPGRADE_LOCK = 0x6D6C  # one upgrade at a time on PostgreSQL; SQLite has one writer anyway


class UnknownRevision(Exception):
    """The database was upgraded by a newer version of the program. Carries its revision."""


@dataclass(frozen=True)
class SchemaStatus:
    current: str | None
    newest: str
    is_known: bool

    @property
    def is_current(self) -> bool:
        return self.current == self.newest


def schema_status(engine: Engine) -> SchemaStatus:
    with engine.connect() as connection:
        return _status(connection)


def upgrade_schema(engine: Engine, revision: str = "head") -> None:
    """Upgrade in one transaction: stopped half way, it starts again from where it began.

    Raises UnknownRevision where a newer program has been at work.
    """
    if revision == "head" and schema_status(engine).is_current:
        return
    with _migrating(engine) as connection:
        _run("upgrade", connection, revision)


def downgrade_schema(engine: Engine, revision: str) -> None:
    """Raises UnknownRevision as ``upgrade_schema`` does."""
    with _migrating(engine) as connection:
        _run("downgrade", connection, revision)


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        if sqlite:  # before the transaction: copying a table in a batch must not delete what points to it
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
                _refuse_unknown(connection)
                yield connection
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration left rows that point nowhere")
        finally:
            if sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def _refuse_unknown(connection: Connection) -> None:
    status = _status(connection)
    if not status.is_known:
        raise UnknownRevision(status.current)


def _status(connection: Connection) -> SchemaStatus:
    versions = resource("migrations", "versions").glob("[0-9]*_*.py")
    known = sorted(path.name.partition("_")[0] for path in versions)
    current = None
    if inspect(connection).has_table("alembic_version"):
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return SchemaStatus(current, known[-1], current is None or current in known)


def _run(verb: str, connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resource("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    getattr(command, verb)(config, revision)
