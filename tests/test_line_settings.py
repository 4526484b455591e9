"""What the operator hears of LINE, and that a demo writes to nobody's."""

import pytest

from mentorlink.app import create_app
from mentorlink.cli.doctor import CHECKS, _line
from mentorlink.core.settings import Settings

LINE = {"line_channel_secret": "secret-1", "line_channel_token": "token-1"}


@pytest.mark.parametrize(
    ("settings", "levels", "words"),
    [
        ({}, ["note"], "offered nowhere"),
        ({"line_channel_token": "token-1"}, ["note"], "needs both"),
        (LINE, ["ok", "note"], "ACCOUNT_URL is empty"),
        (LINE | {"line_account_url": "https://line.me/R/ti/p/@x"}, ["ok"], "/line/webhook, 200 recipients"),
        (LINE | {"line_base_url": "http://line.example"}, ["blocked"], "in the clear"),
    ],
)
def test_doctor_says_what_of_line_is_set(settings, levels, words):
    found = list(_line(Settings(**settings)))
    assert [finding.level for finding in found] == levels
    assert words in " ".join(finding.words for finding in found)
    assert "secret-1" not in str(found)
    assert "token-1" not in str(found)
    assert _line in CHECKS


def test_the_demo_writes_to_nobodys_line(engine):
    with pytest.raises(RuntimeError, match="LINE"):
        create_app(Settings(secret_key="s", demo=True, **LINE), engine=engine)
    create_app(Settings(secret_key="s", demo=True, line_base_url="http://127.0.0.1:1", **LINE), engine=engine)
