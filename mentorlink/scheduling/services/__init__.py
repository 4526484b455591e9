"""What happens to time: one verb each. A span is taken and given back in ``occupancy`` only."""

from mentorlink.scheduling.services.asks import answer_hour, ask_for_hour, expired_asks, let_ask_go
from mentorlink.scheduling.services.availability import (
    BOUNDS,
    Terms,
    answer_times,
    merged,
    save_availability,
    save_terms,
    set_weekly_windows,
)
from mentorlink.scheduling.services.booking import book_meeting, choose_slot
from mentorlink.scheduling.services.calendar_sources import (
    UNREAD_TOLD,
    Claim,
    Copy,
    Fetch,
    add_source,
    claim_source,
    read_again,
    read_source,
    remove_source,
    settle_source,
)
from mentorlink.scheduling.services.exceptions import (
    DAYS_AHEAD,
    MOST_DAYS,
    add_exceptions,
    remove_exceptions,
)
from mentorlink.scheduling.services.holds import hold_hour
from mentorlink.scheduling.services.meetings import (
    cancel_meeting,
    mark_no_show,
    move_meeting,
    record_meeting,
    report_worry,
)
from mentorlink.scheduling.services.numbers import give_number
from mentorlink.scheduling.services.occupancy import give_back_time, lock_people
from mentorlink.scheduling.services.offers import (
    ask_for_call,
    expired_offers,
    let_offer_go,
    offer_slots,
    release_expired,
    replace_offer,
)
from mentorlink.scheduling.services.planning import TalksTaken, plan_talks, propose_months
from mentorlink.scheduling.services.resting import call_off_talks, rest_engagement, take_up_engagement
from mentorlink.scheduling.services.watching import (
    engagements_to_look_back,
    look_back,
    newly_silent,
    note_silence,
)

__all__ = [
    "BOUNDS",
    "DAYS_AHEAD",
    "MOST_DAYS",
    "UNREAD_TOLD",
    "Claim",
    "Copy",
    "Fetch",
    "TalksTaken",
    "Terms",
    "add_exceptions",
    "add_source",
    "answer_hour",
    "answer_times",
    "ask_for_call",
    "ask_for_hour",
    "book_meeting",
    "call_off_talks",
    "cancel_meeting",
    "choose_slot",
    "claim_source",
    "engagements_to_look_back",
    "expired_asks",
    "expired_offers",
    "give_back_time",
    "give_number",
    "hold_hour",
    "let_ask_go",
    "let_offer_go",
    "lock_people",
    "look_back",
    "mark_no_show",
    "merged",
    "move_meeting",
    "newly_silent",
    "note_silence",
    "offer_slots",
    "plan_talks",
    "propose_months",
    "read_again",
    "read_source",
    "record_meeting",
    "release_expired",
    "remove_exceptions",
    "remove_source",
    "replace_offer",
    "report_worry",
    "rest_engagement",
    "save_availability",
    "save_terms",
    "set_weekly_windows",
    "settle_source",
    "take_up_engagement",
]
