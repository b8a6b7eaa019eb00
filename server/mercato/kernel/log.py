"""Logging: one line an event, tracebacks without local variables (they hold secrets)."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(level: str = "info", *, stream: object | None = None) -> None:
    """Send structured lines to stderr (or the stream). A terminal gets colours."""
    out = stream or sys.stderr
    coloured = bool(getattr(out, "isatty", lambda: False)())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=coloured, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=out),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
