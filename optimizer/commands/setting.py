"""NAME=VALUE as an analyst types it, read once at the edge of the program."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import typer

T = TypeVar("T")


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
