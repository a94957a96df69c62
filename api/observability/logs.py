"""The log: one JSON object a line, or text on a terminal. Nothing in it comes from a body, and no key gets into it.

Modules log by ``logging`` with ``extra``; whatever else of a request they know (its id, a run) stands in the context.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from api.access.keys import KEY
from api.setting_groups import Running

LONGEST = 2000  # characters of one value, tracebacks excepted
# What begins a new line or moves the cursor somewhere, or turns the direction of writing.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
TRACE = "exception"


def configure(settings: Running, stream: TextIO | None = None) -> None:
    """Sends every log of this process, those of the libraries included, to stderr."""
    out = stream or sys.stderr
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(as_text=as_text, colors=out.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("uvicorn", "uvicorn.error"):  # its own lines of starting and stopping; ours say the same
        logging.getLogger(name).setLevel(logging.ERROR)


def _formatter(*, as_text: bool, colors: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if as_text:
        last = structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0, timestamp_key="time")
    tail = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, harmless, last]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=tail)


def harmless(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The entry with nothing that could pass for another line, for a command to a terminal, or for a key."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _without_keys(value) if name == TRACE else _line(value)
    return event


def _line(text: str) -> str:
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", _without_keys(text)[:LONGEST])


def _without_keys(text: str) -> str:
    return KEY.sub("planopt_***", text)
