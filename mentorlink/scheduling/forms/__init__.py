"""What the pages about time send back."""

from mentorlink.scheduling.forms.calendar import CalendarForm
from mentorlink.scheduling.forms.hour import HourForm
from mentorlink.scheduling.forms.hours import (
    PARTS,
    WEEKDAYS,
    AbsenceForm,
    DateParts,
    PlanForm,
    PlanRow,
    RecordForm,
    chosen_slot,
    chosen_start,
    sent_instant,
    shown_sequence,
    single,
    ticked_times,
)
from mentorlink.scheduling.forms.number import NumberForm
from mentorlink.scheduling.forms.terms import ExceptionForm, TermsForm, notice_words, rest_words
from mentorlink.scheduling.forms.week import SHORT_DAYS, WeekForm

__all__ = [
    "PARTS",
    "SHORT_DAYS",
    "WEEKDAYS",
    "AbsenceForm",
    "CalendarForm",
    "DateParts",
    "ExceptionForm",
    "HourForm",
    "NumberForm",
    "PlanForm",
    "PlanRow",
    "RecordForm",
    "TermsForm",
    "WeekForm",
    "chosen_slot",
    "chosen_start",
    "notice_words",
    "rest_words",
    "sent_instant",
    "shown_sequence",
    "single",
    "ticked_times",
]
