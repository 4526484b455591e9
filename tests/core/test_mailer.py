"""A row of the outbox becomes a mail that programs and careful people can read."""

import email
import email.policy
from datetime import UTC, datetime

import pytest

from mentorlink.core.mailer import Attachment, Letter, Recipient, write_mail
from mentorlink.core.settings import Settings
from mentorlink.core.transports import MailServer, parse_mail_url

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
LETTER = Letter(outbox_id=7, queued_at=NOW, template="core/desk", locale="ja")
HANAKO = Recipient("hanako@example.org", "見本 花子")
COUNTS = {"late": 1, "today": 2, "tomorrow": 3, "rounds": 0, "resting": 0}
ICS = Attachment("talk.ics", "BEGIN:VCALENDAR\r\nSUMMARY:お話し\r\nEND:VCALENDAR\r\n".encode(), "REQUEST")
SETTINGS = Settings(secret_key="s", base_url="https://mentor.example", mail_name="mentorlink 事務局")


def mail(letter=LETTER, recipient=HANAKO, **context):
    written = write_mail(letter, recipient, COUNTS | context, SETTINGS, now=NOW)
    return email.message_from_bytes(written.as_bytes(), policy=email.policy.default)


def test_a_mail_has_text_and_html_in_one():
    parts = [part.get_content_type() for part in mail().walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_the_words_are_in_the_language_of_the_row():
    assert mail()["Subject"] == "【今日の仕事】期限切れ 1・きょう 2・あす 3"
    assert "期限が過ぎたもの: 1件" in mail().get_body(("plain",)).get_content()


def test_every_header_names_what_it_should():
    message = mail()
    assert message["From"] == "mentorlink 事務局 <office@mentorlink.example>"
    assert message["To"] == "見本 花子 <hanako@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW


def test_the_message_id_is_the_same_when_it_is_written_again():
    assert mail()["Message-ID"] == mail()["Message-ID"] == f"<7.{int(NOW.timestamp())}@mentor.example>"


def test_a_calendar_file_comes_as_an_alternative_and_as_an_attachment():
    message = mail(attachment=ICS)
    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in calendars] == ["REQUEST", "REQUEST"]
    assert [part.get_filename() for part in message.iter_attachments()] == ["talk.ics"]
    assert calendars[1].get_payload(decode=True) == ICS.content
    assert calendars[0].get_content().split() == ICS.content.decode().split()


def test_a_careful_recipient_gets_a_neutral_sender_and_subject_and_no_attachment():
    careful = Recipient("hanako@example.org", "花子", safe_contact=True)
    message = mail(recipient=careful, attachment=ICS)
    assert message["From"].addresses[0].display_name == "お知らせ"
    assert message["Subject"] == "ご連絡があります"
    assert list(message.iter_attachments()) == []
    assert "mentorlink" not in message.get_body(("html",)).get_content()


def test_line_breaks_in_a_name_or_a_subject_add_no_header():
    message = mail(recipient=Recipient("a@example.org", "花子\r\nBcc: x@example.org"), late="1\r\nX-Evil: 1")
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["To"].addresses[0].display_name == "花子 Bcc: x@example.org"


@pytest.mark.parametrize(
    "address", ["a@example.org\r\nBcc: x@example.org", "a@example.org, b@example.org", "花"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match=r".+"):
        mail(recipient=Recipient(address, "花子"))


def test_every_line_is_short_ascii_so_that_any_server_takes_it():
    raw = write_mail(LETTER, HANAKO, COUNTS, SETTINGS, now=NOW).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 998


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", ("mail.example", 25, None, "", False)),
        ("smtp://me:p%40ss@mail.example", ("mail.example", 587, "me", "p@ss", False)),
        ("smtps://me:x@mail.example", ("mail.example", 465, "me", "x", True)),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, None, "", False)),
    ],
)
def test_the_mail_url_names_the_server(url, server):
    assert parse_mail_url(url) == MailServer(*server)


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "mail.example"])
def test_another_mail_url_is_refused_in_words(url):
    with pytest.raises(ValueError, match="MENTORLINK_MAIL_URL"):
        parse_mail_url(url)


def test_a_password_is_never_sent_in_the_clear_to_another_machine():
    assert parse_mail_url("smtp://me:x@mail.example").must_encrypt
    assert not parse_mail_url("smtp://me:x@127.0.0.1").must_encrypt
