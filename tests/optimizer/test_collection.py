"""What large steps have let go of leaves the process, once a structure."""

import ctypes
import sys

import numpy as np
import psutil
import pytest

from optimizer import load_scenario, resolve
from optimizer.arrays import assembly
from optimizer.arrays.assemble import assemble
from optimizer.collection import give_back_memory
from tests.specimen import specimen

_GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


@pytest.mark.skipif(not _GLIBC, reason="other C libraries keep less and cannot be asked")
def test_what_was_let_go_of_leaves_the_process():
    # 128 MB in pieces that the C library takes from its heap; the last one keeps the heap from shrinking by itself.
    pieces = [np.ones(8_000) for _ in range(2_000)]
    last = np.ones(8_000)
    del pieces
    held = psutil.Process().memory_info().rss
    give_back_memory()
    assert held - psutil.Process().memory_info().rss > 64 * 2**20
    assert last.all()


@pytest.mark.parametrize(("many", "times"), [(0, 3), (10**9, 0)])
def test_once_a_structure_where_it_is_large(monkeypatch, many, times):
    given = []
    monkeypatch.setattr(assembly, "_MANY", many)
    monkeypatch.setattr(assembly, "give_back_memory", lambda: given.append(1))
    plan = specimen().plan()
    instance = resolve(plan, load_scenario(plan))
    assemble(instance)
    assert len(given) == times
    assemble(instance)
    assert len(given) == times, "a known structure has nothing to give back"
