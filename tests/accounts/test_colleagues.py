import pytest
from sqlalchemy import select

from mentorlink.accounts.models import User
from mentorlink.accounts.services import change_password, find_user, invite_again, invite_colleague
from mentorlink.core.actor import Role
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from tests.factories import make_user
from tests.pages import faults_of_page

PATH = "/office/colleagues"
NEW = {"name": "あたらしい人", "email": "new@example.org", "role": "office"}


@pytest.fixture
def as_role(enter, session):
    def as_role(role):
        user_id = make_user(session, role=role).id
        session.commit()
        return enter(user_id=user_id)

    return as_role


@pytest.fixture
def colleague(session):
    colleague = make_user(session, role=Role.OFFICE, name="みほん同僚", password_hash="kept")
    session.commit()
    return colleague


@pytest.mark.both_databases
def test_a_lead_invites_a_colleague_who_chooses_a_password(as_role, app, session):
    assert as_role(Role.LEAD).post(PATH, data=NEW).status_code == 303
    invited = find_user(session, "new@example.org")
    assert (invited.role, invited.name, invited.password_hash) == (Role.OFFICE, "あたらしい人", None)
    mail = session.scalars(select(OutboxMessage)).one()
    assert (mail.template, mail.recipient) == ("accounts/join", f"user:{invited.id}")
    assert session.scalars(select(AuditEntry.verb)).all() == ["invite_colleague"]


@pytest.mark.parametrize(
    ("by", "role"),
    [
        (Role.LEAD, Role.LEAD),
        (Role.LEAD, Role.ADMIN),
        (Role.LEAD, Role.SUPPORTER),
        (Role.ADMIN, Role.ADMIN),
        (Role.OFFICE, Role.OFFICE),
        (Role.APPLICANT, Role.OFFICE),
    ],
)
def test_nobody_gives_a_role_that_is_not_below_their_own(session, now, by, role):
    with pytest.raises(RuleViolation, match="role_not_below"):
        invite_colleague(session, email="a@example.org", name="だれか", role=role, invited_by=by, now=now)


def test_an_administrator_invites_a_lead(as_role, session):
    assert as_role(Role.ADMIN).post(PATH, data=NEW | {"role": "lead"}).status_code == 303
    assert find_user(session, "new@example.org").role is Role.LEAD


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "lead"},
        {"role": "admin"},
        {"role": "supporter"},
        {"role": ["office", "office"]},
        {"name": "\u200b"},
        {"name": "一\r\nBcc: x@example.org"},
        {"email": "a@example.org, b@example.org"},
        {"email": "no address"},
        {"email": ""},
    ],
)
def test_what_is_wrong_invites_nobody(as_role, session, wrong):
    answer = as_role(Role.LEAD).post(PATH, data=NEW | wrong)
    assert answer.status_code == (400 if isinstance(wrong.get("role"), list) else 422)
    assert len(session.scalars(select(User)).all()) == 1


def test_who_is_there_already_is_not_invited_twice(as_role, colleague):
    answer = as_role(Role.LEAD).post(PATH, data=NEW | {"email": colleague.email.upper()})
    assert (answer.status_code, "もうご登録があります" in answer.text) == (422, True)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.SUPPORTER, Role.APPLICANT])
def test_others_do_not_find_the_page(as_role, colleague, role):
    client, colleague_id = as_role(role), colleague.id
    assert client.get(PATH).status_code == client.post(PATH, data=NEW).status_code == 404
    assert client.post(f"{PATH}/{colleague_id}/disabling").status_code == 404


@pytest.mark.both_databases
def test_who_is_disabled_is_out_at_once(as_role, enter, session, colleague):
    colleague_id = colleague.id
    session.rollback()
    theirs = enter(user_id=colleague_id)
    assert theirs.get("/office").status_code == 200
    lead = as_role(Role.LEAD)
    assert lead.post(f"{PATH}/{colleague_id}/disabling").status_code == 303
    assert theirs.get("/office").status_code == 303
    assert "入れません" in lead.get(PATH).text


def test_nobody_disables_an_equal_or_themselves(enter, session):
    own, other = make_user(session, role=Role.LEAD).id, make_user(session, role=Role.LEAD).id
    session.commit()
    client = enter(user_id=own)
    assert [client.post(f"{PATH}/{each}/disabling").status_code for each in (own, other)] == [404, 404]


@pytest.mark.parametrize("role", [Role.SUPPORTER, Role.APPLICANT])
def test_only_people_of_the_office_are_colleagues(as_role, session, role):
    other = make_user(session, role=role).id
    session.commit()
    assert as_role(Role.ADMIN).post(f"{PATH}/{other}/disabling").status_code == 404


def test_who_was_away_is_invited_again_and_chooses_a_new_password(session, colleague, now):
    colleague.disabled_at = now
    invite_again(session, colleague, now=now)
    assert (colleague.disabled_at, colleague.password_hash) == (None, None)
    assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_who_can_come_in_needs_no_second_invitation(session, colleague, now):
    change_password(session, colleague, "ながい合言葉をえらびました")
    with pytest.raises(RuleViolation, match="already_here"):
        invite_again(session, colleague, now=now)


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_the_pages_are_whole(as_role, colleague, role):
    client, colleague_id = as_role(role), colleague.id
    for path in (PATH, f"{PATH}/{colleague_id}/disabling", f"{PATH}?page=999999999999"):
        page = client.get(path)
        assert (page.status_code, faults_of_page(page.text)) == (200, [])
