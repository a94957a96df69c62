"""``planopt check``: whether a plan and all its scenarios can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model_data import Plan
from model_data.schema import TABLE
from model_data.vocabulary import GRADES
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.screen import console, print_json
from optimizer.commands.solve import plan_at
from optimizer.stated import check_scenarios
from optimizer.words.language import Language, Text
from optimizer.words.names import Names

FINE = Text("{title}：数据可用。", "{title}: the data can be used.")
COUNTS = Text(
    "{tables}张表，{figures}个数据({grades})，{scenarios}个情景。",
    "{tables} tables, {figures} figures ({grades}), {scenarios} scenarios.",
)
FINGERPRINT = Text("指纹 {fingerprint}", "Fingerprint {fingerprint}")


def run(path: Path | None, language: Language, *, as_json: bool) -> ExitCode:
    with told(language, as_json=as_json):
        plan = plan_at(path)
        check_scenarios(plan)
        if as_json:
            print_json(_document(plan))
        else:
            _print(plan, language)
    return ExitCode.ANSWER


def _grades(plan: Plan) -> dict[str, int]:
    """How many figures with a value have each grade."""
    frames = [plan.table(name) for name, table in TABLE.items() if table.is_figure_table]
    found = [grade for frame in frames for grade in frame.loc[frame["value"].notna(), "grade"]]
    return {grade: found.count(grade) for grade in GRADES}


def _document(plan: Plan) -> dict[str, Any]:
    """plan, names, fingerprint, rows of each table, figures by grade, scenarios."""
    settings = plan.settings
    return {
        "plan": settings.plan,
        "name_zh": settings.name_zh,
        "name_en": settings.name_en,
        "fingerprint": plan.fingerprint,
        "tables": {name: len(plan.table(name)) for name in TABLE},
        "grades": _grades(plan),
        "scenarios": list(plan.scenarios),
    }


def _print(plan: Plan, language: Language) -> None:
    to, grades = console(), _grades(plan)
    to.print(FINE.say(language, title=Names(plan, language).title), style="bold")
    to.print(
        COUNTS.say(
            language,
            tables=sum(len(plan.table(name)) > 0 for name in TABLE),
            figures=sum(grades.values()),
            grades=", ".join(f"{grade} {count}" for grade, count in grades.items()),
            scenarios=len(plan.scenarios),
        )
    )
    to.print(FINGERPRINT.say(language, fingerprint=plan.fingerprint))
