"""利益相反: who must take no part in choosing, read from rows. Supporters of an earlier talk are known higher up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, AvoidedOrganisation
from mentorlink.core.i18n import mark
from mentorlink.organisations.models import Affiliation, Organisation, OrganisationAlias
from mentorlink.organisations.queries import name_key
from mentorlink.people.models import Person

Pair = tuple[int, int]  # application, user


class Bar(StrEnum):
    SAME_PERSON = "same_person"
    SAME_ORGANISATION = "same_organisation"
    AVOIDED = "avoided"  # the applicant wishes not to meet that organisation
    EARLIER_TALK = "earlier_talk"


BAR_WORDS = {
    Bar.SAME_PERSON: mark("ご本人"),
    Bar.SAME_ORGANISATION: mark("同じ団体"),
    Bar.AVOIDED: mark("申込者が避けたい団体"),
    Bar.EARLIER_TALK: mark("まえにお話しした相手"),
}


def conflicts_of(
    session: Session, application_ids: Collection[int], user_ids: Collection[int]
) -> dict[Pair, Bar]:
    """Every pair of application and user that must not meet in a review, in a constant number of queries.

    Whoever has left an organisation still knows its people: former years count too.
    """
    reviewers = _reviewers(session, user_ids)
    homes = _organisations_of(session, [person_id for person_id, _ in reviewers.values() if person_id])
    avoided = _avoided(session, application_ids, {each for places in homes.values() for each in places})
    applicants = session.execute(
        select(Application.id, Person.id, Person.email)
        .join(Person, Person.id == Application.person_id)
        .where(Application.id.in_(application_ids))
    ).all()
    belongs = _organisations_of(session, [person_id for _id, person_id, _email in applicants])
    found = {}
    for application_id, applicant_id, email in applicants:
        for user_id, (person_id, address) in reviewers.items():
            places = homes.get(person_id or 0, frozenset())
            if person_id == applicant_id or (email and email.casefold() == address):
                found[application_id, user_id] = Bar.SAME_PERSON
            elif places & belongs.get(applicant_id, frozenset()):
                found[application_id, user_id] = Bar.SAME_ORGANISATION
            elif places & avoided[application_id]:
                found[application_id, user_id] = Bar.AVOIDED
    return found


def _reviewers(session: Session, user_ids: Collection[int]) -> dict[int, tuple[int | None, str]]:
    """User → their person, where they are one here too, and their address."""
    query = select(User.id, Person.id, User.email).outerjoin(Person, Person.user_id == User.id)
    return {
        user_id: (person_id, email)
        for user_id, person_id, email in session.execute(query.where(User.id.in_(user_ids)))
    }


def _organisations_of(session: Session, person_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    query = select(Affiliation.person_id, Affiliation.organisation_id).where(
        Affiliation.person_id.in_(list(person_ids))
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, organisation_id in session.execute(query):
        found[person_id].add(organisation_id)
    return {person_id: frozenset(places) for person_id, places in found.items()}


def _avoided(
    session: Session, application_ids: Collection[int], organisation_ids: Collection[int]
) -> defaultdict[int, set[int]]:
    """Application → those of the organisations that it wishes to avoid, by entry or by name as written."""
    names = _names(session, organisation_ids)
    rows = session.execute(
        select(
            AvoidedOrganisation.application_id, AvoidedOrganisation.organisation_id, AvoidedOrganisation.name
        ).where(AvoidedOrganisation.application_id.in_(application_ids))
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for application_id, organisation_id, name in rows:
        found[application_id] |= {organisation_id} if organisation_id else names[name_key(name)]
    return found


def _names(session: Session, organisation_ids: Collection[int]) -> defaultdict[str, set[int]]:
    names = select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    aliases = select(OrganisationAlias.organisation_id, OrganisationAlias.alias).where(
        OrganisationAlias.organisation_id.in_(organisation_ids)
    )
    found: defaultdict[str, set[int]] = defaultdict(set)
    for organisation_id, name in session.execute(names.union_all(aliases)):
        found[name_key(name)].add(organisation_id)
    return found
