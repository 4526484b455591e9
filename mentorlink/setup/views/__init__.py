"""事業: the office makes a run, looks at it as an applicant will, opens it, and changes it afterwards."""

from mentorlink.setup.views import amendments, exchange, parts, preview, runs
from mentorlink.setup.views.blueprint import bp

__all__ = ["amendments", "bp", "exchange", "parts", "preview", "runs"]
