"""Repairs in words: what is changed from what to what, and what the repaired plan reaches."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.diagnosis.changes import OUTWARD, Change
from optimizer.diagnosis.repairs import Repair
from optimizer.diagnosis.verb import Diagnosis
from optimizer.program import Label
from optimizer.status import Status
from optimizer.words.asked import Asked
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, amount, number, percent, precise, rounded
from optimizer.words.objective import stages
from optimizer.words.requirements import SIGNS
from optimizer.words.section import Section, figure_columns, text_columns

TABLES = {"indicator": "indicators", "budget": "budgets", "project": "projects"}
KINDS = {
    "least_change": Text("总改动最小", "least total change"),
    "fewest": Text("改动项数最少", "fewest changes"),
    "alone": Text("单独一项", "one alone"),
}
GIVEN_UP = {
    "indicator": Text("不再要求", "no longer required"),
    "project": Text("不再指定年份", "year left open"),
}
TOTAL = Text("合计{way}", "in all {way}")
IN_YEAR = Text("{name}({year}年)", "{name} in {year}")
TOGETHER = Text("{name}(规划期合计)", "{name} (sum over the plan)")
TIMES = Text("原值的{factor}倍", "{factor} times as asked")
ENTERS = Text("{year}年", "{year}")
MENU = Text("怎样修复：每个方案改动后整个规划都可行", "Repairs: with each of them the whole plan can be carried out")
PLACE, WHAT = Text("方案: 总改动", "Repair: total change"), Text("改什么", "What is changed")
BEFORE, AFTER, SIZE = Text("原要求", "Asked"), Text("改为", "Changed to"), Text("改动", "Change")
PROVED = Text(
    "每个方案都已代入重新求解，最优性证书成立。改后的数字已向宽松一侧取整；改动为末年数值或预算的相对变化。",
    "Every repair was put in and the plan solved again; the certificates hold. Figures are rounded to the looser side; "
    "a change is relative to the figure of the last year, or to the budget.",
)
UNPROVED = Text("方案{places}重新求解未得到最优方案，不可采用。", "Repairs {places} gave no optimum: do not use them.")
TIED = Text("改动项数同为{count}项的组合有{tied}种，表中为改动最小的一种。",
            "{tied} combinations of {count} are as few; the one with the least change is shown.")  # fmt: skip
AT_LEAST = Text("至少{tied}", "At least {tied}")
NEEDED = Text(
    "已证明至少须改{needed}项；是否少于{count}项也行，在合理的计算量内未能判定。",
    "At least {needed} changes are needed; whether fewer than {count} would do was not settled in reasonable time.",
)
LOCAL = Text(
    "改动中可有比率指标(比重、强度)与其他改动同时变动，各改动之和非凸：方案{places}的总改动是局部最小，不排除还有更小的。",
    "Ratio targets (shares, intensities) may change together with others, and such a sum of changes is not convex: the "
    "total change of repair {places} is a local least, and a smaller one is not excluded.",
)
OUTCOME = Text("修复以后能达到什么", "What the repaired plan reaches")
FIGURE, ASKED = Text("指标 (末年)", "Figure (last year)"), Text("原要求", "Asked")
REPAIR = Text("方案{place}", "Repair {place}")
MISSED = Text("未达到的力争目标(项)", "Goals missed (number)")
MOST_SHOWN = 6
# A smaller change than this would read 0.0%.
_SMALL = 5e-4
OPTIONS = Text("方案{place}的选项：{options}", "Options of repair {place}: {options}")


class Changes:
    """Changes of one diagnosis in one language."""

    def __init__(self, found: Diagnosis, language: Language) -> None:
        self._names, self.language = Names(found.instance.plan, language), language
        self._senses = {target.indicator: target.sense for target in found.instance.targets}

    def name(self, change: Change) -> str:
        """With the clause; budgets with what they are the amount of."""
        kind, key = str(change.label[0]), str(change.label[1])
        name, clause = self._names.of(TABLES[kind], key), self._names.clause(TABLES[kind], key)
        if kind == "budget":
            form = IN_YEAR if len(change.label) > 2 else TOGETHER
            name = form.say(self.language, name=name, year=change.label[-1])
        return f"{name} [{clause}]" if clause else name

    def before(self, change: Change) -> str:
        return self._figure(change, change.before)

    def after(self, change: Change) -> str:
        if change.after is None:
            return GIVEN_UP[str(change.label[0])].say(self.language)
        return self._figure(change, self._printed(change, change.after))

    def size(self, change: Change) -> str:
        """+3.2%; a dash for a commitment, which is kept or not, and for a target that is given up."""
        if change.label[0] == "project" or change.after is None:
            return NOTHING
        sign = "+" if change.after > change.before else "-"
        return sign + (percent(change.size) if change.size >= _SMALL else f"{100.0 * change.size:.1g}%")

    def way(self, change: Change) -> str:
        """13% → 11.66% (-5.8%)."""
        size = self.size(change)
        text = f"{self.before(change)} → {self.after(change)}" + ("" if size == NOTHING else f" ({size})")
        return (TOTAL.say(self.language, way=text)) if change.label[0] == "budget" and len(change.label) == 2 else text

    def option(self, change: Change) -> str:
        """What ``planopt solve`` takes to make the change; blank where no option says it."""
        kind, name = str(change.label[0]), str(change.label[1])
        if change.after is None:
            return f"--release {name}" if kind == "project" else f"--standing {name}=monitored"
        if kind == "project":
            return f"--commit {name}={change.after:.0f}"
        plain = f"{self._printed(change, change.after):.10g}"
        if kind == "budget":
            return "" if len(change.label) > 2 else f"--budget-total {name}={plain}"
        return "" if _by_year(change) else f"--target {name}={plain}"

    def _printed(self, change: Change, after: float) -> float:
        """Rounded away from what was asked, so that what is printed suffices; equality cannot be rounded."""
        if change.label[0] == "indicator" and self._senses.get(str(change.label[1])) == "=":
            return after
        up = after > change.before
        room = OUTWARD * max(abs(change.before), abs(after))  # what every change has to spare is no digit to print
        return rounded(after - room if up else after + room, up=up)

    def _figure(self, change: Change, value: float) -> str:
        if change.label[0] == "project":
            return ENTERS.say(self.language, year=f"{value:.0f}")
        if _by_year(change):
            return TIMES.say(self.language, factor=number(value))
        return amount(value, change.unit)


def _by_year(change: Change) -> bool:
    """Whether the plan states another number each year, so that the change is a common factor."""
    return change.label[0] == "indicator" and "figures" in change.settings


def told_once(menu: tuple[Repair, ...]) -> list[tuple[list[str], Repair]]:
    """Repairs that are the same change are told once, with all their kinds."""
    found: list[tuple[list[str], Repair]] = []
    for repair in menu:
        same = next((kinds for kinds, other in found if other.scenario == repair.scenario), None)
        if same is None:
            found.append(([repair.kind], repair))
        else:
            same.append(repair.kind)
    return found


def menu_section(found: Diagnosis, language: Language) -> Section:
    worded, rows = Changes(found, language), list[tuple[str, ...]]()
    repairs = told_once(found.menu)
    for place, (kinds, repair) in enumerate(repairs, 1):
        said = ", ".join(KINDS[kind].say(language) for kind in kinds)
        head = f"{place}. {said}: {percent(repair.total)}"
        for change in repair.changes:
            cells = worded.name(change), worded.before(change), worded.after(change), worded.size(change)
            rows.append((head, *cells))
            head = ""
    columns = (*text_columns(language, PLACE, WHAT), *figure_columns(language, BEFORE, AFTER, SIZE))
    return Section(MENU.say(language), columns, tuple(rows), "\n".join(_remarks(found, repairs, language)))


def _remarks(found: Diagnosis, repairs: list[tuple[list[str], Repair]], language: Language) -> Iterator[str]:
    failed = [str(place) for place, (_, repair) in enumerate(repairs, 1) if not proved(repair)]
    yield UNPROVED.say(language, places=", ".join(failed)) if failed else PROVED.say(language)
    fewest = next(repair for repair in found.menu if repair.kind == "fewest")
    if fewest.tied > 1:
        tied = str(fewest.tied) if fewest.compared_all else AT_LEAST.say(language, tied=fewest.tied)
        yield TIED.say(language, tied=tied, count=len(fewest.changes))
    if fewest.needed < len(fewest.changes):
        yield NEEDED.say(language, needed=fewest.needed, count=len(fewest.changes))
    local = [str(place) for place, (_, repair) in enumerate(repairs, 1) if repair.local]
    if local:
        yield LOCAL.say(language, places=", ".join(local))
    worded = Changes(found, language)
    for place, (_, repair) in enumerate(repairs, 1):
        options = [worded.option(change) for change in repair.changes]
        if all(options):
            yield OPTIONS.say(language, place=place, options=" ".join(options))


def proved(repair: Repair) -> bool:
    return repair.status is Status.OPTIMAL and (repair.certificate is None or repair.certificate.holds)


def outcome_section(found: Diagnosis, language: Language) -> Section:
    """What each repaired plan reaches: the objective, the targets that contradict each other, the goals missed."""
    repairs = [repair for _, repair in told_once(found.menu)][:MOST_SHOWN]
    rows = [_objective(repairs, language), *_targets(found, repairs, language)]
    if any((repair.answer.indicators["standing"] == "goal").any() for repair in repairs):
        rows.append((MISSED.say(language), "", *(str(_missed(repair)) for repair in repairs)))
    titles = [Text(*(text.format(place=place) for text in REPAIR)) for place in range(1, len(repairs) + 1)]
    columns = (*text_columns(language, FIGURE), *figure_columns(language, ASKED, *titles))
    return Section(OUTCOME.say(language), columns, tuple(rows))


def _objective(repairs: list[Repair], language: Language) -> tuple[str, ...]:
    last = [stages(repair.answer, language)[-1] for repair in repairs]
    values = (NOTHING if stage.value is None else precise(stage.value) for stage in last)
    return (f"{last[0].text} ({last[0].unit})", "", *values)


def _targets(found: Diagnosis, repairs: list[Repair], language: Language) -> Iterator[tuple[str, ...]]:
    names = Names(found.instance.plan, language)
    asked = Asked.of(found.instance, names)
    for target in found.instance.targets:
        if ("indicator", target.indicator) not in _concerned(found):
            continue
        unit, scale = asked.unit(target.indicator)
        years = [year for year in target.asked if year in found.instance.horizon.years]
        reached = (_reached(repair, target.indicator) for repair in repairs)
        name = names.of("indicators", target.indicator)
        head = name if unit == "1" else f"{name} ({unit})"
        cells = (number(None if value is None else value * scale) for value in reached)
        yield (head, f"{SIGNS[target.sense]} {number(target.asked[years[-1]] * scale)}", *cells)


def _concerned(found: Diagnosis) -> set[Label]:
    """Targets that stand in a conflict or are changed by a repair."""
    members = {label[:2] for conflict in found.conflicts for label in conflict.rows if label[0] == "indicator"}
    return members | {change.label[:2] for repair in found.menu for change in repair.changes}


def _reached(repair: Repair, indicator: str) -> float | None:
    table = repair.answer.indicators
    rows = table[(table["indicator"] == indicator) & table["year"].notna()]
    return None if rows.empty else float(rows["reached"].iloc[-1])


def _missed(repair: Repair) -> int:
    rows = repair.answer.indicators.query("standing == 'goal' and met == 'no'")
    return int(rows["indicator"].nunique())
