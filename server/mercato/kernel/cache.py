"""Finished pages of shared lists, kept until a room they show changes.

The key holds the rooms' version counters and the caller's grants, so an entry is never stale: it is
simply not found any more.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

ENTRIES = 512


class Cached(NamedTuple):
    body: bytes
    headers: Mapping[str, str]
    etag: str


class ListCache:
    """The pages most recently asked for. `enabled` is false where other processes write too."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._pages: OrderedDict[Any, Cached] = OrderedDict()

    def get(self, key: Any) -> Cached | None:
        if not self.enabled:
            return None
        return self._pages.get(key)

    def put(self, key: Any, body: bytes, headers: Mapping[str, str]) -> Cached:
        etag = '"' + hashlib.blake2b(body, digest_size=12).hexdigest() + '"'
        made = Cached(body, {**headers, "ETag": etag}, etag)
        if self.enabled:
            self._pages[key] = made
            while len(self._pages) > ENTRIES:
                try:
                    self._pages.popitem(last=False)
                except KeyError:  # another reader thread emptied it meanwhile
                    break
        return made
