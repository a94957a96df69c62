"""Every table of a plan, declared once.

The declarations here feed the loader, the checks, the workbook template (headings, notes,
drop-downs), the data reference of the documentation and the schema that the API shows.

Two sorts of tables exist. *Entity tables* hold names and structure and no uncertain number.
*Figure tables* hold numbers: each row is one figure and carries unit, range, grade, evidence and
source (the columns of ``FIGURE_COLUMNS``). A figure that nobody has is an empty value with a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from model_data.vocabulary import (
    ACTIVITY_PARAMETERS,
    BACKGROUND_PARAMETERS,
    BASES,
    BUDGET_PARAMETERS,
    DIRECTIONS,
    EVIDENCE,
    FLOW_KINDS,
    FLOW_PARAMETERS,
    GRADES,
    INDICATOR_KINDS,
    INDICATOR_PARAMETERS,
    MEASURES,
    PROJECT_PARAMETERS,
    PROJECT_STANDINGS,
    SENSES,
    SIGNS,
    STANDINGS,
    VECTORS,
    Vocabulary,
)

ColumnType = Literal[
    "name",  # identifier: lower-case letters, digits, underscore
    "text",  # any text
    "choice",  # one of Column.choices
    "reference",  # a name in the table Column.refers_to
    "references",  # names in the table Column.refers_to, separated by ";"
    "names",  # identifiers separated by ";"
    "integer",
    "number",
    "flag",  # yes | no
    "years",  # "each", "last", or years separated by ";"
    "unit",  # a unit that model_data.units can parse
]


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, type, and what an analyst needs to know about it."""

    name: str
    type: ColumnType
    zh: str
    en: str
    doc: str = ""
    required: bool = False
    choices: Vocabulary = field(default_factory=dict)
    refers_to: str = ""


@dataclass(frozen=True)
class Table:
    """One table: columns in the order of the file, and the columns that identify a row.

    Blank key columns are legal (a blank region means every region) and count as a value.
    """

    name: str
    zh: str
    en: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    @property
    def is_figure_table(self) -> bool:
        return any(column.name == "grade" for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _name(en: str, zh: str, doc: str = "") -> Column:
    return Column(en, "name", zh, en.replace("_", " ").capitalize(), doc, required=True)


def _ref(name: str, table: str, zh: str, doc: str = "", *, required: bool = False) -> Column:
    en = name.replace("_", " ").capitalize()
    return Column(name, "reference", zh, en, doc, required=required, refers_to=table)


def _choice(name: str, zh: str, choices: Vocabulary, doc: str = "", *, required: bool = True) -> Column:
    en = name.replace("_", " ").capitalize()
    return Column(name, "choice", zh, en, doc, required=required, choices=choices)


def _flag(name: str, zh: str, doc: str) -> Column:
    return Column(name, "flag", zh, name.replace("_", " ").capitalize(), doc, required=True)


NAME_ZH = Column("name_zh", "text", "中文名称", "Chinese name", required=True)
NAME_EN = Column("name_en", "text", "英文名称", "English name", required=True)
NOTE = Column("note", "text", "备注", "Note", "How the figure was obtained, what was corrected, what is open.")
CLAUSE = Column("clause", "text", "规划条款", "Clause", "Clause of the plan document, in the form 二(三)4.")
REGION = _ref("region", "regions", "地区", "Blank: every region.")
YEAR = Column("year", "integer", "年份", "Year", "Blank: every year.")
SWITCH = _ref("switch", "switches", "核算开关", "The row counts only under the option named beside it. Blank: always.")
OPTION = Column("option", "name", "开关选项", "Option", "Option of the switch.")
OFFSET = Column(
    "offset", "integer", "年份偏移", "Year offset",
    "Years from the year of operation, or of entering service, to the year of the flow. Blank: 0.",
)
PROFILE = _ref("profile", "spending_profiles", "支出进度", "Spreads the amount over years; excludes an offset.")
DIRECTION = _choice(
    "direction", "方向", DIRECTIONS, "uses or gives a commodity; adds to an account.",
)

FIGURE_COLUMNS = (
    Column("value", "number", "数值", "Value", "Blank: nobody has the figure; then a note is required."),
    Column("unit", "unit", "单位", "Unit", required=True),
    Column("low", "number", "低值", "Low", "Low end of the plausible range, in the same unit."),
    Column("high", "number", "高值", "High", "High end of the plausible range, in the same unit."),
    Column("grade", "choice", "等级", "Grade", "A official here, B official above or standard, C literature, D assumption.",
           required=True, choices=GRADES),
    Column("evidence", "choice", "依据", "Evidence", "How the figure is known.", required=True, choices=EVIDENCE),
    Column("source", "references", "来源", "Source", "One or more sources, separated by a semicolon.",
           required=True, refers_to="sources"),
    NOTE,
)


def _figures(name: str, zh: str, en: str, doc: str, keys: tuple[Column, ...], *,
             extra: tuple[Column, ...] = (), key: tuple[str, ...] = (), optional: bool = False) -> Table:
    """A figure table: the columns that say what the figure is about, then the figure itself."""
    names = key or tuple(column.name for column in keys)
    return Table(name, zh, en, doc, names, (*keys, *extra, *FIGURE_COLUMNS), optional)


def _entities(name: str, zh: str, en: str, doc: str, columns: tuple[Column, ...], *,
              key: tuple[str, ...] = (), optional: bool = False) -> Table:
    return Table(name, zh, en, doc, key or (columns[0].name,), columns, optional)


TABLES: tuple[Table, ...] = (
    # ------------------------------------------------------------------ names and structure
    _entities("regions", "地区", "Regions", "Places that plan together; at least one.",
              (_name("region", "地区"), NAME_ZH, NAME_EN, NOTE)),
    _entities("sectors", "产业部门", "Sectors", "Parts of the economy, such as primary, secondary, tertiary.",
              (_name("sector", "产业部门"), NAME_ZH, NAME_EN)),
    _entities("industries", "行业", "Industries", "Each activity belongs to one industry, each industry to one sector.",
              (_name("industry", "行业"), _ref("sector", "sectors", "产业部门", required=True),
               _flag("planned", "规划重点", "yes: one of the industries that the plan allocates investment to."),
               NAME_ZH, NAME_EN, NOTE)),
    _entities("activities", "活动", "Activities", "What is done: a technology, a service, an abatement measure.",
              (_name("activity", "活动"), _ref("industry", "industries", "行业", required=True),
               Column("output_unit", "unit", "产出单位", "Output unit", "Unit of a year's output.", required=True),
               Column("capacity_unit", "unit", "能力单位", "Capacity unit", required=True),
               Column("tags", "names", "标签", "Tags", "Marks that quantities can select by, such as power."),
               NAME_ZH, NAME_EN, NOTE)),
    _entities("flows", "流", "Flows", "Commodities balance every year; accounts are only added up.",
              (_name("flow", "流"), _choice("kind", "类别", FLOW_KINDS),
               Column("unit", "unit", "单位", "Unit", required=True),
               _flag("buy", "可购入", "yes: the region can buy the commodity outside."),
               _flag("sell", "可售出", "yes: the region can sell the commodity outside."),
               _flag("storable", "可储存", "yes: the commodity can be carried into the next year."),
               _flag("pooled", "全域平衡", "yes: balances over all regions together."),
               NAME_ZH, NAME_EN, NOTE)),
    _entities("switches", "核算开关", "Switches", "Accounting choices; each has one default option.",
              (_name("switch", "开关"), _name("option", "选项"),
               _flag("default", "默认", "yes: used unless a scenario chooses otherwise."), NAME_ZH, NAME_EN, NOTE),
              key=("switch", "option"), optional=True),
    _entities("projects", "项目", "Projects", "Named, lumpy pieces of new capacity of one activity.",
              (_name("project", "项目"), _ref("region", "regions", "地区", "Blank where the project is outside the model."),
               _ref("activity", "activities", "活动", "Blank where the project is outside the model."),
               _choice("standing", "模型地位", PROJECT_STANDINGS, "outside: listed with the reason, not decided."),
               Column("status", "text", "规划状态", "Status in the plan", "Such as under construction, planned."),
               Column("owner", "text", "业主", "Owner"),
               Column("requires", "references", "前置项目", "Requires", "Projects that must have started by then.",
                      refers_to="projects"),
               CLAUSE, Column("reason", "text", "模型外原因", "Reason", "Why the project is outside."), NAME_ZH, NAME_EN, NOTE),
              optional=True),
    _entities("funds", "资金来源", "Funds", "Sources of money.",
              (_name("fund", "资金"), NAME_ZH, NAME_EN, CLAUSE, NOTE), optional=True),
    _entities("fund_scopes", "资金适用范围", "Fund scopes", "Which industry's investment a fund may serve.",
              (_ref("fund", "funds", "资金", required=True), _ref("industry", "industries", "行业", required=True), CLAUSE, NOTE),
              key=("fund", "industry"), optional=True),
    _entities("quantities", "量", "Quantities", "Named linear forms, used by indicators, budgets and objectives.",
              (_name("quantity", "量"), Column("unit", "unit", "单位", "Unit", required=True), NAME_ZH, NAME_EN, NOTE)),
    _entities("quantity_terms", "量的构成", "Quantity terms",
              "A quantity is the sum of its terms; a term sums a measure over everything its filters admit.",
              (_ref("quantity", "quantities", "量", required=True),
               Column("term", "integer", "项次", "Term", "Number of the term within the quantity.", required=True),
               _choice("sign", "符号", SIGNS), _choice("measure", "度量", MEASURES),
               _ref("flow", "flows", "流", "For account, buy, sell, stock."),
               _ref("region", "regions", "地区", "Filter."), _ref("sector", "sectors", "产业部门", "Filter."),
               _ref("industry", "industries", "行业", "Filter."), _ref("activity", "activities", "活动", "Filter."),
               Column("tag", "name", "标签", "Tag", "Filter."), _ref("project", "projects", "项目", "Filter: only this project."),
               Column("item", "name", "背景项", "Background item", "Filter: only this background item."),
               _ref("fund", "funds", "资金", "For fund.")),
              key=("quantity", "term")),
    _entities("indicators", "指标", "Indicators", "The plan's targets, each with its clause and standing.",
              (_name("indicator", "指标"), Column("number", "text", "编号", "Number", "Number in the plan's list, such as 39a."),
               Column("group", "name", "类别", "Group"), _choice("kind", "形式", INDICATOR_KINDS),
               _ref("quantity", "quantities", "量", "Blank where the indicator is outside."),
               _ref("denominator", "quantities", "分母", "For the ratio kinds."),
               _choice("sense", "方向", SENSES),
               Column("years", "years", "适用年份", "Years", "each, last, or years separated by a semicolon.", required=True),
               _choice("standing", "地位", STANDINGS),
               _ref("deflator", "index_names", "平减指数", "Index that turns a target in current money into base-year money."),
               CLAUSE, Column("reason", "text", "模型外原因", "Reason", "Why the indicator is outside."), NAME_ZH, NAME_EN, NOTE)),
    _entities("index_names", "指数", "Indices", "Price indices, base year = 1.",
              (_name("index", "指数"), NAME_ZH, NAME_EN, NOTE), optional=True),
    _entities("budgets", "预算", "Budgets", "Upper limits on a quantity by year or over the plan.",
              (_name("budget", "预算"), _ref("quantity", "quantities", "量", "Blank: an amount of reference, not a limit."),
               _ref("of", "budgets", "占比基数", "The budget of which this one is a share."),
               _flag("carry_over", "可结转", "yes: what is not used in a year may be used later."), CLAUSE, NAME_ZH, NAME_EN, NOTE),
              optional=True),
    _entities("sources", "来源", "Sources", "What each source stands for.",
              (Column("source", "text", "来源", "Source", required=True), Column("title", "text", "题名", "Title", required=True),
               Column("publisher", "text", "出版者", "Publisher"), Column("year", "text", "年份", "Year"),
               Column("locator", "text", "出处", "Locator"), Column("evidence", "text", "查证情况", "Evidence"), NOTE)),
    _entities("glossary", "名称对照", "Glossary", "Words for names that no other table declares: background items, profiles.",
              (_name("name", "名称"), NAME_ZH, NAME_EN, NOTE), optional=True),
    # ------------------------------------------------------------------ figures
    _figures("amounts", "投入产出系数", "Amounts",
             "The operate vector (per unit of output) and the build vector (per unit of new capacity) of an activity.",
             (REGION, _ref("activity", "activities", "活动", required=True),
              _choice("vector", "向量", VECTORS), _ref("flow", "flows", "流", required=True), DIRECTION,
              OFFSET, SWITCH, OPTION), extra=(PROFILE, CLAUSE)),
    _figures("project_amounts", "项目系数", "Project amounts",
             "A project's own build vector, per unit of capacity; it replaces the activity's entry for the same flow.",
             (_ref("project", "projects", "项目", required=True), _ref("flow", "flows", "流", required=True), DIRECTION,
              OFFSET, SWITCH, OPTION), extra=(PROFILE, CLAUSE), optional=True),
    _figures("charges", "折算系数", "Charges",
             "An account that follows another flow: energy charged on net use of electricity, revenue on value added. "
             "The most specific row applies: activity before industry before all.",
             (_ref("account", "flows", "账户", required=True), _ref("flow", "flows", "流", required=True),
              _ref("industry", "industries", "行业", "Blank: every industry."),
              _ref("activity", "activities", "活动", "Blank: every activity."), SWITCH, OPTION), extra=(CLAUSE,), optional=True),
    _figures("trends", "年变化率", "Trends", "Yearly relative change of operate amounts, such as autonomous efficiency.",
             (_ref("activity", "activities", "活动", "Blank: every activity."), _ref("flow", "flows", "流", required=True)),
             optional=True),
    _figures("spending_profiles", "支出进度", "Spending profiles", "How a build amount spreads over the lead time; shares sum to 1.",
             (Column("profile", "name", "进度", "Profile", required=True),
              Column("offset", "integer", "年份偏移", "Year offset", "0: the year of entering service; -1: the year before.",
                     required=True)), optional=True),
    _figures("activity_figures", "活动参数", "Activity figures", "Capacity, utilisation, growth limits of an activity.",
             (REGION, _ref("activity", "activities", "活动", required=True),
              _choice("parameter", "参数", ACTIVITY_PARAMETERS), YEAR), extra=(CLAUSE,)),
    _figures("flow_figures", "流参数", "Flow figures", "Trade limits, stocks and losses of a commodity.",
             (REGION, _ref("flow", "flows", "流", required=True), _choice("parameter", "参数", FLOW_PARAMETERS), YEAR),
             extra=(CLAUSE,), optional=True),
    _figures("background", "背景量", "Background",
             "What no activity explains: final demand for a commodity, households and residuals of an account.",
             (REGION, Column("item", "name", "背景项", "Item", required=True), _ref("flow", "flows", "流", required=True),
              _choice("parameter", "参数", BACKGROUND_PARAMETERS,
                      "level: of the base year, or of the stated year; growth: a year, where no level is stated."),
              YEAR, SWITCH, OPTION),
             extra=(_ref("industry", "industries", "行业", "Industry that the item is counted in, if any."), CLAUSE), optional=True),
    _figures("hosts", "依附关系", "Hosts",
             "An add-on serves at most this much per unit of its host's output or capacity; several hosts add up.",
             (_ref("activity", "activities", "附加活动", required=True), _ref("host", "activities", "宿主活动", required=True),
              _choice("basis", "依据量", BASES)), optional=True),
    _figures("project_figures", "项目参数", "Project figures", "Size and years of a project.",
             (_ref("project", "projects", "项目", required=True), _choice("parameter", "参数", PROJECT_PARAMETERS)),
             extra=(CLAUSE,), optional=True),
    _figures("budget_figures", "预算数额", "Budget figures",
             "A budget is stated by limits, or by a base and a growth rate, or as a share of another budget.",
             (_ref("budget", "budgets", "预算", required=True), _choice("parameter", "参数", BUDGET_PARAMETERS), YEAR),
             extra=(CLAUSE,), optional=True),
    _figures("indicator_figures", "指标数值", "Indicator figures",
             "The target of an indicator; a base only where the base-year value is not the model's own.",
             (_ref("indicator", "indicators", "指标", required=True), _choice("parameter", "参数", INDICATOR_PARAMETERS), YEAR)),
    _figures("indices", "指数数值", "Index figures", "Cumulative price index, base year = 1.",
             (_ref("index", "index_names", "指数", required=True),
              Column("year", "integer", "年份", "Year", required=True)), optional=True),
    _figures("base_totals", "基年总量", "Base-year totals",
             "Known or estimated totals of the base year that the tables must reproduce; residual items close the gap.",
             (_ref("quantity", "quantities", "量", required=True),
              Column("tolerance", "number", "容差", "Tolerance", "Largest relative difference.", required=True)),
             extra=(CLAUSE,), key=("quantity",), optional=True),
    _figures("actuals", "实际值", "Actuals", "What happened, as far as it is known; an empty value is not available.",
             (REGION, _ref("quantity", "quantities", "量", required=True),
              Column("year", "integer", "年份", "Year", required=True)), optional=True),
    _figures("context", "背景数据", "Context", "Figures that readers need and no equation uses, such as provincial series.",
             (Column("scope", "text", "范围", "Scope", required=True), Column("variable", "name", "变量", "Variable", required=True),
              Column("year", "text", "年份", "Year", required=True)),
             extra=(NAME_ZH, CLAUSE), optional=True),
    Table("plausibility", "合理区间", "Plausibility",
          "Orders of magnitude: a figure outside is refused as a probable slip of 万 for 亿 or of a unit.",
          ("table", "field", "per", "unit"),
          (Column("table", "name", "表", "Table", required=True),
           Column("field", "name", "参数或流", "Field", "Flow or parameter.", required=True),
           Column("per", "unit", "每单位", "Per", "For amounts: the unit of output or capacity. Otherwise blank."),
           Column("unit", "unit", "单位", "Unit", required=True),
           Column("low", "number", "下限", "Low", required=True), Column("high", "number", "上限", "High", required=True), NOTE),
          optional=True),
)

TABLE: dict[str, Table] = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class Setting:
    """One key of ``plan.toml``."""

    name: str
    type: Literal["name", "text", "integer"]
    zh: str
    en: str
    required: bool = True


SETTINGS: tuple[Setting, ...] = (
    Setting("plan", "name", "规划标识", "Plan"),
    Setting("name_zh", "text", "中文名称", "Chinese name"),
    Setting("name_en", "text", "英文名称", "English name"),
    Setting("base_year", "integer", "基年", "Base year"),
    Setting("first_year", "integer", "首年", "First plan year"),
    Setting("last_year", "integer", "末年", "Last plan year"),
    Setting("closing_years", "integer", "延续年数", "Closing years"),
    Setting("default_scenario", "name", "默认情景", "Default scenario"),
    Setting("investment_account", "name", "投资账户", "Account that funds pay for", required=False),
    Setting("description_zh", "text", "中文说明", "Chinese description", required=False),
    Setting("description_en", "text", "英文说明", "English description", required=False),
)

# Top-level keys of a scenario file; the solver's side says what may stand under each.
SCENARIO_KEYS = (
    "scenario", "name_zh", "name_en", "shows_zh", "shows_en", "based_on", "foresight", "target_year", "whole_projects",
    "switches", "objective", "indicators", "projects", "budgets", "figures",
)
