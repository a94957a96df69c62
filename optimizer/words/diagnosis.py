"""A diagnosis in words: the conflicts, what resolves each, the menu of repairs, and how far targets can go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.conflict import Conflict
from optimizer.diagnosis.evidence import Evidence
from optimizer.diagnosis.verb import Diagnosis
from optimizer.words.headline import STRUCTURAL, title
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, amount
from optimizer.words.ranges import range_section
from optimizer.words.repairs import Changes, menu_section, outcome_section
from optimizer.words.report import Report
from optimizer.words.requirements import Requirement, Requirements
from optimizer.words.section import Section, text_columns

FEASIBLE = Text(
    "全部要求可以同时满足。下面是在其余要求不变时，每项指标还能走多远。",
    "All requirements can be met together. Below: how far each target can go while the others hold.",
)
INFEASIBLE = Text(
    "全部要求不能同时满足：有{count}处互不相干的矛盾，每一处都须化解。",
    "The requirements cannot all be met: {count} separate contradictions, and each has to be resolved.",
)
ONE = Text("全部要求不能同时满足：有一处矛盾。", "The requirements cannot all be met: there is one contradiction.")
UNREPAIRED = Text(
    "改动指标、预算和指定项目都无济于事：须检查数据。",
    "No change of targets, budgets or commitments helps: check the data.",
)
CONFLICT = Text("矛盾{place}：下列{count}项要求不能同时满足", "Contradiction {place}: these {count} cannot all be met")
BY_ITSELF = Text("矛盾{place}：这项要求单独就做不到", "Contradiction {place}: this cannot be met by itself")
REQUIREMENT, GRADE = Text("要求", "Requirement"), Text("数据等级", "Grade")
WAY = Text("化解这处矛盾：只改这一项", "To resolve it, this changed alone")
ON_GRADE_D = Text(
    "其中的D级数据(假设或校准)：{figures}。下决心之前先查清。",
    "Figures of grade D (assumption or calibration) behind it: {figures}. Find out first, then decide.",
)
MORE = Text("等{count}个", "and others, {count} in all")
NO_GRADE_D = Text("各项要求自身的数字都不是D级。", "None of the figures that state these requirements is of grade D.")
CLOSING_YEARS = Text("{last}年以后的年份沿用末年的要求。", "Years after {last} continue the requirements of that year.")
NOT_ALONE = Text("没有哪一项单独改动就能使整个规划可行。", "No single change makes the whole plan possible.")
IRREDUCIBLE = Text(
    "每处矛盾都不能再减：去掉其中任何一项，其余各项即可同时满足。",
    "No contradiction can be made smaller: without any one of its requirements the others can be met together.",
)
GRADES = Text(
    "等级为说明该要求的数字中最低的一个(技术系数另见 planopt ledger)。",
    "A grade is the lowest among the figures that state the requirement (for coefficients see planopt ledger).",
)
MOST_FIGURES = 4


def diagnosis_report(found: Diagnosis, language: Language, *, everything: bool = False) -> Report:
    """Conflicts and repairs, or ranges; ``everything`` leaves no row out."""
    head, lines = title(found.instance, language), [opening(found, language)]
    if found.feasible:
        return Report(head, "", tuple(lines), (range_section(found, language, everything=everything),), ())
    conflicts = tuple(_conflicts(found, language))
    if not found.menu:
        return Report(head, "", (*lines, UNREPAIRED.say(language)), conflicts, ())
    if all(repair.kind != "alone" for repair in found.menu):
        lines.append(NOT_ALONE.say(language))
    sections = (*conflicts, menu_section(found, language), outcome_section(found, language))
    return Report(head, "", tuple(lines), sections, (IRREDUCIBLE.say(language), GRADES.say(language)))


def opening(found: Diagnosis, language: Language) -> str:
    """Whether all requirements can be met, in one sentence."""
    if found.feasible:
        return FEASIBLE.say(language)
    count = len(found.conflicts)
    return ONE.say(language) if count == 1 else INFEASIBLE.say(language, count=count)


def _conflicts(found: Diagnosis, language: Language) -> Iterator[Section]:
    requirements, evidence = Requirements(found.instance, language), Evidence(found.instance)
    for place, (conflict, ways) in enumerate(zip(found.conflicts, found.ways, strict=True), 1):
        asked = requirements.grouped(conflict.rows)
        if conflict.structural:
            rows = tuple((one.sentence,) for one in asked)
            yield Section(STRUCTURAL.say(language), text_columns(language, REQUIREMENT), rows)
            continue
        worded = Changes(found, language)
        alone = {change.label: worded.way(change) for change in ways}
        cells = tuple((one.sentence, evidence.worst_grade(one.labels) or NOTHING, _way(one, alone)) for one in asked)
        heading = (CONFLICT if len(asked) > 1 else BY_ITSELF).say(language, place=place, count=len(asked))
        columns = text_columns(language, REQUIREMENT, GRADE, WAY)
        yield Section(heading, columns, cells, _remark(found, conflict, asked, evidence, language))


def _way(one: Requirement, alone: dict[tuple[str | int, ...], str]) -> str:
    """The single change of the group to which the requirement belongs; a dash where it does not suffice."""
    kind = {"indicator": "indicator", "project_once": "project"}.get(str(one.labels[0][0]), "budget")
    name = one.labels[0][1]
    texts = [text for label, text in alone.items() if label[:2] == (kind, name)]
    return "; ".join(texts) or NOTHING


def _remark(
    found: Diagnosis, conflict: Conflict, asked: Sequence[Requirement], evidence: Evidence, language: Language
) -> str:
    poor = [figure for figure in evidence.behind(conflict.rows) if figure.grade == "D"]
    names = [
        f"{figure.name_zh if language is Language.ZH else figure.name_en} {amount(figure.value, figure.unit)}"
        for figure in poor
    ]
    listed = "; ".join(names[:MOST_FIGURES])
    if len(names) > MOST_FIGURES:
        listed += ("" if language is Language.ZH else ", ") + MORE.say(language, count=len(names))
    text = ON_GRADE_D.say(language, figures=listed) if names else NO_GRADE_D.say(language)
    last = found.instance.horizon.last_plan_year
    if any(year > last for one in asked for year in one.years):
        text += ("" if language is Language.ZH else " ") + CLOSING_YEARS.say(language, last=last)
    return text
