"""The office's board of half-years: a line for each over months, and what is done with many of them at once."""

from mentorlink.home.board import letters_page, page, rests_page

__all__ = ["letters_page", "page", "rests_page"]
