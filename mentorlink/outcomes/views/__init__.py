"""Figures, how a support ends, and what was answered before and after."""

from mentorlink.outcomes.views import endings, figures
from mentorlink.outcomes.views.blueprint import bp

__all__ = ["bp", "endings", "figures"]
