"""Required targets as goals of the first rank: a question that asks which of them hold, and by how much others fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.program import LinearProgram
from optimizer.scenario import Scenario, changed

LOST_COLUMNS = [
    "indicator", "number", "clause", "standing", "year", "sense", "asked", "reached", "unit", "missed_by", "share",
    "met_before",
]  # fmt: skip


def with_goals(plan: Plan, scenario: Scenario) -> tuple[Scenario, frozenset[str]]:
    """The scenario with every required target a goal, and the names of those targets."""
    required = frozenset(
        str(row.indicator)
        for row in records(plan.table("indicators"))
        if row.quantity and _standing(scenario, row.indicator, row.standing) == "required"
    )
    goals = {"indicators": {name: {"standing": "goal"} for name in sorted(required)}}
    return changed(scenario, goals) if required else scenario, required


def _standing(scenario: Scenario, indicator: str, own: str) -> str:
    setting = scenario.indicators.get(indicator)
    return (setting.standing if setting else None) or own


def required_first(program: LinearProgram, required: frozenset[str]) -> LinearProgram:
    """The program with its goals in two stages: first the targets that were required, then the goals as they were."""
    goals = program.stages[0]
    if goals.name != "goals":
        return program
    belongs = np.array([label[0] in ("shortfall", "excess") and label[1] in required for label in program.columns])
    ranks = [
        replace(goals, name=name, costs=np.where(kept, goals.costs, 0.0))
        for name, kept in (("required", belongs), ("goals", ~belongs))
    ]
    return program.with_stages([*(stage for stage in ranks if stage.costs.any()), *program.stages[1:]])


def lost_targets(answer: Answer, original: Answer, required: frozenset[str], through: int) -> pd.DataFrame:
    """LOST_COLUMNS: targets after ``through`` that the answer misses, with their standing in the scenario as it was."""
    before = {(row.indicator, row.year): row.met for row in records(original.indicators)}
    rows = answer.indicators
    rows = rows[(rows["met"] == "no") & (rows["year"] > through) & rows["standing"].isin(["required", "goal"])]
    standing = rows["indicator"].map(lambda name: "required" if name in required else "goal")
    share = rows["missed_by"] / rows["asked"].abs()
    met = [before.get((row.indicator, row.year), "") for row in records(rows)]
    return rows.assign(standing=standing, share=share, met_before=met)[LOST_COLUMNS].reset_index(drop=True)
