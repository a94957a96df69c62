"""The plan as a value: frozen, validated, identified by its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from model_data.base_year import Contribution, base_year_contributions, base_year_values
from model_data.checks import Draft, check_values, run_checks
from model_data.figures import FigureIndex, override
from model_data.file_rules import SCENARIO_FOLDER
from model_data.frames import RawPlan, all_tables, to_raw
from model_data.problems import Collector, DataError, Problem, nearest
from model_data.provenance import Figure, Names, Trace, figure_at, trace_at
from model_data.schema import TABLE
from model_data.settings import Settings, read_settings
from model_data.tables import parse_toml, read_plan, scenario_text, write_plan

PLANS = Path(__file__).parent / "plans"


def default_plan_path() -> Path:
    """The folder of the plan that ships with the package (the first by name, where there are several)."""
    return min(folder for folder in PLANS.iterdir() if folder.is_dir())


@dataclass(frozen=True, eq=False)
class Plan:
    """All tables, settings and scenarios of one plan; equal plans have equal fingerprints.

    ``table(name)`` has the columns of the schema, in order: texts ("" where blank), integers as Int64 (NA where blank),
    numbers as float64 (NaN where blank). Figure tables have one more column ``scale``: value * scale is the figure in
    its canonical unit.
    """

    settings: Settings
    scenario_texts: Mapping[str, str] = field(repr=False)
    _frames: Mapping[str, pd.DataFrame] = field(repr=False)
    _index: FigureIndex = field(default_factory=FigureIndex, repr=False, compare=False)
    _names: Names = field(default_factory=Names, repr=False, compare=False)

    def table(self, name: str) -> pd.DataFrame:
        """The table as a frame of its own: changing it does not change the plan. Raises KeyError."""
        if name not in self._frames:
            raise KeyError(f"a plan has no table {name!r}; did you mean {nearest(name, TABLE)}?")
        return self._frames[name].copy(deep=False)  # pandas copies what is written to

    def held(self, name: str) -> object:
        """Stands for the table: the same object for two plans where one has the table from the other."""
        return self._frames[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def family(self) -> object:
        """The same object for all plans made from each other by other values of figures: only those may differ."""
        return self._index

    def __reduce__(self) -> tuple[object, ...]:
        """Plans travel to other processes; read-only views of dictionaries do not, so they are made anew."""
        return _rebuild, (self.settings, dict(self.scenario_texts), dict(self._frames))

    def base_values(self, options: Mapping[str, str] | None = None) -> dict[str, float]:
        """Every quantity in the base year, in its unit, under the options of the switches (default: the plan's own)."""
        return base_year_values(self._frames, self.settings.base_year, options)

    def base_contributions(self, options: Mapping[str, str] | None = None) -> Iterator[Contribution]:
        """What the base-year values are added up from, each part with the figures behind it."""
        return base_year_contributions(self._frames, self.settings.base_year, options)

    def figure_at(self, table: str, row: int) -> Figure:
        """The figure in a row (counted from 0) of a figure table."""
        if (table, row) not in self._found:
            self._found[table, row] = figure_at(self._frames, self._names, table, row)
        return self._found[table, row]

    @cached_property
    def _found(self) -> dict[tuple[str, int], Figure]:
        """Figures that were asked for: thousands of cases of a batch each tell from what their figures were changed."""
        return {}

    @cached_property
    def figure_numbers(self) -> Mapping[str, int]:
        """The number of the first figure of each figure table; rows follow in the order of the table."""
        starts, start = {}, 0
        for name, table in TABLE.items():
            if table.is_figure_table:
                starts[name] = start
                start += len(self._frames[name])
        return MappingProxyType(starts)

    @cached_property
    def scenarios(self) -> Mapping[str, Mapping[str, Any]]:
        """The parsed scenario files by name."""
        parsed = {name: parse_toml(name, text, []) or {} for name, text in self.scenario_texts.items()}
        return MappingProxyType(parsed)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over settings, tables and scenarios; the order of rows and the file format do not count."""
        tables = {
            name: sorted(cells for _, cells in to_raw(TABLE[name], frame).rows) for name, frame in self._frames.items()
        }
        content = {"settings": self.settings.as_raw(), "tables": tables, "scenarios": dict(self.scenarios)}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def with_figures(self, changes: Iterable[Mapping[str, Any]]) -> Plan:
        """The plan with other values of some figures.

        A change names a table, the key columns that are not blank, ``value``, and the ``unit`` of the value where it is
        not that of the figure: ``{"table": "budget_figures", "budget": "roads", "parameter": "base", "value": 55}``.
        Raises DataError with every change that cannot be made or breaks a rule.
        """
        wanted = [dict(change) for change in changes]
        frames = dict(self._frames)
        for name in {str(change.get("table")) for change in wanted} & set(frames):
            frames[name] = frames[name].copy()
        rows = override(frames, self._index, wanted)
        check_values(self.settings, frames, rows, self._index.structure)
        return replace(self, _frames=MappingProxyType(frames)) if rows else self

    def with_scenario(self, name: str, settings: Mapping[str, Any] | None) -> Plan:
        """The plan with a scenario added or replaced; without it where ``settings`` is None.

        Everything is checked as when a plan is read. Raises DataError with every problem.
        """
        texts = {other: text for other, text in self.scenario_texts.items() if other != name}
        if settings is not None:
            texts[name] = scenario_text(settings)
        return assemble(replace(_raw(self), scenarios=dict(sorted(texts.items()))))

    def with_value_at(self, table: str, row: int, value: float) -> Plan:
        """The plan with another value in one row, unchecked: for derivatives by a figure, not for a changed plan."""
        frame = self._frames[table].copy()
        frame.loc[row, "value"] = value
        return replace(self, _frames=MappingProxyType({**self._frames, table: frame}))

    def figure(self, table: str, **key: object) -> Figure:
        """One figure; key columns not given count as blank. Raises DataError with near misses where there is none."""
        return self.figure_at(table, self._index.locate(self._frames, table, key))

    def trace(self, table: str, **key: object) -> Trace:
        """One figure with its sources in full and its line. Raises DataError where there is none."""
        row = self._index.locate(self._frames, table, key)
        return trace_at(self._frames, self.figure_at(table, row), row)


def _rebuild(settings: Settings, scenario_texts: dict[str, str], frames: dict[str, pd.DataFrame]) -> Plan:
    return Plan(settings, MappingProxyType(scenario_texts), MappingProxyType(frames))


def load_plan(path: str | Path) -> Plan:
    """The plan in a folder of CSV tables or in one .xlsx workbook. Raises DataError with every problem."""
    return assemble(read_plan(Path(path)))


def assemble(raw: RawPlan) -> Plan:
    """The validated plan that the raw texts make. Raises DataError with every problem."""
    collector = Collector()
    collector.add(raw.problems)
    if collector.problems and not raw.tables:
        raise DataError(collector.problems)
    settings = None
    if raw.settings is not None:
        settings, found = read_settings(raw.settings)
        collector.add(found)
    frames, found = all_tables(raw)
    collector.add(found)
    broken: list[Problem] = []
    scenarios = {
        name: parse_toml(f"{SCENARIO_FOLDER}/{name}.toml", text, broken) or {} for name, text in raw.scenarios.items()
    }
    collector.add(broken)
    unreadable = frozenset(problem.table for problem in collector.problems if problem.row in (None, 1))
    draft = Draft(settings, frames, scenarios, unreadable)
    run_checks(draft, collector)
    if collector.problems or settings is None:
        raise DataError(collector.problems)
    numbered = {name: frame.reset_index(drop=True) for name, frame in draft.scaled_frames.items()}
    return _rebuild(settings, dict(raw.scenarios), numbered)


def save_plan(plan: Plan, path: str | Path) -> None:
    """Writes the plan to a folder, or to a workbook where the path ends in .xlsx; loads back to an equal plan."""
    write_plan(Path(path), _raw(plan))


def _raw(plan: Plan) -> RawPlan:
    """The texts that the plan was read from."""
    frames = {name: plan.table(name) for name in TABLE}
    filled = {name for name, frame in frames.items() if len(frame) or not TABLE[name].optional}
    tables = {name: to_raw(TABLE[name], frames[name]) for name in frames if name in filled}
    return RawPlan(plan.settings.as_raw(), tables, dict(plan.scenario_texts))


def write_template(path: str | Path, plan: Plan | None = None) -> None:
    """A workbook to fill in: headings, notes and drop-downs, with the content of a plan if one is given."""
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"a template is a workbook, so its name ends in .xlsx, not {target.suffix!r}")
    if plan is None:
        write_plan(target, RawPlan())
    else:
        save_plan(plan, target)
