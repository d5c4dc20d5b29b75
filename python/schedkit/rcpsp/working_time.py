"""Working time: when calendars let an activity work, and clocks that count nothing but open ticks."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence

from ..calendar import Calendar

Interval = tuple[int, int]
"""A right-open interval of time."""


class TooManyStepsError(Exception):
    """A calendar has more steps within the time looked at than a model can hold."""


class Steps:
    """The levels of a resource over time: the least of its own capacity and of its calendars."""

    def __init__(self, calendars: Calendar | Sequence[Calendar], capacity: int) -> None:
        several = (calendars,) if isinstance(calendars, Calendar) else tuple(calendars)
        self._columns = [(c.time.tolist(), c.capacity.tolist(), c.period) for c in several if c.time.size]
        self._capacity = capacity

    def at(self, moment: int) -> int:
        """The units at a moment."""
        level = self._capacity
        for time, units, period in self._columns:
            phase = moment if period is None else time[0] + (moment - time[0]) % period
            k = bisect.bisect_right(time, phase) - 1
            if k >= 0:
                level = min(level, units[k])
        return level

    def count(self, begin: int, end: int) -> int:
        """An upper bound on the number of steps within [begin, end)."""
        rounds = (1 if period is None else (end - begin) // period + 2 for _, _, period in self._columns)
        return sum(len(time) * number for (time, _, _), number in zip(self._columns, rounds, strict=True))

    def pieces(self, begin: int, end: int) -> list[tuple[int, int, int]]:
        """Pieces (begin, end, units) that cover [begin, end); neighbours differ."""
        moments = {begin}
        for time, _, period in self._columns:
            if period is None:
                moments.update(t for t in time if begin < t < end)
                continue
            for shift in range((begin - time[0]) // period * period, end - time[0] + 1, period):
                moments.update(t + shift for t in time if begin < t + shift < end)
        found: list[tuple[int, int, int]] = []
        for first, last in itertools.pairwise([*sorted(moments), end]):
            units = self.at(first)
            if found and found[-1][2] == units:
                found[-1] = (found[-1][0], last, units)
            elif first < last:
                found.append((first, last, units))
        return found


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


def common(a: Sequence[Interval], b: Sequence[Interval]) -> list[Interval]:
    """The intersection of two unions of intervals."""
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        begin, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if begin < end:
            found.append((begin, end))
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
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
