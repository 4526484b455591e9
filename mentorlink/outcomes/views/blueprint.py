"""The blueprint on which the modules of this package put their pages."""

from flask import Blueprint

bp = Blueprint("outcomes", __name__)
