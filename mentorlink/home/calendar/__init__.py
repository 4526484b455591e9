"""Time to look at: the week of a supporter and of the office, and what goes into people's own calendars."""

from mentorlink.home.calendar import feed, files, office, weeks

__all__ = ["feed", "files", "office", "weeks"]
