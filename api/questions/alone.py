"""One question that somebody waits for, as it is answered in a process beside the service."""

from __future__ import annotations

import json
import pickle
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.engines.inside import Watch
from api.questions.registry import FINAL, AnyQuestion, answer
from model_data import Plan
from optimizer.solver import Limits
from optimizer.stopwatch import measured, part

MOST_PLANS = 4  # that a process keeps


@dataclass(frozen=True)
class Asked:
    """A question about the plan of that fingerprint. ``content``: the plan itself, for who does not know it yet."""

    plan: str
    question: AnyQuestion
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answered:
    """The answer as JSON, whether the same question always has it, and what took how long: seconds by part."""

    content: bytes = field(repr=False)
    lasts: bool
    seconds: Mapping[str, float]


_plans: OrderedDict[str, Plan] = OrderedDict()
_looking = threading.Lock()


def there(_: None, _watch: Watch) -> None:
    """Answers that this process answers."""


def answered(asked: Asked, watch: Watch) -> Answered | None:
    """None where the plan is not known here: it is to be asked again, with its content. Raises ApiError."""
    with measured() as seconds:
        plan = _plan(asked)
        if plan is None:
            return None
        found = answer(plan, asked.question, Limits(cancel=watch.cancel))
        with part("serialise"):
            content = _encoded(found)
    return Answered(content, found["status"] in FINAL, seconds)


def _encoded(document: Mapping[str, Any]) -> bytes:
    """As JSON; a document is a tree, so nobody has to look for circles in it."""
    plain = json.dumps(document, ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
    return plain.encode()


def _plan(asked: Asked) -> Plan | None:
    with _looking:
        plan = _plans.pop(asked.plan, None)
        if plan is None and asked.content is not None:
            plan = pickle.loads(asked.content)  # noqa: S301 - it comes from the service that we work for
        if plan is not None:
            _plans[asked.plan] = plan
            while len(_plans) > MOST_PLANS:
                _plans.popitem(last=False)
        return plan
