"""Why somebody was asked, in the words that the asked supporter reads: what they bring, no points."""

from collections.abc import Mapping

from mentorlink.core.i18n import N_
from mentorlink.fit.points import Criterion, Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.reasons import Sentence, office_reasons

_SAID: Mapping[Criterion, str] = {
    Criterion.MAIN_CATEGORY: N_("いちばんの相談「%(category)s」の経験がおありです"),
    Criterion.OTHER_CATEGORY: N_("ほかの相談「%(categories)s」のこともお話しいただけます"),
    Criterion.THEME: N_("「%(themes)s」の活動をされています"),
    Criterion.TARGET: N_("「%(targets)s」とかかわっていらっしゃいます"),
    Criterion.STAGE: N_("相談者がこれから進む「%(stage)s」を経験されています"),
    Criterion.SIMILAR: N_("「%(alike)s」が、相談者と同じです"),
    Criterion.REGION: N_("地域のご希望に合っています（%(prefecture)s）"),
}


def supporter_reasons(
    applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights | None = None
) -> tuple[Sentence, ...]:
    """One sentence for each criterion that gave points, in the order of ``Criterion``."""
    return tuple(
        Sentence(_SAID[reason.criterion], reason.sentence.params)
        for reason in office_reasons(applicant, supporter, weights)
    )


INVITATION_WORDS: Mapping[str, str] = {
    "listed": N_("これから"),
    "asked": N_("お返事待ち"),
    "talk_wanted": N_("話したいとのこと"),
    "accepted": N_("お引き受け"),
    "declined": N_("今回は見送り"),
    "expired": N_("期限までにお返事なし"),
    "withdrawn": N_("声かけを終えました"),
}
PROPOSAL_WORDS: Mapping[str, str] = {
    "open": N_("打診中"),
    "filled": N_("お相手が決まりました"),
    "exhausted": N_("一覧の終わりまで来ました"),
    "withdrawn": N_("取り下げました"),
}
DECLINE_WORDS: Mapping[str, str] = {
    "busy": N_("いまは時間がとれない"),
    "not_my_field": N_("自分の分野ではないと思う"),
    "acquainted": N_("知り合いかもしれない"),
    "health": N_("体調のため"),
    "other": N_("そのほか"),
}
