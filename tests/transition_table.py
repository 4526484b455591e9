"""Which act makes which arrow of which machine, and who may do it: read by tests/test_transitions.py.

One line for each arrow, in the words of the models: table name, then "old > new". ``Press`` is a request and the
visitors (of ``permission_table``) for whom it does so with what is theirs; everybody else is refused. ``Tick`` is a
job: such an arrow without a ``Press`` is made by the system alone. ``scene`` names where it starts in
``transition_scenes`` where that is not the state alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.permission_table import APPLICANT, INVITED, LEAD, OFFICE, SUPPORTING

DAY = timedelta(days=1)
ASK = {"question": "いつごろですか"}
ABSENT = {"who": "applicant"}
LINES = {"went_well": "できた", "difficult": "まだ", "next_promise": "来月"}
SURVEY = {"q1": "satisfied"}
BUSY = {"reason": "busy"}
CONSENTS = {"personal_data": "y", "share_with_supporter": "y"}
ANSWER = {"words": "夏ごろです"}
KINDLY = {"reason": "よく考えました。"}
FIRST_PLACE = {"place-{supporter_row}": "1"}


@dataclass(frozen=True)
class Press:
    address: str
    who: str
    form: Mapping[str, str] = field(default_factory=dict)
    scene: str = ""


@dataclass(frozen=True)
class Tick:
    job: str
    after: timedelta = timedelta()
    scene: str = ""


def _office(act: str, form: Mapping[str, str] | None = None, scene: str = "", who: str = OFFICE) -> Press:
    return Press("/office/applications/{application}/" + act, who, form or {}, scene)


def _prepare(scene: str) -> Press:
    return _office("decision", {"outcome": "selected", "despite_missing": "y", **KINDLY}, scene, LEAD)


def _tell(outcome: str) -> Press:
    return Press("/office/selections/{code}/decisions", LEAD, scene=f"prepared: {outcome}")


def _let_in(outcome: str) -> Press:
    return _office("decision", {"outcome": outcome, **KINDLY}, who=LEAD)


def _meeting(act: str, who: str, form: Mapping[str, str] | None = None, scene: str = "") -> Press:
    return Press("/meetings/{meeting}/" + act, who, form or {}, scene)


def _invited(act: str, form: Mapping[str, str] | None = None, scene: str = "") -> Press:
    return Press("/invitations/{invitation}/" + act, INVITED, form or {}, scene)


def _by_phone(act: str, scene: str = "") -> Press:
    return Press("/office/invitations/{invitation}/" + act, OFFICE, scene=scene)


def _proposal(act: str, scene: str = "") -> Press:
    return Press("/office/proposals/{proposal}/" + act, OFFICE, scene=scene)


ASKING_REVIEWERS = Press("/office/selections/{code}/reviewers", OFFICE, {"user_ids": "{reviewer}"})
ASKING, REFERRING = _office("question", ASK), _office("referral")
SEARCHING, REOPENING = _office("matching"), _office("reopening")
LEAVING = (Press("/my/applications/{application}/withdrawal", APPLICANT), _office("withdrawal"))
IN_IT = f"{APPLICANT} supporter meeting {OFFICE}"


def _ending(code: str, scene: str = "") -> Press:
    return Press("/engagements/{engagement}/ending", IN_IT, {"ending": code}, scene)


def _going_on(scene: str = "") -> Press:
    return Press("/engagements/{engagement}/ending/withdrawal", f"{APPLICANT} {OFFICE}", scene=scene)


def _step(act: str, who: str, form: Mapping[str, str] | None = None) -> Press:
    return Press("/milestones/{milestone}/" + act, who, form or {})


def _review(act: str = "") -> Press:
    return Press("/office/reviews/{review}" + act, "office")  # who was asked; the scene's office person


PAUSING = Press("/engagements/{engagement}/pause", IN_IT, {"reason": "health"})
CHOOSING_HANDOVER = Press("/handovers/{handover}", f"{APPLICANT} {OFFICE}", {"talks": "y"})
STAYING = Press("/handovers/{handover}/withdrawal", f"{APPLICANT} {OFFICE}")
RECORDING = _meeting("record", SUPPORTING, LINES, scene="the hour has come")

APPLICATION = {
    "draft > received": (Press("/apply/screens/6", APPLICANT, CONSENTS),),
    "received > asking": (ASKING,),
    "received > matching": (SEARCHING,),
    "received > selecting": (
        replace(ASKING_REVIEWERS, scene="selected for: received"),
        _prepare("selected for: received"),
    ),
    "received > withdrawn": LEAVING,
    "received > referred": (REFERRING,),
    "checking > asking": (ASKING,),
    "checking > matching": (SEARCHING,),
    "checking > selecting": (
        replace(ASKING_REVIEWERS, scene="selected for: checking"),
        _prepare("selected for: checking"),
    ),
    "checking > withdrawn": LEAVING,
    "checking > referred": (REFERRING,),
    "asking > checking": (
        Press("/my/questions/{question}/answer", APPLICANT, ANSWER),
        Press("/office/questions/{question}/answer", OFFICE, ANSWER),
    ),
    "asking > withdrawn": LEAVING,
    "asking > referred": (REFERRING,),
    "selecting > asking": (ASKING,),
    "selecting > selected": (_tell("selected"),),
    "selecting > not_selected": (_tell("not_selected"),),
    "selecting > waiting": (_tell("waiting"),),
    "selecting > withdrawn": LEAVING,
    "selecting > referred": (REFERRING,),
    "waiting > selected": (
        _let_in("selected"),
        Press("/office/selections/{code}/waiting", LEAD, KINDLY, "first in line"),
    ),
    "waiting > not_selected": (_let_in("not_selected"),),
    "waiting > withdrawn": LEAVING,
    "waiting > referred": (REFERRING,),
    "selected > matching": (SEARCHING, Press("/office/selections/{code}/matching", OFFICE)),
    "selected > withdrawn": LEAVING,
    "selected > referred": (REFERRING,),
    "not_selected > referred": (REFERRING,),
    "matching > matched": (
        _invited("acceptance", scene="the last one asked"),
        _by_phone("acceptance", "the last one asked"),
        replace(STAYING, scene="handover chosen"),
    ),
    "matching > checking": (
        _invited("decline", BUSY, "the last one asked"),
        _proposal("next", "the last one asked"),
        Tick("expire_invitations", 9 * DAY, "the last one asked"),
    ),
    "matching > withdrawn": LEAVING,
    "matching > referred": (REFERRING,),
    "matched > matching": (replace(CHOOSING_HANDOVER, scene="handover asked"),),
    "matched > closed": (_ending("01"), _ending("06")),
    "closed > matched": (_going_on(),),
    "matched > withdrawn": LEAVING,
    "matched > referred": (REFERRING,),
    "withdrawn > checking": (REOPENING,),
    "referred > checking": (REOPENING,),
}

PROPOSAL = {
    "open > filled": (_invited("acceptance"), _by_phone("acceptance")),
    "open > exhausted": (_invited("decline", BUSY), _proposal("next"), Tick("expire_invitations", 9 * DAY)),
    "open > withdrawn": (
        _proposal("withdrawal"),
        *LEAVING,
        REFERRING,
        Tick("expire_invitations", scene="the search is over"),
    ),
}

INVITATION = {
    "listed > asked": (
        _invited("decline", BUSY),
        _proposal("next"),
        _office("proposal", FIRST_PLACE, "to be proposed"),
        Tick("expire_invitations", 9 * DAY),
    ),
    "listed > withdrawn": (
        _invited("acceptance"),
        _proposal("withdrawal"),
        *LEAVING,
        Tick("expire_invitations", scene="the search is over, the list goes on"),
    ),
    "asked > accepted": (_invited("acceptance"), _by_phone("acceptance")),
    "asked > declined": (_invited("decline", BUSY),),
    "asked > talk_wanted": (_invited("talk"),),
    "asked > expired": (Tick("expire_invitations", 9 * DAY),),
    "asked > withdrawn": (_proposal("next"), _proposal("withdrawal"), *LEAVING, REFERRING),
    "talk_wanted > asked": (_by_phone("resumption"),),
    "talk_wanted > accepted": (_invited("acceptance"), _by_phone("acceptance")),
    "talk_wanted > declined": (_invited("decline", BUSY),),
    "talk_wanted > withdrawn": (_proposal("next"), _proposal("withdrawal"), *LEAVING, REFERRING),
}

ENGAGEMENT = {
    "preparing > running": (_meeting("record", SUPPORTING, LINES),),
    "preparing > paused": (_ending("05"), PAUSING),
    "preparing > stopped": (*LEAVING, REFERRING, _ending("06")),
    "running > paused": (_ending("05"), PAUSING),
    "running > completed": (_ending("01"),),
    "running > stopped": (*LEAVING, REFERRING, _ending("06")),
    "paused > running": (Press("/engagements/{engagement}/resumption", IN_IT),),
    "paused > stopped": (*LEAVING, REFERRING, _ending("06")),
    "completed > following": (Tick("follow_engagements"), _going_on()),
    "stopped > following": (
        Tick("follow_engagements"),
        _invited("acceptance", scene="found again: stopped"),
        _going_on(),
    ),
    "following > finished": (Tick("follow_engagements", 40 * DAY),),
    "following > running": (_invited("acceptance", scene="found again: following"), _going_on()),
    "finished > running": (_invited("acceptance", scene="found again: finished"), _going_on()),
}

MEETING = {
    "confirmed > held": (RECORDING,),
    "confirmed > no_show": (_meeting("absence", SUPPORTING, ABSENT, "the hour has come"),),
    "confirmed > cancelled": (
        _meeting("cancellation", f"{APPLICANT} supporter meeting {OFFICE}"),
        *LEAVING,
        REFERRING,
    ),
    "held > recorded": (_meeting("record", SUPPORTING, LINES),),
    "held > no_show": (_meeting("absence", SUPPORTING, ABSENT),),
    "no_show > held": (_meeting("record", SUPPORTING, LINES),),
}

SLOT_OFFER = {
    "open > chosen": (Press("/my/slots/{slot_offer}/choice", f"{APPLICANT} {OFFICE}", {"slot": "{slot}"}),),
    "open > replaced": (
        Press("/my/slots/{slot_offer}/replacement", f"{APPLICANT} {OFFICE}", {"times": "0:evening"}),
    ),
    "open > expired": (Tick("let_offers_go", 9 * DAY), *LEAVING, REFERRING),
}


def _say(answer: str, who: str) -> Press:
    return Press("/hour-answers/{asked}", who, {"answer": answer})


HOUR_ASK = {
    "open > agreed": (_say("yes", SUPPORTING),),
    "open > declined": (
        _say("no", SUPPORTING),
        Press("/hour-answers/{asker}", f"{APPLICANT} {OFFICE}", {"answer": "no"}),  # they take it back
    ),
    "open > expired": (Tick("let_asks_go", 2 * DAY),),
    "open > dropped": (
        Press("/my/slots/{slot_offer}/choice", f"{APPLICANT} {OFFICE}", {"slot": "{slot}"}),
        *LEAVING,
        REFERRING,
    ),
}

REFUSING = Press("/surveys/{target}/refusal", f"{APPLICANT} target")  # asked or not yet

TARGET = {
    "planned > sent": (Tick("plan_targets", scene="the request went out"), REFUSING),
    "planned > answered": (Press("/surveys/{target}", f"{APPLICANT} target {OFFICE}", SURVEY),),
    "planned > void": (Tick("plan_targets", scene="no talk, target planned"),),
    "sent > answered": (Press("/surveys/{target}", f"{APPLICANT} target {OFFICE}", SURVEY),),
    "sent > declined": (REFUSING,),
    "sent > void": (Tick("plan_targets", scene="no talk, target sent"),),
    "declined > answered": (Press("/surveys/{target}", f"{APPLICANT} target {OFFICE}", SURVEY),),
}

_MENTEE, _MENTOR = f"{APPLICANT} {OFFICE}", f"supporter meeting {OFFICE}"
MILESTONE = {
    "not_started > in_progress": (
        _step("beginning", _MENTEE),
        _step("evidence", IN_IT, {"kind": "text", "text": "聞いてきました"}),
    ),
    "not_started > skipped": (_step("skip", _MENTEE),),
    "in_progress > checking": (_step("hand-in", _MENTEE),),
    "in_progress > skipped": (_step("skip", _MENTEE),),
    "checking > reached": (_step("check", _MENTOR, {"answer": "reached"}),),
    "checking > revising": (_step("check", _MENTOR, {"answer": "one_more_turn", "words": "もう一人"}),),
    "checking > in_progress": (_step("retrieval", _MENTEE),),
    "reached > revising": (_step("revision", IN_IT),),
    "revising > in_progress": (_step("return", _MENTEE),),
    "revising > skipped": (_step("skip", _MENTEE),),
    "skipped > in_progress": (_step("return", _MENTEE),),
}

HANDOVER = {
    "asked > chosen": (CHOOSING_HANDOVER,),
    "asked > cancelled": (STAYING, _ending("01"), *LEAVING, REFERRING),
    "chosen > done": (
        _invited("acceptance", scene="the next supporter"),
        _by_phone("acceptance", "the next supporter"),
    ),
    "chosen > cancelled": (STAYING, _ending("01"), *LEAVING, REFERRING),
}

REVIEW = {
    "asked > submitted": (_review(),),
    "asked > barred": (_review("/conflict"),),
    "submitted > asked": (_review("/retrieval"),),
    "submitted > barred": (_review("/conflict"),),
}

ARROWS: dict[str, Mapping[str, tuple[Press | Tick, ...]]] = {
    "application": APPLICATION,
    "proposal": PROPOSAL,
    "invitation": INVITATION,
    "engagement": ENGAGEMENT,
    "meeting": MEETING,
    "slot_offer": SLOT_OFFER,
    "hour_ask": HOUR_ASK,
    "target": TARGET,
    "milestone": MILESTONE,
    "handover": HANDOVER,
    "review": REVIEW,
}
