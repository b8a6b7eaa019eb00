"""When a failed job is tried again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from mercato.kernel import clock

UNBURIED_WAIT = timedelta(minutes=1)


class Retry(msgspec.Struct, frozen=True):
    """Run at most `times` times; wait `first` seconds, then twice as long each time, at most `longest`."""

    times: int = 8
    first: float = 2.0
    longest: float = 600.0

    def wait(self, attempts: int) -> timedelta | None:
        """How long to wait after the failure that follows `attempts` earlier ones; None: it was the last."""
        if attempts + 1 >= self.times:
            return None
        return timedelta(seconds=min(self.first * 2.0**attempts, self.longest))


class Unburied(Exception):
    """A job failed for the last time, but what depends on it could not be told: it is tried once more."""


class Strategy(BaseRetryStrategy):
    """`Retry` as upstream asks for it."""

    def __init__(self, retry: Retry) -> None:
        self.retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            # The process is going down: the next one goes on, however often that happened.
            return RetryDecision(retry_at=clock.now())
        wait = UNBURIED_WAIT if isinstance(exception, Unburied) else self.retry.wait(job.attempts)
        return None if wait is None else RetryDecision(retry_at=clock.now() + wait)
