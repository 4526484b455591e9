"""Why not that one? Answers about a stored round, in words for the office."""

from collections.abc import Callable
from dataclasses import dataclass

from mentorlink.core.i18n import N_, plain
from mentorlink.fit.points import score_pair
from mentorlink.fit.reasons import obstacles
from mentorlink.matching.assignment.alternatives import Alternatives, Consequence, Move
from mentorlink.matching.models import MatchRun
from mentorlink.matching.round_facts import RoundFacts
from mentorlink.matching.rounds import facts_of, found_of, proposed_by

ASKED_BEFORE = N_("この申込で、前に声をかけています")
BANNED = N_("事務局が、この組を外しています")
PINNED = N_("いまの組が固定されています。先に固定を外してください")
ANEW = N_("この方を入れて、チームを組み直します")
CLASHES = N_("固定した組と、両立しません")
_CAN_BE = N_("この方にすると、%(changes)s")
_SAME = N_("ほかの人は動かず、どの数字も変わりません")
_MEETS = N_("%(who)sのお相手が%(name)sになります")
_NOBODY = N_("%(who)sのお相手がいなくなります")
_HOUR = N_("%(who)sの時間が変わります")
_FEWER = N_("会える人が%(n)s人減ります")
_WORST = N_("いちばん低い点が%(n)s点になります")
_TOTAL = N_("重みの合計が%(n)s下がります")
_SPREAD = N_("件数のかたよりが%(n)s増えます")
_JOIN = N_("、")
Names = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """About one other supporter. ``can_be_chosen``: the office may pin them; ``is_banned``: it may let them in again."""

    supporter_id: int
    score: int
    words: str
    can_be_chosen: bool = False
    is_banned: bool = False


class RoundAnswers:
    """Of one run. ``applicant_name`` and ``supporter_name`` turn ids into what the office reads."""

    def __init__(self, run: MatchRun, applicant_name: Names, supporter_name: Names) -> None:
        self.facts: RoundFacts = facts_of(run)
        self._run, self._applicant, self._supporter = run, applicant_name, supporter_name
        self._now = {each.application_id: each.supporter_ids for each in proposed_by(run)}

    def why_not(self, application_id: int) -> list[Answer]:
        """About every supporter but the one of the pair: those who can be chosen first, by score.

        For a team nothing is promised but that it is made anew: a chain of moves would go through all its members.
        """
        facts = self.facts
        asked = None
        if self._run.teams is None:
            asked = Alternatives(facts.field, found_of(self._run, facts), facts.pinned)
        others = [each for each in facts.columns if each not in self._now.get(application_id, ())]
        answers = [self._answer(asked, application_id, each) for each in others]
        return sorted(answers, key=lambda each: (not each.can_be_chosen, -each.score, each.supporter_id))

    def _answer(self, asked: Alternatives | None, application_id: int, supporter_id: int) -> Answer:
        facts = self.facts
        row, column = facts.rows[application_id], facts.columns[supporter_id]
        applicant, supporter = facts.applicants[row], facts.supporters[column]
        score = score_pair(applicant, supporter, facts.weights)
        broken = obstacles(applicant, supporter)
        if broken:
            said = [plain(each.sentence.msgid, **each.sentence.params) for each in broken]
            return Answer(supporter_id, score, plain(_JOIN).join(said))
        if fixed := self._fixed(application_id, supporter_id):
            is_banned = (application_id, supporter_id) in facts.bans
            return Answer(supporter_id, score, plain(fixed), is_banned=is_banned)
        if asked is None:
            return Answer(supporter_id, score, plain(ANEW), can_be_chosen=True)
        consequence = asked.consequence(row, column)
        if consequence is None:
            return Answer(supporter_id, score, plain(CLASHES))
        return Answer(supporter_id, score, self.sentence(consequence), can_be_chosen=True)

    def _fixed(self, application_id: int, supporter_id: int) -> str | None:
        pair = application_id, supporter_id
        if pair in self.facts.asked:
            return ASKED_BEFORE
        if pair in self.facts.bans:
            return BANNED
        return PINNED if application_id in self.facts.pins else None

    def sentence(self, consequence: Consequence) -> str:
        """What the choice would cost, and whom it would move, as one sentence."""
        changes = [self._moved(each) for each in consequence.moves[1:]]
        if consequence.matched < 0:
            changes.append(plain(_FEWER, n=-consequence.matched))
        if consequence.worst is not None and consequence.worst < (self._run.worst or 0):
            changes.append(plain(_WORST, n=consequence.worst))
        if consequence.total < 0:
            changes.append(plain(_TOTAL, n=-consequence.total / 10))
        if consequence.spread > 0:
            changes.append(plain(_SPREAD, n=consequence.spread))
        return plain(_CAN_BE, changes=plain(_JOIN).join(changes or [plain(_SAME)]))

    def _moved(self, move: Move) -> str:
        who = self._applicant(int(str(self.facts.applicants[move.applicant].id)))
        if move.new is None:
            return plain(_NOBODY, who=who)
        if move.old is not None and move.old[0] == move.new[0]:
            return plain(_HOUR, who=who)
        supporter = self.facts.supporters[move.new[0]]
        return plain(_MEETS, who=who, name=self._supporter(int(str(supporter.id))))
