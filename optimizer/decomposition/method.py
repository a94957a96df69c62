"""The ways in which a program can be solved, by name. Nothing heavy is imported here."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """``whole``: the simplex method; ``blocks``: the decomposition; ``automatic``: by the number of regions."""

    AUTOMATIC = "automatic"
    WHOLE = "whole"
    BLOCKS = "blocks"
