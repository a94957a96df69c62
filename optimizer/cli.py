"""The command line ``planopt``.

Commands are declared here and imported when they run, so that help answers at once. Exit codes: 0 done (for solve and
export: a certified optimum), 2 wrong usage, 3 unusable plan or scenario, 4 infeasible, 5 stopped by a limit or by
Ctrl-C, 6 no usable answer (unbounded, uncertified, failed); 1 is a defect of the program.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import typer

from optimizer.commands import options as o
from optimizer.commands import question_options as q
from optimizer.commands.options import here
from optimizer.commands.question import Question, asks, asks_of_scenarios
from optimizer.commands.setting import percentage
from optimizer.decomposition.method import Method
from optimizer.words.language import Language, language_of

EXIT_CODES = here(
    "退出码：0 完成；2 用法有误；3 规划或情景不可用；4 无可行方案；5 到时限或被取消；6 无可用结果；1 程序缺陷。",
    "Exit codes: 0 done; 2 wrong usage; 3 unusable plan or scenario; 4 infeasible; 5 time limit or cancelled; "
    "6 no usable answer; 1 a defect of the program.",
)
app = typer.Typer(
    help=here("区域规划能达到什么、不能达到什么，附证明。", "What a regional plan can and cannot reach, with proof."),
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def language(chosen: Language | None) -> Language:
    return chosen or language_of(os.environ)


@app.command(help=here("检查规划数据和全部情景", "Whether a plan and its scenarios can be used"))
def check(plan: o.PlanPath = None, lang: o.Lang = None, json: o.Json = False) -> None:
    from optimizer.commands.check import run

    raise typer.Exit(run(plan, language(lang), as_json=json))


@app.command(help=here("求解一个情景并说明结果", "Solve a scenario and say what came out"), epilog=EXIT_CODES)
@asks
def solve(
    question: Question,
    method: o.MethodOption = Method.AUTOMATIC,
    everything: o.Everything = False,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    from optimizer.commands.kept import run

    asked = replace(question, method=method)
    raise typer.Exit(run(asked, language(lang), everything=everything, as_json=json))


@app.command(help=here("求解并写成文件", "Solve and write the answer, or the program, to files"), epilog=EXIT_CODES)
@asks
def export(question: Question, to: o.To, kind: o.Kind = None, lang: o.Lang = None, json: o.Json = False) -> None:
    from optimizer.commands.export import run

    chosen = o.format_of(kind, to)
    raise typer.Exit(run(question, chosen, to, language(lang), as_json=json))


@app.command(help=here("结果最依赖哪些数据", "On which figures the answer rests"), epilog=EXIT_CODES)
@asks
def ledger(
    question: Question, top: q.Top = 10, solve_again: q.SolveAgain = 0, lang: o.Lang = None, json: o.Json = False
) -> None:
    from optimizer.commands.ledger import run

    raise typer.Exit(run(question, language(lang), top=top, solve_again=solve_again, as_json=json))


@app.command(
    help=here("还有哪些同样好或几乎同样好的方案", "Other plans that are as good, or nearly"), epilog=EXIT_CODES
)
@asks
def alternatives(
    question: Question,
    within: q.Within = "1%",
    by: q.By = None,
    plans: q.Plans = 4,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    share = percentage("--within", within)
    from optimizer.commands.alternatives import run

    raise typer.Exit(run(question, language(lang), within=share, by=tuple(by or ()), plans=plans, as_json=json))


@app.command(
    help=here("最优值随预算或指标如何变化", "The optimum along a budget or a target, exactly"), epilog=EXIT_CODES
)
@asks
def curve(
    question: Question,
    along_budget: q.AlongBudget = None,
    along_target: q.AlongTarget = None,
    all_budgets: q.AllBudgets = False,
    least: q.From = None,
    most: q.Until = None,
    gap: q.Gap = "0",
    everything: o.Everything = False,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    along, share = q.one_of(along_budget, along_target, all_budgets=all_budgets), percentage("--gap", gap)
    from optimizer.commands.curve import run

    chosen, ends = language(lang), (least, most)
    raise typer.Exit(run(question, chosen, along=along, interval=ends, gap=share, everything=everything, as_json=json))


@app.command(help=here("两个量之间如何取舍", "What one quantity costs in terms of another"), epilog=EXIT_CODES)
@asks
def frontier(
    question: Question,
    maximise: q.Maximise = None,
    minimise: q.Minimise = None,
    free_goals: q.FreeGoals = False,
    steps: q.Steps = 8,
    everything: o.Everything = False,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    more, less = q.weighed(maximise, minimise)
    from optimizer.commands.frontier import run

    chosen = language(lang)
    raise typer.Exit(
        run(
            question,
            chosen,
            maximise=more,
            minimise=less,
            hold_goals=not free_goals,
            steps=steps,
            everything=everything,
            as_json=json,
        )
    )


@app.command(
    help=here(
        "为何矛盾、如何修复；可行时各指标能走多远", "Why a plan contradicts itself, what repairs it, how far targets go"
    ),
    epilog=EXIT_CODES,
)
@asks
def diagnose(
    question: Question,
    weight: q.Weights = None,
    untouchable: q.Untouchable = None,
    budgets_by_year: q.BudgetsByYear = False,
    everything: o.Everything = False,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    from optimizer.commands.diagnose import run

    raise typer.Exit(
        run(
            question,
            language(lang),
            weights=tuple(weight or ()),
            untouchable=tuple(untouchable or ()),
            budgets_by_year=budgets_by_year,
            everything=everything,
            as_json=json,
        )
    )


@app.command(help=here("两个情景的结果差在哪里", "What differs between two answers, and why"), epilog=EXIT_CODES)
@asks_of_scenarios
def compare(
    question: Question, a: q.ScenarioA, b: q.ScenarioB = None, lang: o.Lang = None, json: o.Json = False
) -> None:
    from optimizer.commands.compare import run

    raise typer.Exit(run(question, language(lang), a=a, b=b, as_json=json))


@app.command(
    help=here("中期评估：已过去的固定，其余重新规划", "Mid-term: what happened is fixed, the rest planned anew"),
    epilog=EXIT_CODES,
)
@asks
def evaluate(
    question: Question, through: q.Through, actuals: q.Actuals = None, lang: o.Lang = None, json: o.Json = False
) -> None:
    from optimizer.commands.evaluate import run

    raise typer.Exit(run(question, language(lang), through=through, actuals=actuals, as_json=json))


@app.command(
    help=here("规划原文违反什么、代价多大", "What a published plan violates, and what its decisions cost"),
    epilog=EXIT_CODES,
)
@asks
def published(
    question: Question,
    against: q.Against = None,
    everything: o.Everything = False,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    from optimizer.commands.published import run

    raise typer.Exit(run(question, language(lang), against=against, everything=everything, as_json=json))


@app.command(
    help=here("数据在范围内变动时结果怎样", "The plan over the ranges of its uncertain figures"), epilog=EXIT_CODES
)
@asks
def sample(
    question: Question,
    samples: q.Samples = 64,
    method: q.MethodOption = q.Method.LATIN_HYPERCUBE,
    seed: q.Seed = 0,
    top: q.TopFigures = 10,
    within: q.WithinFigures = None,
    workers: q.Workers = 1,
    lang: o.Lang = None,
    json: o.Json = False,
) -> None:
    from optimizer.commands.sample import Draw, run

    draw = Draw(samples, method.value, seed, top, tuple(within or ()), workers)
    raise typer.Exit(run(question, language(lang), draw, as_json=json))


@app.command(help=here("列出情景", "The scenarios of a plan"))
def scenarios(plan: o.PlanPath = None, lang: o.Lang = None, json: o.Json = False) -> None:
    from optimizer.commands.scenarios import run

    raise typer.Exit(run(plan, language(lang), as_json=json))


@app.command(help=here("比较两份规划", "What differs between two plans"))
def diff(before: o.PlanA, after: o.PlanB, lang: o.Lang = None, json: o.Json = False) -> None:
    from optimizer.commands.diff import run

    raise typer.Exit(run(before, after, language(lang), as_json=json))


@app.command(help=here("一个数据的数值、范围、等级和来源", "One figure: value, range, grade, sources"))
def trace(
    table: o.Table, key: o.Key = None, plan: o.PlanOption = None, lang: o.Lang = None, json: o.Json = False
) -> None:
    from optimizer.commands.trace import run

    raise typer.Exit(run(table, tuple(key or ()), plan, language(lang), as_json=json))


@app.command(help=here("写出供填写的工作簿", "Write a workbook to fill in"))
def template(to: o.TemplateTo = Path("plan.xlsx"), plan: o.FilledPlan = None, lang: o.Lang = None) -> None:
    from optimizer.commands.template import run

    if to.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"--to: {to.name!r} must end in .xlsx")
    raise typer.Exit(run(to, plan, language(lang)))


@app.command(help=here("打印模型方程", "Print the equations of the model"))
def formulation() -> None:
    from optimizer.commands.formulation import run

    raise typer.Exit(run())


def main() -> None:
    """The entry point: output that a terminal cannot show is replaced, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
