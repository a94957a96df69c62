"""The facts at the head of an exported answer: item, its name, value, unit, text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from optimizer.words.language import Language, Text

Fact = tuple[str, float | None, str, str]  # item, value, unit, text

ITEMS: Mapping[str, Text] = {
    "plan": Text("规划", "Plan"),
    "fingerprint": Text("数据指纹", "Fingerprint of the data"),
    "scenario": Text("情景", "Scenario"),
    "shows": Text("情景说明", "What it shows"),
    "settings": Text("情景设置", "Settings of the scenario"),
    "changes": Text("情景设置", "Settings of the scenario"),
    "changed": Text("本次改动", "Changed here"),
    "status": Text("求解状态", "Status"),
    "goals": Text("力争目标缺口", "Shortfall of goals"),
    "objective": Text("目标函数", "Objective"),
    "stage": Text("目标函数", "Objective"),
    "answered": Text("作答时间", "Answered"),
    "certificate primal_violation": Text("证书：原始偏差", "Certificate: primal violation"),
    "certificate dual_violation": Text("证书：对偶偏差", "Certificate: dual violation"),
    "certificate complementarity": Text("证书：互补", "Certificate: complementarity"),
    "certificate gap": Text("证书：间隙", "Certificate: gap"),
    "certificate integrality": Text("证书：整数偏差", "Certificate: integrality"),
    "certificate holds": Text("证书是否成立", "The certificate holds"),
    "exact": Text("是否精确", "Exact"),
    "unit": Text("单位", "Unit"),
    "difference": Text("差", "Difference"),
}


def fact_table(facts: Sequence[Fact], language: Language) -> pd.DataFrame:
    rows = [(item, _name(item, language), value, unit, text) for item, value, unit, text in facts]
    return pd.DataFrame(rows, columns=["item", "item_name", "value", "unit", "text"]).astype({"value": float})


def _name(item: str, language: Language) -> str:
    """Its name in the language; stages are numbered, and what has no name keeps its own."""
    word, _, number = item.partition(" ")
    if item not in ITEMS and word in ITEMS and number.isdigit():
        return f"{ITEMS[word].say(language)} {number}"
    return ITEMS[item].say(language) if item in ITEMS else item


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings as a reader can follow them, one a line: ``indicators growth: standing goal, weight 2``."""
    return "\n".join(_lines(settings))


def _lines(settings: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += [f"{key} {name}: {_inline(own)}" for name, own in value.items()]
        elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
            lines += [f"{key}: {_inline(part)}" for part in value]
        else:
            lines.append(f"{key}: {_inline(value)}")
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inline(own)}" for key, own in value.items() if own not in (None, [], {}))
    if isinstance(value, list | tuple):
        return "; ".join(_inline(part) for part in value)
    return str(value)
