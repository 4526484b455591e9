import html
import io
import re
from datetime import date

import pytest
from sqlalchemy import event, func, select

from mentorlink.core.actor import Role
from mentorlink.core.audit import AuditEntry
from mentorlink.programmes.models import Amendment, Programme
from mentorlink.programmes.queries import by_code
from mentorlink.setup.files import LARGEST_FILE
from mentorlink.setup.services import export_run
from tests.factories import make_programme, make_user
from tests.pages import faults_of_page
from tests.setup.test_exchange import make_draft

RUN = "/office/programmes/mentorship-2027"
NEW = {
    "source": "template:mentorship",
    "name_ja": "海辺の半年",
    "opens_on": "令和9年4月1日",
    "closes_on": "2027/4/30",
    "result_on": "2027-05-20",
}


@pytest.fixture
def as_lead(enter, session):
    user_id = make_user(session, role=Role.LEAD).id
    session.commit()
    return enter(user_id=user_id)


@pytest.fixture
def draft(session):
    draft = make_draft(session)
    session.commit()
    return draft


@pytest.fixture
def run(session, now):
    run = make_draft(session)
    run.opened_at = now
    session.commit()
    return run


def verbs(session):
    session.rollback()
    return session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()


def form_of(page):
    """What a browser would send back of the page's form, unchanged."""
    form = re.search(r'<form method="post" action="/office/programmes.*?</form>', page.text, re.DOTALL)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        ticked = "checked" in tag or not re.search(r'type="(checkbox|radio)"', tag)
        if name and ticked:
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = text.replace("\r\n", "", 1).strip("\n")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', options)[1]
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_run_is_made_from_a_template_with_five_fields(as_office, session):
    answer = as_office.post("/office/programmes", data=NEW)
    assert (answer.status_code, answer.location) == (303, RUN)
    made = by_code(session, "mentorship-2027")
    assert (made.name_ja, made.opens_on, made.result_on) == (
        "海辺の半年",
        date(2027, 4, 1),
        date(2027, 5, 20),
    )
    assert verbs(session) == ["draft_programme"]


def test_the_form_is_right_as_it_comes(as_office, session):
    page = as_office.get("/office/programmes/new?source=template:mentorship")
    assert as_office.post("/office/programmes", data=form_of(page)).status_code == 303
    made = session.scalars(select(Programme)).one()
    assert made.opens_on < made.closes_on < made.result_on


def test_a_run_of_last_year_suggests_the_same_days_a_year_later(as_office, run):
    page = as_office.get("/office/programmes/new?source=run:mentorship-2027")
    form = form_of(page)
    assert [form["opens_on"], form["closes_on"]] == ["2028-04-01", "2028-04-30"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name_ja": "\u200b"}, "name_ja"),
        ({"opens_on": "来週"}, "opens_on"),
        ({"closes_on": "2026-01-01"}, "closes_on"),
        ({"result_on": "2027-04-29"}, "result_on"),
        ({"name_ja": "あ\u202e"}, "name_ja"),
    ],
)
def test_a_wrong_field_is_shown_and_nothing_is_made(as_office, session, wrong, said):
    answer = as_office.post("/office/programmes", data=NEW | wrong)
    assert answer.status_code == 422
    assert f'id="{said}-fault"' in answer.text
    assert "海辺の半年" in answer.text or "name_ja" in wrong
    assert session.scalar(select(func.count(Programme.id))) == 0


@pytest.mark.parametrize("source", ["template:../secret", "run:nowhere", "", "template:"])
def test_an_unknown_beginning_makes_nothing(as_office, source):
    assert as_office.post("/office/programmes", data=NEW | {"source": source}).status_code == 422
    assert as_office.get("/office/programmes/new", query_string={"source": source}).status_code == 200


PARTS = ("basics", "shape", "milestones", "questions", "criteria", "surveys", "points")


@pytest.mark.parametrize("part", PARTS)
def test_saving_a_part_as_it_is_changes_nothing(as_office, session, draft, part):
    before = export_run(session, draft)
    page = as_office.get(f"{RUN}/parts/{part}")
    assert faults_of_page(page.text) == []
    answer = as_office.post(f"{RUN}/parts/{part}", data=form_of(page))
    assert (answer.status_code, verbs(session)) == (303, [f"edit_{part}"])
    assert export_run(session, by_code(session, "mentorship-2027")) == before


@pytest.mark.parametrize(
    ("part", "changed", "line"),
    [
        ("basics", {"name_ja": "新しい名前"}, 'name_ja = "新しい名前"'),
        ("shape", {"meeting_minutes": "９０"}, "minutes = 90"),
        ("milestones", {"rows-0-due_after_days": "7"}, "due_after_days = 7"),
        ("questions", {"rows-5-text_ja": "ほかに"}, 'code = "q1"'),
        ("criteria", {"reviewers_min": "3"}, "reviewers_min = 3"),
        ("surveys", {"rows-0-after": "3", "rows-0-unit": "hours"}, "after_minutes = 180"),
        ("points", {"points_theme": "9"}, "theme = 9"),
    ],
)
@pytest.mark.usefixtures("draft")
def test_each_part_is_saved(as_office, session, part, changed, line):
    form = form_of(as_office.get(f"{RUN}/parts/{part}")) | changed
    assert as_office.post(f"{RUN}/parts/{part}", data=form).status_code == 303
    session.rollback()
    assert line in export_run(session, by_code(session, "mentorship-2027")).splitlines()


def test_rows_are_taken_away_and_put_in_order(as_office, session, draft):
    form = form_of(as_office.get(f"{RUN}/parts/questions"))
    form |= {"rows-0-remove": "y", "rows-4-place": "1", "rows-1-place": "2"}
    as_office.post(f"{RUN}/parts/questions", data=form)
    session.rollback()
    questions = by_code(session, "mentorship-2027").questions
    assert [question.code for question in questions] == ["hope", "tried", "company", "time"]


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("milestones", {"rows-1-step": "01"}),
        ("milestones", {"rows-0-due_after_days": "-1"}),
        ("milestones", {"rows-0-step": "99"}),
        ("questions", {"rows-0-maximum": "5001"}),
        ("questions", {"rows-0-text_ja": "あ" * 301}),
        ("criteria", {"rows-0-most": "11"}),
        ("surveys", {"rows-0-survey": "s99"}),
        ("surveys", {"rows-0-after": "9999", "rows-0-unit": "days"}),
        ("shape", {"team_max": "0"}),
        ("shape", {"match_mode": "lottery"}),
        ("points", {"points_theme": "1.5"}),
        ("points", {"points_theme": ""}),
    ],
)
def test_a_wrong_part_is_kept_as_typed_and_not_saved(as_office, session, draft, part, wrong):
    before = export_run(session, draft)
    form = form_of(as_office.get(f"{RUN}/parts/{part}")) | wrong
    answer = as_office.post(f"{RUN}/parts/{part}", data=form)
    assert answer.status_code == 422
    assert 'id="summary"' in answer.text
    assert faults_of_page(answer.text) == []
    session.rollback()
    assert export_run(session, by_code(session, "mentorship-2027")) == before


def test_a_part_that_somebody_else_saved_meanwhile_is_not_overwritten(as_office, session, draft):
    form = form_of(as_office.get(f"{RUN}/parts/basics"))
    as_office.post(f"{RUN}/parts/basics", data=form | {"name_ja": "先に"})
    answer = as_office.post(f"{RUN}/parts/basics", data=form | {"name_ja": "あとから"})
    assert answer.status_code == 409
    assert "あとから" in answer.text
    session.rollback()
    assert by_code(session, "mentorship-2027").name_ja == "先に"


def test_a_row_said_twice_is_no_honest_form(as_office, draft):
    form = form_of(as_office.get(f"{RUN}/parts/questions"))
    assert (
        as_office.post(f"{RUN}/parts/questions", data=form | {"rows-0-text_ja": ["一", "二"]}).status_code
        == 400
    )


def test_an_unknown_part_is_not_there(as_office, draft):
    assert as_office.get(f"{RUN}/parts/secrets").status_code == 404


def test_a_preview_is_the_real_page_and_stores_nothing(as_office, session, draft):
    counts = [session.scalar(select(func.count()).select_from(table)) for table in (Programme, AuditEntry)]
    for page in (as_office.get(f"{RUN}/preview"), as_office.get(f"{RUN}/preview?screen=questions")):
        assert page.status_code == 200
        assert "見本です" in page.text
        assert '<fieldset class="preview" disabled inert>' in page.text
        assert faults_of_page(page.text) == []
    assert "どんな居場所を" in page.text
    session.rollback()
    assert counts == [
        session.scalar(select(func.count()).select_from(table)) for table in (Programme, AuditEntry)
    ]


def test_only_the_lead_opens_and_then_people_can_apply(as_lead, as_office, client, session, draft):
    assert as_office.post(f"{RUN}/opening").status_code == 404
    assert client.get("/apply/mentorship-2027").status_code == 404
    assert as_lead.post(f"{RUN}/opening").status_code == 303
    assert client.get("/apply/mentorship-2027").status_code == 200
    assert verbs(session) == ["open_programme"]


def test_what_is_missing_is_said_instead_of_the_button(as_lead, session, draft):
    draft.result_on = None
    session.commit()
    assert "募集をはじめる</span></button>" not in as_lead.get(f"{RUN}/opening").text
    assert as_lead.post(f"{RUN}/opening").status_code == 422


def test_an_open_run_refuses_to_be_edited_in_words(as_office, session, run):
    assert as_office.get(f"{RUN}/parts/shape").status_code == 303
    answer = as_office.post(f"{RUN}/removal")
    assert (answer.status_code, "日付つきの変更" in answer.text) == (422, True)
    assert by_code(session, "mentorship-2027") is not None


CHANGE = {"field": "closes_on", "value": "2027-05-10", "effective_on": "2026-11-25", "reason": "連休のため"}


def test_the_lead_changes_a_date_and_it_is_told_with_its_reason(as_lead, session, run):
    assert as_lead.post(f"{RUN}/amendments", data=CHANGE).status_code == 303
    page = as_lead.get(f"{RUN}/amendments")
    assert "連休のため" in page.text
    assert faults_of_page(page.text) == []
    assert (by_code(session, "mentorship-2027").closes_on, verbs(session)) == (
        date(2027, 5, 10),
        ["amend_closes_on"],
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "meeting_minutes", "value": "30"},
        {"field": "opened_at", "value": ""},
        {"value": "いつか"},
        {"value": "2027-04-30"},
        {"value": "2027-06-30"},
        {"reason": " "},
        {"effective_on": "2026-11-24"},
        {"field": "points_theme", "value": "101"},
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(as_lead, session, run, wrong):
    before = export_run(session, run)
    assert as_lead.post(f"{RUN}/amendments", data=CHANGE | wrong).status_code == 422
    session.rollback()
    assert export_run(session, by_code(session, "mentorship-2027")) == before
    assert session.scalar(select(func.count(Amendment.id))) == 0


def test_every_field_that_may_change_has_its_form(as_lead, run):
    page = as_lead.get(f"{RUN}/amendments")
    fields = re.findall(r"amendments\?field=(\w+)", page.text)
    assert len(fields) == 24
    for field in fields:
        assert faults_of_page(as_lead.get(f"{RUN}/amendments?field={field}").text) == []


def test_the_nightly_round_is_switched_by_words(as_lead, session, run):
    change = CHANGE | {"field": "nightly_round", "effective_on": "2026-11-25", "value": "on"}
    assert as_lead.post(f"{RUN}/amendments", data=change | {"value": "maybe"}).status_code == 422
    assert as_lead.post(f"{RUN}/amendments", data=change).status_code == 303
    session.rollback()
    assert by_code(session, "mentorship-2027").nightly_round is True
    page = as_lead.get(RUN).text
    assert re.search(r"毎晩、組み合わせの案を用意しておく</dt>\s*<dd[^>]*>する<", page)


def test_a_change_to_come_is_taken_back_by_the_lead_alone(as_lead, as_office, session, run):
    as_lead.post(f"{RUN}/amendments", data=CHANGE | {"effective_on": "2026-12-01"})
    amendment_id = session.scalar(select(Amendment.id))
    session.rollback()
    path = f"{RUN}/amendments/{amendment_id}/removal"
    assert as_office.post(path).status_code == 404
    assert [as_lead.post(path).status_code, as_lead.post(path).status_code] == [303, 404]
    assert verbs(session) == ["amend_closes_on", "take_back_closes_on"]


def test_an_office_person_reads_changes_and_makes_none(as_office, run):
    page = as_office.get(f"{RUN}/amendments?field=closes_on")
    assert "変えるのは、事務局の責任者です" in page.text
    assert as_office.post(f"{RUN}/amendments", data=CHANGE).status_code == 404


def test_a_run_is_written_out_and_taken_in(as_office, session, draft):
    file = as_office.get(f"{RUN}/export")
    assert file.headers["Content-Disposition"] == 'attachment; filename="mentorship-2027.toml"'
    data = {"file": (io.BytesIO(file.data), "../../etc/passwd.toml")}
    answer = as_office.post("/office/programmes/import", data=data)
    assert answer.location == f"{RUN}-2"
    assert as_office.get(f"{RUN}-2/export").data == file.data
    assert verbs(session) == ["export_programme", "import_programme", "export_programme"]


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "この項目がありません"),
        (b"[[[", 422, "TOML の書き方"),
        (b"\xff", 422, "UTF-8"),
        (b"#" * (LARGEST_FILE + 1), 413, "大きすぎます"),
    ],
)
def test_a_wrong_file_says_why_and_makes_nothing(as_office, session, content, status, words):
    answer = as_office.post("/office/programmes/import", data={"file": (io.BytesIO(content), "a.toml")})
    assert (answer.status_code, words in answer.text) == (status, True)
    assert faults_of_page(answer.text) == []
    assert session.scalar(select(func.count(Programme.id))) == 0


def test_no_file_is_asked_for_kindly(as_office):
    assert as_office.post("/office/programmes/import", data={}).status_code == 422


def test_the_list_asks_the_database_the_same_for_one_and_for_many(as_office, session, engine):
    def queries():
        asked = []
        note = lambda *args: asked.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", note)
        as_office.get("/office/programmes")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    make_programme(session)
    session.commit()
    queries()  # the first page of a visit writes its mark
    one = queries()
    for _ in range(20):
        make_programme(session)
    session.commit()
    assert queries() == one


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/new",
        "/import",
        "/new?source=template:consultation",
        "/mentorship-2027",
        "/mentorship-2027/opening",
        "/mentorship-2027/removal",
    ],
)
def test_every_page_is_whole(as_lead, draft, path):
    page = as_lead.get(f"/office/programmes{path}")
    assert (page.status_code, faults_of_page(page.text)) == (200, [])


def test_an_empty_list_says_how_to_begin(as_office):
    assert "まだ事業がありません" in as_office.get("/office/programmes").text
