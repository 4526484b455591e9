"""The six screens as a browser meets them: the way through, bad input, and coming back."""

import html
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.queries import given_consents
from mentorlink.core.outbox import OutboxMessage
from mentorlink.people.models import Purpose
from tests.applications.answers import CONTACT, PLACE, SCREENS, STORY, TALK
from tests.factories import make_application, make_programme


@pytest.fixture
def applicant(client, session):
    """Somebody who has just begun."""
    programme = make_programme(session)
    session.commit()
    assert client.post(f"/apply/{programme.code}").location == "/apply/screens/1"
    return client


def send(client, *numbers, **changes):
    for number in numbers:
        answer = client.post(f"/apply/screens/{number}", data=SCREENS[number] | changes)
    return answer


def the_application(session):
    session.rollback()
    return session.scalars(select(Application)).one()


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.get_data(as_text=True))[1]


def test_the_way_through(applicant, session):
    for number in range(1, 6):
        assert applicant.get(f"/apply/screens/{number}").status_code == 200
        assert send(applicant, number).location == f"/apply/screens/{number + 1}"
    assert "空き家があります。" in applicant.get("/apply/screens/6").get_data(as_text=True)

    assert send(applicant, 6).location == "/apply/thanks"

    application = the_application(session)
    assert (application.state, application.codes("category")) == (ApplicationState.RECEIVED, ["06", "05"])
    assert given_consents(session, application.person_id) == {
        Purpose.PERSONAL_DATA,
        Purpose.SHARE_WITH_SUPPORTER,
        Purpose.STATISTICS,
    }
    assert application.reference in applicant.get("/apply/thanks").get_data(as_text=True)


def test_sending_twice_is_one_application_and_one_receipt(applicant, session):
    send(applicant, 1, 2, 3, 4, 5, 6)

    assert send(applicant, 6).location == "/apply/thanks"
    session.rollback()
    receipts = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "applications/receipt"))
    assert len(receipts.all()) == 1


def test_answers_are_there_when_one_comes_back(applicant):
    send(applicant, 1, 2, 3, 4)

    page = applicant.get("/apply/screens/2").get_data(as_text=True)

    assert "大田原市" in page
    assert "続きを書く" in applicant.get("/apply").get_data(as_text=True)


def test_an_answer_put_right_leads_back_to_the_review(applicant):
    send(applicant, 1, 2, 3, 4, 5)

    assert send(applicant, 2, then="review").location == "/apply/screens/6"


def test_nothing_is_sent_while_an_answer_is_missing(applicant, session):
    send(applicant, 1, 2, 3)

    answer = send(applicant, 6)

    assert answer.status_code == 422
    assert "お話しの方法" in answer.get_data(as_text=True)
    assert the_application(session).state is ApplicationState.DRAFT


def test_nothing_is_sent_without_the_two_consents(applicant, session):
    send(applicant, 1, 2, 3, 4, 5)

    answer = applicant.post("/apply/screens/6", data={"personal_data": "y"})

    assert answer.status_code == 422
    assert 'href="#share_with_supporter"' in answer.get_data(as_text=True)


def test_whoever_has_not_begun_is_brought_to_the_start(client):
    assert client.get("/apply/screens/3").location == "/apply"
    assert client.post("/apply/screens/3", data={}).location == "/apply"
    assert client.get("/apply/screens/7").status_code == 404


def test_screens_wait_for_the_first_one(applicant):
    assert applicant.get("/apply/screens/4").location == "/apply/screens/1"


def test_a_closed_or_unknown_programme_is_not_there(client, session):
    programme = make_programme(session, opened_at=None)
    session.commit()

    assert client.post(f"/apply/{programme.code}").status_code == 404
    assert client.post("/apply/nowhere").status_code == 404


def test_autosave_keeps_what_is_in_order(applicant, session):
    send(applicant, 1)

    answer = applicant.post("/apply/autosave/4", data=STORY | {"main_category": "999"})

    assert answer.status_code == 204
    application = the_application(session)
    assert (application.story, application.codes("category")) == ("空き家があります。", [])


def test_autosave_writes_down_nobody_who_cannot_be_reached(applicant, session):
    applicant.post("/apply/autosave/1", data=CONTACT | {"email": "hana@"})

    assert the_application(session).person_id is None


def test_another_page_that_saved_first_is_shown_and_nothing_is_lost(applicant, session):
    send(applicant, 1)
    first, second = applicant.get("/apply/screens/2"), applicant.get("/apply/screens/2")
    of_first = {"base": hidden(first, "base"), "tab": hidden(first, "tab")}
    of_second = {"base": hidden(second, "base"), "tab": hidden(second, "tab")}
    assert send(applicant, 2, **of_first).status_code == 303

    answer = send(applicant, 2, city="宇都宮市", **of_second)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "大田原市" in page
    assert "宇都宮市" in page
    again = {"base": hidden(answer, "base"), "tab": hidden(answer, "tab")}
    assert send(applicant, 2, city="宇都宮市", **again).status_code == 303
    assert the_application(session).city == "宇都宮市"


def test_a_page_that_saves_itself_is_not_stale(applicant):
    send(applicant, 1)
    page = applicant.get("/apply/screens/2")
    own = {"base": hidden(page, "base"), "tab": hidden(page, "tab")}
    applicant.post("/apply/autosave/2", data=PLACE | own | {"city": "那須"})

    assert send(applicant, 2, **own).status_code == 303


@pytest.mark.parametrize(
    ("screen", "name", "typed"),
    [
        (1, "display_name", ""),
        (1, "display_name", "\u200b\u200b \u3000"),
        (1, "display_name", "はな\r\nBcc: x@example.org"),
        (1, "display_name", "は\u202eな"),
        (1, "display_name", "長" * 31),
        (1, "email", "a@example.org, b@example.org"),
        (1, "email", "hana@"),
        (1, "email", ""),
        (1, "email", "hana..hana.@docomo.ne.jp"),
        (1, "phone", "119"),
        (1, "contact_channel", "line"),
        (1, "contact_channel", ""),
        (2, "prefecture", "99"),
        (2, "prefecture", ""),
        (2, "stage", "08"),
        (3, "themes", ["01", "02", "03", "04"]),
        (3, "themes", ["nope"]),
        (3, "themes", []),
        (4, "main_category", "77"),
        (4, "story", "長" * 2001),
        (4, "story", "長" * 100_000),
        (5, "modes", []),
        (5, "modes", ["telepathy"]),
        (5, "times", ["9:night"]),
        (5, "times", []),
    ],
)
def test_what_cannot_be_taken_is_named_and_kept(applicant, screen, name, typed):
    if screen > 1:
        send(applicant, 1)

    answer = applicant.post(f"/apply/screens/{screen}", data=SCREENS[screen] | {name: typed})

    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f'href="#{name}' in page
    kept = {
        1: "hana@example.org",
        2: "大田原市",
        3: 'value="02" checked',
        4: "空き家が",
        5: 'value="1:evening" checked',
    }
    if name not in ("email", "times", "story"):
        assert kept[screen] in page
    elif isinstance(typed, str):
        assert typed in page


def test_a_nul_is_a_bad_request(applicant):
    assert applicant.post("/apply/screens/1", data=CONTACT | {"display_name": "は\0な"}).status_code == 400


def test_a_lone_surrogate_is_kindly_taken_or_refused(applicant):
    body = b"display_name=%ED%A0%80&contact_channel=mail&email=hana%40example.org"
    answer = applicant.post("/apply/screens/1", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (303, 422)


def test_a_repeated_parameter_is_a_bad_request(applicant):
    answer = applicant.post("/apply/screens/1", data=CONTACT | {"display_name": ["はな", "はる"]})
    assert answer.status_code == 400


def test_more_parameters_than_asked_for_change_nothing(applicant, session):
    send(applicant, 1, role="admin", org_id="3", state="matched", person_id="99")

    assert the_application(session).state is ApplicationState.DRAFT


def test_a_missing_token_keeps_the_text(app, session):
    app.config["WTF_CSRF_ENABLED"] = True
    programme = make_programme(session)
    session.commit()
    client = app.test_client()
    token = hidden(client.get("/apply"), "csrf_token")
    client.post(f"/apply/{programme.code}", data={"csrf_token": token})

    answer = client.post("/apply/screens/1", data=CONTACT)

    assert answer.status_code in (400, 422)
    assert "はな" in answer.get_data(as_text=True)


def test_consent_taken_back_before_sending_is_asked_for_again(applicant, session):
    send(applicant, 1, 2, 3, 4, 5)

    assert applicant.post("/apply/screens/6", data={"share_with_supporter": "y"}).status_code == 422
    assert the_application(session).state is ApplicationState.DRAFT


def test_an_address_that_no_mail_reaches_is_offered_the_telephone(applicant):
    answer = applicant.post("/apply/screens/1", data=CONTACT | {"email": "hana..hana.@docomo.ne.jp"})

    assert "電話" in answer.get_data(as_text=True)
    by_phone = CONTACT | {"contact_channel": "phone", "email": "", "phone": "０９０ー１２３４ー５６７８"}
    assert applicant.post("/apply/screens/1", data=by_phone).status_code == 303


def test_words_of_crisis_show_helplines_and_stop_nobody(applicant):
    send(applicant, 1)

    assert send(applicant, 4, story="消えたい").location == "/apply/screens/5"
    assert "0120-279-338" in applicant.get("/apply/screens/4").get_data(as_text=True)
    assert "0120-279-338" in applicant.get("/apply/screens/6").get_data(as_text=True)
    send(applicant, 4, story="場所がほしい")
    assert "0120-279-338" not in applicant.get("/apply/screens/4").get_data(as_text=True)


def test_a_visit_is_short_where_safe_contact_was_asked_for(applicant, clock):
    send(applicant, 1, safe_contact="y")
    assert applicant.get("/apply/screens/2").status_code == 200

    clock.now += timedelta(hours=2)

    assert applicant.get("/apply/screens/2").location == "/apply"


def test_somebody_else_sees_nothing_of_a_draft(applicant, app):
    send(applicant, 1)

    assert app.test_client().get("/apply/screens/1").location == "/apply"
    assert app.test_client().get("/apply/thanks").location == "/apply"


def test_what_was_sent_is_changed_no_more(as_applicant, session):
    client = as_applicant(make_application(session))

    assert client.post("/apply/screens/4", data=STORY).location == "/apply/thanks"


texts = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(screen=st.sampled_from([1, 2, 3, 4, 5]), data=st.data())
def test_no_text_at_all_breaks_a_screen(applicant, screen, data):
    names = {1: CONTACT, 2: PLACE, 3: SCREENS[3], 4: STORY, 5: TALK}[screen]
    if screen > 1:
        send(applicant, 1)
    typed = {name: data.draw(texts) for name in [*names, "avoided", "accommodation_note", "base", "tab"]}

    answer = applicant.post(f"/apply/screens/{screen}", data=typed)

    assert answer.status_code in (303, 400, 409, 422)
    assert applicant.post(f"/apply/autosave/{screen}", data=typed).status_code in (204, 400, 409)
