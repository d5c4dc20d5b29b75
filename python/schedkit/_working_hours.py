"""Conversion of working hours, given by day and clock time, to intervals of universal time."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from . import _validation

Hours = tuple[str | time, str | time]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_Spans = list[tuple[timedelta, timedelta]]
"""From and to, counted on the clock from the midnight with which the day begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """The hours of each weekday, and of the days that differ from it."""

    weekly: list[_Spans]
    exceptions: dict[date, _Spans]

    @classmethod
    def of(
        cls, weekly: Mapping[str, Iterable[Hours]], holidays: Iterable[date], exceptions: Mapping[date, Iterable[Hours]] | None
    ) -> Plan:
        """Validates the hours, holidays and exceptions of a call."""
        _validation.expect(weekly, Mapping, "weekly", "a mapping of days to hours")
        for name in weekly:
            if name not in DAYS:
                raise _validation.refuse("weekly", f"unknown day, expected one of {', '.join(DAYS)}", value=name)
        other = {} if exceptions is None else exceptions
        _validation.expect(other, Mapping, "exceptions", "a mapping of dates to hours")
        special: dict[date, _Spans] = {_date(day, "holidays"): [] for day in _validation.listed(holidays, "holidays", "dates")}
        for day, hours in other.items():
            special[_date(day, "exceptions")] = _spans(hours, f"exceptions[{day}]")
        return cls([_spans(weekly.get(day, ()), f"weekly['{day}']") for day in DAYS], special)

    def intervals(self, start: datetime, end: datetime, zone: tzinfo | None) -> Iterator[tuple[datetime, datetime]]:
        """Open intervals from `start` to `end` in order, apart from each other; all in universal time.

        A moment is open if the clocks show working hours then, so each stretch between two changes of the clocks is looked at
        by itself, with its own offset.
        """
        opening: datetime | None = None
        closing = start
        for since, until, offset in periods_of_one_offset(start, end, zone):
            for a, b in self._on_clock((since + offset).replace(tzinfo=None), (until + offset).replace(tzinfo=None)):
                first, last = a.replace(tzinfo=UTC) - offset, b.replace(tzinfo=UTC) - offset
                if opening is not None and first <= closing:
                    closing = max(closing, last)
                    continue
                if opening is not None:
                    yield opening, closing
                opening, closing = first, last
        if opening is not None:
            yield opening, closing

    def source(self, moment: datetime) -> tuple[str, str]:
        """Which of the user's hours begin or end at a moment: the argument, and the day and the hours in words."""
        clock = moment.replace(tzinfo=None, fold=0)
        for day in (moment.date(), moment.date() - _DAY):
            midnight = datetime.combine(day, time())
            special = day in self.exceptions
            for a, b in self.exceptions.get(day, self.weekly[day.weekday()]):
                if clock in (midnight + a, midnight + b):
                    field = f"exceptions[{day}]" if special else f"weekly['{DAYS[day.weekday()]}']"
                    return ("exceptions" if special else "weekly"), f"{field} ({_hour(a)} to {_hour(b)})"
        return "weekly", "weekly, where the clocks change"

    def _on_clock(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open intervals between two clock times, by their beginning; they may overlap."""
        found = []
        day = start.date() - _DAY if start.date() > date.min else start.date()  # a night shift began the day before
        while True:
            midnight = datetime.combine(day, time())
            for a, b in self.exceptions.get(day, self.weekly[day.weekday()]):
                first, last = max(midnight + a, start), min(midnight + b, end)
                if first < last:
                    found.append((first, last))
            if day >= end.date():
                return iter(sorted(found))
            day += _DAY


def periods_of_one_offset(
    start: datetime, end: datetime, zone: tzinfo | None
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Begin, end and offset of each period during which the zone's clocks do not change."""
    if isinstance(zone, timezone):  # one offset for ever
        yield start, end, _offset(start, zone)
        return
    step = timedelta(hours=6)  # no zone has changed its clocks two times within so short a period
    since, offset = start, _offset(start, zone)
    moment = start
    while moment < end:
        following = min(moment + step, end)
        if _offset(following, zone) != offset:
            ticks = range(1, (following - moment) // _TICK + 1)  # the origin may lie between two seconds
            before = moment
            later = bisect.bisect_left(ticks, True, key=lambda k: _offset(before + k * _TICK, zone) != offset)
            change = moment + ticks[later] * _TICK
            yield since, change, offset
            since, offset = change, _offset(change, zone)
        moment = following
    yield since, end, offset


def first_moment(clock: datetime, zone: tzinfo | None, fold: int = 0) -> datetime:
    """The universal time at which clocks show `clock`, or jump over it."""
    shown = clock.replace(tzinfo=zone, fold=fold)
    instant = shown.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) == clock:
        return instant
    before, after = sorted(clock.replace(tzinfo=zone, fold=k).astimezone(UTC) for k in (0, 1))
    ticks = range(1, (after - before) // _TICK + 1)
    later = bisect.bisect_left(ticks, True, key=lambda k: _offset(before + k * _TICK, zone) != _offset(before, zone))
    return before + (ticks[later] if later < len(ticks) else 0) * _TICK


def in_words(length: timedelta) -> str:
    """A length of time in words, such as ``2 days`` or ``15 minutes``, or in Python's own form."""
    for unit, name in (
        (_DAY, "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
        (timedelta(seconds=1), "second"),
    ):
        number, rest = divmod(length, unit)
        if not rest and number:
            return f"{number} {name}{'s' * (number != 1)}"
    return str(length)


def _hour(clock: timedelta) -> str:
    minutes, rest = divmod(clock, timedelta(minutes=1))
    text = f"{minutes // 60 % 24 if minutes != 1440 else 24:02d}:{minutes % 60:02d}"
    return text + (f":{rest.total_seconds():09.6f}".rstrip("0").rstrip(".") if rest else "")


def _offset(moment: datetime, zone: tzinfo | None) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _date(value: Any, field: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _validation.refuse_type(field, "must be a date", value, shown=True)
    return value


def _spans(hours: Any, field: str) -> _Spans:
    spans = []
    for pair in _validation.listed(hours, field, "pairs"):
        if isinstance(pair, (str, bytes)) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise _validation.refuse(field, "must hold pairs such as ('08:00', '16:30')", value=pair)
        first, last = (_clock(value, field) for value in pair)
        spans.append((first, last if first < last else last + _DAY))
    return spans


def _clock(value: Any, field: str) -> timedelta:
    if isinstance(value, str):
        if value == "24:00":
            return _DAY
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise _validation.refuse(field, "is no time of day such as '08:00'", value=value) from None
    if not isinstance(value, time):
        raise _validation.refuse_type(field, "must hold times of day", value, shown=True)
    if value.tzinfo is not None:
        raise _validation.refuse(field, "is on the clocks of the origin's zone, so it takes no tzinfo", value=value)
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
