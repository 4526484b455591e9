"""All answers of one application, put into words: for its writer before sending, and for the office."""

from typing import Any, NamedTuple

from mentorlink.applications.models import Application, DayPart, TimesKind
from mentorlink.core import taxonomy
from mentorlink.core.i18n import current_language, gettext, lazy, mark
from mentorlink.core.text_input import show_phone
from mentorlink.people.models import Person
from mentorlink.people.words import CHANNEL_WORDS
from mentorlink.programmes.models import SelectionQuestion

WEEKDAYS = (mark("月"), mark("火"), mark("水"), mark("木"), mark("金"), mark("土"), mark("日"))
PARTS = {DayPart.MORNING: mark("朝"), DayPart.AFTERNOON: mark("昼"), DayPart.EVENING: mark("夜")}


class Answer(NamedTuple):
    label: Any
    text: str
    is_own_words: bool = False


class Section(NamedTuple):
    """The answers of one screen; the programme's own questions have a screen without a number."""

    screen: int | None
    title: Any
    answers: list[Answer]


def sections_of(application: Application, *, story: bool = True) -> list[Section]:
    """Without the story where its reader must not see it or it is shown on its own."""
    found = [
        Section(1, lazy("お名前と連絡先"), _contact(application.person)),
        Section(2, lazy("場所と、いまの様子"), _place(application)),
        Section(3, lazy("やってみたいこと"), _wishes(application)),
        Section(4, lazy("相談したいこと"), _topics(application, story=story)),
        Section(5, lazy("お話しのしかた"), _talk(application)),
    ]
    own = answers_to_questions(application) if story else []
    return [*found, Section(None, lazy("この募集の質問"), own)] if own else found


def answers_to_questions(application: Application) -> list[Answer]:
    """What the programme alone asks, with what was written; narrative like the story."""
    written = {each.question_id: each.text for each in application.selection_answers}
    return [
        Answer(question_text(question), written.get(question.id, "—"), True)
        for question in application.programme.questions
    ]


def question_text(question: SelectionQuestion) -> str:
    return question.text_en if current_language().code == "en" else question.text_ja


def _contact(person: Person | None) -> list[Answer]:
    if person is None:
        return []
    wishes = [
        (person.safe_contact, gettext("目立たない連絡")),
        (person.no_voicemail, gettext("留守番電話に残さない")),
    ]
    found = [
        Answer(lazy("呼ばれたいお名前"), person.display_name, True),
        Answer(lazy("ふりがな"), person.display_kana or "", True),
        Answer(lazy("連絡の方法"), gettext(CHANNEL_WORDS[person.contact_channel])),
        Answer(lazy("メールアドレス"), person.email or "", True),
        Answer(lazy("電話番号"), show_phone(person.phone) if person.phone else "", True),
        Answer(lazy("電話に出やすい時間"), person.call_hours or "", True),
        Answer(lazy("安全な連絡"), _joined([words for is_wished, words in wishes if is_wished])),
    ]
    return [answer for answer in found if answer.text not in ("", "—")]


def _place(application: Application) -> list[Answer]:
    known = application.prefecture
    prefecture = taxonomy.prefecture(known).label() if known else gettext("まだ決まっていない")
    return [
        Answer(lazy("都道府県"), f"{prefecture} {application.city or ''}".strip()),
        Answer(
            lazy("いまの様子"), taxonomy.term("stage", application.stage).said() if application.stage else "—"
        ),
    ]


def _wishes(application: Application) -> list[Answer]:
    unsure = [gettext("まだはっきりしない")] if application.unsure_theme else []
    anybody = [gettext("どなたでも")] if application.any_target else []
    return [
        Answer(lazy("やってみたいこと"), _joined(_names(application, "theme") + unsure)),
        Answer(lazy("どんな人と"), _joined(_names(application, "target") + anybody)),
    ]


def _topics(application: Application, *, story: bool) -> list[Answer]:
    names = _names(application, "category")
    if names and not application.unsure_category:
        names[0] = f"◎ {names[0]}"
    unsure = [gettext("うまく言えない")] if application.unsure_category else []
    found = [Answer(lazy("相談したいこと"), _joined(unsure + names))]
    return [*found, Answer(lazy("いま思っていること"), application.story or "—", True)] if story else found


def _talk(application: Application) -> list[Answer]:
    times = [gettext(WEEKDAYS[row.weekday]) + gettext(PARTS[row.part]) for row in application.times]
    if application.times_kind is TimesKind.BY_TALK:
        times.append(gettext("時間は相談"))
    wishes = _names(application, "accommodation")
    if application.accommodation_note:
        wishes.append(application.accommodation_note)
    return [
        Answer(lazy("お話しの方法"), _joined(_names(application, "mode"))),
        Answer(lazy("来られそうな時間"), _joined(times)),
        Answer(lazy("お願いしたい配慮"), _joined(wishes)),
        Answer(lazy("相談相手の希望"), _joined(_names(application, "preference"))),
        Answer(lazy("避けたい団体"), _joined([row.name for row in application.avoided]), True),
    ]


def _names(application: Application, scheme: str) -> list[str]:
    return [taxonomy.term(scheme, code).label() for code in application.codes(scheme)]


def _joined(words: list[str]) -> str:
    return "、".join(words) or "—"
