"""What pydantic finds wrong with a request, as faults with JSON pointers, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from starlette.requests import Request

from api.errors import Fault, near_misses
from optimizer.words.language import Text

MAX_FAULTS = 100

# By pydantic's type of error; slots are filled from its context. What is not here is said in pydantic's own English.
TEXTS: Mapping[str, Text] = {
    "missing": Text("缺少此项", "is missing"),
    "extra_forbidden": Text("未知的键", "is unknown"),
    "finite_number": Text("须为有限数值", "must be a finite number"),
    "float_type": Text("须为数值", "must be a number"),
    "float_parsing": Text("须为数值", "must be a number"),
    "int_type": Text("须为整数", "must be a whole number"),
    "int_parsing": Text("须为整数", "must be a whole number"),
    "int_parsing_size": Text("整数过大", "is too large"),
    "int_from_float": Text("须为整数", "must be a whole number"),
    "bool_type": Text("须为 true 或 false", "must be true or false"),
    "bool_parsing": Text("须为 true 或 false", "must be true or false"),
    "string_type": Text("须为文本", "must be a text"),
    "string_unicode": Text("含有不合法的字符", "has a character that is none"),
    "string_too_long": Text("长度不得超过 {max_length}", "must have {max_length} characters at most"),
    "string_too_short": Text("长度不得少于 {min_length}", "must have {min_length} characters at least"),
    "literal_error": Text("须为以下之一：{expected}", "must be one of {expected}"),
    "list_type": Text("须为列表", "must be a list"),
    "tuple_type": Text("须为列表", "must be a list"),
    "dict_type": Text("须为对象", "must be an object"),
    "model_type": Text("须为对象", "must be an object"),
    "model_attributes_type": Text("须为对象", "must be an object"),
    "too_long": Text("最多 {max_length} 项", "must have {max_length} items at most"),
    "too_short": Text("至少 {min_length} 项", "must have {min_length} items at least"),
    "greater_than": Text("须大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": Text("须不小于 {ge}", "must be {ge} at least"),
    "less_than": Text("须小于 {lt}", "must be less than {lt}"),
    "union_tag_invalid": Text(
        "{discriminator} 须为以下之一：{expected_tags}", "{discriminator} must be one of {expected_tags}"
    ),
    "union_tag_not_found": Text("缺少 {discriminator}", "{discriminator} is missing"),
    "less_than_equal": Text("须不大于 {le}", "must be {le} at most"),
}


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


def statement(error: Mapping[str, Any]) -> Text:
    """What is wrong, without what was given."""
    text = TEXTS.get(str(error["type"]), Text("{stated}", "{stated}"))
    slots = {"stated": str(error["msg"])} | (error.get("ctx") or {})
    return Text(text.zh.format_map(slots), text.en.format_map(slots))


def place(location: Sequence[Any], body: Any, *, missing: bool = False) -> str:
    """A JSON pointer where the location is in the body, else the name of the parameter.

    ``missing``: the last part of the location is what the body should have.
    """
    if not location or location[0] != "body":
        return str(location[-1]) if location else ""
    parts = [*_walk(location[1:], body), *(location[-1:] if missing else ())]
    return "#" + "".join(f"/{_escaped(part)}" for part in parts)


def _walk(location: Sequence[Any], body: Any) -> Iterator[Any]:
    """The parts of the location that exist in the body (pydantic also names the branches of a union)."""
    for part in location:
        if _has(body, part):
            yield part
            body = body[part]


def _has(body: Any, part: Any) -> bool:
    if isinstance(body, list):
        return isinstance(part, int) and part < len(body)
    return isinstance(body, Mapping) and part in body


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
