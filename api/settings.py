"""Settings of the service from the environment: ``PLANOPT_API_`` and the name of a field in capitals."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, FiniteFloat, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from model_data import default_plan_path

PREFIX = "PLANOPT_API_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """What a deployment may choose. Raises ValidationError with every illegal value and every unknown variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    # Folders or workbooks, separated as in PATH; the first is the one that the start page shows.
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
                "the service has no access control yet and listens on this machine only:"
                f" use one of {', '.join(LOOPBACK)}"
            )
        return host

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_variable(cls, values: Any) -> Any:
        known = [PREFIX + name.upper() for name in cls.model_fields]
        unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
        if unknown:
            raise ValueError("; ".join(_unknown(name, known) for name in unknown))
        return values


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"the variable {name} is unknown; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}")
