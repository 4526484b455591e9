"""What each of the three may do, and time: every act by the service that its page calls."""

from typing import Any

from sqlalchemy.orm import Session

from mentorlink.applications import services as desk
from mentorlink.applications.models import ApplicationState
from mentorlink.core.errors import RuleViolation
from mentorlink.engagements import services as support
from mentorlink.engagements.models import EvidenceKind, PauseReason, Side
from mentorlink.home.withdrawal import refer_with_all, withdraw_everything
from mentorlink.matching import services as matching
from mentorlink.matching.models import DeclineReason
from mentorlink.outcomes import services as outcomes
from mentorlink.scheduling import services as time
from mentorlink.scheduling.services.resting import rest_engagement, take_up_engagement
from mentorlink.surveys.services import submit_response
from tests import paths_world as here
from tests.paths_world import Act, World

LINES = {"went_well": "できた", "difficult": "まだ", "next_promise": "来月"}
BY = "user:1"


def _ask(world: World, session: Session) -> None:
    desk.ask_applicant(session, here.application(session), "いつごろですか", by_user_id=1, **by(world))


def _withdraw(world: World, session: Session) -> None:
    if here.application(session).state is ApplicationState.DRAFT:
        raise RuleViolation("draft")  # the page lets nobody but the writer at it
    withdraw_everything(session, here.application(session), side=Side.APPLICANT, **by(world))


def _choose(world: World, session: Session) -> None:
    offer = here.offer(session)
    slot = offer.slots[0] if offer.slots else here.found(None)
    time.choose_slot(session, offer, slot, **by(world))


def _other_hours(world: World, session: Session) -> None:
    time.replace_offer(session, here.offer(session), other_hours=True, announce=False, **by(world))


def by(world: World) -> dict[str, Any]:
    return {"by": BY, "now": world.now}


def _answer_survey(world: World, session: Session) -> None:
    target = here.target(session, world.now)
    wanted = {question.code: question for question in target.survey.questions if question.required}
    given = {code: [each.options[0].code] if each.options else "3" for code, each in wanted.items()}
    submit_response(session, target, given, **by(world))


def _propose(world: World, session: Session) -> None:
    known = {each.supporter_id for each in here.invited(session)}
    free = [each.id for each in here.supporters(session) if each.id not in known]
    matching.approve_proposal(session, here.application(session), free[:1] or [0], **by(world))


def _record(world: World, session: Session) -> None:
    time.record_meeting(session, here.meeting(session), **LINES, **by(world))


def _miss(side: Side) -> Any:
    return lambda world, session: time.mark_no_show(session, here.meeting(session), side=side, **by(world))


def _cancel(side: Side, *, again: bool) -> Any:
    return lambda world, session: time.cancel_meeting(
        session, here.meeting(session), side=side, offer_again=again, **by(world)
    )


def _decide(outcome: ApplicationState) -> Any:
    return lambda world, session: desk.decide_selection(
        session, here.application(session), outcome, "よく考えました。", by_user_id=1, **by(world)
    )


def _no_hours(world: World, session: Session) -> None:
    for supporter in here.supporters(session):
        time.set_weekly_windows(session, supporter, [])


def _end(ending: str) -> Any:
    return lambda world, session: outcomes.close_engagement(
        session, here.engagement(session), ending, side=Side.OFFICE, **by(world)
    )


def _hand_in(world: World, session: Session) -> None:
    step = here.milestone(session)
    if not step.evidence:
        kind, side = EvidenceKind.TEXT, Side.APPLICANT
        support.add_evidence(session, step, kind, text="聞いてきました", side=side, **by(world))
        session.refresh(step)
    support.hand_in_milestone(session, step, **by(world))


def _look(*, reached: bool) -> Any:
    return lambda world, session: support.check_milestone(
        session, here.milestone(session), reached=reached, words="もう一度", **by(world)
    )


def _step(service: Any) -> Any:
    return lambda world, session: service(session, here.milestone(session), **by(world))


def _choose_handover(world: World, session: Session) -> None:
    gone = {"talks": True, "thread": False, "evidence": False}
    support.choose_handover(session, here.handover(session), **gone, **by(world))


def _pass(**duration: float) -> Any:
    def do(world: World, _session: Session) -> None:
        world.let_pass(**duration)

    return do


def _of_application(service: Any) -> Any:
    return lambda world, session: service(session, here.application(session), **by(world))


def _of_engagement(service: Any) -> Any:
    return lambda world, session: service(session, here.engagement(session), **by(world))


def _of_invitation(service: Any, *more: Any) -> Any:
    return lambda world, session: service(session, here.invitation(session), *more, **by(world))


def _of_proposal(service: Any) -> Any:
    return lambda world, session: service(session, here.proposal(session), **by(world))


TIME = [
    Act("a day later", _pass(days=1)),
    Act("nine days later", _pass(days=9)),
    Act("forty days later", _pass(days=40)),
]
ENTERING = [
    Act("the applicant sends it", _of_application(desk.submit_application)),
    Act("the office asks", _ask),
    Act(
        "the applicant answers",
        lambda world, session: desk.answer_question(session, here.question(session), "夏ごろ", **by(world)),
    ),
    Act("the office searches", _of_application(desk.begin_matching)),
    Act("the office refers", _of_application(refer_with_all)),
    Act("the applicant withdraws", _withdraw),
    Act("the office takes it in again", _of_application(desk.reopen_application)),
]
SELECTING = [
    Act(f"the office decides: {each}", _decide(each))
    for each in (ApplicationState.SELECTED, ApplicationState.WAITING, ApplicationState.NOT_SELECTED)
]
ASKING = [
    Act("the office proposes", _propose),
    Act("the supporter accepts", _of_invitation(matching.accept_invitation)),
    Act("the supporter declines", _of_invitation(matching.decline_invitation, DeclineReason.BUSY)),
    Act("the supporter wants to talk", _of_invitation(matching.want_talk)),
    Act("the office has called the supporter", _of_invitation(matching.resume_after_talk)),
    Act("the office asks the next", _of_proposal(matching.ask_next)),
    Act("the office takes the list back", _of_proposal(matching.withdraw_proposal)),
]
MEETING = [
    Act("no hour is free", _no_hours),
    Act("the applicant chooses", _choose),
    Act("the applicant wants other hours", _other_hours),
    Act(
        "the office offers hours",
        lambda world, session: time.offer_slots(session, here.engagement(session), now=world.now),
    ),
    Act("the applicant calls off and chooses anew", _cancel(Side.APPLICANT, again=True)),
    Act("the applicant calls off", _cancel(Side.APPLICANT, again=False)),
    Act("the supporter calls off", _cancel(Side.SUPPORTER, again=True)),
    Act("the supporter records", _record),
    Act("the applicant did not come", _miss(Side.APPLICANT)),
    Act("the applicant answers the survey", _answer_survey),
]
LIVING = [
    Act(
        "it rests",
        lambda world, session: rest_engagement(
            session, here.engagement(session), PauseReason.HEALTH, **by(world)
        ),
    ),
    Act("it goes on", _of_engagement(take_up_engagement)),
    Act("it ends as planned", _end("01")),
    Act("it ends early", _end("06")),
    Act("the end is taken back", _of_engagement(outcomes.take_back_ending)),
]
CHANGING = [
    Act(
        "another supporter is wished for",
        lambda world, session: support.ask_handover(
            session, here.engagement(session), Side.APPLICANT, **by(world)
        ),
    ),
    Act(
        "the supporter would like to leave",
        lambda world, session: support.ask_handover(
            session, here.engagement(session), Side.SUPPORTER, **by(world)
        ),
    ),
    Act("the applicant says what goes along", _choose_handover),
    Act(
        "they stay together",
        lambda world, session: support.cancel_handover(session, here.handover(session), **by(world)),
    ),
]
STEPPING = [
    Act("a step begins", _step(support.begin_milestone)),
    Act("a step is handed in", _hand_in),
    Act("a step is taken back", _step(support.take_back_milestone)),
    Act("a step is reached", _look(reached=True)),
    Act("a step needs another turn", _look(reached=False)),
    Act("a step is taken up again", _step(support.resume_milestone)),
    Act("a reached step is looked at again", _step(support.revise_milestone)),
    Act("a step is left out", _step(support.skip_milestone)),
]
