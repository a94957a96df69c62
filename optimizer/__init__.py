"""The mathematics: from a Plan and a Scenario to a certified Answer. The public verbs, in the order of the pipeline.

A verb is imported when it is first asked for, so that the command line answers without loading a solver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizer.answer import TABLES, Answer, solve
    from optimizer.compile import compile_lp
    from optimizer.conflict import Conflict, find_conflict
    from optimizer.foresight import make_program
    from optimizer.instance import Instance, resolve
    from optimizer.model import build
    from optimizer.program import LinearProgram
    from optimizer.scenario import Scenario, ScenarioError, load_scenario
    from optimizer.solution import Solution, solve_program
    from optimizer.solver import Limits, Session
    from optimizer.status import Status

_HOME = {
    "TABLES": "answer",
    "Answer": "answer",
    "Conflict": "conflict",
    "Instance": "instance",
    "Limits": "solver",
    "LinearProgram": "program",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "Session": "solver",
    "Solution": "solution",
    "Status": "status",
    "build": "model",
    "compile_lp": "compile",
    "find_conflict": "conflict",
    "load_scenario": "scenario",
    "make_program": "foresight",
    "resolve": "instance",
    "solve": "answer",
    "solve_program": "solution",
}

__all__ = [
    "TABLES",
    "Answer",
    "Conflict",
    "Instance",
    "Limits",
    "LinearProgram",
    "Scenario",
    "ScenarioError",
    "Session",
    "Solution",
    "Status",
    "build",
    "compile_lp",
    "find_conflict",
    "load_scenario",
    "make_program",
    "resolve",
    "solve",
    "solve_program",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
