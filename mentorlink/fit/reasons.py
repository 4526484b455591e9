"""Why this pair, and why not: every point and every failed rule as a sentence, for two audiences.

The office reads points. An applicant reads what the supporter brings, and never a number, a level or what is missing.
A sentence is a message id and its parameters; ``gettext(sentence.msgid, **sentence.params)`` puts it into the reader's
language, the names of the taxonomies included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mentorlink.core import taxonomy
from mentorlink.core.i18n import N_
from mentorlink.core.taxonomy import Prefecture, Term, Terms
from mentorlink.fit.points import Criterion, Weights, likenesses, points_of, shared_targets
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.rules import Rule, failed_rules

Param = str | int | Term | Terms | Prefecture


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message of the catalogues, by its Japanese text, and what fills its places."""

    msgid: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Reason:
    """What a criterion gave, and why. ``points`` is above 0."""

    criterion: Criterion
    points: int
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rule that the pair breaks, and what stands in the way. For the office only."""

    rule: Rule
    sentence: Sentence


def office_reasons(
    applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights | None = None
) -> tuple[Reason, ...]:
    """A reason for each criterion that gave points, in the order of ``Criterion``."""
    return tuple(
        Reason(each.criterion, each.points, _OFFICE[each.criterion](applicant, supporter, each.points))
        for each in points_of(applicant, supporter, weights)
        if each.points
    )


def applicant_reasons(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[Sentence, ...]:
    """What to tell the applicant about this supporter. A theme and a beginning in common become one sentence."""
    met = {each.criterion for each in points_of(applicant, supporter, _EVERYTHING) if each.points}
    began_alike = {Criterion.THEME, Criterion.STAGE} <= met and _begins(applicant, supporter)
    said = (Criterion.STAGE,) if began_alike else ()
    tell = {**_APPLICANT, Criterion.THEME: _began_same_theme} if began_alike else _APPLICANT
    return tuple(tell[each](applicant, supporter) for each in Criterion if each in met and each not in said)


def obstacles(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[Obstacle, ...]:
    """Every rule that keeps the two apart, in the order of ``Rule``; empty where they can meet."""
    return tuple(
        Obstacle(rule, _OBSTACLE[rule](applicant, supporter)) for rule in failed_rules(applicant, supporter)
    )


def unscored_wishes(applicant: ApplicantFacts) -> tuple[Sentence, ...]:
    """Wishes that no point is given for, so that somebody in the office looks at them."""
    codes = [each.code for each in taxonomy.terms("preference") if each.code not in {"near", "far", "any"}]
    wishes = _terms("preference", applicant.prefer.intersection(codes))
    msgid = N_("「%(wishes)s」の希望があります。点には入っていないので、打診の前に確かめてください")
    return (Sentence(msgid, {"wishes": wishes}),) if wishes else ()


def _terms(scheme: str, codes: frozenset[str] | tuple[str, ...]) -> Terms:
    """The terms of these codes: a set in the order of the list, a tuple in its own."""
    ordered = (
        codes if isinstance(codes, tuple) else [code for code in taxonomy.codes(scheme) if code in codes]
    )
    return Terms(taxonomy.term(scheme, code) for code in ordered)


def _shared_themes(a: ApplicantFacts, b: SupporterFacts) -> Terms:
    return _terms("theme", a.themes & b.themes)


def _shared_targets(a: ApplicantFacts, b: SupporterFacts) -> Terms:
    return _terms("target", shared_targets(a, b))


def _taken_categories(a: ApplicantFacts, b: SupporterFacts) -> Terms:
    return _terms("category", tuple(code for code in a.other_categories if b.skill(code) >= 1))


def _alike(a: ApplicantFacts, b: SupporterFacts) -> Terms:
    return Terms(taxonomy.term(scheme, code) for scheme, code in likenesses(a, b))


def _main(a: ApplicantFacts) -> Term:
    return taxonomy.term("category", a.categories[0])


def _next_stage(a: ApplicantFacts) -> Term:
    return taxonomy.term("stage", a.next_stage or "")


def _home(b: SupporterFacts) -> Prefecture:
    return taxonomy.prefecture(b.prefecture or "")


def _begins(a: ApplicantFacts, b: SupporterFacts) -> bool:
    """The applicant has not begun, and the supporter has been through the beginning."""
    stages = taxonomy.codes("stage")
    return a.stage in stages[:3] and stages[3] in b.stages


def _office_main(a: ApplicantFacts, b: SupporterFacts, points: int) -> Sentence:
    msgid = N_("いちばんの相談「%(category)s」の得意度が%(level)sです（+%(points)s）")
    return Sentence(msgid, {"category": _main(a), "level": b.skill(a.categories[0]), "points": points})


def _office_region(a: ApplicantFacts, b: SupporterFacts, points: int) -> Sentence:
    near = N_("希望どおり近い地域（%(prefecture)s）です（+%(points)s）")
    far = N_("希望どおり遠い地域（%(prefecture)s）です（+%(points)s）")
    return Sentence(near if a.region_wish == "near" else far, {"prefecture": _home(b), "points": points})


def _office(
    msgid: str, name: str, value: Callable[[ApplicantFacts, SupporterFacts], Param]
) -> Callable[[ApplicantFacts, SupporterFacts, int], Sentence]:
    return lambda a, b, points: Sentence(msgid, {name: value(a, b), "points": points})


def _told_main(a: ApplicantFacts, b: SupporterFacts) -> Sentence:
    by_level = (
        N_("いちばん相談したいこと「%(category)s」の相談を受けています"),
        N_("いちばん相談したいこと「%(category)s」をよく知っています"),
        N_("いちばん相談したいこと「%(category)s」を得意にしています"),
    )
    return Sentence(by_level[b.skill(a.categories[0]) - 1], {"category": _main(a)})


def _told_region(a: ApplicantFacts, b: SupporterFacts) -> Sentence:
    near, far = N_("近くの地域（%(prefecture)s）の人です"), N_("遠くの地域（%(prefecture)s）の人です")
    return Sentence(near if a.region_wish == "near" else far, {"prefecture": _home(b)})


def _told_target(a: ApplicantFacts, b: SupporterFacts) -> Sentence:
    if b.anyone and not a.asked_targets & b.targets:
        return Sentence(N_("どなたでも来られる活動をしています"), {})
    return Sentence(N_("「%(targets)s」とかかわる活動をしています"), {"targets": _shared_targets(a, b)})


def _began_same_theme(a: ApplicantFacts, b: SupporterFacts) -> Sentence:
    msgid = N_("同じ「%(themes)s」の活動を、ゼロから始めた経験があります")
    return Sentence(msgid, {"themes": _shared_themes(a, b)})


def _told(
    msgid: str, name: str, value: Callable[[ApplicantFacts, SupporterFacts], Param]
) -> Callable[[ApplicantFacts, SupporterFacts], Sentence]:
    return lambda a, b: Sentence(msgid, {name: value(a, b)})


def _plain(msgid: str) -> Callable[[ApplicantFacts, SupporterFacts], Sentence]:
    return lambda _, __: Sentence(msgid, {})


# What is told does not depend on a programme's weights: every criterion is looked at.
_EVERYTHING = Weights()
_OFFICE: Mapping[Criterion, Callable[[ApplicantFacts, SupporterFacts, int], Sentence]] = {
    Criterion.MAIN_CATEGORY: _office_main,
    Criterion.OTHER_CATEGORY: _office(
        N_("ほかの相談「%(categories)s」も受けられます（+%(points)s）"), "categories", _taken_categories
    ),
    Criterion.THEME: _office(
        N_("活動テーマ「%(themes)s」が同じです（+%(points)s）"), "themes", _shared_themes
    ),
    Criterion.TARGET: _office(
        N_("対象者「%(targets)s」に対応できます（+%(points)s）"), "targets", _shared_targets
    ),
    Criterion.STAGE: _office(
        N_("次の段階「%(stage)s」を経験しています（+%(points)s）"), "stage", lambda a, _: _next_stage(a)
    ),
    Criterion.SIMILAR: _office(
        N_("環境・財源・法人格が似ています: 「%(alike)s」（+%(points)s）"), "alike", _alike
    ),
    Criterion.REGION: _office_region,
}
_APPLICANT: Mapping[Criterion, Callable[[ApplicantFacts, SupporterFacts], Sentence]] = {
    Criterion.MAIN_CATEGORY: _told_main,
    Criterion.OTHER_CATEGORY: _told(
        N_("「%(categories)s」のことも話せます"), "categories", _taken_categories
    ),
    Criterion.THEME: _told(N_("同じ「%(themes)s」の活動をしています"), "themes", _shared_themes),
    Criterion.TARGET: _told_target,
    Criterion.STAGE: _told(
        N_("あなたの次の段階「%(stage)s」を経験しています"), "stage", lambda a, _: _next_stage(a)
    ),
    Criterion.SIMILAR: _told(N_("「%(alike)s」が、あなたと同じです"), "alike", _alike),
    Criterion.REGION: _told_region,
}
_OBSTACLE: Mapping[Rule, Callable[[ApplicantFacts, SupporterFacts], Sentence]] = {
    Rule.NOT_RECEIVING: _plain(N_("いまは相談の受付を休んでいます")),
    Rule.NO_CAPACITY: lambda _, b: Sentence(
        N_("今月の上限（%(capacity)s件）に達しています"), {"capacity": b.capacity}
    ),
    Rule.TRAINING_EXPIRED: _plain(N_("研修・誓約の期限が切れています")),
    Rule.MAIN_CATEGORY: _told(
        N_("いちばんの相談「%(category)s」を受けていません"), "category", lambda a, _: _main(a)
    ),
    Rule.MODE: _told(
        N_("希望の方法「%(modes)s」に対応していません"), "modes", lambda a, _: _terms("mode", a.modes)
    ),
    Rule.ACCOMMODATIONS: _told(
        N_("必要な配慮「%(accommodations)s」に対応していません"),
        "accommodations",
        lambda a, b: _terms("accommodation", a.accommodations - b.accommodations),
    ),
    Rule.SAME_ORGANISATION: _plain(N_("相談者と同じ団体に所属しています")),
    Rule.AVOIDED_ORGANISATION: _plain(N_("相談者が避けたい団体に所属しています")),
    Rule.PAST_COMPLAINT: _plain(N_("過去の申し出により、この二人は組み合わせません")),
    Rule.NO_COMMON_TIME: _plain(N_("二人に共通の空き時間がありません")),
}
