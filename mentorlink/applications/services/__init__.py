"""What can be done with an application. Each verb takes ``session`` and ``now`` and never commits."""

from mentorlink.applications.services.desk import (
    answer_question,
    ask_applicant,
    begin_matching,
    close_application,
    decide_selection,
    mark_matched,
    raise_flag,
    refer_application,
    reopen_application,
    resolve_flag,
    return_to_desk,
    watch_over,
    withdraw_application,
)
from mentorlink.applications.services.intake import (
    change_contact,
    confirm_contact,
    remind_drafts,
    save_answers,
    start_draft,
    submit_application,
)
from mentorlink.applications.services.questions import continue_elsewhere, save_selection_answers
from mentorlink.applications.services.spreadsheets import Preview, confirm_import, preview_import

__all__ = [
    "Preview",
    "answer_question",
    "ask_applicant",
    "begin_matching",
    "change_contact",
    "close_application",
    "confirm_contact",
    "confirm_import",
    "continue_elsewhere",
    "decide_selection",
    "mark_matched",
    "preview_import",
    "raise_flag",
    "refer_application",
    "remind_drafts",
    "reopen_application",
    "resolve_flag",
    "return_to_desk",
    "save_answers",
    "save_selection_answers",
    "start_draft",
    "submit_application",
    "watch_over",
    "withdraw_application",
]
