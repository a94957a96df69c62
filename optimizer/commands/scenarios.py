"""``planopt scenarios``: what a plan's scenarios are and what each shows."""

from __future__ import annotations

from pathlib import Path

from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.screen import console, print_json, print_section
from optimizer.commands.solve import plan_at
from optimizer.scenario import load_scenario
from optimizer.words.language import Language, Text
from optimizer.words.names import Names
from optimizer.words.section import Section, text_columns

TITLES = Text("情景", "Scenario"), Text("名称", "Name"), Text("说明", "Shows")
DEFAULT = Text("默认情景：{name}", "Default: {name}")


def run(path: Path | None, language: Language, *, as_json: bool) -> ExitCode:
    with told(language, as_json=as_json):
        plan = plan_at(path)
        scenarios = [load_scenario(plan, name) for name in plan.scenarios]
        default = plan.settings.default_scenario
        if as_json:
            listed = [one.model_dump(mode="json") | {"default": one.scenario == default} for one in scenarios]
            print_json({"scenarios": listed})
            return ExitCode.ANSWER
        chinese = language is Language.ZH
        rows = tuple(
            (
                one.scenario,
                (one.name_zh if chinese else one.name_en) or one.name_en,
                (one.shows_zh if chinese else one.shows_en) or one.shows_en,
            )
            for one in scenarios
        )
        remark = DEFAULT.say(language, name=default)
        print_section(Section(Names(plan, language).title, text_columns(language, *TITLES), rows, remark), console())
    return ExitCode.ANSWER
