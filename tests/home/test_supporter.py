"""The supporter's first screen: what waits for an answer, the records, the next talks."""

from datetime import timedelta

from mentorlink.core import dates
from mentorlink.matching import services
from mentorlink.people.models import Receiving
from mentorlink.surveys.models import Audience
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_supporter
from tests.surveys.rows import make_target

A_DAY = timedelta(days=1)
NAME = "やまもと見本"


def ask(session, *supporters, **columns):
    person = make_person(session, display_name=NAME)
    application = make_application(session, person=person, story="空き家があります。", **columns)
    return services.approve_proposal(session, application, [s.id for s in supporters], by="user:1", now=NOW)


def test_a_waiting_invitation_is_a_card_with_reasons_and_without_a_name(session, as_supporter):
    supporter = make_supporter(session)
    ask(session, supporter)
    page = as_supporter(supporter).get("/supporter").text
    assert "お返事を待っている相談 1件" in page
    assert "いちばんの相談「場所・物件」の経験がおありです" in page
    assert NAME not in page
    assert "空き家" not in page


def test_what_waits_for_others_is_not_shown(session, as_supporter):
    first, second = make_supporter(session), make_supporter(session)
    ask(session, first, second)
    assert "いま、お返事を待っている相談はありません" in as_supporter(second).get("/supporter").text


def test_an_invitation_past_its_deadline_waits_no_more(session, as_supporter, clock):
    supporter = make_supporter(session)
    ask(session, supporter)
    browser = as_supporter(supporter)
    clock.now = NOW + 9 * A_DAY
    assert "いま、お返事を待っている相談はありません" in browser.get("/supporter").text


def test_records_and_next_talks_are_listed(session, as_supporter):
    supporter = make_supporter(session)
    held = make_meeting(
        session,
        engagement=make_engagement(session, supporters=[supporter]),
        starts_at=NOW - A_DAY,
        occupies=False,
    )
    planned = make_meeting(session, engagement=make_engagement(session, supporters=[supporter]))
    paths = f"/meetings/{held.id}/record", f"/meetings/{planned.id}"
    page = as_supporter(supporter).get("/supporter").text
    assert all(f'href="{path}"' in page for path in paths)


def test_a_question_says_whom_and_which_talk_it_is_about(session, as_supporter):
    supporter = make_supporter(session)
    person = make_person(session, display_name=NAME)
    application = make_application(session, person=person)
    engagement = make_engagement(session, application=application, supporters=[supporter])
    talk = make_meeting(session, engagement=engagement, starts_at=NOW - 2 * A_DAY, occupies=False)
    about = {"person_id": supporter.person_id, "audience": Audience.SUPPORTER}
    of_talk = make_target(session, engagement, **about)
    of_talk.meeting_id = talk.id
    of_all = make_target(session, engagement, event="all", **about)
    page = as_supporter(supporter).get("/supporter").text
    assert (
        f"{dates.relative_day(talk.starts_at, dates.local_date(NOW))}、{NAME} さんとのお話しについて" in page
    )
    assert f"{NAME} さんとの半年について" in page
    assert all(f'href="/surveys/{each.id}"' in page for each in (of_talk, of_all))


def test_a_pause_is_said_with_its_end(session, as_supporter):
    supporter = make_supporter(session, receiving=Receiving.PAUSED, paused_until=NOW.date() + 7 * A_DAY)
    assert "12月2日（水）までの予定です" in as_supporter(supporter).get("/supporter").text


def test_the_page_is_the_supporters_alone(session, client, as_office, as_applicant):
    applicant = as_applicant(make_application(session))
    assert client.get("/supporter").status_code == 303
    assert as_office.get("/supporter").status_code == 404
    assert applicant.get("/supporter").status_code == 404
