"""Both clocks where they differ, for templates of every slice above."""

from datetime import datetime

from mentorlink.scheduling import shown
from mentorlink.scheduling.views.blueprint import bp


@bp.app_template_filter("beside")
def beside(start: datetime, end: datetime, zone: str, other: str | None = None) -> str:
    """``{{ talk.starts_at|beside(talk.ends_at, zone, other) }}``: what other clocks show, "" where all agree."""
    return shown.beside(start, end, zone, other)
