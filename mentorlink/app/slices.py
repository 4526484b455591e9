"""The blueprints, one for each slice; the pages of ``home`` stand in several modules on one blueprint."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint

from mentorlink import home as home_package
from mentorlink.accounts import views as accounts
from mentorlink.applications import views as applications
from mentorlink.engagements import views as engagements
from mentorlink.home import views as home
from mentorlink.matching import views as matching
from mentorlink.outcomes import views as outcomes
from mentorlink.people import views as people
from mentorlink.scheduling import views as scheduling
from mentorlink.setup import views as setup
from mentorlink.surveys import views as surveys

SLICES = (accounts, people, applications, engagements, scheduling, matching, surveys, outcomes, setup, home)
DEMO = "demo"  # a blueprint of its own, so that no other installation has its routes
HOME_MODULES = {module.name for module in iter_modules(home_package.__path__)}
for _name in sorted(HOME_MODULES - {DEMO}):
    import_module(f"mentorlink.home.{_name}")  # puts its pages on the blueprint


def blueprints(*, demo: bool) -> list[Blueprint]:
    found = [slice_.bp for slice_ in SLICES]
    if demo and DEMO in HOME_MODULES:
        found.append(import_module(f"mentorlink.home.{DEMO}").bp)
    return found
