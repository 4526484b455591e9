"""One blueprint for all pages of an engagement."""

from flask import Blueprint

bp = Blueprint("engagements", __name__)
