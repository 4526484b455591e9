"""What comes next in a half-year, for each side as one button. Each question answers or passes on to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mentorlink.core.dates import format_span
from mentorlink.core.i18n import gettext
from mentorlink.engagements.models import Milestone, MilestoneState, Side
from mentorlink.engagements.words import title_of
from mentorlink.home.half_year_page import HalfYear
from mentorlink.scheduling.clocks import hours_of_other
from mentorlink.scheduling.models import Meeting

_S = MilestoneState


@dataclass(frozen=True)
class Next:
    """``title`` and ``text`` say what it is, ``label`` is the button; ``is_post`` where it acts instead of leading."""

    title: str
    text: str
    label: str
    url: str
    drawing: str = "path"
    is_post: bool = False


Question = Callable[[HalfYear], Next | None]


def next_for(half_year: HalfYear) -> Next:
    """The first of the side's questions that has an answer; the last one always has."""
    answers = (ask(half_year) for ask in QUESTIONS[half_year.seat.side])
    return next(answer for answer in answers if answer is not None)


def _rest(half_year: HalfYear) -> Next | None:
    if not half_year.is_resting:
        return None
    return Next(
        gettext("いまは、お休み中です"),
        gettext("いそがなくて大丈夫です。また歩きだすとき、日にちは休んだ分だけ後ろになります。"),
        gettext("また、はじめる"),
        _page(half_year, "resumption"),
        "umbrella",
        is_post=True,
    )


def _change(half_year: HalfYear) -> Next | None:
    if half_year.change is None:
        return None
    return Next(
        gettext("次の方に、何をお渡しするか、えらべます"),
        gettext(
            "伴走する人が変わります。お渡しするものは、あなたが決められます。何もお渡ししなくても大丈夫です。"
        ),
        gettext("お渡しするものをえらぶ"),
        f"/handovers/{half_year.change.id}",
        "people",
    )


def _survey(half_year: HalfYear) -> Next | None:
    if half_year.target is None:
        return None
    return Next(
        gettext("少しだけ、聞かせてください"),
        gettext("よくないことも、そのまま書いていただけると助かります。"),
        gettext("アンケートに答える"),
        f"/surveys/{half_year.target.id}",
        "letter",
    )


def _look_back(half_year: HalfYear) -> Next | None:
    if not half_year.is_over:
        return None
    return Next(
        gettext("半年、おつかれさまでした"),
        gettext("はじまりのころと、いまを並べて見られます。"),
        gettext("ふりかえる"),
        _page(half_year, "answers"),
        "sprout",
    )


def _mentor_looks_back(half_year: HalfYear) -> Next | None:
    if not half_year.is_over:
        return None
    return Next(
        gettext("半年、ありがとうございました"),
        gettext("ここまでのやりとりは、このまま残っています。"),
        gettext("やりとりを読む"),
        _page(half_year, "thread"),
        "sprout",
    )


def _soon(half_year: HalfYear) -> Next | None:
    return _next_talk(half_year) if half_year.is_soon else None


def _choose(half_year: HalfYear) -> Next | None:
    """Hours that were offered come before all but a rest and a talk at hand: they are kept for a few days only."""
    if half_year.offer is None or half_year.is_at_hand or half_year.is_over:
        return None
    if not half_year.offer.slots:
        return _near(half_year)
    return Next(
        gettext("お話しの日にちをえらびましょう"),
        gettext("候補が届いています。合う日がなくても大丈夫です。"),
        gettext("日にちをえらぶ"),
        f"/my/slots/{half_year.offer.id}",
        "calendar",
    )


def _near(half_year: HalfYear) -> Next:
    return Next(
        gettext("お話しする時間が、まだ合っていません"),
        gettext("近い時間を、一つ押すだけで聞いてみることができます。"),
        gettext("近い時間を見る"),
        _page(half_year, "near-hours"),
        "calendar",
    )


def _plan(half_year: HalfYear) -> Next | None:
    if half_year.meeting is not None or not half_year.mentors:
        return None
    return Next(
        gettext("次にお話しする日が、まだ決まっていません"),
        gettext("ひと月に一度くらいが目安です。先の月まで、まとめて決められます。"),
        gettext("お話しの日を決める"),
        _page(half_year, "talks"),
        "calendar",
    )


def _one_more_turn(half_year: HalfYear) -> Next | None:
    step = half_year.first(_S.REVISING)
    if step is None:
        return None
    return Next(
        gettext("「%(step)s」を、もうひとまわり", step=title_of(step)),
        gettext("見直すことは、後もどりではありません。お相手の言葉を読んで、できるところから。"),
        gettext("お相手の言葉を読む"),
        _step(step),
    )


def _step_to_take(half_year: HalfYear) -> Next | None:
    step = half_year.first(_S.IN_PROGRESS, _S.NOT_STARTED)
    if step is None:
        return None
    title = gettext("いまの一歩は「%(step)s」です", step=title_of(step))
    if step.state is _S.NOT_STARTED:
        return Next(
            title, gettext("小さなことからで大丈夫です。"), gettext("この一歩をはじめる"), _step(step)
        )
    if not step.evidence:
        words = gettext("したこと、わかったことを、ひとことのせてみましょう。")
        return Next(title, words, gettext("したことをのせる"), _step(step), "note")
    words = gettext("のせたものを、お相手に見てもらえます。")
    return Next(title, words, gettext("お相手に見てもらう"), _step(step), "people")


def _close(half_year: HalfYear) -> Next | None:
    if half_year.current is not None or not half_year.steps:
        return None
    return Next(
        gettext("すべての一歩が、すみました"),
        gettext("おつかれさまでした。これからのことを、いっしょに決めましょう。"),
        gettext("半年をしめくくる"),
        _page(half_year, "ending"),
        "sprout",
    )


def _record(half_year: HalfYear) -> Next | None:
    if half_year.unrecorded is None:
        return None
    return Next(
        gettext("3行の記録をお願いします"),
        gettext("ひとことずつで大丈夫です。「次の約束」が、おふたりのページのいちばん上にのります。"),
        gettext("記録を書く"),
        f"/meetings/{half_year.unrecorded.id}/record",
        "note",
    )


def _look(half_year: HalfYear) -> Next | None:
    step = half_year.first(_S.CHECKING)
    if step is None:
        return None
    return Next(
        gettext("見てほしい一歩があります"),
        gettext("「%(step)s」です。2分で見られます。", step=title_of(step)),
        gettext("一歩を見る"),
        _step(step),
        "people",
    )


def _next_talk(half_year: HalfYear) -> Next | None:
    meeting = half_year.meeting
    if meeting is None:
        return None
    return Next(
        gettext("次のお話しの日が決まっています"),
        format_span(meeting.starts_at, meeting.ends_at, half_year.zone)
        + _by_other_clocks(half_year, meeting),
        gettext("予定を見る"),
        f"/meetings/{meeting.id}",
        "cups",
    )


def _by_other_clocks(half_year: HalfYear, meeting: Meeting) -> str:
    theirs = hours_of_other(meeting, half_year.seat.side)
    return gettext("（お相手の時計では%(hours)s）", hours=theirs) if theirs else ""


def _write(half_year: HalfYear) -> Next | None:
    return Next(
        gettext("いまは、待っていて大丈夫です"),
        gettext("気になることがあれば、いつでもひとこと送れます。"),
        gettext("やりとりをひらく"),
        _page(half_year, "thread"),
        "letter",
    )


def _find_mentor(half_year: HalfYear) -> Next | None:
    if half_year.mentors:
        return None
    return Next(
        gettext("いま、メンターがいません"),
        gettext("次の方をさがすと、半年の続きから始められます。"),
        gettext("候補を見る"),
        f"/office/applications/{half_year.engagement.application_id}/candidates",
        "people",
    )


def _office_looks_back(half_year: HalfYear) -> Next | None:
    if not half_year.is_over:
        return None
    return Next(
        gettext("半年が終わっています"),
        gettext("はじまりと終わりの答えを並べて見られます。"),
        gettext("答えを見る"),
        _page(half_year, "answers"),
        "sprout",
    )


def _page(half_year: HalfYear, name: str) -> str:
    return f"/engagements/{half_year.engagement.id}/{name}"


def _step(step: Milestone) -> str:
    return f"/milestones/{step.id}"


QUESTIONS: Mapping[Side, tuple[Question, ...]] = {
    Side.APPLICANT: (
        _change,
        _rest,
        _choose,
        _survey,
        _look_back,
        _soon,
        _one_more_turn,
        _close,
        _plan,
        _step_to_take,
        _next_talk,
        _write,
    ),
    Side.SUPPORTER: (_rest, _mentor_looks_back, _record, _look, _soon, _plan, _next_talk, _write),
    Side.OFFICE: (_rest, _office_looks_back, _find_mentor, _record, _plan, _look, _next_talk, _write),
}
