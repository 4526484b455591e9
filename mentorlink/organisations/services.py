"""The directory: organisations with the names people give them, and who belongs to them when."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.organisations.models import Affiliation, Organisation, OrganisationAlias
from mentorlink.organisations.queries import find_by_name, name_key

__all__ = ["add_alias", "add_organisation", "affiliate", "end_affiliation", "find_by_name"]


def add_organisation(
    session: Session,
    name: str,
    *,
    aliases: Iterable[str] = (),
    legal_form: str | None = None,
    prefecture: str | None = None,
) -> Organisation:
    """A new entry of the directory. Raises RuleViolation ``organisation_name_blank``, Conflict ``organisation_exists``."""
    if not name_key(name):
        raise RuleViolation("organisation_name_blank")
    if find_by_name(session, name) is not None:
        raise Conflict("organisation_exists")
    organisation = Organisation(name=name.strip(), legal_form=legal_form, prefecture=prefecture)
    session.add(organisation)
    session.flush()
    for alias in aliases:
        add_alias(session, organisation, alias)
    return organisation


def add_alias(session: Session, organisation: Organisation, alias: str) -> None:
    """Another way to write its name. Raises Conflict ``organisation_exists`` where it means somebody else."""
    if not name_key(alias):
        raise RuleViolation("organisation_name_blank")
    known = find_by_name(session, alias)
    if known is not None and known.id != organisation.id:
        raise Conflict("organisation_exists")
    if alias.strip() not in {organisation.name, *(each.alias for each in organisation.aliases)}:
        organisation.aliases.append(OrganisationAlias(alias=alias.strip()))
        session.flush()


def affiliate(
    session: Session,
    person_id: int,
    organisation: Organisation,
    *,
    since: date,
    until: date | None = None,
    position: str | None = None,
) -> Affiliation:
    """Somebody belongs there from a day on. Raises Conflict ``already_affiliated`` where the spans would overlap."""
    if until is not None and until < since:
        raise RuleViolation("affiliation_dates_wrong")
    overlapping = select(Affiliation.id).where(
        Affiliation.person_id == person_id,
        Affiliation.organisation_id == organisation.id,
        or_(Affiliation.until.is_(None), Affiliation.until >= since),
    )
    if until is not None:
        overlapping = overlapping.where(Affiliation.since <= until)
    if session.scalar(overlapping.limit(1)) is not None:
        raise Conflict("already_affiliated")
    place = Affiliation(
        person_id=person_id, organisation_id=organisation.id, position=position, since=since, until=until
    )
    session.add(place)
    session.flush()
    return place


def end_affiliation(session: Session, place: Affiliation, *, until: date) -> None:
    """Somebody left. Raises RuleViolation ``affiliation_dates_wrong`` for a day before they came."""
    if until < place.since:
        raise RuleViolation("affiliation_dates_wrong")
    place.until = until
    session.flush()
