"""What the pages about time send back."""

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
    shown_sequence,
    ticked_times,
)
from mentorlink.scheduling.forms.week import EARLY, HALF_HOURS, Row, WeekForm

__all__ = [
    "EARLY",
    "HALF_HOURS",
    "PARTS",
    "WEEKDAYS",
    "AbsenceForm",
    "DateParts",
    "PlanForm",
    "PlanRow",
    "RecordForm",
    "Row",
    "WeekForm",
    "chosen_slot",
    "chosen_start",
    "shown_sequence",
    "ticked_times",
]
