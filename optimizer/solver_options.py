"""Options of HiGHS for runs that do not start from nothing."""

from __future__ import annotations

from collections.abc import Mapping

# What an option is set to.
Option = str | int | float

# For runs that start from a basis near the optimum: exact weights of all its rows take longer than the steps they save.
DEVEX: Mapping[str, Option] = {"simplex_dual_edge_weight_strategy": 1}
# Iterations that a run near the optimum may take at least, see ``little``.
_ENOUGH = 1000


def little(rows: int) -> Mapping[str, Option]:
    """For runs of a program that has so many rows where it ended with other numbers, near the optimum.

    Costs that are moved far, so that ties are rare, lead away from it; with ties, and where there is no plan, the dual
    method may lose its way for minutes. After a quarter as many iterations as there are rows (from nothing it takes
    about as many as rows) it is given up, and ``optimizer.attempts`` begins from nothing. See docs/decisions/0038.
    """
    return {"dual_simplex_cost_perturbation_multiplier": 1e-3, "simplex_iteration_limit": max(rows // 4, _ENOUGH)}


def near(rows: int, *, last: bool) -> Mapping[str, Option]:
    """The same for a program handed over anew. The last stage gains from factors by the largest entry of a row or
    column instead of those that even entries out; stages before it do not.
    """
    return {**DEVEX, **little(rows), **({"simplex_scale_strategy": 4} if last else {})}


# For runs from nothing: what HiGHS takes where nothing is said.
USUAL: Mapping[str, Option] = {
    "simplex_strategy": 1,
    "simplex_dual_edge_weight_strategy": -1,
    "dual_simplex_cost_perturbation_multiplier": 1.0,
    "simplex_scale_strategy": 2,
    "simplex_iteration_limit": 2**31 - 1,
}
# For runs that differ in their costs: the last basis stays feasible. The dual method, else used, is for other bounds.
PRIMAL: Mapping[str, Option] = {"simplex_strategy": 4}
DUAL: Mapping[str, Option] = {"simplex_strategy": 1}
# The same for costs that have nothing to do with those before: the optimum may be far.
ANY_COSTS: Mapping[str, Option] = {**PRIMAL, "simplex_iteration_limit": USUAL["simplex_iteration_limit"]}
# For programs with whole numbers, taken as continuous.
SHARES: Mapping[str, Option] = {"solve_relaxation": True}
