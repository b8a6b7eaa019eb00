"""Logging: one line an event, tracebacks without local variables (they hold secrets).

A terminal gets colours; anything else gets JSON, also from the libraries' own loggers.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from mercato.kernel import trace


def set_up(level: str = "info", *, stream: Any = None) -> None:
    """Send structured lines to stderr (or the stream)."""
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _last(bool(getattr(out, "isatty", lambda: False)()))
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(
        formatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[formatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries are heard when something is wrong, our own parts as loud as asked.
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("mercato").setLevel(number)


def _last(terminal: bool) -> list[Any]:
    if terminal:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(frames),
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(),
    ]


def _add_request(_logger: Any, _name: str, event: Any) -> Any:
    request = trace.current()
    if request is not None:
        event.setdefault("request_id", request)
    return event
