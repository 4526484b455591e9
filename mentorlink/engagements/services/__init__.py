"""What happens to an engagement, one verb each; ``now`` is the instant, ``by`` who did it."""

from mentorlink.engagements.services.evidence import add_evidence, remove_evidence
from mentorlink.engagements.services.handover import (
    ask_handover,
    cancel_handover,
    choose_handover,
    open_handover,
)
from mentorlink.engagements.services.lifecycle import (
    complete_engagement,
    finish_engagement,
    follow_engagement,
    open_engagement,
    set_goal,
    start_engagement,
    stop_engagement,
)
from mentorlink.engagements.services.milestones import (
    add_milestone,
    begin_milestone,
    check_milestone,
    hand_in_milestone,
    lay_out_milestones,
    move_milestone,
    resume_milestone,
    revise_milestone,
    set_beginning,
    shift_milestones,
    skip_milestone,
    take_back_milestone,
)
from mentorlink.engagements.services.notes import (
    amend_note,
    change_note,
    discard_note,
    share_note,
    write_note,
)
from mentorlink.engagements.services.pauses import open_pause, pause_engagement, resume_engagement
from mentorlink.engagements.services.places import let_supporters_go
from mentorlink.engagements.services.reminders import plan_step_reminders, remind_of_steps
from mentorlink.engagements.services.thread import post_message, report_concern

__all__ = [
    "add_evidence",
    "add_milestone",
    "amend_note",
    "ask_handover",
    "begin_milestone",
    "cancel_handover",
    "change_note",
    "check_milestone",
    "choose_handover",
    "complete_engagement",
    "discard_note",
    "finish_engagement",
    "follow_engagement",
    "hand_in_milestone",
    "lay_out_milestones",
    "let_supporters_go",
    "move_milestone",
    "open_engagement",
    "open_handover",
    "open_pause",
    "pause_engagement",
    "plan_step_reminders",
    "post_message",
    "remind_of_steps",
    "remove_evidence",
    "report_concern",
    "resume_engagement",
    "resume_milestone",
    "revise_milestone",
    "set_beginning",
    "set_goal",
    "share_note",
    "shift_milestones",
    "skip_milestone",
    "start_engagement",
    "stop_engagement",
    "take_back_milestone",
    "write_note",
]
