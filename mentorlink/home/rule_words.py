"""The table of rules in words: said from the rows themselves, so that the page cannot say something else."""

from collections.abc import Mapping

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.reminder_rules import After, Anchor, OnDay, Rule, When, Whom

HOUR = 3600
WHOM: Mapping[Whom, LazyText] = {
    Whom.APPLICANT: lazy("相談された方へ"),
    Whom.SUPPORTER: lazy("講師・メンターへ"),
    Whom.BOTH: lazy("双方へ"),
    Whom.OFFICE: lazy("事務局へ"),
    Whom.COLLEAGUE: lazy("担当者へ"),
}
ANCHORS: Mapping[Anchor, LazyText] = {
    Anchor.ACT: lazy("きっかけ"),
    Anchor.DRAFT_LEFT: lazy("最後に書いた時"),
    Anchor.ANSWER_DEADLINE: lazy("お返事の締切"),
    Anchor.SEARCH_END: lazy("さがす日数の終わり"),
    Anchor.MEETING_START: lazy("お話しのはじまり"),
    Anchor.MEETING_END: lazy("お話しの終わり"),
    Anchor.TALK_RECORDED: lazy("記録が書かれた時"),
    Anchor.SURVEY_DUE: lazy("事業で決めたアンケートの時"),
    Anchor.SURVEY_AGAIN: lazy("事業で決めた再度のお願いの時"),
    Anchor.STEP_DAY: lazy("一歩の日"),
    Anchor.MONTH: lazy("月のはじめの日"),
    Anchor.LAST_SIGN: lazy("さいごの便り"),
    Anchor.WORKDAY: lazy("営業日"),
}


def when_in_words(rule: Rule) -> LazyText:
    """「お話しのはじまりの1日前、17時」"""
    if rule.anchor is Anchor.ACT:
        return lazy("きっかけがあったら、すぐ")
    if rule.anchor is Anchor.MONTH and isinstance(rule.when, OnDay):
        return lazy("毎月%(day)s日の%(hour)s時", day=rule.when.days + 1, hour=rule.when.hour)
    return _in_words(rule.when, ANCHORS[rule.anchor])


def until_in_words(rule: Rule) -> LazyText:
    return _in_words(rule.until, ANCHORS[rule.anchor])


def _in_words(when: When, anchor: LazyText) -> LazyText:
    return _on_day(when, anchor) if isinstance(when, OnDay) else _after(when, anchor)


def _on_day(when: OnDay, anchor: LazyText) -> LazyText:
    params = {"anchor": anchor, "days": abs(when.days), "hour": when.hour}
    if when.days == 0:
        return lazy("%(anchor)sと同じ日の%(hour)s時", **params)
    if when.days < 0:
        return lazy("%(anchor)sの%(days)s日前、%(hour)s時", **params)
    return lazy("%(anchor)sの%(days)s日後、%(hour)s時", **params)


def _after(when: After, anchor: LazyText) -> LazyText:
    hours = int(when.span.total_seconds()) // HOUR
    if hours == 0:
        return anchor
    if hours < 0:
        return lazy("%(anchor)sの%(hours)s時間前", anchor=anchor, hours=-hours)
    if hours % 24:
        return lazy("%(anchor)sの%(hours)s時間後", anchor=anchor, hours=hours)
    return lazy("%(anchor)sの%(days)s日後", anchor=anchor, days=hours // 24)
