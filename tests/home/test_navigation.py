"""The mark in the row of pages stands where the office's work belongs, not where its address begins."""

import pytest

from mentorlink.core.actor import Actor, Role
from mentorlink.home.navigation import nav_items

KNOWN = frozenset({"/office", "/office/selections", "/office/engagements", "/office/applications"})


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/office/reviews", "/office/selections"),
        ("/office/reviews/3", "/office/selections"),
        ("/engagements/7/thread", "/office/engagements"),
        ("/milestones/2", "/office/engagements"),
        ("/office/applications/5", "/office/applications"),
    ],
)
def test_a_page_is_marked_where_it_belongs(path, marked):
    items = nav_items(Actor(role=Role.OFFICE, user_id=1), path, KNOWN)
    assert [item.url for item in items if item.current] == [marked]
