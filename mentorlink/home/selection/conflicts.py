"""利益相反 in full: what applications know, and who has supported the applicant in an earlier talk."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.conflicts import Bar, Pair, conflicts_of
from mentorlink.applications.models import Application
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Person, Supporter


def bars_of(session: Session, application_ids: Collection[int], user_ids: Collection[int]) -> dict[Pair, Bar]:
    """Pairs of application and user who must not meet in a review, each with its reason. Constant in queries."""
    met = (
        select(Application.id, Person.user_id)
        .join(Engagement, Engagement.recipient_id == Application.person_id)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == Engagement.id)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(Application.id.in_(application_ids), Person.user_id.in_(user_ids))
    )
    pairs: list[Pair] = [(row[0], row[1]) for row in session.execute(met) if row[1] is not None]
    earlier = dict.fromkeys(pairs, Bar.EARLIER_TALK)
    return earlier | conflicts_of(session, application_ids, user_ids)
