"""Hours, days, weeks, months and years on the clocks of a zone, for the axes of charts and the buckets of resource loads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from . import dates
from .open_time import second

_DAY = timedelta(days=1)
_HOUR = 3600


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """A kind of period.

    Attributes
    ----------
    name : {"hour", "day", "week", "month", "year"}
    count : int
        So many hours or months; 1 for all others.
    length : int
        Seconds that it usually lasts.
    """

    name: str
    count: int
    length: int


PERIODS = (
    Period("hour", 1, _HOUR),
    Period("hour", 6, 6 * _HOUR),
    Period("day", 1, 24 * _HOUR),
    Period("week", 1, 168 * _HOUR),
    Period("month", 1, 730 * _HOUR),
    Period("month", 3, 2190 * _HOUR),
    Period("year", 1, 8760 * _HOUR),
)
"""From the shortest to the longest."""


def finest(first: int, last: int, most: int, *, at_least: str = "hour") -> Period:
    """The shortest period of which at most so many lie between two moments, in seconds since 1970.

    Parameters
    ----------
    first, last : int
    most : int
    at_least : str, default "hour"
        The name of the shortest kind that is allowed.
    """
    names = [period.name for period in PERIODS]
    allowed = PERIODS[names.index(at_least) :]
    return next((period for period in allowed if last - first <= most * period.length), PERIODS[-1])


def starts(period: Period, first: int, last: int, zone: tzinfo) -> list[int]:
    """The moments at which periods begin, in seconds since 1970: from the last one at or before `first` to one after `last`."""
    found: list[int] = []
    for moment in _starts(period, datetime.fromtimestamp(first, UTC).astimezone(zone).date(), zone):
        if moment <= first:
            found = [moment]
        else:
            found.append(moment)
        if moment > last:
            break
    return found


def _starts(period: Period, day: date, zone: tzinfo) -> Iterator[int]:
    """The begins of periods, from one at or before the begin of a day on, without end."""
    if period.name == "week":
        day -= _DAY * day.weekday()
    elif period.name == "month":
        day = day.replace(day=1, month=day.month - (day.month - 1) % period.count)
    elif period.name == "year":
        day = day.replace(day=1, month=1)
    while True:
        following = _next(period, day)
        begin, end = (second(dates.moment(when, zone)) for when in (day, following))
        if period.name == "hour":
            yield from range(begin, end, period.count * _HOUR)
        else:
            yield begin
        day = following


def _next(period: Period, day: date) -> date:
    if period.name == "month":
        months = day.year * 12 + day.month - 1 + period.count
        return date(months // 12, months % 12 + 1, 1)
    if period.name == "year":
        return date(day.year + 1, 1, 1)
    return day + _DAY * (7 if period.name == "week" else 1)
