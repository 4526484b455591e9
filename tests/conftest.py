"""What every test stands on: a database made from the models, one instant, and clients for each role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.accounts import keys
from mentorlink.app import create_app
from mentorlink.applications.models import Application
from mentorlink.core import links, rooms
from mentorlink.core.actor import Role
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.language import set_language
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.core.settings import Settings
from mentorlink.people.models import Supporter
from mentorlink.tables import metadata
from tests import factories
from tests.postgres import postgres_database

hypothesis_settings.register_profile("untimed", deadline=None)  # no test depends on how busy the machine is
hypothesis_settings.load_profile("untimed")

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # Wednesday, 10:00 in Tokyo
links.configure("test-secret")
links.configure_base("http://localhost")


def pytest_runtest_setup() -> None:
    """A page that a test opened in English leaves that language behind in this thread."""
    set_language("ja")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize(
            "database_kind", ["sqlite", "postgresql"] if both else ["sqlite"], scope="session"
        )


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    base = request.getfixturevalue("postgres_url_base")
    with postgres_database(base, f"test_{uuid4().hex[:8]}") as url:
        engine = make_engine(url)
        metadata.create_all(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database; rows that a test leaves behind are removed after it."""
    engine = request.getfixturevalue(f"{database_kind}_engine")
    yield engine
    _empty(engine)


def _empty(engine: Engine) -> None:
    tables = [table.name for table in metadata.sorted_tables]
    if engine.dialect.name == "postgresql":
        quoted = ", ".join(f'"{name}"' for name in tables)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {quoted} RESTART IDENTITY CASCADE"))
        return
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("BEGIN IMMEDIATE")
        for name in tables:
            raw.execute(f'DELETE FROM "{name}"')
        raw.execute("COMMIT")
        raw.execute("PRAGMA foreign_keys=ON")


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def settings() -> Settings:
    return Settings(secret_key="test-secret", base_url="http://localhost", mail_url="inbox:")


@pytest.fixture
def clock() -> "MovableClock":
    return MovableClock(NOW)


class MovableClock:
    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def built_apps() -> dict[tuple[int, str], tuple[Flask, dict[str, object], dict[str, object]]]:
    """Applications by database and settings: building one and compiling its templates takes longer than most tests."""
    return {}


@pytest.fixture
def app(engine: Engine, settings: Settings, clock: MovableClock, built_apps) -> Flask:
    """As new: what a test before has set of its configuration and its extensions is set back."""
    key = (id(engine), repr(settings))
    if key not in built_apps:
        built = create_app(settings, engine=engine, clock=clock)
        built.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        built_apps[key] = (built, dict(built.config), dict(built.extensions))
    app, config, extensions = built_apps[key]
    for kept, wanted in ((app.config, config), (app.extensions, extensions)):
        kept.clear()
        kept.update(wanted)
    app.extensions["clock"] = clock
    _configure(settings)
    return app


def _configure(settings: Settings) -> None:
    """What ``create_app`` sets for the whole process, and a story on another installation has changed meanwhile."""
    secret_key = settings.secret_key.get_secret_value()
    links.configure(secret_key)
    links.configure_base(settings.base_url)
    rooms.configure(settings.meeting_base_url)
    keys.configure(secret_key)


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def enter(app, sessions, clock) -> Callable[..., FlaskClient]:
    """A client whose browser is already known: ``enter(user_id=3)`` or ``enter(scope=("application", 12))``."""

    def enter(*, user_id: int | None = None, scope: tuple[str, int] | None = None) -> FlaskClient:
        token = new_token()
        concept, row_id = scope or (None, None)
        with sessions() as db:
            db.add(
                WebSession(
                    token_hash=hash_token(token),
                    user_id=user_id,
                    scope_concept=concept,
                    scope_id=row_id,
                    data={},
                    created_at=clock(),
                    expires_at=clock().replace(year=clock().year + 1),
                )
            )
            db.commit()
        client = app.test_client()
        client.set_cookie("mentorlink", token, domain="localhost")
        return client

    return enter


@pytest.fixture
def as_office(enter, session) -> FlaskClient:
    user_id = factories.make_user(session, role=Role.OFFICE).id
    session.commit()  # and read nothing after it: a read holds a snapshot that the next write would find stale
    return enter(user_id=user_id)


@pytest.fixture
def as_supporter(enter, session) -> Callable[[Supporter], FlaskClient]:
    def as_supporter(supporter: Supporter) -> FlaskClient:
        user_id = factories.make_user(session, role=Role.SUPPORTER).id
        supporter.person.user_id = user_id
        session.commit()
        return enter(user_id=user_id)

    return as_supporter


@pytest.fixture
def as_applicant(enter, session) -> Callable[[Application], FlaskClient]:
    def as_applicant(application: Application) -> FlaskClient:
        application_id = application.id
        session.commit()
        return enter(scope=("application", application_id))

    return as_applicant
