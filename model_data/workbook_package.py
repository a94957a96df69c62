"""A look into the package of a workbook before any cell is read: size, macros, links, merged and hidden cells.

The workbook library would follow a forged range of merged cells for hours, so these are found in the XML first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from model_data.file_rules import MAX_FILE_BYTES, TOO_BIG
from model_data.problems import Problem, Rule, Said

MAX_PACKAGE_BYTES = 128 * 2**20  # unpacked
MAX_PARTS = 1000

NOT_A_WORKBOOK = Rule(
    "not_a_workbook",
    "the file cannot be opened as a workbook: {detail}",
    "文件无法作为工作簿打开：{detail}",
    "Save it again as an Excel workbook (.xlsx) without password",
    "请用 Excel 重新另存为不带密码的 .xlsx 工作簿",
)
MACRO = Rule(
    "macro",
    "the workbook contains macros ({part})",
    "工作簿含有宏（{part}）",
    "Save it as an Excel workbook without macros (.xlsx)",
    "请另存为不含宏的 .xlsx 工作簿",
)
LINKED = Rule(
    "external_link",
    "the workbook is linked to other files ({part})",
    "工作簿链接了外部文件（{part}）",
    "Break the links (Data, Edit links) so that the values themselves stand in the cells",
    "请断开链接（数据 - 编辑链接），使单元格内只有数值本身",
)
MERGED = Rule(
    "merged_cells",
    "the cells {range} are merged",
    "单元格 {range} 已合并",
    "Unmerge {range} and write every value into its own cell",
    "请取消合并 {range}，每格单独填写",
)
HIDDEN = Rule(
    "hidden_cells",
    "{what} {number} is hidden",
    "第 {number} {what}被隐藏",
    "Unhide {what} {number} and clear all filters, so that everything that counts is seen",
    "请取消隐藏并清除筛选，使所有数据可见",
)

# What the libraries raise on a damaged package.
DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError, ValueError)

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z0-9:]{1,40})\"")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*\br=\"(\d+)\"")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*\bmin=\"(\d+)\"")
_FIRST_ROW = re.compile(r"[A-Z]+(\d+)")


@dataclass(frozen=True)
class SheetFindings:
    """What the XML of one sheet shows: merged ranges, hidden rows and columns (numbers from 1)."""

    merged: tuple[str, ...]
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]

    def problems(self, table: str) -> list[Problem]:
        found = [MERGED.at(table, _row(ref), range=ref) for ref in self.merged]
        found += [HIDDEN.at(table, row, what=Said("row", "行"), number=row) for row in self.hidden_rows]
        found += [HIDDEN.at(table, None, what=Said("column", "列"), number=number) for number in self.hidden_columns]
        return found


def _row(reference: str) -> int | None:
    found = _FIRST_ROW.match(reference)
    return int(found.group(1)) if found else None


def inspect_package(path: Path) -> tuple[dict[str, SheetFindings], list[Problem]]:
    """Findings by part name of the sheet, and the problems for which the workbook is not opened at all."""
    name = path.name
    if path.stat().st_size > MAX_FILE_BYTES:
        return {}, [TOO_BIG.at(name, what=f"{path.stat().st_size} bytes", limit=f"{MAX_FILE_BYTES} bytes")]
    if path.suffix.lower() != ".xlsx":
        rule = MACRO if path.suffix.lower() == ".xlsm" else NOT_A_WORKBOOK
        return {}, [rule.at(name, part=path.suffix, detail=f"it ends in {path.suffix or 'nothing'}")]
    try:
        with zipfile.ZipFile(path) as package:
            problems = _package_problems(name, package)
            return ({}, problems) if problems else (_sheets(package), [])
    except DAMAGE as error:
        return {}, [NOT_A_WORKBOOK.at(name, detail=str(error)[:80] or type(error).__name__)]


def _package_problems(name: str, package: zipfile.ZipFile) -> list[Problem]:
    parts = package.infolist()
    size = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or size > MAX_PACKAGE_BYTES:
        limit = f"{MAX_PARTS} parts, {MAX_PACKAGE_BYTES} bytes"
        return [TOO_BIG.at(name, what=f"the unpacked workbook ({len(parts)} parts, {size} bytes)", limit=limit)]
    problems = [MACRO.at(name, part=part.filename) for part in parts if "vbaproject" in part.filename.lower()]
    problems += [
        LINKED.at(name, part=part.filename)
        for part in parts
        if part.filename.startswith("xl/externalLinks/externalLink")
    ]
    for part in parts:
        # A workbook declares no document type; one that does wants to make its reader unfold entities.
        if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _ascii(package.read(part)):
            problems.append(NOT_A_WORKBOOK.at(name, detail=f"{part.filename} declares a document type"))
    return problems


def _ascii(xml: bytes) -> bytes:
    """XML in a wide encoding has zeros between its plain characters."""
    return xml.replace(b"\0", b"")


def _sheets(package: zipfile.ZipFile) -> dict[str, SheetFindings]:
    return {
        part: _findings(package.read(part))
        for part in package.namelist()
        if part.startswith("xl/worksheets/") and part.endswith(".xml")
    }


def _findings(xml: bytes) -> SheetFindings:
    return SheetFindings(
        tuple(found.decode() for found in _MERGE.findall(xml)),
        tuple(int(found) for found in _HIDDEN_ROW.findall(xml)),
        tuple(int(found) for found in _HIDDEN_COLUMN.findall(xml)),
    )
