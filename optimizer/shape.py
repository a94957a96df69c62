"""What a program has and what it is made of, as far as no figure's value decides it: kept from question to question.

Plans that differ in values only share a shape, unless a value says that something exists: whether a figure is stated at
all, whether there is base-year capacity, and from which year on something may be built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from model_data import Plan
from model_data.settings import Settings
from optimizer.base_values import BaseValues, base_values
from optimizer.coded import CodedPlan, coded_plan
from optimizer.columns import Columns, Mask, stacked
from optimizer.draws import NOTHING, Draws, drawn, echoed, given
from optimizer.form_terms import form_keys, form_terms
from optimizer.forms import INDEX_COLUMNS, FormPattern, Forms
from optimizer.frames import NONE
from optimizer.horizon import Horizon
from optimizer.keys import Integers, Keys, Vector
from optimizer.latest import ENTRIES, SHAPES, Latest
from optimizer.structure import Project, active_places, variable_frames
from optimizer.vectors import ENTRY, Vectors


@dataclass(frozen=True, eq=False)
class Shape:
    """``variables``: index frame of each kind; ``indices``: the same in numbers of names.

    ``draws`` and ``terms``: what stands in which form (see ``optimizer.draws``, ``optimizer.form_terms``).
    """

    coded: CodedPlan
    active: tuple[tuple[str, str], ...]  # (region, activity)
    places: Keys  # the same in numbers
    variables: Mapping[str, pd.DataFrame]
    indices: Mapping[str, Columns]
    draws: Draws
    terms: Columns
    pattern: FormPattern
    base: BaseValues
    has_value: Mask  # of every figure

    def forms(self, values: Vector, amounts: Vector) -> Forms:
        """From the canonical value of every figure and the amount of every draw."""
        one, drawn_or_one = np.append(values, 1.0), np.append(amounts, 1.0)
        amount = drawn_or_one[self.terms["draw"]]
        np.negative(amount, out=amount, where=self.terms["minus"] != 0)
        sized = self._sized
        amount[sized] *= one[self.terms["size_of"][sized]]
        return self.pattern.forms(amount)

    def of_activities(self, parameter: str, years: Sequence[int], *, exact: bool = False) -> Integers:
        """Number of the figure that holds in each active place and year; NONE where there is none.

        A region's own figure comes before a general one, then one for the year before one without year; ``exact``: only
        those for the year count.
        """
        return self.coded.numbers("activity_figures", parameter, self.places, years, self.has_value, exact=exact)

    def of_flows(self, parameter: str, places: Keys, years: Sequence[int]) -> Integers:
        """The same for places of trade: region and flow."""
        return self.coded.numbers("flow_figures", parameter, places, years, self.has_value)

    @cached_property
    def sorted_places(self) -> Integers:
        """The active places in the order of their names."""
        return np.array(sorted(range(len(self.active)), key=self.active.__getitem__), dtype=np.int64)

    @cached_property
    def _sized(self) -> Integers:
        return np.flatnonzero(self.terms["size_of"] != NONE)


@dataclass(frozen=True)
class _Asked:
    """What a shape depends on; it is made from all of it."""

    family: object
    settings: Settings
    horizon: Horizon
    options: tuple[tuple[str, str], ...]
    projects: tuple[tuple[object, ...], ...]
    existence: bytes
    plan: Plan = field(compare=False)
    values: Vector = field(compare=False)
    modelled: tuple[Project, ...] = field(compare=False)


def shape_of(
    plan: Plan, horizon: Horizon, options: Mapping[str, str], projects: tuple[Project, ...], values: Vector
) -> Shape:
    """The shape of the program; ``values``: the canonical value of every figure, not a number where it has none."""
    chosen = tuple(sorted(options.items()))
    kept = tuple((p.project, p.region, p.activity, p.years) for p in projects)
    existence = _existence(coded_plan(plan), values)
    asked = _Asked(plan.family, plan.settings, horizon, chosen, kept, existence, plan, values, projects)
    return _SHAPES.get(asked, lambda: _shape(asked))


def _existence(coded: CodedPlan, values: Vector) -> bytes:
    """All that values decide about the structure."""
    rows = coded.table("activity_figures")
    parameter, value = rows["parameter"], values[rows["number"]]
    earliest = value[parameter == coded.number("earliest_build")]
    capacity = value[parameter == coded.number("base_capacity")] != 0.0
    return b"".join(part.tobytes() for part in (np.isnan(values), earliest, capacity))


_SHAPES: Latest[Shape] = Latest(SHAPES, lambda _, shape: len(shape.terms), ENTRIES)


def _shape(asked: _Asked) -> Shape:
    plan, horizon, projects, values = asked.plan, asked.horizon, asked.modelled, asked.values
    coded, has_value, options = coded_plan(plan), ~np.isnan(values), dict(asked.options)
    active = active_places(plan, coded, values, projects)
    places = Keys(coded.names, coded.names.keys(active).columns or (_EMPTY, _EMPTY))
    earliest = np.append(values, np.nan)[coded.numbers("activity_figures", "earliest_build", places, [0], has_value)]
    variables = variable_frames(plan, horizon, earliest[:, 0], active, projects)
    indices = _indices(coded, variables)
    sized = _sized(coded, projects)
    indices["start"] = indices["start"].join(sized, ["project"])
    vectors = Vectors(coded, options, has_value)
    draws = _draws(coded, horizon, vectors, places, sized, indices, has_value)
    terms = form_terms(plan, coded, horizon.all, draws, indices)
    keys = form_keys(plan, coded, horizon.all)
    pattern = FormPattern(keys, terms["form"], terms["kind"], terms["variable"], variables)
    base = base_values(plan, options)
    return Shape(coded, active, places, variables, indices, draws, terms, pattern, base, has_value)


_EMPTY = np.empty(0, dtype=np.int64)


def _indices(coded: CodedPlan, variables: Mapping[str, pd.DataFrame]) -> dict[str, Columns]:
    """The index columns of each kind in numbers; t is the year itself. Kinds that share a frame share them."""
    made = dict[int, Columns]()
    for kind, frame in variables.items():
        if id(frame) not in made:
            named = {name: coded.column(frame[name]) for name in INDEX_COLUMNS[kind] if name != "t"}
            made[id(frame)] = Columns({**named, "t": frame["t"].to_numpy(dtype=np.int64)})
    return {kind: made[id(frame)] for kind, frame in variables.items()}


def _sized(coded: CodedPlan, projects: tuple[Project, ...]) -> Columns:
    """The projects with the figure of their size: columns project, region, activity, size_of."""
    keys = coded.names.keys((p.project, p.region, p.activity) for p in projects)
    columns = Columns(dict(zip(("project", "region", "activity"), keys.columns or (_EMPTY,) * 3, strict=True)))
    rows = coded.table("project_figures")
    rows = rows.take(rows["parameter"] == coded.number("size"))
    return columns.but(size_of=np.append(rows["number"], NONE)[columns.place_in(rows, ["project"])])


def _draws(
    coded: CodedPlan,
    horizon: Horizon,
    vectors: Vectors,
    active: Keys,
    projects: Columns,
    indices: Mapping[str, Columns],
    has_value: Mask,
) -> Draws:
    """What every variable draws from every flow, in the years of the horizon, and what is given.

    What base-year output still draws in later years is given, too.
    """
    base, years = horizon.base_year, horizon.all
    places = Columns(dict(zip(("region", "activity"), active.columns, strict=True)))
    operate, build, project = vectors.operate(places), vectors.build(places), vectors.projects(projects)
    background = vectors.background(years)
    first = np.cumsum([0, len(operate), len(build), len(project)]).tolist()
    made = coded.numbers("activity_figures", "base_output", active, [0], has_value)[:, 0]
    echoing = places.but(t=base, level_of=np.where(made == NONE, NOTHING, made))
    flow_draws = stacked(
        drawn(operate, first[0], "output", indices["output"], base, years),
        drawn(build, first[1], "build", indices["build"], base, years),
        drawn(project, first[2], "start", indices["start"], base, years),
    )
    fixed = stacked(
        given(background, first[3], base), echoed(drawn(operate, first[0], "output", echoing, base, years))
    )
    entries = stacked(operate, build, project, background.only(ENTRY)).narrow()
    return Draws(entries, vectors.rates, stacked(flow_draws, fixed).narrow(), len(flow_draws))
