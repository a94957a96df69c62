"""Reads and writes plan files: a folder of CSV tables, ``plan.toml`` and ``scenarios/*.toml``, or one workbook.

No other module opens a plan file. Both faces give the same ``RawPlan`` of texts; nothing is judged here but whether
the files can be read.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from model_data.cells import tidy
from model_data.file_rules import (
    BROKEN_CSV,
    BROKEN_TOML,
    EMPTY_FILE,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_SCENARIOS,
    MISSING_FILE,
    NO_PLAN,
    SCENARIO_FOLDER,
    SETTINGS_FILE,
    TOO_BIG,
    UNKNOWN_FILE,
    WRONG_ENCODING,
    heading,
    missing_tables,
)
from model_data.frames import RawPlan, RawTable
from model_data.problems import Problem, nearest
from model_data.schema import SETTINGS, TABLE


def read_plan(path: Path) -> RawPlan:
    """What stands in the folder or workbook at ``path``, with everything that cannot be read."""
    if path.is_dir():
        return _read_folder(path)
    if path.is_file():
        from model_data.workbook import read_workbook  # noqa: PLC0415  # its library takes longer than reading a folder

        return read_workbook(path)
    return RawPlan(problems=[NO_PLAN.at(path.name, path=str(path))])


def write_plan(path: Path, raw: RawPlan) -> None:
    """Writes a folder, or a workbook where ``path`` ends in .xlsx."""
    if path.suffix.lower() == ".xlsx":
        from model_data.template import write_workbook  # noqa: PLC0415  # as above

        write_workbook(path, raw)
    else:
        _write_folder(path, raw)


# ---------------------------------------------------------------------- folder: reading
def _read_folder(folder: Path) -> RawPlan:
    raw = RawPlan(problems=_file_names(folder))
    text = _read_text(folder / SETTINGS_FILE, SETTINGS_FILE, raw.problems)
    if text is not None:
        raw.settings = parse_toml(SETTINGS_FILE, text, raw.problems)
    for table in TABLE:
        file = folder / f"{table}.csv"
        if file.exists():
            content = _read_text(file, table, raw.problems)
            if content is not None:
                found = _parse_csv(table, content, raw.problems)
                if found is not None:
                    raw.tables[table] = found
    files = sorted((folder / SCENARIO_FOLDER).glob("*.toml"))
    if len(files) > MAX_SCENARIOS:
        raw.problems.append(TOO_BIG.at(SCENARIO_FOLDER, what=f"{len(files)} scenarios", limit=MAX_SCENARIOS))
    for file in files[:MAX_SCENARIOS]:
        content = _read_text(file, f"{SCENARIO_FOLDER}/{file.name}", raw.problems)
        if content is not None:
            raw.scenarios[file.stem] = content
    return raw


def _file_names(folder: Path) -> list[Problem]:
    """Files that are missing, and files that nobody would read."""
    problems = []
    expected = [SETTINGS_FILE, SCENARIO_FOLDER, *(f"{name}.csv" for name in TABLE)]
    present = {file.name for file in folder.iterdir()}
    for name in sorted(present - set(expected)):
        if not name.startswith((".", "~$", "README")):
            free = [other for other in expected if other not in present]
            problems.append(UNKNOWN_FILE.at(name, file=name, right=nearest(name, free or expected)))
    problems.extend(
        UNKNOWN_FILE.at(f"{SCENARIO_FOLDER}/{file.name}", file=file.name, right=f"{file.stem}.toml")
        for file in sorted((folder / SCENARIO_FOLDER).glob("*"))
        if file.suffix != ".toml" and not file.name.startswith((".", "README"))
    )
    if SETTINGS_FILE not in present:
        keys = ", ".join(setting.name for setting in SETTINGS if setting.required)
        problems.append(MISSING_FILE.at(SETTINGS_FILE, file=SETTINGS_FILE, heading=f": {keys}"))
    problems.extend(missing_tables(name[:-4] for name in present if name.endswith(".csv")))
    return problems


def _read_text(file: Path, table: str, problems: list[Problem]) -> str | None:
    if not file.exists():
        return None
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        problems.append(TOO_BIG.at(table, what=f"{size} bytes", limit=f"{MAX_FILE_BYTES} bytes"))
        return None
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(WRONG_ENCODING.at(table, byte=error.start + 1))
        return None


def read_rows(file: Path, table: str, problems: list[Problem]) -> RawTable | None:
    """A CSV file by itself, with the columns of the table or some of them; None, and a problem added, where it is none.

    Raises OSError.
    """
    content = _read_text(file, table, problems)
    return None if content is None else _parse_csv(table, content, problems)


def _parse_csv(table: str, content: str, problems: list[Problem]) -> RawTable | None:
    if not content.strip():
        problems.append(EMPTY_FILE.at(table, 1, heading=heading(table)))
        return None
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    lines: list[tuple[int, tuple[str, ...]]] = []
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((begin, tuple(cells)))
            begin = reader.line_num + 1
    except csv.Error as error:
        problems.append(BROKEN_CSV.at(table, begin, detail=error))
        return None
    header = tuple(tidy(cell) for cell in lines[0][1])
    if len(lines) > MAX_ROWS or len(header) > MAX_COLUMNS:
        problems.append(TOO_BIG.at(table, what=f"{len(lines)} x {len(header)}", limit=f"{MAX_ROWS} x {MAX_COLUMNS}"))
        return None
    return RawTable(header, tuple(lines[1:]))


def parse_toml(table: str, text: str, problems: list[Problem]) -> dict[str, object] | None:
    """The parsed text; None, and a problem added, where it is not TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        problems.append(BROKEN_TOML.at(table, int(found.group(1)) if found else None, detail=error))
        return None


# ---------------------------------------------------------------------- folder: writing
def scenario_text(settings: Mapping[str, Any]) -> str:
    """The text of a scenario file. Values are texts, numbers, flags, lists and mappings; no None."""
    return tomli_w.dumps(settings)


def _write_folder(folder: Path, raw: RawPlan) -> None:
    scenarios = folder / SCENARIO_FOLDER
    scenarios.mkdir(parents=True, exist_ok=True)
    _write(folder / SETTINGS_FILE, tomli_w.dumps(raw.settings or {}))
    for name in TABLE:
        file = folder / f"{name}.csv"
        if name in raw.tables:
            _write(file, _csv_text(raw.tables[name]))
        else:
            file.unlink(missing_ok=True)
    for file in scenarios.glob("*.toml"):
        if file.stem not in raw.scenarios:
            file.unlink()
    for name, text in raw.scenarios.items():
        _write(scenarios / f"{name}.toml", text)


def _csv_text(table: RawTable) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(cells for _, cells in table.rows)
    return buffer.getvalue()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
