"""Where the scores of one application lie and how far reviewers are apart. Pure: numbers in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Points = Mapping[int, int]  # criterion id → points
TOGETHER, APART = 0.15, 0.35  # shares of the most that reviewers can be apart


class Agreement(StrEnum):
    TOGETHER = "together"
    SOMEWHAT = "somewhat"
    APART = "apart"


@dataclass(frozen=True)
class Spread:
    """Totals over all criteria, from 0 to ``most``. ``apart`` is the sum of what divides reviewers on each criterion."""

    number: int
    most: int
    mean: float
    lowest: int
    highest: int
    apart: int
    widest: tuple[int, int, int] | None  # criterion id, lowest and highest; None where all agree

    @property
    def share_apart(self) -> float:
        return self.apart / self.most

    @property
    def agreement(self) -> Agreement | None:
        """None while only one reviewer has scored."""
        if self.number < 2:
            return None
        if self.share_apart <= TOGETHER:
            return Agreement.TOGETHER
        return Agreement.SOMEWHAT if self.share_apart <= APART else Agreement.APART


def spread_of(reviews: Sequence[Points], most: Mapping[int, int]) -> Spread | None:
    """None where nobody has scored. ``most`` is the highest score of each criterion; a missing score counts 0.

    Totals alone would hide that two reviewers weigh opposite things: ``apart`` adds up, over the criteria, the
    highest minus the lowest.
    """
    if not reviews or not most:
        return None
    totals = [sum(review.get(criterion, 0) for criterion in most) for review in reviews]
    ranges = {
        criterion: (
            min(each.get(criterion, 0) for each in reviews),
            max(each.get(criterion, 0) for each in reviews),
        )
        for criterion in most
    }
    widest = max(ranges, key=lambda criterion: ranges[criterion][1] - ranges[criterion][0])
    lowest, highest = ranges[widest]
    return Spread(
        number=len(reviews),
        most=sum(most.values()),
        mean=sum(totals) / len(totals),
        lowest=min(totals),
        highest=max(totals),
        apart=sum(high - low for low, high in ranges.values()),
        widest=(widest, lowest, highest) if highest > lowest else None,
    )
