"""The real peers that the tests need; pytest loads this for every test (pyproject.toml)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import find_browser
from tests.postgres import postgres_cluster
from tests.smtp import SmtpSink


@pytest.fixture(scope="session")
def postgres_url_base() -> Iterator[str]:
    """The administrative database of a cluster of this process's own, one for each xdist worker."""
    with postgres_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's arguments, with our Chromium in place of the one that it would download."""
    return {**browser_type_launch_args, **find_browser().launch_arguments()}


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()
