"""The screens of the form, and the applicant's answer to the office."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from wtforms import HiddenField
from wtforms.validators import StopValidation

from mentorlink.applications.answers import IntakeAnswers
from mentorlink.applications.models import (
    Application,
    ClarifyingQuestion,
    DayPart,
    TimesKind,
)
from mentorlink.applications.summary import question_text
from mentorlink.core import taxonomy
from mentorlink.core.forms import (
    Check,
    Choice,
    Choices,
    EmailLine,
    HouseForm,
    ListChoice,
    PhoneLine,
    TextBlock,
    TextLine,
)
from mentorlink.core.i18n import lazy, mark
from mentorlink.core.text_input import to_hiragana
from mentorlink.core.web import db, settings
from mentorlink.people.line import wishes_line
from mentorlink.people.models import ContactChannel, Person, Purpose
from mentorlink.programmes.models import Programme, QuestionLength, SelectionQuestion

UNDECIDED = "undecided"
UNSURE = "unsure"
STORY_MAXIMUM = 2000
WEEKDAYS = (
    (0, mark("月")), (1, mark("火")), (2, mark("水")), (3, mark("木")), (4, mark("金")), (5, mark("土")), (6, mark("日")),
)  # fmt: skip
DAY_PARTS = ((DayPart.MORNING, mark("朝")), (DayPart.AFTERNOON, mark("昼")), (DayPart.EVENING, mark("夜")))
QUESTION_FIELD = re.compile(r"q[0-9]+")
PAIRS = [f"{weekday}:{part}" for weekday, _w in WEEKDAYS for part, _p in DAY_PARTS]

Pairs = list[tuple[str, Any]]


def named(scheme: str) -> Callable[[], Pairs]:
    return lambda: [(term.code, term.label()) for term in taxonomy.terms(scheme)]


def said(scheme: str) -> Callable[[], Pairs]:
    return lambda: [(term.code, term.said()) for term in taxonomy.terms(scheme)]


def _prefectures() -> Pairs:
    return [
        ("", lazy("えらんでください")),
        (UNDECIDED, lazy("まだ決まっていない")),
        *((each.code, each.label()) for each in taxonomy.prefectures()),
    ]


def _main_categories() -> Pairs:
    return [(UNSURE, lazy("うまく言えない")), *named("category")()]


class ScreenForm(HouseForm):
    """``base`` says on which stored answers the page stands, ``tab`` which open page it is."""

    base = HiddenField()
    tab = HiddenField()

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        """What the fields show for what is stored."""
        raise NotImplementedError

    def answers(self) -> IntakeAnswers:
        """What was typed, after ``validate()``; a field with a fault is left out by ``sound``."""
        return IntakeAnswers.of({name: value for name, value in self.values().items() if self.sound(name)})

    def values(self) -> dict[str, Any]:
        raise NotImplementedError

    def sound(self, name: str) -> bool:
        return name not in self._fields or not self._fields[name].errors


def _chosen_channel(person: Person) -> ContactChannel:
    """LINE from the moment when it is wished for; where the installation has none any more, what is used instead."""
    if settings().has_line:
        return ContactChannel.LINE if wishes_line(db(), person) else person.contact_channel
    if person.contact_channel is ContactChannel.LINE:
        return ContactChannel.MAIL if person.email else ContactChannel.PHONE
    return person.contact_channel


class ContactForm(ScreenForm):
    display_name = TextLine(lazy("呼ばれたいお名前"), maximum=30, required=True)
    display_kana = TextLine(lazy("ふりがな"), maximum=60)
    contact_channel = Choice(
        lazy("連絡の方法"),
        choices=[(ContactChannel.MAIL.value, lazy("メール")), (ContactChannel.PHONE.value, lazy("電話"))],
    )
    offers_line = True
    email = EmailLine(lazy("メールアドレス"))
    phone = PhoneLine(lazy("電話番号"))
    call_hours = TextLine(lazy("電話に出やすい時間"), maximum=60)
    safe_contact = Check(lazy("件名や差出人を、目立たないものにする"))
    no_voicemail = Check(lazy("留守番電話に残さない"))
    may_remind = Check(lazy("途中で止まったとき、続きの入口を一度だけ送ってもらう"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.offers_line and settings().has_line:
            self.contact_channel.choices = [
                *self.contact_channel.choices,
                (ContactChannel.LINE.value, "LINE"),
            ]

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        person = application.person
        names = (
            "display_name",
            "display_kana",
            "email",
            "phone",
            "call_hours",
            "safe_contact",
            "no_voicemail",
        )
        if person is None:
            return {"contact_channel": ContactChannel.MAIL.value}
        return {name: getattr(person, name) for name in names} | {
            "contact_channel": _chosen_channel(person).value
        }

    def validate_email(self, field: Any) -> None:
        if self.contact_channel.data == ContactChannel.MAIL and not field.value:
            raise StopValidation(
                lazy("メールアドレスを教えてください。お持ちでなければ、電話をえらんでください。")
            )
        if self.contact_channel.data == ContactChannel.LINE and not field.value and not self.phone.data:
            raise StopValidation(lazy("LINEに届けられないときのために、メールか電話を、一つ教えてください。"))

    def validate_phone(self, field: Any) -> None:
        if self.contact_channel.data == ContactChannel.PHONE and not field.value:
            raise StopValidation(lazy("電話番号を教えてください。"))

    def values(self) -> dict[str, Any]:
        return {
            "display_name": self.display_name.value,
            "display_kana": to_hiragana(self.display_kana.value or ""),
            "contact_channel": self.contact_channel.data,
            "email": self.email.value or "",
            "phone": self.phone.value or "",
            "call_hours": self.call_hours.value or "",
            "safe_contact": bool(self.safe_contact.data),
            "no_voicemail": bool(self.no_voicemail.data),
        }

    def answers(self) -> IntakeAnswers:
        """Somebody nobody can reach is not written down: all of this screen or nothing."""
        return super().answers() if not self.errors else IntakeAnswers()


class PlaceForm(ScreenForm):
    prefecture = ListChoice(lazy("活動する（したい）都道府県"), choices=_prefectures)
    city = TextLine(lazy("市区町村"), maximum=30)
    stage = Choice(lazy("いまの様子"), choices=said("stage"))

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        undecided = UNDECIDED if application.stage and not application.prefecture else ""
        return {
            "prefecture": application.prefecture or undecided,
            "city": application.city,
            "stage": application.stage,
        }

    def values(self) -> dict[str, Any]:
        return {
            "prefecture": "" if self.prefecture.data == UNDECIDED else self.prefecture.data,
            "city": self.city.value or "",
            "stage": self.stage.data or "",
        }


class ThemesForm(ScreenForm):
    themes = Choices(lazy("やってみたいこと"), choices=named("theme"), most=3)
    unsure_theme = Check(lazy("まだはっきりしない"))
    targets = Choices(lazy("どんな人と"), choices=named("target"))
    any_target = Check(lazy("どなたでも（限定しない）"))

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        return {
            "themes": application.codes("theme"),
            "unsure_theme": application.unsure_theme,
            "targets": application.codes("target"),
            "any_target": application.any_target,
        }

    def validate_themes(self, field: Any) -> None:
        if not field.data and not self.unsure_theme.data:
            raise StopValidation(lazy("ひとつ選ぶか、「まだはっきりしない」にチェックを入れてください。"))

    def values(self) -> dict[str, Any]:
        return {
            "themes": tuple(self.themes.data or ()),
            "unsure_theme": bool(self.unsure_theme.data),
            "targets": tuple(self.targets.data or ()),
            "any_target": bool(self.any_target.data),
        }


class StoryForm(ScreenForm):
    main_category = Choice(lazy("一番相談したいこと"), choices=_main_categories)
    other_categories = Choices(lazy("ほかにもあれば"), choices=named("category"), most=2)
    story = TextBlock(lazy("いま思っていること"), maximum=STORY_MAXIMUM)

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        categories = application.codes("category")
        return {
            "main_category": UNSURE if application.unsure_category else next(iter(categories), None),
            "other_categories": categories[0 if application.unsure_category else 1 :],
            "story": application.story,
        }

    def values(self) -> dict[str, Any]:
        chosen = [self.main_category.data, *(self.other_categories.data or ())]
        return {
            "categories": tuple(code for code in dict.fromkeys(chosen) if code and code != UNSURE),
            "unsure_category": self.main_category.data == UNSURE,
            "story": self.story.value or "",
        }

    def sound(self, name: str) -> bool:
        if name in ("categories", "unsure_category"):
            return not (self.main_category.errors or self.other_categories.errors)
        return super().sound(name)


class TalkForm(ScreenForm):
    modes = Choices(lazy("お話しの方法"), choices=said("mode"), required=True)
    times = Choices(lazy("来られそうな時間"), choices=[(pair, pair) for pair in PAIRS])
    by_talk = Check(lazy("時間は相談して決めたい"))
    accommodations = Choices(lazy("お願いしたい配慮"), choices=named("accommodation"))
    accommodation_note = TextLine(lazy("配慮について、ほかにあれば"), maximum=100)
    preferences = Choices(lazy("相談相手の希望"), choices=said("preference"))
    avoided = TextBlock(lazy("知り合いなど、避けたい団体"), maximum=300)

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        return {
            "modes": application.codes("mode"),
            "times": [f"{row.weekday}:{row.part}" for row in application.times],
            "by_talk": application.times_kind is TimesKind.BY_TALK,
            "accommodations": application.codes("accommodation"),
            "accommodation_note": application.accommodation_note,
            "preferences": application.codes("preference") or ["any"],
            "avoided": "\n".join(row.name for row in application.avoided),
        }

    def validate_times(self, field: Any) -> None:
        if not field.data and not self.by_talk.data:
            raise StopValidation(lazy("ひとつ選ぶか、「時間は相談して決めたい」にチェックを入れてください。"))

    def values(self) -> dict[str, Any]:
        pairs = [pair.partition(":") for pair in self.times.data or () if pair in PAIRS]
        lines = (self.avoided.value or "").splitlines()
        return {
            "modes": tuple(self.modes.data or ()),
            "times": tuple((int(weekday), part) for weekday, _, part in pairs),
            "by_talk": bool(self.by_talk.data),
            "accommodations": tuple(self.accommodations.data or ()),
            "accommodation_note": self.accommodation_note.value or "",
            "preferences": tuple(self.preferences.data or ()),
            "avoided": tuple(line.strip() for line in lines if line.strip())[:10],
        }


class ConsentForm(ScreenForm):
    """Consents, each for its own purpose; two are needed, the others can be changed at any time."""

    personal_data = Check(lazy("お申し込みの内容をお預かりすること"), required=True)
    share_with_supporter = Check(lazy("担当と、お話しの相手にお見せすること"), required=True)
    statistics = Check(lazy("だれのことか分からない形で、統計に使うこと"))
    quote = Check(lazy("お名前を出さずに、ことばをご紹介すること"))
    later_contact = Check(lazy("後日、その後の様子をうかがう連絡をすること"))

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        return {}

    def given(self) -> list[Purpose]:
        return [purpose for purpose in Purpose if self._fields[purpose.value].data]


SCREENS: dict[int, type[ScreenForm]] = {
    1: ContactForm,
    2: PlaceForm,
    3: ThemesForm,
    4: StoryForm,
    5: TalkForm,
    6: ConsentForm,
}


class QuestionsForm(ScreenForm):
    """The programme's own questions; ``questions_form`` makes one with a field for each, and perhaps the check."""

    @staticmethod
    def stored(application: Application) -> dict[str, Any]:
        written = {row.question_id: row.text for row in application.selection_answers}
        found: dict[str, Any] = {
            question_field(question): written.get(question.id) for question in application.programme.questions
        }
        return found | {"shares_talk": application.shares_talk}

    def written(self) -> dict[int, str]:
        return written_answers(self)

    def shares(self) -> bool | None:
        field = self._fields.get("shares_talk")
        return bool(field.data) if field is not None else None


def questions_form(programme: Programme, *, may_share: bool = False) -> type[QuestionsForm]:
    members: dict[str, Any] = dict(question_fields(programme))
    if may_share:
        words = lazy("まえの60分でお話ししたことを、選ぶ人に見てもらってもよい")
        members["shares_talk"] = Check(words)
    return type("ProgrammeQuestionsForm", (QuestionsForm,), members)


def question_fields(programme: Programme) -> dict[str, Any]:
    """A field for each of the programme's own questions, in its order."""
    return {
        question_field(question): (TextBlock if question.length is QuestionLength.BLOCK else TextLine)(
            question_text(question), maximum=question.maximum, required=question.required
        )
        for question in programme.questions
    }


def written_answers(form: HouseForm) -> dict[int, str]:
    """Question id → text; a field with a fault is left out."""
    return {
        int(name[1:]): field.text
        for name, field in form._fields.items()
        if QUESTION_FIELD.fullmatch(name) and not (field.errors and field.data)
    }


def question_field(question: SelectionQuestion) -> str:
    return f"q{question.id}"


def fingerprint(stored: dict[str, Any]) -> str:
    text = json.dumps(stored, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class AnswerForm(HouseForm):
    """The applicant's answer to the office: one of two choices, or words."""

    choice = Choice(lazy("お返事"), choices=[], required=False)
    words = TextBlock(lazy("ことばで"), maximum=1000)

    def validate_words(self, field: Any) -> None:
        if not field.value and not self.choice.data:
            raise StopValidation(lazy("ひとつ選ぶか、ことばで書いてください。"))

    def said(self) -> str:
        return "\n".join(part for part in (self.choice.data, self.words.value) if part)


def answer_form(question: ClarifyingQuestion, *, empty: bool = False) -> AnswerForm:
    """The form of one question; its two choices are the question's own."""
    form = AnswerForm(formdata=None) if empty else AnswerForm()
    choices = (question.first_choice, question.second_choice)
    form.choice.choices = [(choice, choice) for choice in choices if choice]
    return form
