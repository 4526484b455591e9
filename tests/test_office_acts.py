"""What the office does leaves its mark: an audit row for every act, on somebody's behalf too.

That a route can write one is read from its code, for every route at once; that it does when the office presses is
asked for real of every act in ``transition_table`` (tests/test_transitions.py).
"""

import inspect

import pytest

from mentorlink.core import audit
from tests.permission_table import EVERYBODY, LEAD, OFFICE, TABLE

NO_ACTS_YET = {
    "POST /password",  # one's own account
    "POST /office/imports",  # a preview: bringing it in is the act
    "POST /office/reviews/<int:review_id>/draft",  # saved by the page itself: handing it in is the act
}


def test_every_act_of_the_office_can_be_found_in_the_audit(app):
    silent = [
        key
        for key, view in views(app)
        if is_for_the_office(key) and key not in NO_ACTS_YET and not writes_an_audit_row(view)
    ]
    assert silent == []


@pytest.mark.parametrize("writes", [True, False])
def test_the_search_tells_a_view_that_writes_from_one_that_does_not(writes):
    assert writes_an_audit_row(_through_a_helper if writes else _without) is writes


def views(app):
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            yield f"POST {rule.rule}", app.view_functions[rule.endpoint].__wrapped__


def is_for_the_office(key):
    who = TABLE[key]
    return who != EVERYBODY and bool({*OFFICE.split(), LEAD} & set(who.split()))


def writes_an_audit_row(function, seen=None):
    """Whether ``audit.record`` is called by it or by anything of ours that it calls."""
    seen = set() if seen is None else seen
    if function in seen or not getattr(function, "__module__", "").startswith(("mentorlink", "tests")):
        return False
    seen.add(function)
    if inspect.isclass(function):
        methods = [each for each in vars(function).values() if inspect.isfunction(each)]
        return any(writes_an_audit_row(each, seen) for each in methods)
    names = function.__code__.co_names
    named = [function.__globals__.get(name) for name in names]
    modules = [each for each in named if inspect.ismodule(each)]
    named += [getattr(module, name) for module in modules for name in names if hasattr(module, name)]
    if audit.record in named:
        return True
    ours = [each for each in named if inspect.isfunction(each) or inspect.isclass(each)]
    return any(writes_an_audit_row(each, seen) for each in ours)


def _through_a_helper():
    _helper()


def _helper():
    audit.record(None, None, "look", "application:1", now=None)


def _without():
    inspect.isclass(None)
