"""Questions that judge a plan: contradictions, what has happened, other answers, uncertain figures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, FiniteFloat, StrictInt, StrictStr

from api.questions.asked import Asked, Case, Name, Strict
from api.questions.kinds import example

MOST_ROWS = 10_000


class Group(Strict):
    """What a repair may change: an indicator, a budget or a project by name; all of a kind where no name is stated.

    ``year``: the budget of one year, with ``budgets_by_year``.
    """

    kind: Literal["indicator", "budget", "project"]
    name: Name | None = None
    year: int | None = None

    @property
    def label(self) -> tuple[str | int, ...]:
        return tuple(part for part in (self.kind, self.name, self.year) if part is not None)


class Weight(Group):
    """The cost of changing it is multiplied by ``weight``."""

    weight: Annotated[FiniteFloat, Field(gt=0)]


class Diagnosis(Asked):
    """Why a plan contradicts itself and what repairs it; of a feasible plan, how far each target can go."""

    model_config = example(
        changes={"indicators": {"growth": {"target": 50}}},
        weights=[{"kind": "budget", "weight": 2}],
        untouchable=[{"kind": "indicator", "name": "energy_intensity"}],
        language="en",
    )
    kind: Literal["diagnosis"] = "diagnosis"
    weights: list[Weight] = Field(default=[], max_length=MOST_ROWS)
    untouchable: list[Group] = Field(default=[], max_length=MOST_ROWS)
    budgets_by_year: bool = Field(False, description="the budget of each year can be changed on its own")
    ranges: bool = Field(True, description="of a feasible plan, the attainable range of each target")


class Actual(Strict):
    """What a quantity came to in a year, in the quantity's unit unless another is named."""

    quantity: Name
    year: int
    value: FiniteFloat
    unit: Name | None = None


class Evaluation(Asked):
    """What is left of a plan when some years have passed: targets that are lost, what delays cost, the plan anew."""

    model_config = example(
        through=2006,
        actuals=[{"quantity": "energy", "year": 2006, "value": 61}],
        starts={"new_factory": None},
        language="en",
    )
    kind: Literal["evaluation"] = "evaluation"
    through: int = Field(description="the last year that has passed")
    actuals: list[Actual] | None = Field(
        None, max_length=MOST_ROWS, description="what is left out is unknown; null: the plan's own table of actuals"
    )
    starts: dict[Name, int | None] = Field(
        default={}, max_length=MOST_ROWS, description="year in which a project entered service; null: not yet"
    )


class Comparison(Asked):
    """Two answers side by side: figure by figure, the difference of the objective attributed to the changes made.

    The scenario with the changes is the second; ``before`` is the first.
    """

    model_config = example(scenario="less_money", before={"scenario": "most_value"}, language="en")
    kind: Literal["comparison"] = "comparison"
    before: Case = Field(default_factory=Case)
    most_figures: Annotated[int, Field(ge=0, le=1000)] = Field(
        40, description="more changed figures than these are attributed table by table"
    )


class Publication(Asked):
    """A published plan, stated as the scenario, against the optimum: what it violates, what its decisions cost.

    What ``against`` requires, too, is no decision of the published plan.
    """

    model_config = example(
        changes={"projects": {"new_factory": {"committed_year": 2008}}},
        against={"scenario": "most_value"},
        language="en",
    )
    kind: Literal["publication"] = "publication"
    against: Case = Field(default_factory=Case)


class UncertainFigure(Strict):
    """A figure by its table and key columns, with a range of its own where the plan's is not meant."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"additionalProperties": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}
    )
    __pydantic_extra__: dict[str, StrictStr | StrictInt] = Field(init=False)

    table: Name
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None


class Sample(Asked):
    """The plan over the ranges of uncertain figures: how often each target holds, and which figures matter."""

    model_config = example(samples=2, top=1, language="en")
    kind: Literal["sample"] = "sample"
    figures: list[UncertainFigure] | None = Field(
        None, min_length=1, max_length=1000, description="null: the ``top`` figures of the ledger"
    )
    top: Annotated[int, Field(ge=1, le=1000)] = 10
    within: list[Name] = Field(default=[], max_length=100, description="only of these tables and grades, with ``top``")
    samples: Annotated[int, Field(ge=1, le=100_000)] = 64
    method: Literal["latin_hypercube", "sobol"] = "latin_hypercube"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
