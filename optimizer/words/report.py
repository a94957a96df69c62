"""The whole answer as sections, in the order in which a planner reads it."""

from __future__ import annotations

from optimizer.answer import Answer
from optimizer.words.headline import closing_lines, conflict_section, headline, path_section, title
from optimizer.words.indicators import indicator_section
from optimizer.words.language import Language
from optimizer.words.rates import rate_section
from optimizer.words.section import Report, Section
from optimizer.words.works import capacity_section, investment_section, project_section

__all__ = ["Report", "report"]
MOST_RATES = 12


def report(answer: Answer, language: Language, *, everything: bool = False) -> Report:
    """An answer in words; with ``everything`` no table is shortened."""
    scenario = answer.instance.scenario
    return Report(
        title(answer.instance, language),
        (scenario.shows_zh if language is Language.ZH else scenario.shows_en) or scenario.shows_en,
        headline(answer, language),
        tuple(_with_point(answer, language, everything) if answer.values else _without_point(answer, language)),
        closing_lines(answer, language),
    )


def _with_point(answer: Answer, language: Language, everything: bool) -> list[Section]:
    sections = [
        path_section(answer, language),
        indicator_section(answer, language, everything=everything),
        investment_section(answer, language),
        capacity_section(answer, language, everything=everything),
        project_section(answer, language),
    ]
    if not answer.exchange_rates.empty:
        sections.append(rate_section(answer, language, len(answer.exchange_rates) if everything else MOST_RATES))
    return [section for section in sections if section is not None and (section.rows or section.remark)]


def _without_point(answer: Answer, language: Language) -> list[Section]:
    conflict = conflict_section(answer, language)
    return [] if conflict is None else [conflict]
