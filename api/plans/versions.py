"""Uploads, versions, downloads and differences of plans."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from api.errors import ApiError, BusyError, InvalidPlanError, MediaTypeError, TooLargeError
from api.formats import XLSX, ZIP, Record
from api.plans.library import Library
from api.plans.schemas import PlanVersion
from api.plans.service import faults_of
from api.plans.shelf import Version
from model_data import DataError, Plan, diff
from model_data.archive import Face, read_plan_bytes, write_plan_bytes
from optimizer.stated import check_scenarios
from optimizer.words.language import Text

FACES: Mapping[str, Face] = {XLSX: "workbook", ZIP: "archive", "application/x-zip-compressed": "archive"}


class Desk:
    """Where uploads are read: a few at once, since a hostile one may take a while."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def read(self, content: bytes, face: Face) -> Plan:
        """The plan that was uploaded. Raises InvalidPlanError, TooLargeError, BusyError."""
        if not self._free.acquire(blocking=False):
            detail = Text("正在读取其他上传文件，请稍后再试。", "Other uploads are being read; try again shortly.")
            raise BusyError(detail, headers={"Retry-After": "2"})
        try:
            plan = read_plan_bytes(content, face)
            check_scenarios(plan)
        except DataError as error:
            raise refusal(error) from None
        finally:
            self._free.release()
        return plan


def refusal(error: DataError) -> ApiError:
    """Every problem with its table, row and column."""
    count = len(error.problems)
    detail = Text(f"规划数据有 {count} 处问题，见 errors。", f"The plan has {count} problems; see errors.")
    kind = TooLargeError if {problem.rule for problem in error.problems} == {"too_big"} else InvalidPlanError
    return kind(detail, faults_of(error, ""))


def face_of(content_type: str) -> Face:
    """What a body of that Content-Type is. Raises MediaTypeError."""
    face = FACES.get(content_type.partition(";")[0].strip().lower())
    if face is None:
        detail = Text(
            f"请以 Content-Type {XLSX}（工作簿）或 {ZIP}（数据文件夹的 zip）上传。",
            f"Upload a workbook as Content-Type {XLSX}, or a zip of the folder of tables as {ZIP}.",
        )
        raise MediaTypeError(detail)
    return face


def described(library: Library, version: Version) -> PlanVersion:
    newest = not version.retired and library.find(version.plan).fingerprint == version.fingerprint
    return PlanVersion(
        plan=version.plan,
        fingerprint=version.fingerprint,
        stored=version.stored,
        built_in=version.built_in,
        retired=version.retired,
        newest=newest,
    )


def download(library: Library, version: Version, media_type: str) -> bytes:
    """The same version gives the same bytes."""
    if FACES[media_type] == "archive":
        return library.content(version)
    return write_plan_bytes(library.open(version), "workbook")


def changes(before: Plan, after: Plan) -> list[Record]:
    """Every difference as a record; ``key`` says the row."""
    found: list[dict[str, Any]] = []
    for change in diff(before, after):
        key = {name: value for name, value in change.key if value}
        found.append(
            {
                "kind": change.kind,
                "table": change.table,
                "key": key,
                "column": change.column,
                "before": change.before,
                "after": change.after,
            }
        )
    return found
