"""What every mail template shows: the ``CONTEXTS`` of all slices in one place."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.outbox import OutboxMessage

SLICES = (
    "accounts",
    "people",
    "applications",
    "engagements",
    "scheduling",
    "matching",
    "surveys",
    "outcomes",
)
Contexts = Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]]


def all_contexts() -> Contexts:
    """Template name → what loads its context."""
    names = [f"mentorlink.{slice_}.notices" for slice_ in SLICES]
    found = [import_module(name) for name in names if find_spec(name)]
    return {
        template: load for notices in found for template, load in getattr(notices, "CONTEXTS", {}).items()
    }
