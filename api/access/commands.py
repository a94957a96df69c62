"""``python -m api keys``: adds, lists and revokes access keys, on the machine and in the database of the service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.access.keys import NAME
from api.access.roles import Role
from api.settings import Settings, SettingsError, default_database, load_settings
from api.store.database import Database
from api.store.errors import StoreError
from api.store.keys import Keys
from optimizer.commands.exit_codes import ExitCode
from optimizer.words.language import Text, language_of

SETTINGS = Text("服务设置有误：", "The settings cannot be used:")
ADDED = Text("已为 {name} 新增密钥 {number}（{role}）。只在此显示一次，请妥善保管：",
             "Added key {number} for {name} ({role}). It is shown this once; keep it safe:")  # fmt: skip
REVOKED = Text("密钥 {number} 已撤销，几秒钟内失效。", "Key {number} is revoked; it stops working within seconds.")
UNKNOWN = Text("没有有效的密钥 {number}；编号见 python -m api keys list。",
               "There is no valid key {number}; python -m api keys list shows the numbers.")  # fmt: skip
BAD_NAME = Text("名称须为 1 至 64 个字母、数字或 . _ @ -。", "A name has 1 to 64 letters, digits or . _ @ -.")
NONE = Text("尚无密钥。", "There are no keys.")
HELD, ENDED = Text("有效", "valid"), Text("已撤销", "revoked")

keys = typer.Typer(help="Access keys of the service.", no_args_is_help=True)


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is; stands in the log.")],
    role: Annotated[Role, typer.Option(help="What the key may do.")] = Role.READER,
) -> None:
    """Make a key and show it this once."""
    language = language_of(os.environ)
    if not NAME.fullmatch(name):
        _fail(BAD_NAME.say(language))
    with _stored() as stored:
        key, made = stored.add(name, role)
    typer.echo(ADDED.say(language, name=name, number=made.number, role=str(role)), err=True)
    typer.echo(key)


@keys.command("list")
def list_keys() -> None:
    """Show every key: number, name, role, since when, until when. The keys themselves are not known any more."""
    language = language_of(os.environ)
    with _stored() as stored:
        listed = stored.listed()
    if not listed:
        typer.echo(NONE.say(language), err=True)
    for one in listed:
        state = f"{ENDED.say(language)} {one.revoked_at:%Y-%m-%d}" if one.revoked_at else HELD.say(language)
        typer.echo(f"{one.key.number}  {one.key.role:8} {one.created_at:%Y-%m-%d}  {one.key.name}  {state}")


@keys.command()
def revoke(number: Annotated[str, typer.Argument(help="Number of the key, as listed.")]) -> None:
    """Make a key worthless."""
    language = language_of(os.environ)
    with _stored() as stored:
        found = stored.revoke(number)
    if not found:
        _fail(UNKNOWN.say(language, number=number[:64]))
    typer.echo(REVOKED.say(language, number=number))


@contextmanager
def _stored() -> Iterator[Keys]:
    """The keys of the database that the settings name."""
    with stored() as (_, database):
        yield Keys(database)


@contextmanager
def stored() -> Iterator[tuple[Settings, Database]]:
    """The settings, and the database that they name. What is wrong with either is told, and ends the command."""
    language = language_of(os.environ)
    try:
        settings = load_settings()
    except SettingsError as error:
        _fail("\n".join([SETTINGS.say(language), *(f"- {problem.say(language)}" for problem in error.problems)]))
    try:
        database = open_database(settings.database)
        try:
            yield settings, database
        finally:
            database.close()
    except StoreError as error:
        _fail(error.text.say(language))


def open_database(url: str) -> Database:
    """The database of a service; the folder of the default file is made. Raises StoreError."""
    if url == default_database():
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(url)


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(ExitCode.USAGE)
