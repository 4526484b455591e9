"""The experiment of ``benchmarks.reminders``, small: the worker is killed while reminders are due."""

from benchmarks.reminders import is_right, measure


def test_a_worker_killed_again_and_again_loses_no_reminder_and_is_never_late(tmp_path):
    found = measure(f"sqlite:///{tmp_path}/killed.db", 2, 40, 3, hurry=True, patience=15)
    assert is_right(found), str(found)
    assert found["arrived"] + found["pointless_by_then"] + found["parked"] >= 40
