"""Value curves kept between questions: the same curve asked again is read, not traced.

What is read is certified as what is traced: every piece anew, against the program that is asked about. Where that
fails, or where the entry is damaged, the curve is traced again.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np

from optimizer.curve import ValueCurve, certified
from optimizer.parametric import Line, Parametric
from optimizer.pieces import Piece, Point
from optimizer.program import Label, LinearProgram, Vector
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status
from optimizer.store import Store
from optimizer.value_curves import parametric_along, value_curve

Interval = tuple[float, float] | None
_MOST = 4
_ARRAYS = ("theta", "values", "x", "ends", "slopes", "y", "holds")


class Curves:
    """Curves in memory and, where a store is given, on disk. Safe between threads and processes."""

    def __init__(self, store: Store | None = None) -> None:
        self._store, self._lock = store, Lock()
        self._kept: OrderedDict[str, ValueCurve] = OrderedDict()

    def along(
        self,
        program: LinearProgram,
        direction: Mapping[Label, float],
        interval: Interval = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
        *,
        gap: float = 0.0,
    ) -> ValueCurve:
        """What ``value_curve`` gives, and raises; from what is kept if it is there."""
        key = _key(program, direction, interval, gap)
        found = self._remembered(key) or self._read(key, program, direction)
        if found is None:
            found = value_curve(program, direction, interval, limits, progress, gap=gap)
            if self._store is not None and found.status is Status.OPTIMAL and found.single is None:
                self._store.put(key, _written(found))
        self._remember(key, found)
        return found

    def _remembered(self, key: str) -> ValueCurve | None:
        with self._lock:
            return self._kept.get(key)

    def _remember(self, key: str, curve: ValueCurve) -> None:
        with self._lock:
            self._kept[key] = curve
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def _read(self, key: str, program: LinearProgram, direction: Mapping[Label, float]) -> ValueCurve | None:
        content = None if self._store is None else self._store.get(key)
        if content is None:
            return None
        try:
            curve = certified(_curve(content, parametric_along(program, direction)))
        except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, MemoryError, zlib.error):
            return None
        except zipfile.BadZipFile:
            return None
        return curve if curve.status is Status.OPTIMAL else None


def _key(program: LinearProgram, direction: Mapping[Label, float], interval: Interval, gap: float) -> str:
    units = getattr(direction, "unit", ""), getattr(direction, "value_unit", "")
    asked = repr((program.fingerprint, sorted(direction.items(), key=repr), interval, units, *([gap] if gap else [])))
    return f"curve {hashlib.sha256(asked.encode()).hexdigest()}"


def _written(curve: ValueCurve) -> bytes:
    """Arrays as NumPy writes them and a text of JSON: data and no code."""
    points, pieces = curve.points, curve.pieces
    numbers: dict[str, Any] = {
        "theta": [point.theta for point in points],
        "values": [point.values for point in points],
        "x": [point.x for point in points],
        "ends": [(piece.left, piece.right) for piece in pieces],
        "slopes": [piece.slopes for piece in pieces],
        "y": [piece.y for piece in pieces],
        "holds": [[(hold.at, hold.value, hold.slope) for hold in piece.holds] for piece in pieces],
    }
    said = {
        "turns": [point.turns for point in points],
        "feasible": curve.feasible,
        "continues": curve.continues,
        "counted": [curve.solves, curve.seconds],
        "units": [curve.unit, curve.value_unit],
        "gap": curve.gap,
    }
    arrays: dict[str, Any] = {name: np.array(values, dtype=float) for name, values in numbers.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, said=np.frombuffer(json.dumps(said).encode(), dtype=np.uint8))
    return buffer.getvalue()


def _curve(content: bytes, parametric: Parametric) -> ValueCurve:
    """What was written, with no certificate yet. Raises ValueError and the like where it is nothing of ours."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        said = json.loads(bytes(file["said"]))
        found: dict[str, Vector] = {name: file[name] for name in _ARRAYS}
    points = tuple(
        Point(theta, tuple(values), x, str(turns))
        for theta, values, x, turns in zip(
            found["theta"].tolist(), found["values"].tolist(), found["x"], said["turns"], strict=True
        )
    )
    pieces = tuple(
        Piece(left, right, tuple(slopes), y, tuple(Line(*hold) for hold in holds))
        for (left, right), slopes, y, holds in zip(
            found["ends"].tolist(), found["slopes"].tolist(), found["y"], found["holds"].tolist(), strict=True
        )
    )
    if len(points) != len(pieces) + 1 or not pieces:
        raise ValueError("no curve")
    solves, seconds = said["counted"]
    low, high = said["feasible"]
    left, right = said["continues"]
    unit, value_unit = said["units"]
    ends, gap = ((low, high), (left, right)), float(said["gap"])
    return ValueCurve(parametric, points, pieces, *ends, None, solves, seconds, str(unit), str(value_unit), gap=gap)
