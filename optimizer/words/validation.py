"""What pydantic finds wrong with a value, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from optimizer.words.language import Text

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
    "staircase": Text("阶梯只在两个量之间", "a staircase is between two quantities"),
    "grid": Text("网格点数超过{most}", "the grid has more than {most} points"),
    "union_tag_invalid": Text(
        "{discriminator} 须为以下之一：{expected_tags}", "{discriminator} must be one of {expected_tags}"
    ),
    "union_tag_not_found": Text("缺少 {discriminator}", "{discriminator} is missing"),
    "less_than_equal": Text("须不大于 {le}", "must be {le} at most"),
}


def statement(error: Mapping[str, Any]) -> Text:
    """What is wrong, without what was given."""
    text = TEXTS.get(str(error["type"]), Text("{stated}", "{stated}"))
    slots = {"stated": str(error["msg"])} | (error.get("ctx") or {})
    chinese = slots | {key: re.sub(", | or ", "、", slots[key]) for key in ("expected",) if key in slots}
    return Text(text.zh.format_map(chinese), text.en.format_map(slots))


def parts_of(location: Sequence[Any], body: Any) -> Iterator[Any]:
    """The parts of an error's location that exist in what was given: pydantic also names the branches of a union."""
    for part in location:
        if _has(body, part):
            yield part
            body = body[part]


def _has(body: Any, part: Any) -> bool:
    if isinstance(body, list):
        return isinstance(part, int) and part < len(body)
    return isinstance(body, Mapping) and part in body
