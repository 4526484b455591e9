"""One-tap questions: what is kept while they wait, whom nobody asks, and that a yes of all is one talk."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.scheduling.models import AskState, HourAnswer, HourAsk, Meeting, MeetingState, Occupancy
from tests.scheduling.lifecycle.comparing import Row, Rows
from tests.scheduling.lifecycle.given import Given


class Asked:
    """Looks at each question when it is asked and when it ends, and in between at what is kept for it."""

    def __init__(self, given: Given):
        self.given = given  # has looked at the same rows
        self.states: dict[int, str] = {}

    def look(self, rows: Rows, latest: datetime) -> Iterator[str]:
        """``latest`` is how far the clock has ever gone: what ran out then is given back."""
        waiting = Counter(each.engagement_id for each in rows[HourAsk] if each.state == AskState.OPEN)
        yield from (
            f"engagement {each} has {number} questions" for each, number in waiting.items() if number > 1
        )
        yield from self._left_behind(rows)
        words: dict[int, list[Row]] = defaultdict(list)
        for word in rows[HourAnswer]:
            words[word.ask_id].append(word)
        for ask in rows[HourAsk]:
            before = self.states.get(ask.id)
            self.states[ask.id] = ask.state
            if (
                before is None and ask.state == AskState.OPEN
            ):  # where nobody else is asked it is a talk already
                yield from (f"question {ask.id}: {wrong}" for wrong in self._ruled_out(ask))
            if before != AskState.AGREED and ask.state == AskState.AGREED:
                yield from (
                    f"question {ask.id}: {wrong}" for wrong in self._not_agreed(rows, ask, words[ask.id])
                )
            if ask.state == AskState.OPEN and ask.expires_at > latest:
                yield from self._not_kept(rows, ask, words[ask.id])

    def _ruled_out(self, ask: Row) -> Iterator[str]:
        """Nobody is asked for an hour that is taken, or that they have said no to."""
        engagement, end = self._span(ask)
        own = f"ask:{ask.id}"
        yield from self.given.clashes(engagement.recipient_id, ask.starts_at, end, own)
        for each in self.given.team(engagement.id):
            rest = timedelta(minutes=each.buffer_minutes)
            yield from self.given.clashes(each.person_id, ask.starts_at, end + rest, own)
            yield from self.given.said_no(each, ask.starts_at, end)
            yield from self.given.too_many(
                each, ask.starts_at, [*self.given.taken(each.person_id, own), ask.starts_at]
            )

    def _not_agreed(self, rows: Rows, ask: Row, words: list[Row]) -> Iterator[str]:
        engagement, end = self._span(ask)
        talks = [
            each
            for each in rows[Meeting]
            if (each.engagement_id, each.starts_at, each.state)
            == (ask.engagement_id, ask.starts_at, MeetingState.CONFIRMED)
        ]
        if len(talks) != 1:
            yield f"{len(talks)} talks came of it"
        yes = {each.person_id for each in words if each.is_yes}
        if engagement.recipient_id not in yes or len(yes) != len(words):
            yield f"of {len(words)} asked {yes} said yes"
        for each in self.given.team(engagement.id):
            if each.person_id not in yes:
                yield from self.given.not_given(each, ask.starts_at, end)

    def _not_kept(self, rows: Rows, ask: Row, words: list[Row]) -> Iterator[str]:
        """Whoever has nothing to say against it any more is taken at that hour, by nothing else."""
        engagement, _end = self._span(ask)
        people = {engagement.recipient_id, *(each.person_id for each in self.given.team(engagement.id))}
        open_words = {each.person_id for each in words if each.is_yes is None}
        if any(each.is_yes is False for each in words) or not open_words:
            yield f"question {ask.id} is answered and waits"
        kept = {
            each.person_id
            for each in rows[Occupancy]
            if each.source == f"ask:{ask.id}" and each.starts_at == ask.starts_at
        }
        if kept != people - open_words:
            yield f"question {ask.id} keeps the hour of {kept}, not of {people - open_words}"

    def _left_behind(self, rows: Rows) -> Iterator[str]:
        is_open = {f"ask:{each.id}" for each in rows[HourAsk] if each.state == AskState.OPEN}
        for row in rows[Occupancy]:
            if row.source.startswith("ask:") and row.source not in is_open:
                yield f"{row.source} is over and holds time"
        for row in rows[OutboxMessage]:
            if (
                row.about.startswith("ask:")
                and row.state == MessageState.PLANNED
                and row.about not in is_open
            ):
                yield f"{row.about} is over, and {row.template} waits"

    def _span(self, ask: Row) -> tuple[Row, datetime]:
        engagement = self.given.engagement(ask.engagement_id)
        return engagement, ask.starts_at + timedelta(minutes=self.given.minutes[engagement.programme_id])
