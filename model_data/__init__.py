"""Plans as data: tables in files become a frozen, validated ``Plan``."""

from model_data.plan import PLANS, Plan, default_plan_path, load_plan, save_plan
from model_data.problems import DataError, Problem

__all__ = ["PLANS", "DataError", "Plan", "Problem", "default_plan_path", "load_plan", "save_plan"]
