"""The small brother of ``python -m benchmarks.line``: workers killed, connections cut, every message accepted once."""

from benchmarks.line import deliver


def test_killed_workers_and_cut_connections_leave_every_message_once(tmp_path):
    found = deliver(f"sqlite:///{tmp_path}/line.db", "sqlite", messages=60, kills=1)
    assert (found.accepted, found.doubles, found.lost, found.parked, found.left_line) == (60, 0, 0, 0, 0)
    assert found.requests > 60  # connections were cut, and what they carried was sent again
