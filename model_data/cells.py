"""One cell: from the text in a file to a value, and back. Only what is unambiguous is accepted."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from model_data.problems import Rule, Said

MAX_TEXT = 10_000  # characters in one cell
MAX_NUMBER = 1e15  # nothing in a regional plan is larger in any unit

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}", re.ASCII)
# Line feeds are legal inside a text; other control and invisible characters are slips of copy and paste.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")

NOT_A_NUMBER = Rule(
    "not_a_number",
    "{text!r} is not a number",
    "“{text}”不是数",
    "Write {right}",
    "请写 {right}",
)
TOO_LARGE = Rule(
    "too_large",
    "{text!r} is beyond any figure of a plan",
    "“{text}”超出合理数量",
    "Write a number below 1e15 in absolute value, in a larger unit such as 亿元",
    "请写绝对值小于 1e15 的数，可换用更大的单位，如 亿元",
)
NOT_AN_INTEGER = Rule(
    "not_an_integer",
    "{text!r} is not a whole number",
    "“{text}”不是整数",
    "Write {right}",
    "请写 {right}",
)
BAD_NAME = Rule(
    "bad_name",
    "{text!r} is not a legal name",
    "“{text}”不是合法的标识",
    "Write a name of lower-case letters, digits and underscores that begins with a letter, such as {right}",
    "标识由小写字母、数字、下划线组成并以字母开头，如 {right}",
)
CONTROL_CHARACTER = Rule(
    "control_character",
    "the text contains the invisible character U+{code}",
    "文本含有不可见字符 U+{code}",
    "Delete it and type the text again: {right}",
    "请删去并重新输入：{right}",
)
TOO_LONG = Rule(
    "text_too_long",
    "the text has {length} characters",
    "文本有 {length} 个字符",
    "Shorten it to at most {limit} characters",
    "请缩短到 {limit} 个字符以内",
)
NOT_A_FLAG = Rule(
    "not_a_flag", "{text!r} is neither yes nor no", "“{text}”不是 yes 或 no", "Write yes or no", "请写 yes 或 no"
)

Finding = tuple[Rule, dict[str, object]]
CellReader = Callable[[str], "object | Finding"]


def is_name(text: str) -> bool:
    """Whether the text is an identifier of the tables."""
    return _NAME.fullmatch(text) is not None


def tidy(text: str) -> str:
    """Blanks around a cell mean nothing; line ends are line feeds."""
    return text.replace("\r\n", "\n").strip()


def read_number(text: str) -> float | Finding:
    if not _NUMBER.fullmatch(text):
        return NOT_A_NUMBER, {"text": text[:60], "right": _plain_number(text)}
    value = float(text)
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        return TOO_LARGE, {"text": text[:60]}
    return value + 0.0  # -0.0 becomes 0.0


def read_integer(text: str) -> int | Finding:
    if _INTEGER.fullmatch(text):
        return int(text)
    right = unicodedata.normalize("NFKC", text)
    shown = right if _INTEGER.fullmatch(right) else Said("a whole number such as 2005", "整数，如 2005")
    return NOT_AN_INTEGER, {"text": text[:60], "right": shown}


def read_name(text: str) -> str | Finding:
    if is_name(text):
        return text
    ascii_text = unicodedata.normalize("NFKC", text).encode("ascii", "ignore").decode().lower()
    right = re.sub(r"[^a-z0-9_]+", "_", ascii_text).strip("_0123456789")
    return BAD_NAME, {"text": text[:60], "right": right or "new_name"}


def read_flag(text: str) -> str | Finding:
    return text if text in ("yes", "no") else (NOT_A_FLAG, {"text": text[:60]})


def read_text(text: str) -> str | Finding:
    if len(text) > MAX_TEXT:
        return TOO_LONG, {"length": len(text), "limit": MAX_TEXT}
    found = _CONTROL.search(text)
    if found:
        return CONTROL_CHARACTER, {"code": f"{ord(found.group()):04X}", "right": repr(_CONTROL.sub("", text)[:60])}
    return text


def _plain_number(text: str) -> str | Said:
    """What the writer probably meant, as advice only."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if _NUMBER.fullmatch(plain):
        return plain
    if plain.endswith("%") and _NUMBER.fullmatch(plain[:-1]):
        return Said(f"{plain[:-1]} and put % into the column unit", f"{plain[:-1]}，并在单位列写 %")
    return Said(
        "a decimal number such as 12.5, or leave the cell blank and say in the note why",
        "数字，如 12.5；没有数值则留空，并在备注中说明原因",
    )


READERS: dict[str, CellReader] = {"number": read_number, "integer": read_integer, "name": read_name, "flag": read_flag}


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    text = repr(float(value))
    return text.removesuffix(".0")
