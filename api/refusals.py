"""Refusals that any address may give: who asks, how often, how large, how slow."""

from __future__ import annotations

from api.errors import ApiError, BusyError, DeadlineError, TooLargeError, UnreadableError, WrongHostError
from optimizer.words.language import Text

CLOSE = {"Connection": "close"}


class UnauthorizedError(ApiError):
    status, code, title = 401, "unauthorized", Text("须有访问密钥", "An access key is needed")

    def __init__(self, detail: Text) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="planopt"'})


class ForbiddenError(ApiError):
    status, code, title = 403, "forbidden", Text("密钥的角色不允许此操作", "The key's role does not allow this")

    def __init__(self, detail: Text) -> None:
        challenge = 'Bearer realm="planopt", error="insufficient_scope"'
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class CrossSiteError(ApiError):
    status, code, title = 403, "cross_site", Text("拒绝来自其他网站的请求", "Requests by other sites are refused")


class ProxiedError(ApiError):
    status, code, title = 403, "proxied", Text("经代理的请求须有密钥", "Requests through a proxy need keys")


class SlowRequestError(ApiError):
    status, code, title = 408, "slow_request", Text("请求未在时限内到达", "The request did not arrive in time")


class LongAddressError(ApiError):
    status, code, title = 414, "address_too_long", Text("请求地址过长", "The address is too long")


class LongHeadError(ApiError):
    status, code, title = 431, "head_too_large", Text("请求头过大", "The head is too large")


class EncodedError(ApiError):
    status, code, title = 415, "encoded_body", Text("不接受压缩的正文", "Compressed bodies are not taken")


class TooManyError(ApiError):
    status, code, title = 429, "too_many_requests", Text("请求过于频繁", "Too many requests")


class FullError(BusyError):
    code, title = "full", Text("进行中的请求已达上限", "As many requests as can be are under way")


class StoppingError(BusyError):
    code, title = "stopping", Text("服务正在停止", "The service is stopping")


# For the description of the interface: at every address, at those that need a key, at those that take a body.
HEADS = (CrossSiteError, LongAddressError, LongHeadError, WrongHostError)
EVERYWHERE = (*HEADS, TooManyError, ApiError, FullError, StoppingError)
CLOSED = (UnauthorizedError, ForbiddenError, ProxiedError, DeadlineError)
WITH_BODY = (UnreadableError, SlowRequestError, TooLargeError, EncodedError)
