"""Roles, and which role an address needs. Reading is a reader's; whatever is not named here is an analyst's."""

from __future__ import annotations

import re
from enum import StrEnum

from optimizer.words.language import Text


class Role(StrEnum):
    """What a key may do; each role may do all that those before it may."""

    READER = "reader"
    ANALYST = "analyst"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


NAMES = {
    Role.READER: Text("读者", "reader"),
    Role.ANALYST: Text("分析员", "analyst"),
    Role.ADMIN: Text("管理员", "administrator"),
}

READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Nothing about any plan is said there: whether the service lives, and how it is to be spoken to.
PUBLIC = re.compile(r"/|/healthz|/readyz|/openapi\.json|/docs(/[a-z0-9.-]+)?")
METRICS = "/metrics"
# Questions that are answered at once and leave nothing behind: asking one is reading.
QUESTIONS = (
    "what-ifs|value-curves|frontiers|ledgers|alternatives|efficient-sets|diagnoses|evaluations|comparisons|publications"
    "|samples"
)
ASKING = re.compile(rf"/v1/plans/[^/]+/({QUESTIONS})|/v1/comparisons")
RETIRING = re.compile(r"/v1/plans/[^/]+(/versions/[^/]+)?/?")
ADMINISTRATION = re.compile(r"/v1/(keys|admin)(/.*)?")


def is_public(method: str, path: str) -> bool:
    """Whether the address needs no key."""
    return method in READING and PUBLIC.fullmatch(path) is not None


def needed(method: str, path: str) -> Role:
    """The least role that may ask this."""
    if path == METRICS or ADMINISTRATION.fullmatch(path) or (method == "DELETE" and RETIRING.fullmatch(path)):
        return Role.ADMIN
    if method in READING or (method == "POST" and ASKING.fullmatch(path)):
        return Role.READER
    return Role.ANALYST
