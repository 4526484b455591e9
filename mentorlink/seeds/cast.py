"""What the people of a seed do, through the same services as real ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.accounts.services import create_user
from mentorlink.applications.models import Application, Intake
from mentorlink.applications.services import (
    confirm_contact,
    save_answers,
    save_selection_answers,
    start_draft,
    submit_application,
)
from mentorlink.core import links
from mentorlink.core.actor import Role
from mentorlink.core.outbox import CARRIED, OPEN, Channel, MessageState, OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement
from mentorlink.matching.models import WAITING_FOR_ANSWER, Invitation, Proposal
from mentorlink.matching.services import accept_invitation, approve_proposal
from mentorlink.people.models import ContactChannel, Purpose, Supporter
from mentorlink.people.services import create_person, give_consents, register_supporter
from mentorlink.programmes.models import Programme
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.queries import open_offer, team_starts
from mentorlink.scheduling.services import book_meeting, choose_slot, record_meeting, set_weekly_windows
from mentorlink.seeds.rows import Row, answers_of, read_rows, several, whole, windows_of
from mentorlink.surveys.models import Audience, Target
from mentorlink.surveys.services import load_surveys, schedule_surveys, submit_response

ALL_PURPOSES = tuple(Purpose)
A_WEEK, A_MONTH = (
    2,
    8,
)  # talks a supporter of the stories takes: ten of them carry what forty people lived through
ROOMS = "https://meet.example.org/"


class SeedRefused(Exception):
    """This database is no place for made-up people. The text says why."""


@dataclass
class Cast:
    """One database's office and supporters while its stories are told."""

    session: Session
    office: User
    supporters: dict[str, Supporter] = field(default_factory=dict)  # by the number in the file
    applications: dict[str, Application] = field(default_factory=dict)
    reviewers: list[int] = field(default_factory=list)  # users who score applications

    @property
    def by_office(self) -> str:
        return f"user:{self.office.id}"


def prepare(settings: Settings) -> None:
    """Refuse an installation that writes to real people; let links be made."""
    if settings.delivers_outside:
        raise SeedRefused("MENTORLINK_MAIL_URL sends real mail: made-up people belong into another database")
    links.configure(settings.secret_key.get_secret_value())
    links.configure_base(settings.base_url)


def hire_office(session: Session, email: str, name: str, *, now: datetime) -> Cast:
    return Cast(session, create_user(session, email=email, name=name, role=Role.OFFICE, now=now))


def begin_run(session: Session, template: str, *, now: datetime, **values: Any) -> Programme:
    """A run with its surveys, open for applications."""
    programme = create_programme(session, template, now=now, **values)
    load_surveys(session)
    schedule_surveys(session, programme, load_template(template).surveys)
    open_programme(session, programme, now=now)
    return programme


def join(cast: Cast, row: Row, *, trained_until: date, now: datetime) -> Supporter:
    """A supporter of the file with their week; known to the cast by their number."""
    person = create_person(
        cast.session,
        display_name=row["display_name"],
        display_kana=row["display_kana"],
        contact_channel=ContactChannel.MAIL,
        email=row["email"],
        contact_confirmed_at=now,
        now=now,
    )
    give_consents(cast.session, person, [Purpose.PERSONAL_DATA, Purpose.LATER_CONTACT], now=now)
    supporter = register_supporter(
        cast.session,
        person,
        introduction=row["introduction"],
        prefecture=row["prefecture"],
        skills={code: int(level) for code, _, level in (s.partition(":") for s in several(row["skills"]))},
        themes=several(row["themes"]),
        targets=several(row["targets"]),
        stages=several(row["stages"]),
        modes=several(row["modes"]),
        setting=row["setting"],
        started_year=whole(row["started_year"]),
        legal_form=row["legal_form"],
        training_valid_until=trained_until,
        now=now,
    )
    supporter.capacity_week, supporter.capacity_month = A_WEEK, A_MONTH
    supporter.meeting_url = f"{ROOMS}{row['number'].lower()}"
    set_weekly_windows(cast.session, supporter, windows_of(row))
    cast.supporters[row["number"]] = supporter
    return supporter


def begin_application(
    cast: Cast,
    programme: Programme,
    row: Row,
    *,
    now: datetime,
    origin: Application | None = None,
    intake: Intake = Intake.WEB,
) -> Application:
    """A draft with every answer of the row."""
    application = start_draft(cast.session, programme, origin=origin, intake=intake, now=now)
    save_answers(cast.session, application, answers_of(row), now=now)
    return application


def apply(
    cast: Cast,
    programme: Programme,
    row: Row,
    *,
    now: datetime,
    origin: Application | None = None,
    intake: Intake = Intake.WEB,
) -> Application:
    """All six screens and the confirmed address, then 送る."""
    application = begin_application(cast, programme, row, now=now, origin=origin, intake=intake)
    if application.person is None:
        raise ValueError(f"nobody is named in {row['number']}")
    give_consents(cast.session, application.person, ALL_PURPOSES, now=now)
    confirm_contact(cast.session, application, now=now)
    answer_questions(cast.session, application)
    return submit_application(cast.session, application, by=f"link:application:{application.id}", now=now)


def answer_questions(session: Session, application: Application) -> None:
    """The programme's own questions, in made-up words; a question that nobody foresaw gets the story."""
    questions = application.programme.questions
    if not questions:
        return
    all_words = read_rows("engao-2023", "selection.csv")
    words = all_words[application.id % len(all_words)]
    answers = {each.id: words.get(each.code, application.story or "")[: each.maximum] for each in questions}
    save_selection_answers(session, application, answers)


def ask(cast: Cast, application: Application, numbers: Iterable[str], *, now: datetime) -> Proposal:
    chosen = [cast.supporters[number].id for number in numbers]
    return approve_proposal(cast.session, application, chosen, by=cast.by_office, now=now)


def invitation_of(cast: Cast, application: Application) -> Invitation:
    """The one that waits for an answer."""
    query = select(Invitation).join(Invitation.proposal).where(Proposal.application_id == application.id)
    return cast.session.scalars(query.where(Invitation.state.in_(WAITING_FOR_ANSWER))).unique().one()


def accept(cast: Cast, application: Application, *, now: datetime) -> Engagement:
    invitation = invitation_of(cast, application)
    engagement = accept_invitation(cast.session, invitation, by=f"link:invitation:{invitation.id}", now=now)
    if engagement is None:
        raise ValueError("the team is not complete")
    return engagement


def choose_hour(cast: Cast, engagement: Engagement, *, now: datetime) -> Meeting:
    """The applicant takes the first of the hours on offer."""
    offer = open_offer(cast.session, engagement.id)
    if offer is None or not offer.slots:
        raise ValueError(f"no hour on offer for engagement {engagement.id}")
    by = f"link:application:{engagement.application_id}"
    return choose_slot(cast.session, offer, offer.slots[0], by=by, now=now)


def plan_talk(cast: Cast, engagement: Engagement, *, now: datetime) -> Meeting:
    """The supporter books the first hour that suits both."""
    starts = team_starts(cast.session, engagement, now=now)
    by = f"supporter:{engagement.supporter_ids()[0]}"
    first_mode = engagement.application.codes("mode")[0]
    return book_meeting(cast.session, engagement, starts[0], way=MeetingWay(first_mode), by=by, now=now)


def write_record(
    cast: Cast, meeting: Meeting, lines: Row, *, promise_on: date | None = None, now: datetime
) -> None:
    supporter_id = meeting.engagement.supporter_ids()[0]
    record_meeting(
        cast.session,
        meeting,
        went_well=lines["went_well"],
        difficult=lines["difficult"],
        next_promise=lines["next_promise"],
        promise_on=promise_on,
        by=f"supporter:{supporter_id}",
        now=now,
    )


def answer_survey(cast: Cast, meeting: Meeting, answers: Mapping[str, Any], *, now: datetime) -> None:
    """The applicant's answer about one talk."""
    target = cast.session.scalars(
        select(Target).where(Target.meeting_id == meeting.id, Target.audience == Audience.APPLICANT)
    ).one()
    submit_response(cast.session, target, dict(answers), by=f"link:target:{target.id}", now=now)


def let_expire(session: Session, before: datetime, *, calls: bool = True) -> None:
    """Messages of the past are never sent late: what was due before ``before`` has expired.

    Without ``calls`` the telephone tasks stay: somebody is still to be called.
    """
    channels = tuple(Channel) if calls else CARRIED
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.state.in_(OPEN), OutboxMessage.channel.in_(channels), OutboxMessage.due_at < before
        )
        .values(state=MessageState.EXPIRED, lease_until=None)
    )
