"""Two whole stories, one of ours and one of somebody else's, and a browser for every kind of visitor."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import update

from mentorlink.applications.models import ClarifyingQuestion, Flag, FlagKind, ImportBatch, ImportKind, Review
from mentorlink.core.actor import Role
from mentorlink.core.links import LinkKind, issue_link
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.core.storage import StoredFile, store_file
from mentorlink.engagements.models import (
    Engagement,
    Evidence,
    EvidenceKind,
    Handover,
    Milestone,
    MilestoneState,
    Note,
    Side,
)
from mentorlink.matching.models import Invitation, InvitationState, Proposal
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Amendment
from mentorlink.scheduling.models import HourAnswer, HourAsk, Meeting, MeetingState, OfferedSlot, SlotOffer
from mentorlink.surveys.models import Audience, Response, Survey, Target, TargetState
from tests import factories
from tests.factories import NOW

ABSENT = 987654


@dataclass
class Story:
    """The ids of one story, by the names that URLs give them."""

    person: Person
    supporter: Supporter
    engagement: Engagement
    ids: dict[str, object] = field(default_factory=dict)


def tell_story(session, programme, survey) -> Story:
    person = factories.make_person(session)
    person.user_id = factories.make_user(session, role=Role.APPLICANT).id
    supporter = factories.make_supporter(session)
    supporter.person.user_id = factories.make_user(session, role=Role.SUPPORTER).id
    application = factories.make_application(session, person=person, programme=programme, state="matched")
    engagement = factories.make_engagement(session, application=application, supporters=[supporter])
    story = Story(person, supporter, engagement)
    meeting = factories.make_meeting(session, engagement=engagement)
    before = NOW - timedelta(days=9)
    factories.make_meeting(session, engagement=engagement, starts_at=before, state=MeetingState.RECORDED)
    proposal = _add(
        session, Proposal(application_id=application.id, places_left=1, approved_by="user:1", approved_at=NOW)
    )
    story.ids = {
        "code": programme.code,
        "key": "applications",
        "application_id": application.id,
        "engagement_id": engagement.id,
        "meeting_id": meeting.id,
        "supporter_id": supporter.id,
        "proposal_id": proposal.id,
        "invitation_id": _invitation(session, proposal, supporter).id,
        "offer_id": _offer(session, engagement).id,
        "target_id": _target(session, survey, person, engagement, meeting).id,
        "flag_id": _flag(session, application).id,
        "question_id": _question(session, application).id,
        "review_id": _review(session, application).id,
        "batch_id": _batch(session, programme, application.id).id,
        "message_id": _message(session, person, application),
        "amendment_id": _amendment(session, programme).id,
        "part": "basics",
        "user_id": factories.make_user(session, role=Role.OFFICE).id,  # somebody whom a lead looks after
        **_milestone(session, engagement),
        "note_id": _note(session, engagement, person).id,
        "handover_id": _handover(session, engagement).id,
        "answer_id": _hour_answer(session, engagement).id,
        "file_key": _file(session, engagement).key,
    }
    return story


def browsers_of(story: Story, session, enter) -> dict[str, object]:
    """A client for each kind of visitor; those with something of their own have the story's."""
    staff = {name: factories.make_user(session, role=Role(name)).id for name in ("office", "lead", "admin")}
    session.get(Review, story.ids["review_id"]).reviewer_user_id = staff["lead"]
    session.commit()
    links = {
        "application": ("application", story.ids["application_id"]),
        "invitation": ("invitation", story.ids["invitation_id"]),
        "meeting": ("meeting", story.ids["meeting_id"]),
        "target": ("target", story.ids["target_id"]),
    }
    accounts = {"applicant": story.person.user_id, "supporter": story.supporter.person.user_id, **staff}
    session.rollback()
    found = {name: enter(user_id=user_id) for name, user_id in accounts.items()}
    return found | {name: enter(scope=scope) for name, scope in links.items()} | {"nobody": enter()}


def begin_again(session) -> None:
    """What the visitor before has done must not stand in the next one's way."""
    later = update(Meeting).where(Meeting.starts_at > NOW)
    session.execute(later.values(state=MeetingState.CONFIRMED, ended_by=None))
    session.commit()


def make_survey(session) -> Survey:
    return _add(session, Survey(code="short", version=1, title_ja="ひとこと", title_en="A word"))


def _add(session, row):
    session.add(row)
    session.flush()
    return row


def _invitation(session, proposal, supporter) -> Invitation:
    return _add(
        session,
        Invitation(
            proposal_id=proposal.id,
            supporter_id=supporter.id,
            position=0,
            score=80,
            state=InvitationState.ASKED,
            asked_at=NOW,
            deadline_at=NOW + timedelta(days=3),
        ),
    )


def _offer(session, engagement) -> SlotOffer:
    offer = _add(
        session, SlotOffer(engagement_id=engagement.id, offered_at=NOW, expires_at=NOW + timedelta(days=3))
    )
    _add(session, OfferedSlot(offer_id=offer.id, starts_at=NOW + timedelta(days=9), is_held=False))
    return offer


def _target(session, survey, person, engagement, meeting: Meeting) -> Target:
    target = Target(
        event=f"meeting:{meeting.id}:a",
        survey_id=survey.id,
        audience=Audience.APPLICANT,
        person_id=person.id,
        engagement_id=engagement.id,
        meeting_id=meeting.id,
        state=TargetState.ANSWERED,
        due_at=NOW,
        sent_at=NOW,
    )
    _add(session, target)
    _add(session, Response(target_id=target.id, submitted_at=NOW, entered_by="link:target:1"))
    return target


def _hour_answer(session, engagement) -> HourAnswer:
    """Of a question that is over: an open one would stand in the next visitor's way."""
    asked = {"asked_at": NOW, "expires_at": NOW + timedelta(days=2), "starts_at": NOW + timedelta(days=4)}
    ask = HourAsk(engagement_id=engagement.id, asker_id=engagement.recipient_id, state="expired", **asked)
    supporter = engagement.supporters[0].supporter
    ask.answers = [HourAnswer(person_id=supporter.person_id)]
    return _add(session, ask).answers[0]


def _handover(session, engagement) -> Handover:
    return _add(session, Handover(engagement_id=engagement.id, wished_by=Side.OFFICE, wished_at=NOW))


def _file(session, engagement) -> StoredFile:
    about = f"engagement:{engagement.id}"
    return store_file(session, about=about, name="図.txt", content=b"a plan", by="user:1", now=NOW)


def _flag(session, application) -> Flag:
    flag = Flag(application_id=application.id, kind=FlagKind.WORRY, raised_by="user:1", raised_at=NOW)
    return _add(session, flag)


def _question(session, application) -> ClarifyingQuestion:
    question = ClarifyingQuestion(
        application_id=application.id, question="いつごろですか", asked_by_user_id=1, asked_at=NOW
    )
    return _add(session, question)


def _review(session, application) -> Review:
    reviewer = factories.make_user(session, role=Role.OFFICE)
    return _add(session, Review(application_id=application.id, reviewer_user_id=reviewer.id, asked_at=NOW))


def _batch(session, programme, number: int) -> ImportBatch:
    return _add(
        session,
        ImportBatch(
            file_hash=f"{number:064d}",
            kind=next(iter(ImportKind)),
            programme_id=programme.id,
            row_count=1,
            by_user_id=1,
            uploaded_at=NOW,
            content=b"x",
        ),
    )


def _milestone(session, engagement) -> dict[str, int]:
    """It waits to be looked at: what shows it stays, whoever asks for its removal."""
    step = Milestone(
        engagement_id=engagement.id, position=1, code="01", due_on=NOW.date(), state=MilestoneState.CHECKING
    )
    _add(session, step)
    evidence = Evidence(milestone_id=step.id, kind=EvidenceKind.TEXT, text="x", side=Side.APPLICANT, at=NOW)
    return {"milestone_id": step.id, "evidence_id": _add(session, evidence).id}


def _note(session, engagement, person) -> Note:
    whose = {"engagement_id": engagement.id, "author_person_id": person.id}
    note = Note(
        body="メモ", written_at=NOW, shared_at=NOW, **whose
    )  # shared, or the first visitor discards it
    return _add(session, note)


def _amendment(session, programme) -> Amendment:
    made_by = factories.make_user(session, role=Role.LEAD)
    day = NOW.date() + timedelta(days=30)
    amendment = Amendment(
        programme_id=programme.id,
        field="points_theme",
        old="3",
        new="4",
        reason="試し",
        effective_on=day,
        made_by_user_id=made_by.id,
        made_at=NOW,
    )
    return _add(session, amendment)


def _message(session, person, application) -> dict[str, int]:
    """A call and a mail: which of them a page is about, its address says."""
    opens = f"application:{application.id}"
    link = issue_link(
        session, LinkKind.ENTRY, "application", opens, expires_at=NOW + timedelta(days=1), now=NOW
    )
    return {
        channel: _add(
            session,
            OutboxMessage(
                event=f"{channel}:{application.id}",
                template="accounts/return",
                recipient=f"person:{person.id}",
                channel=channel,
                locale="ja",
                params={"link_id": link.id},
                about=opens,
                queued_at=NOW,
                due_at=NOW,
                not_after=NOW + timedelta(days=7),
            ),
        ).id
        for channel in (Channel.CALL, Channel.MAIL)
    }
