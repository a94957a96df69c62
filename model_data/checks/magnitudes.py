"""Rules of plausible size: figures against the table ``plausibility``, targets and budgets against the base year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model_data.base_year import base_year_values
from model_data.canonical import budget_units
from model_data.checks.draft import Draft
from model_data.problems import Problem, Rule, Said, nearest
from model_data.schema import TABLE
from model_data.units import UnitError, compatible, factor, is_unit, quotient, similar_units

IMPLAUSIBLE = Rule(
    "implausible",
    "{value:g} {unit} is outside {low:g} … {high:g} {usual}, a probable slip of 万 for 亿 or of the unit",
    "{value:g} {unit} 不在 {low:g} … {high:g} {usual} 之内，可能误写了 万/亿 或单位",
    "Write {right}, or widen the row {line} of plausibility with its reason",
    "请写 {right}，或说明理由后放宽 plausibility 第 {line} 行",
)
UNKNOWN_FIELD = Rule(
    "unknown_field",
    "{text!r} marks no figures",
    "“{text}”没有对应的数据",
    "Write {right}",
    "请写 {right}",
)
FAR_FROM_BASE = Rule(
    "far_from_base",
    "{value:g} {unit} is {times:.3g} times the base-year value {base:g} {canonical}, a probable slip of 万 for 亿",
    "{value:g} {unit} 是基年值 {base:g} {canonical} 的 {times:.3g} 倍，可能误写了 万/亿",
    "Write {right}; or correct the base year, where {quantity} is {base:g} {canonical}",
    "请写 {right}；或改正基年数据（{quantity} 为 {base:g} {canonical}）",
)
NO_BASE = Rule(
    "no_base",
    "the target of {indicator} refers to a base-year value, and that is {base:g}",
    "{indicator} 的目标以基年值为基准，而基年值为 {base:g}",
    "Add a row with indicator {indicator} and parameter base to indicator_figures",
    "请在 indicator_figures 中为 {indicator} 增加 parameter 为 base 的行",
)
OFF_TOTAL = Rule(
    "off_total",
    "the tables give {bottom_up:.6g} {unit} for {quantity} in the base year, {gap:+.3%} off",
    "各表合计的 {quantity} 基年值为 {bottom_up:.6g} {unit}，相差 {gap:+.3%}",
    "Change the residual item of {quantity} in background by {difference:+.6g} {unit}, or correct what it is made of",
    "请将 background 中 {quantity} 的余项调整 {difference:+.6g} {unit}，或改正其构成",
)
COSTLY_PROJECT = Rule(
    "costly_project",
    "the project {project} costs {cost:.4g} {unit}, more than all money of the plan ({total:.4g} {unit})",
    "项目 {project} 耗资 {cost:.4g} {unit}，超过规划期全部资金（{total:.4g} {unit}）",
    "Correct its amount of {account} or its size; below {total:.4g} {unit} in all, a slip of 万 for 亿 is probable",
    "请改正其 {account} 系数或规模，使总额低于 {total:.4g} {unit}；可能误写了 万/亿",
)

FARTHEST = 100.0  # a level target or a budget is at most this many times its base-year value, and at least one part
_SLACK = 1e-9

# The column that a row of plausibility names as `field`, and the one that says per what, by table.
_FIELD = {
    "amounts": "flow",
    "project_amounts": "flow",
    "trends": "flow",
    "background": "flow",
    "charges": "account",
    "activity_figures": "parameter",
    "flow_figures": "parameter",
    "project_figures": "parameter",
    "budget_figures": "parameter",
    "base_totals": "quantity",
    "actuals": "quantity",
    "hosts": "basis",
    "indicator_figures": "indicator",
    "indices": "index",
}


def plausibility(draft: Draft) -> Iterator[Problem]:
    """Every figure that a row of plausibility marks lies in its interval."""
    for bound in draft.rows("plausibility"):
        if bound.table not in _FIELD:
            right = nearest(bound.table, _FIELD)
            yield UNKNOWN_FIELD.at("plausibility", bound.Index, "table", text=bound.table, right=right)
            continue
        column = TABLE[bound.table].column(_FIELD[bound.table])
        known = set(column.choices) or draft.names(column.refers_to)
        if bound.field not in known:
            right = nearest(bound.field, known)
            yield UNKNOWN_FIELD.at("plausibility", bound.Index, "field", text=bound.field, right=right)
        elif bound.table in draft.figure_tables and is_unit(bound.unit):
            usual = quotient(bound.unit, bound.per) if bound.per else bound.unit
            for row, _ in draft.with_scale(bound.table):
                if getattr(row, column.name) == bound.field and row.value and compatible(row.unit, usual):
                    yield from _implausible(bound, usual, row)


def _implausible(bound: Any, usual: str, row: Any) -> Iterator[Problem]:
    number = abs(row.value) * factor(row.unit, usual)
    if bound.low * (1 - _SLACK) <= number <= bound.high * (1 + _SLACK):
        return
    fitting = _fitting(row, usual, bound.low, bound.high)
    right = Said(
        f"a value between {bound.low:g} and {bound.high:g} {usual}", f"{bound.low:g} 至 {bound.high:g} {usual} 的值"
    )
    if fitting:
        meant = f"{row.value:g} {' / '.join(fitting)}"
        right = Said(f"{meant}, if that is meant", f"{meant}（若本意如此）")
    values = {"value": row.value, "unit": row.unit, "low": bound.low, "high": bound.high, "usual": usual}
    column = "unit" if fitting else "value"
    yield IMPLAUSIBLE.at(bound.table, row.Index, column, **values, right=right, line=bound.Index)


def _fitting(row: Any, usual: str, low: float, high: float) -> list[str]:
    """Similar units in which the value would lie between low and high (in the usual unit)."""
    units = [unit for unit in similar_units(row.unit) if compatible(unit, usual)]
    return [unit for unit in units if low <= abs(row.value) * factor(unit, usual) <= high]


def base_year(draft: Draft) -> Iterator[Problem]:
    """The tables reproduce the base-year totals; targets and budgets are of the order of the base-year values."""
    if draft.settings is None:
        return
    values = base_year_values(draft.scaled_frames, draft.settings.base_year)
    yield from _totals(draft, values)
    yield from _targets(draft, values)
    yield from _budgets(draft, values)


def _totals(draft: Draft, values: dict[str, float]) -> Iterator[Problem]:
    for row, known in draft.scaled("base_totals"):
        found = values[row.quantity]
        if abs(found - known) > row.tolerance * abs(known) + _SLACK:
            unit = draft.by_name("quantities")[row.quantity].unit
            shown = {"quantity": row.quantity, "bottom_up": found, "unit": unit, "difference": known - found}
            gap = (found - known) / known if known else float("inf")
            yield OFF_TOTAL.at("base_totals", row.Index, "value", **shown, gap=gap)


def _targets(draft: Draft, values: dict[str, float]) -> Iterator[Problem]:
    own = {row.indicator: value for row, value in draft.scaled("indicator_figures") if row.parameter == "base"}
    figures = zip(draft.rows("indicator_figures"), draft.canonical("indicator_figures"), strict=True)
    for row, canonical in figures:
        indicator = draft.by_name("indicators")[row.indicator]
        if row.parameter != "target" or row.value != row.value or not indicator.quantity:
            continue
        base = own.get(row.indicator, _base(indicator, values))
        if indicator.kind in ("level", "ratio"):
            yield from _far("indicator_figures", row, canonical, base, indicator.quantity)
        elif not base > 0 and indicator.standing != "outside":
            yield NO_BASE.at("indicator_figures", row.Index, "parameter", indicator=row.indicator, base=base)


def _base(indicator: Any, values: dict[str, float]) -> float:
    base = values[indicator.quantity]
    if not indicator.denominator:
        return base
    denominator = values[indicator.denominator]
    return base / denominator if denominator else float("nan")


def _budgets(draft: Draft, values: dict[str, float]) -> Iterator[Problem]:
    units = budget_units(draft.frames)
    for row in draft.rows("budget_figures"):
        quantity = draft.by_name("budgets")[row.budget].quantity
        if row.parameter in ("limit", "base") and row.value == row.value and quantity:
            yield from _far("budget_figures", row, units[row.budget], values[quantity], quantity)


def _far(table: str, row: Any, canonical: str | None, base: float, quantity: str) -> Iterator[Problem]:
    """A figure more than a hundred times, or less than a hundredth of, its base-year value."""
    if canonical is None or not row.value or not abs(base) > 0:
        return
    times = abs(row.value * factor(row.unit, canonical) / base)
    if 1 / FARTHEST <= times <= FARTHEST:
        return
    fitting = _fitting(row, canonical, abs(base) / 10, abs(base) * 10)
    right: Said | str = Said(f"a figure of the order of {base:g} {canonical}", f"量级为 {base:g} {canonical} 的数值")
    if fitting:
        right = f"{row.value:g} {' / '.join(fitting)}"
    values = {"value": row.value, "unit": row.unit, "times": times, "base": base, "canonical": canonical}
    yield FAR_FROM_BASE.at(table, row.Index, "unit" if fitting else "value", **values, right=right, quantity=quantity)


def project_costs(draft: Draft) -> Iterator[Problem]:
    """No modelled project costs more than the largest budget has over the plan."""
    account = draft.settings.investment_account if draft.settings else ""
    total = max(_plan_money(draft, account), default=0.0)
    if draft.settings is None or not total:
        return
    unit = draft.by_name("flows")[account].unit
    sizes = {row.project: value for row, value in draft.scaled("project_figures") if row.parameter == "size"}
    generic: dict[str, float] = {}
    for row, value in draft.scaled("amounts"):
        if row.vector == "build" and row.flow == account:
            generic[row.activity] = generic.get(row.activity, 0.0) + value
    own: dict[str, tuple[float, Any]] = {}
    for row, value in draft.scaled("project_amounts"):
        if row.flow == account:
            own[row.project] = (own.get(row.project, (0.0, row))[0] + value, row)
    for project in draft.rows("projects"):
        if project.standing == "modelled" and project.project in sizes:
            each, row = own.get(project.project, (generic.get(project.activity, 0.0), None))
            cost = each * sizes[project.project]
            if cost > total:
                table, line, column = (
                    ("project_amounts", row.Index, "value") if row else ("projects", project.Index, "project")
                )
                values = {"project": project.project, "cost": cost, "total": total, "unit": unit, "account": account}
                yield COSTLY_PROJECT.at(table, line, column, **values)


def _plan_money(draft: Draft, account: str) -> list[float]:
    """What each budget over the investment account allows over all plan years, in the unit of the account."""
    if draft.settings is None or account not in draft.names("flows"):
        return []
    unit, years = draft.by_name("flows")[account].unit, draft.settings.plan_years
    units = budget_units(draft.frames)
    figures: dict[str, dict[tuple[str, int | None], float]] = {}
    for row, value in draft.scaled("budget_figures"):
        figures.setdefault(row.budget, {})[row.parameter, row.year] = value
    money = []
    for budget, stated in figures.items():
        try:
            scale = factor(units[budget], unit)
        except UnitError:
            continue
        base, growth = stated.get(("base", None), 0.0), stated.get(("growth", None), 0.0)
        grown = sum(base * (1 + growth) ** (year - draft.settings.base_year) for year in years)
        limits = stated.get(
            ("limit", None), sum(v for (p, year), v in stated.items() if p == "limit" and year in years)
        )
        money.append(max(grown, limits) * scale)
    return money
