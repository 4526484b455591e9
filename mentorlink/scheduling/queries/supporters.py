"""The supporters as the office looks one up, to see or set their hours."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, lazyload

from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling.models import WeeklyWindow
from mentorlink.scheduling.queries.hours import windows_of_many

A_PAGE = 30


@dataclass(frozen=True)
class SupportersPage:
    rows: list[tuple[Supporter, list[WeeklyWindow]]]
    number: int
    pages: int
    total: int


def list_supporters(session: Session, words: str, number: int) -> SupportersPage:
    """A page of those who were not erased, by name; ``words`` is a part of a name or of its reading."""
    query = select(Supporter).join(Supporter.person).where(Person.erased_at.is_(None))
    if words:
        query = query.where(
            Person.display_name.contains(words, autoescape=True)
            | Person.display_kana.contains(words, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // A_PAGE))
    number = min(number, pages)
    ordered = query.order_by(func.coalesce(Person.display_kana, Person.display_name), Supporter.id)
    some = ordered.limit(A_PAGE).offset((number - 1) * A_PAGE)
    options = (contains_eager(Supporter.person), lazyload(Supporter.terms))
    rows = list(session.scalars(some.options(*options)))
    windows = windows_of_many(session, [each.id for each in rows])
    return SupportersPage([(each, windows.get(each.id, [])) for each in rows], number, pages, total)
