"""What the rules look at: a plan that was read and is not yet trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model_data.problems import Problem
from model_data.settings import Settings


@dataclass(frozen=True)
class Draft:
    """Settings (None where they are unusable), frames indexed by line number, parsed scenarios, tables present."""

    settings: Settings | None
    frames: Mapping[str, pd.DataFrame]
    scenarios: Mapping[str, Mapping[str, Any]]
    present: frozenset[str]

    def names(self, table: str) -> set[str]:
        """The names that the first column of an entity table declares."""
        frame = self.frames[table]
        return set(frame[frame.columns[0]]) - {""}


Check = Callable[[Draft], Iterable[Problem]]
