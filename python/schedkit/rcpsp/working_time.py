"""Working time: clocks that count nothing but open ticks."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence

Interval = tuple[int, int]
"""A right-open interval of time."""


class TooManyStepsError(Exception):
    """A calendar has more steps within the time looked at than a model can hold."""


class Clock:
    """A clock that runs only during the open intervals of a stretch of time.

    It counts units of some ticks each, from 0 on; all times that matter fall on whole units.
    """

    def __init__(self, opens: Iterable[Interval], unit: int) -> None:
        self.opens = tuple(opens)
        self._unit = unit
        self._begin = [begin for begin, _ in self.opens]
        self._before = list(itertools.accumulate((end - begin for begin, end in self.opens), initial=0))

    @property
    def total(self) -> int:
        """The number of whole open units."""
        return self._before[-1] // self._unit

    def elapsed(self, moment: int) -> int:
        """The number of whole open units before a moment."""
        k = bisect.bisect_right(self._begin, moment) - 1
        if k < 0:
            return 0
        begin, end = self.opens[k]
        return (self._before[k] + min(moment, end) - begin) // self._unit

    def moment(self, reading: int) -> int:
        """When work begins that begins at a reading."""
        return self._tick(reading * self._unit)

    def end(self, reading: int) -> int:
        """When work ends that ends at a reading, which is not 0."""
        return self._tick(reading * self._unit - 1) + 1

    def _tick(self, number: int) -> int:
        k = bisect.bisect_right(self._before, number) - 1
        return self.opens[k][0] + number - self._before[k]


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The union of intervals, as intervals in order that do not touch."""
    found: list[Interval] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def shifts(opens: Sequence[Interval], source: Clock, target: Clock) -> Iterator[tuple[int, int, int]]:
    """How a clock follows from another during intervals that lie in open time of both.

    Yields (first, last, shift): readings first <= reading < last of the source are reading + shift on the target.
    """
    pending: tuple[int, int, int] | None = None
    for begin, end in opens:
        first = source.elapsed(begin)
        piece = (first, source.elapsed(end), target.elapsed(begin) - first)
        if pending is not None and pending[2] == piece[2]:
            pending = (pending[0], piece[1], piece[2])
        else:
            if pending is not None:
                yield pending
            pending = piece
    if pending is not None:
        yield pending
