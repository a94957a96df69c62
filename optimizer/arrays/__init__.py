"""The equations read over whole index sets at once: the same rules that build the Pyomo model, giving arrays.

A rule such as ``sum(m.size[p] * m.start[p, y] for p in m.ENTERING[r, a, y])`` is called once, with columns of
indices in place of one index. A loop over a set runs once, its variable standing for all members; figures and
variables give columns of numbers and of terms. Nothing of Pyomo is imported. That both readings give the same program
is proved in ``tests/optimizer/test_arrays.py``.
"""
