"""What a worker does: questions about one plan, each answered to an outcome that the ledger can keep."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from api.engines.inside import Watch
from api.errors import ApiError
from api.questions.registry import FINAL, answer, read_question, tag_of
from api.questions.work import Found
from api.store.records import Document, Outcome
from api.store.vocabulary import TaskState
from model_data import Plan
from optimizer.solver import Limits
from optimizer.status import Status

MOST_PLANS = 4  # that a worker keeps
TELL = 0.5  # seconds between two reports of progress
OUT_OF_MEMORY = {
    "code": "out_of_memory",
    "zh": "此问题所需内存超出工作进程的上限。",
    "en": "The question needs more memory than a worker may have.",
}
INTERNAL = {
    "code": "internal",
    "zh": "程序在回答此问题时出错，详见服务日志。",
    "en": "The program failed on this question; the log of the service says more.",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chunk:
    """Questions about one plan. ``content``: the plan itself, for workers that do not know it yet.

    ``seconds``: what the solver may take for a question that states no limit.
    """

    plan: str
    questions: tuple[Mapping[str, Any], ...] = field(repr=False)
    seconds: float
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Worked:
    """One outcome for each question of a chunk, and the seconds that they took together. What is left of a chunk that
    was ended has outcomes of its first questions only.

    ``outcomes`` is None where the worker does not know the plan: the chunk is to be sent again, with its content.
    """

    outcomes: tuple[Outcome, ...] | None
    seconds: float = 0.0


def content_of(plan: Plan) -> bytes:
    return pickle.dumps(plan)


class _Plans:
    """The plans that were asked about last, by fingerprint."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, chunk: Chunk) -> Plan | None:
        with self._lock:
            plan = self._plans.pop(chunk.plan, None)
            if plan is None and chunk.content is not None:
                plan = pickle.loads(chunk.content)  # noqa: S301 - it comes from the service that we work for
            if plan is not None:
                self._plans[chunk.plan] = plan
                while len(self._plans) > MOST_PLANS:
                    self._plans.popitem(last=False)
            return plan


_plans = _Plans()


def work(chunk: Chunk, watch: Watch) -> Worked:
    """Answers the questions in their order; what goes wrong with one does not touch the others.

    Tells [number of the question, what is being done], and leaves the outcomes so far, an incumbent among them.
    """
    begun = time.monotonic()
    plan = _plans.find(chunk)
    if plan is None:
        return Worked(None)
    outcomes: tuple[Outcome, ...] = ()
    for number in range(len(chunk.questions)):
        outcomes += (_outcome(plan, chunk, number, watch, partial(_leave, watch, outcomes)),)
        watch.leave(Worked(outcomes))
    return Worked(outcomes, time.monotonic() - begun)


def _leave(watch: Watch, outcomes: tuple[Outcome, ...], incumbent: Mapping[str, Any]) -> None:
    """What there is, should the process be ended: the solver does not always listen."""
    watch.leave(Worked((*outcomes, Outcome(TaskState.CANCELLED, Document.of_json(incumbent)))))


def _outcome(plan: Plan, chunk: Chunk, number: int, watch: Watch, found: Found) -> Outcome:
    if watch.cancel.is_set():
        return Outcome(TaskState.CANCELLED)
    try:
        question = read_question(chunk.questions[number])
        limits = Limits(question.time_limit or chunk.seconds, watch.cancel)
        document = answer(plan, question, limits, _reporter(number, watch), found)
        state = TaskState.CANCELLED if document["status"] == Status.CANCELLED else TaskState.SUCCEEDED
        lasts = len(chunk.questions) == 1 and document["status"] in FINAL
        return Outcome(state, Document.of_json(document), tag=tag_of(plan, question) if lasts else None)
    except ApiError as error:
        return Outcome(TaskState.FAILED, problem=problem_of(error))
    except MemoryError:
        return Outcome(TaskState.FAILED, problem=OUT_OF_MEMORY)
    except Exception:  # noqa: BLE001 - the others of the chunk go on
        _log.exception("a question about plan %s could not be answered", chunk.plan)
        return Outcome(TaskState.FAILED, problem=INTERNAL)


def _reporter(number: int, watch: Watch) -> Callable[[str], None]:
    """Tells now and then what is being done; nothing of what is over at once."""
    last = time.monotonic()

    def report(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= TELL:
            last = now
            watch.tell([number, text])

    return report


def problem_of(error: ApiError) -> dict[str, Any]:
    """A refusal in both languages, as the ledger keeps it."""
    faults = [
        {"code": one.code, "place": one.place, "zh": one.detail.zh, "en": one.detail.en}
        | ({"remedy_zh": one.remedy.zh, "remedy_en": one.remedy.en} if one.remedy else {})
        for one in error.faults
    ]
    return {"code": error.code, "zh": error.text.zh, "en": error.text.en} | ({"errors": faults} if faults else {})
