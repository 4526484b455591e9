"""Every recurring job, the worker that runs them, and that each message has its words."""

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import mentorlink
from mentorlink.core.actor import Role
from mentorlink.core.db import transaction
from mentorlink.core.outbox import Channel, InboxMail, MessageState, OutboxMessage
from mentorlink.core.paths import resource
from mentorlink.engagements.models import EngagementState, Pause, PauseReason
from mentorlink.jobs import CONTEXTS, Job, all_jobs, make_courier
from mentorlink.jobs.desk_mail import send_desk_mail
from mentorlink.jobs.post import make_resolve
from mentorlink.jobs.worker import Worker, alone
from mentorlink.scheduling.models import MeetingState
from mentorlink.seeds.demo import seed_demo
from tests import factories

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # Wednesday, 10:00 in Tokyo
MAILS = resource("templates", "mail")
NAMED = re.compile(r"""template=f?"([a-z_]+/[a-z_]+)\"""")


def templates_on_disk():
    return {str(path.parent.relative_to(MAILS)) for path in MAILS.glob("*/*/body.txt")}


def templates_named_in_code():
    sources = Path(mentorlink.__file__).parent.rglob("*.py")
    return {name for path in sources for name in NAMED.findall(path.read_text(encoding="utf-8"))}


def test_every_mail_that_the_code_names_has_a_context():
    assert templates_named_in_code() - set(CONTEXTS) == set()


def test_every_context_has_its_words_and_every_word_its_context():
    assert templates_on_disk() == set(CONTEXTS)


@pytest.mark.parametrize("file", ["subject.txt", "body.txt", "body.html"])
def test_every_mail_is_whole(file):
    assert [name for name in sorted(CONTEXTS) if not (MAILS / name / file).is_file()] == []


@pytest.mark.both_databases
def test_every_job_finds_nothing_to_say_on_an_empty_database(sessions, session, settings, clock):
    for job in all_jobs(settings, sessions, clock):
        job.run(sessions, NOW)
    assert session.scalars(select(OutboxMessage)).all() == []


def test_job_names_are_unique(sessions, settings, clock):
    names = [job.name for job in all_jobs(settings, sessions, clock)]
    assert len(set(names)) == len(names)


@pytest.mark.both_databases
def test_one_job_runs_in_one_place_at_a_time(engine):
    job = Job("sweep", 60, lambda _sessions, _now: None)
    with alone(engine, job) as first, alone(engine, job) as second:
        assert (first, second) == (True, False)
    with alone(engine, job) as again:
        assert again


@pytest.mark.both_databases
def test_different_jobs_do_not_wait_for_each_other(engine):
    sweep, mop = (Job(name, 60, lambda _sessions, _now: None) for name in ("sweep", "mop"))
    with alone(engine, sweep) as first, alone(engine, mop) as second:
        assert (first, second) == (True, True)


def test_a_job_that_fails_is_tried_again_and_stops_no_other(engine, clock, caplog):
    def fail(_sessions, _now):
        raise ValueError("a text about a person")

    worker = Worker(engine, clock)
    assert not worker.run_once(Job("fail", 60, fail))
    assert "ValueError at test_jobs.py" not in caplog.text or "a text" not in caplog.text
    assert worker.run_once(Job("sweep", 60, lambda _sessions, _now: None))


def test_a_stopped_worker_begins_nothing(engine, clock):
    worker = Worker(engine, clock)
    worker.stop()
    assert not worker.run_once(Job("sweep", 60, lambda _sessions, _now: pytest.fail("it ran")))


def test_two_workers_at_the_same_tick_run_a_job_once(engine, clock):
    begun, may_end, ran = threading.Event(), threading.Event(), []

    def work(_sessions, _now):
        ran.append(1)
        begun.set()
        may_end.wait(10)

    job = Job("sweep", 60, work)
    first = threading.Thread(target=Worker(engine, clock).run_once, args=[job])
    first.start()
    begun.wait(10)
    assert not Worker(engine, clock).run_once(job)
    may_end.set()
    first.join()
    assert ran == [1]


class TestResolve:
    def test_the_office_reads_its_own_address(self, session, settings):
        assert make_resolve(settings)(session, "office").address == settings.mail_from

    def test_a_person_is_reached_at_their_address(self, session, settings):
        person = factories.make_person(session, email="a@example.org", safe_contact=True, language="en")
        found = make_resolve(settings)(session, f"person:{person.id}")
        assert (found.address, found.safe_contact, found.language) == ("a@example.org", True, "en")

    def test_an_application_is_its_person(self, session, settings):
        application = factories.make_application(session)
        found = make_resolve(settings)(session, f"application:{application.id}")
        assert found.address == application.person.email

    def test_an_account_is_reached_until_it_is_disabled(self, session, settings):
        user = factories.make_user(session, role=Role.OFFICE)
        assert make_resolve(settings)(session, f"user:{user.id}").address == user.email
        user.disabled_at = NOW
        assert make_resolve(settings)(session, f"user:{user.id}") is None

    @pytest.mark.parametrize(
        "columns", [{"erased_at": NOW}, {"contact_channel": "phone", "email": None, "phone": "+81"}]
    )
    def test_who_is_gone_or_has_no_mail_is_not_reached(self, session, settings, columns):
        person = factories.make_person(session, **columns)
        assert make_resolve(settings)(session, f"person:{person.id}") is None

    @pytest.mark.parametrize("key", ["person:999", "user:999", "application:999"])
    def test_nobody_is_not_reached(self, session, settings, key):
        assert make_resolve(settings)(session, key) is None


class TestDeskMail:
    @pytest.fixture
    def talk_today(self, session):
        meeting = factories.make_meeting(
            session, state=MeetingState.CONFIRMED, starts_at=NOW + timedelta(hours=5)
        )
        session.commit()
        return meeting

    def send(self, session, now):
        with transaction(session):
            return send_desk_mail(session, now)

    def test_it_goes_out_once_on_a_business_morning(self, session, sessions, settings, clock, talk_today):
        assert self.send(session, NOW)
        self.send(session, NOW + timedelta(minutes=5))
        make_courier(settings, sessions, clock).deliver()
        mail = session.scalars(select(InboxMail)).one()
        assert mail.subject == "【今日の仕事】期限切れ 0・きょう 1・あす 0"
        assert "http://localhost/office" in mail.text

    @pytest.mark.parametrize("hours", [-3, 4, 72])  # seven in the morning, two in the afternoon, Saturday
    def test_at_other_times_it_does_not(self, session, talk_today, hours):
        assert not self.send(session, NOW + timedelta(hours=hours))

    def test_those_who_rest_without_a_day_are_named_on_mondays(self, session, sessions, settings, clock):
        programme = factories.make_programme(session, months=6)
        engagement = factories.make_engagement(
            session,
            application=factories.make_application(session, programme=programme, state="matched"),
            state=EngagementState.PAUSED,
        )
        since = NOW - timedelta(days=40)
        session.add(Pause(engagement_id=engagement.id, reason=PauseReason.OTHER, since=since))
        session.commit()
        assert not self.send(session, NOW)
        clock.now = NOW + timedelta(days=5)
        assert self.send(session, clock.now)
        make_courier(settings, sessions, clock).deliver()
        assert "お休み中の方に、ひと声: 1件" in session.scalars(select(InboxMail)).one().text

    def test_with_nothing_to_do_there_is_no_mail(self, session):
        assert not self.send(session, NOW)


def test_every_message_of_the_demo_can_be_written(sessions, settings, clock):
    """The lively present plans nearly every message there is."""
    seed_demo(sessions, settings, NOW)
    clock.now = NOW + timedelta(minutes=1)
    with sessions() as session, transaction(session):
        mails = select(OutboxMessage).where(OutboxMessage.channel == Channel.MAIL)
        for row in session.scalars(mails.where(OutboxMessage.state == MessageState.PLANNED)):
            row.due_at, row.not_after = NOW, NOW + timedelta(days=1)
    make_courier(settings, sessions, clock).deliver()
    with sessions() as session:
        parked = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.PARKED))
        assert {(row.template, row.problem) for row in parked} == set()
