"""Every sentence about a round is there in Japanese and in English, with all its places filled."""

import re

import pytest

from mentorlink.core.i18n import plain
from mentorlink.core.language import ENGLISH, JAPANESE, use_language
from mentorlink.fit.rules import Rule
from mentorlink.matching import round_answers, round_help
from mentorlink.matching.outline import TAKEN, WHY_UNMATCHED, why_unmatched
from tests.fit.people import gardener, pioneer
from tests.fit.test_rules import BREAKS

KANA = re.compile("[\u3041-\u30fa]")
PLACES = re.compile(r"%\((\w+)\)s")
SENTENCES = sorted(
    {
        *WHY_UNMATCHED.values(),
        *(
            value
            for module in (round_answers, round_help)
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, str) and KANA.search(value)
        ),
    }
)


def said(msgid, language):
    with use_language(language):
        return plain(msgid, **{place: f"<{place}>" for place in PLACES.findall(msgid)})


def test_there_are_all_the_sentences():
    assert len(SENTENCES) >= len(WHY_UNMATCHED) + 14


@pytest.mark.parametrize("msgid", SENTENCES)
def test_each_sentence_is_said_in_both_languages_with_its_places_filled(msgid):
    japanese, english = said(msgid, JAPANESE), said(msgid, ENGLISH)
    assert KANA.search(japanese)
    assert not KANA.search(english)
    for place in PLACES.findall(msgid):
        assert f"<{place}>" in japanese
        assert f"<{place}>" in english


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_that_alone_keeps_everybody_away_is_the_reason(rule):
    answers, facts = BREAKS[rule]
    assert why_unmatched(gardener(**answers), [pioneer(**facts)]) == rule
    assert said(WHY_UNMATCHED[rule], ENGLISH) != said(WHY_UNMATCHED[TAKEN], ENGLISH)
