"""Projects: named, lumpy pieces of capacity."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="PROJECTS")
def project_once(m: Model, p: str) -> Any:
    r"""A project starts at most once, not before its earliest year; a committed project exactly once, in its year.

    .. math:: \sum_{y} s_{py} \le 1, \qquad \sum_{y} s_{py} = 1 \text{ where committed}
    """
    return (m.least_started[p], sum(m.start[p, y] for y in m.START_YEARS[p]), 1)


@equation(over="REQUIREMENTS")
def project_requires(m: Model, p: str, q: str, y: int) -> Any:
    r"""A project has started only as far as the one that it requires.

    .. math:: \sum_{t \le y} s_{pt} \le \sum_{t \le y} s_{qt}
    """
    return sum(m.start[p, t] for t in m.STARTED[p, y]) <= sum(m.start[q, t] for t in m.STARTED[q, y])
