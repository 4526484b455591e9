"""What ``fit`` needs besides the two people: starts in its steps, and what a programme gives points for."""

from collections.abc import Sequence
from datetime import datetime

from mentorlink.fit.points import Weights
from mentorlink.programmes.models import Programme

STEP = 1800  # seconds between two starts that fit knows


def starts_as_steps(starts: Sequence[datetime] | None) -> frozenset[int] | None:
    """Instants in ``fit``'s steps of 30 minutes; None (時間は相談) stays None."""
    return None if starts is None else frozenset(int(start.timestamp()) // STEP for start in starts)


def weights_of(programme: Programme) -> Weights:
    return Weights(
        theme=programme.points_theme,
        target=programme.points_target,
        main_category=programme.points_main_category,
        other_category=programme.points_other_category,
        stage=programme.points_stage,
        similar=programme.points_similar,
        similar_most=programme.points_similar_most,
        region=programme.points_region,
    )
