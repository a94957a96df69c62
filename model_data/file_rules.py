"""What can be wrong with the files of a plan, whichever face they have, and how much is read."""

from __future__ import annotations

from collections.abc import Iterable

from model_data.problems import Problem, Rule
from model_data.schema import TABLE

MAX_FILE_BYTES = 16 * 2**20
MAX_ROWS = 100_000  # of one table
MAX_COLUMNS = 200
MAX_SCENARIOS = 500

SETTINGS_FILE = "plan.toml"
SCENARIO_FOLDER = "scenarios"

NO_PLAN = Rule(
    "no_plan",
    "there is no plan at {path!r}",
    "“{path}”处没有规划数据",
    "Name a folder with plan.toml and CSV tables, or one .xlsx workbook",
    "请给出含 plan.toml 和 CSV 表的文件夹，或一个 .xlsx 工作簿",
)
MISSING_FILE = Rule(
    "missing_file",
    "the file {file} is missing",
    "缺少文件 {file}",
    "Add {file}{heading}",
    "请补上 {file}{heading}",
)
UNKNOWN_FILE = Rule(
    "unknown_file",
    "{file!r} is no file of a plan",
    "“{file}”不属于规划数据",
    "Rename it to {right}, or move it out of the folder",
    "请改名为 {right}，或移出该文件夹",
)
EMPTY_FILE = Rule(
    "empty_file",
    "the file is empty",
    "文件为空",
    "Begin with the heading {heading}",
    "首行应为表头 {heading}",
)
TOO_BIG = Rule(
    "too_big",
    "{what} is larger than the limit of {limit}",
    "{what} 超过上限 {limit}",
    "Keep below {limit}; a plan has a few thousand rows",
    "请控制在 {limit} 以内；一份规划只有几千行",
)
WRONG_ENCODING = Rule(
    "wrong_encoding",
    "the file is not UTF-8 (byte {byte})",
    "文件不是 UTF-8 编码（第 {byte} 字节）",
    "Save it as UTF-8 (in Excel: CSV UTF-8); it may be GBK now",
    "请另存为 UTF-8（Excel：CSV UTF-8）；现在可能是 GBK",
)
BROKEN_CSV = Rule(
    "broken_csv",
    "the line cannot be read: {detail}",
    "该行无法读取：{detail}",
    "Close every double quote; inside a quoted text write a quote twice",
    "双引号须成对；文本内的双引号写两次",
)
BROKEN_TOML = Rule(
    "broken_toml",
    "the file is not TOML: {detail}",
    "文件不是合法的 TOML：{detail}",
    "Correct the place named; texts stand between double quotes",
    "请改正所指之处；文本用双引号括起",
)


def missing_tables(present: Iterable[str]) -> list[Problem]:
    """Tables that every plan has and this one has not."""
    known = set(present)
    return [
        MISSING_FILE.at(name, file=f"{name}.csv", heading=f": {heading(name)}")
        for name, table in TABLE.items()
        if not table.optional and name not in known
    ]


def heading(table: str) -> str:
    """The first line of the table's CSV file."""
    return ",".join(column.name for column in TABLE[table].columns)
