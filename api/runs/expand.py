"""From what was asked for to the tasks of a run: one question each, complete, with what tells it from the others.

Each value of an axis is read, checked and written down once; a case is then put together from plain values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from api.errors import Fault, InvalidRequestError
from api.questions.asked import Case, Changes
from api.questions.kinds import WhatIf
from api.questions.refusals import of_question
from api.questions.registry import scenario_of
from api.runs import schemas
from model_data import DataError, Plan
from optimizer.questions import QuestionError
from optimizer.uncertainty import draw
from optimizer.words.language import Language, Text

Payload = dict[str, Any]
Way = tuple[str | None, int | None]  # foresight and target year, where they are not those of the scenario
CASE_COLUMNS = ("scenario", "variant", "foresight", "target_year")


def payload(plan: Plan, question: Any, language: Language, case: Mapping[str, Any]) -> Payload:
    """What a worker gets: the version of the plan, and the question in full."""
    stated = question.model_dump(mode="json", exclude_unset=True) | {"kind": question.kind}
    stated.setdefault("language", str(language))
    return {"plan": plan.fingerprint, "question": stated, "case": dict(case)}


def _what_if(
    plan: Plan, asked: schemas.Grid | schemas.Samples, scenario: str | None, changes: Mapping[str, Any],
    language: Language, case: Mapping[str, Any],
) -> Payload:  # fmt: skip
    """The payload of a what-if, from changes as JSON has them."""
    limit = {} if asked.time_limit is None else {"time_limit": asked.time_limit}
    head: Payload = {"scenario": scenario, "changes": changes, "tables": list(asked.tables), **limit}
    question = {**head, "kind": "what_if", "language": str(language)}
    return {"plan": plan.fingerprint, "question": question, "case": dict(case)}


def _plain(changes: Changes) -> dict[str, Any]:
    """As JSON has them, and only what was written."""
    return changes.model_dump(mode="json", exclude_unset=True)


def cases(plan: Plan, batch: schemas.NewBatch, language: Language) -> list[Payload]:
    """The tasks of a batch. Raises InvalidRequestError with every problem, each at its place in the body."""
    found = list(_bounded(_expanded(plan, batch.cases, language)))
    if not found:
        raise _invalid("empty", "#/cases", Text("没有任何算例。", "There is no case."))
    return found


def _expanded(
    plan: Plan, asked: schemas.Grid | schemas.Questions | schemas.Samples, language: Language
) -> Iterator[Payload]:
    if isinstance(asked, schemas.Grid):
        return _grid(plan, asked, language)
    return _samples(plan, asked, language) if isinstance(asked, schemas.Samples) else _questions(plan, asked, language)


def _bounded(payloads: Iterator[Payload]) -> Iterator[Payload]:
    for number, one in enumerate(payloads):
        if number >= schemas.MOST_CASES:
            raise _too_many()
        yield one


def _too_many() -> InvalidRequestError:
    most = schemas.MOST_CASES
    return _invalid("too_many", "#/cases", Text(f"最多 {most} 个算例。", f"A batch has {most} cases at most."))


def _invalid(code: str, place: str, detail: Text) -> InvalidRequestError:
    return InvalidRequestError(detail, [Fault(code, place, detail)])


def at(place: str, error: InvalidRequestError) -> InvalidRequestError:
    """The same refusal, where what was refused is only a part of the body."""
    moved = [Fault(f.code, place + f.place.removeprefix("#"), f.detail, f.remedy, f.cell) for f in error.faults]
    return type(error)(error.text, moved)


# --------------------------------------------------------------------------------------------------------- grid


@dataclass(frozen=True)
class _Variant:
    """Changes of the grid and of one of its variants, under the name of the variant."""

    name: str
    changes: Mapping[str, Any]

    @cached_property
    def form(self) -> str:
        """What decides whether it can be used: of a number only whether it is zero."""
        return json.dumps(_form(self.changes), sort_keys=True)


def _form(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _form(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_form(part) for part in value]
    return value != 0.0 if isinstance(value, float) else value


def _grid(plan: Plan, grid: schemas.Grid, language: Language) -> Iterator[Payload]:
    """Scenario by scenario, variant by variant. Each is tried alone, since trying all together takes too long."""
    scenarios = grid.scenarios or [plan.settings.default_scenario]
    own = _plain(grid.changes)
    variants = [_Variant(one.name, _merged(own, _plain(one.changes))) for one in grid.variants] or [_Variant("", own)]
    ways = list(_ways(plan, grid))
    if len(scenarios) * len(variants) * len(ways) > schemas.MOST_CASES:
        raise _too_many()
    alone = [
        *((scenario, variants[0], ways[0]) for scenario in scenarios),
        *((scenarios[0], variant, ways[0]) for variant in {one.form: one for one in reversed(variants[1:])}.values()),
        *((scenarios[0], variants[0], way) for way in ways[1:]),
    ]
    _refuse_grid(plan, [_grid_question(*one) for one in alone])
    for scenario, variant, way in product(scenarios, variants, ways):
        head = {"scenario": scenario, "variant": variant.name, "foresight": way[0] or "", "target_year": way[1]}
        yield _what_if(plan, grid, scenario, _on_way(variant.changes, way), language, head)


def _refuse_grid(plan: Plan, questions: Sequence[WhatIf]) -> None:
    """Each problem once. Raises InvalidRequestError."""
    problems: dict[tuple[str, Text], Fault] = {}
    for question in questions:
        try:
            scenario_of(plan, question)
        except InvalidRequestError as error:
            problems.update({(f.place, f.detail): f for f in at("#/cases", _of_grid(error)).faults})
        if len(problems) > _MOST_PROBLEMS:
            break
    if problems:
        detail = Text("批量中有不可用的算例。", "The batch has cases that cannot be used.")
        raise InvalidRequestError(detail, problems.values())


_MOST_PROBLEMS = 100


def _of_grid(error: InvalidRequestError) -> InvalidRequestError:
    """The name of a scenario stands in a list here."""
    faults = [
        Fault(f.code, "#/scenarios" if f.place == "#/scenario" else f.place, f.detail, f.remedy) for f in error.faults
    ]
    return InvalidRequestError(error.text, faults)


def _grid_question(scenario: str, variant: _Variant, way: Way) -> WhatIf:
    return WhatIf.model_validate({"scenario": scenario, "changes": _on_way(variant.changes, way)})


def _on_way(changes: Mapping[str, Any], way: Way) -> dict[str, Any]:
    """The changes, solved in that way."""
    stated = {"foresight": way[0], "target_year": way[1]} if way[0] else {}
    return _merged(changes, {key: value for key, value in stated.items() if value is not None})


def _ways(plan: Plan, grid: schemas.Grid) -> Iterator[Way]:
    """Foresight and target year of the cases of one scenario."""
    stated: list[str | None] = [*grid.foresight] or ["single_year" if grid.years else None]
    for foresight in stated:
        if foresight == "single_year":
            yield from ((foresight, year) for year in grid.years or plan.settings.plan_years)
        else:
            yield foresight, None


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Later parts go before earlier ones; figures accumulate; an objective is replaced as a whole."""
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key == "figures":
                merged[key] = [*merged.get(key, ()), *value]
            elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
                merged[key] = {**merged[key], **value}
            else:
                merged[key] = value
    return merged


# --------------------------------------------------------------------------------------------- questions, samples


def _questions(plan: Plan, asked: schemas.Questions, language: Language) -> Iterator[Payload]:
    faults: list[Fault] = []
    for number, question in enumerate(asked.questions):
        try:
            scenario = scenario_of(plan, question)
        except InvalidRequestError as error:
            faults += at(f"#/cases/questions/{number}", error).faults
            continue
        yield payload(plan, question, language, {"kind": question.kind, "scenario": scenario.scenario})
    if faults:
        raise InvalidRequestError(Text("有不可用的问题。", "Some questions cannot be used."), faults)


def _samples(plan: Plan, asked: schemas.Samples, language: Language) -> Iterator[Payload]:
    case = Case.model_validate({"scenario": asked.scenario, "changes": asked.changes.stated()})
    try:
        scenario = scenario_of(plan, case)
        changed = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
        stated = [one.model_dump(exclude_none=True) for one in asked.figures]
        figures, drawn = draw(changed, scenario, stated, samples=asked.samples, method=asked.method, seed=asked.seed)
    except InvalidRequestError as error:
        raise at("#/cases", error) from None
    except QuestionError as error:
        raise at("#/cases", of_question(error, case)) from None
    except DataError as error:
        detail = Text("改动后的数据不可用。", "The plan cannot be used with these changes.")
        faults = [Fault(p.rule, "#/cases/changes", Text(p.message_zh, p.message_en)) for p in error.problems]
        raise InvalidRequestError(detail, faults) from None
    own = _plain(asked.changes)
    heads = [_head(figure.key) for figure in figures]
    names = [figure.name for figure in figures]
    for row in drawn.tolist():
        values = [{"table": table, "value": value, **key} for (table, key), value in zip(heads, row, strict=True)]
        changes = {**own, "figures": [*own.get("figures", ()), *values]}
        named = {"scenario": scenario.scenario} | dict(zip(names, row, strict=True))
        yield _what_if(plan, asked, asked.scenario, changes, language, named)


def _head(key: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return str(key["table"]), {column: cell for column, cell in key.items() if column != "table"}
