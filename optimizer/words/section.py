"""What a printed answer is made of: sections, each a titled table of texts with a remark below."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.words.language import Language, Text


@dataclass(frozen=True)
class Column:
    """A column's title; figures stand to the right."""

    title: str
    figures: bool = False


@dataclass(frozen=True)
class Section:
    """Every row has one text a column. A section without rows is its title and remark."""

    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Report:
    """Title, what the scenario shows, headline; then sections; then grades, certificate and effort."""

    title: str
    shows: str
    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]


def text_columns(language: Language, *titles: Text) -> tuple[Column, ...]:
    return tuple(Column(title.say(language)) for title in titles)


def figure_columns(language: Language, *titles: Text | int) -> tuple[Column, ...]:
    """Columns of figures, titled by texts or years."""
    return tuple(Column(t.say(language) if isinstance(t, Text) else str(t), figures=True) for t in titles)
