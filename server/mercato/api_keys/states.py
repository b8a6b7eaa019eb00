"""The life of a resource's key."""

from __future__ import annotations

from mercato.kernel.states import Machine, Row
from mercato.schemas.api_keys import KeyState as S

_ARROWS: list[Row[S, None]] = [
    Row(S.OK, "rotate", S.UPDATING),
    Row(S.ERRED, "rotate", S.UPDATING),
    Row(S.OK, "revoke", S.UPDATING),
    Row(S.ERRED, "revoke", S.UPDATING),
    Row(S.CREATING, "set_key", S.OK),
    Row(S.UPDATING, "set_key", S.OK),
    Row(S.ERRED, "set_key", S.OK),
    Row(S.OK, "set_key", S.OK),
    # A late report of failure must not spoil a key that is well.
    Row(S.CREATING, "set_erred", S.ERRED),
    Row(S.UPDATING, "set_erred", S.ERRED),
    Row(S.ERRED, "set_erred", S.ERRED),
]
KEY: Machine[S, None] = Machine("Key", _ARROWS)
