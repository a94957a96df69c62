"""How answers look: formats by Accept, pages by cursor, entity tags, frames as records."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from starlette.requests import Request

from api import VERSION
from api.errors import Fault, InvalidRequestError, NotAcceptableError
from optimizer.words.language import Text

JSON, CSV, ZIP = "application/json", "text/csv", "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
FORMATS = {"json": JSON, "csv": CSV, "xlsx": XLSX, "parquet": PARQUET, "zip": ZIP}
MAX_PAGE = 1000
# A cell that begins like this is run as a formula by spreadsheets.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Scalar = str | int | float | bool | None
Record = dict[str, Any]


# ------------------------------------------------------------------------------------------------- negotiation


def negotiate(request: Request, offered: Sequence[str], wanted: str | None = None) -> str:
    """The media type to answer in: by ``wanted`` (?format=), else the best of Accept. Raises NotAcceptableError."""
    if wanted is not None:
        if FORMATS.get(wanted) in offered:
            return FORMATS[wanted]
    else:
        liking = {media_type: _liking(request.headers.get("accept") or "*/*", media_type) for media_type in offered}
        best = max(offered, key=lambda media_type: liking[media_type])
        if liking[best] > 0.0:
            return best
    shown = ", ".join(offered)
    raise NotAcceptableError(Text(f"可提供的格式：{shown}", f"Offered are {shown}"))


def _liking(accept: str, media_type: str) -> float:
    """The quality of the most specific range of Accept that takes the media type; 0 where none does."""
    best = (-1, 0.0)
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        ranges = ("*/*", media_type.partition("/")[0] + "/*", media_type)
        if media_range in ranges:
            best = max(best, (ranges.index(media_range), _quality(parameters)))
    return best[1]


def _quality(parameters: Sequence[str]) -> float:
    stated = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return float(stated)
    except ValueError:
        return 0.0


# -------------------------------------------------------------------------------------------------------- tags


def entity_tag(*parts: object) -> str:
    """A strong entity tag: the same parts give the same bytes under the same version of the program."""
    text = json.dumps([VERSION, *map(str, parts)], ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller says by If-None-Match that it has this answer already."""
    stated = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return tag in stated or "*" in stated


@dataclass(frozen=True)
class Condition:
    """What If-Match and If-None-Match of a change say about what it changes."""

    match: str | None = None
    none_match: str | None = None

    def holds(self, tag: str | None) -> bool:
        """``tag``: of what is there; None where there is nothing."""
        wanted = self.match is None or _names(self.match, tag)
        return wanted and not (self.none_match is not None and _names(self.none_match, tag))


def _names(stated: str, tag: str | None) -> bool:
    tags = [part.strip() for part in stated.split(",")]
    return tag is not None and ("*" in tags or tag in tags)


# ------------------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True)
class Page:
    """The rows from ``start`` to ``stop``, and the cursor of the next page."""

    start: int
    stop: int
    next_cursor: str | None


def page(total: int, content: str, limit: int | None, cursor: str | None) -> Page:
    """The page at the cursor. A cursor holds for the content (a fingerprint) that it was made for."""
    start = _position(cursor, content) if cursor else 0
    stop = total if limit is None else min(start + limit, total)
    return Page(start, stop, _cursor(stop, content) if stop < total else None)


def _cursor(position: int, content: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([position, content[:16]]).encode()).decode()


def _position(cursor: str, content: str) -> int:
    try:
        position, made_for = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, binascii.Error):
        position, made_for = -1, None
    if made_for != content[:16] or not isinstance(position, int) or position < 0:
        detail = Text(
            "游标不是本服务给出的，或数据此后已更改；请从第一页重新开始。",
            "The cursor is not one of this service, or the data changed since; start at the first page again.",
        )
        raise InvalidRequestError(detail, [Fault("invalid_cursor", "cursor", detail)])
    return position


# ------------------------------------------------------------------------------------------------------ frames


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows as JSON can say them: what is not a finite number is null."""
    columns = {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return list(value) if isinstance(value, tuple) else value


def to_csv(columns: Sequence[str], rows: Sequence[Record]) -> bytes:
    """UTF-8 with a mark in front, which is how Excel recognises it; texts that would be formulas are quoted by '."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
