"""Calendars: the capacity of a resource over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, _validation
from ._problem import Immutable


class Calendar(Immutable):
    """A resource's capacity over time as right-open steps, which may repeat.

    Parameters
    ----------
    time : array_like of int, shape (k,)
        When each step begins, in ticks, increasing; from ``time[j]`` up to ``time[j + 1]`` the capacity is ``capacity[j]``.
    capacity : array_like of int, shape (k,)
        Units from that time on, >= 0; a project refuses more than the resource's own capacity.
    period : int, optional
        The pattern repeats after so many ticks, in both directions of time; it must exceed ``time[-1] - time[0]``.

    Raises
    ------
    InvalidInputError
        Unequal lengths, times that do not increase, negative capacities, a period that is too short.

    Notes
    -----
    Without a period the last step lasts for ever, and before the first one the resource has its full capacity. With a period
    the last step lasts until the first one of the next repetition. Steps are evaluated where they are needed and never
    unrolled, so what a calendar costs does not depend on the length of a tick.

    Examples
    --------
    Two units from 8 to 16 o'clock of every day, nothing at night; one tick is an hour.

    >>> import schedkit as sk
    >>> day = sk.rcpsp.Calendar([8, 16], [2, 0], period=24)
    >>> project = sk.rcpsp.Project([6, 6], [[1], [2]], [2], precedence=[[0, 1]], calendars={0: day}, pausable=[True, False])
    >>> s = sk.rcpsp.ProjectSchedule.from_start_time(project, [12, 34])
    >>> s.completion_time.tolist()  # the first one pauses over night
    [34, 40]
    """

    __slots__ = ("capacity", "period", "time")

    time: NDArray[np.int64]
    capacity: NDArray[np.int64]
    period: int | None

    def __init__(self, time: ArrayLike, capacity: ArrayLike, period: int | None = None) -> None:
        steps = _validation.readonly(_validation.int_array(time, "time"))
        units = _validation.readonly(_validation.int_array(capacity, "capacity"))
        limit = 2**63 - 1
        span = None if period is None else _validation.int_scalar(period, "period", minimum=-limit, maximum=limit)
        _core.check_calendar(steps, units, span)
        for slot, value in (("time", steps), ("capacity", units), ("period", span)):
            object.__setattr__(self, slot, value)

    def __repr__(self) -> str:
        period = "" if self.period is None else f", period={self.period}"
        return f"Calendar(steps={self.time.size}{period})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calendar):
            return NotImplemented
        same = np.array_equal(self.time, other.time) and np.array_equal(self.capacity, other.capacity)
        return same and self.period == other.period

    def __hash__(self) -> int:
        return hash((self.time.tobytes(), self.capacity.tobytes(), self.period))

    def __reduce__(self) -> tuple[Any, ...]:
        return Calendar, (self.time, self.capacity, self.period)
