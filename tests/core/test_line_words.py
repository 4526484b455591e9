"""What a locked telephone shows: for every template, in both languages, that there is news and where; nothing more."""

import re
from datetime import UTC, datetime

import pytest

from mentorlink.core.mailer import Letter, Recipient, render_line
from mentorlink.core.paths import resource
from mentorlink.core.settings import Settings

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
MAIL = resource("templates", "mail")
OWN = sorted(str(path.parent.relative_to(MAIL)) for path in MAIL.glob("*/*/line.txt"))
PLAIN = "applications/selected"  # has no words of its own for LINE
LINK = "https://talk.example/e/token"
PRIVATE = {
    "receipt_number": "2026-0042",
    "subject": "【選考結果】",
    "story": "孤独です",
    "application": None,
    "starts_at": NOW,
    "ends_at": NOW,
    "zone": "Asia/Tokyo",
    "action_url": LINK,
    "action_label": "結果を見る",
}
SECRETS = re.compile("はな|2026-0042|選考|孤独|DV|病|結果|相談|居場所")


def words(template, *, language="ja", safe=False):
    letter = Letter(1, NOW, template, language)
    person = Recipient("", "はな", language, safe, "U1")
    return render_line(letter, person, PRIVATE, Settings(base_url="https://talk.example"))


@pytest.mark.parametrize("template", [*OWN, PLAIN])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_line_says_nothing_about_anybody(template, language):
    text = words(template, language=language)
    assert SECRETS.search(text) is None
    assert LINK in text
    assert "0287-00-0000" in text
    assert len(text) < 200


@pytest.mark.parametrize("template", [*OWN, PLAIN])
def test_with_safe_contact_not_even_who_it_is_from(template):
    assert words(template, safe=True) == f"ご連絡があります。\n\nこちらからご覧ください。\n{LINK}"


def test_the_hour_before_says_the_hour():
    assert "このあと 10:00 からです。入り方はこちら" in words("scheduling/in_an_hour")


def test_without_a_link_it_leads_to_the_first_page(monkeypatch):
    monkeypatch.setitem(PRIVATE, "action_url", None)
    assert "https://talk.example" in words(PLAIN)
