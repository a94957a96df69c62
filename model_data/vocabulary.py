"""The closed vocabularies of the tables: the words that may stand in a cell, and how a reader says each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Word(NamedTuple):
    """How a member of a vocabulary is said."""

    zh: str
    en: str


Vocabulary = Mapping[str, Word]

GRADES: Vocabulary = {
    "A": Word("本地官方数据，含规划本身", "official for this place, the plan included"),
    "B": Word("省或国家官方数据、国家标准", "official for the province or the country, or a national standard"),
    "C": Word("工程文献", "engineering literature"),
    "D": Word("假设或校准", "assumption or calibration"),
}
EVIDENCE: Vocabulary = {
    "read": Word("查阅原文", "read in the source"),
    "recalled": Word("凭记忆", "recalled"),
    "assumption": Word("假设", "assumption"),
    "computed": Word("推算", "computed"),
}
STANDINGS: Vocabulary = {
    "required": Word("必须", "required"),
    "goal": Word("力争", "goal"),
    "monitored": Word("监测", "monitored"),
    "outside": Word("模型外", "outside"),
}
SENSES: Vocabulary = {
    ">=": Word("不低于", "at least"),
    "<=": Word("不高于", "at most"),
    "=": Word("等于", "equal to"),
}
INDICATOR_KINDS: Vocabulary = {
    "level": Word("数额", "level"),  # quantity (sense) target
    "level_change": Word("数额比基年变动", "change of level"),  # quantity (sense) (1 + target) * base
    "growth": Word("年均增长", "growth"),  # quantity (sense) (1 + target)^(year - base year) * base
    "ratio": Word("比率", "ratio"),  # quantity (sense) target * denominator
    # quantity (sense) (1 + target) * base ratio * denominator, and the same with (1 + target)^(year - base year)
    "ratio_change": Word("比率比基年变动", "change of ratio"),
    "ratio_growth": Word("比率年均变动", "growth of ratio"),
}
FLOW_KINDS: Vocabulary = {
    "commodity": Word("商品(逐年平衡)", "commodity, balanced every year"),
    "account": Word("账户(只累计)", "account, only added up"),
}
SIGNS: Vocabulary = {"plus": Word("加", "plus"), "minus": Word("减", "minus")}
MEASURES: Vocabulary = {
    "account": Word("账户", "account"),  # summed over operation, construction, projects and background
    "output": Word("产出", "output"),
    "capacity": Word("能力", "capacity"),
    "build": Word("新增能力", "new capacity"),  # generic new capacity and projects entering service
    "retire": Word("退出能力", "retired capacity"),
    "buy": Word("购入", "bought"),
    "sell": Word("售出", "sold"),
    "stock": Word("库存", "stock"),
    "fund": Word("资金", "fund"),
}
PROJECT_STANDINGS: Vocabulary = {"modelled": Word("纳入模型", "modelled"), "outside": Word("模型外", "outside")}
VECTORS: Vocabulary = {"operate": Word("运行", "in operation"), "build": Word("建设", "in construction")}
DIRECTIONS: Vocabulary = {"uses": Word("投入", "used"), "gives": Word("产出", "given"), "adds": Word("计入", "added")}
ACTIVITY_PARAMETERS: Vocabulary = {
    "base_capacity": Word("基年能力", "base-year capacity"),  # in service in the base year; capacity unit
    "base_output": Word("基年产出", "base-year output"),  # made in the base year; output unit
    # Most and least output of one unit of capacity in a year; output unit / capacity unit.
    "utilisation": Word("单位能力最大年产出", "most output of a unit of capacity"),
    "utilisation_floor": Word("单位能力最小年产出", "least output of a unit of capacity"),
    "retirement": Word("退出能力", "retired capacity"),  # leaves service at the start of the stated year; capacity unit
    "output_growth": Word("产出年增速上限", "most growth of output"),  # may grow by at most this share a year
    "output_step": Word("产出年增量上限", "most output added besides"),  # and by this much besides; output unit
    "capacity_growth": Word("能力年增速上限", "most growth of capacity"),
    "capacity_step": Word("能力年增量上限", "most capacity added besides"),
    "capacity_limit": Word("能力上限", "most capacity"),  # capacity unit
    "build_limit": Word("年新增能力上限", "most new capacity in a year"),  # generic, in one year; capacity unit
    "earliest_build": Word("最早新增年份", "earliest year of new capacity"),  # generic new capacity may enter service
}
FLOW_PARAMETERS: Vocabulary = {
    "loss": Word("损耗率", "loss"),  # share lost between source and use of a commodity
    "buy_limit": Word("购入上限", "most bought"),
    "sell_limit": Word("售出上限", "most sold"),
    "initial_stock": Word("期初库存", "initial stock"),
    "stock_limit": Word("库存上限", "most stored"),
    "final_stock": Word("期末最低库存", "least stock at the end"),  # of the last plan year
}
BACKGROUND_PARAMETERS: Vocabulary = {
    "level": Word("数额", "level"),  # of the base year, or of the stated year
    "growth": Word("年增速", "growth a year"),  # where no level is stated
}
BASES: Vocabulary = {"output": Word("按产出", "of its output"), "capacity": Word("按能力", "of its capacity")}
PROJECT_PARAMETERS: Vocabulary = {
    "size": Word("规模", "size"),
    "earliest_year": Word("最早投产年份", "earliest year"),
    "committed_year": Word("须投产年份", "committed year"),
}
BUDGET_PARAMETERS: Vocabulary = {
    "limit": Word("限额", "limit"),  # of the stated year; of all plan years together where the year is blank
    "base": Word("基年数额", "base-year amount"),
    "growth": Word("年增速", "growth a year"),  # from the base
    "share": Word("占比", "share"),  # of the budget named in the column `of` of the table budgets
}
INDICATOR_PARAMETERS: Vocabulary = {"target": Word("目标值", "target"), "base": Word("基年值", "base-year value")}
