"""Projects: named, lumpy pieces of capacity."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="PROJECTS")
def project_once(m: Model, p: str) -> Any:
    r"""A project starts at most once, not before its earliest year; a committed project exactly once, in its year.

    .. math:: \underline{v}_p \le \sum_{y \in \mathcal{V}_p} v_{py} \le 1

    :math:`\mathcal{V}_p` are the years from the earliest on, or the committed year alone; :math:`\underline{v}_p` is 1
    for a committed project and absent otherwise. :math:`v_{py}` is a share; 0 or 1 where whole projects are asked for.
    """
    return (m.least_started[p], sum(m.start[p, y] for y in m.START_YEARS[p]), 1)


@equation(over="REQUIREMENTS")
def project_requires(m: Model, p: str, required: str, y: int) -> Any:
    r"""A project has started only as far as the one that it requires.

    .. math:: \sum_{t \in \mathcal{Z}_{py}} v_{pt} \le \sum_{t \in \mathcal{Z}_{p'y}} v_{p't}

    :math:`\mathcal{Z}_{py}` are the years up to :math:`y` in which :math:`p` may start; :math:`p'` is the required one.
    """
    return sum(m.start[p, t] for t in m.STARTED[p, y]) <= sum(m.start[required, t] for t in m.STARTED[required, y])
