"""The reference of the settings as a page in Markdown, in either language, written from their declarations."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from inspect import get_annotations
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from api.setting_groups import Group
from api.settings import Settings, variable
from optimizer.words.language import Language, Text

TITLE = Text("服务设置", "Settings of the service")
HEAD = Text(
    """\
本页由 `python tasks.py docs` 根据程序中的声明写成。每项设置是一个环境变量；未知的变量会被拒绝，并给出相近的名称；
所有问题一次列出。检查当前设置：

```
python -m api --check-settings
```
""",
    """\
This page is written by `python tasks.py docs` from the declarations in the program. Every setting is a variable of the
environment; an unknown one is refused with the nearest name, and everything that is wrong is listed at once. To check
what is set now:

```
python -m api --check-settings
```
""",
)
COLUMNS = Text("| 变量 | 默认 | 取值 | 说明 |", "| variable | default | values | what it is for |")
COMPUTED = Text("见说明", "see there")
KINDS: dict[Any, Text] = {
    bool: Text("true 或 false", "true or false"),
    int: Text("整数", "whole number"),
    float: Text("数", "number"),
    str: Text("文本", "text"),
    tuple: Text("列表", "list"),
}


def settings_page(language: Language) -> str:
    """Every setting, under the heading of its group."""
    parts = [f"# {TITLE.say(language)}\n", HEAD.say(language)]
    for heading, names in groups():
        rows = (_row(name, Settings.model_fields[name], language) for name in names)
        parts += [f"## {heading.say(language)}\n", COLUMNS.say(language), "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(parts)


def groups() -> Iterator[tuple[Text, list[str]]]:
    """The groups that the settings are joined from, with the names of their own fields; each field once."""
    shown: set[str] = set()
    for group in (*Settings.__mro__[1:], Settings):
        own = [name for name in Settings.model_fields if name in get_annotations(group) and name not in shown]
        if own and issubclass(group, Group):
            yield group.heading, own
            shown |= set(own)


def _row(name: str, field: FieldInfo, language: Language) -> str:
    cells = [f"`{variable(name)}`", _default(field, language), _values(field, language), purpose(field).say(language)]
    return f"| {' | '.join(cells)} |"


def purpose(field: FieldInfo) -> Text:
    """What a setting is for. Raises LookupError where nobody said it."""
    found = next((one for one in field.metadata if isinstance(one, Text)), None)
    if found is None:
        raise LookupError(f"a setting of type {field.annotation} has no sentence beside its type")
    return found


def _default(field: FieldInfo, language: Language) -> str:
    default = field.default
    if field.default_factory is not None or default is None or (isinstance(default, tuple) and default):
        return COMPUTED.say(language)
    if default in ("", ()):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def _values(field: FieldInfo, language: Language) -> str:
    words = _words(field.annotation)
    if words:
        return ", ".join(words)
    kind = next((KINDS[one].say(language) for one in _kinds(field.annotation) if one in KINDS), "")
    return " ".join([kind, *_bounds(field.metadata)]).strip()


def _words(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _kinds(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _kinds(part)
    else:
        yield origin or annotation


def _bounds(metadata: Iterable[Any]) -> Iterator[str]:
    for one in metadata:
        match one:
            case Ge(ge=bound):
                yield f"≥ {bound}"
            case Gt(gt=bound):
                yield f"> {bound}"
            case Le(le=bound):
                yield f"≤ {bound}"
