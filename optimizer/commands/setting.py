"""NAME=VALUE as an analyst types it, read once at the edge of the program."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import typer

T = TypeVar("T")
WHEN = ("each", "last", "plan")


@dataclass(frozen=True)
class Pair(Generic[T]):
    """What is set, and to what. Typer knows plain classes only, hence one a type."""

    name: str
    value: T


class TextPair(Pair[str]):
    pass


class NumberPair(Pair[float]):
    pass


class YearPair(Pair[int]):
    pass


@dataclass(frozen=True)
class Named:
    """A name of the plan and, where stated, when: a year, ``each``, ``last`` or ``plan``."""

    name: str
    when: str | int | None = None

    @property
    def years(self) -> Any:
        """The same as the questions take it: a year as a tuple of one."""
        return (self.when,) if isinstance(self.when, int) else self.when


@dataclass(frozen=True)
class FigureChange:
    """A figure of the plan by table and key columns, its new value and the unit of that value if given."""

    fields: dict[str, Any]


def _parts(text: str, read: Callable[[str], T], wanted: str) -> tuple[str, T]:
    name, sign, value = (part.strip() for part in text.partition("="))
    if not name or not sign or not value:
        raise typer.BadParameter(f"{text!r}: write NAME={wanted}")
    try:
        return name, read(value)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: {value!r} is no {wanted}; write {name}={wanted}") from None


def _finite(text: str) -> float:
    value = float(text.removesuffix("%"))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def text_pair(text: str) -> TextPair:
    return TextPair(*_parts(text, str, "WORD"))


def number_pair(text: str) -> NumberPair:
    """A trailing % is allowed; the number keeps its unit."""
    return NumberPair(*_parts(text, _finite, "NUMBER"))


def year_pair(text: str) -> YearPair:
    return YearPair(*_parts(text, int, "YEAR"))


def named(text: str) -> Named:
    """``NAME`` or ``NAME:YEAR``."""
    name, sign, when = (part.strip() for part in text.partition(":"))
    if name and not sign:
        return Named(name)
    if not name or not (when in WHEN or when.isdecimal()):
        raise typer.BadParameter(f"{text!r}: write NAME or NAME:YEAR; instead of a year also {', '.join(WHEN)}")
    return Named(name, when if when in WHEN else int(when))


def percentage(option: str, text: str) -> float:
    """The share that a percentage means: 1% and 1 are 0.01. Raises BadParameter."""
    try:
        return _finite(text) / 100.0
    except ValueError:
        raise typer.BadParameter(f"{option}: {text!r} is no percentage; write for instance 1%") from None


def figure_change(text: str) -> FigureChange:
    """``TABLE COLUMN=KEY … value=NUMBER [unit=UNIT]``; a key with blanks stands in quotes."""
    try:
        table, *rest = shlex.split(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: write TABLE COLUMN=KEY … value=NUMBER") from None
    fields: dict[str, Any] = {"table": table}
    for part in rest:
        pair: Pair[Any] = number_pair(part) if part.startswith("value=") else text_pair(part)
        if pair.name in fields:
            raise typer.BadParameter(f"{text!r}: {pair.name!r} stands twice")
        fields[pair.name] = pair.value
    if "value" not in fields:
        raise typer.BadParameter(f"{text!r}: value=NUMBER is missing")
    return FigureChange(fields)
