"""A plan as bytes: a workbook, or a zip of its folder of tables; both are read without trusting a word of them."""

from __future__ import annotations

import io
import re
import stat
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Literal

from model_data.file_rules import (
    MAX_FILE_BYTES,
    MAX_SCENARIOS,
    SCENARIO_FOLDER,
    SETTINGS_FILE,
    TOO_BIG,
    UNKNOWN_FILE,
)
from model_data.frames import RawPlan
from model_data.plan import Plan, assemble, save_plan
from model_data.problems import Problem, Rule
from model_data.schema import TABLE
from model_data.tables import read_plan
from model_data.workbook_package import DAMAGE, MAX_PACKAGE_BYTES

Face = Literal["workbook", "archive"]
MAX_MEMBERS = len(TABLE) + MAX_SCENARIOS + 100
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[^\x00-\x1f\\/:*?\"<>|]{1,100}")
_ENCRYPTED = 0x1

NOT_A_ZIP = Rule(
    "not_a_zip",
    "the file cannot be opened as a zip: {detail}",
    "文件无法作为 zip 打开：{detail}",
    "Pack the folder of tables again as a plain zip",
    "请重新将数据文件夹压缩为普通 zip",
)
UNSAFE_PATH = Rule(
    "unsafe_path",
    "the path {path!r} leads out of the folder, or is no plain name",
    "路径“{path}”指向文件夹之外，或不是普通文件名",
    "Pack the folder of tables itself, with plan.toml at its top",
    "请直接压缩数据文件夹，plan.toml 位于最上层",
)
NO_PLAIN_FILE = Rule(
    "no_plain_file",
    "{path!r} is a link or a device, not a file",
    "“{path}”是链接或设备，不是文件",
    "Put the file itself into the zip",
    "请将文件本身放入 zip",
)
ENCRYPTED = Rule(
    "encrypted",
    "{path!r} is encrypted",
    "“{path}”已加密",
    "Pack the folder without a password",
    "请不带密码重新压缩",
)
TWICE = Rule(
    "file_twice",
    "{path!r} is there more than once",
    "“{path}”出现多次",
    "Keep one file of that name",
    "请只保留一个同名文件",
)
DAMAGED = Rule(
    "damaged",
    "{path!r} cannot be unpacked: {detail}",
    "“{path}”无法解压：{detail}",
    "Pack the folder of tables again",
    "请重新压缩数据文件夹",
)


def read_plan_bytes(content: bytes, face: Face) -> Plan:
    """The plan that the bytes hold. Raises DataError with every problem."""
    with tempfile.TemporaryDirectory(prefix="planopt-") as scratch:
        if face == "workbook":
            path = Path(scratch) / "plan.xlsx"
            path.write_bytes(content)
            return assemble(read_plan(path))
        return assemble(_read_archive(content, Path(scratch)))


def write_plan_bytes(plan: Plan, face: Face) -> bytes:
    """The plan as a workbook or zip; the same plan gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="planopt-") as scratch:
        target = Path(scratch) / ("plan.xlsx" if face == "workbook" else "plan")
        save_plan(plan, target)
        return target.read_bytes() if face == "workbook" else _packed(target)


def _packed(folder: Path) -> bytes:
    """A zip without the time and the owner of its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _FIXED_DATE)
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            member.external_attr = (stat.S_IFREG | 0o644) << 16
            package.writestr(member, file.read_bytes())
    return buffer.getvalue()


def _read_archive(content: bytes, folder: Path) -> RawPlan:
    if len(content) > MAX_FILE_BYTES:
        limit = f"{MAX_FILE_BYTES} bytes"
        return RawPlan(problems=[TOO_BIG.at("zip", what=f"{len(content)} bytes", limit=limit)])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = [member for member in package.infolist() if not _is_litter(member.filename)]
            problems = _size_problems(members)
            if problems:
                return RawPlan(problems=problems)
            problems = _unpack(package, members, folder)
    except DAMAGE as error:
        return RawPlan(problems=[NOT_A_ZIP.at("zip", detail=str(error)[:80] or type(error).__name__)])
    raw = read_plan(folder)
    raw.problems[:0] = problems
    return raw


def _is_litter(name: str) -> bool:
    """What systems add to a zip by themselves."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _size_problems(members: list[zipfile.ZipInfo]) -> list[Problem]:
    """What the members say of their sizes is binding: no more than that is unpacked of any."""
    size = sum(member.file_size for member in members)
    if len(members) <= MAX_MEMBERS and size <= MAX_PACKAGE_BYTES:
        return []
    what, limit = f"the unpacked zip ({len(members)} files, {size} bytes)", f"{MAX_MEMBERS} files"
    return [TOO_BIG.at("zip", what=what, limit=f"{limit}, {MAX_PACKAGE_BYTES} bytes")]


def _unpack(package: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path) -> list[Problem]:
    """Writes the plain files of a plan's folder, and nothing else; the problems of all others."""
    (folder / SCENARIO_FOLDER).mkdir()
    top = _top(members)
    problems, seen = [], Counter(member.filename.lower() for member in members)
    for member in members:
        if member.is_dir() and _parts(member.filename) is not None:
            continue
        problem = _refusal(member, seen)
        if problem is None:
            problem = _unpack_one(package, member, folder, (_parts(member.filename) or [])[top:])
        problems += [problem] if problem else []
    return problems


def _top(members: list[zipfile.ZipInfo]) -> int:
    """1 where everything lies in one folder, as when a folder is packed by its own name; else 0."""
    names = {member.filename for member in members}
    first = {name.partition("/")[0] for name in names}
    return int(len(first) == 1 and SETTINGS_FILE not in names and all("/" in name for name in names))


def _refusal(member: zipfile.ZipInfo, seen: Counter[str]) -> Problem | None:
    path = member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if _parts(path) is None:
        return UNSAFE_PATH.at("zip", path=path[:80])
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return NO_PLAIN_FILE.at("zip", path=path[:80])
    if member.flag_bits & _ENCRYPTED:
        return ENCRYPTED.at("zip", path=path[:80])
    return TWICE.at("zip", path=path[:80]) if seen[path.lower()] > 1 else None


def _parts(path: str) -> list[str] | None:
    """The names on the path; None where one of them is no plain name."""
    parts = path.removesuffix("/").split("/")
    return parts if all(_NAME.fullmatch(part) and part not in (".", "..") for part in parts) else None


def _unpack_one(package: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, parts: list[str]) -> Problem | None:
    """Content only of files that are read; of others the name, so that the reader of the folder can speak of them."""
    if not (len(parts) == 1 or (len(parts) == len(("folder", "file")) and parts[0] == SCENARIO_FOLDER)):
        return UNKNOWN_FILE.at("zip", file="/".join(parts)[:80], right=f"{SETTINGS_FILE} / *.csv / scenarios/*.toml")
    try:
        content = package.read(member) if member.filename.endswith((".csv", ".toml")) else b""
    except DAMAGE as error:
        return DAMAGED.at("zip", path=member.filename[:80], detail=str(error)[:80] or type(error).__name__)
    target = folder.joinpath(*parts)
    if not target.is_dir():
        target.write_bytes(content)
    return None


def scenario_texts_in(archive: bytes) -> dict[str, str]:
    """The scenario files in a zip that ``write_plan_bytes`` wrote, without reading the rest of it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        names = [name for name in package.namelist() if name.startswith(f"{SCENARIO_FOLDER}/")]
        return {Path(name).stem: package.read(name).decode("utf-8-sig") for name in names}
