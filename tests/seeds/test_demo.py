from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, Decision, Review, ReviewState
from mentorlink.core.actor import Role
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.home.desk import Queue, count_queues
from mentorlink.home.supporter_half_years import half_years_of
from mentorlink.matching.models import Invitation, InvitationState
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import open_programmes
from mentorlink.scheduling.models import OfferState, SlotOffer
from mentorlink.scheduling.queries import meetings_of_supporter
from mentorlink.scheduling.queries.silence import silent_engagements
from mentorlink.seeds import SeedRefused, seed_demo

_E = EngagementState
WEDNESDAY = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def user_of(session, role):
    return session.scalars(select(User).where(User.role == role).order_by(User.id).limit(1)).one()


def person_of(session, role):
    return session.scalars(select(Person).where(Person.user_id == user_of(session, role).id)).one()


def test_each_first_screen_has_work_on_it(sessions, session, settings):
    assert seed_demo(sessions, settings, WEDNESDAY) is True
    counts = count_queues(session, WEDNESDAY)
    assert [queue for queue in Queue if counts[queue] == 0] == []
    applicant = person_of(session, Role.APPLICANT)
    offers = session.scalars(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN))
    assert applicant.id in {offer.engagement.recipient_id for offer in offers if offer.slots}
    assert_supporter_has_work(session)
    assert_half_years_are_at_every_place(session)
    assert user_of(session, Role.OFFICE).disabled_at is None
    assert_calls_and_mails_wait(session)
    session.rollback()
    assert seed_demo(sessions, settings, WEDNESDAY) is False


def assert_supporter_has_work(session):
    supporter = session.scalars(
        select(Supporter).where(Supporter.person_id == person_of(session, Role.SUPPORTER).id)
    ).one()
    asked = select(Invitation).where(
        Invitation.supporter_id == supporter.id, Invitation.state == InvitationState.ASKED
    )
    invitation = session.scalars(asked).unique().one()
    assert (invitation.deadline_at - WEDNESDAY).days in (0, 1)
    talks = meetings_of_supporter(session, supporter, since=datetime(2026, 10, 1, tzinfo=UTC))
    assert [talk.ends_at <= WEDNESDAY for talk in talks] == [True, False, False, False]
    half_years = half_years_of(session, supporter, WEDNESDAY)
    assert len(half_years) == 2
    assert half_years[0].waiting.url.startswith("/milestones/")  # somebody waits to be looked at


def assert_half_years_are_at_every_place(session):
    """One on time, one silent, one to look at, one resting, one just begun, one over; two more in selection."""
    states = select(Engagement.state).join(Engagement.programme).where(Programme.months > 0)
    found = session.scalars(states.where(Programme.fiscal_year == 2025).order_by(Engagement.state)).all()
    assert found == [_E.FOLLOWING, _E.PAUSED, _E.PREPARING, _E.RUNNING, _E.RUNNING, _E.RUNNING]
    assert len(session.scalars(silent_engagements(40, now=WEDNESDAY)).all()) == 1
    reviews = select(Review.state, func.count()).group_by(Review.state)
    assert dict(session.execute(reviews).all()) == {ReviewState.SUBMITTED: 3, ReviewState.ASKED: 1}
    waiting = select(Decision.waiting_position).where(Decision.waiting_position.is_not(None))
    assert session.scalars(waiting).all() == [1]
    applicant = person_of(session, Role.APPLICANT)
    own = select(Engagement).where(Engagement.recipient_id == applicant.id).join(Engagement.programme)
    assert session.scalars(own.where(Programme.months > 0)).one().goal
    assert user_of(session, Role.LEAD).email.startswith("demo-office@")


def assert_calls_and_mails_wait(session):
    waiting = select(OutboxMessage.channel, func.count()).where(
        OutboxMessage.state == MessageState.PLANNED, OutboxMessage.due_at <= WEDNESDAY
    )
    counts = dict(session.execute(waiting.group_by(OutboxMessage.channel)).all())
    assert counts[Channel.CALL] >= 1
    assert 5 <= counts[Channel.MAIL] <= 40  # a mailbox to look into, not a flood


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 28, 3, 0, tzinfo=UTC),  # Saturday
        datetime(2027, 4, 1, 2, 0, tzinfo=UTC),  # the first day of a fiscal year
        datetime(2027, 1, 2, 15, 30, tzinfo=UTC),  # in the New Year's holidays, half past midnight
    ],
)
def test_the_demo_can_begin_at_any_hour(sessions, session, settings, now):
    assert seed_demo(sessions, settings, now) is True
    assert [run.has_selection for run in open_programmes(session, now.date())] == [False, True]


def test_a_database_that_writes_to_real_people_is_refused(sessions, session, settings):
    with pytest.raises(SeedRefused):
        seed_demo(sessions, settings.model_copy(update={"mail_url": "smtp://127.0.0.1"}), WEDNESDAY)
    assert session.scalar(select(func.count(Application.id))) == 0
