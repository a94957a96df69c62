"""Look-up of figures that belong to one subject, a region and a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat

import pandas as pd


class Parameters:
    """Figures of one table by (subject, parameter), with a region's own row before the general one.

    A row for the stated year comes before a row without year. Values are in canonical units; a figure nobody has is
    absent.
    """

    def __init__(self, frame: pd.DataFrame, subject: str) -> None:
        """``frame``: a figure table."""
        regions: Iterable[str] = frame["region"].tolist() if "region" in frame else repeat("")
        years: Iterable[int] = frame["year"].fillna(0).tolist() if "year" in frame else repeat(0)
        values = (frame["value"] * frame["scale"]).tolist()
        figures = zip(frame[subject].tolist(), frame["parameter"].tolist(), regions, years, values, strict=False)
        self._values = {(s, p, region, int(year)): value for s, p, region, year, value in figures if value == value}
        self._years: dict[tuple[str, str], dict[int, float]] = {}
        for key, value in self._values.items():
            self._years.setdefault((key[0], key[1]), {})[key[3]] = value

    def get(self, subject: str, parameter: str, region: str = "", year: int = 0) -> float | None:
        key = self._key(subject, parameter, region, year)
        return None if key is None else self._values[key]

    def _key(self, subject: str, parameter: str, region: str, year: int) -> tuple[str, str, str, int] | None:
        if (subject, parameter) not in self._years:
            return None
        for place in (region, "") if region else ("",):
            for when in (year, 0) if year else (0,):
                if (subject, parameter, place, when) in self._values:
                    return subject, parameter, place, when
        return None

    def exact(self, subject: str, parameter: str, region: str, year: int) -> float:
        """The figure stated for exactly this year (region's own, then general); 0 where none is."""
        key = self._exact(subject, parameter, region, year)
        return 0.0 if key is None else self._values[key]

    def _exact(self, subject: str, parameter: str, region: str, year: int) -> tuple[str, str, str, int] | None:
        keys = [(subject, parameter, place, year) for place in (region, "")]
        return next((key for key in keys if key in self._values), None)

    def years(self, subject: str, parameter: str) -> Mapping[int, float]:
        """Value by year of a subject without region; the figure without year stands under 0."""
        return self._years.get((subject, parameter), {})
