"""Many people at once, for measuring: rows in bulk, no services, the same for the same numbers."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ApplicationTerm,
    DayPart,
    Intake,
    PreferredTime,
    TimesKind,
)
from mentorlink.core import taxonomy
from mentorlink.core.dates import fiscal_year, local_date
from mentorlink.core.db import transaction
from mentorlink.core.settings import Settings
from mentorlink.people.models import (
    CONSENT_VERSION,
    REQUIRED_CONSENTS,
    Consent,
    ContactChannel,
    Person,
    Receiving,
    Supporter,
    SupporterTerm,
)
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template, template_names
from mentorlink.scheduling.models import WeeklyWindow
from mentorlink.seeds.cast import SeedRefused, prepare

BATCH = 5000
NOON = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
Rows = Iterator[dict[str, Any]]


def seed_scale(
    sessions: sessionmaker[Session],
    settings: Settings | None = None,
    now: datetime = NOON,
    *,
    applicants: int,
    supporters: int,
    seed: int = 1,
) -> str:
    """One run with so many applications being searched for; returns its code.

    Raises SeedRefused where such a run is there already, or real mail is delivered.
    """
    if settings is not None:
        prepare(settings)
    draw = random.Random(seed)
    with sessions() as session, transaction(session):
        run = _run(session, now)
        first_person, first_supporter, first_application = (
            (session.scalar(select(func.max(table.id))) or 0) + 1
            for table in (Person, Supporter, Application)
        )
        people = range(first_person, first_person + supporters + applicants)
        _insert(session, Person, (_person(number, now) for number in people))
        listeners = list(zip(range(first_supporter, first_supporter + supporters), people, strict=False))
        _insert(session, Supporter, (_supporter(*pair, draw, now) for pair in listeners))
        _insert(session, SupporterTerm, (term for pair in listeners for term in _skills(pair[0], draw)))
        _insert(session, WeeklyWindow, (window for pair in listeners for window in _week(pair[0], draw)))
        asking = list(enumerate(people[supporters:], start=first_application))
        _insert(session, Application, (_application(*pair, run.id, draw, now) for pair in asking))
        _insert(session, ApplicationTerm, (term for pair in asking for term in _wishes(pair[0], draw)))
        _insert(session, PreferredTime, (part for pair in asking for part in _parts(pair[0], draw)))
        _insert(session, Consent, (consent for pair in asking for consent in _consents(pair[1], now)))
        return run.code


def _run(session: Session, now: datetime) -> Programme:
    template = next(name for name in template_names() if not load_template(name).has_selection)
    year = fiscal_year(local_date(now))
    code = f"scale-{year}"
    if by_code(session, code) is not None:
        raise SeedRefused(f"{code} is there already: take an empty database")
    opens = date(year, 4, 1)
    run = create_programme(session, template, code=code, fiscal_year=year, opens_on=opens, now=now)
    open_programme(session, run, now=now)
    return run


def _insert(session: Session, table: Any, rows: Rows) -> None:
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(table), batch)


def _person(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "display_name": f"見本{number:06}",
        "contact_channel": ContactChannel.MAIL,
        "email": f"mihon-{number}@example.jp",
        "contact_confirmed_at": now,
        "created_at": now,
    }


def _supporter(number: int, person_id: int, draw: random.Random, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "person_id": person_id,
        "introduction": "見本の紹介文です。",
        "prefecture": _prefecture(draw),
        "setting": draw.choice(taxonomy.codes("setting")),
        "any_target": draw.random() < 0.2,
        "capacity_month": draw.randint(2, 20),
        "capacity_week": draw.randint(1, 5),
        "receiving": Receiving.OPEN,
        "training_valid_until": local_date(now) + timedelta(days=365),
        "joined_at": now,
    }


def _skills(supporter_id: int, draw: random.Random) -> Rows:
    chosen = {"category": draw.randint(4, 8), "theme": 3, "target": 3, "stage": 4}
    for scheme, number in chosen.items():
        for code in draw.sample(taxonomy.codes(scheme), number):
            level = draw.randint(1, 3) if scheme == "category" else 1
            yield {"supporter_id": supporter_id, "scheme": scheme, "code": code, "level": level}
    yield {"supporter_id": supporter_id, "scheme": "mode", "code": "online", "level": 1}


def _week(supporter_id: int, draw: random.Random) -> Rows:
    for weekday in sorted(draw.sample(range(7), 3)):
        start = draw.choice((540, 780, 1080))
        yield {
            "supporter_id": supporter_id,
            "weekday": weekday,
            "start_minute": start,
            "end_minute": start + 180,
        }


def _application(
    number: int, person_id: int, programme_id: int, draw: random.Random, now: datetime
) -> dict[str, Any]:
    asked = now - timedelta(hours=draw.randint(1, 700))
    return {
        "id": number,
        "reference": f"{local_date(asked).year}-S{number:06}",
        "programme_id": programme_id,
        "person_id": person_id,
        "state": ApplicationState.MATCHING,
        "intake": Intake.WEB,
        "prefecture": _prefecture(draw),
        "stage": draw.choice(taxonomy.codes("stage")),
        "times_kind": TimesKind.WEEKLY,
        "story": "見本の文章です。",
        "created_at": asked,
        "submitted_at": asked,
        "searching_since": asked,
        "version": 1,
    }


def _wishes(application_id: int, draw: random.Random) -> Rows:
    for scheme, most in (("theme", 3), ("target", 2), ("category", 3)):
        codes = draw.sample(taxonomy.codes(scheme), draw.randint(1, most))
        for position, code in enumerate(codes):
            yield {"application_id": application_id, "scheme": scheme, "code": code, "position": position}
    yield {"application_id": application_id, "scheme": "mode", "code": "online", "position": 0}


def _parts(application_id: int, draw: random.Random) -> Rows:
    for weekday in sorted(draw.sample(range(7), 4)):
        yield {"application_id": application_id, "weekday": weekday, "part": draw.choice(list(DayPart))}


def _consents(person_id: int, now: datetime) -> Rows:
    for purpose in REQUIRED_CONSENTS:
        yield {"person_id": person_id, "purpose": purpose, "version": CONSENT_VERSION, "given_at": now}


def _prefecture(draw: random.Random) -> str:
    return draw.choice(taxonomy.prefectures()).code
