"""The blueprints, one for each slice; the pages of ``home`` stand in several modules on one blueprint."""

from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint

from mentorlink.accounts import views as accounts
from mentorlink.applications import views as applications
from mentorlink.engagements import views as engagements
from mentorlink.home import views as home
from mentorlink.matching import views as matching
from mentorlink.outcomes import views as outcomes
from mentorlink.people import views as people
from mentorlink.scheduling import views as scheduling
from mentorlink.surveys import views as surveys

SLICES = (accounts, people, applications, engagements, scheduling, matching, surveys, outcomes, home)
HOME_PAGES = ("consents", "applicant", "again", "office", "supporter", "calls", "messages")


def blueprints(*, demo: bool) -> list[Blueprint]:
    for name in HOME_PAGES:
        if find_spec(f"mentorlink.home.{name}"):
            import_module(f"mentorlink.home.{name}")
    found = [slice_.bp for slice_ in SLICES]
    if demo and find_spec("mentorlink.home.demo"):
        found.append(import_module("mentorlink.home.demo").bp)
    return found
