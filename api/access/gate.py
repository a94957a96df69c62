"""The gate that every request passes: by which name it comes, from which site, with which key, how often."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.access.keys import Keyring, StoredKey
from api.access.rates import Rates, origin_of
from api.access.roles import METRICS, NAMES, Role, is_public, needed
from api.errors import UnknownAddressError, WrongHostError
from api.refusals import CrossSiteError, ForbiddenError, ProxiedError, UnauthorizedError
from api.setting_groups import Access
from optimizer.words.language import Text

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
DEFAULT_RATE = 600
UNCOUNTED = ("/healthz", "/readyz")
NO_KEY = Text(
    "请在请求头 Authorization: Bearer 中给出访问密钥（或以 Basic 方式，密钥作口令）。",
    "State an access key in the header Authorization: Bearer (or Basic, with the key as password).",
)
WRONG_KEY = Text("访问密钥未知或已撤销。", "The access key is unknown or was revoked.")


@dataclass(frozen=True)
class Caller:
    """Who asks: the name of the key, or ``local`` where the service is open, or ``anonymous``."""

    name: str
    role: Role | None


LOCAL, ANONYMOUS = Caller("local", Role.ADMIN), Caller("anonymous", None)


class Gate:
    """Admits requests. Raises ApiError with what is wrong."""

    def __init__(self, settings: Access, keyring: Keyring) -> None:
        self._settings, self._keyring = settings, keyring
        self._hosts = frozenset(settings.known_hosts)
        rate = settings.rate or (None if settings.is_open else DEFAULT_RATE)
        self._rates = Rates("requests", rate) if rate else None
        self._failures = Rates("keys", settings.failures)

    def check_site(self, request: Request) -> None:
        """A page of another site must not reach the service, be it by a name that leads here or by the browser."""
        stated = _host(request)
        if stated is None or stated[0] not in self._hosts:
            hosts = ", ".join(sorted(self._hosts))
            raise WrongHostError(Text(f"本服务的主机名为：{hosts}", f"This service answers to: {hosts}"))
        if _is_cross_site(request, stated[1]):
            raise CrossSiteError(
                Text("请直接在本服务的网页或程序中操作。", "Ask from a page of this service, or a program.")
            )

    async def admit(self, request: Request) -> tuple[Caller, dict[str, str]]:
        """Who asks, and headers for the answer."""
        method, path, address = request.method, request.scope["path"], origin_of(_address(request))
        if self._settings.is_open:
            self._check_direct(request)
            caller, who = LOCAL, address
        else:
            key = await self._known(request, address)
            caller, who = (Caller(key.name, key.role), key.number) if key else (ANONYMOUS, address)
        headers = self._rates.take(who) if self._rates and path not in UNCOUNTED else {}
        self._check_role(method, path, caller, request)
        return caller, headers

    def _check_direct(self, request: Request) -> None:
        """Behind a proxy on this machine everybody would look like this machine."""
        if any(name in request.headers for name in FORWARDING):
            detail = Text(
                "服务在本机开放，不接受代理转来的请求；请设置 PLANOPT_API_ACCESS=keys。",
                "The service is open to this machine and takes nothing from a proxy; set PLANOPT_API_ACCESS=keys.",
            )
            raise ProxiedError(detail)

    async def _known(self, request: Request, address: str) -> StoredKey | None:
        """The key that is stated. Raises UnauthorizedError, and TooManyError where an address keeps guessing."""
        stated = _stated_key(request)
        if stated is None:
            return None
        if not self._keyring.is_fresh():
            await run_in_threadpool(self._keyring.refresh)
        found = self._keyring.find(stated)
        if found is None:
            self._failures.take(address)
            raise UnauthorizedError(WRONG_KEY)
        return found

    def _check_role(self, method: str, path: str, caller: Caller, request: Request) -> None:
        if is_public(method, path):
            return
        if path == METRICS and self._settings.metrics == "off":
            raise UnknownAddressError(Text("没有此地址", "There is no such address"))
        if path == METRICS and self._settings.metrics == "loopback" and _is_direct_loopback(request):
            return
        if caller.role is None:
            raise UnauthorizedError(NO_KEY)
        wanted = needed(method, path)
        if not caller.role.may(wanted):
            own, role = NAMES[caller.role], NAMES[wanted]
            detail = Text(
                f"此操作须由{role.zh}进行；该密钥的角色是{own.zh}。",
                f"This needs the role {role.en}; that of the key is {own.en}.",
            )
            raise ForbiddenError(detail)


def _host(request: Request) -> tuple[str, str] | None:
    """The host's name and the whole header, in small letters; None where it is none."""
    stated = request.headers.get("host", "").lower()
    found = HOST.fullmatch(stated)
    return (found["name"].strip("[]"), stated) if found else None


def _is_cross_site(request: Request, host: str) -> bool:
    """Whether a browser says that a page from elsewhere made it ask. Following a link is harmless."""
    origin = request.headers.get("origin")
    if origin is not None:
        return _without_default_port(_netloc(origin)) != _without_default_port(host)
    navigates = request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not navigates


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _without_default_port(host: str) -> str:
    return re.sub(r":(80|443)$", "", host)


def _stated_key(request: Request) -> str | None:
    """The key of the header Authorization; "" where what stands there is none."""
    stated = request.headers.get("authorization")
    if stated is None:
        return None
    scheme, _, value = stated.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            return _password(value.strip())
    return ""


def _password(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("ascii").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_direct_loopback(request: Request) -> bool:
    try:
        near = ipaddress.ip_address(_address(request)).is_loopback
    except ValueError:
        return False
    return near and not any(name in request.headers for name in FORWARDING)
