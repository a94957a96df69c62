"""Settings of the service from the environment: ``PLANOPT_API_`` and the name of a field in capitals."""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.setting_groups import Access, Bounds, Running, Seconds, UnfitError
from api.work_settings import Work
from model_data import default_plan_path
from optimizer.words.language import Text
from optimizer.words.validation import statement

PREFIX = "PLANOPT_API_"
TOO_LATE = Text(
    "须小于 PLANOPT_API_REQUEST_TIMEOUT，否则请求先于计算被放弃。",
    "must be less than PLANOPT_API_REQUEST_TIMEOUT, or requests are given up before their questions",
)


class SettingsError(ValueError):
    """Settings that cannot be used; ``problems`` lists every reason."""

    def __init__(self, problems: list[Text]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.en for problem in problems))


def default_database() -> str:
    """A file in the folder where programs of this user keep their data."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return f"sqlite:///{(folder / 'planopt' / 'planopt.sqlite3').as_posix()}"


class Settings(Access, Bounds, Work, Running, BaseSettings):
    """What a deployment may choose. The text beside a type says what the setting is for."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    heading: ClassVar[Text] = Text("规划与计算", "Plans and computing")

    plans: Annotated[
        tuple[Path, ...],
        NoDecode,
        Field(min_length=1),
        Text(
            "规划的文件夹或工作簿，分隔方式同 PATH；启动时求解第一个规划的默认情景。",
            "Folders or workbooks of plans, separated as in PATH; the default scenario of the first is solved at the"
            " start.",
        ),
    ] = (default_plan_path(),)
    database: Annotated[
        str,
        Field(default_factory=default_database, max_length=2000, repr=False),
        Text(
            "数据库地址：sqlite:///文件路径，或 postgresql://主机/数据库；不设时为用户数据文件夹中的一个文件。",
            "URL of the database: sqlite:///path/of/file, or postgresql://host/database; if not set, a"
            " file in the user's folder for data.",
        ),
    ]
    slots: Annotated[
        int,
        Field(default_factory=lambda: min(os.cpu_count() or 1, 64), ge=1, le=64),
        Text(
            "可同时计算的假设问题数，各用一个进程(随服务启动，约占 270 MB)；不设时为本机的处理器数。"
            "超出者被拒绝而不排队。",
            "What-ifs that may be under way together, each in a process of its own, which is started with the service"
            " and takes about 270 MB; if not set, as many as this machine has processors. One more is refused,"
            " not queued.",
        ),
    ]
    deadline: Annotated[
        Seconds,
        Text("一个假设问题最多计算的秒数。", "Seconds until a what-if is given up."),
    ] = 60.0

    @field_validator("plans", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split(os.pathsep)) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _time_enough(self) -> Settings:
        if self.deadline >= self.request_timeout:
            raise UnfitError(TOO_LATE, "deadline")
        return self


def load_settings(**options: Any) -> Settings:
    """The options that are not None, else the environment. Raises SettingsError."""
    problems = _unknown_variables()
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        problems += [_sentence(one) for one in error.errors()]
    if problems:
        raise SettingsError(problems)
    return settings


def shown(settings: Settings) -> list[str]:
    """Every variable with its value, but no password."""
    values = settings.model_dump(mode="json") | {"database": without_password(settings.database)}
    return [f"{variable(name)}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]


def without_password(url: str) -> str:
    return re.sub(r"://[^@/]*@", "://***@", url)


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def _unknown_variables() -> list[Text]:
    known = [variable(name) for name in Settings.model_fields]
    names = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [_unknown(name, known) for name in names]


def _unknown(name: str, known: list[str]) -> Text:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return Text(
            f"未知的变量 {name}；是否为 {near[0]}？", f"the variable {name} is unknown; did you mean {near[0]}?"
        )
    shown = ", ".join(known)
    return Text(f"未知的变量 {name}；可用：{shown}", f"the variable {name} is unknown; known: {shown}")


def _sentence(error: Any) -> Text:
    """Which setting and why; what was given may be anything and is not repeated."""
    reason = (error.get("ctx") or {}).get("error")
    name = str(error["loc"][0]) if error["loc"] else getattr(reason, "field", "")
    said = reason.reason if isinstance(reason, UnfitError) else statement(error)
    return Text(f"{name}（{variable(name)}）：{said.zh}", f"{name} ({variable(name)}): {said.en}")
