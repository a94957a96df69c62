"""``python -m api purge``: forgets runs that ended long ago, and on demand the answers that are kept, at once."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated

import typer

from api.access.commands import stored
from api.store.answers import Answers
from api.store.ledger import Ledger
from optimizer.words.language import Text, language_of

FORGOTTEN = Text(
    "已删除 {count} 个在 {days} 天以前结束的运行。", "Forgot {count} runs that ended more than {days} days ago."
)
ANSWERS = Text("已删除 {count} 个保存的答案。", "Forgot {count} kept answers.")


def purge(
    days: Annotated[
        float | None, typer.Option(min=0.0, help="Runs that ended longer ago; as PLANOPT_API_RETENTION, if left out.")
    ] = None,
    answers: Annotated[bool, typer.Option("--answers", help="Also all kept answers; they are computed again.")] = False,
) -> None:
    """Forget runs that ended long ago, with their results. The service may go on meanwhile; what still runs, stays."""
    language = language_of(os.environ)
    with stored() as (settings, database):
        database.upgrade()
        days = float(settings.retention) if days is None else days
        count = Ledger(database).purge(timedelta(days=days))
        typer.echo(FORGOTTEN.say(language, count=count, days=f"{days:g}"))
        if answers:
            typer.echo(ANSWERS.say(language, count=Answers(database).clear()))
