"""Lives told in order: each story waits for its next instant, and the earliest of all goes on first."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count

Story = Iterator[datetime]  # yields the instant at which it wants to go on


def tell(stories: Iterable[Story], *, until: datetime | None = None) -> datetime | None:
    """Play all stories as one time line; what would happen after ``until`` never does. Returns the last instant."""
    waiting: list[tuple[datetime, int, Story]] = []
    order = count()
    for story in stories:
        _wait(waiting, order, story)
    last = None
    while waiting and (until is None or waiting[0][0] <= until):
        last, _place, story = heapq.heappop(waiting)
        _wait(waiting, order, story, not_before=last)
    return last


def _wait(
    waiting: list[tuple[datetime, int, Story]],
    order: Iterator[int],
    story: Story,
    not_before: datetime | None = None,
) -> None:
    instant = next(story, None)
    if instant is None:
        return
    if not_before is not None and instant < not_before:
        raise ValueError("a story wants to go back in time")
    heapq.heappush(waiting, (instant, next(order), story))
