"""Reviewers: who is asked, who is kept out, what each may see before and after their own scores are in."""

from datetime import date

import pytest
from sqlalchemy import select

from mentorlink.applications.conflicts import Bar
from mentorlink.applications.models import (
    Application,
    ApplicationState,
    AvoidedOrganisation,
    Review,
    ReviewState,
)
from mentorlink.applications.selection_queries import review_lines
from mentorlink.applications.services import (
    ask_for_run,
    ask_reviewers,
    declare_conflict,
    save_review,
    submit_review,
    take_back_review,
)
from mentorlink.core.actor import Actor, Role
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.home.selection.conflicts import bars_of
from mentorlink.home.selection.policies import own_review, readable_applications
from mentorlink.organisations.services import add_organisation, affiliate
from mentorlink.scheduling.models import MeetingRecord
from tests.factories import (
    NOW,
    make_application,
    make_criterion,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_question,
    make_supporter,
    make_user,
)

S, R = ApplicationState, ReviewState
BY = {"by": "user:1", "now": NOW}
pytestmark = pytest.mark.both_databases


@pytest.fixture
def programme(session):
    programme = make_programme(session, has_selection=True, months=6, target_number=5)
    make_criterion(session, programme, name_ja="思いの根")
    make_criterion(session, programme, name_ja="届けたい人")
    return programme


@pytest.fixture
def application(session, programme):
    return make_application(session, programme=programme)


def points_of(programme, *points):
    return dict(zip([criterion.id for criterion in programme.criteria], points, strict=True))


def asked(session, application, *users):
    return ask_reviewers(session, application, [user.id for user in users], **BY)


def actor_of(user):
    return Actor(role=user.role, user_id=user.id)


# ---- asking


def test_asking_begins_the_selection_and_tells_each_reviewer_once(session, programme):
    one, two = make_user(session), make_user(session, role=Role.LEAD)
    applications = [make_application(session, programme=programme) for _ in range(3)]
    ask_for_run(session, programme, [one.id, two.id], set(), **BY)
    assert {each.state for each in applications} == {S.SELECTING}
    mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [(mail.recipient, mail.params["number"]) for mail in mails] == [
        (f"user:{one.id}", 3),
        (f"user:{two.id}", 3),
    ]
    late = make_application(session, programme=programme)
    again = ask_for_run(session, programme, [one.id], set(), **BY)
    assert [review.application_id for review in again] == [late.id]


@pytest.mark.parametrize("state", [S.ASKING, S.SELECTED, S.NOT_SELECTED, S.WITHDRAWN])
def test_what_is_not_to_be_chosen_is_not_asked_for(session, programme, state):
    application = make_application(session, programme=programme, state=state)
    with pytest.raises(RuleViolation, match="selection_closed"):
        asked(session, application, make_user(session))


def test_only_the_office_can_be_asked(session, application):
    for user in (make_user(session, role=Role.SUPPORTER), make_user(session, disabled_at=NOW)):
        with pytest.raises(RuleViolation, match="reviewer_unknown"):
            asked(session, application, user)


def test_without_criteria_or_selection_nobody_is_asked(session):
    for columns, code in (({"has_selection": True}, "criteria_missing"), ({}, "no_selection")):
        application = make_application(session, programme=make_programme(session, **columns))
        with pytest.raises(RuleViolation, match=code):
            asked(session, application, make_user(session))


# ---- scoring


def test_a_draft_is_kept_and_what_is_complete_is_submitted(session, programme, application):
    (review,) = asked(session, application, make_user(session))
    first = programme.criteria[0].id
    save_review(session, review, {first: 3}, "まだ途中")
    assert ({score.criterion_id: score.points for score in review.scores}, review.state) == (
        {first: 3},
        R.ASKED,
    )
    with pytest.raises(RuleViolation, match="scores_missing"):
        submit_review(session, review, {first: 3}, "", **BY)
    submit_review(session, review, points_of(programme, 4, 2), "届けたい人が見えます。", **BY)
    assert (review.state, review.submitted_at, review.comment) == (R.SUBMITTED, NOW, "届けたい人が見えます。")


@pytest.mark.parametrize("points", [(5, 0), (-1, 0)])
def test_points_outside_the_criterion_are_refused(session, programme, application, points):
    (review,) = asked(session, application, make_user(session))
    with pytest.raises(RuleViolation, match="points_wrong"):
        submit_review(session, review, points_of(programme, *points), "", **BY)


def test_a_submitted_review_can_be_taken_back_until_the_decision(session, programme, application):
    (review,) = asked(session, application, make_user(session))
    submit_review(session, review, points_of(programme, 4, 2), "", **BY)
    take_back_review(session, review, **BY)
    assert (review.state, review.submitted_at, len(review.scores)) == (R.ASKED, None, 2)
    submit_review(session, review, points_of(programme, 3, 2), "", **BY)
    application.state = S.SELECTED
    session.flush()
    with pytest.raises(RuleViolation, match="review_closed"):
        take_back_review(session, review, **BY)


def test_nothing_is_scored_after_the_decision(session, programme, application):
    (review,) = asked(session, application, make_user(session))
    application.state = S.SELECTED
    session.flush()
    with pytest.raises(RuleViolation, match="review_closed"):
        save_review(session, review, {}, "あとから")
    with pytest.raises(RuleViolation, match="review_closed"):
        submit_review(session, review, points_of(programme, 4, 2), "", **BY)


def test_what_was_submitted_is_changed_only_after_taking_it_back(session, programme, application):
    (review,) = asked(session, application, make_user(session))
    submit_review(session, review, points_of(programme, 4, 2), "", **BY)
    with pytest.raises(RuleViolation, match="review_closed"):
        save_review(session, review, points_of(programme, 0, 0), "")


def test_a_declared_conflict_takes_the_reviewer_out_for_good(session, programme, application):
    (review,) = asked(session, application, make_user(session))
    submit_review(session, review, points_of(programme, 4, 2), "知人です", **BY)
    declare_conflict(session, review, **BY)
    session.refresh(review)
    assert (review.state, review.comment, review.scores, review.submitted_at) == (R.BARRED, None, [], None)
    with pytest.raises(RuleViolation):
        take_back_review(session, review, **BY)


# ---- conflicts of interest


def same_person(session, application, user):
    application.person.user_id = user.id


def same_address(session, application, user):
    application.person.email = user.email.upper()


def same_organisation(session, application, user):
    place = add_organisation(session, "湯けむり会")
    affiliate(session, application.person_id, place, since=date(2020, 4, 1))
    former = make_person(session, user_id=user.id)
    affiliate(session, former.id, place, since=date(2019, 4, 1), until=date(2021, 3, 31))


def avoided_by_name(session, application, user):
    place = add_organisation(session, "NPO法人湯けむり会")
    affiliate(session, make_person(session, user_id=user.id).id, place, since=date(2020, 4, 1))
    application.avoided.append(AvoidedOrganisation(name="特定非営利活動法人 湯けむり会"))


def earlier_talk(session, application, user):
    supporter = make_supporter(session, person=make_person(session, user_id=user.id))
    earlier = make_application(session, person=application.person, state=S.CLOSED)
    make_engagement(session, application=earlier, supporters=[supporter])


CONFLICTS = {
    same_person: Bar.SAME_PERSON,
    same_address: Bar.SAME_PERSON,
    same_organisation: Bar.SAME_ORGANISATION,
    avoided_by_name: Bar.AVOIDED,
    earlier_talk: Bar.EARLIER_TALK,
}


@pytest.mark.parametrize("connect", CONFLICTS)
def test_a_computed_conflict_is_found(session, application, connect):
    user, stranger = make_user(session), make_user(session)
    other = make_application(session, programme=application.programme)
    connect(session, application, user)
    session.flush()
    found = bars_of(session, [application.id, other.id], [user.id, stranger.id])
    assert found == {(application.id, user.id): CONFLICTS[connect]}


@pytest.mark.parametrize("connect", CONFLICTS)
def test_a_connected_reviewer_cannot_open_the_application(session, application, connect):
    """Also where the connection came to light only after they were asked."""
    user = make_user(session)
    (review,) = asked(session, application, user)
    assert own_review(session, actor_of(user), review.id) is review
    connect(session, application, user)
    session.flush()
    assert own_review(session, actor_of(user), review.id) is None


def test_whoever_is_connected_is_barred_when_all_are_asked(session, programme, application):
    user, other = make_user(session), make_user(session)
    earlier_talk(session, application, user)
    bars = bars_of(session, [application.id], [user.id, other.id])
    reviews = ask_for_run(session, programme, [user.id, other.id], bars, **BY)
    assert {review.reviewer_user_id: review.state for review in reviews} == {
        user.id: R.BARRED,
        other.id: R.ASKED,
    }


def test_a_barred_review_opens_for_nobody(session, application):
    user = make_user(session)
    (review,) = asked(session, application, user)
    declare_conflict(session, review, **BY)
    assert own_review(session, actor_of(user), review.id) is None


def test_a_review_is_its_reviewers_alone(session, application):
    user, lead = make_user(session), make_user(session, role=Role.LEAD)
    (review,) = asked(session, application, user)
    assert own_review(session, actor_of(lead), review.id) is None
    assert own_review(session, Actor(role=Role.SUPPORTER, user_id=user.id), review.id) is None


# ---- nobody sees another's before their own is in


def readable(session, user, programme):
    return readable_applications(session, actor_of(user), review_lines(session, programme))


def test_others_scores_are_read_only_once_ones_own_are_in(session, programme, application):
    one, two = make_user(session), make_user(session, role=Role.LEAD)
    first, second = asked(session, application, one, two)
    submit_review(session, first, points_of(programme, 4, 4), "よい", **BY)
    assert readable(session, one, programme) == {application.id}
    assert readable(session, two, programme) == set()  # the lead, too, while they are asked
    submit_review(session, second, points_of(programme, 1, 2), "", **BY)
    assert readable(session, two, programme) == {application.id}
    take_back_review(session, second, **BY)
    assert readable(session, two, programme) == set()


def test_who_was_not_asked_reads_scores_as_lead_only(session, programme, application):
    asked(session, application, make_user(session))
    assert readable(session, make_user(session), programme) == set()
    lead = make_user(session, role=Role.LEAD)
    assert readable(session, lead, programme) == {application.id}
    earlier_talk(session, application, lead)
    assert readable(session, lead, programme) == set()


# ---- the pages


@pytest.fixture
def colleagues(session, programme, application):
    """Two reviewers of one application; the ids of their users and reviews."""
    make_question(session, programme)
    users = [make_user(session), make_user(session, role=Role.LEAD)]
    reviews = asked(session, application, *users)
    found = [(user.id, review.id) for user, review in zip(users, reviews, strict=True)]
    session.commit()
    return found


def scores(session, programme, *points):
    session.rollback()
    return {f"c{key}": str(value) for key, value in points_of(programme, *points).items()}


def test_ones_own_list_counts_what_is_left(enter, colleagues):
    (user_id, review_id), _other = colleagues
    page = enter(user_id=user_id).get("/office/reviews").text
    assert "あと1件" in page
    assert f"/office/reviews/{review_id}" in page


def test_reading_leaves_its_audit_row(enter, session, colleagues, application):
    (user_id, review_id), _other = colleagues
    application_id, story = application.id, application.story
    session.rollback()
    assert story in enter(user_id=user_id).get(f"/office/reviews/{review_id}").text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "read_story")).one()
    assert (entry.user_id, entry.about) == (user_id, f"application:{application_id}")


def test_the_audit_row_comes_before_the_story(enter, session, colleagues, monkeypatch):
    (user_id, review_id), _other = colleagues

    def fail(*_args, **_kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr("mentorlink.core.audit.record", fail)
    client = enter(user_id=user_id)
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get(f"/office/reviews/{review_id}")
    assert (answer.status_code, "空き家" in answer.text) == (500, False)


def test_scores_go_in_and_the_others_come_to_light(enter, session, programme, colleagues):
    (one, first), (two, second) = colleagues
    mine, theirs = enter(user_id=one), enter(user_id=two)
    mine.post(f"/office/reviews/{first}", data=scores(session, programme, 4, 3) | {"comment": "深い思い"})
    path = f"/office/selections/{programme.code}"
    session.rollback()
    assert "深い思い" in mine.get(path).text
    for page in (path, f"/office/reviews/{second}"):
        text = theirs.get(page).text
        assert "深い思い" not in text
        assert "7.0" not in text
    theirs.post(f"/office/reviews/{second}", data=scores(session, programme, 1, 2))
    session.rollback()
    assert "深い思い" in theirs.get(f"/office/reviews/{second}").text
    assert "大きく分かれています" in theirs.get(path).text


def test_a_missing_score_is_asked_for_and_the_rest_is_kept(enter, session, programme, colleagues):
    (user_id, review_id), _other = colleagues
    first, _second = scores(session, programme, 4, 3)
    answer = enter(user_id=user_id).post(f"/office/reviews/{review_id}", data={first: "4", "comment": "半分"})
    assert (answer.status_code, "ひとつ選んでください" in answer.text) == (422, True)
    session.rollback()
    review = session.get(Review, review_id)
    assert ([score.points for score in review.scores], review.comment) == ([4], "半分")


@pytest.mark.parametrize("value", ["9", "-1", "x", "1.5"])
def test_an_unknown_score_is_refused(enter, session, programme, colleagues, value):
    (user_id, review_id), _other = colleagues
    data = scores(session, programme, 4, 3)
    answer = enter(user_id=user_id).post(
        f"/office/reviews/{review_id}", data=data | {next(iter(data)): value}
    )
    assert answer.status_code == 422


def test_submitting_twice_is_submitting_once(enter, session, programme, colleagues):
    (user_id, review_id), _other = colleagues
    client, data = enter(user_id=user_id), scores(session, programme, 4, 3)
    answers = [client.post(f"/office/reviews/{review_id}", data=data).status_code for _ in range(2)]
    assert answers == [303, 303]


def test_a_draft_is_kept_by_the_page_itself(enter, session, programme, colleagues):
    (user_id, review_id), _other = colleagues
    first = next(iter(scores(session, programme, 4, 3)))
    headers = {"X-Requested-With": "autosave"}
    client = enter(user_id=user_id)
    path = f"/office/reviews/{review_id}/draft"
    assert client.post(path, data={first: "2"}, headers=headers).status_code == 204
    assert client.post(path, data={first: "3"}).status_code == 303
    session.rollback()
    assert [score.points for score in session.get(Review, review_id).scores] == [3]


def test_one_button_takes_a_reviewer_out(enter, colleagues):
    (user_id, review_id), _other = colleagues
    client = enter(user_id=user_id)
    assert client.post(f"/office/reviews/{review_id}/conflict").status_code == 303
    assert client.get(f"/office/reviews/{review_id}").status_code == 404
    assert f"/office/reviews/{review_id}" not in client.get("/office/reviews").text


def test_the_earlier_talk_is_shown_only_where_it_was_shared(enter, session, colleagues, application):
    (user_id, review_id), _other = colleagues
    origin = make_application(session, person=application.person, state=S.CLOSED, story="はじめの思い")
    meeting = make_meeting(session, engagement=make_engagement(session, application=origin), state="recorded")
    words = {"went_well": "地図ができた", "difficult": "場所", "next_promise": "大家さんに会う"}
    session.add(
        MeetingRecord(
            meeting_id=meeting.id, **words, written_by="supporter:1", written_at=NOW, was_heavy=True
        )
    )
    application.origin_id, application_id = origin.id, application.id
    session.commit()
    client = enter(user_id=user_id)
    assert "はじめの思い" not in client.get(f"/office/reviews/{review_id}").text
    session.get(Application, application_id).shares_talk = True
    session.commit()
    page = client.get(f"/office/reviews/{review_id}").text
    assert all(text in page for text in ("はじめの思い", "地図ができた", "大家さんに会う"))
    read = session.scalars(select(AuditEntry.about).where(AuditEntry.verb == "read_story")).all()
    assert f"application:{origin.id}" in read


def test_the_office_asks_everybody_in_one_act(as_office, session, programme, application):
    code, others = programme.code, [make_user(session).id for _ in range(2)]
    session.commit()
    path = f"/office/selections/{code}/reviewers"
    assert "1件です" in as_office.get(path).text
    assert as_office.post(path, data={}).status_code == 422
    assert as_office.post(path, data={"user_ids": ["987654"]}).status_code == 422
    assert as_office.post(path, data={"user_ids": others}).status_code == 303
    session.rollback()
    assert [review.reviewer_user_id for review in session.scalars(select(Review))] == others
    assert session.scalars(select(AuditEntry).where(AuditEntry.verb == "ask_reviewers")).one()
