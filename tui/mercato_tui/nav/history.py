"""Where the person has been. A location is a chain: a destination, then the pages opened from it."""

from __future__ import annotations

Chain = tuple[str, ...]


class History:
    """Back and forward, as in a browser. At most `LONGEST` locations are remembered."""

    LONGEST = 200

    def __init__(self) -> None:
        self._chains: list[Chain] = []
        self._at = -1

    @property
    def now(self) -> Chain:
        return self._chains[self._at] if self._chains else ()

    def visit(self, chain: Chain) -> None:
        """A new location; what was ahead is forgotten."""
        if chain == self.now:
            return
        self._chains = [*self._chains[: self._at + 1], chain][-self.LONGEST :]
        self._at = len(self._chains) - 1

    def replace(self, chain: Chain) -> None:
        """The present location becomes another one (a sent form is not somewhere to go back to)."""
        if self._chains:
            self._chains[self._at] = chain
        else:
            self.visit(chain)

    def back(self) -> Chain | None:
        """The location before, or None at the beginning."""
        if self._at <= 0:
            return None
        self._at -= 1
        return self.now

    def forward(self) -> Chain | None:
        """The location after, or None at the end."""
        if self._at >= len(self._chains) - 1:
            return None
        self._at += 1
        return self.now

    def clear(self) -> None:
        self._chains, self._at = [], -1
