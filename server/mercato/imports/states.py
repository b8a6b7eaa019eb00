"""The life of a request to look for resources at a backend."""

from __future__ import annotations

from mercato.kernel.states import Machine, Row
from mercato.schemas.imports import RequestState as S

REQUEST: Machine[S, None] = Machine(
    "Request",
    [
        Row(S.SENT, "start_processing", S.PROCESSING),
        Row(S.PROCESSING, "set_done", S.DONE),
        Row(S.PROCESSING, "set_erred", S.ERRED),
        # The agent could not even begin.
        Row(S.SENT, "set_erred", S.ERRED),
    ],
)
