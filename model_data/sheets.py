"""How the content of a plan lies on the sheets of a workbook.

Every sheet has two heading rows, Chinese names above and the names of the tables below; data begin in row 3. A
sheet is called by both names, such as ``地区 regions``. Besides the tables there are the sheets of the settings, of the
scenarios (one line of TOML a row) and a page of explanation that is not read.
"""

from __future__ import annotations

from model_data.schema import TABLES, Column, Table

HEADING_ROWS = 2
MAX_TITLE = 31

SETTINGS_SHEET = Table(
    "plan",
    "设置",
    "Settings",
    "Names and years of the plan.",
    ("key",),
    (
        Column("title", "text", "设置项", "Setting", "For reading only."),
        Column("key", "text", "键", "Key", "Do not change.", required=True),
        Column("value", "text", "值", "Value"),
    ),
)
SCENARIO_SHEET = Table(
    "scenarios",
    "情景",
    "Scenarios",
    "The scenario files, one line a row, in order.",
    ("scenario",),
    (
        Column("scenario", "name", "情景", "Scenario", "Name of the scenario, on each of its lines.", required=True),
        Column("line", "text", "内容", "Line", "One line of the scenario file (TOML)."),
    ),
)
README_TITLE = "说明 README"


def title(table: Table) -> str:
    """The name of the table's sheet."""
    return f"{table.zh} {table.name}"[:MAX_TITLE]


SHEETS: dict[str, Table] = {title(table): table for table in (SETTINGS_SHEET, *TABLES, SCENARIO_SHEET)}
