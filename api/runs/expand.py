"""From what was asked for to the tasks of a run: one question each, complete, with what tells it from the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from api.errors import Fault, InvalidRequestError
from api.questions.asked import Case
from api.questions.kinds import WhatIf
from api.questions.refusals import of_question
from api.questions.registry import scenario_of
from api.runs import schemas
from model_data import DataError, Plan
from optimizer.questions import QuestionError
from optimizer.uncertainty import draw
from optimizer.words.language import Language, Text

Payload = dict[str, Any]
CASE_COLUMNS = ("scenario", "variant", "foresight", "target_year")


def payload(plan: Plan, question: Any, language: Language, case: Mapping[str, Any]) -> Payload:
    """What a worker gets: the version of the plan, and the question in full."""
    stated = question.model_dump(mode="json", exclude_unset=True) | {"kind": question.kind}
    stated.setdefault("language", str(language))
    return {"plan": plan.fingerprint, "question": stated, "case": dict(case)}


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


def _grid(plan: Plan, grid: schemas.Grid, language: Language) -> Iterator[Payload]:
    """Scenario by scenario, variant by variant. Each is tried alone, since trying all together takes too long."""
    scenarios = grid.scenarios or [plan.settings.default_scenario]
    variants = [(one.name, one.changes.stated()) for one in grid.variants] or [("", {})]
    ways = list(_ways(plan, grid))
    if len(scenarios) * len(variants) * len(ways) > schemas.MOST_CASES:
        raise _too_many()
    alone = [
        *((scenario, variants[0], ways[0]) for scenario in scenarios),
        *((scenarios[0], variant, ways[0]) for variant in variants[1:]),
        *((scenarios[0], variants[0], way) for way in ways[1:]),
    ]
    _refuse_grid(plan, [_grid_question(grid, *one) for one in alone])
    for scenario, variant, way in product(scenarios, variants, ways):
        head = {"scenario": scenario, "variant": variant[0], "foresight": way[0] or "", "target_year": way[1]}
        yield payload(plan, _grid_question(grid, scenario, variant, way), language, head)


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


def _grid_question(
    grid: schemas.Grid, scenario: str, variant: tuple[str, dict[str, Any]], way: tuple[str | None, int | None]
) -> WhatIf:
    foresight, year = way
    own = {"foresight": foresight, "target_year": year} if foresight else {}
    changes = _merged(grid.changes.stated(), variant[1], {k: v for k, v in own.items() if v is not None})
    limit = {} if grid.time_limit is None else {"time_limit": grid.time_limit}
    return WhatIf.model_validate({"scenario": scenario, "changes": changes, "tables": list(grid.tables), **limit})


def _ways(plan: Plan, grid: schemas.Grid) -> Iterator[tuple[str | None, int | None]]:
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
    limit = {} if asked.time_limit is None else {"time_limit": asked.time_limit}
    own = asked.changes.stated()
    for row in drawn.tolist():
        values = [{**figure.key, "value": value} for figure, value in zip(figures, row, strict=True)]
        changes = _merged(own, {"figures": values})
        what_if = WhatIf.model_validate(
            {"scenario": asked.scenario, "changes": changes, "tables": list(asked.tables), **limit}
        )
        named = {figure.name: value for figure, value in zip(figures, row, strict=True)}
        yield payload(plan, what_if, language, {"scenario": scenario.scenario, **named})
