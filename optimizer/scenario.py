"""What may differ between two runs of one plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from model_data import Plan
from optimizer.questions import Problem, RefusalError, problem, unknown_name
from optimizer.scenario_checks import problems_of
from optimizer.words.language import Text
from optimizer.words.validation import parts_of, statement

Years = Literal["each", "last"] | tuple[int, ...]
Standing = Literal["required", "goal", "monitored", "outside"]
Foresight = Literal["perfect", "myopic", "single_year"]
SCENARIO = Text("情景", "scenario")


class ScenarioError(RefusalError):
    """A scenario that cannot be used; ``problems`` lists every reason, each with the key and a remedy."""

    def __init__(self, scenario: str, problems: Iterable[Problem]) -> None:
        super().__init__(problems)
        self.scenario, self.args = scenario, (scenario, self.problems)

    def __str__(self) -> str:
        return f"scenario {self.scenario!r}: {super().__str__()}"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ObjectiveTerm(_Frozen):
    """``weight`` × the quantity, summed over years, discounted to the base year.

    Without ``years`` the term counts plan years and closing years.
    """

    quantity: str
    weight: FiniteFloat = 1.0
    discount_rate: Annotated[FiniteFloat, Field(gt=-1.0)] = 0.0
    years: Years | None = None


class Objective(_Frozen):
    """One stage of the lexicographic list of objectives."""

    sense: Literal["maximise", "minimise"] = "maximise"
    terms: tuple[ObjectiveTerm, ...] = Field(min_length=1)


class IndicatorSetting(_Frozen):
    """What a scenario changes of an indicator; ``target`` is in the unit of the plan's figure."""

    standing: Standing | None = None
    target: FiniteFloat | None = None
    years: Years | None = None
    deflator: str | None = None
    weight: Annotated[FiniteFloat, Field(gt=0.0)] = 1.0


class ProjectSetting(_Frozen):
    """What a scenario changes of a project; ``released``: no longer committed, whatever else is stated."""

    standing: Literal["modelled", "outside"] | None = None
    earliest_year: int | None = None
    committed_year: int | None = None
    released: bool = False


Factor = Annotated[FiniteFloat, Field(ge=0.0)]


class BudgetSetting(_Frozen):
    """What a scenario changes of a budget: ``factor`` multiplies all its amounts, ``by_year`` those of single years.

    ``total``: the amounts of all plan years together, in the unit of the budget; each year keeps its proportion, and a
    limit over the plan is this total. A budget that is stated as a share of this one follows.
    """

    factor: Factor = 1.0
    by_year: dict[int, Factor] = Field(default_factory=dict)
    total: Factor | None = None


class Scenario(_Frozen):
    """A complete, validated scenario: objective, switches, and changes of the plan's figures."""

    scenario: str
    name_zh: str = ""
    name_en: str = ""
    shows_zh: str = ""
    shows_en: str = ""
    based_on: str | None = None
    foresight: Foresight = "perfect"
    target_year: int | None = None
    whole_projects: bool = False
    switches: dict[str, str] = Field(default_factory=dict)
    objective: tuple[Objective, ...] = Field(min_length=1)
    indicators: dict[str, IndicatorSetting] = Field(default_factory=dict)
    projects: dict[str, ProjectSetting] = Field(default_factory=dict)
    budgets: dict[str, BudgetSetting] = Field(default_factory=dict)
    figures: tuple[dict[str, Any], ...] = ()


def load_scenario(plan: Plan, name: str | None = None, changes: Mapping[str, Any] | None = None) -> Scenario:
    """The plan's scenario of that name (default: the plan's default), with the caller's changes merged over it.

    Raises ScenarioError with every problem: unknown keys, unknown names (a near miss is suggested), circular
    ``based_on``, a target year outside the plan.
    """
    name = name or plan.settings.default_scenario
    raw = _merge(_inherited(plan, name, ()), changes or {})
    raw.setdefault("scenario", name)
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        # A list whose only members are refused counts as empty to pydantic: that says nothing more.
        own = [item for item in error.errors() if not (item["type"] == "too_short" and item["input"])]
        raise ScenarioError(name, [_problem(item, raw) for item in own]) from None
    if problems := problems_of(plan, scenario):
        raise ScenarioError(name, problems)
    return scenario


def stated_scenario(plan: Plan, name: str) -> Scenario | None:
    """The scenario as the plan states it, unchecked against the plan's names; None where the plan has none such."""
    return Scenario.model_validate({"scenario": name} | _inherited(plan, name, ())) if name in plan.scenarios else None


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with changes merged over it, as ``load_scenario`` merges them over one of the plan.

    The changes are taken to be legal. Raises pydantic's ValidationError where they are none.
    """
    return Scenario.model_validate(_merge(scenario.model_dump(exclude_unset=True), changes))


def _inherited(plan: Plan, name: str, seen: tuple[str, ...]) -> dict[str, Any]:
    if name in seen:
        way = " → ".join((*seen, name))
        raise ScenarioError(name, [problem("based_on", zh=f"{way} 循环", en=f"{way} is circular")])
    if name not in plan.scenarios:
        where = ("based_on",) if seen else ("scenario",)
        raise ScenarioError(name, [unknown_name(*where, what=SCENARIO, name=name, known=plan.scenarios)])
    own = dict(plan.scenarios[name])
    parent = own.get("based_on")
    return own if not parent else _merge(_inherited(plan, str(parent), (*seen, name)), own)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` wins key by key; figures accumulate; an objective is replaced as a whole."""
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merge(merged[key], value)
        elif key == "figures" and isinstance(value, list | tuple):
            merged[key] = [*merged.get(key, ()), *value]
        else:
            merged[key] = value
    return merged


def _problem(error: Any, given: Mapping[str, Any]) -> Problem:
    where, said = tuple(parts_of(error["loc"], given)), statement(error)
    if error["type"] == "missing":
        where = (*where, error["loc"][-1])
    if error["type"] == "extra_forbidden":
        known = ", ".join(_known_keys(where))
        said = Text(f"{said.zh}；可用：{known}", f"{said.en}; known are {known}")
    return Problem(where, said)


def _known_keys(place: tuple[Any, ...]) -> list[str]:
    nested: dict[str, type[BaseModel]] = {
        "indicators": IndicatorSetting,
        "projects": ProjectSetting,
        "budgets": BudgetSetting,
    }
    model: type[BaseModel] = Scenario
    if len(place) > 1:
        model = nested.get(str(place[0]), ObjectiveTerm if "terms" in place else Objective)
    return sorted(model.model_fields)
