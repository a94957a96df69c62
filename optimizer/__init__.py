"""The mathematics: from a Plan and a Scenario to a certified Answer. The public verbs, in the order of the pipeline."""

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
