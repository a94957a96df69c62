"""Small plans written in a few lines: what a test says, completed to a whole plan that passes every check.

One region ``here``, one industry ``works``, plan years from 2006 with the base year 2005, no closing years. A figure
without unit is in its canonical unit; names, grades and sources are filled in.
"""

import pandas as pd
import tomli_w

from model_data.canonical import canonical_units
from model_data.frames import RawPlan, RawTable
from model_data.plan import Plan, assemble
from model_data.schema import TABLE
from optimizer import Answer, load_scenario, make_program, solve

FILLED = {
    "name_zh": "名称",
    "name_en": "Name",
    "grade": "D",
    "evidence": "assumption",
    "source": "E1",
    "note": "Invented for a test.",
    "sector": "all",
    "planned": "yes",
    "industry": "works",
    "output_unit": "t",
    "capacity_unit": "t",
    "unit": "t",
    "buy": "no",
    "sell": "no",
    "storable": "no",
    "pooled": "no",
    "carry_over": "no",
    "sign": "plus",
    "standing": "required",
    "years": "each",
    "region": "",
    "title": "Invented",
    "default": "no",
    "group": "all",
}
# Columns above that are optional in these tables, so that filling them in would say something.
NOT_FILLED = {
    "quantity_terms": {"sector", "industry"},
    "charges": {"industry"},
    "background": {"industry"},
    "sources": {"year", "evidence", "note"},
}


class Builder:
    """Collects rows of tables; ``plan()`` is the validated plan."""

    def __init__(self, *, last: int = 2007, closing: int = 0, regions: tuple[str, ...] = ("here",)) -> None:
        self.settings = {
            "plan": "built",
            "name_zh": "例",
            "name_en": "Built by a test",
            "base_year": 2005,
            "first_year": 2006,
            "last_year": last,
            "closing_years": closing,
            "default_scenario": "base",
        }
        self.rows: dict[str, list[dict]] = {name: [] for name in TABLE}
        self.scenarios: dict[str, dict] = {}
        self.add("sectors", sector="all")
        self.add("industries", industry="works")
        self.add("sources", source="E1")
        self.add("flows", flow="unused", kind="account")
        for region in regions:
            self.add("regions", region=region)

    def add(self, table: str, **cells: object) -> "Builder":
        """One row; blank unit: canonical."""
        self.rows[table].append(cells)
        return self

    def activity(self, name: str, industry: str = "works", tags: str = "", region: str = "", **figures: object):
        """An activity with its figures; utilisation 1 unless stated. A figure by year is a dict, year None allowed.

        Called again for the same name it adds figures.
        """
        if name not in [row["activity"] for row in self.rows["activities"]]:
            self.add("activities", activity=name, industry=industry, tags=tags)
            figures.setdefault("utilisation", 1.0)
        for parameter, value in figures.items():
            for year, number in value.items() if isinstance(value, dict) else [(None, value)]:
                self.add("activity_figures", region=region, activity=name, parameter=parameter, year=year, value=number)
        return self

    def commodity(self, name: str, *flags: str, region: str = "", **figures: object) -> "Builder":
        """A commodity with flags (buy, sell, storable, pooled) and flow figures."""
        if name not in [row["flow"] for row in self.rows["flows"]]:
            self.add("flows", flow=name, kind="commodity", **dict.fromkeys(flags, "yes"))
        for parameter, value in figures.items():
            for year, number in value.items() if isinstance(value, dict) else [(None, value)]:
                self.add("flow_figures", region=region, flow=name, parameter=parameter, year=year, value=number)
        return self

    def account(self, name: str, unit: str = "元") -> "Builder":
        """An account, and a quantity of the same name that sums it."""
        self.add("flows", flow=name, kind="account", unit=unit)
        return self.quantity(name, unit, measure="account", flow=name)

    def quantity(self, name: str, unit: str = "t", *terms: dict, **term: object) -> "Builder":
        self.add("quantities", quantity=name, unit=unit)
        for number, cells in enumerate((*terms, term) if term else terms, start=1):
            self.add("quantity_terms", quantity=name, term=number, **cells)
        return self

    def amount(self, activity: str, direction: str, flow: str, value: float, vector: str = "operate", **cells: object):
        return self.add(
            "amounts", activity=activity, direction=direction, flow=flow, value=value, vector=vector, **cells
        )

    def background(self, flow: str, value: float | None = None, item: str = "rest", **cells: object) -> "Builder":
        return self.add("background", **{"item": item, "flow": flow, "parameter": "level", "value": value, **cells})

    def project(self, name: str, activity: str, region: str = "here", requires: str = "", **figures: float):
        self.add("projects", project=name, activity=activity, region=region, requires=requires, standing="modelled")
        for parameter, value in figures.items():
            self.add("project_figures", project=name, parameter=parameter, value=value)
        return self

    def budget(self, name: str, quantity: str, of: str = "", carry_over: str = "no", **figures: object) -> "Builder":
        self.add("budgets", budget=name, quantity=quantity, of=of, carry_over=carry_over)
        for parameter, value in figures.items():
            for year, number in value.items() if isinstance(value, dict) else [(None, value)]:
                self.add("budget_figures", budget=name, parameter=parameter, year=year, value=number)
        return self

    def indicator(
        self, name: str, kind: str, quantity: str, sense: str, target: object, base: float | None = None, **cells
    ) -> "Builder":
        self.add("indicators", indicator=name, kind=kind, quantity=quantity, sense=sense, number="1", **cells)
        for year, number in target.items() if isinstance(target, dict) else [(None, target)]:
            self.add("indicator_figures", indicator=name, parameter="target", year=year, value=number)
        if base is not None:
            self.add("indicator_figures", indicator=name, parameter="base", value=base)
        return self

    def scenario(self, sense: str, quantity: str, name: str = "base", **keys: object) -> "Builder":
        """A scenario with one stage of one undiscounted term unless ``objective`` is given; years each."""
        stage = {"sense": sense, "terms": [{"quantity": quantity, "years": keys.pop("years", "each")}]}
        self.scenarios[name] = {"scenario": name, "objective": [stage], **keys}
        return self

    def plan(self) -> Plan:
        """Raises DataError where the test says something illegal."""
        texts = {name: tomli_w.dumps(scenario) for name, scenario in self.scenarios.items()}
        tables = {name: self._raw(name, {}) for name in TABLE}
        frames = {name: pd.DataFrame([row for _, row in raw.rows], columns=raw.header) for name, raw in tables.items()}
        for name, table in TABLE.items():
            if table.is_figure_table and self.rows[name]:
                units = dict(enumerate(canonical_units(name, frames)))
                tables[name] = self._raw(name, units)
        kept = {name: raw for name, raw in tables.items() if raw.rows or not TABLE[name].optional}
        return assemble(RawPlan(dict(self.settings), kept, texts))

    def _raw(self, name: str, units: dict) -> RawTable:
        columns = [column.name for column in TABLE[name].columns]
        filled = {k: v for k, v in FILLED.items() if k in columns and k not in NOT_FILLED.get(name, ())}
        lines = []
        for number, cells in enumerate(self.rows[name]):
            unknown = set(cells) - set(columns)
            assert not unknown, f"{name} has no columns {unknown}"
            default = {**filled, "unit": units[number] or "1"} if units else filled
            full = {**default, **{key: value for key, value in cells.items() if value is not None}}
            lines.append((number + 2, tuple(str(full.get(column, "")) for column in columns)))
        return RawTable(tuple(columns), tuple(lines))

    def solve(self, scenario: str | None = None, changes: dict | None = None) -> Answer:
        plan = self.plan()
        return solve(plan, load_scenario(plan, scenario, changes))

    def optimum(self, scenario: str | None = None, changes: dict | None = None) -> float:
        """The objective of a certified answer."""
        answer = self.solve(scenario, changes)
        assert answer.status == "optimal", (answer.status, answer.conflict)
        assert answer.objective is not None
        return answer.objective

    def program(self):
        plan = self.plan()
        return make_program(plan, load_scenario(plan))[1]
