"""The settings of a plan: the keys of ``plan.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from model_data.cells import is_name
from model_data.problems import Problem, Rule, Said, nearest
from model_data.schema import SETTINGS, Setting

FILE = "plan.toml"
FIRST_LEGAL_YEAR, LAST_LEGAL_YEAR = 1900, 2200
MAX_PLAN_YEARS = 60
MAX_CLOSING_YEARS = 30

UNKNOWN_KEY = Rule(
    "unknown_key",
    "the key {column!r} is unknown",
    "未知的键“{column}”",
    "Rename it to {right}, or delete it",
    "请改为 {right}，或删去",
)
MISSING_KEY = Rule(
    "missing_key",
    "the key {column!r} ({zh}) is missing",
    "缺少键“{column}”（{zh}）",
    "Add {column} = {right}",
    "请补上 {column} = {right}",
)
WRONG_VALUE = Rule(
    "wrong_value",
    "{value!r} is no legal value",
    "“{value}”不合法",
    "Write {right}",
    "请写 {right}",
)


@dataclass(frozen=True)
class Settings:
    """Names and years of a plan; fields as in ``schema.SETTINGS``, blank where an optional one is not given."""

    plan: str
    name_zh: str
    name_en: str
    base_year: int
    first_year: int
    last_year: int
    closing_years: int
    default_scenario: str
    investment_account: str = ""
    description_zh: str = ""
    description_en: str = ""

    @property
    def plan_years(self) -> tuple[int, ...]:
        return tuple(range(self.first_year, self.last_year + 1))

    @property
    def years(self) -> tuple[int, ...]:
        """Plan years and closing years."""
        return tuple(range(self.first_year, self.last_year + self.closing_years + 1))

    def as_raw(self) -> dict[str, object]:
        """The keys that are filled in, in the order of the schema."""
        return {key: value for key, value in asdict(self).items() if value != ""}


def read_settings(raw: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    """The settings, or None with the problems that stand in the way."""
    declared = {setting.name: setting for setting in SETTINGS}
    problems = [
        UNKNOWN_KEY.at(FILE, None, key, right=nearest(key, set(declared) - set(raw) or set(declared)))
        for key in raw
        if key not in declared
    ]
    values: dict[str, object] = {}
    for name, setting in declared.items():
        if name in raw:
            values[name] = raw[name]
            problems.extend(_type_problems(setting, raw[name]))
        elif setting.required:
            problems.append(MISSING_KEY.at(FILE, None, name, zh=setting.zh, right=_example(setting)))
    if problems:
        return None, problems
    settings = Settings(**values)  # type: ignore[arg-type]  # the types were checked key by key above
    problems = _year_problems(settings)
    return (None if problems else settings), problems


def _example(setting: Setting) -> str:
    return {"integer": "2005", "name": '"a_name"', "text": '"…"'}[setting.type]


def _type_problems(setting: Setting, value: object) -> list[Problem]:
    if setting.type == "integer":
        fine = isinstance(value, int) and not isinstance(value, bool)
    elif setting.type == "name":
        fine = isinstance(value, str) and is_name(value)
    else:
        fine = isinstance(value, str) and (bool(value.strip()) or not setting.required)
    return [] if fine else [WRONG_VALUE.at(FILE, None, setting.name, value=str(value)[:60], right=_example(setting))]


def _year_problems(settings: Settings) -> list[Problem]:
    base, first, last = settings.base_year, settings.first_year, settings.last_year
    legal = _between(FIRST_LEGAL_YEAR, LAST_LEGAL_YEAR)
    wrong: list[tuple[str, int, Said]] = []
    if not FIRST_LEGAL_YEAR <= base <= LAST_LEGAL_YEAR:
        wrong.append(("base_year", base, legal))
    if first != base + 1:
        next_year = Said(f"{base + 1}, the year after the base year {base}", f"{base + 1}，即基年 {base} 的次年")
        wrong.append(("first_year", first, next_year))
    if not first <= last < first + MAX_PLAN_YEARS:
        wrong.append(("last_year", last, _between(first, first + MAX_PLAN_YEARS - 1)))
    if not 0 <= settings.closing_years <= MAX_CLOSING_YEARS:
        few = Said(f"0 to {MAX_CLOSING_YEARS}", f"0 至 {MAX_CLOSING_YEARS}")
        wrong.append(("closing_years", settings.closing_years, few))
    return [WRONG_VALUE.at(FILE, None, column, value=value, right=right) for column, value, right in wrong]


def _between(first: int, last: int) -> Said:
    return Said(f"a year from {first} to {last}", f"{first} 至 {last} 年")
