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
    "inner_prices": Text("内部价格", "Inner prices"),
    "grades": Text("数据等级", "Grades"),
    "conflict": Text("矛盾", "Conflict"),
}
OTHER_TITLES: Mapping[str, Text] = {
    "overview": Text("指标一览", "Indicators at a glance"),
    "charts": Text("图表", "Charts"),
    "sources": Text("来源", "Sources"),
    "figures": Text("数据影响", "Effects of figures"),
    "points": Text("点", "Points"),
    "pieces": Text("线段", "Pieces"),
    "requirements": Text("约束", "Requirements"),
    "criteria": Text("准则", "Criteria"),
    "vertices": Text("顶点", "Vertices"),
    "payoff": Text("支付表", "Payoff"),
    "ranges": Text("变动范围", "Ranges"),
    "different": Text("不同方案", "Different plans"),
    "samples": Text("样本", "Samples"),
    "targets": Text("目标", "Targets"),
    "effects": Text("影响", "Effects"),
    "tornado": Text("单因素影响", "Tornado"),
    "parts": Text("变动分解", "Parts"),
    "investment": Text("投资", "Investment"),
    "results": Text("结果", "Results"),
    "deviations": Text("与实际的偏差", "Deviations"),
    "lost": Text("达不到的指标", "Lost targets"),
    "delays": Text("推迟的代价", "Delays"),
    "violations": Text("违反的要求", "Violations"),
    "given_up": Text("放弃的决定", "Given up"),
    "decisions": Text("决定的代价", "Decisions"),
}
COLUMN_TITLES: Mapping[str, str] = {
    "grade_A": "A级数据",
    "grade_B": "B级数据",
    "grade_C": "C级数据",
    "grade_D": "D级数据",
    "source": "来源",
    "title": "题名",
    "publisher": "发布者",
    "locator": "位置",
    "evidence": "依据",
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
    "stated": "规划表述",
    "stock": "库存",
    "text": "内容",
    "unit": "单位",
    "value": "数值",
    "year": "年份",
}


def title_of(table: str) -> Text:
    """The title of a table; its name where nobody gave it one."""
    return TABLE_TITLES.get(table) or OTHER_TITLES.get(table) or Text(table, table)


def chinese_title(column: str) -> str:
    """The Chinese title of a column; a column of names is called after its keys; without a title it keeps its name."""
    if column in COLUMN_TITLES:
        return COLUMN_TITLES[column]
    keys = column.removesuffix("_name")
    return f"{COLUMN_TITLES[keys]}名称" if keys in COLUMN_TITLES else column
