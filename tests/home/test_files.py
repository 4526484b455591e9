"""Files of a half-year over HTTP: brought to a step, handed out as attachments, refused with kind words."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from mentorlink.core import storage
from mentorlink.core.audit import AuditEntry
from mentorlink.core.storage import StoredFile, store_file
from mentorlink.engagements.models import EngagementSupporter, Evidence, Milestone
from tests.factories import NOW, make_engagement, make_supporter

TEXT = "畑の図".encode()


@pytest.fixture
def supporter(session):
    return make_supporter(session)


@pytest.fixture
def engagement(session, supporter):
    return make_engagement(session, supporters=[supporter], opened_at=NOW - timedelta(days=60))


@pytest.fixture
def step(session, engagement):
    step = Milestone(
        engagement_id=engagement.id, position=1, title="図をかく", due_on=NOW.date(), reached_at=None
    )
    session.add(step)
    session.flush()
    return step.id  # alone: reading a row later would hold an old state of things


def keep(session, engagement, at=NOW):
    about = f"engagement:{engagement.id}"
    return store_file(session, about=about, name="図 1.txt", content=TEXT, by="user:1", now=at).key


def send(client, step, content=TEXT, name="図.txt"):
    return client.post(f"/milestones/{step}/files", data={"file": (io.BytesIO(content), name)})


def send_large(client, step, size):
    """As bytes: the test client leaves a temporary file open for a large form."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = head + b"a" * size + b"\r\n--x--\r\n"
    return client.post(f"/milestones/{step}/files", data=body, content_type="multipart/form-data; boundary=x")


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_a_file_becomes_evidence_of_the_step(session, engagement, step, as_applicant):
    about = f"engagement:{engagement.id}"
    answer = send(as_applicant(engagement.application), step)
    assert (answer.status_code, answer.location) == (303, f"/milestones/{step}")
    evidence = session.scalars(select(Evidence)).one()
    assert (evidence.milestone_id, evidence.file.name, evidence.side.value) == (
        step,
        "図.txt",
        "applicant",
    )
    assert evidence.file.about == about


def test_the_same_file_twice_is_one_piece_of_evidence(session, engagement, step, as_applicant):
    client = as_applicant(engagement.application)
    assert [send(client, step).status_code for _ in range(2)] == [303, 303]
    assert (count(session, StoredFile), count(session, Evidence)) == (1, 1)


def test_a_picture_is_written_anew_on_its_way_in(session, engagement, step, as_applicant):
    picture = io.BytesIO()
    Image.new("RGB", (30, 30)).save(picture, "JPEG", comment=b"where I live")
    send(as_applicant(engagement.application), step, picture.getvalue(), "家.png")
    (stored,) = session.scalars(select(StoredFile))
    assert (stored.name, b"where I live" in stored.content) == ("家.jpg", False)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ((b"<svg onload='alert(1)'/>", "図.png"), "受け取れるのは"),
        ((b"", "空.pdf"), "中身が空"),
        ((b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "写真.heic"), "HEIC"),
    ],
)
def test_what_cannot_be_kept_is_said_kindly(session, engagement, step, as_applicant, sent, words):  # noqa: PLR0917
    answer = send(as_applicant(engagement.application), step, *sent)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert (count(session, StoredFile), count(session, Evidence)) == (0, 0)


def test_no_file_at_all_is_said_kindly(engagement, step, as_applicant):
    answer = as_applicant(engagement.application).post(f"/milestones/{step}/files", data={})
    assert answer.status_code == 422


def test_a_file_above_the_limit_is_413_with_words(engagement, step, as_applicant):
    answer = send_large(as_applicant(engagement.application), step, storage.LARGEST_FILE + 1)
    assert (answer.status_code, "10MB" in answer.text) == (413, True)


def test_a_body_far_above_the_limit_is_413_before_it_is_read(engagement, step, as_applicant):
    answer = send_large(as_applicant(engagement.application), step, storage.LARGEST_FILE + 2 * storage.MIB)
    assert (answer.status_code, "大きすぎ" in answer.text) == (413, True)


def test_the_quota_of_a_half_year_is_413_and_leaves_nothing(
    session, engagement, step, as_applicant, monkeypatch
):
    monkeypatch.setattr(storage, "QUOTA", 10)
    client = as_applicant(engagement.application)
    assert send(client, step).status_code == 303
    assert send(client, step, b"another").status_code == 413
    assert (count(session, StoredFile), count(session, Evidence)) == (1, 1)


def test_a_file_comes_as_an_attachment_that_nobody_runs_or_keeps(session, engagement, as_applicant):
    key = keep(session, engagement)
    answer = as_applicant(engagement.application).get(f"/files/{key}")
    assert (answer.status_code, answer.data) == (200, TEXT)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_office_leaves_its_mark_when_it_reads_one(session, engagement, as_office):
    key = keep(session, engagement)
    session.commit()
    assert as_office.get(f"/files/{key}").status_code == 200
    assert "read_file" in session.scalars(select(AuditEntry.verb)).all()


def test_a_later_supporter_gets_a_file_of_before_only_if_it_was_handed_over(
    session, engagement, as_supporter
):
    before, later = keep(session, engagement, NOW - timedelta(days=30)), make_supporter(session)
    place = EngagementSupporter(engagement_id=engagement.id, supporter_id=later.id, since=NOW)
    session.add(place)
    client = as_supporter(later)
    found = [client.get(f"/files/{before}").status_code]
    session.query(EngagementSupporter).filter_by(supporter_id=later.id).update({"sees_evidence": True})
    session.commit()
    assert [*found, client.get(f"/files/{before}").status_code] == [404, 200]


def test_a_supporter_who_left_gets_no_file_any_more(session, engagement, supporter, as_supporter):
    key, client = keep(session, engagement), as_supporter(supporter)
    found = [client.get(f"/files/{key}").status_code]
    session.query(EngagementSupporter).update({"until": NOW})
    session.commit()
    assert [*found, client.get(f"/files/{key}").status_code] == [200, 404]


def test_a_file_about_something_else_is_nobodys(session, engagement, as_applicant):
    about = f"programme:{engagement.id}"
    key = store_file(session, about=about, name="a.txt", content=TEXT, by="user:1", now=NOW).key
    assert as_applicant(engagement.application).get(f"/files/{key}").status_code == 404
