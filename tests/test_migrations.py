"""The numbered migrations lead to exactly the tables of the models, on both databases, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from mentorlink.core.db import make_engine
from mentorlink.core.paths import resource
from mentorlink.core.schema import (
    UnknownRevision,
    downgrade_schema,
    schema_status,
    upgrade_schema,
)
from mentorlink.tables import metadata
from tests.postgres import postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    yield from _empty_engine(request, tmp_path, "migrated")


@pytest.fixture
def model_engine(request: pytest.FixtureRequest, empty_engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """The same kind of database, with its tables made straight from the models."""
    for engine in _empty_engine(request, tmp_path, "modelled", empty_engine.dialect.name):
        metadata.create_all(engine)
        yield engine


def _empty_engine(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, dialect: str | None = None
) -> Iterator[Engine]:
    if (dialect or request.param) == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / name}.db")
        yield engine
        engine.dispose()
        return
    with postgres_database(request.getfixturevalue("postgres_url_base"), name) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def _shape(engine: Engine) -> dict[str, object]:
    """Everything that a table holds, CHECKs included: Alembic's comparison does not look at those."""
    seen = inspect(engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
            sorted((c["name"] or "", c["sqltext"]) for c in seen.get_check_constraints(table)),
            sorted(map(str, seen.get_unique_constraints(table))),
            sorted(map(str, seen.get_foreign_keys(table))),
            sorted(map(_index_shape, seen.get_indexes(table))),
        )
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def _index_shape(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def _guards(engine: Engine) -> list[str]:
    query = (
        "SELECT name || sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        if engine.dialect.name == "sqlite"
        else "SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conname IN"
        " ('occupancy_overlap', 'ck_meeting_length') ORDER BY conname"
    )
    with engine.connect() as connection:
        return ["".join(row.split()) for row in connection.scalars(text(query))]


def test_upgrading_gives_the_tables_of_the_models(empty_engine: Engine, model_engine: Engine) -> None:
    upgrade_schema(empty_engine)
    assert _differences(empty_engine) == []
    assert _shape(empty_engine) == _shape(model_engine)


def test_upgrading_brings_the_guards(empty_engine: Engine, model_engine: Engine) -> None:
    upgrade_schema(empty_engine)
    assert len(_guards(empty_engine)) == {"sqlite": 4, "postgresql": 2}[empty_engine.dialect.name]
    assert _guards(empty_engine) == _guards(model_engine)


def test_going_down_and_up_again_ends_where_it_began(empty_engine: Engine) -> None:
    upgrade_schema(empty_engine)
    first = _shape(empty_engine)
    downgrade_schema(empty_engine, "base")
    assert inspect(empty_engine).get_table_names() == ["alembic_version"]
    upgrade_schema(empty_engine)
    assert _shape(empty_engine) == first


def test_upgrading_twice_changes_nothing(empty_engine: Engine) -> None:
    upgrade_schema(empty_engine)
    upgrade_schema(empty_engine)
    assert schema_status(empty_engine).is_current


def test_every_file_is_named_by_its_number_and_follows_the_one_before() -> None:
    scripts = list(ScriptDirectory(resource("migrations")).walk_revisions())[::-1]
    assert [Path(script.path).name[:4] for script in scripts] == [script.revision for script in scripts]
    assert [script.down_revision for script in scripts] == [None, *(s.revision for s in scripts[:-1])]


def test_an_empty_database_is_behind(empty_engine: Engine) -> None:
    assert not schema_status(empty_engine).is_current


def test_a_failed_upgrade_leaves_nothing_behind(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE response (id INTEGER)"))  # in the migration's way
    with pytest.raises(Exception, match="response"):
        upgrade_schema(empty_engine)
    assert inspect(empty_engine).get_table_names() == ["response"]


def test_a_database_of_a_newer_program_is_left_alone(empty_engine: Engine) -> None:
    upgrade_schema(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match="9999"):
        upgrade_schema(empty_engine)
    assert not schema_status(empty_engine).is_known
