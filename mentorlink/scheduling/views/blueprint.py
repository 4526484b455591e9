"""The blueprint on which every page about time stands."""

from flask import Blueprint

bp = Blueprint("scheduling", "mentorlink.scheduling.views")
