"""Options of HiGHS for runs that do not start from nothing."""

from __future__ import annotations

from collections.abc import Mapping

# What an option is set to.
Option = str | int | float

# For runs that start from a basis near the optimum: exact weights of all its rows take longer than the steps they save.
DEVEX: Mapping[str, Option] = {"simplex_dual_edge_weight_strategy": 1}
# For runs that start where a program ended that differs in numbers only, near the optimum: costs that are moved far, so
# that ties are rare, lead away from it. The last stage gains from factors by the largest entry of a row or column
# instead of those that even entries out; stages before it do not. Measured in docs/decisions/0038.
LITTLE: Mapping[str, Option] = {"dual_simplex_cost_perturbation_multiplier": 1e-3}
NEAR: Mapping[str, Option] = {**DEVEX, **LITTLE}
NEAR_LAST: Mapping[str, Option] = {**NEAR, "simplex_scale_strategy": 4}
# For runs that differ in their costs: the last basis stays feasible. The dual method, else used, is for other bounds.
PRIMAL: Mapping[str, Option] = {"simplex_strategy": 4}
DUAL: Mapping[str, Option] = {"simplex_strategy": 1}
