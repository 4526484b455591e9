"""Every route × method × visitor × {own, another's, absent}: each cell is declared in one table and asked for real."""

import re

import pytest

from mentorlink.core.outbox import Channel
from mentorlink.people.models import Purpose
from tests import factories
from tests.pages import without_token
from tests.permission_table import EVERYBODY, MINE, OFFICE, TABLE, VISITORS
from tests.permission_world import ABSENT, begin_again, browsers_of, make_survey, tell_story

ID = re.compile(r"<(?:\w+:)?(\w+)>")
PERSONAL = {key: who for key, who in TABLE.items() if who != EVERYBODY}


def routes(app):
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_declared_and_every_declaration_is_a_route(app):
    assert (sorted(routes(app) - TABLE.keys()), sorted(TABLE.keys() - routes(app))) == ([], [])


def test_no_two_views_wait_at_one_address(app):
    found = [(m, r.rule) for r in app.url_map.iter_rules() for m in r.methods - {"HEAD", "OPTIONS"}]
    assert sorted({each for each in found if found.count(each) > 1}) == []


def test_the_table_names_only_known_visitors():
    assert {word for who in TABLE.values() for word in who.split()} <= {*VISITORS, EVERYBODY, MINE}


@pytest.fixture
def world(session, enter, app):
    onward = factories.make_programme(session, months=6, has_selection=True)
    programme, survey = (
        factories.make_programme(session, leads_to_id=onward.id, months=6, has_selection=True),
        make_survey(session),
    )
    own, other = (tell_story(session, programme, survey) for _ in range(2))
    browsers = browsers_of(own, session, enter)
    return {"own": own.ids, "other": other.ids}, browsers


def address(rule, ids):
    """The rule with the ids of a story, or with ids that no row has."""

    def value(match):
        name = match[1]
        if name == "purpose":
            return Purpose.QUOTE.value if "withdrawal" not in rule else Purpose.PERSONAL_DATA.value
        found = ids.get(name, ABSENT) if ids else ABSENT
        if isinstance(found, dict):
            found = found[Channel.CALL if "/calls/" in rule else Channel.MAIL]
        return str(found)

    return ID.sub(value, rule)


def has_rows(rule):
    return any(name.endswith(("_id", "_key")) for name in ID.findall(rule))


def outcome(response):
    if response.status_code == 404:
        return "404"
    if response.status_code == 303 and response.location.startswith("/sign-in"):
        return "sign in"
    return "in" if response.status_code < 500 else f"fault {response.status_code}"


def declared(who, visitor, whose):
    if visitor == "nobody":
        return "sign in"
    if visitor not in who.split() or whose == "absent":
        return "404"
    sees_all = visitor in (*OFFICE.split(), "admin") and MINE not in who.split()
    return "in" if whose == "own" or sees_all else "404"


@pytest.mark.parametrize("key", sorted(PERSONAL))
def test_only_who_is_named_gets_in_and_only_with_what_is_theirs(world, session, key):
    stories, browsers = world
    method, rule = key.split(" ", 1)
    cases = ["absent", "other", "own"] if has_rows(rule) else ["own"]
    strangers_first = sorted(VISITORS, key=lambda visitor: visitor in TABLE[key].split())
    cells = [(visitor, whose) for whose in cases for visitor in strangers_first]
    found = {}
    for visitor, whose in cells:
        begin_again(session)
        answer = browsers[visitor].open(address(rule, stories.get(whose)), method=method)
        found[visitor, whose] = outcome(answer)
    wanted = {(visitor, whose): declared(TABLE[key], visitor, whose) for visitor, whose in cells}
    assert {cell: what for cell, what in found.items() if what != wanted[cell]} == {}


@pytest.mark.parametrize("key", sorted(key for key in PERSONAL if has_rows(key)))
def test_anothers_row_and_an_absent_one_answer_alike(world, key):
    stories, browsers = world
    method, rule = key.split(" ", 1)
    for visitor in VISITORS:
        sees_all = visitor in OFFICE.split() or (visitor == "admin" and visitor in TABLE[key].split())
        if visitor == "nobody" or sees_all:
            continue
        browsers[visitor].get("/")  # the first page of a visit sets its cookie
        answers = [
            browsers[visitor].open(address(rule, ids), method=method) for ids in (stories["other"], None)
        ]
        texts = [(a.status_code, without_token(a.text), sorted(a.headers.keys())) for a in answers]
        assert texts[0] == texts[1], visitor


@pytest.mark.parametrize(
    "key", sorted(key for key, who in TABLE.items() if who == EVERYBODY and "<" not in key)
)
def test_what_is_for_everybody_asks_nobody_to_sign_in(world, key):
    _stories, browsers = world
    method, rule = key.split(" ", 1)
    own_way = "/totp" in rule  # half way in, or back to the beginning
    for visitor in VISITORS:
        assert (
            outcome(browsers[visitor].open(rule, method=method)) == "in" or own_way or rule == "/sign-in/link"
        )
