"""Breaking a copy of a plan folder: rows of its tables as dictionaries, read, changed and written back."""

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from model_data.schema import TABLE


@dataclass(frozen=True)
class Place:
    """Where a problem must be reported, and what its remedy must name."""

    table: str
    row: int | None
    column: str
    right: str = ""


class Folder:
    """A copy of a plan folder that a mutation may change."""

    def __init__(self, source: Path, target: Path) -> None:
        shutil.copytree(source, target)
        self.path = target
        self._flows = {row["flow"]: row["kind"] for row in self.rows("flows")}

    # ---------------------------------------------------------------- rows
    def rows(self, table: str) -> list[dict[str, str]]:
        file = self.path / f"{table}.csv"
        if not file.exists():
            return []
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        columns = [column.name for column in TABLE[table].columns]
        with (self.path / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def line(self, table: str, number: int) -> int:
        """The line on which row `number` (from 0) begins: 2 if no cell before it holds a line feed."""
        return 2 + number + sum(cell.count("\n") for row in self.rows(table)[:number] for cell in row.values())

    def find(self, table: str, /, **wanted: str) -> int:
        """The number of the first row with these cells; "*" stands for any filled cell."""
        for number, row in enumerate(self.rows(table)):
            if all(row[name] if text == "*" else row[name] == text for name, text in wanted.items()):
                return number
        raise LookupError(f"{table} has no row with {wanted}")

    def set(self, table: str, number: int, /, **cells: str) -> int:
        """Changes cells of a row; returns its line."""
        rows = self.rows(table)
        rows[number].update(cells)
        self.write(table, rows)
        return self.line(table, number)

    def add(self, table: str, /, **cells: str) -> int:
        """Adds a row; returns its line."""
        rows = [*self.rows(table), cells]
        self.write(table, rows)
        return self.line(table, len(rows) - 1)

    def add_figure(self, table: str, value: str, unit: str, /, **cells: str) -> int:
        source = self.rows("sources")[0]["source"]
        figure = {"value": value, "unit": unit, "grade": "D", "evidence": "assumption", "source": source}
        return self.add(table, **figure, **cells)

    def copy(self, table: str, number: int, /, **cells: str) -> int:
        """Adds a copy of a row with other cells; returns its line."""
        return self.add(table, **{**self.rows(table)[number], **cells})

    def drop(self, table: str, /, **wanted: str) -> None:
        """Removes every row with these cells."""
        kept = [row for row in self.rows(table) if any(row[name] != text for name, text in wanted.items())]
        assert len(kept) < len(self.rows(table))
        self.write(table, kept)

    # ---------------------------------------------------------------- names
    def flow(self, kind: str, number: int = 0) -> str:
        return [flow for flow, its_kind in self._flows.items() if its_kind == kind][number]

    def account(self) -> str:
        """The account that a remedy names first: names are listed in order."""
        return min(flow for flow, kind in self._flows.items() if kind == "account")

    def first(self, table: str) -> str:
        """The first name that a table declares."""
        return next(iter(self.rows(table)[0].values()))

    def unit_of(self, table: str, name: str, column: str = "unit") -> str:
        return self.rows(table)[self.find(table, **{TABLE[table].key[0]: name})][column]

    def operated(self) -> str:
        """An activity with base capacity."""
        return self.rows("activity_figures")[self.find("activity_figures", parameter="base_capacity")]["activity"]

    # ---------------------------------------------------------------- text
    def text(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def put(self, file: str, text: str) -> None:
        (self.path / file).write_text(text, encoding="utf-8")

    def setting(self, key: str, value: str) -> None:
        """Writes another value for a key of plan.toml; value is TOML."""
        text, count = re.subn(rf"^{key} *=.*$", f"{key} = {value}", self.text("plan.toml"), flags=re.MULTILINE)
        self.put("plan.toml", text if count else f"{key} = {value}\n{text}")

    def scenario(self, text: str, name: str = "broken") -> str:
        """Adds a scenario; returns the name that its problems bear."""
        self.put(f"scenarios/{name}.toml", text)
        return f"scenarios/{name}.toml"
