"""Questions that cannot be answered as they are put: what is wrong, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from optimizer.status import Status


class QuestionError(ValueError):
    """A question that has no answer as it stands; ``problems`` lists every reason, each with a remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


class UnfinishedError(RuntimeError):
    """A question whose answer was cut short; ``status`` says by what (a time limit, a cancellation, the solver)."""

    def __init__(self, status: Status, what: str) -> None:
        self.status = status
        super().__init__(f"{what}: {status.sentence_en}")


def refuse(problems: Sequence[str]) -> None:
    """Raises QuestionError if there is any problem."""
    if problems:
        raise QuestionError(problems)


def unknown(what: str, name: object, known: Iterable[object]) -> str:
    """The sentence about a name that does not exist, with the nearest one that does."""
    names = [str(k) for k in known]
    near = difflib.get_close_matches(str(name), names, n=1)
    if near:
        return f"{what} {name!r} is unknown; did you mean {near[0]!r}?"
    few = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"{what} {name!r} is unknown; there {'are' if names else 'is none'} {few}".rstrip()
