"""What the thread page reads."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement, ThreadPost
from mentorlink.people.models import Person

POSTS_ON_A_PAGE = 50


def posts_of(session: Session, engagement: Engagement, page: int = 1) -> list[tuple[ThreadPost, str | None]]:
    """One page of the thread, the newest page first and each page in the order of writing, with the writers' names."""
    newest = (
        select(ThreadPost, Person.display_name)
        .outerjoin(Person, Person.id == ThreadPost.author_person_id)
        .where(ThreadPost.engagement_id == engagement.id)
        .order_by(ThreadPost.at.desc(), ThreadPost.id.desc())
        .limit(POSTS_ON_A_PAGE)
        .offset((page - 1) * POSTS_ON_A_PAGE)
    )
    return [(post, name) for post, name in reversed(session.execute(newest).all())]


def count_posts(session: Session, engagement: Engagement) -> int:
    query = select(func.count()).select_from(ThreadPost).where(ThreadPost.engagement_id == engagement.id)
    return session.scalar(query) or 0
