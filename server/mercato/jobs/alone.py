"""A lock on a file proves that this process is the only one doing something; it ends with the process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AnotherProcess(RuntimeError):
    """Somebody else holds the lock."""


@contextmanager
def alone(lock: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock on the file `lock`, which is made if need be and stays.

    Raises AnotherProcess when somebody else holds it, unless told to wait.
    """
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise AnotherProcess(f"Another process holds {lock}.") from None
        yield
