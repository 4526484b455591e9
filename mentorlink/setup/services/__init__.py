"""Preparing a run, opening it, changing an open one by dated amendments, and taking one to another installation."""

from mentorlink.setup.services.amendments import amend, apply_amendments, take_back_amendment
from mentorlink.setup.services.drafts import (
    change_draft,
    draft_run,
    open_run,
    remove_draft,
    replace_criteria,
    replace_milestones,
    replace_questions,
    replace_surveys,
)
from mentorlink.setup.services.exchange import export_run, import_run

__all__ = [
    "amend",
    "apply_amendments",
    "change_draft",
    "draft_run",
    "export_run",
    "import_run",
    "open_run",
    "remove_draft",
    "replace_criteria",
    "replace_milestones",
    "replace_questions",
    "replace_surveys",
    "take_back_amendment",
]
