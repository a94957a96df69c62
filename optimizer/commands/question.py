"""What a command is asked about: a plan, a scenario, changes, a limit. Declared once, as options of all that solve."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path

from optimizer.commands import options as o
from optimizer.commands.setting import FigureChange, Pair
from optimizer.decomposition.method import Method


@dataclass(frozen=True)
class Changes:
    """Everything that options change of a scenario; None leaves it as it is."""

    file: Path | None = None
    targets: tuple[Pair[float], ...] = ()
    standings: tuple[Pair[str], ...] = ()
    budgets: tuple[Pair[float], ...] = ()
    totals: tuple[Pair[float], ...] = ()
    switches: tuple[Pair[str], ...] = ()
    earliest: tuple[Pair[int], ...] = ()
    commit: tuple[Pair[int], ...] = ()
    release: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    foresight: o.Foresight | None = None
    target_year: int | None = None
    whole_projects: bool | None = None


def _now() -> float:
    return time.monotonic()


@dataclass(frozen=True)
class Question:
    """Plan and scenario (None: the default ones), changes, a time limit in seconds, a way of solving."""

    plan: Path | None = None
    scenario: str | None = None
    changes: Changes = Changes()
    time_limit: float | None = None
    method: Method = Method.AUTOMATIC
    _asked: float = field(default_factory=_now, repr=False, compare=False)

    @property
    def seconds(self) -> float | None:
        """What is left of the limit, which is for everything together."""
        return None if self.time_limit is None else max(self.time_limit - (_now() - self._asked), 0.0)


def question(
    plan: o.PlanPath = None,
    scenario: o.ScenarioName = None,
    changes: o.ChangesFile = None,
    target: o.Targets = None,
    standing: o.Standings = None,
    budget: o.Budgets = None,
    budget_total: o.Totals = None,
    switch: o.Switches = None,
    earliest: o.Earliest = None,
    commit: o.Commit = None,
    release: o.Release = None,
    outside: o.Outside = None,
    figure: o.Figures = None,
    whole_projects: o.Whole = None,
    foresight: o.ForesightOption = None,
    target_year: o.TargetYear = None,
    time_limit: o.Seconds = None,
) -> Question:
    """The question that the options state."""
    stated = Changes(
        file=changes,
        targets=tuple(target or ()),
        standings=tuple(standing or ()),
        budgets=tuple(budget or ()),
        totals=tuple(budget_total or ()),
        switches=tuple(switch or ()),
        earliest=tuple(earliest or ()),
        commit=tuple(commit or ()),
        release=tuple(release or ()),
        outside=tuple(outside or ()),
        figures=tuple(figure or ()),
        foresight=foresight,
        target_year=target_year,
        whole_projects=whole_projects,
    )
    return Question(plan, scenario, stated, time_limit)


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of ``question`` before its own; its first parameter receives the Question."""
    return _with_options(command, dict(inspect.signature(question, eval_str=True).parameters))


def asks_of_scenarios(command: Callable[..., None]) -> Callable[..., None]:
    """As ``asks``, for a command whose arguments are scenarios: the plan is an option, and ``--scenario`` is none."""
    shared = dict(inspect.signature(question, eval_str=True).parameters)
    del shared["scenario"]
    return _with_options(command, {**shared, "plan": shared["plan"].replace(annotation=o.PlanOption)})


def _with_options(command: Callable[..., None], shared: dict[str, inspect.Parameter]) -> Callable[..., None]:
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @wraps(command)
    def asked(**given: object) -> None:
        command(question(**{name: given.pop(name) for name in shared}), **given)  # type: ignore[arg-type]  # typer checked

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*shared.values(), *own)]
    asked.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads the options from
    return asked
