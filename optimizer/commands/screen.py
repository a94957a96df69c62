"""What a command prints: sections as tables, values as JSON, problems with their remedies."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from optimizer.words.language import Language, Text
from optimizer.words.section import Report, Section

if TYPE_CHECKING:
    from optimizer.solution import Progress

# Wide enough for every table where the output goes to a file or another program.
WIDTH_OF_FILES = 140
SOLVING = Text("求解中", "solving")


def console() -> Console:
    """Standard output; plain text of fixed width where it is no terminal."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(width=width, highlight=False, markup=False, emoji=False)


def print_json(document: Any) -> None:
    """One JSON document on standard output. Raises ValueError where a number is not finite: there are none."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def print_report(report: Report, to: Console) -> None:
    to.print(report.title, style="bold")
    if report.shows:
        to.print(report.shows, style="dim")
    to.print()
    for line in report.headline:
        to.print(line, style="bold")
    for section in report.sections:
        to.print()
        print_section(section, to)
    to.print()
    for line in report.closing:
        to.print(line)


def print_section(section: Section, to: Console) -> None:
    to.print(section.title, style="bold")
    if section.rows and to.is_terminal:
        to.print(_table(section))
    elif section.rows:
        with to.capture() as text:
            to.print(_table(section))
        to.out("\n".join(line.rstrip() for line in text.get().splitlines()), highlight=False)
    if section.remark:
        to.print(section.remark, style="dim")


def _table(section: Section) -> Table:
    headed = any(column.title for column in section.columns)
    table = Table(box=None, show_header=headed, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for column in section.columns:
        if column.figures:
            table.add_column(column.title, justify="right", no_wrap=True)
        else:
            table.add_column(column.title, overflow="fold")
    for row in section.rows:
        table.add_row(*row)
    return table


@contextmanager
def progress(language: Language) -> Iterator[Progress]:
    """A line on standard error that says what is being solved, where somebody watches; silent otherwise."""
    watched = Console(stderr=True)
    if not watched.is_terminal:
        yield lambda _: None
        return
    with watched.status(SOLVING.say(language)) as line:
        yield lambda stage: line.update(f"{SOLVING.say(language)}: {stage}")
