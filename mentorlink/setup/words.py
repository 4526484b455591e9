"""What is said of a run that is being prepared: its state, the parts of it, what a file lacks."""

from enum import StrEnum

from mentorlink.core.i18n import LazyText, lazy, mark, plain
from mentorlink.core.text_input import MESSAGES as TEXT_MESSAGES
from mentorlink.setup.files import Problem


class Phase(StrEnum):
    """Where a run stands, for the office."""

    PREPARING = "preparing"
    OPENING_SOON = "opening_soon"
    OPEN = "open"
    CLOSED = "closed"


PHASE_WORDS: dict[Phase, tuple[str, str]] = {  # the word, and the kind of its tag
    Phase.PREPARING: (mark("準備中"), "new"),
    Phase.OPENING_SOON: (mark("もうすぐ受付"), "wait"),
    Phase.OPEN: (mark("募集中"), "ok"),
    Phase.CLOSED: (mark("受付を終えました"), ""),
}

PART_WORDS: dict[str, tuple[str, str]] = {  # the title of a part of a run, and what it is about
    "basics": (mark("名前と日にち"), mark("申し込む人が、はじめに目にすることばと、受付の日です。")),
    "shape": (mark("進め方"), mark("お話しの長さ、回数、期間、お相手の決め方です。")),
    "milestones": (
        mark("節目"),
        mark("支援の道しるべです。はじまった日から数えます。あとから一人ひとり動かせます。"),
    ),
    "questions": (
        mark("この事業だけの質問"),
        mark("選考のために、申込フォームでおたずねします。三つから五つが、書きやすい数です。"),
    ),
    "criteria": (
        mark("選考で見るところ"),
        mark("見る人が、0から順に点をつけます。申し込んだ方には見えません。"),
    ),
    "surveys": (
        mark("アンケート"),
        mark("送る日になると、ひとりでに届きます。お返事のない方へのお知らせは、一度だけです。"),
    ),
    "points": (
        mark("お相手をさがす点数"),
        mark("数が大きいほど、そこが合う人が上に出ます。0にすると、見ません。"),
    ),
}
MATCH_WORDS = {
    "coordinator": mark("事務局が、お相手をさがす"),
    "open_slot": mark("申し込む人が、空いている時間をえらぶ"),
    "mutual": mark("お話しをしてから、両方で決める"),
}
AUDIENCE_WORDS = {"applicant": mark("相談した方に"), "supporter": mark("講師・メンターに")}
ANCHOR_WORDS = {
    "meeting_end": mark("お話しが終わってから"),
    "engagement_start": mark("支援がはじまってから"),
    "engagement_end": mark("支援が終わってから"),
}
UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}
_AFTER_WORDS = {"minutes": mark("%(n)s分後"), "hours": mark("%(n)s時間後"), "days": mark("%(n)s日後")}
POINT_WORDS = {
    "theme": mark("やってみたいことが同じ"),
    "target": mark("届けたい人が同じ"),
    "main_category": mark("一番の相談が得意（得意度1つにつき）"),
    "other_category": mark("ほかの相談も得意（一つにつき）"),
    "stage": mark("次の段階を経験している"),
    "similar": mark("まわりの様子・財源・法人格が似ている（一つにつき）"),
    "similar_most": mark("似ている点数の上限"),
    "region": mark("地域の希望に合う"),
}
FIELD_WORDS: dict[str, str] = {
    "name_ja": mark("事業の名前"),
    "name_en": mark("事業の名前（英語）"),
    "talk_ja": mark("お話しの呼び方"),
    "talk_en": mark("お話しの呼び方（英語）"),
    "introduction_ja": mark("はじめのことば"),
    "introduction_en": mark("はじめのことば（英語）"),
    "opens_on": mark("受付のはじまり"),
    "closes_on": mark("受付のおわり"),
    "result_on": mark("選考結果をお伝えする日"),
    "target_number": mark("めざす人数"),
    "reviewers_min": mark("一件を見る人の数"),
    "answer_hours": mark("講師・メンターがお返事する時間（営業時間）"),
    "offer_hours": mark("相談する方が日にちをえらぶ時間（営業時間）"),
    "search_days": mark("見つからないとお知らせするまで（営業日）"),
    "horizon_days": mark("何日先までの日にちを出すか"),
    "nightly_round": mark("毎晩、組み合わせの案を用意しておく"),
    **{f"points_{name}": word for name, word in POINT_WORDS.items()},
}
FIELD_LABELS = {name: lazy(word) for name, word in FIELD_WORDS.items()}
MISSING_WORDS = {
    "questions": mark("この事業だけの質問を、一つ以上書いてください。"),
    "criteria": mark("選考で見るところを、一つ以上書いてください。"),
    "closing": mark("選考をするので、受付のおわりの日を決めてください。"),
    "result": mark("選考結果をお伝えする日を決めてください。"),
    "past": mark("受付のおわりの日が、もう過ぎています。"),
    "late_step": mark("支援の月数より後にくる節目があります。"),
}
_PROBLEM_WORDS = {
    "encoding": mark("文字が読めません。UTF-8 で保存したファイルをえらんでください。"),
    "toml": mark("TOML の書き方になっていないところがあります。書き出したままのファイルをえらんでください。"),
    "missing": mark("この項目がありません。"),
    "extra_forbidden": mark("知らない項目です。"),
    "int_type": mark("数で書いてください。"),
    "bool_type": mark("true か false で書いてください。"),
    "string_type": mark('文字で書いてください（" " で囲みます）。'),
    "date_type": mark("日付で書いてください（例：2027-04-01）。"),
    "model_type": mark("中に項目のある表で書いてください。"),
    "tuple_type": mark("[[ ]] の表をならべて書いてください。"),
    "greater_than_equal": mark("%(ge)s 以上にしてください。"),
    "less_than_equal": mark("%(le)s 以下にしてください。"),
    "string_too_short": mark("何か書いてください。"),
    "string_too_long": mark("%(max_length)s文字までです。"),
    "too_long": mark("%(max_length)sつまでです。"),
    "enum": mark("この中から選んでください: %(expected)s"),
    "literal_error": mark("この中から選んでください: %(expected)s"),
    "string_pattern_mismatch": mark("英小文字と数字と記号（- _）だけにしてください。"),
    "team_order": mark("最小が最大より大きくなっています。"),
    "dates_order": mark("日付は、受付のはじまり・おわり・選考結果の順になるようにしてください。"),
    "milestone_unknown": mark("この節目は、ここにはありません。"),
    "code_twice": mark("同じ code が二度出てきます。"),
    "survey_twice": mark("同じアンケートが、同じときに二度送られます。"),
    "survey_unknown": mark("このアンケートは、ここにはありません。"),
    "leads_to_unknown": mark("この事業のひな型は、ここにはありません。"),
}
_OTHERWISE = mark("この値は使えません。")


def problem_words(problem: Problem) -> LazyText:
    """The sentence for a problem of a file."""
    text = TEXT_MESSAGES.get(problem.what.removeprefix("text_"))
    words = _PROBLEM_WORDS.get(problem.what) or text or _OTHERWISE
    return lazy(words, **{"maximum": "", "actual": "", **problem.details})


def in_units(minutes: int) -> tuple[int, str]:
    """129,600 → (90, "days"): the largest unit that fits."""
    if minutes == 0:
        return 0, "days"
    unit = next(unit for unit, size in reversed(UNITS.items()) if minutes % size == 0)
    return minutes // UNITS[unit], unit


def after_words(number: object, unit: str) -> str:
    """``90日後``; ``すぐ`` for 0. What is no unit is left out: a form may hold what somebody else sent."""
    if str(number) in ("0", "", "None"):
        return plain(mark("すぐ"))
    return plain(_AFTER_WORDS[unit], n=number) if unit in _AFTER_WORDS else str(number)
