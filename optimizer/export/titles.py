"""Titles of tables and columns for readers of a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.words.language import Text

TABLE_TITLES: Mapping[str, Text] = {
    "summary": Text("概要", "Summary"),
    "indicators": Text("指标", "Indicators"),
    "quantities": Text("各量", "Quantities"),
    "activities": Text("活动", "Activities"),
    "accounts": Text("账户构成", "Accounts"),
    "projects": Text("项目", "Projects"),
    "trade": Text("购销与库存", "Trade and stocks"),
    "funds": Text("资金", "Funds"),
    "exchange_rates": Text("影子价格", "Exchange rates"),
    "grades": Text("数据等级", "Grades"),
    "conflict": Text("矛盾", "Conflict"),
}
COLUMN_TITLES: Mapping[str, str] = {
    "account": "账户",
    "activity": "活动",
    "asked": "要求",
    "bought": "购入",
    "bound": "限值",
    "budget": "预算",
    "capacity": "能力",
    "capacity_unit": "能力单位",
    "clause": "条款",
    "equation": "方程",
    "figures": "数据个数",
    "flow": "流",
    "fund": "资金",
    "goals": "目标缺口变动",
    "grade": "等级",
    "high": "有效上限",
    "indicator": "指标",
    "industry": "行业",
    "item": "项",
    "low": "有效下限",
    "met": "达到",
    "missed_by": "差额",
    "new_capacity": "新增能力",
    "note": "说明",
    "number": "编号",
    "output": "产出",
    "output_unit": "产出单位",
    "per_percent": "限值+1%的影响",
    "price": "影子价格",
    "price_unit": "价格单位",
    "project": "项目",
    "quantity": "量",
    "reached": "结果",
    "region": "地区",
    "required": "前置项目",
    "requirement": "约束",
    "retired": "退出能力",
    "sense": "方向",
    "share": "份额",
    "size": "规模",
    "sold": "售出",
    "stage": "阶段",
    "standing": "地位",
    "stock": "库存",
    "text": "内容",
    "unit": "单位",
    "value": "数值",
    "year": "年份",
}


def chinese_title(column: str) -> str:
    """The Chinese title of a column; a column of names is called after its keys; without a title it keeps its name."""
    if column in COLUMN_TITLES:
        return COLUMN_TITLES[column]
    keys = column.removesuffix("_name")
    return f"{COLUMN_TITLES[keys]}名称" if keys in COLUMN_TITLES else column
