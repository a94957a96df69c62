"""``python -m api``: solves the plan's default scenario, prints the answer, and serves the plan over HTTP."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from api.access.commands import SETTINGS, keys, open_database
from api.app import create_app
from api.engines.local import LocalEngine
from api.observability.logs import configure
from api.plans.library import Library
from api.runs.commands import purge
from api.runs.works import Works, hire
from api.serving.server import stoppable
from api.settings import Settings, SettingsError, load_settings, shown
from api.store.errors import StoreError
from api.store.keys import Keys
from model_data import Plan
from optimizer import Status, load_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.problems import told
from optimizer.commands.running import watched_solve
from optimizer.commands.screen import console, print_report
from optimizer.words.language import Language, Text, language_of
from optimizer.words.report import report

NEXT_PORTS = 20
INTERRUPTED = 130

SERVING = Text("服务已启动：{address}（接口说明：{address}/docs）。按 Ctrl-C 停止。",
               "Serving at {address} (interface: {address}/docs). Ctrl-C stops it.")  # fmt: skip
STOPPED = Text("服务已停止。", "Stopped.")
TAKEN = Text("端口 {port} 已被占用，改用 {other}。", "Port {port} is in use; taking {other} instead.")
NO_PORT = Text("无法在 {host}:{port} 上监听：{error}。请用 --port 指定其他端口。",
               "Cannot listen on {host}:{port}: {error}. Choose another with --port.")  # fmt: skip
NO_KEYS = Text("本服务的设置要求访问密钥，而尚无任何密钥。请先新增：python -m api keys add 名称 --role admin",
               "These settings ask for access keys, and there is none. Add one first:"
               " python -m api keys add NAME --role admin")  # fmt: skip
SOUND = Text("服务设置可用：", "The settings can be used:")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.add_typer(keys, name="keys")
app.command()(purge)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    plan: Annotated[list[Path] | None, typer.Option(help="Folder or workbook of a plan; may be repeated.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; beyond loopback with keys.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8000, or the next free one, if left out; 0: any.")] = None,
    database: Annotated[str | None, typer.Option(help="URL of the database: sqlite:///… or postgresql://…")] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve after printing the answer.")] = True,
    check_settings: Annotated[bool, typer.Option("--check-settings", help="Only check and show the settings.")] = False,
) -> None:
    """Solve the plan's default scenario, print the answer, and serve the plan over HTTP."""
    if context.invoked_subcommand:
        return
    language = language_of(os.environ)
    settings = _settings(language, plans=tuple(plan) if plan else None, host=host, port=port, database=database)
    if check_settings:
        typer.echo("\n".join([SOUND.say(language), *shown(settings)]))
        return
    keys = _keys(settings, language)
    with told(language, as_json=False):
        library = _library(settings)
        status = print_answer(next(iter(library.values())), language)
    if status is Status.CANCELLED:
        raise typer.Exit(INTERRUPTED)
    if not serve:
        raise typer.Exit(exit_code(status))
    run(settings, library, language, keys)


def _settings(language: Language, **options: Any) -> Settings:
    try:
        return load_settings(**options)
    except SettingsError as error:
        _fail("\n".join([SETTINGS.say(language), *(f"- {problem.say(language)}" for problem in error.problems)]))


def _keys(settings: Settings, language: Language) -> Keys | None:
    """The keys of the service; None where it is open."""
    if settings.is_open:
        return None
    try:
        keys = Keys(open_database(settings.database))
        if not keys.active():
            _fail(NO_KEYS.say(language))
    except StoreError as error:
        _fail(error.text.say(language))
    return keys


def _works(settings: Settings, language: Language) -> Works:
    try:
        return Works(settings, open_database(settings.database), hire)
    except StoreError as error:
        _fail(error.text.say(language))


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(ExitCode.USAGE)


def _library(settings: Settings) -> Library:
    try:
        return Library.load(settings.plans)
    except LookupError as error:
        _fail(str(error))


def print_answer(plan: Plan, language: Language) -> Status:
    """The answer to the plan's default scenario, as ``planopt solve`` prints it."""
    answer = watched_solve(plan, load_scenario(plan), None, language)
    print_report(report(answer, language), console())
    return answer.status


def run(settings: Settings, library: Library, language: Language, keys: Keys | None = None) -> None:
    """Serves until it is told to stop (Ctrl-C, SIGTERM); what is under way then has a moment to finish."""
    listening = _listen(settings, language)
    host, port = listening.getsockname()[:2]
    works, engine = _works(settings, language), LocalEngine(settings.slots)
    app = create_app(settings, library, keys, works, engine)
    app.state.pool.warm(next(iter(library.values())))
    server = stoppable(app, settings)
    shown_host = f"[{host}]" if ":" in host else host
    typer.echo("\n" + SERVING.say(language, address=f"http://{shown_host}:{port}"))
    configure(settings)
    with listening:
        server.run(sockets=[listening])
    typer.echo(STOPPED.say(language))


def _listen(settings: Settings, language: Language) -> socket.socket:
    """A listening socket; where nobody chose the port, on the next free one."""
    host, port = settings.host, settings.port
    ports = [port] if "port" in settings.model_fields_set else range(port, port + NEXT_PORTS)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for other in ports:
        try:
            listening = socket.create_server((host, other), family=family)
        except OSError as error:
            reason = error.strerror
            continue
        if other != port:
            typer.echo(TAKEN.say(language, port=port, other=other), err=True)
        return listening
    _fail(NO_PORT.say(language, host=host, port=port, error=reason))


if __name__ == "__main__":
    app(prog_name="python -m api")
