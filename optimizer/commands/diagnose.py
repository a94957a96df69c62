"""``planopt diagnose``: why a plan contradicts itself and what repairs it; or how far each target can go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from model_data import Plan
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.setting import Named, Pair
from optimizer.commands.solve import plan_at
from optimizer.diagnosis import Wishes, diagnose
from optimizer.diagnosis.wishes import KINDS
from optimizer.documents.diagnosis import diagnosis_document
from optimizer.program import Label
from optimizer.questions import refuse, unknown_name
from optimizer.words.diagnosis import diagnosis_report
from optimizer.words.language import Language, Text

NAME = Text("名称", "name")
TABLES: Mapping[str, str] = {"indicator": "indicators", "budget": "budgets", "project": "projects"}


def run(
    question: Question,
    language: Language,
    *,
    weights: tuple[Pair[float], ...],
    untouchable: tuple[Named, ...],
    budgets_by_year: bool,
    everything: bool,
    as_json: bool,
) -> ExitCode:
    with told(language, as_json=as_json):
        plan = plan_at(question.plan)
        wishes = _wishes(plan, weights, untouchable, by_year=budgets_by_year)
        scenario = changed_scenario(plan, question.scenario, question.changes)
        with watched(question.seconds, language) as (limits, say):
            found = diagnose(plan, scenario, wishes, limits=limits, progress=say)
        if as_json:
            print_json(diagnosis_document(found, language))
        else:
            print_report(diagnosis_report(found, language, everything=everything), console())
        return ExitCode.ANSWER if found.feasible else ExitCode.INFEASIBLE


def _wishes(plan: Plan, weights: Iterable[Pair[float]], untouchable: Iterable[Named], *, by_year: bool) -> Wishes:
    """Names become labels: of an indicator, a budget or a project, or of all of a kind. Raises QuestionError."""
    known = {kind: plan.table(table)[kind].tolist() for kind, table in TABLES.items()}
    stated, kept = [(Named(pair.name), pair.value) for pair in weights], list(untouchable)
    names = [*KINDS, *(name for own in known.values() for name in own)]
    asked = [("--weight", one) for one, _ in stated] + [("--untouchable", one) for one in kept]
    refuse(
        [unknown_name(option, what=NAME, name=one.name, known=names) for option, one in asked if one.name not in names]
    )
    return Wishes(
        {label: value for one, value in stated for label in _labels(one, known)},
        tuple(label for one in kept for label in _labels(one, known)),
        budgets_by_year=by_year,
    )


def _labels(one: Named, known: Mapping[str, list[str]]) -> list[Label]:
    if one.name in KINDS:
        return [(one.name,)]
    year = (one.when,) if one.when is not None else ()
    return [(kind, one.name, *year) for kind, own in known.items() if one.name in own]
