"""打診: the office approves a list, the asked ones answer, a change of supporter is made, mentors are looked after."""

from mentorlink.matching.services.answers import (
    accept_invitation,
    decline_invitation,
    resume_after_talk,
    want_talk,
)
from mentorlink.matching.services.care import ask_for_care, look_after_mentors
from mentorlink.matching.services.changes import part_at_once, stay_together
from mentorlink.matching.services.proposals import (
    approve_proposal,
    ask_next,
    expire_invitations,
    say_honest_word,
    withdraw_proposal,
)

__all__ = [
    "accept_invitation",
    "approve_proposal",
    "ask_for_care",
    "ask_next",
    "decline_invitation",
    "expire_invitations",
    "look_after_mentors",
    "part_at_once",
    "resume_after_talk",
    "say_honest_word",
    "stay_together",
    "want_talk",
    "withdraw_proposal",
]
