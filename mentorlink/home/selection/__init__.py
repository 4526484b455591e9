"""選考: asking reviewers, reading and scoring, the meeting, telling everybody together."""

from mentorlink.home.selection import decisions, reviews, runs

__all__ = ["decisions", "reviews", "runs"]
