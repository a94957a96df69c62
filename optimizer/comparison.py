"""Two answers side by side, and the difference of their objectives attributed to what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from model_data import DataError
from optimizer.answer import Answer
from optimizer.changes import Change, changes_between, halfway
from optimizer.foresight import solve_windows
from optimizer.program import Vector
from optimizer.questions import Problem, problem, refuse
from optimizer.runs import Runs
from optimizer.scenario import ScenarioError
from optimizer.solution import Progress, Solution
from optimizer.solver import Limits
from optimizer.status import Status

PART_COLUMNS = [
    "part", "kind", "change", "before", "after", "effect", "effect_forwards", "effect_backwards", "goals", "note",
]  # fmt: skip
_COMPARED = ["before", "after", "difference"]


@dataclass(frozen=True)
class Comparison:
    """Two answers, figure by figure; ``difference`` is of the stated objective, None where one of them has no optimum.

    Goals come before the objective: an answer that misses more of them may have the better objective. So ``goals`` is
    the sum of the goals' relative shortfalls in each answer, 0 without goals; one difference is not read without the
    other.

    quantities: quantity, year, unit; investment: industry, year, unit; projects: project, year, unit (shares that enter
    service): each with before, after, difference. indicators: indicator, year, unit, and before and after of standing,
    asked, reached, met; difference of what is reached.

    ``parts`` (PART_COLUMNS): one row a change. Changes of one ``part`` could not be told apart, since no plan lies
    between them: they carry their common effect once, on their first row, NaN on the others. The effects sum to
    ``difference``, those of ``goals`` to that of the shortfalls. Each is the mean of two: what the change does where
    the changes are made one after the other in the order of the table, and what it does in the opposite order, so it
    is the same when the table is read upwards. ``changes``: the same, row by row, as changes that can be made.
    """

    difference: float | None
    goals: tuple[float, float]
    quantities: pd.DataFrame
    indicators: pd.DataFrame
    investment: pd.DataFrame
    projects: pd.DataFrame
    parts: pd.DataFrame
    changes: tuple[Change, ...]


def compare(
    a: Answer, b: Answer, *, most_figures: int = 40, limits: Limits | None = None, progress: Progress | None = None
) -> Comparison:
    """From answer a to answer b. Between n changes lie 2(n - 1) programs; ``limits`` are for all of them.

    More than ``most_figures`` changed figures are attributed table by table. Without two optima nothing is attributed
    and effects are NaN. Raises QuestionError where the objectives are not of one unit.
    """
    refuse(_problems(a, b, most_figures))
    changes = changes_between(a.instance, b.instance, most_figures)
    ends = [answer.objective if answer.status is Status.OPTIMAL else None for answer in (a, b)]
    known = ends[0] is not None and ends[1] is not None
    parts = _attributed(a, b, changes, Runs(limits), progress) if known else _unattributed(changes, a, b)
    return Comparison(
        (ends[1] or 0.0) - (ends[0] or 0.0) if known else None,
        (_values(a.solution)[1], _values(b.solution)[1]),
        side_by_side(a.quantities, b.quantities, ["quantity", "year", "unit"], "value"),
        _indicators(a, b),
        side_by_side(investment(a), investment(b), ["industry", "year", "unit"], "value", absent=0.0),
        side_by_side(a.projects, b.projects, ["project", "year", "unit"], "share", absent=0.0),
        parts,
        changes,
    )


def _problems(a: Answer, b: Answer, most_figures: int) -> list[Problem]:
    units = [_objective_units(answer) for answer in (a, b)]
    problems = []
    if most_figures < 0:
        zh, en = f"{most_figures}为负；请写一个数，如40", f"{most_figures} is negative; give a number such as 40"
        problems.append(problem("most_figures", zh=zh, en=en))
    if units[0] != units[1]:
        zh = "与".join("、".join(sorted(unit)) for unit in units)
        en = " against ".join(", ".join(sorted(unit)) for unit in units)
        problems.append(
            problem(
                "changes",
                "objective",
                zh=f"{zh}没有差额；请比较末级目标同类的结果",
                en=f"{en} have no difference; compare answers whose last stages count the same",
            )
        )
    return problems


def _objective_units(answer: Answer) -> set[str]:
    frame = answer.instance.plan.table("quantities").set_index("quantity")["unit"]
    return {str(frame[term.quantity]) for term in answer.instance.scenario.objective[-1].terms}


def side_by_side(
    a: pd.DataFrame, b: pd.DataFrame, key: list[str], value: str, absent: float = float("nan")
) -> pd.DataFrame:
    """Both frames by key: before, after, difference; ``absent`` stands for a row that the other frame alone has.

    An empty frame says nothing at all: NaN throughout.
    """
    frames = [frame.reindex(columns=[*key, value]) for frame in (a, b)]
    typed = next((frame for frame in frames if len(frame)), frames[0])
    frames = [
        (frame if len(frame) else typed.iloc[:0]).rename(columns={value: name})
        for name, frame in zip(("before", "after"), frames, strict=True)
    ]
    both = frames[0].merge(frames[1], on=key, how="outer", sort=False, indicator="side")
    both = both.astype({"before": float, "after": float})
    for name, frame, missing in (("before", frames[0], "right_only"), ("after", frames[1], "left_only")):
        if len(frame):
            both.loc[both["side"] == missing, name] = absent
    return both.assign(difference=both["after"] - both["before"])[[*key, *_COMPARED]]


def investment(answer: Answer) -> pd.DataFrame:
    """industry, year, unit, value: what each industry draws from the investment account, background included."""
    rows, account = answer.accounts, answer.instance.plan.settings.investment_account
    if not len(rows) or not account:
        return pd.DataFrame(columns=["industry", "year", "unit", "value"])
    rows = rows[rows["flow"] == account]
    return rows.groupby(["industry", "year", "unit"], sort=False)["value"].sum().reset_index()


def _indicators(a: Answer, b: Answer) -> pd.DataFrame:
    key, values = ["indicator", "year", "unit"], ["standing", "asked", "reached", "met"]
    sides = (a.indicators[[*key, *values]], b.indicators[[*key, *values]])
    both = sides[0].merge(sides[1], on=key, how="outer", sort=False, suffixes=("_before", "_after"))
    return both.assign(difference=both["reached_after"] - both["reached_before"])


def _attributed(
    a: Answer, b: Answer, changes: Sequence[Change], runs: Runs, progress: Progress | None
) -> pd.DataFrame:
    """Between change i and i + 1 lie two questions: the first i changes made, and only the others made."""
    last = len(changes)
    ends = _values(a.solution), _values(b.solution)
    forwards, backwards = {0: ends[0], last: ends[1]}, {0: ends[1], last: ends[0]}
    notes: dict[int, str] = {}
    for place in range(1, last):
        for values, made in ((forwards, changes[:place]), (backwards, changes[place:])):
            if progress:
                progress(f"{place} of {last - 1}")
            solved = _solve(a, b, made, runs)
            if isinstance(solved, str):
                notes[place] = solved
            else:
                values[place] = solved
    rows: list[tuple[object, ...]] = []
    borders = [place for place in range(last + 1) if place not in notes]
    for part, (left, right) in enumerate(pairwise(borders), start=1):
        steps = forwards[right] - forwards[left], backwards[left] - backwards[right]
        effect, goals = (steps[0] + steps[1]) / 2.0
        note = "; ".join(notes[place] for place in range(left + 1, right))
        rows += _part(part, changes[left:right], (effect, *(step[0] for step in steps), goals), note)
    return pd.DataFrame(rows, columns=PART_COLUMNS)


def _part(part: int, changes: Sequence[Change], effects: Sequence[float], note: str) -> list[tuple[object, ...]]:
    none = (float("nan"),) * 4
    return [
        (part, c.kind, c.name, c.before, c.after, *(effects if k == 0 else none), note if k == 0 else "")
        for k, c in enumerate(changes)
    ]


def _unattributed(changes: Sequence[Change], a: Answer, b: Answer) -> pd.DataFrame:
    note = "; ".join(answer.status.sentence_en for answer in (a, b) if answer.status is not Status.OPTIMAL)
    return pd.DataFrame(_part(1, changes, (float("nan"),) * 4, note), columns=PART_COLUMNS)


def _solve(a: Answer, b: Answer, made: Sequence[Change], runs: Runs) -> Vector | str:
    """Objective and shortfall of goals with these changes made, or why there are none."""
    try:
        plan, scenario = halfway(a.instance, b.instance, made)
        solution = solve_windows(plan, scenario, runs)[-1].solution
    except (DataError, ScenarioError) as error:
        return f"with only {_names(made)}: {error}"
    if solution.status is not Status.OPTIMAL or solution.objective is None:
        return f"with only {_names(made)}: {solution.status.sentence_en}"
    return _values(solution)


def _names(changes: Sequence[Change]) -> str:
    return ", ".join(change.name for change in changes)


def _values(solution: Solution) -> Vector:
    """The objective, and the sum of the goals' shortfalls."""
    nothing = float("nan")
    if solution.objective is None:
        return np.array([nothing, nothing])
    stages = solution.program.stages  # a solution that was cut short has fewer values
    goals = [value for stage, value in zip(stages, solution.values, strict=False) if stage.name == "goals"]
    return np.array([solution.objective, sum(goals)])
