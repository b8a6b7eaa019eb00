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
ROWS = 4096


class Cached(NamedTuple):
    body: bytes
    headers: Mapping[str, str]
    etag: str


class ListCache:
    """The pages most recently asked for. `enabled` is false where other processes write too."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._pages: OrderedDict[Any, Cached] = OrderedDict()
        self.rows = RowCache()

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


class RowCache:
    """Finished documents of single rows: another search finds mostly the same things.

    Only for columns that are the same whoever looks; they stay valid as long as a page would.
    """

    def __init__(self) -> None:
        self._valid: Any = None
        self._rows: dict[Any, dict[int, bytes]] = {}

    def of(self, listing: Any, valid: Any) -> dict[int, bytes]:
        """Where the documents of a listing are (by id), if they were made under the same versions."""
        if valid != self._valid or sum(map(len, self._rows.values())) > ROWS:
            self._valid, self._rows = valid, {}
        return self._rows.setdefault(listing, {})
