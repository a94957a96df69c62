"""The server process: started with its bounds, stopped in order by a signal, at once by a second one."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.middleware import MAX_HEAD
from api.serving.protocol import connection_with
from api.settings import Settings

LOG = logging.getLogger("planopt.api")
PATIENCE = 20.0  # seconds beyond the grace for what cannot be interrupted, before the process ends all the same
STUCK = 70
# Seconds that a connection may be idle: longer than clients and proxies keep theirs (5 to 60), so that none sends a
# request on a connection that is being closed, which reads as a lost connection there.
IDLE = 75


class Server(uvicorn.Server):
    """uvicorn's server, which says first that it stops and takes requests for a while longer."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(_configuration(app, settings))
        self._application, self._settings = app, settings

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """The first signal stops the service in order, the second at once."""
        state = self._application.state
        if state.stopping:
            os._exit(128 + sig)
        state.stopping = True
        LOG.info("stopping", extra={"signal": signal.Signals(sig).name, "grace": self._settings.grace})
        _later(self._settings.drain, self._stop)
        _later(self._settings.drain + self._settings.grace + PATIENCE, _give_up)

    def _stop(self) -> None:
        self.should_exit = True


def stoppable(app: FastAPI, settings: Settings) -> Server:
    """The server of this process, which heeds signals (Ctrl-C, SIGTERM) from now on."""
    server = Server(app, settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    return server


def _configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=connection_with(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(settings.trusted_proxies),
        h11_max_incomplete_event_size=MAX_HEAD,
        timeout_graceful_shutdown=settings.grace,
        timeout_keep_alive=IDLE,
    )


def _later(seconds: float, what: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, what)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    LOG.critical("something under way does not end; the process ends without it")
    os._exit(STUCK)
