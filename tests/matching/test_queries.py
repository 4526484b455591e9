"""Ranking: who comes first, what stands in the way, and at what cost in queries."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from mentorlink.applications.models import AvoidedOrganisation, Flag, FlagKind
from mentorlink.fit.rules import Rule
from mentorlink.matching import services
from mentorlink.matching.models import InvitationState
from mentorlink.matching.queries import best_candidates, month_loads, month_of, rank_candidates
from mentorlink.organisations.models import Affiliation, Organisation
from mentorlink.people.models import Receiving
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_supporter

BY = "user:1"


def rank(session, application):
    return rank_candidates(session, application, now=NOW)


def rules(session, application):
    (candidate,) = rank(session, application)
    return [obstacle.rule for obstacle in candidate.obstacles]


def test_who_fits_best_comes_first(session):
    some = make_supporter(session, skills={"06": 1})
    best = make_supporter(session, skills={"06": 3})
    assert [each.supporter.id for each in rank(session, make_application(session))] == [best.id, some.id]


def test_of_two_equal_the_less_busy_comes_first(session):
    busy, free = make_supporter(session), make_supporter(session)
    services.approve_proposal(session, make_application(session), [busy.id], by=BY, now=NOW)
    ranked = rank(session, make_application(session))
    assert [(each.supporter.id, each.load) for each in ranked] == [(free.id, 0), (busy.id, 1)]


def test_reasons_and_common_hours_come_with_each(session):
    make_supporter(session)
    (candidate,) = rank(session, make_application(session))
    assert candidate.reasons
    assert candidate.can_be_asked
    assert candidate.starts[0] > NOW + timedelta(hours=48)


def test_without_wished_times_the_hour_is_left_to_a_talk(session):
    make_supporter(session)
    (candidate,) = rank(session, make_application(session, times=[]))
    assert candidate.starts is None
    assert candidate.can_be_asked


def test_an_obstacle_comes_last_and_is_named(session):
    paused = make_supporter(session, receiving=Receiving.PAUSED)
    free = make_supporter(session, skills={"06": 1})
    ranked = rank(session, make_application(session))
    assert [each.supporter.id for each in ranked] == [free.id, paused.id]
    assert [each.rule for each in ranked[1].obstacles] == [Rule.NOT_RECEIVING]


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"capacity_month": 0}, Rule.NO_CAPACITY),
        ({"training_valid_until": date(2026, 11, 24)}, Rule.TRAINING_EXPIRED),
        ({"skills": {"05": 3}}, Rule.MAIN_CATEGORY),
        ({"terms": {"mode": ["phone"]}}, Rule.MODE),
        ({"windows": []}, Rule.NO_COMMON_TIME),
    ],
)
def test_each_hard_rule_is_read_from_rows(session, columns, rule):
    make_supporter(session, **columns)
    assert rules(session, make_application(session)) == [rule]


def test_a_pause_that_ended_is_no_obstacle(session):
    make_supporter(session, receiving=Receiving.PAUSED, paused_until=date(2026, 11, 24))
    assert rules(session, make_application(session)) == []


def test_a_wish_for_other_accommodation_is_left_to_the_office(session):
    make_supporter(session)
    assert rules(session, make_application(session, terms={"accommodation": ["other"]})) == []
    assert rules(session, make_application(session, terms={"accommodation": ["captions"]})) == [
        Rule.ACCOMMODATIONS
    ]


def test_colleagues_and_avoided_organisations_are_kept_apart(session):
    organisation = Organisation(name="見本の会")
    session.add(organisation)
    session.flush()
    supporter, person = make_supporter(session), make_person(session)
    joined = {"organisation_id": organisation.id, "since": date(2020, 4, 1)}
    session.add(Affiliation(person_id=supporter.person_id, **joined))
    avoiding = make_application(session)
    avoiding.avoided = [AvoidedOrganisation(name="見本の会", organisation_id=organisation.id)]
    assert rules(session, avoiding) == [Rule.AVOIDED_ORGANISATION]
    session.add(Affiliation(person_id=person.id, **joined))
    assert rules(session, make_application(session, person=person)) == [Rule.SAME_ORGANISATION]


def test_a_past_complaint_keeps_two_people_apart(session):
    engagement = make_engagement(session)
    session.add(
        Flag(application_id=engagement.application_id, kind=FlagKind.CONCERN, raised_by=BY, raised_at=NOW)
    )
    again = make_application(session, person=engagement.recipient)
    assert rules(session, again) == [Rule.PAST_COMPLAINT]


def test_nobody_is_a_candidate_for_themselves_or_after_erasure(session):
    person = make_person(session)
    make_supporter(session, person=person)
    make_supporter(session, person=make_person(session, erased_at=NOW))
    assert rank(session, make_application(session, person=person)) == []


def test_who_answered_before_is_shown_with_the_answer(session):
    application, supporter = make_application(session), make_supporter(session)
    proposal = services.approve_proposal(session, application, [supporter.id], by=BY, now=NOW)
    services.decline_invitation(session, proposal.invitations[0], "busy", by=BY, now=NOW)
    (candidate,) = rank(session, application)
    assert (candidate.asked, candidate.can_be_asked) == (InvitationState.DECLINED, False)


def test_the_month_is_counted_in_tokyo(session):
    begins, ends = month_of(NOW)
    assert (begins.isoformat(), ends.isoformat()) == (
        "2026-10-31T15:00:00+00:00",
        "2026-11-30T15:00:00+00:00",
    )


def test_last_months_talks_are_no_load(session):
    supporter = make_supporter(session)
    services.approve_proposal(session, make_application(session), [supporter.id], by=BY, now=NOW)
    assert month_loads(session, NOW) == {supporter.id: 1}
    assert month_loads(session, NOW + timedelta(days=10)) == {}


def test_the_best_few_are_the_first_of_the_whole_ranking(session):
    for level in (1, 2, 3, 2):
        make_supporter(session, skills={"06": level})
    make_supporter(session, windows=[])
    make_supporter(session, receiving=Receiving.PAUSED)
    application = make_application(session)
    assert best_candidates(session, application, now=NOW) == rank(session, application)[:3]


def test_two_hundred_supporters_take_the_queries_of_one(session, engine):
    application = make_application(session)
    make_supporter(session)
    session.commit()
    one = count_statements(engine, session, application)
    for _ in range(200):
        make_supporter(session)
    session.commit()
    assert count_statements(engine, session, application) == one


def count_statements(engine, session, application):
    session.expire_all()
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert rank(session, application)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
