"""What may differ between two runs of one plan."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from model_data import Plan
from optimizer.frames import records

Years = Literal["each", "last"] | tuple[int, ...]
Standing = Literal["required", "goal", "monitored", "outside"]
Foresight = Literal["perfect", "myopic", "single_year"]


class ScenarioError(ValueError):
    """A scenario that cannot be used; ``problems`` lists every reason, each with the place and a remedy."""

    def __init__(self, scenario: str, problems: list[str]) -> None:
        self.scenario = scenario
        self.problems = tuple(problems)
        super().__init__(f"scenario {scenario!r}: " + "; ".join(problems))


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
        raise ScenarioError(name, [_sentence(item) for item in own]) from None
    problems = _unknown_names(plan, scenario) + _bad_years(plan, scenario) + _undecidable(plan, scenario)
    if problems:
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
        raise ScenarioError(name, [f"based_on: {' -> '.join((*seen, name))} is circular"])
    if name not in plan.scenarios:
        raise ScenarioError(name, [_unknown("scenario", name, plan.scenarios)])
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


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key; known are {', '.join(_known_keys(error['loc']))}"
    return f"{place}: {error['msg']}"


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


def _unknown(what: str, name: str, known: Any) -> str:
    near = difflib.get_close_matches(str(name), [str(k) for k in known], n=1)
    return f"{what} {name!r} is unknown" + (f"; did you mean {near[0]!r}?" if near else "")


def _unknown_names(plan: Plan, scenario: Scenario) -> list[str]:
    quantities = set(plan.table("quantities")["quantity"])
    indicators = set(plan.table("indicators")["indicator"])
    projects = set(plan.table("projects")["project"])
    budgets = set(plan.table("budgets")["budget"])
    indices = set(plan.table("index_names")["index"])
    switches = plan.table("switches").groupby("switch")["option"].agg(set).to_dict()
    terms = [term for stage in scenario.objective for term in stage.terms]
    problems = [_unknown("objective: quantity", t.quantity, quantities) for t in terms if t.quantity not in quantities]
    problems += [_unknown("indicator", i, indicators) for i in scenario.indicators if i not in indicators]
    problems += [_unknown("project", p, projects) for p in scenario.projects if p not in projects]
    problems += [_unknown("budget", b, budgets) for b in scenario.budgets if b not in budgets]
    for name, option in scenario.switches.items():
        if name not in switches:
            problems.append(_unknown("switch", name, switches))
        elif option not in switches[name]:
            problems.append(_unknown(f"switches.{name}: option", option, switches[name]))
    deflators = [s.deflator for s in scenario.indicators.values() if s.deflator]
    return problems + [_unknown("deflator", d, indices) for d in deflators if d not in indices]


def _bad_years(plan: Plan, scenario: Scenario) -> list[str]:
    first, last = plan.settings.first_year, plan.settings.last_year
    horizon = range(first, last + plan.settings.closing_years + 1)
    terms = [(f"objective: {term.quantity}", term.years) for stage in scenario.objective for term in stage.terms]
    stated = terms + [(f"indicators.{i}", s.years) for i, s in scenario.indicators.items()]
    stated += [(f"budgets.{b}.by_year", tuple(s.by_year)) for b, s in scenario.budgets.items()]
    problems = [
        f"{place}: year {year} is outside {first}-{last}"
        for place, years in stated
        if isinstance(years, tuple)
        for year in years
        if not first <= year <= last
    ]
    for name, setting in scenario.projects.items():
        year = setting.committed_year
        if year is not None and year not in horizon:
            problems.append(f"projects.{name}.committed_year: {year} is outside {horizon[0]}-{horizon[-1]}")
    if scenario.foresight == "single_year" and not first <= (scenario.target_year or 0) <= last:
        problems.append(f"target_year: foresight single_year needs a year from {first} to {last}")
    if scenario.foresight != "single_year" and scenario.target_year is not None:
        problems.append("target_year: only foresight single_year has one; leave it out")
    return problems


def _undecidable(plan: Plan, scenario: Scenario) -> list[str]:
    """Settings of indicators that have no quantity, or no target where they would have to bind."""
    figures = plan.table("indicator_figures").query("parameter == 'target'")
    listed = set(figures["indicator"])
    known = figures[figures["value"].notna()]
    stated = set(zip(known["indicator"], known["year"].fillna(0), strict=True))
    problems = []
    for row in records(plan.table("indicators")):
        setting = scenario.indicators.get(row.indicator)
        place = f"indicators.{row.indicator}"
        if setting is None:
            continue
        if not row.quantity:
            if setting.standing not in (None, "outside") or setting.target is not None:
                problems.append(f"{place}: the model has no quantity for it, so it stays outside")
        elif setting.target is not None:
            if row.indicator not in listed:
                problems.append(f"{place}.target: the plan has no figure for it whose unit the target could have")
        elif (setting.standing or row.standing) in ("required", "goal"):
            years = _plan_years(plan, setting.years or row.years)
            missing = [str(y) for y in years if not {(row.indicator, y), (row.indicator, 0)} & stated]
            if missing:
                problems.append(f"{place}: no target for {', '.join(missing)}; give one with target = ...")
    return problems


def _plan_years(plan: Plan, years: Years | str) -> tuple[int, ...]:
    if years == "each":
        return plan.settings.plan_years
    if years == "last":
        return (plan.settings.last_year,)
    return tuple(int(year) for year in (years.split(";") if isinstance(years, str) else years))
