"""Open time of calendars of plans: working hours on the clocks of a zone as intervals of universal time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from .._working_hours import periods_of_one_offset
from .elements import WorkCalendar
from .hours import DAY

Intervals = NDArray[np.int64]
"""Right-open intervals of shape (k, 2), in order and apart from each other."""

WEEK = 7 * DAY
_EPOCH = date(1970, 1, 1).toordinal()
_MONDAY = 3
"""1970-01-01 was a Thursday."""


def second(when: datetime) -> int:
    """A moment in seconds since 1970."""
    return (when.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution * 10**6)


def offsets(start: datetime, end: datetime, zone: tzinfo) -> list[tuple[int, int, int]]:
    """From, until and offset of the periods in which the clocks of a zone do not change, in seconds since 1970."""
    periods = periods_of_one_offset(start.astimezone(UTC), end.astimezone(UTC), zone)
    return [(second(since), second(until), int(offset.total_seconds())) for since, until, offset in periods]


def open_time(calendar: WorkCalendar, periods: Sequence[tuple[int, int, int]]) -> Intervals:
    """When a calendar is open, in seconds since 1970; O(days) with a small constant.

    A moment is open if the clocks show working hours then: hours that clocks skip are lost, hours that they repeat are worked
    again.

    Parameters
    ----------
    periods : list of (int, int, int)
        What `offsets` gives.
    """
    special = np.array([day.toordinal() - _EPOCH for day in calendar.exceptions], dtype=np.int64)
    exceptions = _intervals(
        [
            ((day.toordinal() - _EPOCH) * DAY + begin, (day.toordinal() - _EPOCH) * DAY + end)
            for day, spans in calendar.exceptions.items()
            for begin, end in spans
        ]
    )
    found = []
    for since, until, offset in periods:
        first, last = since + offset, until + offset
        days = np.arange(first // DAY - 1, last // DAY + 1, dtype=np.int64)  # a night shift began the day before
        if special.size:
            days = days[~np.isin(days, special)]
        pieces = [exceptions]
        for k, spans in enumerate(calendar.weekly):
            midnights = days[(days + _MONDAY) % 7 == k] * DAY
            pieces += [np.column_stack((midnights + begin, midnights + end)) for begin, end in spans]
        clipped = np.clip(np.concatenate(pieces), first, last) - offset
        found.append(clipped[clipped[:, 0] < clipped[:, 1]])
    return joined(np.concatenate(found) if found else _intervals([]))


def joined(pieces: Intervals) -> Intervals:
    """The union of intervals."""
    if not len(pieces):
        return _intervals([])
    pieces = pieces[np.argsort(pieces[:, 0], kind="stable")]
    ends = np.maximum.accumulate(pieces[:, 1])
    new = np.concatenate(([True], pieces[1:, 0] > ends[:-1]))
    last = np.concatenate((np.flatnonzero(new)[1:] - 1, [len(pieces) - 1]))
    return np.column_stack((pieces[new, 0], ends[last]))


def common(a: Intervals, b: Intervals) -> Intervals:
    """The intersection of two unions of intervals."""
    moments = np.sort(np.concatenate((a.ravel(), b.ravel())), kind="stable")
    moments = moments[np.append(True, moments[1:] != moments[:-1])] if moments.size else moments
    inside = (np.searchsorted(a.ravel(), moments, "right") % 2 == 1) & (np.searchsorted(b.ravel(), moments, "right") % 2 == 1)
    pieces = np.column_stack((moments[:-1], moments[1:]))[inside[:-1]] if moments.size else _intervals([])
    return joined(pieces)


def week(calendar: WorkCalendar) -> Intervals:
    """The open time of an ordinary week, from Monday 0 to 604800 seconds; Sunday's night shift is on Monday morning."""
    pieces = [
        (max(0, k * DAY + begin + shift), min(WEEK, k * DAY + end + shift))
        for k, spans in enumerate(calendar.weekly)
        for begin, end in spans
        for shift in (0, -WEEK)
    ]
    return joined(_intervals([piece for piece in pieces if piece[0] < piece[1]]))


def _intervals(pairs: list[tuple[int, int]]) -> Intervals:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)
