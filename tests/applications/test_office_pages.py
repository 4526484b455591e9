"""The office's pages about applications."""

import io

import pytest
from sqlalchemy import event, func, select

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ClarifyingQuestion,
    FlagKind,
    ImportBatch,
    Intake,
)
from mentorlink.applications.services import raise_flag
from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Call, OutboxMessage
from mentorlink.people.models import Supporter
from tests.applications.answers import CONTACT, PLACE, STORY, TALK, THEMES
from tests.conftest import NOW
from tests.factories import make_application, make_person, make_programme
from tests.pages import without_token

ON_BEHALF = CONTACT | PLACE | THEMES | STORY | TALK | {"intake": "paper", "consents_heard": "y"}


@pytest.fixture
def application(session):
    application = make_application(session)
    session.commit()
    return application


def fresh(session, application):
    session.rollback()
    session.refresh(application)
    return application


def test_a_story_is_shown_after_its_reading_was_written_down(as_office, session, application):
    page = as_office.get(f"/office/applications/{application.id}").get_data(as_text=True)

    session.rollback()
    entry = session.scalars(select(AuditEntry)).one()
    assert application.story in page
    assert (entry.verb, entry.about, entry.is_office) == ("read_story", f"application:{application.id}", True)


def test_drafts_and_absent_ones_answer_alike(as_office, session):
    draft = make_application(session, state=ApplicationState.DRAFT, reference=None, submitted_at=None)
    session.commit()

    answers = [as_office.get(f"/office/applications/{row_id}") for row_id in (draft.id, 9999)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_token(answers[0].text) == without_token(answers[1].text)


def test_the_office_pages_are_the_office_s(client, as_applicant, application):
    for path in ("/office/applications", f"/office/applications/{application.id}", "/office/imports"):
        assert client.get(path).status_code == 303
        assert as_applicant(application).get(path).status_code == 404


def test_the_list_is_searched_by_name_and_number(as_office, session):
    wanted = make_application(session, person=make_person(session, display_name="100%のはな"))
    other = make_application(session)
    session.commit()

    for words in ("100%", wanted.reference):
        page = as_office.get("/office/applications", query_string={"q": words}).get_data(as_text=True)
        assert wanted.reference in page
        assert other.reference not in page


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_many(as_office, session, engine):
    as_office.get("/office/applications")  # the connections are there
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counted = []
    for number in (1, 24):
        for _ in range(number):
            make_application(session)
        session.commit()
        statements.clear()
        as_office.get("/office/applications")
        counted.append(len(statements))

    assert counted[0] == counted[1]


def test_the_list_is_paged(as_office, session):
    programme = make_programme(session)
    for _ in range(30):
        make_application(session, programme=programme)
    session.commit()

    page = as_office.get("/office/applications?page=2").get_data(as_text=True)

    assert page.count("data-next") == 5
    assert as_office.get("/office/applications?page=99&state=nonsense").status_code == 200


def test_a_question_is_asked(as_office, session, application):
    path = f"/office/applications/{application.id}/question"

    assert as_office.post(path, data={"question": "場所は決まっていますか"}).status_code == 303
    assert fresh(session, application).state is ApplicationState.ASKING
    again = as_office.post(path, data={"question": "もう一つ"})
    assert again.status_code == 422


def test_an_empty_question_is_named(as_office, application):
    answer = as_office.post(f"/office/applications/{application.id}/question", data={"first_choice": "はい"})

    assert answer.status_code == 422
    assert 'href="#question"' in answer.get_data(as_text=True)


def test_an_answer_heard_on_the_telephone_is_written_down(as_office, session):
    person = make_person(session, contact_channel="phone", email=None, phone="+81312345678")
    application = make_application(session, person=person)
    session.commit()
    path = f"/office/applications/{application.id}"
    choices = {"first_choice": "夏", "second_choice": "秋"}
    as_office.post(f"{path}/question", data={"question": "いつごろですか", **choices})
    session.rollback()
    question = session.scalars(select(ClarifyingQuestion)).one()
    answer_here = f"/office/questions/{question.id}/answer"
    assert answer_here in as_office.get(path).get_data(as_text=True)

    assert as_office.post(answer_here, data={"words": " "}).status_code == 422
    assert as_office.post(answer_here, data={"choice": "夏", "words": "8月に"}).status_code == 303

    assert fresh(session, application).state is ApplicationState.CHECKING
    session.refresh(question)
    assert question.answer == "夏\n8月に"
    heard = session.scalars(select(AuditEntry).where(AuditEntry.verb == "answer_heard")).one()
    assert heard.about == f"application:{application.id}"
    assert as_office.post(answer_here, data={"words": "もう一度"}).status_code == 422
    assert answer_here not in as_office.get(path).get_data(as_text=True)


def test_searching_begins(as_office, session, application):
    as_office.post(f"/office/applications/{application.id}/matching")

    assert fresh(session, application).state is ApplicationState.MATCHING


def test_a_call_is_counted_and_confirms_the_number(as_office, session):
    person = make_person(
        session, contact_channel="phone", email=None, phone="+81312345678", contact_confirmed_at=None
    )
    application = make_application(session, person=person)
    session.commit()

    as_office.post(f"/office/applications/{application.id}/calls", data={"minutes": "12", "reached": "y"})

    session.rollback()
    call = session.scalars(select(Call)).one()
    assert (call.minutes, call.reached, call.about) == (12, True, f"application:{application.id}")
    assert fresh(session, application).person.contact_confirmed_at == NOW


@pytest.mark.parametrize("minutes", ["", "-1", "601", "たくさん", "9" * 400])
def test_minutes_that_are_none_are_named(as_office, application, minutes):
    answer = as_office.post(f"/office/applications/{application.id}/calls", data={"minutes": minutes})

    assert answer.status_code == 422


def test_withdrawing_asks_first(as_office, session, application):
    path = f"/office/applications/{application.id}/withdrawal"

    assert as_office.get(path).status_code == 200
    assert fresh(session, application).state is ApplicationState.RECEIVED
    assert as_office.post(path).status_code == 303
    assert fresh(session, application).state is ApplicationState.WITHDRAWN
    assert as_office.post(f"/office/applications/{application.id}/reopening").status_code == 303
    assert as_office.post(f"/office/applications/{application.id}/referral").status_code == 303


def test_a_flag_is_resolved(as_office, session, application):
    flag = raise_flag(session, application, FlagKind.WORRY, by="user:1", now=NOW)
    session.commit()

    assert as_office.post(f"/office/flags/{flag.id}/resolution").status_code == 303
    assert as_office.post(f"/office/flags/{flag.id}/resolution").status_code == 422
    assert as_office.post("/office/flags/9999/resolution").status_code == 404


def test_a_resolved_flag_leads_back_to_where_it_was_pressed(as_office, session, application):
    flags = [raise_flag(session, application, kind, by="user:1", now=NOW) for kind in list(FlagKind)[:2]]
    ids = [flag.id for flag in flags]
    session.commit()
    back = as_office.post(f"/office/flags/{ids[0]}/resolution", data={"next": "/office/flags"})
    assert back.location == "/office/flags"
    evil = as_office.post(f"/office/flags/{ids[1]}/resolution", data={"next": "https://evil.example/"})
    assert evil.location.startswith("/office/applications/")


def test_a_huge_page_number_is_the_last_page(as_office):
    assert as_office.get(f"/office/applications?page={'9' * 40}").status_code == 200


def test_a_paper_is_entered_on_somebody_s_behalf(as_office, session):
    programme = make_programme(session)
    session.commit()
    assert as_office.get("/office/applications/new").status_code == 200

    answer = as_office.post("/office/applications", data=ON_BEHALF | {"programme_id": programme.id})

    session.rollback()
    entered = session.scalars(select(Application)).one()
    assert answer.location == f"/office/applications/{entered.id}"
    assert (entered.state, entered.intake) == (ApplicationState.RECEIVED, Intake.PAPER)
    assert as_office.get(answer.location).status_code == 200


def test_a_paper_that_is_not_whole_keeps_what_was_typed(as_office, session):
    programme = make_programme(session)
    session.commit()

    answer = as_office.post(
        "/office/applications",
        data=ON_BEHALF | {"programme_id": programme.id, "stage": "", "consents_heard": ""},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "空き家があります。" in page
    assert 'href="#stage-0"' in page


# ---- imports

HEADER = (
    "タイムスタンプ,お名前,メールアドレス,都道府県,いまの様子,相談したいこと,"
    "お話しの方法,来られそうな時間 [月曜],いま思っていること,ご紹介者"
)
ROW = "2026/11/07 7:41:40 午後 GMT+9,{name},{email},栃木県,まだ思いだけです,場所・物件;資金,オンライン,午前;夜,{story},友人"


def sheet(*rows, header=HEADER):
    return "\r\n".join([header, *rows]).encode()


def row(number=1, story="空き家があります"):
    return ROW.format(name=f"みほん{number}", email=f"m{number}@example.org", story=story)


@pytest.fixture
def upload(as_office, session):
    programme = make_programme(session)
    session.commit()

    def upload(data, kind="applications"):
        fields = {"kind": kind, "programme_id": str(programme.id), "file": (io.BytesIO(data), "a.csv")}
        return as_office.post("/office/imports", data=fields, content_type="multipart/form-data")

    upload.client = as_office
    return upload


def number_of(session, table):
    session.rollback()
    return session.scalar(select(func.count()).select_from(table))


def test_an_import_is_looked_at_first_and_then_brought_in_once(upload, session):
    preview = upload(sheet(row(1), row(2)))
    page = upload.client.get(preview.location).get_data(as_text=True)
    assert "みほん2" in page
    assert "ご紹介者" in page  # a column that means nothing to us is named
    assert number_of(session, Application) == 0

    for _ in range(2):
        assert upload.client.post(preview.location, data={"consents_heard": "y"}).status_code == 303

    session.rollback()
    rows = session.scalars(select(Application).order_by(Application.id)).all()
    assert [each.reference for each in rows] == ["2026-0001", "2026-0002"]
    assert [(t.weekday, t.part) for t in rows[0].times] == [(0, "evening"), (0, "morning")]
    assert rows[0].codes("category") == ["06", "05"]
    assert upload(sheet(row(1), row(2))).location == preview.location
    assert upload.client.get(preview.location).status_code == 200
    assert number_of(session, OutboxMessage) > 0


def test_the_consents_are_confirmed_by_the_office(upload, session):
    preview = upload(sheet(row(1)))

    assert upload.client.post(preview.location, data={}).status_code == 422
    assert number_of(session, Application) == 0


def test_supporters_are_imported(upload, session):
    header = "お名前,メールアドレス,都道府県,得意なこと,自己紹介,方法,月の上限"
    data = sheet(
        'たかし,t@example.org,長野,"場所・物件:3;資金","農園を,8年",オンライン;電話,4件', header=header
    )

    preview = upload(data, kind="supporters")
    upload.client.post(preview.location, data={"consents_heard": "y"})

    session.rollback()
    supporter = session.scalars(select(Supporter)).one()
    assert (supporter.skills, supporter.prefecture, supporter.capacity_month) == ({"06": 3, "05": 2}, "20", 4)
    assert supporter.introduction == "農園を,8年"


def test_shift_jis_is_understood(upload):
    assert upload(sheet(row(1)).decode().encode("cp932")).status_code == 303


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x81\x20\xff\xfe\xfd", "文字の種類"),
        (sheet(row(1), header=HEADER.replace("いまの様子", "様子")), "いまの様子"),
        (sheet(row(1), header=HEADER.replace("都道府県", "お名前")), "2つ以上"),
        (sheet(row(1), "少ない,列"), "3行目"),
        (sheet(row(1), row(2), row(1)), "4行目"),
        (sheet(row(1), '"' + row(2)), "閉じて"),
        (sheet(header="お名前" + ",列" * 10_000), "列"),
        (sheet(), "取り込む行がありません"),
        (sheet(row(1).replace("まだ思いだけです", "ふしぎな段階"), row(2).replace("栃木県", "火星")), "火星"),
        (sheet(row(1).replace("m1@example.org", "m1@")), "メールアドレスの形"),
        (b"", "項目名"),
    ],
    ids=[
        "encoding",
        "missing",
        "duplicate",
        "ragged",
        "twice",
        "quote",
        "wide",
        "none",
        "unknown",
        "mail",
        "empty",
    ],
)
def test_a_file_with_a_bad_row_brings_in_nothing_and_names_them_all(upload, session, data, words):
    answer = upload(data)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert (number_of(session, ImportBatch), number_of(session, Application)) == (0, 0)


def test_every_bad_row_is_named(upload):
    answer = upload(sheet(row(1).replace("栃木県", "火星"), row(2).replace("オンライン", "テレパシー")))

    page = answer.get_data(as_text=True)
    assert "2行目" in page
    assert "3行目" in page


def test_too_many_rows_are_too_large(upload):
    assert upload(sheet(*["a"] * 100_001, header="お名前")).status_code == 413


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋"])
def test_what_a_spreadsheet_would_calculate_is_stored_as_it_is(upload, session, sign):
    preview = upload(sheet(row(1, story=f"{sign}1+1")))
    upload.client.post(preview.location, data={"consents_heard": "y"})

    session.rollback()
    assert session.scalars(select(Application.story)).one() == f"{sign}1+1"


def test_no_file_is_named(as_office):
    answer = as_office.post("/office/imports", data={"kind": "supporters"})

    assert answer.status_code == 422
    assert 'href="#file"' in answer.get_data(as_text=True)
