"""Calendars of MS Project that only close more than their base, as outages of the resources that have them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from .elements import WorkCalendar
from .hours import DAY, Spans
from .mspdi_write_calendars import open_on, without

_MOST_OUTAGES = 100
_CHANGES_END = 4 * 3600
"""From this second of the day on, clocks of nearly all zones neither jump nor go back."""


def outages(base: WorkCalendar, calendar: WorkCalendar) -> list[dict[str, Any]] | None:
    """The outages with which a resource of the base works when it would with the calendar.

    None if the calendar differs from the base by more than closed time, or if only a calendar tells the closed time exactly.
    """
    differing = {day for day in (*base.exceptions, *calendar.exceptions) if base.spans(day) != calendar.spans(day)}
    if calendar.weekly != base.weekly or any(day >= date.max - timedelta(days=1) for day in differing):
        return None
    found: list[dict[str, Any]] = []
    closed: list[date] = []
    for day in sorted(differing):
        removed = _removed(base.spans(day), calendar.spans(day))
        if removed is None:
            return None
        if not open_on(calendar, day) and removed[-1][1] <= DAY:
            if not closed or day - closed[-1] > timedelta(days=1):
                found.append({"from": day.isoformat(), "capacity": 0})
            found[-1]["to"] = day.isoformat()
            closed.append(day)
        elif any(_is_unclear(calendar, day, begin, end) for begin, end in removed):
            return None
        else:
            found += [_outage(day, begin, end) for begin, end in removed]
    return found if len(found) <= _MOST_OUTAGES else None


def _removed(before: Spans, after: Spans) -> Spans | None:
    """The hours of a day that are not open any more; None if others are open than before."""
    left = before
    for begin, end in after:
        left = without(left, begin, end)
    return left if _total(left) == _total(before) - _total(after) and left else None


def _total(spans: Spans) -> int:
    return sum(end - begin for begin, end in spans)


def _is_unclear(calendar: WorkCalendar, day: date, begin: int, end: int) -> bool:
    """Whether clocks may change at an end of closed hours, or a shift of another day is open in them."""
    if any(0 < second % DAY < _CHANGES_END for second in (begin, end)):
        return True
    shifts = [*open_on(calendar, day), *((a + DAY, b + DAY) for a, b in open_on(calendar, day + timedelta(days=1)))]
    return any(a < end and begin < b for a, b in shifts)


def _outage(day: date, begin: int, end: int) -> dict[str, Any]:
    first, last = (datetime.combine(day, time()) + timedelta(seconds=second) for second in (begin, end))
    until = last.isoformat(" ") if last.time() != time() else (last.date() - timedelta(days=1)).isoformat()
    return {"from": first.isoformat(" ") if first.time() != time() else first.date().isoformat(), "to": until, "capacity": 0}
