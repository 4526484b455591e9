"""The command line, started as an operator starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mentorlink.cli import main
from mentorlink.cli.demo import port_is_free
from mentorlink.core import links

SECRET = "0123456789abcdef0123456789abcdef"
MENTORLINK = [sys.executable, "-m", "mentorlink.cli"]


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MENTORLINK_")}
    wanted = {"DATABASE_URL": f"sqlite:///{folder}/test.db", "SECRET_KEY": SECRET} | settings
    return kept | {f"MENTORLINK_{name}": value for name, value in wanted.items() if value}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A command inside this process; what it set for the whole process is set back."""

    def run(*words: str, **settings: str) -> Result:
        with monkeypatch.context() as patched:
            patched.setattr(os, "environ", environment(tmp_path, **settings))
            patched.chdir(tmp_path)
            return CliRunner().invoke(main, words)

    yield run
    links.configure("test-secret")
    links.configure_base("http://localhost")


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*words: str, **settings: str) -> subprocess.Popen[str]:
        given = environment(tmp_path, **settings)
        process = subprocess.Popen(
            [*MENTORLINK, *words], env=given, cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def free_port() -> int:
    return next(port for port in range(8600, 8700) if port_is_free(port))


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"{words!r} was never said")


def test_db_check_says_whether_the_database_is_behind(run):
    behind = run("db", "check")
    assert (behind.exit_code, behind.stdout) == (1, "")
    assert "mentorlink db upgrade" in behind.stderr
    assert run("db", "upgrade").exit_code == 0
    assert run("db", "check").exit_code == 0


def test_wrong_usage_is_exit_code_2(run):
    assert run("db", "sideways").exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "foo"), ("TZ", "Moon"), ("DATABASE_URL", "sqlite:////no/such/x.db")]
)
def test_a_wrong_setting_is_named_without_a_traceback(run, name, value):
    done = run("db", "check", **{name: value})
    assert done.exit_code == 1
    assert done.stderr.startswith("mentorlink: ")
    assert "Traceback" not in done.stderr


def test_doctor_blocks_on_an_empty_secret_and_says_what_to_do(run):
    run("db", "upgrade")
    assert run("doctor").exit_code == 0
    done = run("doctor", SECRET_KEY="")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "blocked  MENTORLINK_SECRET_KEY" in done.stderr


def test_serve_and_worker_refuse_a_database_that_is_behind(run):
    assert [run("serve").exit_code, run("worker").exit_code] == [1, 1]


def test_seeds_refuse_where_mail_is_really_delivered(run):
    run("db", "upgrade")
    done = run("seed", "demo", MAIL_URL="smtp://127.0.0.1:1")
    assert done.exit_code == 1
    assert "MENTORLINK_MAIL_URL" in done.stderr


def test_the_demo_refuses_a_real_mail_server(run):
    done = run("demo", "--port", str(free_port()), MAIL_URL="smtp://127.0.0.1:1")
    assert (done.exit_code, done.stdout) == (1, "")


def test_figures_of_a_programme_that_is_not_there(run):
    run("db", "upgrade")
    done = run("figures", "nowhere", "--json")
    assert (done.exit_code, done.stdout) == (1, "")


def test_the_server_answers_and_stops_when_told(run, start):
    run("db", "upgrade")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = start("serve", "--port", str(port), "--workers", "1", BASE_URL=address)
    wait_for(server, address)
    with urllib.request.urlopen(f"{address}/", timeout=10) as answer:  # noqa: S310 - our own port
        assert answer.status == 200
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


def test_a_worker_stops_when_told(run, start):
    run("db", "upgrade")
    worker = start("worker")
    wait_for(worker, "jobs")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0


def test_a_killed_demo_leaves_no_worker_behind(start, run, tmp_path):
    port = free_port()
    demo = start("demo", "--port", str(port))
    wait_for(demo, f"http://127.0.0.1:{port}")
    demo.kill()
    demo.stderr.read()  # ends when the last process that holds it has ended: web and worker
    assert port_is_free(port)


def test_the_second_start_of_the_demo_is_quick(start):
    port = free_port()
    for _ in range(2):
        begun = time.monotonic()
        demo = start("demo", "--port", str(port))
        wait_for(demo, f"http://127.0.0.1:{port}")
        seconds = time.monotonic() - begun
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
    assert seconds < 10, "under 3 on a machine that does nothing else; the suite runs beside it"


def test_a_run_is_written_out_and_brought_in(run, tmp_path):
    """The same text goes out again; what is wrong with a file is said by key, and makes nothing."""
    run("db", "upgrade")
    text = (Path(__file__).parents[1] / "seed" / "programmes" / "consultation.toml").read_text(
        encoding="utf-8"
    )
    (tmp_path / "a.toml").write_text(
        f'{text}\n[run]\ntemplate = "consultation"\nfiscal_year = 2027\nopens_on = 2027-04-01\n',
        encoding="utf-8",
    )
    made = run("programme", "import", "a.toml")
    assert (made.exit_code, made.stdout) == (0, "consultation-2027\n")
    out = run("programme", "export", "consultation-2027").stdout
    (tmp_path / "b.toml").write_text(out, encoding="utf-8")
    assert run("programme", "import", "b.toml").stdout == "consultation-2027-2\n"
    assert run("programme", "export", "consultation-2027-2").stdout == out


def test_a_wrong_file_is_refused_by_key(run, tmp_path):
    run("db", "upgrade")
    (tmp_path / "wrong.toml").write_text("name_ja = 1\n", encoding="utf-8")
    refused = run("programme", "import", "wrong.toml")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "wrong.toml: name_ja: Write text" in refused.stderr
    assert run("programme", "export", "nowhere").exit_code == 1


def test_the_first_person_of_the_office_is_invited(run):
    run("db", "upgrade")
    assert "has nobody yet" in run("doctor").stderr
    result = run("invite", "Lead@Example.org", "--name", "責任者")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "has nobody yet" not in run("doctor").stderr
    again = run("invite", "lead@example.org", "--name", "責任者")
    assert again.exit_code == 1
    assert "email taken" in again.stderr


def test_an_address_that_is_none_invites_nobody(run):
    run("db", "upgrade")
    result = run("invite", "lead at example", "--name", "責任者")
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
