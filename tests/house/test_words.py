"""Whatever belongs to one plan is data: the names of the shipped plans do not occur in the code."""

import csv
import re
from collections.abc import Iterable

import pytest

from tests.house.source import PACKAGES, ROOT, modules

PLANS = ROOT / "model_data" / "plans"
ENTITIES = ("activities", "flows", "industries", "projects")
FORBIDDEN_ANYHOW = {"coal"}
ORDINARY = {  # part of some plan's name, and also a word of modelling or of programming
    "added": "accounts are added up",
    "best": "best bound, best known answer",
    "building": "what makes new capacity; also an industry",
    "built": "capacity that was built, a model that was built",
    "construction": "spending by building, beside spending by operation",
    "existing": "what is there already",
    "general": "a figure for all regions, beside one region's own",
    "grade": "the grade of a figure",
    "high": "the high end of a range",
    "industry": "the column of that name",
    "investment": "the account that the settings name",
    "other": "all that were not named",
    "power": "a mathematical power",
    "profile": "the spending profile",
    "public": "what a package offers",
    "real": "real numbers, beside whole ones",
    "safe": "without harm to others",
    "sales": "selling outside the region",
    "second": "a unit of time; the next after the first",
    "services": "entering service",
    "small": "a small number",
    "trade": "buying and selling outside the region",
    "value": "the value of a figure, a variable, an objective",
}
ORDINARY_CHINESE: dict[str, str] = {}


def words(text: str) -> set[str]:
    """Lower-case words of prose and of names in either style, without a plural s."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)
    return {part.lower().removesuffix("s") for part in parts}


def long_words(text: str) -> set[str]:
    return {word for word in words(text) if len(word) > 3}


def plan_column(tables: Iterable[str], column: str) -> set[str]:
    """The entries of one column of tables of every shipped plan."""
    entries = set()
    for plan in PLANS.glob("*"):
        for table in tables:
            for path in plan.glob(f"{table}.csv"):
                with path.open(encoding="utf-8-sig", newline="") as file:
                    entries |= {row[column or next(iter(row))] for row in csv.DictReader(file)}
    return entries


def plan_words() -> set[str]:
    names = " ".join(plan_column(ENTITIES, ""))
    return long_words(names) - {word.removesuffix("s") for word in ORDINARY} | FORBIDDEN_ANYHOW


def place_words() -> set[str]:
    """Names of places and of the plans themselves."""
    names = " ".join([*plan_column(["regions"], ""), *(plan.name for plan in PLANS.glob("*"))])
    return long_words(names)


def occurrences(found: set[str], *packages: str) -> list[str]:
    return [
        f"{path.as_posix()}:{number}: {', '.join(sorted(hits))}"
        for path in modules(*packages)
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if (hits := words(line) & found)
    ]


def test_optimizer_knows_no_name_of_a_plan():
    assert occurrences(plan_words() | place_words(), "optimizer") == []


def test_no_package_knows_a_place():
    assert occurrences(place_words(), *PACKAGES) == []


def test_no_package_knows_a_compound_name_of_a_plan():
    names = {name for name in plan_column(ENTITIES, "") if "_" in name}
    texts = {path.as_posix(): (ROOT / path).read_text(encoding="utf-8") for path in modules(*PACKAGES)}
    assert [(path, name) for path, text in texts.items() for name in set(re.findall(r"\w+", text)) & names] == []


def test_optimizer_knows_no_chinese_name_of_a_plan():
    names = {name for name in plan_column((*ENTITIES, "regions"), "name_zh") if len(name) > 1} - set(ORDINARY_CHINESE)
    texts = {path.as_posix(): (ROOT / path).read_text(encoding="utf-8") for path in modules("optimizer")}
    assert [(path, name) for path, text in texts.items() for name in sorted(names) if name in text] == []


def test_allowances_carry_a_reason():
    assert all(len(reason) > 10 for reason in (*ORDINARY.values(), *ORDINARY_CHINESE.values()))


@pytest.mark.parametrize("line", ["x = coal_mining", "class CoalMine:", "# the price of Coal", "'coals'", "COAL = 1"])
def test_a_planted_word_is_found(line):
    assert words(line) & plan_words() >= {"coal"}


def test_the_words_come_from_the_plan():
    assert {"alumina", "methanol", "scrubber", "yangquan"} <= plan_words() | place_words()
