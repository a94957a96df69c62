"""The one unit registry: what a unit in a plan may say, and the factors between units.

Factors are exact rational numbers until the last step, so 万元 in 亿元 is 0.0001 and nothing near it.
A unit is names with prefixes, joined by ``*`` and ``/``: ``万t``, ``kWh/t``, ``元/(m³/日)``. Annual flows
carry no "per year". ``tce`` is a dimension of its own, neither mass nor energy, and ``年份`` is a
calendar year, not a duration.
"""

from __future__ import annotations

import difflib
import re
import tokenize
from fractions import Fraction
from functools import lru_cache

import pint

MAX_UNIT_LENGTH = 60

PREFIXES: dict[str, int] = {
    "k": 1000, "M": 10**6, "G": 10**9, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8,
    "十万": 10**5, "百万": 10**6, "千万": 10**7, "万亿": 10**12,
}  # fmt: skip

# In the notation of pint: name = value = symbol = alias = …; [x] is a dimension. Square and cubic metres
# are units of their own, because a prefix belongs to the whole of them: 万m³ is 1e4 m³, not (1e4 m)³.
DEFINITIONS: tuple[str, ...] = (
    "percent = 0.01 = % = 百分点 = pp",
    "permille = 0.001 = ‰",
    "元 = [money] = 元 = yuan",
    "美元 = [foreign_money] = 美元",
    "tce = [coal_equivalent] = tce = 吨标准煤 = 吨标煤",
    "gce = tce / 1000000 = gce = 克标准煤",
    "g = [mass] = g = 克",
    "mg = g / 1000 = mg = 毫克",
    "kilogram = 1000 * g = kg = 千克 = 公斤",
    "t = 1000000 * g = t = 吨",
    "metre = [length] = m = 米",
    "km = 1000 * metre = km = 千米 = 公里",
    "m2 = metre * metre = m2 = 平方米",
    "km2 = 1000000 * m2 = km2 = 平方千米 = 平方公里",
    "hectare = 10000 * m2 = ha = 公顷",
    "亩 = hectare / 15 = 亩 = mu",
    "m3 = m2 * metre = m3 = 立方米",
    "litre = m3 / 1000 = L = 升",
    "hour = [time] = h = 小时",
    "minute = hour / 60 = min = 分钟",
    "second = hour / 3600 = s = 秒",
    "day = 24 * hour = d = 日 = 天",
    "年 = 365 * day = 年",
    "月 = 年 / 12 = 月",
    "年份 = [calendar_year] = 年份",
    "岁 = [age] = 岁",
    "watt = [power] = W = 瓦",
    "kilowatt = 1000 * watt = kW = 千瓦",
    "watthour = watt * hour = Wh = 瓦时",
    "kilowatthour = 1000 * watthour = kWh = 千瓦时 = 度",
    "joule = watt * second = J = 焦",
    "摄氏度 = [temperature] = 摄氏度",
    "人 = [person] = 人 = person",
    "户 = [household] = 户",
    "人次 = [visit] = 人次",
    "个 = [item] = 个",
    "块 = [brick] = 块",
    "件 = [piece] = 件",
    "只 = [unit_zhi] = 只",
    "台 = [device] = 台",
    "部 = [set] = 部",
    "辆 = [vehicle] = 辆",
    "册 = [volume] = 册",
    "张 = [sheet] = 张",
    "家 = [firm] = 家",
    "种 = [kind] = 种",
    "项 = [entry] = 项",
    "所 = [institution] = 所",
    "处 = [place] = 处",
    "头 = [head] = 头",
    "株 = [plant] = 株",
    "点 = [point] = 点",
)

DIMENSIONLESS = "1"
CALENDAR_YEAR = "年份"

_SLIPS = ("万", "亿", "")
_SUPERSCRIPTS = str.maketrans({"²": "2", "³": "3", "·": "*", "℃": "摄氏度"})
# A name may end in 2 or 3 (m2, m3); no other digit, power or sign is part of a unit, but the 1 of "1/万元".
_NAME = r"[^\W\d_]+[23]?|[%‰]"
_SHAPE = re.compile(rf"\(*(?:1|{_NAME})\)*(?:[*/]\(*(?:1|{_NAME})\)*)*")


class UnitError(ValueError):
    """A text that is no unit, or two units that measure different things; ``zh`` says it in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


def new_registry(number_type: type[float] | type[Fraction] = float) -> pint.UnitRegistry[float]:
    """A fresh registry with exactly the units above (for a modelling layer that wants its own)."""
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(None, non_int_type=number_type)
    for prefix, value in PREFIXES.items():
        if len(prefix) == 1:
            registry.define(f"{prefix}- = {value}")
    for definition in DEFINITIONS:
        registry.define(definition)
    return registry


def known_units() -> tuple[str, ...]:
    """The names and symbols that a unit can be made of, without prefixes."""
    words = (part.strip() for line in DEFINITIONS for part in line.split("="))
    return tuple(dict.fromkeys(word for word in words if re.fullmatch(_NAME, word)))


REGISTRY = new_registry(Fraction)
_UNITS = frozenset(known_units())


def _split(word: str) -> tuple[str, str] | None:
    """Prefix and unit of a word; None where it is not one prefix, or none, before one unit."""
    found = ((prefix, word.removeprefix(prefix)) for prefix in ("", *PREFIXES) if word.startswith(prefix))
    return next((pair for pair in found if pair[1] in _UNITS), None)


@lru_cache(maxsize=4096)
def parse(text: str) -> pint.Unit:
    """The unit that ``text`` names. Raises UnitError."""
    plain = text.strip().translate(_SUPERSCRIPTS)
    if not plain:
        raise UnitError("the unit is blank", "单位为空")
    if len(plain) > MAX_UNIT_LENGTH or not _SHAPE.fullmatch(plain):
        raise _no_unit(text, "names joined by * and /, such as kWh/t", "单位由名称和 * / 组成，如 kWh/t")
    for word in re.findall(_NAME, plain):
        _define(text, word)
    try:
        return REGISTRY.parse_units(plain)
    except tokenize.TokenError:
        raise _no_unit(text, "a parenthesis is missing", "括号不成对") from None


def _define(text: str, word: str) -> None:
    """Makes sure that the registry reads a word as one prefix before one unit.

    The registry itself would take 亿万元 once it knows 万元, and knows only prefixes of one character.
    """
    pair = _split(word)
    if pair is None:
        near = " / ".join(difflib.get_close_matches(word, _words(), n=3, cutoff=0.5)) or "?"
        raise _no_unit(text, f"{word!r} is unknown, perhaps {near}", f"未知单位名“{word}”，是否为 {near}")
    prefix, unit = pair
    if len(prefix) > 1 and word not in REGISTRY:
        REGISTRY.define(f"{word} = {PREFIXES[prefix]} * {unit}")


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    return tuple(prefix + unit for unit in known_units() for prefix in ("", *PREFIXES))


def _no_unit(text: str, en: str, zh: str) -> UnitError:
    shown = text[:MAX_UNIT_LENGTH]
    return UnitError(f"{shown!r} is no unit ({en})", f"“{shown}”不是单位（{zh}）")


@lru_cache(maxsize=16384)
def factor(unit: str, target: str) -> float:
    """How many ``target`` one ``unit`` is: factor("万元", "亿元") == 1e-4. Raises UnitError.

    Units of different dimension raise with both units named.
    """
    here, there = parse(unit), parse(target)
    if here.dimensionality != there.dimensionality:
        raise UnitError(f"{unit!r} does not measure the same as {target!r}", f"“{unit}”与“{target}”量纲不同")
    return float(REGISTRY.convert(1, here, there))


def is_unit(text: str) -> bool:
    """Whether ``text`` parses as a unit."""
    try:
        parse(text)
    except UnitError:
        return False
    return True


def compatible(unit: str, target: str) -> bool:
    """Whether both parse and measure the same thing."""
    return is_unit(unit) and is_unit(target) and parse(unit).dimensionality == parse(target).dimensionality


def quotient(numerator: str, denominator: str) -> str:
    """The unit ``numerator`` per ``denominator`` as text: quotient("t", "kWh/元") == "t/(kWh/元)"."""
    compound = any(sign in denominator for sign in "*/·")
    return f"{numerator}/({denominator})" if compound else f"{numerator}/{denominator}"


def similar_units(unit: str) -> list[str]:
    """Units that ``unit`` is easily mistaken for: each prefix 万 or 亿 exchanged or left out, or put in front."""
    exchanged = [unit.replace(old, new, 1) for old in _SLIPS for new in _SLIPS if old and old in unit and old != new]
    prefixed = [prefix + unit for prefix in _SLIPS if prefix]
    return list(dict.fromkeys(other for other in [*exchanged, *prefixed] if other != unit and is_unit(other)))
