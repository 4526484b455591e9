"""Forms: the screens of the applicant, and what the office fills in about an application."""

from mentorlink.applications.forms.desk import (
    CallForm,
    ImportConfirmForm,
    ImportForm,
    OnBehalfForm,
    QuestionForm,
    on_behalf_form,
)
from mentorlink.applications.forms.screens import (
    DAY_PARTS,
    SCREENS,
    WEEKDAYS,
    AnswerForm,
    ConsentForm,
    ContactForm,
    QuestionsForm,
    ScreenForm,
    answer_form,
    fingerprint,
    questions_form,
)

__all__ = [
    "DAY_PARTS",
    "SCREENS",
    "WEEKDAYS",
    "AnswerForm",
    "CallForm",
    "ConsentForm",
    "ContactForm",
    "ImportConfirmForm",
    "ImportForm",
    "OnBehalfForm",
    "QuestionForm",
    "QuestionsForm",
    "ScreenForm",
    "answer_form",
    "fingerprint",
    "on_behalf_form",
    "questions_form",
]
