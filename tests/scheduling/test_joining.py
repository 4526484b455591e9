"""How the two come together: the supporter's own room, the installation's, or a call; told near the time only."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from mentorlink.cli.doctor import _rooms
from mentorlink.core import rooms
from mentorlink.core.mailer import Letter, Recipient, write_mail
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.rooms import is_room_address, made_room
from mentorlink.engagements.models import Side
from mentorlink.scheduling.joining import door_of, number_of, room_of
from mentorlink.scheduling.models import MeetingState, MeetingWay
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.services import book_meeting, move_meeting
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_supporter

OWN = "https://room.example/9"
START = NOW.replace(day=30, hour=10)


@pytest.fixture
def jitsi():
    rooms.configure("https://meet.example.org")
    yield
    rooms.configure("")


def meeting_of(session, *, url=None, safe_contact=False, **columns):
    person = make_person(session, safe_contact=safe_contact, phone="+81901234567")
    application = make_application(session, person=person, state="matched")
    supporter = make_supporter(session, meeting_url=url)
    engagement = make_engagement(session, application=application, supporters=[supporter])
    return make_meeting(session, engagement=engagement, **columns)


# ---- which door


def test_the_supporters_own_room_comes_first(session, jitsi):
    assert room_of(meeting_of(session, url=OWN), START) == OWN


def test_without_one_the_installation_makes_a_room(session, jitsi):
    assert room_of(meeting_of(session), START).startswith("https://meet.example.org/m-")


def test_without_any_room_an_online_talk_is_a_call_with_the_number(session):
    meeting = meeting_of(session)
    assert (door_of(meeting), room_of(meeting, START)) == ("call", None)
    assert number_of(session, meeting, Side.SUPPORTER, START) == "+81901234567"


@pytest.mark.parametrize("way", [MeetingWay.PHONE, MeetingWay.IN_PERSON])
def test_who_does_not_meet_online_has_no_room(session, jitsi, way):
    assert room_of(meeting_of(session, url=OWN, way=way), START) is None


@pytest.mark.parametrize(
    "url", ["http://room.example/9", "javascript:alert(1)", "https://me:word@room.example/"]
)
def test_an_address_that_is_no_room_is_never_shown(session, url):
    assert room_of(meeting_of(session, url=url), START) is None


@pytest.mark.parametrize(("minutes", "is_shown"), [(-61, False), (-60, True), (120, True), (121, False)])
def test_a_room_is_told_from_an_hour_before_until_an_hour_after(session, minutes, is_shown):
    meeting = meeting_of(session, url=OWN)
    assert (room_of(meeting, START + timedelta(minutes=minutes)) == OWN) is is_shown


@pytest.mark.parametrize("state", [MeetingState.CANCELLED, MeetingState.RECORDED])
def test_a_talk_that_is_over_has_no_room(session, state):
    assert room_of(meeting_of(session, url=OWN, state=state), START) is None


@pytest.mark.parametrize("side", [Side.APPLICANT, Side.OFFICE])
def test_the_number_is_for_the_one_who_calls(session, side):
    assert number_of(session, meeting_of(session, way=MeetingWay.PHONE), side, START) is None


# ---- rooms that the installation makes


def test_each_talk_has_a_room_that_stays_when_it_is_moved(session, jitsi):
    one, other = meeting_of(session), meeting_of(session)
    before = made_room(one.uid)
    session.commit()
    move_meeting(session, one, START + timedelta(days=1), by="test", side=Side.APPLICANT, now=NOW)
    assert (made_room(one.uid), made_room(other.uid) == before) == (before, False)


def test_the_name_of_a_room_does_not_tell_its_talk(session, jitsi):
    meeting = meeting_of(session)
    name = made_room(meeting.uid).rpartition("/")[2]
    assert (len(name), name.lower(), meeting.uid in name) == (34, name, False)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://meet.example.org/a", True),
        ("https://meet.example.org:8443/a", True),
        ("http://meet.example.org/a", False),
        ("https:///a", False),
        ("https://me@meet.example.org/", False),
        ("https://meet.example.org/a b", False),
        ("https://meet.example.org/a\r\nSet-Cookie: x", False),
        ("https://meet.example.org:99999/", False),
        ("https://[::1/", False),
        (f"https://meet.example.org/{'a' * 500}", False),
    ],
)
def test_a_room_is_an_https_address_on_one_line_without_a_password(text, is_one):
    assert is_room_address(text) is is_one


@pytest.mark.parametrize(
    "text", ["http://meet.example.org", "meet.example.org", "https://meet.example.org/?a=1"]
)
def test_the_setting_takes_no_other_address(settings, text):
    with pytest.raises(ValidationError):
        type(settings)(**settings.model_dump() | {"meeting_base_url": text})


def test_the_doctor_says_where_talks_meet(settings):
    (empty,), (made,) = (
        list(_rooms(settings.model_copy(update={"meeting_base_url": base})))
        for base in ("", "https://meet.example.org")
    )
    assert ("calls instead" in empty.words, "https://meet.example.org" in made.words) == (True, True)


# ---- the mail of the hour before


def mail_before(session, settings, *, url=OWN, safe_contact=False, side=Side.APPLICANT) -> str:
    engagement = meeting_of(session, url=url, safe_contact=safe_contact, occupies=False).engagement
    session.commit()
    start = START + timedelta(days=2)
    book_meeting(session, engagement, start, way=MeetingWay.ONLINE, by="test", now=NOW)
    query = select(OutboxMessage).where(OutboxMessage.template == "scheduling/in_an_hour")
    (row,) = (row for row in session.scalars(query) if row.params["side"] == side)
    letter = Letter(row.id, row.queued_at, row.template, row.locale)
    recipient = Recipient("somebody@example.org", "あおい", row.locale, safe_contact=safe_contact)
    mail = write_mail(letter, recipient, CONTEXTS[row.template](session, row), settings, now=NOW)
    assert OWN not in mail["Subject"]
    return mail.get_body(("plain",)).get_content() + mail.get_body(("html",)).get_content()


def test_the_mail_of_the_hour_before_has_the_room(session, settings):
    assert mail_before(session, settings).count(OWN) == 3  # as words, and as words in a link


def test_the_mail_of_the_hour_before_says_who_calls(session, settings):
    assert "お相手からお電話があります" in mail_before(session, settings, url=None)


def test_who_has_to_call_hears_of_the_hour_too(session, settings):
    assert "お電話をおかけください" in mail_before(session, settings, url=None, side=Side.SUPPORTER)


def test_where_contact_must_be_safe_the_mail_has_the_button_alone(session, settings):
    said = mail_before(session, settings, safe_contact=True)
    assert (OWN in said, "お電話があります" in said) == (False, False)


def test_no_other_mail_about_an_hour_has_the_room(session, settings):
    mail_before(session, settings)
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.template != "scheduling/in_an_hour"))
    contexts = [CONTEXTS[row.template](session, row) for row in rows]
    assert contexts
    assert not any(OWN in str(context.values()) for context in contexts)
