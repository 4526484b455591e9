"""The one table of what is said when: every message that is planned ahead takes its times from here.

A rule says what (its code of the list of messages, its template), to whom, when counted from what, until when it
still makes sense, and whether the quiet hours (21:00–8:00 where its reader lives) bind it. Each is said once for one
event. No slice keeps an offset of its own; what a programme sets itself (how long after a talk it asks, in how many
days it asks again) reaches the table as the anchor.

**Late.** What is planned when its hour has gone by follows ``Late``: LEFT_OUT where the reader has just heard the
same (who books this evening for tomorrow morning has the confirmation in hand) or where it would be false by now
(「あと1週間です」); AT_ONCE where somebody waits for it whatever the hour (an honest word, a question). At once keeps
the quiet hours. What the quiet hours push past its end is never dropped in silence: it is laid before the office as
one that could not be sent (parked, ``outbox.QUIET_HOURS``), to be sent by hand or said by telephone. The rules below cannot
come to that, which a test proves minute by minute; a message of an act can (an answer wanted by eight in the
morning).
These are hours of planning: a worker that stood still at 20:00 and wakes at 22:00 sends what was due then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from mentorlink.core.business_time import instant_of, next_open_time
from mentorlink.core.dates import Zone, local_date

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP_DAYS = 7  # so many days before a step's own
SILENT_DAYS = 30
LOOKS_BACK_ON = 25  # of the month: late enough to look back, early enough to talk in it yet


class Whom(StrEnum):
    """Whoever reads it."""

    APPLICANT = "applicant"
    SUPPORTER = "supporter"
    BOTH = "both"
    OFFICE = "office"
    COLLEAGUE = "colleague"  # somebody with an account, about their account or a task of theirs


class Anchor(StrEnum):
    """The instant or the day that a rule counts from."""

    ACT = "act"  # what somebody has just done
    DRAFT_LEFT = "draft_left"  # the last screen that was saved
    ANSWER_DEADLINE = "answer_deadline"  # of an invitation
    SEARCH_END = "search_end"  # the programme's business days of searching are over
    MEETING_START = "meeting_start"
    MEETING_END = "meeting_end"
    TALK_RECORDED = "talk_recorded"
    SURVEY_DUE = "survey_due"  # as the programme's plan of surveys says
    SURVEY_AGAIN = "survey_again"  # and so many days later, as it says too
    STEP_DAY = "step_day"
    MONTH = "month"  # its first day
    LAST_SIGN = "last_sign"
    WORKDAY = "workday"


class Late(StrEnum):
    """What becomes of it where it is planned after its hour."""

    LEFT_OUT = "left_out"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class After:
    """So long after the anchor; a negative span lies before it."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class OnDay:
    """At ``hour`` on the reader's clocks, so many days after the anchor's day (negative: before it)."""

    days: int
    hour: int


When = After | OnDay


@dataclass(frozen=True, slots=True)
class Rule:
    """``template`` names the folder of its words and is the rule's key; from ``until`` on it is not sent."""

    code: str
    template: str
    whom: Whom
    anchor: Anchor
    when: When
    until: When
    keeps_quiet: bool = True
    late: Late = Late.LEFT_OUT

    @property
    def ends_with_its_anchor(self) -> bool:
        """A reminder of a talk is nothing once the talk has begun, whoever would still send it."""
        return self.until == After(0 * HOUR)


class Times(NamedTuple):
    due_at: datetime
    not_after: datetime


DRAFT_LEFT = Rule(
    "M02",
    "applications/draft_left",
    Whom.APPLICANT,
    Anchor.DRAFT_LEFT,
    After(24 * HOUR),
    After(8 * DAY),
    late=Late.AT_ONCE,
)
INVITATION_REMINDER = Rule(
    "M05",
    "matching/invitation_reminder",
    Whom.SUPPORTER,
    Anchor.ANSWER_DEADLINE,
    OnDay(-1, 17),
    After(0 * HOUR),
)
TOMORROW = Rule("M08", "scheduling/tomorrow", Whom.BOTH, Anchor.MEETING_START, OnDay(-1, 17), After(0 * HOUR))
IN_AN_HOUR = Rule(
    "M09",
    "scheduling/in_an_hour",
    Whom.BOTH,  # of the supporters, those who have to call
    Anchor.MEETING_START,
    After(-1 * HOUR),
    After(0 * HOUR),
    keeps_quiet=False,  # an hour before a talk at eight nobody sleeps on
)
AFTER_TALK = Rule(
    "M10",
    "surveys/after_talk",
    Whom.APPLICANT,
    Anchor.SURVEY_DUE,
    After(0 * HOUR),
    After(14 * DAY),
    late=Late.AT_ONCE,
)
HOW_ARE_THINGS = Rule(
    "M10",
    "surveys/how_are_things",
    Whom.BOTH,
    Anchor.SURVEY_DUE,
    After(0 * HOUR),
    After(14 * DAY),
    late=Late.AT_ONCE,
)
RECORD_WANTED = Rule(
    "M11", "scheduling/record_wanted", Whom.SUPPORTER, Anchor.MEETING_END, OnDay(1, 9), OnDay(8, 9)
)
SURVEY_REMINDER = Rule(
    "M12", "surveys/reminder", Whom.BOTH, Anchor.SURVEY_AGAIN, After(0 * HOUR), After(14 * DAY)
)
MONTHLY = Rule(
    "M18",
    "scheduling/monthly",
    Whom.BOTH,
    Anchor.MONTH,
    OnDay(LOOKS_BACK_ON - 1, 9),
    OnDay(31, 9),
    late=Late.AT_ONCE,
)
SILENCE = Rule(
    "M19",
    "scheduling/silence",
    Whom.OFFICE,
    Anchor.LAST_SIGN,
    After(SILENT_DAYS * DAY),
    After((SILENT_DAYS + 7) * DAY),
    keeps_quiet=False,
    late=Late.AT_ONCE,
)
HOW_HAS_IT_GONE = Rule(
    "M20",
    "surveys/how_has_it_gone",
    Whom.APPLICANT,
    Anchor.SURVEY_DUE,
    After(0 * HOUR),
    After(14 * DAY),
    late=Late.AT_ONCE,
)
DESK = Rule(
    "M26",
    "core/desk",
    Whom.OFFICE,
    Anchor.WORKDAY,
    OnDay(0, 8),
    OnDay(0, 12),  # a worker that starts in the afternoon says nothing any more
    late=Late.AT_ONCE,
)
HONEST_WORD = Rule(
    "M29",
    "matching/honest_word",
    Whom.APPLICANT,
    Anchor.SEARCH_END,
    After(0 * HOUR),
    After(7 * DAY),
    late=Late.AT_ONCE,
)
STEP_DUE_SOON = Rule(
    "",
    "engagements/step_due_soon",
    Whom.APPLICANT,
    Anchor.STEP_DAY,
    OnDay(-STEP_DAYS, 9),
    OnDay(-4, 9),  # 「あと1週間です」 is untrue by then
)
HEAVY_TALK = Rule("", "matching/heavy_talk", Whom.SUPPORTER, Anchor.TALK_RECORDED, OnDay(1, 9), OnDay(8, 9))

PLANNED_AHEAD: tuple[Rule, ...] = (
    DRAFT_LEFT,
    INVITATION_REMINDER,
    TOMORROW,
    IN_AN_HOUR,
    AFTER_TALK,
    HOW_ARE_THINGS,
    RECORD_WANTED,
    SURVEY_REMINDER,
    MONTHLY,
    SILENCE,
    HOW_HAS_IT_GONE,
    DESK,
    HONEST_WORD,
    STEP_DUE_SOON,
    HEAVY_TALK,
)

_OF_AN_ACT: Mapping[Whom, tuple[tuple[str, str], ...]] = {  # (code, template)
    Whom.APPLICANT: (
        ("M01", "applications/receipt"),
        ("M03", "applications/question"),
        ("M06", "scheduling/slots_offered"),
        ("M06", "scheduling/slots_renewed"),
        ("M06", "scheduling/no_common_hour"),
        ("M13", "scheduling/missed"),
        ("M15", "applications/selection_receipt"),
        ("M16", "applications/selected"),
        ("M17", "applications/not_selected"),
        ("", "applications/waiting"),
        ("", "applications/confirm_contact"),
        ("", "applications/withdrawn"),
        ("", "accounts/return"),
        ("", "engagements/step_reached"),
        ("", "engagements/step_one_more_turn"),
        ("", "engagements/handover_done"),
        ("", "engagements/handover_asked"),
    ),
    Whom.SUPPORTER: (
        ("M04", "matching/invitation"),
        ("", "matching/invitation_settled"),
        ("", "scheduling/hours_wanted"),
        ("", "scheduling/calendar_unread"),
        ("", "engagements/step_to_look_at"),
        ("", "engagements/handover_begun"),
        ("", "engagements/handover_thanks"),
    ),
    Whom.BOTH: (
        ("", "scheduling/hour_asked"),
        ("", "scheduling/hour_in_vain"),
        ("M07", "scheduling/booked"),
        ("M07", "scheduling/talks_planned"),
        ("M14", "scheduling/moved"),
        ("M14", "scheduling/cancelled"),
        ("M14", "scheduling/resting"),
        ("M14", "matching/talks_called_off"),
        ("", "scheduling/taken_up"),
        ("", "engagements/new_message"),
        ("", "engagements/note_shared"),
        ("", "engagements/handover_received"),
        ("", "engagements/handover_chosen"),
        ("", "engagements/handover_stayed"),
        ("", "outcomes/ended"),
        ("", "outcomes/going_on"),
    ),
    Whom.OFFICE: (
        ("", "applications/flag_raised"),
        ("", "engagements/concern"),
        ("", "engagements/handover_office"),
        ("", "matching/talk_wanted"),
        ("", "matching/care_call"),
        ("", "scheduling/call_wanted"),
        ("", "scheduling/hour_to_find"),
        ("", "surveys/worry"),
    ),
    Whom.COLLEAGUE: (
        ("", "accounts/join"),
        ("", "accounts/sign_in"),
        ("", "applications/review_asked"),
    ),
}
OF_AN_ACT: tuple[Rule, ...] = tuple(
    Rule(code, template, whom, Anchor.ACT, After(0 * HOUR), After(7 * DAY), late=Late.AT_ONCE)
    for whom, messages in _OF_AN_ACT.items()
    for code, template in messages
)

RULES: Mapping[str, Rule] = {rule.template: rule for rule in (*PLANNED_AHEAD, *OF_AN_ACT)}


def times_of(rule: Rule, anchor: datetime | date, zone: Zone) -> Times:
    """When it goes to a reader in ``zone``, after the quiet hours where they bind, and from when on it does not.

    Pure. A ``date`` as anchor is that day on the reader's clocks.
    """
    due_at = _instant(rule.when, anchor, zone)
    if rule.keeps_quiet:
        due_at = next_open_time(due_at, tz=zone)
    return Times(due_at, _instant(rule.until, anchor, zone))


def times_from_now(rule: Rule, anchor: datetime | date, zone: Zone, now: datetime) -> Times | None:
    """The same for what is planned ``now``; None where its hour has gone by and it is left out.

    One that goes at once is due ``now``: ``people.notices.tell`` looks at the quiet hours once more.
    """
    times = times_of(rule, anchor, zone)
    if times.due_at > now:
        return times
    if rule.late is Late.LEFT_OUT or times.not_after <= now:
        return None
    return times._replace(due_at=now)


def _instant(when: When, anchor: datetime | date, zone: Zone) -> datetime:
    day = local_date(anchor, zone) if isinstance(anchor, datetime) else anchor
    if isinstance(when, OnDay):
        return instant_of(day + timedelta(days=when.days), time(when.hour), zone, earlier=when.days < 0)
    begin = anchor if isinstance(anchor, datetime) else instant_of(day, time(), zone)
    return begin + when.span
