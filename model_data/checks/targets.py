"""Rules of quantities and indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from model_data.checks.draft import Draft, parts
from model_data.problems import Problem, Rule, Said, nearest
from model_data.units import UnitError, factor

NO_TERMS = Rule(
    "no_terms",
    "the quantity {quantity} has no terms",
    "量 {quantity} 没有构成项",
    "Add a row with quantity {quantity} to quantity_terms",
    "请在 quantity_terms 中为 {quantity} 增加一行",
)
NEEDS_FLOW = Rule(
    "needs_flow",
    "the measure {measure} needs {kind}",
    "度量 {measure} 需要 {kind}",
    "Name {kind}: {right}",
    "请写 {kind}：{right}",
)
NEEDS_NO_FILTER = Rule(
    "needs_no_filter",
    "the measure {measure} has no filter {column}",
    "度量 {measure} 不能按 {column} 筛选",
    "Leave {column} blank",
    "请将 {column} 留空",
)
NO_MATCH = Rule(
    "no_match",
    "{text!r} marks nothing",
    "“{text}”没有对应的内容",
    "Write {right}",
    "请写 {right}",
)
SELECTS_NOTHING = Rule(
    "selects_nothing",
    "no activity passes all filters of the term",
    "没有活动符合该项的全部筛选条件",
    "Relax one of the filters sector, industry, activity, tag",
    "请放宽 sector、industry、activity、tag 之一",
)
TERM_UNIT = Rule(
    "term_unit",
    "the term counts {unit}, the quantity {quantity} is in {stated}",
    "该项以 {unit} 计，而量 {quantity} 以 {stated} 计",
    "Give the quantity {quantity} the unit {unit}, or select what is counted in {stated}",
    "请将量 {quantity} 的单位写为 {unit}，或只选以 {stated} 计的内容",
)
NEEDS_CELL = Rule(
    "needs_cell",
    "{reason}",
    "{reason}",
    "Fill in {column}: {right}",
    "请填写 {column}：{right}",
)
NO_DENOMINATOR = Rule(
    "no_denominator",
    "the kind {kind} has no denominator",
    "形式 {kind} 没有分母",
    "Leave denominator blank, or write a ratio kind",
    "请将 denominator 留空，或改用 ratio 形式",
)
NO_TARGET = Rule(
    "no_target",
    "the indicator {indicator} is {standing} and has no target for {years}",
    "指标 {indicator} 地位为 {standing}，但 {years} 没有目标值",
    "Add a row with indicator {indicator}, parameter target and a value to indicator_figures, or make it monitored",
    "请在 indicator_figures 中为 {indicator} 增加 target 行并填数值，或改为 monitored",
)

_FLOW_KIND = {"account": "account", "buy": "commodity", "sell": "commodity", "stock": "commodity"}
_FLAG = {"buy": "buy", "sell": "sell", "stock": "storable"}
_PLACES = ("region", "sector", "industry", "activity", "tag")
_FILTERS = {
    "account": ("flow", *_PLACES, "project", "item"),
    "output": _PLACES,
    "capacity": _PLACES,
    "build": (*_PLACES, "project"),
    "retire": _PLACES,
    "buy": ("flow", "region"),
    "sell": ("flow", "region"),
    "stock": ("flow", "region"),
    "fund": ("fund", "industry", "sector"),
}
_ALL_FILTERS = ("flow", *_PLACES, "project", "item", "fund")


def quantities(draft: Draft) -> Iterator[Problem]:
    """A quantity has terms; a term names a flow where its measure needs one, and filters that mark something."""
    used = {row.quantity for row in draft.rows("quantity_terms")}
    for row in draft.rows("quantities"):
        if row.quantity not in used and "quantity_terms" not in draft.unreadable:
            yield NO_TERMS.at("quantities", row.Index, "quantity", quantity=row.quantity)
    for row in draft.rows("quantity_terms"):
        yield from _term_flow(draft, row)
        yield from _term_filters(draft, row)
        yield from _term_unit(draft, row)


def _term_flow(draft: Draft, row: Any) -> Iterator[Problem]:
    kind = _FLOW_KIND.get(row.measure)
    if kind is None:
        return
    flag = _FLAG.get(row.measure)
    fitting = [
        flow.flow for flow in draft.rows("flows") if flow.kind == kind and (not flag or getattr(flow, flag) == "yes")
    ]
    if row.flow not in fitting and (not row.flow or row.flow in draft.names("flows")):
        wanted = kind + (f" with {flag} = yes" if flag else "")
        right = nearest(row.flow, fitting)
        yield NEEDS_FLOW.at("quantity_terms", row.Index, "flow", measure=row.measure, kind=wanted, right=right)


def _term_filters(draft: Draft, row: Any) -> Iterator[Problem]:
    legal = _FILTERS.get(row.measure, _ALL_FILTERS)
    for column in _ALL_FILTERS:
        if getattr(row, column) and column not in legal:
            yield NEEDS_NO_FILTER.at("quantity_terms", row.Index, column, measure=row.measure)
    tags = {tag for activity in draft.rows("activities") for tag in parts(activity.tags)}
    items = {item.item for item in draft.rows("background")}
    for column, known in (("tag", tags), ("item", items)):
        text = getattr(row, column)
        if text and text not in known:
            yield NO_MATCH.at("quantity_terms", row.Index, column, text=text, right=nearest(text, known))


def _term_unit(draft: Draft, row: Any) -> Iterator[Problem]:
    quantity = draft.by_name("quantities").get(row.quantity)
    units = _units_of_term(draft, row)
    if quantity is None or units is None:
        return
    if not units:
        yield SELECTS_NOTHING.at("quantity_terms", row.Index, "measure")
    for unit in units:
        if not _equal(unit, quantity.unit):
            values = {"unit": unit, "quantity": row.quantity, "stated": quantity.unit}
            yield TERM_UNIT.at("quantity_terms", row.Index, "quantity", **values)
            return


def _units_of_term(draft: Draft, row: Any) -> list[str] | None:
    """Units of all that the term selects; None where a broken reference leaves it open."""
    flows = draft.by_name("flows")
    if row.measure in _FLOW_KIND:
        return [flows[row.flow].unit] if row.flow in flows else None
    if row.measure == "fund":
        account = draft.settings.investment_account if draft.settings else ""
        return [flows[account].unit] if account in flows else None
    column = "output_unit" if row.measure == "output" else "capacity_unit"
    selected = [activity for activity in draft.rows("activities") if _selects(draft, row, activity)]
    return list(dict.fromkeys(getattr(activity, column) for activity in selected))


def _selects(draft: Draft, row: Any, activity: Any) -> bool:
    industry = draft.by_name("industries").get(activity.industry)
    project = draft.by_name("projects").get(row.project)
    return (
        row.activity in ("", activity.activity)
        and row.industry in ("", activity.industry)
        and row.sector in ("", industry.sector if industry else "")
        and (not row.tag or row.tag in parts(activity.tags))
        and (project is None or project.activity == activity.activity)
    )


def _equal(unit: str, other: str) -> bool:
    try:
        return factor(unit, other) == 1.0
    except UnitError:
        return False


def indicators(draft: Draft) -> Iterator[Problem]:
    """An indicator inside the model has a quantity, a denominator where it is a ratio, and a target where it binds."""
    stated = {(row.indicator, row.year) for row, _ in draft.scaled("indicator_figures") if row.parameter == "target"}
    for row in draft.rows("indicators"):
        yield from _indicator_cells(draft, row)
        if row.standing in ("required", "goal") and "indicator_figures" not in draft.unreadable:
            missing = [
                str(y)
                for y in _target_years(draft, row.years)
                if not {(row.indicator, y), (row.indicator, None)} & stated
            ]
            if missing:
                values = {"indicator": row.indicator, "standing": row.standing, "years": ", ".join(missing)}
                yield NO_TARGET.at("indicators", row.Index, "indicator", **values)


def _indicator_cells(draft: Draft, row: Any) -> Iterator[Problem]:
    ratio = row.kind.startswith("ratio")
    if row.standing == "outside" and not row.reason:
        reason = Said("an indicator outside the model needs its reason", "模型外指标须说明原因")
        why = Said("why the model has no quantity for it", "模型中没有对应的量的原因")
        yield _needs(row, "reason", reason, why)
    if row.standing != "outside" and not row.quantity:
        known = nearest(row.indicator, draft.names("quantities"))
        reason = Said("an indicator inside the model needs a quantity", "模型内指标须有对应的量")
        yield _needs(row, "quantity", reason, Said(f"{known}, or make it outside", f"{known}，或将指标改为 outside"))
    if row.quantity and ratio and not row.denominator:
        right = nearest(row.indicator, draft.names("quantities"))
        reason = Said(f"{row.kind} needs a denominator", f"形式 {row.kind} 需要分母")
        yield _needs(row, "denominator", reason, right)
    if row.denominator and not ratio:
        yield NO_DENOMINATOR.at("indicators", row.Index, "denominator", kind=row.kind)


def _needs(row: Any, column: str, reason: Said, right: Said | str) -> Problem:
    return NEEDS_CELL.at("indicators", row.Index, column, reason=reason, right=right)


def _target_years(draft: Draft, years: str) -> list[int]:
    if draft.settings is None:
        return []
    if years == "each":
        return list(draft.settings.plan_years)
    if years == "last":
        return [draft.settings.last_year]
    return [int(part) for part in parts(years) if part.isdecimal()]
