"""Settings that every deployment of an HTTP service has, by groups; ``api.settings`` joins them with its own.

The text beside a type says what a setting is for, in both languages; the reference page is made of these texts.
"""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, FiniteFloat, field_validator, model_validator
from pydantic_settings import NoDecode

from optimizer.words.language import Text

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0" + ".0.0.0", "::")

Names = Annotated[tuple[str, ...], NoDecode]
Seconds = Annotated[FiniteFloat, Field(gt=0, le=3600)]

NO_HOSTS = Text(
    "监听所有地址时，须用 PLANOPT_API_HOSTS 写明客户端使用的主机名（以逗号分隔）。",
    "listening on every address needs PLANOPT_API_HOSTS: the host names that clients use, separated by commas",
)
NO_ADDRESS = Text(
    "须为本机的一个 IP 地址（仅本机可访问时用 127.0.0.1）。",
    "must be an IP address of this machine (127.0.0.1 where only this machine may ask)",
)
NO_NETWORK = Text("须为 IP 地址或网段，以逗号分隔。", "must be IP addresses or networks, separated by commas")

NO_SDK = Text("须先安装 opentelemetry-sdk 与一个导出器。", "needs opentelemetry-sdk and an exporter, which you install")


class UnfitError(ValueError):
    """A value that does not fit, with the reason in both languages; ``field`` where several settings are looked at."""

    def __init__(self, reason: Text, field: str = "") -> None:
        self.reason, self.field = reason, field
        super().__init__(reason.en)


class Group(BaseModel):
    """Settings that stand together on the reference page, under ``heading``."""

    heading: ClassVar[Text] = Text("服务", "Service")


class Access(Group):
    """Who reaches the service, and how often."""

    heading: ClassVar[Text] = Text("访问", "Access")

    host: Annotated[
        str,
        Text(
            "监听的地址。本机回环地址以外须有访问密钥。",
            "Address to listen on. Anything but loopback needs access keys.",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(ge=0, le=65535),
        Text("端口；0 为任一空闲端口。", "Port; 0: any free one."),
    ] = 8000
    hosts: Annotated[
        Names,
        Text(
            "除监听地址外客户端使用的主机名，以逗号分隔；其他主机名的请求被拒绝。",
            "Host names that clients use besides the address listened on, separated by commas; requests for any other"
            " are refused.",
        ),
    ] = ()
    trusted_proxies: Annotated[
        Names,
        Text(
            "可信反向代理的 IP 地址或网段，以逗号分隔；只采信它们给出的客户端地址与协议。",
            "IP addresses or networks of reverse proxies, separated by commas; only they are believed about the"
            " client's address and protocol.",
        ),
    ] = ()
    access: Annotated[
        Literal["auto", "keys"],
        Text(
            "auto：回环地址上开放，其他地址须密钥；keys：一律须密钥（例如本机前面有反向代理）。",
            "auto: open on loopback, keys elsewhere; keys: always keys (say, behind a reverse proxy on this machine).",
        ),
    ] = "auto"
    rate: Annotated[
        int | None,
        Field(ge=1, le=1_000_000),
        Text(
            "每个密钥（无密钥时每个地址）每分钟的请求数；不设时：须密钥为 600，开放时不限。",
            "Requests a minute for each key (without key: each address); if not set: 600 with keys, no limit when"
            " open.",
        ),
    ] = None
    failures: Annotated[
        int,
        Field(ge=1, le=10_000),
        Text(
            "每个地址每分钟可用错误密钥的次数，超出者得到 429。",
            "Wrong keys that an address may try in a minute before it gets 429.",
        ),
    ] = 20
    metrics: Annotated[
        Literal["admin", "loopback", "off"],
        Text(
            "谁可读取 /metrics：admin：管理员密钥；loopback：也可从本机直接读取；off：不提供。服务开放时不须密钥。",
            "Who may read /metrics: admin: keys of administrators; loopback: also whoever asks from this machine"
            " directly; off: nobody. Where the service is open, no key is needed.",
        ),
    ] = "admin"
    hsts: Annotated[
        int,
        Field(ge=0, le=63_072_000),
        Text(
            "仅在全程使用 TLS 时设置：浏览器须坚持使用 TLS 的秒数。",
            "Only where every access is by TLS: seconds for which browsers must insist on it.",
        ),
    ] = 0

    @property
    def is_open(self) -> bool:
        """Whether everybody who reaches the service may ask: only this machine can, and nobody wanted keys."""
        return self.host in LOOPBACK and self.access == "auto" and not self.trusted_proxies

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """Host names under which the service answers."""
        own = () if self.host in ANY_ADDRESS else (self.host,)
        return tuple(dict.fromkeys((*LOOPBACK, *own, *self.hosts)))

    @field_validator("hosts", "trusted_proxies", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        if host not in LOOPBACK and not _is_network(host, single=True):
            raise UnfitError(NO_ADDRESS)
        return host

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_is_network(network) for network in networks):
            raise UnfitError(NO_NETWORK)
        return networks

    @model_validator(mode="after")
    def _hosts_of_any_address(self) -> Access:
        if self.host in ANY_ADDRESS and not self.hosts:
            raise UnfitError(NO_HOSTS, "hosts")
        return self


class Bounds(Group):
    """What one request, and all of them together, may take."""

    heading: ClassVar[Text] = Text("界限", "Limits")

    max_body: Annotated[
        int,
        Field(ge=1024, le=2**28),
        Text("请求正文的最大字节数。", "Largest body of a request, in bytes."),
    ] = 2**20
    max_upload: Annotated[
        int,
        Field(ge=1024, le=2**30),
        Text("上传规划文件的最大字节数。", "Largest upload of a plan, in bytes."),
    ] = 2**25
    max_depth: Annotated[
        int,
        Field(ge=8, le=200),
        Text("JSON 正文的最大嵌套层数。", "Deepest nesting of a JSON body."),
    ] = 32
    max_address: Annotated[
        int,
        Field(ge=256, le=2**16),
        Text("请求地址（含参数）的最大字节数。", "Longest address of a request with its parameters, in bytes."),
    ] = 8192
    max_requests: Annotated[
        int,
        Field(ge=1, le=100_000),
        Text("可同时处理的请求数；超出者得到 503。", "Requests under way together; one more gets 503."),
    ] = 256
    max_connections: Annotated[
        int,
        Field(ge=1, le=100_000),
        Text("可同时保持的连接数；超出者得到 503。", "Connections open together; one more gets 503."),
    ] = 1024
    read_timeout: Annotated[
        Seconds,
        Text(
            "请求头、请求正文各自须在此秒数内全部到达。",
            "Seconds within which the head, and then the body, of a request must have arrived.",
        ),
    ] = 30.0
    request_timeout: Annotated[
        Seconds,
        Text("须在此秒数内开始应答，否则得到 504。", "Seconds within which an answer must begin; else 504."),
    ] = 120.0
    write_timeout: Annotated[
        Seconds,
        Text(
            "客户端在此秒数内不接收应答时断开连接。",
            "Seconds for which a client may not take its answer before the connection is cut.",
        ),
    ] = 60.0


class Running(Group):
    """How the service is watched and stopped."""

    heading: ClassVar[Text] = Text("运行", "Running")

    drain: Annotated[
        FiniteFloat,
        Field(ge=0, le=600),
        Text(
            "收到停止信号后继续接收请求的秒数，其间 /readyz 为 503，以便负载均衡撤下本服务。",
            "Seconds for which requests are still taken after the signal to stop, while /readyz says 503, so that a"
            " load balancer can turn away.",
        ),
    ] = 0.0
    grace: Annotated[
        int,
        Field(ge=1, le=600),
        Text(
            "停止时进行中的请求可用来完成的秒数，其后被取消。",
            "Seconds that requests under way have to finish at the end; then they are cancelled.",
        ),
    ] = 5
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Text(
            "写入日志的最低级别；每个请求一行，级别为 info。",
            "Least severe level that is logged; every request is one line of level info.",
        ),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Text(
            "日志的形式；auto：终端上为文本，否则为 JSON。",
            "Form of the log; auto: text on a terminal, else JSON.",
        ),
    ] = "auto"
    tracing: Annotated[
        bool,
        Text(
            "由 FastAPI 记录 OpenTelemetry 踪迹；须另装 opentelemetry-sdk。",
            "OpenTelemetry traces by FastAPI itself; needs opentelemetry-sdk, which is not installed with planopt.",
        ),
    ] = False

    @field_validator("tracing")
    @classmethod
    def _traced(cls, tracing: bool) -> bool:
        if tracing and find_spec("opentelemetry.sdk") is None:
            raise UnfitError(NO_SDK)
        return tracing


def _is_network(text: str, *, single: bool = False) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return not single or ("/" not in text and network.num_addresses == 1)
