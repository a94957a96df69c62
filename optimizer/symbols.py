"""Every symbol of the formulation, declared once: its name in the code, its unit, where its numbers come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["index", "set", "variable", "figure", "stated"]

# Abbreviations in the column of units, and the columns of the plan that say which unit it is for a given index.
UNITS = {
    "output unit": "activities.output_unit",
    "capacity unit": "activities.capacity_unit",
    "flow unit": "flows.unit",
    "quantity unit": "quantities.unit",
    "form unit": "the unit of the flow or quantity that the form stands for",
}


@dataclass(frozen=True)
class Symbol:
    """One symbol: ``latex`` with its indices (blank for a set that formulas do not name), and ``code``, its name.

    ``index``: the parameter of the equations. ``set``, ``variable``, ``figure``: the component of the model.
    ``stated``: a number of the plan or scenario that the model does not hold, because figures are resolved from it.
    ``source`` names table.column, table.parameter or a field of a scenario.
    """

    latex: str
    code: str
    kind: Kind
    meaning: str
    unit: str = ""
    source: tuple[str, ...] = ()


def _index(latex: str, code: str, meaning: str, *source: str) -> Symbol:
    return Symbol(latex, code, "index", meaning, "", source)


def _set(latex: str, code: str, meaning: str, *source: str) -> Symbol:
    return Symbol(latex, code, "set", meaning, "", source)


def _variable(latex: str, code: str, unit: str, meaning: str, *source: str) -> Symbol:
    return Symbol(latex, code, "variable", meaning, unit, source)


def _figure(latex: str, code: str, unit: str, meaning: str, *source: str) -> Symbol:
    return Symbol(latex, code, "figure", meaning, unit, source)


def _stated(latex: str, code: str, unit: str, meaning: str, *source: str) -> Symbol:
    return Symbol(latex, code, "stated", meaning, unit, source)


INDICES: tuple[Symbol, ...] = (
    _index("r", "r", "region", "regions.region"),
    _index("g", "g", "place of a balance: a region, or blank for all together", "regions.region", "flows.pooled"),
    _index("a", "a", "activity", "activities.activity"),
    _index("h", "h", "activity that is host to another", "hosts.host"),
    _index("j", "j", "industry", "industries.industry"),
    _index("c", "c", "commodity", "flows.flow"),
    _index("y", "y", "year: plan years, then closing years", "plan.first_year", "plan.last_year", "plan.closing_years"),
    _index("t", "t", "another year, where two are spoken of"),
    _index("p", "p", "project", "projects.project"),
    _index("p'", "required", "project that another one requires", "projects.requires"),
    _index("q", "q", "quantity", "quantities.quantity"),
    _index("q'", "d", "quantity that is a denominator", "indicators.denominator"),
    _index("i", "i", "indicator", "indicators.indicator"),
    _index("b", "b", "budget", "budgets.budget"),
    _index("s", "s", "fund", "funds.fund"),
    _index("k", "k", "stage of the objective, from 0", "Scenario.objective"),
    _index(r"\kappa", "key", "linear form: family, place, name, year"),
)

VARIABLES: tuple[Symbol, ...] = (
    _variable("x_{ray}", "output", "output unit", "output of the year"),
    _variable("K_{ray}", "capacity", "capacity unit", "capacity in service during the year"),
    _variable("n_{ray}", "build", "capacity unit", "generic new capacity, in service from the start of the year"),
    _variable("d_{ray}", "retire", "capacity unit", "capacity retired beyond what is scheduled"),
    _variable("v_{py}", "start", "1", "share of the project that enters service at the start of the year"),
    _variable("m_{rcy}", "buy", "flow unit", "bought outside", "flows.buy"),
    _variable("e_{rcy}", "sell", "flow unit", "sold outside", "flows.sell"),
    _variable("z_{rcy}", "stock", "flow unit", "carried into the next year", "flows.storable"),
    _variable("f_{sjy}", "fund", "flow unit", "money of the fund used for the industry", "fund_scopes.fund"),
    _variable("Q_{qy}", "quantity", "quantity unit", "value of the quantity; the only variable of either sign"),
    _variable(r"\sigma^-_{iy}", "shortfall", "quantity unit", "what a goal falls short by", "indicators.standing"),
    _variable(r"\sigma^+_{iy}", "excess", "quantity unit", "what a goal is exceeded by", "indicators.standing"),
)

_AMOUNT = ("quantity_terms.measure",)
FIGURES: tuple[Symbol, ...] = (
    _figure(r"B_{\kappa}", "constant", "form unit", "constant of the form: background, final demand",
            "background.level", "background.growth", "charges.value", "flow_figures.loss"),
    _figure(r"\alpha^x_{\kappa rat}", "output_amount", "form unit/output unit", "amount per unit of output",
            "amounts.operate", "trends.value", "charges.value", "flow_figures.loss", *_AMOUNT),
    _figure(r"\alpha^K_{\kappa rat}", "capacity_amount", "form unit/capacity unit", "amount per unit of capacity",
            *_AMOUNT),
    _figure(r"\alpha^n_{\kappa rat}", "build_amount", "form unit/capacity unit", "amount per unit of new capacity",
            "amounts.build", "spending_profiles.offset", "charges.value", "flow_figures.loss", *_AMOUNT),
    _figure(r"\alpha^d_{\kappa rat}", "retire_amount", "form unit/capacity unit", "amount per unit retired", *_AMOUNT),
    _figure(r"\alpha^v_{\kappa pt}", "start_amount", "form unit", "amount per whole project", "project_amounts.value",
            "amounts.build", "project_figures.size", "spending_profiles.offset", "charges.value", *_AMOUNT),
    _figure(r"\alpha^m_{\kappa rct}", "buy_amount", "form unit/flow unit", "amount per unit bought", *_AMOUNT),
    _figure(r"\alpha^e_{\kappa rct}", "sell_amount", "form unit/flow unit", "amount per unit sold", *_AMOUNT),
    _figure(r"\alpha^z_{\kappa rct}", "stock_amount", "form unit/flow unit", "amount per unit in stock", *_AMOUNT),
    _figure(r"\alpha^f_{\kappa sjt}", "fund_amount", "form unit/flow unit", "amount per unit of the fund", *_AMOUNT),
    _figure("K^0_{ray}", "inherited_capacity", "capacity unit", "base-year capacity in the first year, else 0",
            "activity_figures.base_capacity"),
    _figure("x^0_{ray}", "inherited_output", "output unit", "base-year output in the first year, else 0",
            "activity_figures.base_output"),
    _figure("D_{ray}", "scheduled_retirement", "capacity unit", "retires at the start of the year",
            "activity_figures.retirement"),
    _figure("S_p", "size", "capacity unit", "capacity of the whole project", "project_figures.size"),
    _figure("u_{ray}", "utilisation", "output unit/capacity unit", "most output of a unit of capacity",
            "activity_figures.utilisation"),
    _figure(r"\underline{u}_{ray}", "utilisation_floor", "output unit/capacity unit",
            "least output of a unit of capacity", "activity_figures.utilisation_floor"),
    _figure(r"\gamma^x_{ray}", "output_growth", "1", "most growth of output in a year",
            "activity_figures.output_growth"),
    _figure(r"\Delta^x_{ray}", "output_step", "output unit", "growth of output allowed besides",
            "activity_figures.output_step"),
    _figure(r"\gamma^K_{ray}", "capacity_growth", "1", "most growth of capacity in a year",
            "activity_figures.capacity_growth"),
    _figure(r"\Delta^K_{ray}", "capacity_step", "capacity unit", "growth of capacity allowed besides",
            "activity_figures.capacity_step"),
    _figure(r"\overline{K}_{ray}", "most_capacity", "capacity unit", "most capacity",
            "activity_figures.capacity_limit"),
    _figure(r"\overline{n}_{ray}", "most_build", "capacity unit", "most generic new capacity of the year",
            "activity_figures.build_limit"),
    _figure(r"\underline{v}_p", "least_started", "1", "1 for a committed project, else no bound",
            "project_figures.committed_year"),
    _figure(r"\eta^x_{ah}", "output_potential", "output unit/output unit", "output per unit of the host's output",
            "hosts.value"),
    _figure(r"\eta^K_{ah}", "capacity_potential", "capacity unit/capacity unit",
            "capacity per unit of the host's capacity", "hosts.value"),
    _figure(r"\overline{m}_{rcy}", "most_bought", "flow unit", "most bought", "flow_figures.buy_limit"),
    _figure(r"\overline{e}_{rcy}", "most_sold", "flow unit", "most sold", "flow_figures.sell_limit"),
    _figure(r"\overline{z}_{rcy}", "most_stored", "flow unit", "most carried over", "flow_figures.stock_limit"),
    _figure("z^0_{rcy}", "initial_stock", "flow unit", "stock before the first year, else 0",
            "flow_figures.initial_stock"),
    _figure(r"\underline{z}_{rcy}", "least_stock", "flow unit", "least stock that the last plan year leaves",
            "flow_figures.final_stock"),
    _figure(r"\overline{Q}_{by}", "budget_limit", "quantity unit", "budget of the years added up",
            "budget_figures.limit", "budget_figures.base", "budget_figures.growth", "budget_figures.share"),
    _figure(r"\overline{Q}^\Sigma_b", "plan_budget_limit", "quantity unit", "budget of all plan years together",
            "budget_figures.limit", "budget_figures.share"),
    _figure(r"\rho_{iy}", "ratio", "quantity unit/quantity unit", "ratio that is asked for",
            "indicator_figures.target"),
    _figure(r"\underline{T}_{iy}", "indicator_lower", "quantity unit", "lower bound of a target",
            "indicator_figures.target", "indicators.sense"),
    _figure(r"\overline{T}_{iy}", "indicator_upper", "quantity unit", "upper bound of a target",
            "indicator_figures.target", "indicators.sense"),
    _figure("w_{iy}", "goal_weight", "1/quantity unit", "weight of a goal over the size of its target",
            "IndicatorSetting.weight"),
    _figure(r"\omega_{kqy}", "objective_weight", "objective unit/quantity unit", "discounted weight in the objective",
            "ObjectiveTerm.weight"),
)  # fmt: skip

SETS: tuple[Symbol, ...] = (
    _set(r"\mathcal{Y}", "PLAN_YEARS", "years that are planned"),
    _set("", "PREVIOUS", "the year before; empty for the first"),
    _set("", "OPERATED", "every activity wherever it exists, in every year", "activity_figures.base_capacity",
         "activity_figures.earliest_build", "projects.activity"),
    _set("", "BUILD_YEARS", "the year itself where generic building is possible", "activity_figures.earliest_build"),
    _set(r"\mathcal{P}_{ray}", "ENTERING", "projects that may enter service", "projects.activity"),
    _set("", "MUST_RUN", "where a floor is stated", "activity_figures.utilisation_floor"),
    _set("", "OUTPUT_RAMPED", "where growth of output is limited", "activity_figures.output_growth"),
    _set("", "CAPACITY_RAMPED", "where growth of capacity is limited", "activity_figures.capacity_growth"),
    _set("", "CAPACITY_LIMITED", "where a most capacity is stated", "activity_figures.capacity_limit"),
    _set("", "BUILD_LIMITED", "where a most new capacity is stated", "activity_figures.build_limit"),
    _set("", "HOSTED_OUTPUT", "add-ons by their hosts' output", "hosts.basis"),
    _set("", "HOSTED_CAPACITY", "add-ons by their hosts' capacity", "hosts.basis"),
    _set(r"\mathcal{H}^x_{ra}", "OUTPUT_HOSTS", "hosts that exist in the region, by output", "hosts.host"),
    _set(r"\mathcal{H}^K_{ra}", "CAPACITY_HOSTS", "hosts that exist in the region, by capacity", "hosts.host"),
    _set("", "PROJECTS", "modelled projects that may start within the horizon", "projects.standing"),
    _set(r"\mathcal{V}_p", "START_YEARS", "years in which the project may start", "project_figures.earliest_year",
         "project_figures.committed_year"),
    _set("", "REQUIREMENTS", "project, the one that it requires, year", "projects.requires"),
    _set(r"\mathcal{Z}_{py}", "STARTED", "years up to this one in which the project may start"),
    _set("", "BALANCES", "every commodity that moves, by place and year", "flows.kind", "flows.pooled"),
    _set(r"\mathcal{M}_{gc}", "BUYERS", "regions of the place that can buy the commodity", "flows.buy"),
    _set(r"\mathcal{E}_{gc}", "SELLERS", "regions of the place that can sell the commodity", "flows.sell"),
    _set(r"\mathcal{R}_{gc}", "STORES", "regions of the place that can store the commodity", "flows.storable"),
    _set("", "BUY_LIMITED", "where a most bought is stated", "flow_figures.buy_limit"),
    _set("", "SELL_LIMITED", "where a most sold is stated", "flow_figures.sell_limit"),
    _set("", "STOCK_LIMITED", "where a most stored is stated", "flow_figures.stock_limit"),
    _set("", "FINAL_STOCK", "where a least final stock is stated; in the last plan year", "flow_figures.final_stock"),
    _set("", "QUANTITIES", "quantities that a budget, target or objective names, in every year",
         "quantity_terms.quantity"),
    _set("", "OUTPUTS", "outputs with an amount in the form"),
    _set("", "CAPACITIES", "capacities with an amount in the form"),
    _set("", "BUILDS", "new capacities with an amount in the form"),
    _set("", "RETIREMENTS", "retirements with an amount in the form"),
    _set("", "STARTS", "projects with an amount in the form"),
    _set("", "PURCHASES", "purchases with an amount in the form"),
    _set("", "SALES", "sales with an amount in the form"),
    _set("", "STOCKS", "stocks with an amount in the form"),
    _set("", "FUNDS", "funds with an amount in the form"),
    _set("", "FUNDED", "industries that funds serve or that draw money, in every year", "fund_scopes.industry"),
    _set(r"\mathcal{S}_j", "SERVING", "funds that may serve the industry", "fund_scopes.fund"),
    _set("", "YEARLY_BUDGETS", "budgets by year", "budget_figures.year"),
    _set("", "PLAN_BUDGETS", "budgets over the plan", "budget_figures.year"),
    _set(r"\mathcal{Q}_b", "BUDGETED", "the quantity that the budget limits", "budgets.quantity"),
    _set(r"\mathcal{T}_{by}", "BUDGET_SPAN", "years that the budget of the year covers", "budgets.carry_over"),
    _set("", "TARGETS", "required indicators, and goals in planned years", "indicators.standing", "indicators.years"),
    _set(r"\mathcal{N}_i", "NUMERATOR", "the quantity of the indicator", "indicators.quantity"),
    _set(r"\mathcal{D}_i", "DENOMINATOR", "its denominator; empty where it has none", "indicators.denominator"),
    _set("", "SHORTFALLS", "goals that may fall short", "indicators.sense"),
    _set("", "EXCESSES", "goals that may be exceeded", "indicators.sense"),
    _set("", "SHORT_YEARS", "the year itself where the goal may fall short"),
    _set("", "EXCESS_YEARS", "the year itself where the goal may be exceeded"),
    _set("", "STAGES", "stages of the objective", "Scenario.objective"),
    _set(r"\mathcal{O}_k", "OBJECTIVE_TERMS", "quantities and years that count in the stage", "ObjectiveTerm.years"),
)  # fmt: skip

STATED: tuple[Symbol, ...] = (
    _stated("y_0", "base_year", "", "base year", "plan.base_year"),
    _stated(r"\phi", "weight", "objective unit/quantity unit", "weight of a term", "ObjectiveTerm.weight"),
    _stated(r"\delta", "discount_rate", "1", "discount rate of a term", "ObjectiveTerm.discount_rate"),
    _stated(r"\tau_{iy}", "target", "quantity unit, or 1 for growth and change", "target as the plan states it",
            "indicator_figures.target", "IndicatorSetting.target"),
    _stated("Q^0_i", "base", "quantity unit",
            "base-year value of the quantity or ratio: the model's own unless one is stated", "indicator_figures.base"),
    _stated("I_{iy}", "deflator", "1", "price index of the indicator; 1 where it names none", "indices.value",
            "indicators.deflator"),
)  # fmt: skip

SYMBOLS: tuple[Symbol, ...] = INDICES + VARIABLES + FIGURES + SETS + STATED
