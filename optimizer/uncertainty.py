"""Uncertain figures: the plan solved for many values of them, and what the spread says of targets and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import qmc, spearmanr

from model_data import DataError, Plan
from optimizer.batch import Outcome, Question, in_turn, on_executor
from optimizer.questions import refuse
from optimizer.scenario import Scenario
from optimizer.softened import with_goals
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status

Method = Literal["latin_hypercube", "sobol"]
OUTCOME_COLUMNS = ["status", "objective", "all_required", "problem"]
EFFECT_COLUMNS = ["figure", "rank_correlation", "share"]
TORNADO_COLUMNS = [
    "figure", "low", "value", "high", "unit", "objective_low", "objective_high", "change_low", "change_high", "swing",
]  # fmt: skip


@dataclass(frozen=True)
class Uncertain:
    """A figure that may lie anywhere between ``low`` and ``high``, in its own unit; ``key`` as in scenarios."""

    name: str
    key: Mapping[str, Any]
    low: float
    value: float
    high: float
    unit: str


@dataclass(frozen=True)
class Uncertainty:
    """``samples``: one row a sample: the value of every figure, then OUTCOME_COLUMNS; none is lost where others fail.

    Required targets are goals of the first rank here, so that a sample which misses one says which;
    ``all_required`` (yes, no, blank) says whether the plan as it stands has an answer. Statuses are those of an answer,
    or ``refused`` where the figures make no plan. ``tornado`` (TORNADO_COLUMNS): one figure at its ends, the others as
    stated, each solved truly.
    """

    figures: tuple[Uncertain, ...]
    required: frozenset[str]
    samples: pd.DataFrame
    outcomes: tuple[Outcome, ...]
    tornado: pd.DataFrame

    @cached_property
    def targets(self) -> pd.DataFrame:
        """indicator, year, standing, samples, probability: the share of solved samples in which each target holds."""
        rows: dict[tuple[str, int], list[bool]] = {}
        for outcome in self.outcomes:
            for target, held in outcome.held.items():
                rows.setdefault(target, []).append(held)
        told = [
            (i, y, "required" if i in self.required else "goal", len(h), sum(h) / len(h)) for (i, y), h in rows.items()
        ]
        return pd.DataFrame(told, columns=["indicator", "year", "standing", "samples", "probability"])

    @cached_property
    def effects(self) -> pd.DataFrame:
        """EFFECT_COLUMNS: Spearman's rank correlation of each figure with the objective over the solved samples.

        ``share``, its square, is the part of the variance of the objective's ranks that the figure explains by itself.
        NaN where fewer than three samples were solved or the objective does not move.
        """
        solved = self.samples[self.samples["status"] == Status.OPTIMAL]
        moves = len(solved) > 2 and solved["objective"].nunique() > 1
        found = [float(spearmanr(solved[f.name], solved["objective"])[0]) if moves else np.nan for f in self.figures]
        table = pd.DataFrame(
            [(f.name, r, r * r) for f, r in zip(self.figures, found, strict=True)], columns=EFFECT_COLUMNS
        )
        return table.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def sample(
    plan: Plan,
    scenario: Scenario,
    figures: Sequence[Mapping[str, Any]],
    *,
    samples: int = 64,
    method: Method = "latin_hypercube",
    seed: int = 0,
    executor: Executor | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Uncertainty:
    """Solves the scenario for ``samples`` values of the figures, and each figure alone at its low and its high end.

    ``figures``: table and key columns, as a scenario states a figure, each with a range in the plan or with ``low`` and
    ``high`` of its own, in the unit of the figure. Values are uniform between low and high and independent of each
    other. The same ``seed`` draws the same values. Programs are solved one after the other, or on ``executor`` (of
    processes, any way of starting them); ``limits`` hold for each. A cancelled question keeps what was solved. Raises
    QuestionError with every problem.
    """
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    uncertain, problems = _uncertain(plan, figures)
    refuse([*problems, *_problems(scenario, samples, method)])
    softened, required = with_goals(plan, scenario.model_copy(update={"figures": ()}))
    drawn = _drawn(uncertain, samples, method, seed)
    ends = [[{**figure.key, "value": end}] for figure in uncertain for end in (figure.low, figure.high)]
    points = [[{**f.key, "value": v} for f, v in zip(uncertain, row, strict=True)] for row in drawn.tolist()]
    question, batch = Question(plan, softened, required), [[], *ends, *points]
    limits = limits or Limits()
    if executor is None:
        outcomes = in_turn(question, batch, limits, progress)
    else:
        outcomes = on_executor(question, batch, limits, executor, progress)
    sampled = tuple(outcomes[1 + len(ends) :])
    table, tornado = _samples(uncertain, drawn, sampled, required), _tornado(uncertain, outcomes[: 1 + len(ends)])
    return Uncertainty(tuple(uncertain), required, table, sampled, tornado)


def _uncertain(plan: Plan, figures: Sequence[Mapping[str, Any]]) -> tuple[list[Uncertain], list[str]]:
    found, problems = [], [] if figures else ["figures: none is named; name those that are uncertain"]
    for number, stated in enumerate(figures):
        key = {column: cell for column, cell in stated.items() if column not in ("low", "high")}
        try:
            figure = plan.figure(str(key.get("table", "")), **{c: cell for c, cell in key.items() if c != "table"})
        except DataError as error:
            problems += [f"figures[{number}]: {problem}" for problem in error.problems]
            continue
        low, high = stated.get("low", figure.low), stated.get("high", figure.high)
        name = " ".join(str(part) for part in key.values() if str(part))
        if figure.value is None or not (_finite(low) and _finite(high)):
            problems.append(f"figures[{number}]: {name} has no range; give numbers low and high, in {figure.unit}")
        elif not low < high:
            problems.append(f"figures[{number}]: {name}: low {low} is not below high {high}")
        else:
            found.append(Uncertain(name, key, float(low), figure.value, float(high), figure.unit))
    names = [figure.name for figure in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    return found, problems + [f"figures: {name} stands twice" for name in twice]


def _finite(number: object) -> bool:
    return isinstance(number, int | float) and bool(np.isfinite(number))


def _problems(scenario: Scenario, samples: int, method: str) -> list[str]:
    problems = []
    if samples < 1:
        problems.append(f"samples: {samples} is less than 1")
    if method not in ("latin_hypercube", "sobol"):
        problems.append(f"method: {method!r} is neither latin_hypercube nor sobol")
    elif method == "sobol" and samples > 0 and samples & (samples - 1):
        problems.append(f"samples: a Sobol sequence is balanced for a power of two only, such as 64; not {samples}")
    if scenario.foresight == "myopic":
        problems.append("foresight: a myopic answer is a sequence of optima; ask with perfect foresight instead")
    return problems


def _drawn(figures: Sequence[Uncertain], samples: int, method: Method, seed: int) -> Any:
    """samples × figures."""
    kind = qmc.LatinHypercube if method == "latin_hypercube" else qmc.Sobol
    unit = kind(len(figures), rng=np.random.default_rng(seed)).random(samples)
    return qmc.scale(unit, [figure.low for figure in figures], [figure.high for figure in figures])


def _samples(
    figures: Sequence[Uncertain], drawn: Any, outcomes: Sequence[Outcome], required: frozenset[str]
) -> pd.DataFrame:
    values = pd.DataFrame(drawn, columns=[figure.name for figure in figures])
    told = [(o.status, o.objective, _all_required(o, required), o.problem) for o in outcomes]
    return pd.concat([values, pd.DataFrame(told, columns=OUTCOME_COLUMNS)], axis=1)


def _all_required(outcome: Outcome, required: frozenset[str]) -> str:
    if outcome.status != Status.OPTIMAL:
        return ""
    return "yes" if all(held for (name, _), held in outcome.held.items() if name in required) else "no"


def _tornado(figures: Sequence[Uncertain], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """TORNADO_COLUMNS, the largest swing first; NaN where there is no optimum at an end."""
    middle, reached = outcomes[0].objective, [outcome.objective for outcome in outcomes[1:]]
    rows = []
    for figure, low, high in zip(figures, reached[::2], reached[1::2], strict=True):
        head = figure.name, figure.low, figure.value, figure.high, figure.unit
        rows.append((*head, low, high, low - middle, high - middle, abs(high - low)))
    table = pd.DataFrame(rows, columns=TORNADO_COLUMNS)
    return table.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)
