"""What the pages and services about time read: hours to meet at, the months of a half-year, and its silence."""

from mentorlink.scheduling.queries.absences import IN_A_ROW as ABSENCES_IN_A_ROW
from mentorlink.scheduling.queries.absences import Absences, absences_of
from mentorlink.scheduling.queries.asks import is_asked_enough, latest_ask, open_ask
from mentorlink.scheduling.queries.busy import busy_spans_of_many
from mentorlink.scheduling.queries.exceptions import coming_exceptions, exceptions_of_many
from mentorlink.scheduling.queries.half_year import (
    Month,
    lay_out_months,
    months_of,
    months_of_many,
    promise_of,
)
from mentorlink.scheduling.queries.holds import held_hour
from mentorlink.scheduling.queries.hours import (
    Miss,
    choose_good,
    choose_three,
    common_starts,
    common_starts_of_many,
    free_among,
    free_weeks_of_many,
    is_by_talk,
    last_offer,
    latest_meeting,
    may_share_number,
    meetings_of_supporter,
    nearest_hours,
    next_meeting,
    next_talk_of,
    offered_before,
    open_offer,
    part_of,
    partner_reasons,
    suited_starts_of_many,
    team_of,
    team_starts,
    week_is_full,
    whom_to_ask,
    windows_of,
    windows_of_many,
)
from mentorlink.scheduling.queries.hours_to_find import hours_to_find_of
from mentorlink.scheduling.queries.planning import MonthPlan, a_few, plan_months, planning_ends_at
from mentorlink.scheduling.queries.silence import is_under_way, quiet_since, silent_engagements
from mentorlink.scheduling.queries.standing import hour_standing, wished_call
from mentorlink.scheduling.queries.supporters import SupportersPage, list_supporters
from mentorlink.scheduling.queries.week import Preview, has_hours, preview_hours, talks_outside

__all__ = [
    "ABSENCES_IN_A_ROW",
    "Absences",
    "Miss",
    "Month",
    "MonthPlan",
    "Preview",
    "SupportersPage",
    "a_few",
    "absences_of",
    "busy_spans_of_many",
    "choose_good",
    "choose_three",
    "coming_exceptions",
    "common_starts",
    "common_starts_of_many",
    "exceptions_of_many",
    "free_among",
    "free_weeks_of_many",
    "has_hours",
    "held_hour",
    "hour_standing",
    "hours_to_find_of",
    "is_asked_enough",
    "is_by_talk",
    "is_under_way",
    "last_offer",
    "latest_ask",
    "latest_meeting",
    "lay_out_months",
    "list_supporters",
    "may_share_number",
    "meetings_of_supporter",
    "months_of",
    "months_of_many",
    "nearest_hours",
    "next_meeting",
    "next_talk_of",
    "offered_before",
    "open_ask",
    "open_offer",
    "part_of",
    "partner_reasons",
    "plan_months",
    "planning_ends_at",
    "preview_hours",
    "promise_of",
    "quiet_since",
    "silent_engagements",
    "suited_starts_of_many",
    "talks_outside",
    "team_of",
    "team_starts",
    "week_is_full",
    "whom_to_ask",
    "windows_of",
    "windows_of_many",
    "wished_call",
]
