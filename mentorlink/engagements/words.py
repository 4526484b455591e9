"""How the half-year speaks of its steps: states, reasons for another day, and a step's name."""

from collections.abc import Mapping

from mentorlink.core import taxonomy
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.engagements.models import Milestone, MilestoneState, MoveReason

STEP_STATES: Mapping[MilestoneState, LazyText] = {
    MilestoneState.NOT_STARTED: lazy("これから"),
    MilestoneState.IN_PROGRESS: lazy("取り組み中"),
    MilestoneState.CHECKING: lazy("見てもらっています"),
    MilestoneState.REACHED: lazy("できた"),
    MilestoneState.REVISING: lazy("もうひとまわり"),
    MilestoneState.SKIPPED: lazy("今回は見送り"),
}
STEP_TAGS: Mapping[MilestoneState, str] = {  # kinds of components/tags.html
    MilestoneState.NOT_STARTED: "",
    MilestoneState.IN_PROGRESS: "new",
    MilestoneState.CHECKING: "wait",
    MilestoneState.REACHED: "ok",
    MilestoneState.REVISING: "wait",
    MilestoneState.SKIPPED: "",
}
MOVE_REASONS: Mapping[MoveReason, LazyText] = {
    MoveReason.MORE_TIME: lazy("もう少し時間をかけたい"),
    MoveReason.WAITING: lazy("お返事を待っている"),
    MoveReason.HEALTH: lazy("体調のため"),
    MoveReason.FAMILY: lazy("家のことのため"),
    MoveReason.PAUSE: lazy("お休みしたため"),
    MoveReason.BEGINNING: lazy("はじまりの日が変わったため"),
    MoveReason.OTHER: lazy("そのほか"),
}
OF_ITSELF = (MoveReason.PAUSE, MoveReason.BEGINNING)  # these follow from something else, nobody chooses them


def title_of(milestone: Milestone) -> str:
    """The programme's word in the reader's language, or the title that the mentee gave."""
    if milestone.code is None:
        return milestone.title or ""
    return taxonomy.term("milestone", milestone.code).label()
