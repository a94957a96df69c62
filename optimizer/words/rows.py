"""What each equation's row says to a reader, and what the parts of its index are names of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.program import Label
from optimizer.words.language import Text

# Part of an index -> the table that names it. `year` and `stage` are not names of the plan.
TABLES: Mapping[str, str] = {
    "region": "regions",
    "activity": "activities",
    "flow": "flows",
    "industry": "industries",
    "project": "projects",
    "required": "projects",
    "budget": "budgets",
    "indicator": "indicators",
    "quantity": "quantities",
    "fund": "funds",
}


@dataclass(frozen=True)
class RowWords:
    """The parts of a row's index in their order, and a text with a slot for each part that it names."""

    index: tuple[str, ...]
    text: Text


_OF_ACTIVITY = ("region", "activity", "year")
_OF_FLOW = ("region", "flow", "year")

ROWS: Mapping[str, RowWords] = {
    "capacity_balance": RowWords(_OF_ACTIVITY, Text("{activity}：能力逐年结转", "{activity}: capacity carried over")),
    "output_limit": RowWords(_OF_ACTIVITY, Text("{activity}：产出不超过能力", "{activity}: output within capacity")),
    "output_floor": RowWords(_OF_ACTIVITY, Text("{activity}：产出不低于下限", "{activity}: output at least its floor")),
    "output_ramp": RowWords(_OF_ACTIVITY, Text("{activity}：产出增速上限", "{activity}: growth of output")),
    "capacity_ramp": RowWords(_OF_ACTIVITY, Text("{activity}：能力增速上限", "{activity}: growth of capacity")),
    "capacity_limit": RowWords(_OF_ACTIVITY, Text("{activity}：能力上限", "{activity}: most capacity")),
    "build_limit": RowWords(
        _OF_ACTIVITY, Text("{activity}：年新增能力上限", "{activity}: most new capacity in a year")
    ),
    "project_once": RowWords(("project",), Text("{project}：至多建设一次", "{project}: started at most once")),
    "project_requires": RowWords(
        ("project", "required", "year"), Text("{project}：须先建{required}", "{project}: only after {required}")
    ),
    "host_output_limit": RowWords(
        _OF_ACTIVITY, Text("{activity}：不超过宿主产出的潜力", "{activity}: within the potential of its hosts' output")
    ),
    "host_capacity_limit": RowWords(
        _OF_ACTIVITY,
        Text("{activity}：不超过宿主能力的潜力", "{activity}: within the potential of its hosts' capacity"),
    ),
    "commodity_balance": RowWords(_OF_FLOW, Text("{flow}：供给不少于需求", "{flow}: demand is covered")),
    "buy_limit": RowWords(_OF_FLOW, Text("{flow}：购入上限", "{flow}: most bought")),
    "sell_limit": RowWords(_OF_FLOW, Text("{flow}：售出上限", "{flow}: most sold")),
    "stock_limit": RowWords(_OF_FLOW, Text("{flow}：库存上限", "{flow}: most stored")),
    "final_stock": RowWords(_OF_FLOW, Text("{flow}：期末库存", "{flow}: stock left at the end")),
    "account": RowWords(("quantity", "year"), Text("{quantity}：按构成汇总", "{quantity}: sum of its parts")),
    "funding": RowWords(
        ("industry", "year"), Text("{industry}：投资由资金来源支付", "{industry}: investment paid by funds")
    ),
    "budget_year": RowWords(("budget", "year"), Text("{budget}：年度限额", "{budget}: limit of the year")),
    "budget_plan": RowWords(("budget",), Text("{budget}：规划期限额", "{budget}: limit over the plan")),
    "indicator": RowWords(("indicator", "year"), Text("{indicator}", "{indicator}")),
    "hold": RowWords(("stage",), Text("前一阶段的结果：{stage}", "result held from before: {stage}")),
}

# Columns of the program, by the same scheme; files that name columns need them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "output": _OF_ACTIVITY,
    "capacity": _OF_ACTIVITY,
    "build": _OF_ACTIVITY,
    "retire": _OF_ACTIVITY,
    "start": ("project", "year"),
    "buy": _OF_FLOW,
    "sell": _OF_FLOW,
    "stock": _OF_FLOW,
    "fund": ("fund", "industry", "year"),
    "quantity": ("quantity", "year"),
    "shortfall": ("indicator", "year"),
    "excess": ("indicator", "year"),
}


def parts(label: Label) -> dict[str, str | int]:
    """The parts of a row's or column's label by what they are: region, activity, year, …"""
    name = str(label[0])
    index = ROWS[name].index if name in ROWS else COLUMNS[name]
    return dict(zip(index, label[1:], strict=True))
