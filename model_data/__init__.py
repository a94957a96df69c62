"""Plans as data: tables in files become a frozen, validated ``Plan``; every figure knows its unit, grade and source."""

import os

# Before NumPy is loaded: threads of its OpenBLAS spin on after every product of long vectors, on processors that solve.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("OPENBLAS_NUM_THREADS", "1")

from model_data.differences import Change, diff
from model_data.plan import PLANS, Plan, default_plan_path, load_plan, save_plan, write_template
from model_data.problems import DataError, Problem
from model_data.provenance import Figure, Source, Trace
from model_data.reference import data_reference
from model_data.schema import SETTINGS, TABLE, TABLES
from model_data.settings import Settings

__all__ = [
    "PLANS",
    "SETTINGS",
    "TABLE",
    "TABLES",
    "Change",
    "DataError",
    "Figure",
    "Plan",
    "Problem",
    "Settings",
    "Source",
    "Trace",
    "data_reference",
    "default_plan_path",
    "diff",
    "load_plan",
    "save_plan",
    "trace",
    "write_template",
]


def trace(plan: Plan, table: str, **key: object) -> Trace:
    """The figure with its sources in full and the place where it stands. Raises DataError where there is none."""
    return plan.trace(table, **key)
