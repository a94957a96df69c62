"""Errors told to the one who typed the command: every problem with its place and remedy, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from model_data import DataError, Problem
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.screen import print_json
from optimizer.questions import QuestionError, RefusalError, UnfinishedError
from optimizer.runs import INFEASIBLE
from optimizer.scenario import ScenarioError
from optimizer.solver import SolverError
from optimizer.words.language import Language, Text

MOST_SHOWN = 50
DATA = Text("规划数据有{count}处问题：", "{count} problems in the plan's data:")
SCENARIO = Text("情景“{scenario}”有{count}处问题：", "{count} problems in the scenario {scenario!r}:")
MORE = Text("……另有{count}处；加 --json 列出全部。", "… and {count} more; --json lists all.")
CANNOT_WRITE = Text("无法写入文件：{error}", "The file cannot be written: {error}")
QUESTION = Text("这个问题无法回答：", "The question has no answer as it stands:")
REFUSED = Text("求解器拒绝了模型：{error}", "The solver refused the program: {error}")


@contextmanager
def told(language: Language, *, as_json: bool) -> Iterator[None]:
    """Turns what can go wrong with a plan, a question or a file into a message and ``typer.Exit`` with its code."""
    try:
        yield
    except DataError as error:
        _tell(DATA.say(language, count=len(error.problems)), [_problem(p, language) for p in error.problems], "data",
              ExitCode.DATA, language, as_json)  # fmt: skip
    except ScenarioError as error:
        head = SCENARIO.say(language, count=len(error.problems), scenario=error.scenario)
        _tell(head, _placed(error, language), "scenario", ExitCode.DATA, language, as_json)
    except QuestionError as error:
        code = ExitCode.INFEASIBLE if INFEASIBLE in error.problems else ExitCode.DATA
        _tell(QUESTION.say(language), _placed(error, language), "question", code, language, as_json)
    except UnfinishedError as error:
        chinese = language is Language.ZH
        head = error.status.sentence_zh if chinese else error.status.sentence_en
        _tell(head, [], "unfinished", exit_code(error.status), language, as_json)
    except SolverError as error:
        _tell(REFUSED.say(language, error=error), [], "solver", ExitCode.FAILED, language, as_json)
    except KeyboardInterrupt:  # a second Ctrl-C, while something other than the solver was running
        raise typer.Exit(ExitCode.STOPPED) from None
    except OSError as error:
        _tell(CANNOT_WRITE.say(language, error=error), [], "file", ExitCode.USAGE, language, as_json)


def _placed(error: RefusalError, language: Language) -> list[dict[str, Any]]:
    return [{"place": problem.place, "message": problem.say(language)} for problem in error.problems]


def _problem(problem: Problem, language: Language) -> dict[str, Any]:
    chinese = language is Language.ZH
    return {
        "rule": problem.rule,
        "place": problem.place_zh if chinese else problem.place,
        "table": problem.table,
        "row": problem.row,
        "column": problem.column,
        "message": problem.message_zh if chinese else problem.message_en,
        "remedy": problem.remedy_zh if chinese else problem.remedy_en,
    }


def _tell(
    head: str, problems: list[dict[str, Any]], sort: str, code: ExitCode, language: Language, as_json: bool
) -> None:
    if as_json:
        print_json({"error": {"sort": sort, "message": head, "problems": problems}})
    else:
        lines = [" ".join(part for part in _parts(problem, language) if part) for problem in problems[:MOST_SHOWN]]
        more = [MORE.say(language, count=len(problems) - MOST_SHOWN)] if len(problems) > MOST_SHOWN else []
        sys.stderr.write("\n".join([head, *(f"- {line}" for line in lines), *more]) + "\n")
    raise typer.Exit(code)


def _parts(problem: dict[str, Any], language: Language) -> tuple[str, ...]:
    stop = "。" if language is Language.ZH else "."
    remedy = problem.get("remedy")
    message = problem["message"] + (stop if remedy else "")
    return f"{problem['place']}:" if problem["place"] else "", message, f"{remedy}{stop}" if remedy else ""
