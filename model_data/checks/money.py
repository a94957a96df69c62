"""Rules of budgets and funds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from model_data.checks.draft import Draft
from model_data.problems import Problem, Rule, Said, nearest

ONE_STATEMENT = Rule(
    "one_statement",
    "the budget {budget} is stated by {stated}",
    "预算 {budget} 的给出方式为 {stated}",
    "State it in exactly one way in budget_figures: limit, or base (with growth), or share of another budget",
    "请在 budget_figures 中只用一种方式：limit，或 base（加 growth），或占另一预算的 share",
)
SHARE_OF = Rule(
    "share_of",
    "{reason}",
    "{reason}",
    "Write {right}",
    "请写 {right}",
)
CIRCLE = Rule(
    "circle",
    "{chain} is a circle",
    "{chain} 构成循环",
    "Break it: change {column} of one of {names}",
    "请断开循环：修改 {names} 之一的 {column}",
)
NO_SCOPE = Rule(
    "no_scope",
    "the fund {fund} may serve no industry",
    "资金 {fund} 没有适用行业",
    "Add a row with fund {fund} to fund_scopes",
    "请在 fund_scopes 中为 {fund} 增加一行",
)
NO_ACCOUNT = Rule(
    "no_account",
    "{text!r} is not an account of the table flows",
    "“{text}”不是 flows 表中的账户",
    "Write the account that funds pay for: {right}",
    "请写资金所支付的账户：{right}",
)


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Chains of names that lead back to themselves, until none is left when each is cut at its first name."""
    known = {name: [other for other in others if other in graph] for name, others in graph.items()}
    found: list[list[str]] = []
    while True:
        try:
            TopologicalSorter(known).prepare()
        except CycleError as error:
            # graphlib lists the predecessors' way round; reversed, each name leads to the next.
            chain: list[str] = error.args[1][::-1]
            found.append(chain)
            known[chain[0]] = []
        else:
            return found


def budgets(draft: Draft) -> Iterator[Problem]:
    """A budget is stated in exactly one way; a share names its budget, without a circle."""
    ways: dict[str, set[str]] = defaultdict(set)
    for row in draft.rows("budget_figures"):
        ways[row.budget].add("base" if row.parameter == "growth" else row.parameter)
    bases = {row.budget for row in draft.rows("budget_figures") if row.parameter == "base"}
    lines = {row.budget: row.Index for row in draft.rows("budgets")}
    for row in draft.rows("budgets"):
        ways_here = ways[row.budget]
        if len(ways_here) != 1 or (ways_here == {"base"} and row.budget not in bases):
            grown = "growth" if ways_here else Said("nothing", "无")
            stated = " + ".join(sorted(ways_here)) if len(ways_here) > 1 else grown
            yield ONE_STATEMENT.at("budgets", row.Index, "budget", budget=row.budget, stated=stated)
        if "share" in ways_here and not row.of:
            yield _share_of(
                row.Index,
                Said(f"the share of {row.budget} is of no budget", f"{row.budget} 的占比没有基数"),
                nearest(row.budget, draft.names("budgets") - {row.budget}),
            )
        if row.of and "share" not in ways_here:
            yield _share_of(
                row.Index,
                Said(f"{row.budget} is of {row.of} and states no share", f"{row.budget} 没有给出份额"),
                Said(
                    f"nothing, or add a share of {row.budget} to budget_figures",
                    f"空白，或在 budget_figures 中给出 {row.budget} 的 share",
                ),
            )
    for chain in circles({row.budget: [row.of] if row.of else [] for row in draft.rows("budgets")}):
        names = ", ".join(chain[:-1])
        yield CIRCLE.at("budgets", lines[chain[0]], "of", chain=" -> ".join(chain), names=names)


def _share_of(line: int, reason: Said, right: Said | str) -> Problem:
    return SHARE_OF.at("budgets", line, "of", reason=reason, right=right)


def funds(draft: Draft) -> Iterator[Problem]:
    """A fund serves at least one industry; the account that funds pay for is named and is an account."""
    scoped = {row.fund for row in draft.rows("fund_scopes")}
    for row in draft.rows("funds"):
        if row.fund not in scoped:
            yield NO_SCOPE.at("funds", row.Index, "fund", fund=row.fund)
    if draft.settings is None or "flows" in draft.unreadable:
        return
    accounts = [row.flow for row in draft.rows("flows") if row.kind == "account"]
    account = draft.settings.investment_account
    if (account or draft.rows("funds")) and account not in accounts:
        right = nearest(account, accounts)
        yield NO_ACCOUNT.at("plan.toml", None, "investment_account", text=account, right=right)
