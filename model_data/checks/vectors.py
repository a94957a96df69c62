"""Rules of the vectors: directions, offsets and profiles, switches, charges, hosts, background, years of parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from model_data.checks.draft import Draft
from model_data.problems import Problem, Rule, nearest

WRONG_DIRECTION = Rule(
    "wrong_direction",
    "{flow} is {kind}, so {direction!r} does not fit",
    "{flow} 为 {kind}，方向“{direction}”不适用",
    "Write {right}",
    "请写 {right}",
)
OFFSET_AND_PROFILE = Rule(
    "offset_and_profile",
    "the row has both an offset and a spending profile",
    "该行同时填写了年份偏移和支出进度",
    "Leave offset blank where a profile is named; the profile carries its own offsets",
    "填写支出进度时请将 offset 留空，进度表自带偏移",
)
OPERATE_PROFILE = Rule(
    "operate_profile",
    "an operate vector has no spending profile",
    "运行向量没有支出进度",
    "Leave profile blank, or write build as the vector",
    "请将 profile 留空，或将 vector 写为 build",
)
PROFILE_SUM = Rule(
    "profile_sum",
    "the shares of the profile {profile} sum to {total:.6g}",
    "进度 {profile} 的份额合计为 {total:.6g}",
    "Make the shares of {profile} sum to 1 (100 %)",
    "请使 {profile} 的份额合计为 1（100 %）",
)
LATE_PROFILE = Rule(
    "late_profile",
    "the profile spends {offset} years after entering service",
    "支出进度落在投产之后 {offset} 年",
    "Write an offset of 0 or less",
    "请写不大于 0 的偏移",
)
HALF_SWITCH = Rule(
    "half_switch",
    "switch and option belong together, one of them is blank",
    "开关与选项须同时填写",
    "Write {right}",
    "请写 {right}",
)
UNKNOWN_OPTION = Rule(
    "unknown_option",
    "the switch {switch} has no option {option!r}",
    "开关 {switch} 没有选项“{option}”",
    "Write {right}",
    "请写 {right}",
)
ONE_DEFAULT = Rule(
    "one_default",
    "the switch {switch} has {count} default options",
    "开关 {switch} 有 {count} 个默认选项",
    "Write yes in the column default of exactly one option of {switch}",
    "请只将 {switch} 的一个选项设为默认（yes）",
)
NOT_AN_ACCOUNT = Rule(
    "not_an_account",
    "{flow} is a commodity",
    "{flow} 是商品，不是账户",
    "Name an account: {right}",
    "请写账户：{right}",
)
CHAINED_CHARGE = Rule(
    "chained_charge",
    "{flow} is itself charged, and charges do not chain",
    "{flow} 本身由折算得到，折算不可连锁",
    "Charge {account} on {right} instead",
    "请改为对 {right} 折算 {account}",
)
WRONG_INDUSTRY = Rule(
    "wrong_industry",
    "{activity} belongs to the industry {right}",
    "{activity} 属于行业 {right}",
    "Write {right}, or leave one of industry and activity blank",
    "请写 {right}，或将行业、活动之一留空",
)
OWN_HOST = Rule(
    "own_host",
    "an add-on cannot be its own host",
    "附加活动不能以自身为宿主",
    "Name the activity that it is added to: {right}",
    "请写它所依附的活动：{right}",
)
FLAG_OF_ACCOUNT = Rule(
    "flag_of_account",
    "an account is not traded, stored or pooled",
    "账户不能购销、储存或全域平衡",
    "Write no, or make {flow} a commodity",
    "请写 no，或将 {flow} 改为商品",
)
NO_BASE_LEVEL = Rule(
    "no_base_level",
    "{item} has a growth rate and no base-year level of {flow}",
    "{item} 有增长率，但没有 {flow} 的基年水平",
    "Add a row with parameter level and a blank year for {item} and {flow}",
    "请为 {item} 和 {flow} 增加 parameter 为 level、年份留空的行",
)
NEEDS_YEAR = Rule(
    "needs_year",
    "{parameter} without a year has no effect",
    "{parameter} 未写年份，不起作用",
    "Write the year, from {first} to {last}",
    "请写年份（{first} 至 {last}）",
)
NEEDS_NO_YEAR = Rule(
    "needs_no_year",
    "{parameter} has no year of its own",
    "{parameter} 不分年份",
    "Leave year blank; {parameter} holds for the whole plan",
    "请将 year 留空；{parameter} 适用于整个规划期",
)

_TIMELESS = {
    "activity_figures": ("base_capacity", "base_output", "earliest_build"),
    "flow_figures": ("loss", "initial_stock", "final_stock"),
    "background": ("growth",),
    "budget_figures": ("base", "growth"),
    "indicator_figures": ("base",),
}
_SWITCHED = ("amounts", "project_amounts", "charges", "background")


def directions(draft: Draft) -> Iterator[Problem]:
    """Commodities are used or given, accounts are added to."""
    kinds = {name: row.kind for name, row in draft.by_name("flows").items()}
    legal = {"commodity": ("uses", "gives"), "account": ("adds",)}
    for table in ("amounts", "project_amounts"):
        for row in draft.rows(table):
            kind = kinds.get(row.flow, "")
            if kind in legal and row.direction not in legal[kind]:
                values = {"flow": row.flow, "kind": kind, "direction": row.direction, "right": " / ".join(legal[kind])}
                yield WRONG_DIRECTION.at(table, row.Index, "direction", **values)


def offsets(draft: Draft) -> Iterator[Problem]:
    """An entry has an offset or a profile; profiles end with entering service and sum to 1."""
    for table in ("amounts", "project_amounts"):
        for row in draft.rows(table):
            if row.profile and row.offset is not None:
                yield OFFSET_AND_PROFILE.at(table, row.Index, "offset")
            if row.profile and table == "amounts" and row.vector == "operate":
                yield OPERATE_PROFILE.at(table, row.Index, "profile")
    shares: dict[str, list[float]] = defaultdict(list)
    lines: dict[str, int] = {}
    for row, share in draft.scaled("spending_profiles"):
        shares[row.profile].append(share)
        lines.setdefault(row.profile, row.Index)
        if row.offset is not None and row.offset > 0:
            yield LATE_PROFILE.at("spending_profiles", row.Index, "offset", offset=row.offset)
    for profile, parts in shares.items():
        if abs(sum(parts) - 1) > 1e-9:
            yield PROFILE_SUM.at("spending_profiles", lines[profile], "value", profile=profile, total=sum(parts))


def switches(draft: Draft) -> Iterator[Problem]:
    """Each switch has one default; rows name a switch with one of its options, or neither."""
    options: dict[str, list[str]] = defaultdict(list)
    defaults: dict[str, list[int]] = defaultdict(list)
    for row in draft.rows("switches"):
        options[row.switch].append(row.option)
        defaults[row.switch] += [row.Index] if row.default == "yes" else []
    lines = {row.switch: row.Index for row in reversed(draft.rows("switches"))}
    for switch, chosen in defaults.items():
        if len(chosen) != 1:
            line = chosen[1] if chosen else lines[switch]
            yield ONE_DEFAULT.at("switches", line, "default", switch=switch, count=len(chosen))
    for table in _SWITCHED:
        for row in draft.rows(table):
            if bool(row.switch) != bool(row.option):
                column = "option" if row.switch else "switch"
                owners = [name for name, known in options.items() if row.option in known]
                right = nearest("", options.get(row.switch, []) if row.switch else owners)
                yield HALF_SWITCH.at(table, row.Index, column, right=right)
            elif row.switch in options and row.option not in options[row.switch]:
                right = nearest(row.option, options[row.switch])
                yield UNKNOWN_OPTION.at(table, row.Index, "option", switch=row.switch, option=row.option, right=right)


def charges(draft: Draft) -> Iterator[Problem]:
    """An account follows a flow that is not itself charged."""
    kinds = {name: row.kind for name, row in draft.by_name("flows").items()}
    charged = {row.account for row in draft.rows("charges")}
    accounts = [name for name, kind in kinds.items() if kind == "account"]
    industry = {name: row.industry for name, row in draft.by_name("activities").items()}
    for row in draft.rows("charges"):
        if kinds.get(row.account) == "commodity":
            right = nearest(row.account, accounts)
            yield NOT_AN_ACCOUNT.at("charges", row.Index, "account", flow=row.account, right=right)
        if row.flow in charged:
            right = nearest(row.flow, set(kinds) - charged)
            yield CHAINED_CHARGE.at("charges", row.Index, "flow", flow=row.flow, account=row.account, right=right)
        own = industry.get(row.activity)
        if own and row.industry and row.industry != own:
            yield WRONG_INDUSTRY.at("charges", row.Index, "industry", activity=row.activity, right=own)


def hosts(draft: Draft) -> Iterator[Problem]:
    """Nothing is its own host."""
    for row in draft.rows("hosts"):
        if row.activity == row.host:
            right = nearest("", draft.names("activities") - {row.activity})
            yield OWN_HOST.at("hosts", row.Index, "host", right=right)


def account_flags(draft: Draft) -> Iterator[Problem]:
    """Only commodities are traded, stored or pooled."""
    for row in draft.rows("flows"):
        if row.kind == "account":
            for column in ("buy", "sell", "storable", "pooled"):
                if getattr(row, column) == "yes":
                    yield FLAG_OF_ACCOUNT.at("flows", row.Index, column, flow=row.flow)


def background(draft: Draft) -> Iterator[Problem]:
    """A growth rate grows from a base-year level."""
    levels = {(row.item, row.flow) for row in draft.rows("background") if row.parameter == "level" and row.year is None}
    for row in draft.rows("background"):
        if row.parameter == "growth" and (row.item, row.flow) not in levels:
            yield NO_BASE_LEVEL.at("background", row.Index, "parameter", item=row.item, flow=row.flow)


def years_of_parameters(draft: Draft) -> Iterator[Problem]:
    """Parameters of the base year or the whole plan have no year; a retirement has one."""
    for table, timeless in _TIMELESS.items():
        for row in draft.rows(table):
            if row.parameter in timeless and row.year is not None:
                yield NEEDS_NO_YEAR.at(table, row.Index, "year", parameter=row.parameter)
    if draft.settings is None:
        return
    first, last = draft.settings.first_year, draft.settings.last_year
    for row in draft.rows("activity_figures"):
        if row.parameter == "retirement" and row.year is None:
            yield NEEDS_YEAR.at("activity_figures", row.Index, "year", parameter="retirement", first=first, last=last)
