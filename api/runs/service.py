"""Runs as the service tells of them: accepted into the ledger, looked up in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from api.errors import ApiError, Fault, InvalidRequestError, NoResultError, ProblemFault, UnknownNameError, language_of
from api.plans.library import Library
from api.questions.registry import scenario_of
from api.runs import expand, schemas
from api.store.ledger import Ledger
from api.store.records import Idempotency, NewRun, Result
from api.store.records import Run as StoredRun
from api.store.records import Task as StoredTask
from api.store.vocabulary import FINAL_RUN_STATES, RunKind, TaskState
from model_data import Plan
from optimizer.words.language import Language, Text

RETRY = {"Retry-After": "1"}


def plan_of(library: Library, name: str, version: str | None) -> Plan:
    """The plan that the body of a request names. Raises ApiError, with the place in the body where it is unknown."""
    try:
        return library.version(name, version)
    except UnknownNameError as error:
        place = "#/version" if version is not None and name in library else "#/plan"
        raise InvalidRequestError(error.text, [Fault(error.code, place, error.text)]) from None


def accept_run(request: Request, body: schemas.NewRun, key: str | None) -> StoredRun:
    """One question, interactive: it goes before batches. Raises ApiError, StoreError."""
    plan = plan_of(request.app.state.library, body.plan, body.version)
    try:
        scenario = scenario_of(plan, body.question)
    except InvalidRequestError as error:
        raise expand.at("#/question", error) from None
    case = {"kind": body.question.kind, "scenario": scenario.scenario}
    tasks = [expand.payload(plan, body.question, language_of(request), case)]
    return _accept(request, plan, RunKind.RUN, tasks, body.model_dump_json(exclude_unset=True), key)


def accept_batch(request: Request, body: schemas.NewBatch, key: str | None) -> StoredRun:
    """Raises ApiError, StoreError."""
    plan = plan_of(request.app.state.library, body.plan, body.version)
    language: Language = body.language or language_of(request)
    tasks = expand.cases(plan, body, language)
    return _accept(request, plan, RunKind.BATCH, tasks, body.model_dump_json(exclude_unset=True), key)


def _accept(
    request: Request, plan: Plan, kind: RunKind, tasks: list[expand.Payload], body: str, key: str | None
) -> StoredRun:
    asker = request.state.caller.name
    name, fingerprint = plan.settings.plan, plan.fingerprint
    stated = {"fingerprint": fingerprint, "question": tasks[0]["question"] if kind is RunKind.RUN else None}
    idempotency = None if key is None else Idempotency.of(key, asker, f"{kind} {body}".encode())
    new = NewRun(kind, tasks, plan=name, asker=asker, request=stated)
    return request.app.state.works.accept(new, idempotency)  # type: ignore[no-any-return]  # state is not typed


def described(run: StoredRun) -> schemas.Run:
    """As it is sent."""
    own, final, single = f"/v1/runs/{run.id}", run.state in FINAL_RUN_STATES, run.kind is RunKind.RUN
    answered = run.counts.succeeded > 0 or (run.counts.cancelled > 0 and final)
    links = schemas.Links(
        self=own,
        events=f"{own}/events",
        tasks=f"{own}/tasks",
        result=f"{own}/result" if single and answered else None,
        results=None if single else f"{own}/results",
        cancel=None if final else own,
    )
    return schemas.Run(
        id=run.id,
        kind=run.kind,
        state=run.state,
        cancelling=run.cancelling,
        plan=run.plan,
        fingerprint=run.request["fingerprint"],
        question=run.request["question"],
        asker=run.asker,
        fraction=run.fraction,
        counts=schemas.Counts.model_validate(run.counts),
        accepted_at=run.accepted_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        links=links,
    )


def task(run: str, one: StoredTask, language: Language) -> schemas.Task:
    """As it is sent."""
    answered = one.state is TaskState.SUCCEEDED
    return schemas.Task(
        position=one.position,
        state=one.state,
        attempt=one.attempt,
        case=one.payload["case"],
        problem=None if one.problem is None else problem(one.problem, language),
        result=f"/v1/runs/{run}/tasks/{one.position}/result" if answered else None,
        started_at=one.started_at,
        finished_at=one.finished_at,
    )


def problem(stored: Mapping[str, Any], language: Language) -> schemas.TaskProblem:
    """In the reader's language."""
    errors = [_fault(one, str(language)) for one in stored.get("errors", ())]
    return schemas.TaskProblem(code=stored["code"], detail=stored[str(language)], errors=errors)


def _fault(stored: Mapping[str, Any], language: str) -> ProblemFault:
    told = {"detail": stored[language], "remedy": stored.get(f"remedy_{language}")}
    return ProblemFault.model_validate({"code": stored["code"], "place": stored["place"], **told})


def result(ledger: Ledger, run: str, position: int, language: Language) -> Result:
    """The stored result. Raises NoResultError with the reason, UnknownRunError."""
    found = ledger.result(run, position)
    if found is None:
        raise _no_result(ledger, run, position, language)
    return found


def _no_result(ledger: Ledger, run: str, position: int, language: Language) -> ApiError:
    stored = ledger.run(run)
    tasks = ledger.tasks(run, position - 1, 1).items
    if not tasks or tasks[0].position != position:
        return NoResultError(Text(f"该运行没有第 {position} 项。", f"The run has no case {position}."))
    one = tasks[0]
    if stored.state not in FINAL_RUN_STATES and one.state in (TaskState.QUEUED, TaskState.RUNNING):
        return NoResultError(Text("尚未得出结果。", "There is no result yet."), headers=RETRY)
    faults = []
    if one.problem is not None:
        told = problem(one.problem, language)
        faults = [Fault(told.code, f"/tasks/{position}", Text(told.detail, told.detail))]
    detail = Text(f"没有结果：该项的状态为 {one.state}。", f"There is no result: the case is {one.state}.")
    return NoResultError(detail, faults)
