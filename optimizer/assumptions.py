"""The ledger of assumptions: what the answer would gain or lose over each figure's range, and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_data.vocabulary import GRADES
from optimizer.figure_slopes import figure_slopes
from optimizer.foresight import make_program
from optimizer.frames import figure_numbers, records
from optimizer.instance import Instance
from optimizer.program import Vector
from optimizer.questions import MYOPIC, UnfinishedError, problem, refuse
from optimizer.runs import Runs
from optimizer.solution import Progress, Solution, solve_program
from optimizer.solver import Limits
from optimizer.start import Start
from optimizer.status import Status

JUMPS = problem(
    "changes",
    "whole_projects",
    zh="项目须整建时最优值会跳变；请按项目份额提问",
    en="with whole projects the optimum jumps; ask with shares of projects instead",
)
LEDGER_COLUMNS = [
    "table", "row", "name_zh", "name_en", "value", "unit", "low", "high", "grade", "evidence", "source", "clause",
    "slope", "effect_low", "effect_high", "swing", "true_low", "true_high",
]  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """``figures``: one row a figure that matters, the largest swing first (LEDGER_COLUMNS). ``grades``: the mix.

    ``slope`` is the change of the stated objective for one more unit of the figure, to first order; ``effect_low`` and
    ``effect_high`` what its low and high end would change, ``swing`` their distance. ``true_low`` and ``true_high``
    come from solving again, NaN where that was not asked for or nothing is feasible there. ``grades`` has for each
    grade the number of figures that matter and their share of all swings.
    """

    figures: pd.DataFrame
    grades: pd.DataFrame

    def worth_finding_out(self) -> pd.DataFrame:
        """Figures that nobody has read anywhere (assumed, computed, recalled): the most consequential first."""
        return self.figures[self.figures["evidence"] != "read"]


def ledger(
    instance: Instance,
    solution: Solution,
    *,
    solve_again: int = 0,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Ledger:
    """The ledger of an optimal answer, from its one solution; the ``solve_again`` first figures are also tried truly.

    Raises QuestionError where there is no optimum, where projects are whole (their choice has no derivative) or where
    the answer came from a sequence of yearly windows.
    """
    problems = []
    if solution.status is not Status.OPTIMAL:
        zh = f"没有最优方案，无从衡量其所依据的数据：{solution.status.sentence_zh}"
        en = f"the plan has no optimum whose assumptions could be weighed: {solution.status.sentence_en}"
        problems.append(problem(zh=zh, en=en))
    if solution.priced_with_projects_fixed:
        problems.append(JUMPS)
    if instance.scenario.foresight == "myopic":
        problems.append(MYOPIC)
    if solve_again < 0:
        zh, en = (
            f"{solve_again}为负；请写要试的数据个数，如10",
            f"{solve_again} is negative; give the number of figures to try, such as 10",
        )
        problems.append(problem("solve_again", zh=zh, en=en))
    refuse(problems)
    figures = _first_order(instance, figure_slopes(instance, solution))
    return Ledger(_tried(instance, solution, figures, solve_again, Runs(limits), progress), _grades(figures))


def _first_order(instance: Instance, slopes: Vector) -> pd.DataFrame:
    rows = []
    starts = figure_numbers(instance.plan)
    for table, start in starts.items():
        frame = instance.plan.table(table)
        slope = slopes[start : start + len(frame)]
        ranged = np.flatnonzero((slope != 0.0) & frame["low"].notna() & frame["high"].notna())
        rows += [_entry(instance, table, int(row), float(slope[row])) for row in ranged]
    figures = pd.DataFrame(rows, columns=LEDGER_COLUMNS).astype({"true_low": float, "true_high": float})
    return figures.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)


def _entry(instance: Instance, table: str, row: int, slope: float) -> tuple[object, ...]:
    figure = instance.plan.figure_at(table, row)
    value, low, high = (float(number or 0.0) for number in (figure.value, figure.low, figure.high))
    effects = slope * (low - value), slope * (high - value)
    told = figure.grade, figure.evidence, ";".join(figure.sources), figure.clause
    names = figure.name_zh, figure.name_en
    return (
        table,
        row,
        *names,
        value,
        figure.unit,
        low,
        high,
        *told,
        slope,
        *effects,
        abs(effects[1] - effects[0]),
        None,
        None,
    )


def _tried(
    instance: Instance,
    solution: Solution,
    figures: pd.DataFrame,
    count: int,
    runs: Runs,
    progress: Progress | None,
) -> pd.DataFrame:
    """The true change at both ends of the range of the first figures."""
    tried, start = figures.copy(), solution.start if count else None
    for place, figure in enumerate(records(figures.head(count))):
        if progress:
            progress(figure.name_en)
        for end in ("low", "high"):
            reached = _objective_with(instance, figure.table, figure.row, getattr(figure, end), start, runs)
            tried.loc[place, f"true_{end}"] = reached - (solution.objective or 0.0)
    return tried


def _objective_with(instance: Instance, table: str, row: int, value: float, start: Start | None, runs: Runs) -> float:
    # The scenario's own figures already stand in the instance's plan.
    scenario = instance.scenario.model_copy(update={"figures": ()})
    _, program = make_program(instance.plan.with_value_at(table, row, value), scenario, instance.horizon)
    solution = solve_program(program, runs.left(), start=start)
    if solution.status in (Status.TIME_LIMIT, Status.CANCELLED):
        raise UnfinishedError(solution.status, f"{table}, row {row}")
    return float("nan") if solution.objective is None else solution.objective


def _grades(figures: pd.DataFrame) -> pd.DataFrame:
    """grade, figures, share of all swings."""
    by_grade = figures.groupby("grade")["swing"].agg(["size", "sum"]).reindex(list(GRADES), fill_value=0)
    whole = float(by_grade["sum"].sum()) or 1.0
    columns = {"grade": list(GRADES), "figures": by_grade["size"].tolist(), "share": (by_grade["sum"] / whole).tolist()}
    return pd.DataFrame(columns)
