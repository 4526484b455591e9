"""Who has no pair in a round, why, and the smallest change that would help them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mentorlink.applications.models import DayPart
from mentorlink.core import taxonomy
from mentorlink.core.i18n import N_, plain
from mentorlink.fit.points import score_pair
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.rules import Rule, failed_rules
from mentorlink.matching.models import MatchRun
from mentorlink.matching.outline import TAKEN, WHY_UNMATCHED, why_unmatched
from mentorlink.matching.round_facts import RoundFacts

Part = tuple[bool, DayPart]  # at the weekend, and when in the day
PARTS: Mapping[DayPart, str] = {
    DayPart.MORNING: N_("午前"),
    DayPart.AFTERNOON: N_("午後"),
    DayPart.EVENING: N_("夜"),
}
_NO_TEAM = N_("同じ時間に話せる、別々の団体の方がそろいません")
_ONE_MORE = N_("同じ時間に話せる、別の団体の人がもう1人いると、組めるかもしれません")
_ROOM = N_("%(name)sが今月あと1件受けられると、会えます")
_WEEKDAY = N_("「%(category)s」を受けられて、平日の%(part)sに話せる人がもう1人いると、%(n)s人が会えます")
_WEEKEND = N_("「%(category)s」を受けられて、週末の%(part)sに話せる人がもう1人いると、%(n)s人が会えます")
_ANY_HOUR = N_("「%(category)s」を受けられる人がもう1人いると、%(n)s人が会えます")
_ANYBODY = N_("話せる人がもう1人いると、%(n)s人が会えます")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Of one application: the bottleneck and the smallest change that would help, as sentences."""

    application_id: int
    reason: str
    help: str


class RoundHelp:
    """Of one run. ``parts_of``: when an application's person can talk; ``name_of``: a supporter's name."""

    def __init__(
        self,
        run: MatchRun,
        facts: RoundFacts,
        parts_of: Callable[[int], frozenset[Part]],
        name_of: Callable[[int], str],
    ) -> None:
        self._facts, self._parts_of, self._name_of = facts, parts_of, name_of
        made = run.pairs if run.teams is None else run.teams["made"]
        self._is_of_teams = run.teams is not None
        self._matched = {each[0] for each in made}
        self._first_seats = {pair[0] for pair in run.pairs}
        self._assigned = Counter(pair[1] for pair in run.pairs)
        self._used = {(pair[1], pair[3]) for pair in run.pairs if pair[3] is not None}

    def unmatched(self) -> list[Unmatched]:
        left = [each for each in self._facts.applicants if each.id not in self._matched]
        return [Unmatched(_id(each), self._reason(each), self._help(each, left)) for each in left]

    def _reason(self, person: ApplicantFacts) -> str:
        if self._is_of_teams:
            return plain(WHY_UNMATCHED[TAKEN] if _id(person) in self._first_seats else _NO_TEAM)
        return plain(WHY_UNMATCHED[why_unmatched(person, self._open_to(person))])

    def _open_to(self, person: ApplicantFacts) -> list[SupporterFacts]:
        closed = self._facts.asked | self._facts.bans
        return [each for each in self._facts.supporters if (_id(person), _id(each)) not in closed]

    def _help(self, person: ApplicantFacts, left: list[ApplicantFacts]) -> str:
        if self._is_of_teams:
            return plain(_ONE_MORE)
        if (supporter := self._with_one_more(person)) is not None:
            return plain(_ROOM, name=self._name_of(_id(supporter)))
        return self._newcomer(person, left)

    def _with_one_more(self, person: ApplicantFacts) -> SupporterFacts | None:
        """The best supporter who is full and could meet this person with one talk more in the month."""
        could = [
            each
            for each in self._open_to(person)
            if set(failed_rules(person, each)) <= {Rule.NO_CAPACITY}
            and each.load + self._assigned[_id(each)] >= each.capacity
            and self._has_hour(person, each)
        ]
        return max(
            could, key=lambda each: (score_pair(person, each, self._facts.weights), -_id(each)), default=None
        )

    def _has_hour(self, person: ApplicantFacts, supporter: SupporterFacts) -> bool:
        if person.times is None:
            return True
        free = (
            one for one in self._facts.sittings[_id(supporter)] if (_id(supporter), one[0]) not in self._used
        )
        return any(not person.times.isdisjoint(one) for one in free)

    def _newcomer(self, person: ApplicantFacts, left: list[ApplicantFacts]) -> str:
        """The one who could talk with the most of those who wait for the same advice, this person among them."""
        alike = [each for each in left if each.main_category == person.main_category]
        if person.main_category is None:
            return plain(_ANYBODY, n=len(alike))
        category = taxonomy.term("category", person.main_category)
        mine = self._parts_of(_id(person))
        if not mine:
            return plain(_ANY_HOUR, category=category, n=len(alike))
        served = Counter(part for each in alike for part in self._free_in(each, mine))
        order = sorted(mine, key=lambda part: (-served[part], part[0], list(PARTS).index(part[1])))
        is_weekend, part = order[0]
        msgid = _WEEKEND if is_weekend else _WEEKDAY
        return plain(msgid, category=category, part=plain(PARTS[part]), n=served[order[0]])

    def _free_in(self, person: ApplicantFacts, parts: frozenset[Part]) -> frozenset[Part]:
        """By talk suits any."""
        own = self._parts_of(_id(person))
        return own & parts if own else parts


def _id(facts: ApplicantFacts | SupporterFacts) -> int:
    return int(str(facts.id))
