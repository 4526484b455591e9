"""Writing TOML: plain values first, then tables, then lists of tables. ``tomllib`` reads the same values back."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any


def write_toml(values: Mapping[str, Any]) -> str:
    """``values`` as text, in their order. Knows str, bool, int, date, mappings of these and lists of such mappings."""
    return "\n".join(_lines(values)) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    yield from _plain_lines(values)
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_plain_lines(value))
    for name, value in values.items():
        if isinstance(value, list | tuple):
            for each in value:
                yield from ("", f"[[{name}]]", *_plain_lines(each))


def _plain_lines(values: Mapping[str, Any]) -> Iterator[str]:
    return (
        f"{name} = {_plain(value)}"
        for name, value in values.items()
        if not isinstance(value, Mapping | list | tuple)
    )


def _plain(value: str | bool | int | date) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else str(value)
