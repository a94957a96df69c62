"""The mathematics: from a Plan and a Scenario to a certified Answer. The public verbs, in the order of the pipeline.

A verb is imported when it is first asked for, so that the command line answers without loading a solver.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Before NumPy is loaded: threads of its OpenBLAS spin on after every product of long vectors, on processors that solve.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from optimizer.answer import TABLES, Answer, solve
    from optimizer.budget_directions import all_budgets, budget_change
    from optimizer.comparison import Comparison, compare
    from optimizer.compile import compile_lp
    from optimizer.conflict import Conflict, find_conflict
    from optimizer.criteria import Criterion
    from optimizer.curve import ValueCurve
    from optimizer.decomposition.solve import solve_by_blocks
    from optimizer.directions import Direction, allowance, limit_change, target_change
    from optimizer.efficient import efficient_set, staircase
    from optimizer.evaluation import Evaluation, evaluate
    from optimizer.foresight import make_program
    from optimizer.frontiers import Frontier, frontier
    from optimizer.instance import Instance, resolve
    from optimizer.model import build
    from optimizer.payoff import EfficientSet
    from optimizer.program import LinearProgram
    from optimizer.publication import Published, published
    from optimizer.questions import QuestionError, UnfinishedError
    from optimizer.scenario import Scenario, ScenarioError, load_scenario
    from optimizer.solution import Solution, solve_program
    from optimizer.solver import Limits, Session
    from optimizer.status import Status
    from optimizer.uncertainty import Uncertainty, sample
    from optimizer.value_curves import value_curve

_HOME = {
    "TABLES": "answer",
    "Answer": "answer",
    "Comparison": "comparison",
    "Conflict": "conflict",
    "Criterion": "criteria",
    "Direction": "directions",
    "EfficientSet": "payoff",
    "Evaluation": "evaluation",
    "Frontier": "frontiers",
    "Instance": "instance",
    "Limits": "solver",
    "LinearProgram": "program",
    "Published": "publication",
    "QuestionError": "questions",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "Session": "solver",
    "Solution": "solution",
    "Status": "status",
    "Uncertainty": "uncertainty",
    "UnfinishedError": "questions",
    "ValueCurve": "curve",
    "all_budgets": "budget_directions",
    "allowance": "directions",
    "budget_change": "budget_directions",
    "build": "model",
    "compare": "comparison",
    "compile_lp": "compile",
    "efficient_set": "efficient",
    "evaluate": "evaluation",
    "find_conflict": "conflict",
    "frontier": "frontiers",
    "limit_change": "directions",
    "load_scenario": "scenario",
    "make_program": "foresight",
    "published": "publication",
    "resolve": "instance",
    "sample": "uncertainty",
    "solve": "answer",
    "solve_by_blocks": "decomposition.solve",
    "solve_program": "solution",
    "staircase": "efficient",
    "target_change": "directions",
    "value_curve": "value_curves",
}

__all__ = [
    "TABLES",
    "Answer",
    "Comparison",
    "Conflict",
    "Criterion",
    "Direction",
    "EfficientSet",
    "Evaluation",
    "Frontier",
    "Instance",
    "Limits",
    "LinearProgram",
    "Published",
    "QuestionError",
    "Scenario",
    "ScenarioError",
    "Session",
    "Solution",
    "Status",
    "Uncertainty",
    "UnfinishedError",
    "ValueCurve",
    "all_budgets",
    "allowance",
    "budget_change",
    "build",
    "compare",
    "compile_lp",
    "efficient_set",
    "evaluate",
    "find_conflict",
    "frontier",
    "limit_change",
    "load_scenario",
    "make_program",
    "published",
    "resolve",
    "sample",
    "solve",
    "solve_by_blocks",
    "solve_program",
    "staircase",
    "target_change",
    "value_curve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
