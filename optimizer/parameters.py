"""Look-up of figures that belong to one subject, a region and a year."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


class Parameters:
    """Figures of one table by (subject, parameter), with a region's own row before the general one.

    A row for the stated year comes before a row without year. Values are in canonical units; a figure nobody has is
    absent.
    """

    def __init__(self, frame: pd.DataFrame, subject: str) -> None:
        """``frame``: a figure table."""
        rows = frame[frame["value"].notna()]
        regions = rows["region"] if "region" in rows else pd.Series("", index=rows.index)
        years = rows["year"].fillna(0).astype(int) if "year" in rows else pd.Series(0, index=rows.index)
        parts = rows[subject], rows["parameter"], regions, years
        keys = list(zip(*(part.tolist() for part in parts), strict=True))
        self._values = dict(zip(keys, (rows["value"] * rows["scale"]).astype(float), strict=True))
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
