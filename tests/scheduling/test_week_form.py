"""The week and the terms as a page carries them: what is packed comes back the same."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from mentorlink.people.models import Receiving
from mentorlink.scheduling.forms.terms import packed, unpacked
from mentorlink.scheduling.forms.week import WeekForm
from mentorlink.scheduling.models import WeeklyWindow
from mentorlink.scheduling.services import Terms, merged

halves = st.integers(0, 47).flatmap(lambda s: st.tuples(st.just(s), st.integers(s + 1, 48)))
weeks = st.lists(st.tuples(st.integers(0, 6), halves), max_size=12)
terms = st.builds(
    Terms,
    notice_hours=st.integers(0, 336),
    buffer_minutes=st.integers(0, 120),
    capacity_week=st.integers(0, 40),
    capacity_month=st.integers(0, 100),
    free_on_holidays=st.booleans(),
    zone=st.sampled_from(["Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+5"]),
    receiving=st.sampled_from(Receiving),
    paused_until=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
)


@given(weeks)
def test_a_week_that_is_drawn_and_sent_back_is_the_same(week):
    windows = [(weekday, first * 30, last * 30) for weekday, (first, last) in week]
    rows = [WeeklyWindow(weekday=d, start_minute=s, end_minute=e) for d, s, e in windows]
    drawn = WeekForm.of(rows)
    sent = MultiDict([("seen", drawn.base), *(("free", f"{d}-{m}") for d, m in drawn.ticked)])
    read = WeekForm.read(sent)
    assert (read.windows, list(read.seen), read.is_unknown) == (merged(windows), merged(windows), False)


@given(terms)
def test_terms_that_a_page_carries_come_back_the_same(known):
    assert unpacked(packed(known)) == known
