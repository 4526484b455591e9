"""What every connection is told before anything else."""

from sqlalchemy import text


def test_a_commit_on_sqlite_outlives_a_power_cut(session):
    """2 is FULL: the journal reaches the disk before the commit is said to be done."""
    assert session.scalar(text("PRAGMA synchronous")) == 2
    assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert session.scalar(text("PRAGMA foreign_keys")) == 1
