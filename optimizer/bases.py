"""Optimal bases kept between questions: a program that differs a little from one solved before starts where that ended.

A program starts from the kept basis of the nearest program with the same rows and columns, nearest in bounds, costs
and coefficients. The optimum is the same from wherever a run starts, and is certified anew. Where several plans are
optimal, the one that is found may depend on the start: so bases are used only where the caller hands them over.
"""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.labels import digest_of
from optimizer.program import LinearProgram, Vector
from optimizer.run_result import Basis
from optimizer.store import Store

# Structures whose bases are kept, and bases of one structure.
MOST_STRUCTURES = 8
MOST_BASES = 16
_HIGHEST_STATUS = 4
_ENTRY = 16 * 2**20


@dataclass(frozen=True, eq=False)
class Kept:
    """Where one program ended: what tells it from others of its structure, and a basis for every stage."""

    figures: Vector
    stages: tuple[Basis, ...]


class Bases:
    """Bases in memory and, where a store is given, on disk. Safe between threads and processes."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._closed = False
        self._kept: OrderedDict[str, list[Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def nearest(self, program: LinearProgram) -> tuple[Basis, ...]:
        """A basis to start each stage from; none where no such program was solved."""
        known = self._of(structure(program))
        figures = _figures(program)
        near = [kept for kept in known if len(kept.figures) == len(figures)]
        return min(near, key=lambda kept: _distance(kept.figures, figures)).stages if near else ()

    def close(self) -> Bases:
        """Keeps nothing more: what a program finds depends on these bases and on nothing that is solved from now on."""
        self._closed = True
        return self

    def keep(self, program: LinearProgram, stages: tuple[Basis, ...]) -> None:
        """Keeps where a program ended, in place of what was not used for longest."""
        if self._closed:
            return
        key, entry = structure(program), Kept(_figures(program), stages)
        known = self._of(key)
        with self._lock:
            self._kept[key] = [*(kept for kept in known if _distance(kept.figures, entry.figures) > 0.0), entry][
                -MOST_BASES:
            ]
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_STRUCTURES:
                self._kept.popitem(last=False)
        if self._store is not None and not known:  # the first of its structure is what another process starts from
            self._store.put(_name(key), _written(entry))

    def _of(self, key: str) -> list[Kept]:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return list(self._kept[key])
        entry = None if self._store is None else _read(self._store.get(_name(key)))
        return [] if entry is None else [entry]


def structure(program: LinearProgram) -> str:
    """SHA-256 over the labels, integers and stages: programs of one structure can start from each other's bases."""
    stages = repr([(stage.name, stage.sign) for stage in program.stages]).encode()
    labels = digest_of(program.rows) + digest_of(program.columns)
    return hashlib.sha256(labels + stages + program.integer.tobytes()).hexdigest()


def _figures(program: LinearProgram) -> Vector:
    parts = [program.row_lower, program.row_upper, program.column_lower, program.column_upper, program.matrix.data]
    return np.concatenate([*parts, *(stage.costs for stage in program.stages)])


def _distance(one: Vector, other: Vector) -> float:
    """How many figures differ, and among those with as many, by how much."""
    if len(one) != len(other):
        return float("inf")
    differ = np.flatnonzero(one != other)
    here, there = one[differ], other[differ]
    with np.errstate(invalid="ignore"):
        apart = np.abs(here - there) / (1.0 + np.abs(here) + np.abs(there))
    return float(len(differ) + np.nan_to_num(apart, nan=1.0).sum())


def _name(key: str) -> str:
    return f"basis {key}"


def _written(entry: Kept) -> bytes:
    """The arrays as NumPy writes them, which is data and no code."""
    arrays: dict[str, Any] = {"figures": entry.figures}
    for number, basis in enumerate(entry.stages):
        arrays |= {f"columns{number}": basis.columns, f"rows{number}": basis.rows}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _read(content: bytes | None) -> Kept | None:
    """What was written; None where it is nothing that was written here."""
    if content is None or len(content) > _ENTRY:
        return None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            count = sum(name.startswith("rows") for name in arrays.files)
            stages = tuple(Basis(arrays[f"columns{k}"], arrays[f"rows{k}"]) for k in range(count))
            figures = arrays["figures"]
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile):
        return None
    parts = [part for basis in stages for part in (basis.columns, basis.rows)]
    sound = all(part.ndim == 1 and part.dtype == np.int8 for part in parts)
    legal = sound and all(bool(((part >= 0) & (part <= _HIGHEST_STATUS)).all()) for part in parts)
    return Kept(figures, stages) if legal and figures.dtype == np.float64 else None
