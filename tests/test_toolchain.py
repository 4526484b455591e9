"""The pieces that the other tests stand on are there and do their work."""

import smtplib
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest

from tests.browser import NODE
from tests.postgres import postgres_database
from tests.smtp import Mood, SmtpSink

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock", "package-lock.json"]
PAINT = """(text) => {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  pen.font = '40px sans-serif';
  pen.fillText(text, 10, 60);
  return canvas.toDataURL();
}"""
UNASSIGNED = "\u0378"


@pytest.mark.postgres
def test_postgresql_has_the_extensions_that_the_constraints_need(postgres_url_base):
    with postgres_database(postgres_url_base, "toolchain") as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm")
        (near,) = connection.execute("SELECT similarity('居場所づくり', '居場所作り') > 0").fetchall()
    assert near == (True,)


@pytest.mark.postgres
def test_a_database_is_a_copy_of_its_template(postgres_url_base):
    with postgres_database(postgres_url_base, "mould") as mould:
        with psycopg.connect(mould) as connection:
            connection.execute("CREATE TABLE kept (word text)")
        with (
            postgres_database(postgres_url_base, "cast", template="mould") as cast,
            psycopg.connect(cast) as connection,
        ):
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


@pytest.mark.browser
def test_chromium_draws_japanese(page):
    page.goto("data:text/html;charset=utf-8,<title>ひろば</title><h1>支援</h1>")
    drawn = [page.evaluate(PAINT, text) for text in ("支", "援", UNASSIGNED)]

    assert page.title() == "ひろば"
    assert len(set(drawn)) == 3


def test_node_is_the_one_of_the_virtual_environment():
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("v24.")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_download_from(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "file:" not in text


def test_a_wheel_carries_the_root_folders_and_the_front_end_files(tmp_path):
    uv = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--quiet", "--offline"]
    subprocess.run([*uv, "--python", sys.executable, "--out-dir", tmp_path, ROOT], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()

    shipped = {
        name.removeprefix("mentorlink/_resources/").split("/")[0] for name in names if "/_resources/" in name
    }
    assert shipped == {"migrations", "templates", "static", "seed", "node_modules"}
    assert sum(name.startswith("mentorlink/_resources/node_modules/") for name in names) == 2


def message(to: str = "someone@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "お知らせ", "office@example.org", to
    mail.set_content("こんにちは")
    return mail


def send(sink: SmtpSink, mail: EmailMessage, *, seconds: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=seconds) as client:
        client.send_message(mail)


def test_the_mail_server_keeps_what_it_accepts(smtp_sink):
    send(smtp_sink, message())
    (mail,) = smtp_sink.messages
    assert mail.recipients == ("someone@example.org",)
    assert mail.parsed()["Subject"] == "お知らせ"


@pytest.mark.parametrize(("mood", "code"), [(Mood.TEMPORARY, 451), (Mood.PERMANENT, 554)])
def test_the_mail_server_can_refuse_a_message(smtp_sink, mood, code):
    smtp_sink.mood = mood
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(smtp_sink, message())
    assert refusal.value.smtp_code == code
    assert smtp_sink.messages == []


def test_the_mail_server_can_refuse_one_address(smtp_sink):
    smtp_sink.refused["gone@example.org"] = "550 5.1.1 No such user"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp_sink, message("gone@example.org"))
    send(smtp_sink, message())
    assert len(smtp_sink.messages) == 1


def test_the_mail_server_can_hang(smtp_sink):
    smtp_sink.mood = Mood.HANG
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(smtp_sink, message(), seconds=0.2)
    assert smtp_sink.messages == []


def test_the_mail_server_can_cut_the_line_after_taking_the_message(smtp_sink):
    smtp_sink.mood = Mood.CUT
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink, message())
    assert len(smtp_sink.messages) == 1


def test_the_mail_server_can_be_down_and_come_back(smtp_sink):
    with smtp_sink.down(), pytest.raises(ConnectionRefusedError):
        send(smtp_sink, message())
    send(smtp_sink, message())
    assert len(smtp_sink.messages) == 1
