"""How often somebody may ask: a moving window of a minute, and what the answer says of it."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.refusals import TooManyError
from optimizer.words.language import Text

WINDOW = 60
JUMP = 2.0  # seconds by which the clock may drift before its stamps are worthless


class Rates:
    """Counts in the memory of this process: with several, each allows so much."""

    def __init__(self, name: str, a_minute: int) -> None:
        self._name, self._limit = name, RateLimitItemPerMinute(a_minute)
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._drift = _drift()

    def take(self, who: str) -> dict[str, str]:
        """Counts one; the headers that say what is left. Raises TooManyError."""
        self._follow_the_clock()
        taken = self._window.hit(self._limit, who)
        headers = self._headers(who)
        if not taken:
            raise self._refusal(who, headers)
        return headers

    def check(self, who: str) -> None:
        """Counts nothing. Raises TooManyError where one more would be too many."""
        self._follow_the_clock()
        if not self._window.test(self._limit, who):
            raise self._refusal(who, self._headers(who))

    def _headers(self, who: str) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers says it."""
        remaining, reset = self._window.get_window_stats(self._limit, who).remaining, self._reset(who)
        policy = f'"{self._name}";q={self._limit.amount};w={WINDOW}'
        return {"RateLimit-Policy": policy, "RateLimit": f'"{self._name}";r={max(0, remaining)};t={reset}'}

    def _reset(self, who: str) -> int:
        """Seconds until the oldest request leaves the window."""
        reset = self._window.get_window_stats(self._limit, who).reset_time - time.time()
        return max(1, min(WINDOW, math.ceil(reset)))

    def _refusal(self, who: str, headers: dict[str, str]) -> TooManyError:
        wait, most = self._reset(who), self._limit.amount
        detail = Text(f"每分钟最多 {most} 次；请 {wait} 秒后再试。", f"At most {most} a minute; try again in {wait} s.")
        return TooManyError(detail, headers=headers | {"Retry-After": str(wait)})

    def _follow_the_clock(self) -> None:
        """The library stamps by the wall clock: one that was set back would refuse everybody until it has caught up."""
        if abs(_drift() - self._drift) > JUMP:
            self._storage.reset()
            self._drift = _drift()


def _drift() -> float:
    return time.time() - time.monotonic()


def origin_of(address: str) -> str:
    """Who stands behind an address: an IPv6 host has a whole /64 to choose from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return address
