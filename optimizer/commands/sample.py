"""``planopt sample``: the plan over the ranges of the figures on which it rests most."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from optimizer.answer import Answer
from optimizer.assumptions import ledger
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.posed import about_answer
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.documents.samples import samples_document
from optimizer.uncertainty import Method, sample
from optimizer.weightiest import weightiest
from optimizer.words.language import Language
from optimizer.words.samples import samples_report


@dataclass(frozen=True)
class Draw:
    """How samples are drawn: ``top`` figures of the ledger, ``within`` some tables and grades."""

    samples: int
    method: str
    seed: int
    top: int
    within: tuple[str, ...]
    workers: int


def run(question: Question, language: Language, draw: Draw, *, as_json: bool) -> ExitCode:
    """Figures are those with the largest swings to first order."""

    def tell(answer: Answer) -> None:
        instance = answer.instance
        with watched(question.seconds, language) as (limits, say), _processes(draw.workers) as executor:
            found = ledger(instance, answer.solution, limits=limits)
            sampled = sample(
                instance.plan,
                instance.scenario.model_copy(update={"figures": ()}),
                weightiest(instance.plan, found, draw.top, draw.within),
                samples=draw.samples,
                method=cast(Method, draw.method),
                seed=draw.seed,
                executor=executor,
                limits=limits,
                progress=say,
            )
        if as_json:
            print_json(samples_document(answer, sampled, language))
        else:
            print_report(samples_report(answer, sampled, language), console())

    with told(language, as_json=as_json):
        return about_answer(question, language, tell, as_json=as_json)


@contextmanager
def _processes(workers: int) -> Iterator[Executor | None]:
    """None for one worker: then programs are solved here."""
    if workers == 1:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor
