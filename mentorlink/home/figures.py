"""The few figures on top of the desk, of the run that everybody can apply to now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.i18n import gettext, mark
from mentorlink.outcomes.figures import SHARE, Figure, compute_figure, definition_of
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import open_programmes

SHOWN = ("applications", "people_met", "satisfied", "started", "office_minutes_per_meeting")
PERCENT = mark("%")


@dataclass(frozen=True, slots=True)
class DeskFigure:
    """A figure as the desk shows it: words in the reader's language, a share as a percentage."""

    label: str
    value: str | None
    unit: str
    href: str
    n: int | None
    missing: int | None


def desk_figures(session: Session, now: datetime) -> list[DeskFigure]:
    """Nothing while no run is open. One aggregate query for each figure."""
    programme = next(iter(open_programmes(session, local_date(now))), None)
    if programme is None:
        return []
    definitions = [definition_of(key) for key in SHOWN]
    return [
        _shown(compute_figure(session, programme, each), programme)
        for each in definitions
        if each is not None and each.applies(programme)
    ]


def _shown(figure: Figure, programme: Programme) -> DeskFigure:
    is_share = figure.unit == SHARE
    number = figure.value
    value = None if number is None else f"{number * 100:.1f}" if is_share else f"{number:g}"
    unit = PERCENT if is_share else figure.unit
    href = f"/office/figures/{programme.code}/{figure.key}"
    return DeskFigure(gettext(figure.label), value, gettext(unit), href, figure.n, figure.missing)
