"""The first and last lines of an answer: status, objective, certificate, grades; or the conflict and what to try."""

from __future__ import annotations

from optimizer.answer import Answer
from optimizer.certificate import Certificate
from optimizer.instance import Instance
from optimizer.status import Status
from optimizer.words.choices import FORESIGHT, choice
from optimizer.words.departures import departure_line
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, percent, precise, row_of_numbers, with_unit
from optimizer.words.objective import stages
from optimizer.words.requirements import Requirement, Requirements
from optimizer.words.section import Section, figure_columns, text_columns

CONFLICT = Text("下列{count}项要求互相矛盾：", "These {count} requirements contradict each other:")
CONFLICT_REMARK = Text(
    "去掉其中任何一项，其余各项就不再互相矛盾；规划中可能还有别的矛盾。",
    "Without any one of them the others can be met together; the plan may hold other contradictions.",
)
STRUCTURAL = Text(
    "即使不计全部指标、预算和指定项目，下列约束本身就互相矛盾，请检查数据：",
    "Even without targets, budgets and commitments these contradict each other; check the data:",
)
CLOSING = Text("{last}年以后的年份沿用末年的要求。", " Years after {last} continue the requirements of that year.")
HINT = Text("可以试试：{option}", "Try for instance: {option}")
GRADES = Text(
    "数据等级：{shares}。D级是假设或校准。",
    "Grades of the {count} figures: {shares}. D is an assumption or calibration.",
)
CERTIFICATE = Text(
    "最优性证书(由矩阵重新计算)：原始偏差{primal}，对偶偏差{dual}，互补{complementarity}，间隙{gap}：{holds}。",
    "Certificate recomputed from the matrices: primal violation {primal}, dual {dual}, "
    "complementarity {complementarity}, gap {gap}: {holds}.",
)
HOLDS, FAILS = Text("成立", "it holds"), Text("不成立", "it FAILS")
INCUMBENT = Text(
    "该方案未证明为最优：其目标值为{value}，任何方案都不会优于{bound}，相对差距{gap}。",
    "It is not proved the best: its objective is {value}, no plan is better than {bound}, a relative gap of {gap}.",
)
UNKNOWN_GAP = Text(
    "该方案未证明为最优，距最优多远尚不可知。",
    "It is not proved the best, and how far from the best it may be is not known.",
)
NOTHING = Text("尚未找到任何方案。", "No plan had been found yet.")
BY_BLOCKS = Text(
    "该方案由分解法(分成{blocks}块)求得，目标值与界相差{gap}；分解法不给出基，因此不列出各约束的价格及其有效范围。",
    "It was found by decomposition into {blocks} blocks, value and bound {gap} apart; that gives no basis, so prices "
    "of limits and the ranges in which they hold are not listed.",
)
EFFORT = Text(
    "{rows}行，{columns}列，{iterations}次迭代，求解{seconds}秒。",
    "{rows} rows, {columns} columns, {iterations} iterations, {seconds} s in the solver.",
)
OPTIONS = {
    "indicator": "--standing {key}=goal",
    "budget_year": "--budget {key}=+10",
    "budget_plan": "--budget {key}=+10",
    "project_once": "--release {key}",
}
PATH = Text("目标中的量", "What the objective counts")
QUANTITY, UNIT = Text("量", "Quantity"), Text("单位", "Unit")


def title(instance: Instance, language: Language) -> str:
    """Plan and scenario, and how years are seen where that is not the usual way; then what the question changes."""
    scenario = instance.scenario
    own, other = scenario.name_zh, scenario.name_en
    name = (own if language is Language.ZH else other) or own or other or scenario.scenario
    parts = [Names(instance.plan, language).title, f"{name} ({scenario.scenario})"]
    if scenario.foresight != "perfect":
        parts.append(choice(FORESIGHT, scenario.foresight, language))
    return "\n".join(line for line in (" · ".join(parts), departure_line(instance.stated, scenario, language)) if line)


def status_sentence(answer: Answer, language: Language) -> str:
    """The status in words; of a search that was cut short also what is shown, and of a decomposition what is not."""
    told = answer.status.sentence_zh if language is Language.ZH else answer.status.sentence_en
    solution, blank = answer.solution, "" if language is Language.ZH else " "
    if answer.status in (Status.TIME_LIMIT, Status.CANCELLED):
        return told + blank + _incumbent(answer, language)
    if solution.blocks and solution.x is not None:
        return told + blank + BY_BLOCKS.say(language, blocks=solution.blocks, gap=f"{solution.gap:.1e}")
    return told


def _incumbent(answer: Answer, language: Language) -> str:
    value, solution = answer.objective, answer.solution
    if value is None:
        return NOTHING.say(language)
    if solution.bound is None:
        return UNKNOWN_GAP.say(language)
    unit = stages(answer, language)[-1].unit
    said = [with_unit(precise(one), unit) for one in (value, solution.bound)]
    return INCUMBENT.say(language, value=said[0], bound=said[1], gap=f"{solution.gap:.1e}")


def headline(answer: Answer, language: Language) -> tuple[str, ...]:
    """The status, then each stage of the objective with its value."""
    return (status_sentence(answer, language), *(stage.sentence for stage in stages(answer, language)))


def path_section(answer: Answer, language: Language) -> Section:
    """The quantities of the objective year by year."""
    names, horizon = Names(answer.instance.plan, language), answer.instance.horizon
    used = dict.fromkeys(term.quantity for stage in answer.instance.scenario.objective for term in stage.terms)
    values = answer.quantities.set_index(["quantity", "year"])["value"]
    years = (horizon.base_year, *horizon.years)
    rows = tuple(
        (names.of("quantities", q), names.unit("quantities", q), *row_of_numbers(float(values[q, y]) for y in years))
        for q in used
    )
    titles = (*text_columns(language, QUANTITY, UNIT), *figure_columns(language, *years))
    return Section(PATH.say(language), titles, rows)


def conflict_section(answer: Answer, language: Language) -> Section | None:
    """The first contradiction as a numbered list; None where there is none to tell."""
    conflict = answer.conflict
    if conflict is None:
        return None
    asked = Requirements(answer.instance, language).grouped(conflict.rows)
    rows = tuple((f"{place}.", one.sentence) for place, one in enumerate(asked, 1))
    title = STRUCTURAL.say(language) if conflict.structural else CONFLICT.say(language, count=len(asked))
    remark = "" if conflict.structural else _what_helps(asked, answer, language)
    return Section(title, text_columns(language, Text("", ""), Text("", "")), rows, remark)


def _what_helps(asked: tuple[Requirement, ...], answer: Answer, language: Language) -> str:
    remark, last = CONFLICT_REMARK.say(language), answer.instance.horizon.last_plan_year
    if any(year > last for one in asked for year in one.years):
        remark += CLOSING.say(language, last=last)
    option = _hint(asked)
    return f"{remark}\n{HINT.say(language, option=option)}" if option else remark


def _hint(asked: tuple[Requirement, ...]) -> str:
    """An option that loosens one member of the conflict: a target if there is one, else a budget, else a commitment."""
    for equation, option in OPTIONS.items():
        for one in asked:
            if one.labels[0][0] == equation:
                return option.format(key=one.labels[0][1])
    return ""


def closing_lines(answer: Answer, language: Language) -> tuple[str, ...]:
    """Grades, certificate, effort."""
    grades, solution = answer.grades, answer.solution
    shares = ", ".join(
        f"{grade} {count} ({percent(share)})"
        for grade, count, share in grades[["grade", "figures", "share"]].itertuples(index=False)
    )
    lines = [GRADES.say(language, shares=shares, count=int(grades["figures"].sum()))]
    if solution.certificate is not None:
        lines.append(certificate_sentence(solution.certificate, language))
    program = solution.program
    lines.append(
        EFFORT.say(
            language,
            rows=len(program.rows),
            columns=len(program.columns),
            iterations=solution.iterations,
            seconds=f"{solution.seconds:.2f}",
        )
    )
    return tuple(lines)


def certificate_sentence(found: Certificate, language: Language) -> str:
    return CERTIFICATE.say(
        language,
        primal=f"{found.primal_violation:.1e}",
        dual=f"{found.dual_violation:.1e}",
        complementarity=f"{found.complementarity:.1e}",
        gap=f"{found.gap:.1e}",
        holds=(HOLDS if found.holds else FAILS).say(language),
    )
