"""What the service says when it cannot answer: RFC 9457 documents, in Chinese or English, with stable codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from optimizer.words.language import Language, Text

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:planopt:problem:"
MAX_NAMES = 12


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: ``place`` is a JSON pointer into the body (``#/…``), or a parameter."""

    code: str
    place: str
    detail: Text
    remedy: Text | None = None
    cell: tuple[str, int | None, str] | None = None  # table, row, column of a plan's data


class ApiError(HTTPException):
    """A refusal: the class says status, code and title; the instance says what happened here."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[Text] = Text("服务内部错误", "The service failed")

    def __init__(self, detail: Text, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(self.status, detail.en, dict(headers or {}))
        self.text, self.faults = detail, tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        """Refusals travel from the processes that find them; their classes differ in how they are made."""
        return _again, (type(self), self.text, self.faults, dict(self.headers or {}))


def _again(kind: type[ApiError], detail: Text, faults: tuple[Fault, ...], headers: dict[str, str]) -> ApiError:
    error = kind.__new__(kind)
    ApiError.__init__(error, detail, faults, headers)
    return error


class UnreadableError(ApiError):
    status, code, title = 400, "unreadable_body", Text("请求正文无法读取", "The body cannot be read")


class UnknownNameError(ApiError):
    """Nothing of that name; near misses are suggested."""

    status, code, title = 404, "unknown_name", Text("没有这个名称", "Unknown name")

    def __init__(self, what: Text, name: str, known: Iterable[str]) -> None:
        near = near_misses(name, known)
        super().__init__(
            Text(
                f"没有名为“{name}”的{what.zh}。{near.zh}",
                f"There is no {what.en} named {name!r}. {near.en}",
            )
        )


def near_misses(name: str, known: Iterable[str]) -> Text:
    """The known names most like this one, or the first known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        return Text(f"是否为：{'、'.join(near)}？", f"Did you mean {' or '.join(near)}?")
    shown = names[:MAX_NAMES] + ["…"] * (len(names) > MAX_NAMES)
    return Text(f"已有：{'、'.join(shown) or '无'}", f"Known: {', '.join(shown) or 'none'}")


class UnknownFigureError(ApiError):
    status, code, title = 404, "unknown_figure", Text("没有这个数值", "Unknown figure")


class UnknownRunError(ApiError):
    status, code, title = 404, "unknown_run", Text("没有这个运行", "Unknown run")


class NoResultError(ApiError):
    status, code, title = 404, "no_result", Text("没有结果", "There is no result")


class UnknownAddressError(ApiError):
    status, code, title = 404, "unknown_address", Text("没有这个地址", "Unknown address")


class WrongMethodError(ApiError):
    status, code, title = 405, "wrong_method", Text("该地址不支持此方法", "The address has no such method")


class NotAcceptableError(ApiError):
    status, code, title = 406, "not_acceptable", Text("不能提供所要求的格式", "The wanted format is not offered")


class AmbiguousVersionError(ApiError):
    status, code, title = 404, "ambiguous_version", Text("版本不唯一", "Several versions begin so")


class BuiltInError(ApiError):
    status, code, title = 409, "built_in", Text("内置数据只读", "Built-in data are read-only")


class WrongPlanError(ApiError):
    status, code, title = 409, "wrong_plan", Text("数据与地址的规划名不符", "The data are of another plan")


class RetiredError(ApiError):
    status, code, title = 410, "retired", Text("该版本已停用", "The version was retired")


class ChangedMeanwhileError(ApiError):
    status, code, title = 412, "changed_meanwhile", Text("已有他人更改", "It was changed meanwhile")


class TooLargeError(ApiError):
    status, code, title = 413, "body_too_large", Text("请求正文过大", "The body is too large")


class MediaTypeError(ApiError):
    status, code, title = 415, "media_type", Text("不支持的正文类型", "Bodies of this type are not taken")


class WrongHostError(ApiError):
    status, code, title = 421, "wrong_host", Text("请求的主机名不是本服务", "The request is for another host")


class InvalidRequestError(ApiError):
    status, code, title = 422, "invalid_request", Text("请求内容不合法", "The request is not valid")


class InvalidPlanError(ApiError):
    status, code, title = 422, "invalid_plan", Text("规划数据不可用", "The plan cannot be used")


class InvalidScenarioError(ApiError):
    status, code, title = 422, "invalid_scenario", Text("情景不可用", "The scenario cannot be used")


class KeyUsedError(ApiError):
    status, code, title = 422, "key_used", Text("Idempotency-Key 已用于其他请求", "The Idempotency-Key was used before")


class NumbersOutOfRangeError(InvalidRequestError):
    status, code, title = 422, "numbers_out_of_range", Text("数值超出可解范围", "Numbers beyond what can be solved")


class BusyError(ApiError):
    status, code, title = 503, "busy", Text("服务繁忙", "The service is busy")


class QueueFullError(BusyError):
    code, title = "queue_full", Text("等待的任务已达上限", "As many tasks wait as may wait")


class StoreUnavailableError(BusyError):
    code, title = "store_unavailable", Text("数据库暂不可用", "The database is not available")


class StoreFullError(ApiError):
    status, code, title = 507, "store_full", Text("磁盘已满", "The disk is full")


class DeadlineError(ApiError):
    status, code, title = 504, "deadline", Text("未能在时限内得出结果", "No answer within the deadline")


class ProblemFault(BaseModel):
    """One of the things that are wrong."""

    code: str
    place: str = Field(description="JSON pointer into the body (#/…), or the name of a parameter")
    detail: str
    remedy: str | None = None
    table: str | None = Field(None, description="of the plan's data: the table or file")
    row: int | None = Field(None, description="the line of the file, or the row of the sheet")
    column: str | None = None


class Problem(BaseModel):
    """An RFC 9457 problem document in the language of Accept-Language."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    type: str = Field(description=f"{TYPE} and the code")
    title: str
    status: int
    code: str = Field(description="stable; for programs")
    detail: str
    instance: str = Field(description="path of the request")
    request_id: str = Field(description="as in the header X-Request-ID and in the log")
    errors: list[ProblemFault] = Field(default=[], description="everything that is wrong, not only the first thing")


def language_of(request: Request) -> Language:
    """The better liked of Chinese and English in Accept-Language; English where neither is named."""
    best, liking = Language.EN, 0.0
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameter = part.strip().partition(";")
        quality = _quality(parameter)
        language = {"zh": Language.ZH, "en": Language.EN}.get(tag.strip().lower().split("-")[0])
        if language and quality > liking:
            best, liking = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def render(request: Request, error: ApiError) -> JSONResponse:
    """The error as a response in the reader's language; its code is left for the log."""
    request.scope.setdefault("state", {})["problem"] = error.code
    language = language_of(request)
    document = Problem(
        type=TYPE + error.code,
        title=error.title.say(language),
        status=error.status,
        code=error.code,
        detail=error.text.say(language),
        instance=request.url.path,
        request_id=str(request.scope.get("request_id", "")),
        errors=[_fault(fault, language) for fault in error.faults],
    )
    headers = {"Content-Language": str(language), "Vary": "Accept-Language", "Cache-Control": "no-store"}
    content = document.model_dump(exclude_none=True)
    return JSONResponse(content, error.status, headers | dict(error.headers or {}), MEDIA_TYPE)


def _fault(fault: Fault, language: Language) -> ProblemFault:
    remedy = fault.remedy.say(language) if fault.remedy else None
    table, row, column = fault.cell or (None, None, None)
    detail = fault.detail.say(language)
    return ProblemFault(
        code=fault.code, place=fault.place, detail=detail, remedy=remedy, table=table, row=row, column=column or None
    )


def responses(*errors: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an endpoint that may refuse in these ways."""
    return {status: _response([error for error in errors if error.status == status]) for status in _statuses(errors)}


def _statuses(errors: Sequence[type[ApiError]]) -> list[int]:
    return sorted({error.status for error in errors})


def _response(errors: Sequence[type[ApiError]]) -> dict[str, Any]:
    return {
        "model": Problem,
        "description": "; ".join(f"{error.title.en} (`{error.code}`)" for error in errors),
    }
