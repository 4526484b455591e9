"""Every point and every broken rule says itself, to the office and to the applicant."""

import pytest

from mentorlink.core.i18n import gettext, use_language
from mentorlink.fit.points import Criterion, Weights
from mentorlink.fit.reasons import applicant_reasons, obstacles, office_reasons, unscored_wishes
from mentorlink.fit.rules import Rule
from tests.fit.people import (
    CHILDREN,
    GARDEN,
    HOKKAIDO,
    HOUSING,
    INSURANCE,
    MONEY,
    PLACES,
    PREPARING,
    TOKYO,
    applicant,
    gardener,
    pioneer,
    supporter,
)
from tests.fit.test_rules import BREAKS

OFFICE_JA = {
    Criterion.MAIN_CATEGORY: "いちばんの相談「場所・物件」の得意度が3です（+3）",
    Criterion.OTHER_CATEGORY: "ほかの相談「資金(助成・寄付・クラファン・借入)」「保険・安全・リスク」も受けられます（+2）",
    Criterion.THEME: "活動テーマ「農・自然・地域農園」が同じです（+3）",
    Criterion.TARGET: "対象者「子ども」に対応できます（+2）",
    Criterion.STAGE: "次の段階「活動初期(1年未満)」を経験しています（+2）",
    Criterion.SIMILAR: "環境・財源・法人格が似ています: 「農山漁村」「助成金・補助金」「任意団体(法人化していない)」（+2）",
    Criterion.REGION: "希望どおり近い地域（神奈川県）です（+1）",
}
OBSTACLES_JA = {
    Rule.NOT_RECEIVING: "いまは相談の受付を休んでいます",
    Rule.NO_CAPACITY: "今月の上限（2件）に達しています",
    Rule.TRAINING_EXPIRED: "研修・誓約の期限が切れています",
    Rule.MAIN_CATEGORY: "いちばんの相談「場所・物件」を受けていません",
    Rule.MODE: "希望の方法「対面」に対応していません",
    Rule.ACCOMMODATIONS: "必要な配慮「手話」に対応していません",
    Rule.SAME_ORGANISATION: "相談者と同じ団体に所属しています",
    Rule.AVOIDED_ORGANISATION: "相談者が避けたい団体に所属しています",
    Rule.PAST_COMPLAINT: "過去の申し出により、この二人は組み合わせません",
    Rule.NO_COMMON_TIME: "二人に共通の空き時間がありません",
}


def said(sentence, language="ja"):
    with use_language(language):
        return gettext(sentence.msgid, **sentence.params)


def told(asking, offering):
    return [said(sentence) for sentence in applicant_reasons(asking, offering)]


@pytest.mark.parametrize("criterion", Criterion)
def test_the_office_reads_a_reason_for_every_point(criterion):
    reasons = {each.criterion: said(each.sentence) for each in office_reasons(gardener(), pioneer())}
    assert reasons[criterion] == OFFICE_JA[criterion]


def test_office_reasons_come_in_a_fixed_order_with_their_points():
    reasons = office_reasons(gardener(), pioneer())
    assert [(each.criterion, each.points) for each in reasons] == list(
        zip(Criterion, [3, 2, 3, 2, 2, 2, 1], strict=True)
    )


def test_the_office_reads_that_a_far_region_was_wished():
    asking = applicant(prefecture=TOKYO, prefer=frozenset({"far"}))
    assert [said(each.sentence) for each in office_reasons(asking, supporter(prefecture=HOKKAIDO))] == [
        "希望どおり遠い地域（北海道）です（+1）"
    ]


def test_a_criterion_without_points_has_no_reason():
    assert office_reasons(gardener(), supporter()) == ()
    assert applicant_reasons(gardener(), supporter()) == ()


def test_a_programme_that_gives_no_point_for_it_tells_the_office_no_reason():
    reasons = office_reasons(applicant(themes=frozenset({GARDEN})), pioneer(), Weights(theme=0))
    assert reasons == ()


def test_the_applicant_reads_what_the_supporter_brings():
    assert told(gardener(), pioneer()) == [
        "いちばん相談したいこと「場所・物件」を得意にしています",
        "「資金(助成・寄付・クラファン・借入)」「保険・安全・リスク」のことも話せます",
        "同じ「農・自然・地域農園」の活動を、ゼロから始めた経験があります",
        "「子ども」とかかわる活動をしています",
        "「農山漁村」「助成金・補助金」「任意団体(法人化していない)」が、あなたと同じです",
        "近くの地域（神奈川県）の人です",
    ]


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (1, "いちばん相談したいこと「場所・物件」の相談を受けています"),
        (2, "いちばん相談したいこと「場所・物件」をよく知っています"),
        (3, "いちばん相談したいこと「場所・物件」を得意にしています"),
    ],
)
def test_the_applicant_reads_the_skill_in_words(level, sentence):
    assert told(applicant(categories=(PLACES,)), supporter(skills={PLACES: level})) == [sentence]


def test_a_theme_without_the_beginning_is_told_plainly():
    both = frozenset({HOUSING, GARDEN})
    assert told(applicant(themes=both), supporter(themes=both)) == [
        "同じ「住まい」「農・自然・地域農園」の活動をしています"
    ]


def test_a_next_stage_without_a_common_theme_is_told_plainly():
    assert told(applicant(stage=PREPARING), pioneer()) == [
        "あなたの次の段階「活動初期(1年未満)」を経験しています"
    ]


def test_who_has_already_begun_is_told_theme_and_stage_apart():
    asking = applicant(stage="04", themes=frozenset({GARDEN}))
    assert told(asking, supporter(stages=frozenset({"04", "05"}), themes=frozenset({GARDEN}))) == [
        "同じ「農・自然・地域農園」の活動をしています",
        "あなたの次の段階「活動初期(1-3年)」を経験しています",
    ]


def test_a_supporter_who_welcomes_anyone_is_told_as_that():
    assert told(applicant(targets=frozenset({CHILDREN})), supporter(anyone=True)) == [
        "どなたでも来られる活動をしています"
    ]


def test_a_far_region_is_told_by_its_name():
    asking = applicant(prefecture=TOKYO, prefer=frozenset({"far"}))
    assert told(asking, supporter(prefecture=HOKKAIDO)) == ["遠くの地域（北海道）の人です"]


def test_the_applicant_reads_no_points():
    assert not any(
        {"points", "level"} & set(each.params) for each in applicant_reasons(gardener(), pioneer())
    )


@pytest.mark.parametrize("rule", Rule)
def test_the_office_reads_why_not(rule):
    answers, facts = BREAKS[rule]
    found = obstacles(gardener(**answers), pioneer(**facts))
    assert [(each.rule, said(each.sentence)) for each in found] == [(rule, OBSTACLES_JA[rule])]


def test_a_pair_that_can_meet_has_no_obstacle():
    assert obstacles(gardener(), pioneer()) == ()


def test_wishes_without_points_are_shown_to_the_office():
    asking = applicant(prefer=frozenset({"woman", "same_age", "near"}))
    assert [said(each) for each in unscored_wishes(asking)] == [
        "「女性」「同年代」の希望があります。点には入っていないので、打診の前に確かめてください"
    ]


def test_a_wish_for_a_region_needs_no_second_look():
    assert unscored_wishes(applicant(prefer=frozenset({"near", "any"}))) == ()


def test_the_names_inside_a_sentence_follow_the_reader():
    sentence = office_reasons(applicant(categories=("09", MONEY, INSURANCE)), pioneer())[0].sentence
    with use_language("en"):
        assert str(sentence.params["categories"]) == (
            "Money (grants, donations, crowdfunding, loans)”, “Insurance, safety and risk"
        )
