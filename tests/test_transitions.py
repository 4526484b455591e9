"""Every arrow of every state machine is made by who may make it, and by nobody else; no other arrow exists."""

import ast
import importlib
import pkgutil
from collections.abc import Mapping
from enum import EnumMeta
from pathlib import Path

import pytest

import mentorlink
from mentorlink.core.actor import SYSTEM
from mentorlink.core.db import Base
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState
from mentorlink.core.state import change_state
from mentorlink.jobs import all_jobs
from tests import factories
from tests.permission_table import OFFICE, VISITORS
from tests.test_permissions import outcome
from tests.transition_stage import STRANGERS, Stage
from tests.transition_table import ARROWS, Press, Tick

SOURCES = Path(mentorlink.__file__).parent
WITHOUT_ARROWS = {MessageState: "the courier leases rows in bulk; its own tests kill it half way"}


def modules():
    found = pkgutil.walk_packages(mentorlink.__path__, "mentorlink.")
    return [importlib.import_module(each.name) for each in found if not each.name.endswith("__main__")]


def transition_tables():
    """State enum → its table, wherever in the code one stands."""
    named = [
        value
        for module in modules()
        for name, value in vars(module).items()
        if name.endswith("TRANSITIONS") and isinstance(value, Mapping)
    ]
    return {type(next(iter(table))): table for table in named}


def machines():
    """Table name → model, its state enum and its transitions."""
    tables = transition_tables()
    found = {}
    for mapper in Base.registry.mappers:
        kind = getattr(mapper.columns.get("state"), "type", None)
        enum = getattr(kind, "enum_class", None)
        if isinstance(enum, EnumMeta) and enum not in WITHOUT_ARROWS:
            found[mapper.local_table.name] = (mapper.class_, enum, tables[enum])
    return dict(sorted(found.items()))


MACHINES = machines()
DRAWN = {
    concept: {f"{old} > {new}" for old, news in table.items() for new in news}
    for concept, (_model, _enum, table) in MACHINES.items()
}
WAYS = [
    pytest.param(concept, arrow, way, id=f"{concept}: {arrow} by {getattr(way, 'address', '') or way.job}")
    for concept, arrows in ARROWS.items()
    for arrow, ways in arrows.items()
    for way in ways
]
PRESSED = [param for param in WAYS if isinstance(param.values[2], Press)]
TICKED = [param for param in WAYS if isinstance(param.values[2], Tick)]
OF_TIME_ALONE = [
    param
    for param in TICKED
    if not any(isinstance(way, Press) for way in ARROWS[param.values[0]][param.values[1]])
]
EVERY_PRESS = {
    (param.values[2].address, str(param.values[2].form)): param.values[2] for param in PRESSED
}.values()
WHO_IS_HERE = ("applicant", "supporter", "office")
NOT_DRAWN = [
    (concept, old, new)
    for concept, (_model, enum, table) in MACHINES.items()
    for old in enum
    for new in enum
    if new not in table[old]
]


def test_every_table_of_transitions_belongs_to_a_model_and_every_state_has_a_table():
    assert {enum for _model, enum, _table in MACHINES.values()} == set(transition_tables())
    assert [name for name, (_model, enum, table) in MACHINES.items() if set(table) != set(enum)] == []


def test_every_arrow_has_an_act_and_every_act_an_arrow():
    drawn = {f"{concept}: {arrow}" for concept, arrows in DRAWN.items() for arrow in arrows}
    told = {f"{concept}: {arrow}" for concept, arrows in ARROWS.items() for arrow in arrows}
    assert (sorted(drawn - told), sorted(told - drawn)) == ([], [])


@pytest.mark.parametrize(("concept", "old", "new"), NOT_DRAWN)
def test_no_other_arrow_is_possible_for_anybody(concept, old, new):
    model, _enum, table = MACHINES[concept]
    row = model(id=1, state=old)
    with pytest.raises(RuleViolation, match=f"{concept}_not_{new}"):
        change_state(None, row, new, table, by=SYSTEM, now=factories.NOW)


def test_only_change_state_moves_a_state():
    found = [
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in sorted(SOURCES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "state" for target in node.targets)
    ]
    assert found == []


@pytest.fixture
def run_job(settings, sessions, clock):
    def run_job(name, after):
        clock.now += after
        job = next(each for each in all_jobs(settings, sessions, clock) if each.name == name)
        job.run(sessions, clock.now)

    return run_job


@pytest.fixture
def stage(session, enter):
    return lambda *what, **how: Stage(session, enter, *what, **how)


@pytest.mark.parametrize(("concept", "arrow", "way"), PRESSED)
def test_an_arrow_is_refused_to_everybody_else_and_leaves_no_trace(stage, concept, arrow, way):
    scene = stage(concept, arrow, way, with_others=True)
    for visitor in sorted({*VISITORS, *STRANGERS} - set(way.who.split())):
        answer = scene.press(visitor, way)
        shut_out = outcome(answer) in ("404", "sign in") or way.address.startswith("/apply/")
        assert (visitor, shut_out, scene.history()) == (visitor, True, [])


@pytest.mark.parametrize(("concept", "arrow", "way"), PRESSED)
def test_an_arrow_is_made_by_who_may_and_history_names_them(stage, concept, arrow, way):
    for visitor in way.who.split():
        scene = stage(concept, arrow, way)
        answer = scene.press(visitor, way)
        made = (scene.old, scene.new, scene.name_of(visitor))
        assert (visitor, answer.status_code, made in scene.history()) == (visitor, 303, True)
        assert scene.is_audited(visitor) or visitor not in OFFICE.split()


@pytest.mark.parametrize(("concept", "arrow", "way"), TICKED)
def test_an_arrow_of_time_is_made_by_its_job(stage, run_job, concept, arrow, way):
    scene = stage(concept, arrow, way)
    run_job(way.job, way.after)
    assert (scene.old, scene.new, SYSTEM) in scene.history()


@pytest.mark.parametrize(("concept", "arrow", "way"), OF_TIME_ALONE)
def test_an_arrow_of_time_alone_is_made_by_nobody(stage, concept, arrow, way):
    """Whatever the office or the people concerned press."""
    scene = stage(concept, arrow, way)
    for each in EVERY_PRESS:
        for visitor in set(each.who.split()) & set(WHO_IS_HERE):
            try:
                scene.press(visitor, each)
            except KeyError:
                continue  # the scene has no such row
            made = [step for step in scene.history() if step[:2] == (scene.old, scene.new)]
            assert (each.address, visitor, made) == (each.address, visitor, [])
            if scene.history():
                scene = stage(concept, arrow, way)
