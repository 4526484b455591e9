"""``mentorlink match``: what it was asked for, and two spreadsheets without a database."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mentorlink.cli.rounds import print_outline
from mentorlink.matching.outline import outline_round
from mentorlink.matching.spreadsheets import SheetError, read_applicants, read_supporters, start_text


def require_one_question(
    words: tuple[str, ...],
    applicants: Path | None,
    supporters: Path | None,
    explain: str | None,
    *,
    as_json: bool,
    apply: bool,
) -> None:
    """Two sheets, one programme, or one stored run to check: raises UsageError for any other combination."""
    if applicants and supporters and not words and not apply:
        return
    if applicants or supporters or explain or not words:
        raise click.UsageError("give a PROGRAMME, or verify RUN, or --applicants together with --supporters")
    if words[0] == "verify" and (
        len(words) != 2 or not re.fullmatch("[0-9]{1,9}", words[1]) or as_json or apply
    ):
        raise click.UsageError("match verify RUN: the number of one round, and no option")
    if words[0] != "verify" and len(words) > 1:
        raise click.UsageError("one PROGRAMME at a time")


def match_sheets(applicants: Path, supporters: Path, *, as_json: bool, explain_all: bool) -> None:
    """Exits with 2 where a sheet is wrong, having named every fault of both."""
    people, others = _read(applicants, read_applicants), _read(supporters, read_supporters)
    if people is None or others is None:
        sys.exit(2)
    outline = outline_round(people, others, start_text, explain_all=explain_all)
    if as_json:
        click.echo(json.dumps(outline, ensure_ascii=False, indent=2))
    else:
        print_outline(outline)


def _read(path: Path, reader: Callable[[bytes], list[Any]]) -> list[Any] | None:
    try:
        return reader(path.read_bytes())
    except SheetError as error:
        for fault in error.faults:
            place = ":".join(str(part) for part in (path.name, fault.line, fault.column) if part is not None)
            click.echo(f"{place}: {fault.words}", err=True)
        return None
