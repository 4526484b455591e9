"""The benchmark runs; how fast it is belongs to the machine."""

from benchmarks.scoring import measure


def test_the_scoring_benchmark_measures_itself_against_the_floor():
    found = measure(30, 20, repeat=1)
    assert list(found) == [
        "applicants",
        "supporters",
        "pack_seconds",
        "seconds",
        "floor_seconds",
        "ratio",
        "rules_seconds",
    ]
    assert found["ratio"] > 0
