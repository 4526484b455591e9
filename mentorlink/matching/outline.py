"""A round on facts, as numbers and words that a machine can read: no database behind it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mentorlink.core.i18n import N_, plain
from mentorlink.fit.arrays import pack
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.reasons import office_reasons
from mentorlink.fit.rules import Rule, failed_rules
from mentorlink.matching.assignment.field import Field, ScoredField
from mentorlink.matching.assignment.solve import Assignment, assign

StartWords = Callable[[int], str]
TAKEN = "taken"
WHY_UNMATCHED = {
    TAKEN: N_("合う人の空きが、ほかの方でうまりました"),
    "nobody": N_("合う人がまだいません"),
    Rule.NOT_RECEIVING: N_("合う人が、いまはお休みしています"),
    Rule.NO_CAPACITY: N_("合う人の今月の枠がうまっています"),
    Rule.TRAINING_EXPIRED: N_("合う人の研修の期限が切れています"),
    Rule.MAIN_CATEGORY: N_("いちばん相談したいことを受けられる人がいません"),
    Rule.MODE: N_("お話しの方法が合う人がいません"),
    Rule.ACCOMMODATIONS: N_("お願いされた配慮ができる人がいません"),
    Rule.SAME_ORGANISATION: N_("合う人が、同じ団体の人です"),
    Rule.AVOIDED_ORGANISATION: N_("合う人が、避けたい団体の人です"),
    Rule.PAST_COMPLAINT: N_("合う人とは、前に行き違いがありました"),
    Rule.NO_COMMON_TIME: N_("合う人と、重なる時間がありません"),
}


def outline_round(
    applicants: Sequence[ApplicantFacts],
    supporters: Sequence[SupporterFacts],
    start_words: StartWords,
    *,
    weights: Weights | None = None,
    explain_all: bool = False,
) -> dict[str, Any]:
    """``pairs``, ``unmatched``, ``certificate`` and, with ``explain_all``, ``feasible``; see the README's command line.

    The order in which people are given changes nothing: both sides are taken by id.
    """
    people = sorted(applicants, key=lambda each: str(each.id))
    others = sorted(supporters, key=lambda each: str(each.id))
    weights = weights or Weights()
    field = ScoredField(*pack(people, others), weights)
    found = assign(field)
    outline: dict[str, Any] = {
        "pairs": _pairs(people, others, found, weights, start_words),
        "unmatched": _unmatched(people, others, found),
        "certificate": certificate_of(found),
    }
    if explain_all:
        outline["feasible"] = _feasible(field, people, others, start_words)
    return outline


def certificate_of(found: Assignment) -> dict[str, Any]:
    """The figures of a round. ``total`` in tenths of a point; ``gap`` is what the prices leave open: 0."""
    return {
        "matched": len(found.rows),
        "worst": found.worst,
        "total": found.total,
        "dual_total": found.dual_total,
        "gap": found.dual_total - found.total,
        "spread": found.spread,
        "pruned": found.pruned,
        "rounds": found.rounds,
        "seconds": round(found.seconds, 4),
    }


def _pairs(
    people: list[ApplicantFacts],
    others: list[SupporterFacts],
    found: Assignment,
    weights: Weights,
    start_words: StartWords,
) -> list[dict[str, Any]]:
    columns = (found.rows, found.columns, found.scores, found.starts, found.timed)
    listed = []
    for row, column, score, start, timed in zip(*(each.tolist() for each in columns), strict=True):
        pair = people[row], others[column]
        reasons = office_reasons(*pair, weights)
        listed.append(
            {
                "applicant": pair[0].id,
                "supporter": pair[1].id,
                "start": start_words(start) if timed else None,
                "score": score,
                "reasons": [plain(each.sentence.msgid, **each.sentence.params) for each in reasons],
            }
        )
    return listed


def _unmatched(
    people: list[ApplicantFacts], others: list[SupporterFacts], found: Assignment
) -> list[dict[str, Any]]:
    matched = set(found.rows.tolist())
    left = [person for row, person in enumerate(people) if row not in matched]
    return [
        {"applicant": person.id, "reason": plain(WHY_UNMATCHED[why_unmatched(person, others)])}
        for person in left
    ]


def why_unmatched(person: ApplicantFacts, others: Sequence[SupporterFacts]) -> str:
    """The rule that alone keeps the most supporters away; ``taken`` where somebody would fit."""
    broken = [failed_rules(person, other) for other in others]
    if any(not rules for rules in broken):
        return TAKEN
    alone = Counter(rules[0] for rules in broken if len(rules) == 1)
    first = alone or Counter(rule for rules in broken for rule in rules)
    return min(first, key=lambda rule: (-first[rule], list(Rule).index(rule))) if first else "nobody"


def _feasible(
    field: Field, people: list[ApplicantFacts], others: list[SupporterFacts], start_words: StartWords
) -> list[dict[str, Any]]:
    listed = []
    for block in field.blocks():
        inside, columns = np.nonzero(block.feasible)
        rows = inside + block.start
        which, starts = field.starts(rows, columns)
        by_pair: dict[int, list[str]] = {}
        for place, start in zip(which.tolist(), starts.tolist(), strict=True):
            by_pair.setdefault(place, []).append(start_words(start))
        for place, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            score = int(block.scores[row - block.start, column])
            listed.append(
                {
                    "applicant": people[row].id,
                    "supporter": others[column].id,
                    "score": score,
                    "weight": score * 10 + people[row].waiting_days,
                    "starts": by_pair.get(place, []),
                }
            )
    return listed
