"""Forms of a selection."""

import re
from typing import Any

from wtforms.validators import StopValidation

from mentorlink.applications.models import ApplicationState, Review
from mentorlink.core.forms import Check, Choice, Choices, HouseForm, TextBlock, TextLine
from mentorlink.core.i18n import current_language, lazy
from mentorlink.programmes.models import Programme, SelectionCriterion

COMMENT_MAXIMUM = 1000
CRITERION_FIELD = re.compile(r"c[0-9]+")


class ReviewersForm(HouseForm):
    user_ids = Choices(lazy("読む方"), choices=[], required=True)

    def chosen(self) -> list[int]:
        return [int(value) for value in self.user_ids.data or ()]


class ReviewForm(HouseForm):
    """``review_form`` makes one with a group of radio buttons for each criterion."""

    comment = TextBlock(lazy("ひとこと（話し合いのために）"), maximum=COMMENT_MAXIMUM)

    def points(self) -> dict[int, int]:
        """Criterion id → points of what was chosen; what is not one of the choices is left out."""
        found = {}
        for name, field in self._fields.items():
            known = {str(value) for value, *_rest in getattr(field, "choices", None) or ()}
            if CRITERION_FIELD.fullmatch(name) and field.data in known:
                found[int(name[1:])] = int(field.data)
        return found

    @staticmethod
    def stored(review: Review) -> dict[str, Any]:
        return {f"c{score.criterion_id}": str(score.points) for score in review.scores} | {
            "comment": review.comment
        }


def review_form(programme: Programme) -> type[ReviewForm]:
    members: dict[str, Any] = {
        f"c{criterion.id}": Choice(
            name_of(criterion), choices=[(str(n), str(n)) for n in range(criterion.most + 1)]
        )
        for criterion in programme.criteria
    }
    return type("RunReviewForm", (ReviewForm,), members)


def name_of(criterion: SelectionCriterion) -> str:
    return criterion.name_en if current_language().code == "en" else criterion.name_ja


class DecisionForm(HouseForm):
    outcome = Choice(
        lazy("結果"),
        choices=[
            (ApplicationState.SELECTED.value, lazy("採択（いっしょに進める）")),
            (ApplicationState.WAITING.value, lazy("待機（席があくのを待っていただく）")),
            (ApplicationState.NOT_SELECTED.value, lazy("不採択（ほかの道をご案内する）")),
        ],
    )
    reason = TextBlock(lazy("ご本人に届くことば"), maximum=1000, required=True)
    position = TextLine(lazy("待つ順番"), maximum=3)
    despite_missing = Check(lazy("採点がそろうのを待たずに決めます（記録に残ります）"))

    def validate_position(self, field: Any) -> None:
        if field.value and not re.fullmatch(r"[1-9][0-9]{0,2}", field.value):
            raise StopValidation(lazy("1から始まる数字で教えてください。"))

    def place(self) -> int | None:
        return int(self.position.value) if self.position.value else None


class WaitingForm(HouseForm):
    """The wait of one person ends, told at once."""

    outcome = Choice(
        lazy("結果"),
        choices=[
            (ApplicationState.SELECTED.value, lazy("採択（いっしょに進める）")),
            (ApplicationState.NOT_SELECTED.value, lazy("不採択（ほかの道をご案内する）")),
        ],
    )
    reason = TextBlock(lazy("ご本人に届くことば"), maximum=1000, required=True)


class PlaceForm(HouseForm):
    reason = TextBlock(lazy("ご本人に届くことば"), maximum=1000, required=True)


class SendForm(HouseForm):
    partly = Check(lazy("まだ決まっていない方より先に、お知らせします"))
    despite_missing = Check(lazy("採点がそろうのを待たずに、お知らせします（記録に残ります）"))
