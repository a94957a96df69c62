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
from optimizer.instance import resolve
from optimizer.questions import MYOPIC, Problem, problem, refuse
from optimizer.scenario import Scenario
from optimizer.softened import required_targets
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status

Method = Literal["latin_hypercube", "sobol"]
NONE_NAMED = problem(
    "figures", zh="没有写明任何数据；请写出哪些数据不确定", en="none is named; name those that are uncertain"
)
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
    processes of this machine, any way of starting them); ``limits`` are for everything together. What was solved when
    time ran out, or the question was cancelled, is kept. Raises QuestionError with every problem.
    """
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    uncertain, drawn = draw(plan, scenario, figures, samples=samples, method=method, seed=seed)
    scenario = scenario.model_copy(update={"figures": ()})
    required = required_targets(resolve(plan, scenario))
    ends = [[{**figure.key, "value": end}] for figure in uncertain for end in (figure.low, figure.high)]
    points = [[{**f.key, "value": v} for f, v in zip(uncertain, row, strict=True)] for row in drawn.tolist()]
    question, batch = Question(plan, scenario), [[], *ends, *points]
    limits = limits or Limits()
    if executor is None:
        outcomes = in_turn(question, batch, limits, progress)
    else:
        outcomes = on_executor(question, batch, limits, executor, progress)
    sampled = tuple(outcomes[1 + len(ends) :])
    table, tornado = _samples(uncertain, drawn, sampled, required), _tornado(uncertain, outcomes[: 1 + len(ends)])
    return Uncertainty(tuple(uncertain), required, table, sampled, tornado)


def draw(
    plan: Plan, scenario: Scenario, figures: Sequence[Mapping[str, Any]], *, samples: int, method: Method, seed: int
) -> tuple[list[Uncertain], Any]:
    """The figures with their ranges, and values drawn: samples × figures. Parameters and errors as of ``sample``."""
    uncertain, problems = _uncertain(plan, figures)
    refuse([*problems, *_problems(scenario, samples, method)])
    return uncertain, _drawn(uncertain, samples, method, seed)


def _uncertain(plan: Plan, figures: Sequence[Mapping[str, Any]]) -> tuple[list[Uncertain], list[Problem]]:
    found: list[Uncertain] = []
    problems = [] if figures else [NONE_NAMED]
    for number, stated in enumerate(figures):
        key = {column: cell for column, cell in stated.items() if column not in ("low", "high")}
        try:
            figure = plan.figure(str(key.get("table", "")), **{c: cell for c, cell in key.items() if c != "table"})
        except DataError as error:
            problems += [
                problem(
                    "figures", number, zh=f"{own.message_zh}。{own.remedy_zh}", en=f"{own.message_en}. {own.remedy_en}"
                )
                for own in error.problems
            ]
            continue
        low, high = stated.get("low", figure.low), stated.get("high", figure.high)
        name = " ".join(str(part) for part in key.values() if str(part))
        if figure.value is None or not (_finite(low) and _finite(high)):
            zh = f"{name}没有范围；请给出 low 和 high，单位{figure.unit}"
            en = f"{name} has no range; give numbers low and high, in {figure.unit}"
            problems.append(problem("figures", number, zh=zh, en=en))
        elif not low < high:
            zh = f"{name}：下限{low}不小于上限{high}"
            problems.append(problem("figures", number, zh=zh, en=f"{name}: low {low} is not below high {high}"))
        else:
            found.append(Uncertain(name, key, float(low), figure.value, float(high), figure.unit))
    names = [figure.name for figure in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    return found, problems + [problem("figures", zh=f"{n}出现两次", en=f"{n} stands twice") for n in twice]


def _finite(number: object) -> bool:
    return isinstance(number, int | float) and bool(np.isfinite(number))


def _problems(scenario: Scenario, samples: int, method: str) -> list[Problem]:
    problems = []
    if samples < 1:
        problems.append(problem("samples", zh=f"{samples}小于1", en=f"{samples} is less than 1"))
    if method not in ("latin_hypercube", "sobol"):
        zh, en = f"“{method}”须为 latin_hypercube 或 sobol", f"{method!r} is neither latin_hypercube nor sobol"
        problems.append(problem("method", zh=zh, en=en))
    elif method == "sobol" and samples > 0 and samples & (samples - 1):
        zh = f"Sobol 序列的样本数须为2的幂，如64；不能是{samples}"
        en = f"a Sobol sequence is balanced for a power of two only, such as 64; not {samples}"
        problems.append(problem("samples", zh=zh, en=en))
    return [*problems, *([MYOPIC] if scenario.foresight == "myopic" else [])]


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
