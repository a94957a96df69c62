"""What is built along a piece of a value curve: how much more of everything for one more of what moves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from optimizer.curve import ValueCurve
from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.pieces import Piece
from optimizer.program import Label, LinearProgram, Vector

# Of the largest movement of money; what moves less is rounding.
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Built:
    """New capacity over all years, in ``unit``, that one more of theta adds along a piece.

    ``name`` is an activity or a project; ``money`` the same as investment, in the unit of the investment account. Both
    are 0 where something is only built in another year.
    """

    kind: str
    name: str
    rate: float
    unit: str
    money: float


@dataclass(frozen=True)
class _Column:
    """A column that builds: new capacity and investment of one unit of it."""

    number: int
    kind: str
    name: str
    unit: str
    size: float
    money: float


class BuiltAlong:
    """What is built along the pieces of one curve. A piece's two ends have solutions; all between mix them."""

    def __init__(self, instance: Instance, curve: ValueCurve) -> None:
        self._ends = {piece.left: pair for piece, pair in zip(curve.pieces, pairwise(curve.points), strict=True)}
        self._columns: dict[tuple[str, str], list[_Column]] = {}
        for column in _columns(instance, curve.parametric.program):
            self._columns.setdefault((column.kind, column.name), []).append(column)

    def of(self, piece: Piece) -> tuple[Built, ...]:
        """Activities and projects whose new capacity moves, those first that move the most money, between years too.

        Nothing in a plan without investment account.
        """
        left, right = self._ends[piece.left]
        step: Vector = (right.x - left.x) / (right.theta - left.theta)
        moved = {
            key: sum(abs(column.money * step[column.number]) for column in columns)
            for key, columns in self._columns.items()
        }
        least = _NEGLIGIBLE * max(moved.values(), default=0.0)
        most = sorted((key for key in moved if moved[key] > least), key=lambda key: -moved[key])
        return tuple(self._built(self._columns[key], step) for key in most)

    def _built(self, columns: list[_Column], step: Vector) -> Built:
        first = columns[0]
        sizes = _total([column.size * float(step[column.number]) for column in columns])
        money = _total([column.money * float(step[column.number]) for column in columns])
        return Built(first.kind, first.name, sizes, first.unit, money)


def _total(parts: list[float]) -> float:
    """The sum; nothing where parts cancel but for rounding."""
    total = math.fsum(parts)
    return total if abs(total) > _NEGLIGIBLE * max(map(abs, parts)) else 0.0


def _columns(instance: Instance, program: LinearProgram) -> Iterator[_Column]:
    units = lookup(instance.plan.table("activities"), "activity", "capacity_unit")
    projects = {project.project: project for project in instance.projects}
    money = _money(instance)
    for number, label in enumerate(program.columns):
        if label[0] == "build":
            activity = str(label[2])
            yield _Column(number, "activity", activity, units[activity], 1.0, money.get(label, 0.0))
        elif label[0] == "start":
            project = projects[str(label[1])]
            unit = units[project.activity]
            yield _Column(number, "project", project.project, unit, project.size, money.get(label, 0.0))


def _money(instance: Instance) -> dict[Label, float]:
    """What one unit of each variable draws from the investment account, over all years."""
    account, draws = instance.plan.settings.investment_account, instance.flow_draws
    own = draws[draws["flow"] == account] if account else draws.iloc[:0]
    money: dict[Label, float] = {}
    for kind, keys in (("build", ["region", "activity", "t"]), ("start", ["project", "t"])):
        labels: list[Label] = list(instance.variables[kind][keys].itertuples(index=False, name=None))
        spent = own[own["kind"] == kind].groupby("variable")["amount"].sum()
        money |= {
            (kind, *labels[number]): float(amount) for number, amount in zip(spent.index.tolist(), spent, strict=True)
        }
    return money
