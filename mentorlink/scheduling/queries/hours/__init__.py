"""Which hours people have in common, which to show, and what is offered and planned already."""

from mentorlink.scheduling.queries.hours.choosing import choose_good, choose_three, part_of
from mentorlink.scheduling.queries.hours.common import (
    common_starts,
    common_starts_by_id,
    common_starts_of_many,
    free_among,
    free_weeks_of_many,
    is_full,
    suited_starts_of_many,
    team_of,
    team_starts,
    week_is_full,
)
from mentorlink.scheduling.queries.hours.lookups import (
    last_offer,
    latest_meeting,
    may_share_number,
    meetings_of_supporter,
    next_meeting,
    next_talk_of,
    offered_before,
    open_offer,
    partner_reasons,
    windows_of,
    windows_of_many,
)
from mentorlink.scheduling.queries.hours.misses import Miss, misses_of, nearest_hours, whom_to_ask
from mentorlink.scheduling.queries.hours.sets import is_by_talk

__all__ = [
    "Miss",
    "choose_good",
    "choose_three",
    "common_starts",
    "common_starts_by_id",
    "common_starts_of_many",
    "free_among",
    "free_weeks_of_many",
    "is_by_talk",
    "is_full",
    "last_offer",
    "latest_meeting",
    "may_share_number",
    "meetings_of_supporter",
    "misses_of",
    "nearest_hours",
    "next_meeting",
    "next_talk_of",
    "offered_before",
    "open_offer",
    "part_of",
    "partner_reasons",
    "suited_starts_of_many",
    "team_of",
    "team_starts",
    "week_is_full",
    "whom_to_ask",
    "windows_of",
    "windows_of_many",
]
