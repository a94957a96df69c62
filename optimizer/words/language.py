"""The two languages, and texts that exist in both."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

VARIABLE = "PLANOPT_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


class Language(StrEnum):
    """What an answer is told in."""

    ZH = "zh"
    EN = "en"


class Text(NamedTuple):
    """One text in both languages; names in braces are filled in by ``say``."""

    zh: str
    en: str

    def say(self, language: Language, **slots: object) -> str:
        text = self.zh if language is Language.ZH else self.en
        return text.format(**slots) if slots else text


def language_of(environment: Mapping[str, str]) -> Language:
    """PLANOPT_LANG where it is set, else Chinese under a Chinese locale, else English."""
    own = environment.get(VARIABLE, "").lower()
    stated = own or next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return Language.ZH if stated.lower().startswith("zh") else Language.EN
