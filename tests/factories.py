"""Rows with unsurprising defaults. Factories add and flush; the test commits where it needs to."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ApplicationTerm,
    DayPart,
    PreferredTime,
)
from mentorlink.core.actor import Role
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter
from mentorlink.people.models import (
    CONSENT_VERSION,
    Consent,
    ContactChannel,
    Person,
    Purpose,
    Supporter,
    SupporterTerm,
)
from mentorlink.programmes.models import (
    MatchMode,
    Programme,
    QuestionLength,
    SelectionCriterion,
    SelectionQuestion,
)
from mentorlink.scheduling.models import (
    Meeting,
    MeetingState,
    MeetingWay,
    Occupancy,
    OccupancyKind,
    OfferedSlot,
    SlotOffer,
    WeeklyWindow,
)

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
_numbers = count(1)


def make_user(session: Session, *, role: Role = Role.OFFICE, **columns) -> User:
    number = next(_numbers)
    values = {"email": f"user{number}@example.org", "name": f"見本 {number}", "created_at": NOW} | columns
    return _added(session, User(role=role, **values))


def make_programme(session: Session, **columns) -> Programme:
    number = next(_numbers)
    values = {
        "code": f"talk-{number}",
        "template": "talk",
        "fiscal_year": 2026,
        "name_ja": "60分の相談",
        "name_en": "A 60-minute talk",
        "talk_ja": "お話し",
        "talk_en": "talk",
        "match_mode": MatchMode.COORDINATOR,
        "has_selection": False,
        "team_min": 1,
        "team_max": 1,
        "meeting_minutes": 60,
        "meetings_min": 1,
        "months": 0,
        "answer_hours": 33,
        "offer_hours": 33,
        "search_days": 5,
        "horizon_days": 30,
        "opens_on": date(2026, 4, 1),
        "opened_at": NOW - timedelta(days=200),
        "points_theme": 3,
        "points_target": 2,
        "points_main_category": 1,
        "points_other_category": 1,
        "points_stage": 2,
        "points_similar": 1,
        "points_similar_most": 2,
        "points_region": 1,
    } | columns
    return _added(session, Programme(**values))


def make_question(session: Session, programme: Programme, **columns) -> SelectionQuestion:
    number = next(_numbers)
    values = {
        "position": number,
        "code": f"question{number}",
        "length": QuestionLength.BLOCK,
        "required": True,
        "maximum": 600,
        "text_ja": "どんな居場所を、だれのためにひらきたいですか。",
        "text_en": "What would you like to open, and for whom?",
    } | columns
    return _added(session, SelectionQuestion(programme_id=programme.id, **values))


def make_criterion(session: Session, programme: Programme, **columns) -> SelectionCriterion:
    number = next(_numbers)
    values = {
        "position": number,
        "code": f"criterion{number}",
        "most": 4,
        "name_ja": "思いの根",
        "name_en": "Where the wish comes from",
    } | columns
    return _added(session, SelectionCriterion(programme_id=programme.id, **values))


def make_person(session: Session, **columns) -> Person:
    number = next(_numbers)
    values = {
        "display_name": f"みほん{number}",
        "contact_channel": ContactChannel.MAIL,
        "email": f"person{number}@example.org",
        "created_at": NOW,
        "contact_confirmed_at": NOW,
    } | columns
    return _added(session, Person(**values))


def make_supporter(
    session: Session,
    *,
    skills: dict[str, int] | None = None,
    terms: dict[str, list[str]] | None = None,
    windows: list[tuple[int, int, int]] | None = None,
    person: Person | None = None,
    **columns,
) -> Supporter:
    """By default good at 場所・物件 (06), talks online, free on weekdays 18:00–21:00."""
    values = {
        "introduction": "地域の農園をひらいて8年になります。",
        "prefecture": "20",
        "training_valid_until": date(2027, 3, 31),
        "joined_at": NOW,
    } | columns
    supporter = Supporter(person_id=(person or make_person(session)).id, **values)
    supporter.terms = [
        SupporterTerm(scheme="category", code=code, level=level)
        for code, level in (skills or {"06": 3}).items()
    ]
    for scheme, codes in ({"mode": ["online"], "theme": ["16"]} | (terms or {})).items():
        supporter.terms += [SupporterTerm(scheme=scheme, code=code) for code in codes]
    _added(session, supporter)
    for weekday, start, end in windows if windows is not None else [(d, 1080, 1260) for d in range(5)]:
        session.add(
            WeeklyWindow(supporter_id=supporter.id, weekday=weekday, start_minute=start, end_minute=end)
        )
    session.flush()
    return supporter


def make_application(
    session: Session,
    *,
    programme: Programme | None = None,
    person: Person | None = None,
    terms: dict[str, list[str]] | None = None,
    times: list[tuple[int, DayPart]] | None = None,
    **columns,
) -> Application:
    """By default received, about 場所・物件, online, free in the evenings of weekdays."""
    number = next(_numbers)
    programme = programme or make_programme(session)
    person = person or make_person(session)
    values = {
        "state": ApplicationState.RECEIVED,
        "reference": f"2026-{number:04d}",
        "prefecture": "09",
        "stage": "02",
        "story": "空き家をお借りできそうです。",
        "created_at": NOW,
        "submitted_at": NOW,
    } | columns
    application = Application(programme_id=programme.id, person_id=person.id, **values)
    chosen = {"theme": ["16"], "category": ["06"], "mode": ["online"]} | (terms or {})
    application.terms = [
        ApplicationTerm(scheme=scheme, code=code, position=position)
        for scheme, codes in chosen.items()
        for position, code in enumerate(codes)
    ]
    application.times = [
        PreferredTime(weekday=weekday, part=part)
        for weekday, part in (times if times is not None else [(d, DayPart.EVENING) for d in range(5)])
    ]
    session.add_all(
        Consent(person_id=person.id, purpose=purpose, version=CONSENT_VERSION, given_at=NOW)
        for purpose in (Purpose.PERSONAL_DATA, Purpose.SHARE_WITH_SUPPORTER)
    )
    return _added(session, application)


def make_engagement(
    session: Session,
    *,
    application: Application | None = None,
    supporters: list[Supporter] | None = None,
    **columns,
) -> Engagement:
    application = application or make_application(session, state=ApplicationState.MATCHED)
    supporters = supporters if supporters is not None else [make_supporter(session)]
    values = {"state": EngagementState.RUNNING, "opened_at": NOW} | columns
    engagement = Engagement(
        application_id=application.id,
        programme_id=application.programme_id,
        recipient_id=application.person_id,
        **values,
    )
    engagement.supporters = [EngagementSupporter(supporter_id=s.id, since=NOW) for s in supporters]
    return _added(session, engagement)


def make_offer(session: Session, engagement: Engagement, *, hours: int = 3, **columns) -> SlotOffer:
    """By default open for two more days, with three hours from tomorrow on."""
    values = {"offered_at": NOW, "expires_at": NOW + timedelta(days=2)} | columns
    offer = SlotOffer(engagement_id=engagement.id, **values)
    offer.slots = [
        OfferedSlot(starts_at=NOW + timedelta(days=day + 1), is_held=False) for day in range(hours)
    ]
    return _added(session, offer)


def make_meeting(
    session: Session,
    *,
    engagement: Engagement | None = None,
    starts_at: datetime | None = None,
    occupies: bool = True,
    **columns,
) -> Meeting:
    """By default confirmed, online, in five days at 19:00 in Tokyo."""
    engagement = engagement or make_engagement(session)
    starts_at = starts_at or NOW.replace(hour=10) + timedelta(days=5)
    ends_at = starts_at + timedelta(minutes=60)
    values = {
        "state": MeetingState.CONFIRMED,
        "way": MeetingWay.ONLINE,
        "minutes": 60,
        "uid": f"meeting-{next(_numbers)}@localhost",
        "created_at": NOW,
    } | columns
    meeting = _added(
        session, Meeting(engagement_id=engagement.id, starts_at=starts_at, ends_at=ends_at, **values)
    )
    if occupies and meeting.state is MeetingState.CONFIRMED:
        persons = [engagement.recipient_id, *(place.supporter.person_id for place in engagement.supporters)]
        session.add_all(
            Occupancy(
                person_id=person_id,
                starts_at=starts_at,
                ends_at=ends_at,
                kind=OccupancyKind.CONFIRMED,
                expires_at=ends_at,
                source=f"meeting:{meeting.id}",
            )
            for person_id in persons
        )
        session.flush()
    return meeting


def _added(session: Session, row):
    session.add(row)
    session.flush()
    return row
