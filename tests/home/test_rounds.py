"""組み合わせ: the office looks at a round, changes it with the consequences before its eyes, and approves it."""

import re

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.audit import AuditEntry
from mentorlink.core.language import ENGLISH, use_language
from mentorlink.matching.models import Invitation, InvitationState, MatchRun
from mentorlink.matching.nightly import prepare_tonight
from mentorlink.matching.round_answers import RoundAnswers
from mentorlink.matching.rounds import prepare_round
from mentorlink.people.models import Receiving
from tests.conftest import NOW
from tests.factories import make_application, make_person, make_programme, make_supporter

URL = "/office/rounds/talk"


@pytest.fixture
def programme(session):
    return make_programme(session, code="talk")


def searching(session, programme, **columns):
    begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
    return make_application(session, programme=programme, **begun, **columns)


def supporter(session, name, **columns):
    return make_supporter(session, person=make_person(session, display_name=name), **columns)


@pytest.fixture
def small(session, programme):
    """Two who wait; one supporter is the best for both and has one place, the other takes anybody."""
    people = [searching(session, programme, reference=f"2026-010{n}") for n in (1, 2)]
    good = supporter(session, "さとう見本", capacity_month=1)
    other = supporter(session, "たなか見本", skills={"06": 1})
    resting = supporter(session, "やすみ見本", receiving=Receiving.PAUSED)
    session.flush()
    ids = [each.id for each in (*people, good, other, resting)]
    session.commit()
    return ids


def latest(session):
    session.rollback()
    return session.scalars(select(MatchRun).order_by(MatchRun.id.desc())).first()


def pairs(session):
    return {pair[0]: pair[1] for pair in latest(session).pairs}


def made(client):
    assert client.post(URL).status_code == 303
    return client.get(URL).text


def change(client, session, **button):
    return client.post(f"{URL}/changes", data={"run": latest(session).id} | button)


def test_an_empty_page_says_who_waits(as_office, small):
    assert "2人が、お相手を待っています" in as_office.get(URL).text
    assert "60分の相談" in as_office.get("/office/rounds").text


def test_pairs_are_shown_with_score_reasons_and_hour(as_office, small):
    page = made(as_office)
    assert "さとう見本" in page
    assert "たなか見本" in page
    assert "得意度が3" in page
    assert page.count('class="hour"') == 2


def test_the_page_sends_nothing(as_office, session, small):
    made(as_office)
    assert session.scalars(select(Invitation)).all() == []


def test_why_not_tells_the_rule_or_the_cost_and_whom_it_moves(as_office, session, small):
    made(as_office)
    first, second = sorted(pairs(session), key=lambda each: pairs(session)[each] != small[2])
    page = as_office.get(f"{URL}?ask={second}").text
    moved = session.scalar(select(MatchRun)).pairs and f"2026-010{first}"
    assert f"{moved}のお相手がたなか見本になります" in page
    assert "いまは相談の受付を休んでいます" in page


def test_the_sentence_is_there_in_english_too(session, programme, small):
    run = prepare_round(session, programme, {}, frozenset(), now=NOW, by="user:1")
    answers = RoundAnswers(run, lambda each: f"A{each}", lambda each: f"S{each}")
    with use_language(ENGLISH):
        said = {each.supporter_id: each for each in answers.why_not(run.pairs[0][0])}
    other = next(each for each in said.values() if each.can_be_chosen)
    assert re.fullmatch(r"With this choice: A\d would meet S\d", other.words)


def test_choosing_another_one_is_what_the_sentence_said(as_office, session, small):
    made(as_office)
    before = pairs(session)
    swapped = next(each for each in before if before[each] == small[3])
    assert change(as_office, session, pin=f"{swapped}-{small[2]}").status_code == 303
    assert pairs(session) == {swapped: small[2], ({*before} - {swapped}).pop(): small[3]}
    assert "固定を外す" in as_office.get(URL).text


def test_a_pair_is_ruled_out_and_let_in_again(as_office, session, small):
    made(as_office)
    first = small[0]
    change(as_office, session, ban=f"{first}-{small[2]}")
    assert pairs(session)[first] == small[3]
    assert "事務局が、この組を外しています" in as_office.get(f"{URL}?ask={first}").text
    change(as_office, session, allow=f"{first}-{small[2]}")
    assert latest(session).bans == []


def test_a_fixed_pair_is_released(as_office, session, small):
    made(as_office)
    pair = f"{small[0]}-{small[3]}"
    change(as_office, session, pin=pair)
    assert latest(session).pins == [[small[0], small[3]]]
    change(as_office, session, release=pair)
    assert latest(session).pins == []


def test_one_some_or_all_are_approved(as_office, session, small):
    made(as_office)
    run = latest(session).id
    as_office.post(f"{URL}/approvals", data={"run": run, "only": small[0], "application": small[1]})
    assert [each.state for each in asked(session)] == [InvitationState.ASKED]
    as_office.post(f"{URL}/approvals", data={"run": run, "all": "1"})
    assert len(asked(session)) == 2
    page = as_office.get(URL).text
    assert page.count("打診の様子") == 2
    assert 'name="all"' not in page


def asked(session):
    session.rollback()
    return session.scalars(select(Invitation)).unique().all()


def test_what_the_page_did_not_show_is_not_approved(as_office, session, small):
    made(as_office)
    shown = latest(session).id
    as_office.post(URL)
    assert as_office.post(f"{URL}/approvals", data={"run": shown, "all": "1"}).status_code == 409
    assert asked(session) == []


@pytest.mark.parametrize(
    "data", [{}, {"pin": "1"}, {"pin": "x-y"}, {"pin": "1-2", "ban": "1-2"}, {"pin": "9" * 12 + "-1"}]
)
def test_a_button_that_no_page_has_is_refused(as_office, session, small, data):
    made(as_office)
    assert change(as_office, session, **data).status_code == 400


def test_nobody_chosen_is_said_in_words(as_office, session, small):
    made(as_office)
    assert as_office.post(f"{URL}/approvals", data={"run": latest(session).id}).status_code == 422


def test_acts_are_audited(as_office, session, small):
    made(as_office)
    change(as_office, session, ban=f"{small[0]}-{small[2]}")
    as_office.post(f"{URL}/approvals", data={"run": latest(session).id, "all": "1"})
    session.rollback()
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert [each for each in verbs if each in ("prepare_round", "ban_pair", "propose")] == [
        "prepare_round",
        "ban_pair",
        "propose",
        "propose",
    ]


def test_who_has_nobody_reads_the_bottleneck_and_what_would_help(as_office, session, programme):
    for _ in range(2):
        searching(session, programme, terms={"category": ["12"]})
    searching(session, programme)
    searching(session, programme)
    supporter(session, "さとう見本", capacity_month=1)
    session.commit()
    page = made(as_office)
    assert "いちばん相談したいことを受けられる人がいません" in page
    assert "平日の夜に話せる人がもう1人いると、2人が会えます" in page
    assert "さとう見本が今月あと1件受けられると、会えます" in page


def test_a_round_of_the_night_is_named_on_the_list_the_desk_and_its_page(
    as_office, session, programme, small
):
    programme.nightly_round = True
    session.commit()
    assert "けさの案" not in as_office.get("/office/rounds").text
    prepare_tonight(session, programme.id, NOW)
    session.commit()
    assert "けさの案 2組" in as_office.get("/office/rounds").text
    assert "ひとりでに用意しておいた案です" in as_office.get(URL).text
    desk = re.sub(r"<[^>]*>|\s", "", as_office.get("/office").text)
    assert "用意した組み合わせの案2" in desk
    as_office.post(URL)
    assert "けさの案" not in as_office.get("/office/rounds").text


def test_forty_by_ten_is_a_small_page_with_constant_queries(as_office, session, engine, programme):
    searching(session, programme)
    supporter(session, "さとう見本")
    session.commit()
    made(as_office)
    few = _queries(engine, as_office)
    for n in range(39):
        searching(session, programme)
        if n % 4 == 0:
            supporter(session, f"講師{n}", capacity_month=5)
    session.commit()
    page = made(as_office)
    assert len(page.encode()) < 100_000
    assert page.count('class="pair-head"') == 40
    assert _queries(engine, as_office) == few


def _queries(engine, client):
    said = []
    listener = lambda *args: said.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listener)
    client.get(URL)
    event.remove(engine, "before_cursor_execute", listener)
    return len(said)
