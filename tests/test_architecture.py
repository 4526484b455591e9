"""The house's rules, read from the source and from the running application."""

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound

from mentorlink.app import ENTRANCES, create_app
from mentorlink.core import links, messages
from mentorlink.core.paths import resource
from mentorlink.core.web import unguarded_endpoints
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "mentorlink").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
PROGRAMMES = sorted(path.stem for path in resource("seed", "programmes").glob("*.toml"))
SLICES = sorted(path.parent.name for path in (ROOT / "mentorlink").glob("*/models.py"))


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path):
    return str(path.relative_to(ROOT))


def words_of(path):
    """Every identifier and every string of a module, but not its docstrings and comments."""
    tree = tree_of(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and _has_docstring(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        for attribute in ("id", "attr", "name", "arg"):
            if isinstance(value := getattr(node, attribute, None), str):
                yield value


def _has_docstring(node):
    return (
        bool(node.body)
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    )


def names_a_programme(text):
    return any(re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text.lower()) for name in PROGRAMMES)


# ---- routes


def test_every_route_declares_who_may_use_it(app):
    assert unguarded_endpoints(app) == set()


def test_a_route_without_a_policy_stops_the_application(settings, engine, monkeypatch):
    monkeypatch.setattr("mentorlink.app.unguarded_endpoints", lambda app: {"home.open_to_all"})
    with pytest.raises(RuntimeError, match=r"home\.open_to_all"):
        create_app(settings, engine=engine)


@pytest.mark.parametrize("name", sorted(links.PATHS))
def test_every_address_in_a_mail_leads_to_a_page(app, name):
    ids = dict.fromkeys(re.findall(r"{(\w+)}", links.PATHS[name]), "1")
    assert leads_to_a_page(app, links.PATHS[name].format(**ids))


@pytest.mark.parametrize("purpose", sorted(ENTRANCES))
def test_every_entrance_leads_to_a_page(app, purpose):
    assert leads_to_a_page(app, ENTRANCES[purpose].path.format(id=1))


def test_every_purpose_of_a_link_has_a_way_in():
    assert {*ENTRANCES, *links.TO_ACCOUNT, *links.FEEDS} == links.PURPOSES


def test_no_link_is_issued_without_a_way_in(session):
    with pytest.raises(ValueError, match="nowhere"):
        links.issue_link(session, links.LinkKind.ENTRY, "nowhere", "a:1", expires_at=NOW, now=NOW)


def leads_to_a_page(app, path):
    try:
        app.url_map.bind("localhost").match(path, method="GET")
    except NotFound:
        return False
    return True


def test_an_action_is_never_a_get(app):
    """A GET whose view is named for an act would be pressed by a mail scanner."""
    acts = re.compile(r"\.(create|update|delete|destroy|accept|decline|enter|cancel)(_|$)")
    found = [r.endpoint for r in app.url_map.iter_rules() if "GET" in r.methods and acts.search(r.endpoint)]
    assert found == []


# ---- source


def test_there_are_programmes_to_look_for():
    assert len(PROGRAMMES) >= 2


def test_no_module_names_a_programme():
    assert [name_of(path) for path in MODULES if any(map(names_a_programme, words_of(path)))] == []


def test_no_template_or_script_names_a_programme():
    found = [
        name_of(path)
        for path in [*TEMPLATES, *SCRIPTS]
        if names_a_programme(
            re.sub(r"{#.*?#}|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
    ]
    assert found == []


def is_ours(node):
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    return any(name.split(".")[0] == "mentorlink" for name in names) or getattr(node, "level", 0) > 0


def test_no_import_of_ours_hides_inside_a_function():
    """A hidden one would dodge the layers."""
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and is_ours(node)
    ]
    assert hidden == []


def test_only_the_clock_asks_for_the_time():
    asks = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    found = [name_of(path) for path in MODULES if asks.search(path.read_text(encoding="utf-8"))]
    assert found == ["mentorlink/core/clock.py"]


def test_only_one_place_commits():
    found = [
        name_of(path) for path in MODULES if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8"))
    ]
    assert found == ["mentorlink/core/db.py"]


def test_no_file_is_longer_than_a_reader_bears():
    assert [
        name_of(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ] == []


def test_nobody_can_act_as_somebody_else(app):
    assert [
        r.rule for r in app.url_map.iter_rules() if re.search("impersonat|masquerade|sudo|login-as", r.rule)
    ] == []


# ---- words


def codes_raised():
    """Codes of rules and conflicts that the source names, those of change_state aside."""
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_call and node.func.id in ("RuleViolation", "Conflict") and node.args:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)+", str(part.value)):
                        yield part.value


def test_every_no_has_a_sentence():
    assert sorted(set(codes_raised()) - messages.MESSAGES.keys()) == []


def test_a_code_without_a_sentence_still_gets_words():
    assert messages.message_of("nobody_wrote_this") == messages.FALLBACK


# ---- mails


def mails():
    for name in ("core", *SLICES, "home"):
        if find_spec(f"mentorlink.{name}.notices"):
            yield from getattr(import_module(f"mentorlink.{name}.notices"), "CONTEXTS", {})


@pytest.mark.parametrize("template", sorted(set(mails())))
def test_every_mail_has_a_subject_and_both_bodies(template):
    folder = ROOT / "templates" / "mail" / template
    files = {path.name for path in folder.glob("*")}
    assert files >= {"subject.txt", "body.txt", "body.html"} or files >= {"subject.txt", "call.txt"}


def test_every_mail_template_is_told_by_somebody():
    folders = {
        str(path.parent.relative_to(ROOT / "templates" / "mail"))
        for path in (ROOT / "templates" / "mail").rglob("subject.txt")
    }
    assert {folder for folder in folders if not folder.startswith("core")} <= set(mails())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_mapping_names_a_key_twice(path):
    """The later line would win in silence: two changes to one table once made that of each other."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Dict):
            keys = [ast.unparse(key) for key in node.keys if key is not None]
            assert len(keys) == len(set(keys)), node.lineno
