"""Rows of a program as requirements: subject, what is asked in which unit, years, clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import read
from optimizer.instance import Instance
from optimizer.program import Label
from optimizer.targets import Target
from optimizer.words.asked import Asked
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, amount, number, span
from optimizer.words.objective import stage_name
from optimizer.words.rows import ROWS, TABLES, parts

SIGNS = {">=": "≥", "<=": "≤", "=": "="}
COMMITTED = Text("{project}：须于{year}年投产", "{project} enters service in {year}")
UP_TO = Text("累计至{year}年", "together up to {year}")
WHOLE_PLAN = Text("{first}–{last}年合计", "{first}–{last} together")
_MOST = 20_000  # rows in words that are kept for a plan and a language
_MOST_SENTENCES = 4096
_LIMITS = {"capacity_limit", "build_limit", "buy_limit", "sell_limit", "stock_limit", "final_stock"}


@dataclass(frozen=True)
class Requirement:
    """Rows of one equation and subject in consecutive years. ``asked`` has one figure a row, or none where the row
    states none; ``remark`` says how a figure is meant (a change on the base year, a sum over years)."""

    labels: tuple[Label, ...]
    subject: str
    sign: str = ""
    asked: tuple[float, ...] = ()
    unit: str = ""
    years: tuple[int, ...] = ()
    clause: str = ""
    remark: str = ""

    @property
    def sentence(self) -> str:
        """能耗强度 ≤ 2.10 tce/万元 (2010; 二(三)4)."""
        return _sentence(self.subject, self.sign, self.asked, self.unit, self.years, self.remark, self.clause)


@lru_cache(maxsize=_MOST_SENTENCES)
def _sentence(
    subject: str, sign: str, asked: tuple[float, ...], unit: str, years: tuple[int, ...], remark: str, clause: str
) -> str:
    stated = " ".join(part for part in (subject, sign, _figures(asked, unit)) if part)
    details = "; ".join(part for part in (span(years), remark, clause) if part)
    return f"{stated} ({details})" if details else stated


def _figures(asked: tuple[float, ...], unit: str) -> str:
    """The figure once where it is the same every year, else year by year."""
    if not asked:
        return ""
    last = amount(asked[-1], unit)
    return last if len(set(asked)) == 1 else " / ".join([*map(number, asked[:-1]), last])


class Requirements:
    """Turns labels of an instance's program into requirements in one language."""

    def __init__(self, instance: Instance, language: Language) -> None:
        self.instance, self.language = instance, language
        self.names = Names(instance.plan, language)
        self._known = _plain_ones(instance.plan)[language]
        self.asked = Asked.of(instance, self.names)
        self._targets = {target.indicator: target for target in instance.targets}
        self._budgets = {budget.budget: budget for budget in instance.budgets}
        self._projects = {project.project: project for project in instance.projects}

    def of(self, label: Label) -> Requirement:
        """The row in words. Raises KeyError for a label of no equation."""
        match label[0]:
            case "indicator":
                return self._indicator(label)
            case "budget_year" | "budget_plan":
                return self._budget(label)
            case "project_once":
                return self._project(label)
        return self._limit(label) if label[0] in _LIMITS else self._plain(label)

    def grouped(self, labels: Iterable[Label]) -> tuple[Requirement, ...]:
        """One requirement for rows that differ only in consecutive years, in the order of the first of each."""
        groups: list[list[Requirement]] = []
        for one in sorted((self.of(label) for label in labels), key=lambda one: one.years or (0,)):
            place = next((group for group in groups if _continues(group[-1], one)), None)
            if place is None:
                groups.append([one])
            else:
                place.append(one)
        order = {label: place for place, label in enumerate(labels)}
        return tuple(sorted((_joined(group) for group in groups), key=lambda one: min(order[x] for x in one.labels)))

    def target(self, indicator: str) -> Target | None:
        """The resolved indicator; None where it stands outside the model."""
        return self._targets.get(indicator)

    def _indicator(self, label: Label) -> Requirement:
        index = parts(label)
        key, year = str(index["indicator"]), int(index["year"])
        target = self._targets[key]
        unit, scale = self.asked.unit(target.indicator)
        return Requirement(
            (label,),
            self.names.of("indicators", key),
            SIGNS[target.sense],
            (target.asked[year] * scale,),
            unit,
            (year,),
            self.names.clause("indicators", key),
            self.asked.remark(target.indicator, year),
        )

    def _budget(self, label: Label) -> Requirement:
        index, horizon = parts(label), self.instance.horizon
        budget = self._budgets[str(index["budget"])]
        year = int(index.get("year", 0))
        if not year:
            asked, remark = budget.over_plan or 0.0, WHOLE_PLAN
        elif budget.carry_over:
            asked, remark = sum(v for y, v in budget.by_year.items() if y <= year), UP_TO
        else:
            asked, remark = budget.by_year[year], Text("", "")
        return Requirement(
            (label,),
            self.names.of("budgets", budget.budget),
            "≤",
            (asked,),
            self.names.unit("quantities", budget.quantity),
            (year,) if year else (),
            self.names.clause("budgets", budget.budget),
            remark.say(self.language, year=year, first=horizon.years[0], last=horizon.years[-1]),
        )

    def _project(self, label: Label) -> Requirement:
        project = self._projects[str(parts(label)["project"])]
        name, clause = self.names.of("projects", project.project), self.names.clause("projects", project.project)
        if not project.committed:
            return Requirement((label,), ROWS["project_once"].text.say(self.language, project=name), clause=clause)
        years = span(project.years) or NOTHING
        return Requirement((label,), COMMITTED.say(self.language, project=name, year=years), clause=clause)

    def _limit(self, label: Label) -> Requirement:
        """A limit whose equation has the name of the figure that states it."""
        plain, index = self._plain(label), parts(label)
        by_activity = "activity" in index
        figures = self.instance.figures if by_activity else self.instance.flow_figures
        key, region = str(index["activity" if by_activity else "flow"]), str(index["region"])
        year = self.instance.horizon.limit_year(int(index["year"]))
        stated = figures.get(key, str(label[0]), region, year)
        unit = self._capacity_units[key] if by_activity else self.names.unit("flows", key)
        sign = "≥" if label[0] == "final_stock" else "≤"
        asked = () if stated is None else (stated,)
        return Requirement((label,), plain.subject, sign if asked else "", asked, unit, plain.years)

    @cached_property
    def _capacity_units(self) -> Mapping[str, str]:
        return read(self.instance.plan, "activities").by("activity", "capacity_unit")

    def _plain(self, label: Label) -> Requirement:
        """The row by its name and index alone, so the same for every scenario."""
        found = self._known.get(label) or self._worded(label)
        if len(self._known) < _MOST:
            self._known[label] = found
        return found

    def _worded(self, label: Label) -> Requirement:
        index = parts(label)
        names = {part: self.names.of(TABLES[part], str(key)) for part, key in index.items() if part in TABLES}
        if "stage" in index:
            names["stage"] = stage_name(str(index["stage"]), self.language)
        subject = ROWS[str(label[0])].text.say(self.language, **{**index, **names})
        if self.names.many_regions and index.get("region"):
            subject = f"{names['region']} · {subject}"
        year = int(index.get("year", 0))
        return Requirement((label,), subject, years=(year,) if year else ())


@kept_by(*sorted({*TABLES.values(), "regions"}))
def _plain_ones(plan: Plan) -> Mapping[Language, dict[Label, Requirement]]:  # noqa: ARG001 - filled where a row is told
    return {language: {} for language in Language}


def _continues(before: Requirement, after: Requirement) -> bool:
    """Whether two requirements differ only in that the second holds in the year after."""
    same = before.labels[0][:-1] == after.labels[0][:-1] and before.remark == after.remark
    return same and bool(before.years) and bool(after.years) and before.years[-1] + 1 == after.years[0]


def _joined(group: list[Requirement]) -> Requirement:
    first = group[0]
    return Requirement(
        tuple(label for one in group for label in one.labels),
        first.subject,
        first.sign,
        tuple(value for one in group for value in one.asked),
        first.unit,
        tuple(year for one in group for year in one.years),
        first.clause,
        first.remark,
    )
