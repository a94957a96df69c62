"""What pydantic finds wrong with a request, as faults with JSON pointers, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from starlette.requests import Request

from api.errors import Fault, near_misses
from optimizer.words.validation import parts_of, statement

MAX_FAULTS = 100


def body_of(request: Request) -> Any:
    """The annotation of the body that the endpoint of a request takes; None where it takes none."""
    field = getattr(request.scope.get("route"), "body_field", None)
    return None if field is None else field.field_info.annotation


def faults(errors: Sequence[Mapping[str, Any]], body: Any, model: Any) -> list[Fault]:
    """Every error once, in the order found; what was sent is not repeated. ``model``: the annotation of the body."""
    found = {(fault.place, fault.code): fault for fault in (_fault(error, body, model) for error in errors)}
    places = [fault.place for fault in found.values()]
    return [fault for fault in found.values() if not _follows(fault, places)][:MAX_FAULTS]


def _follows(fault: Fault, places: Iterable[str]) -> bool:
    """A list is called too short where its items are wrong; the items say so themselves."""
    return fault.code == "too_short" and any(place.startswith(f"{fault.place}/") for place in places)


def _fault(error: Mapping[str, Any], body: Any, model: Any) -> Fault:
    code, location = str(error["type"]), error["loc"]
    remedy = None
    if code == "extra_forbidden" and location[0] == "body":
        remedy = near_misses(str(location[-1]), known_keys(model, location[1:-1]))
    return Fault(code, place(location, body, missing=code == "missing"), statement(error), remedy)


def place(location: Sequence[Any], body: Any, *, missing: bool = False) -> str:
    """A JSON pointer where the location is in the body, else the name of the parameter.

    ``missing``: the last part of the location is what the body should have.
    """
    if not location or location[0] != "body":
        return str(location[-1]) if location else ""
    parts = [*parts_of(location[1:], body), *(location[-1:] if missing else ())]
    return "#" + "".join(f"/{_escaped(part)}" for part in parts)


def _escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def known_keys(annotation: Any, location: Sequence[Any]) -> list[str]:
    """The keys that an object at this location of the body may have."""
    models = list(_models(annotation))
    for part in location:
        tagged = [model for model in models if part in _tags(model)]
        inside = next((model.model_fields[part].annotation for model in models if part in model.model_fields), None)
        models = tagged or list(_models(inside)) or models
    return list(dict.fromkeys(name for model in models for name in model.model_fields))


def _tags(model: type[BaseModel]) -> Iterator[str]:
    """What tells the model from others of a union: pydantic names it in locations."""
    for field in model.model_fields.values():
        if get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1:
            yield get_args(field.annotation)[0]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation such as dict[str, Model] or Model | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
