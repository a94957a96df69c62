"""What can be wrong with a plan, and how it is said: where, what, and what would be right, in English and Chinese."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_SHOWN = 200  # problems that the text of a DataError lists; ``problems`` holds all
MAX_PROBLEMS = 2000  # of one plan; more are of no use to a reader and take long to phrase
_MAX_NAMES = 12


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``row`` is the line of the file or the row of the sheet; None: the whole table."""

    rule: str
    table: str
    row: int | None
    column: str
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str

    @property
    def place(self) -> str:
        parts = (self.table, f"row {self.row}" if self.row is not None else "", self.column)
        return ", ".join(part for part in parts if part)

    @property
    def place_zh(self) -> str:
        parts = (self.table, f"第 {self.row} 行" if self.row is not None else "", self.column)
        return "，".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.message_en}. {self.remedy_en}.\n    {self.message_zh}。{self.remedy_zh}。"


@dataclass(frozen=True)
class Said:
    """A value of a problem that reads differently in the two languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True)
class Rule:
    """A rule with its message and remedy as templates; ``at`` makes the problem of one place.

    A value that has ``zh`` (``Said``, ``UnitError``) is shown as that in Chinese.
    """

    code: str
    en: str
    zh: str
    remedy_en: str
    remedy_zh: str

    def at(self, table: str, row: int | None = None, column: str = "", **values: object) -> Problem:
        en = {"table": table, "row": row, "column": column, **values}
        zh = {name: getattr(value, "zh", value) for name, value in en.items()}
        said = (
            self.en.format_map(en),
            self.zh.format_map(zh),
            self.remedy_en.format_map(en),
            self.remedy_zh.format_map(zh),
        )
        return Problem(self.code, table, row, column, *said)


@dataclass
class Collector:
    """Problems found so far, and the cells that are already reported (later rules keep silent about them)."""

    problems: list[Problem] = field(default_factory=list)
    cells: set[tuple[str, int | None, str]] = field(default_factory=set)

    def add(self, found: Iterable[Problem]) -> None:
        for problem in found:
            if len(self.problems) >= MAX_PROBLEMS:
                return
            place = (problem.table, problem.row, problem.column)
            if place not in self.cells and (problem.table, None, problem.column) not in self.cells:
                self.problems.append(problem)
        self.cells.update((problem.table, problem.row, problem.column) for problem in self.problems)


class DataError(ValueError):
    """A plan that cannot be used; ``problems`` holds everything that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the data / 数据有 {count} 处问题"
        lines = [f"- {problem}" for problem in self.problems[:MAX_SHOWN]]
        rest = [f"… and {count - MAX_SHOWN} more"] if count > MAX_SHOWN else []
        return "\n".join([head, *lines, *rest])


def nearest(name: str, known: Iterable[str]) -> str:
    """The known names most like ``name``, or the first known ones; for remedies."""
    names = sorted({other for other in known if other})
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return " / ".join(close)
    more = " / …" if len(names) > _MAX_NAMES else ""
    return (" / ".join(names[:_MAX_NAMES]) + more) if names else "—"
