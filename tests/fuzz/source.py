"""Decisions drawn from bytes, so that one input format serves random search, coverage-guided fuzzers and stored corpora."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Source:
    """Reads decisions from bytes; when they run out every decision is the first choice, the most ordinary one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._next = 0

    def below(self, count: int) -> int:
        """An integer from 0 to count - 1."""
        width = 1 if count <= 256 else 8
        piece = self._data[self._next : self._next + width]
        self._next += width
        return int.from_bytes(piece, "little") % count

    def one_in(self, count: int) -> bool:
        """True for one byte value in `count`; False when the bytes have run out."""
        return self.below(count) == count - 1

    def choose(self, options: Sequence[Any]) -> Any:
        return options[self.below(len(options))]
