"""Questions that cannot be answered as they are put: what is wrong, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from optimizer.status import Status
from optimizer.words.language import Language, Text

_MOST_NAMES = 10


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what was asked, with a remedy.

    ``where``: the parameter of the question or the key of the scenario, then what is inside it; () is all of it.
    """

    where: tuple[str | int, ...]
    text: Text

    def inside(self, *outer: str | int) -> Problem:
        """The same where the thing asked is a part of a larger one."""
        return replace(self, where=(*outer, *self.where))

    @property
    def place(self) -> str:
        return ".".join(map(str, self.where))

    def say(self, language: Language) -> str:
        return self.text.say(language)

    def __str__(self) -> str:
        return f"{self.place}: {self.text.en}" if self.where else self.text.en


class RefusalError(ValueError):
    """What cannot be answered as it is asked; ``problems`` lists every reason, each with its place and a remedy."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


class QuestionError(RefusalError):
    """A question that has no answer as it stands."""


class UnfinishedError(RuntimeError):
    """A question whose answer was cut short; ``status`` says by what (a time limit, a cancellation, the solver)."""

    def __init__(self, status: Status, what: str) -> None:
        self.status = status
        super().__init__(f"{what}: {status.sentence_en}")


def problem(*where: str | int, zh: str, en: str) -> Problem:
    return Problem(where, Text(zh, en))


def refuse(problems: Iterable[Problem]) -> None:
    """Raises QuestionError if there is any problem."""
    if found := tuple(problems):
        raise QuestionError(found)


MYOPIC = problem(
    "changes",
    "foresight",
    zh="逐年短视(myopic)的结果是一连串最优方案；请按完全预见(perfect)提问",
    en="a myopic answer is a sequence of optima; ask with perfect foresight instead",
)


def spanned(interval: tuple[float, float]) -> Text:
    """从-5到3, from -5 to 3: an interval in words."""
    low, high = (f"{end:g}" for end in interval)
    return Text(f"从{low}到{high}".replace("inf", "∞"), f"from {low} to {high}")


def no_points(interval: tuple[float, float]) -> Problem:
    return problem(
        "interval",
        zh=f"{spanned(interval).zh}之间没有点：请先写下限，再写上限，下限不大于上限",
        en=f"there are no points {spanned(interval).en}: state the low end first, at most the high one",
    )


def unknown_name(*where: str | int, what: Text, name: object, known: Iterable[object]) -> Problem:
    """A name that does not exist, with the nearest one that does."""
    names = [str(k) for k in known]
    near = difflib.get_close_matches(str(name), names, n=1)
    if near:
        zh, en = f"是否为“{near[0]}”？", f"did you mean {near[0]!r}?"
    else:
        few = [*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])]
        zh = f"可用：{'、'.join(few) or '无'}"
        en = f"there {'are' if names else 'is'} {', '.join(few) or 'none'}"
    return problem(*where, zh=f"没有名为“{name}”的{what.zh}；{zh}", en=f"{what.en} {name!r} is unknown; {en}")
