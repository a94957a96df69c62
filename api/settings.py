"""Settings of the service from the environment: ``PLANOPT_API_`` and the name of a field in capitals."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, FiniteFloat, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from model_data import default_plan_path

PREFIX = "PLANOPT_API_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(ValueError):
    """Settings that cannot be used; ``problems`` lists every reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


class Settings(BaseSettings):
    """What a deployment may choose."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    # Folders or workbooks, separated as in PATH; the first one's default scenario is solved at the start.
    plans: Annotated[tuple[Path, ...], NoDecode, Field(min_length=1)] = (default_plan_path(),)
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    # What-ifs that may be under way together; one more is refused, not queued.
    slots: Annotated[int, Field(ge=1, le=64)] = 4
    deadline: Annotated[FiniteFloat, Field(gt=0, le=3600)] = 60.0  # seconds until a what-if is given up
    max_body: Annotated[int, Field(ge=1024, le=2**28)] = 2**20  # bytes

    @field_validator("plans", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split(os.pathsep)) if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        if host not in LOOPBACK:
            raise ValueError(
                f"{host!r} can be reached from other machines, and the service has no access control yet;"
                f" use one of {', '.join(LOOPBACK)}"
            )
        return host


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


def _unknown_variables() -> list[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    names = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"the variable {name} is unknown; {_near(name, known)}" for name in names]


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"


def _sentence(error: Any) -> str:
    """Which setting and why; what was given may be anything and is not repeated."""
    reason = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    return f"{error['loc'][0]}: {reason}"
