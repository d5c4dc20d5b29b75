"""Calendars of plans as calendars of MS Project, which cuts hours at midnight and gives each resource a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

from . import hours
from .elements import BUILT_IN, PlanContent, Resource, WorkCalendar
from .hours import DAY, Spans
from .mspdi_xml import Element

_DAY = timedelta(days=1)


def add(parent: Element, name: str, value: Any = None) -> Element:
    """A new child, with a text."""
    child = ElementTree.SubElement(parent, name)
    if value is not None:
        child.text = str(value)
    return child


def clock(when: datetime) -> str:
    """A moment on the clocks of its zone."""
    return when.replace(tzinfo=None, fold=0).isoformat(timespec="seconds")


class Calendars:
    """The element ``Calendars`` of a plan.

    Attributes
    ----------
    element : Element
    uid : dict of str to int
        By the name of the calendar.
    of_resource : dict of str to int
        By the name of the resource.
    """

    def __init__(self, plan: PlanContent) -> None:
        self.element = Element("Calendars")
        self.uid: dict[str, int] = {}
        self.of_resource: dict[str, int] = {}
        defined = {calendar.name: calendar for calendar in plan.calendars}
        used = {plan.calendar, *(a.calendar for a in plan.activities), *(r.calendar for r in plan.resources)}
        missing = {name: calendar for name, calendar in BUILT_IN.items() if name not in defined and name in used}
        known = missing | defined
        for name, calendar in known.items():
            self.uid[name] = self._next()
            element = self._calendar(name, self.uid[name], -1)
            days = add(element, "WeekDays")
            for k in (6, *range(6)):
                _times(_day(days, (k + 1) % 7 + 1), week_day(calendar, k))
            _exceptions(element, differences(calendar))
        for resource in plan.resources:
            base = plan.calendar if resource.calendar is None else resource.calendar
            self.of_resource[resource.name] = self._next()
            element = self._calendar(resource.name, self.of_resource[resource.name], self.uid[base])
            _exceptions(element, closures(known[base], resource))

    def _next(self) -> int:
        return len(self.uid) + len(self.of_resource) + 1

    def _calendar(self, name: str, uid: int, base: int) -> Element:
        element = add(self.element, "Calendar")
        for key, value in (("UID", uid), ("Name", name), ("IsBaseCalendar", int(base < 0)), ("BaseCalendarUID", base)):
            add(element, key, value)
        return element


def week_day(calendar: WorkCalendar, day: int) -> Spans:
    """The open time of a weekday from midnight to midnight, with the night shift that began on the day before."""
    return _cut(calendar.weekly[day], calendar.weekly[(day - 1) % 7])


def open_on(calendar: WorkCalendar, day: date) -> Spans:
    """The open time of a date from midnight to midnight."""
    return _cut(calendar.spans(day), calendar.spans(day - _DAY) if day > date.min else ())


def _cut(today: Spans, yesterday: Spans) -> Spans:
    late = [(max(0, begin - DAY), end - DAY) for begin, end in yesterday if end > DAY]
    return hours.joined([*late, *((begin, min(end, DAY)) for begin, end in today)])


def differences(calendar: WorkCalendar) -> dict[date, Spans]:
    """The dates on which a calendar is open at other times than on their weekday."""
    near = {day for exception in calendar.exceptions for day in (exception, _after(exception))}
    found = {day: open_on(calendar, day) for day in sorted(near)}
    return {day: spans for day, spans in found.items() if spans != week_day(calendar, day.weekday())}


def _after(day: date) -> date:
    return day + _DAY if day < date.max else day


def closures(base: WorkCalendar, resource: Resource) -> dict[date, Spans]:
    """The open time of the dates on which outages leave a resource nothing."""
    found: dict[date, Spans] = {}
    for outage in resource.outages:
        if outage.capacity:
            continue
        start, end = (when.replace(tzinfo=None, fold=0) for when in (outage.start, outage.end))
        day = start.date()
        while datetime.combine(day, time()) < end:
            midnight = datetime.combine(day, time())
            first, last = (max(0, min(DAY, (when - midnight) // timedelta(seconds=1))) for when in (start, end))
            before = found.get(day, open_on(base, day))
            found[day] = without(before, first, last)
            if day == date.max:
                break
            day += _DAY
    return {day: spans for day, spans in sorted(found.items()) if spans != open_on(base, day)}


def without(spans: Spans, first: int, last: int) -> Spans:
    """Hours without those from one second of the day to another one."""
    pieces = [piece for begin, end in spans for piece in ((begin, min(end, first)), (max(begin, last), end))]
    return tuple((begin, end) for begin, end in pieces if begin < end)


def _day(days: Element, kind: int) -> Element:
    element = add(days, "WeekDay")
    add(element, "DayType", kind)
    return element


def _times(element: Element, spans: Spans) -> None:
    """Whether a day is open, and when."""
    add(element, "DayWorking", int(bool(spans)))
    if spans:
        times = add(element, "WorkingTimes")
        for begin, end in spans:
            entry = add(times, "WorkingTime")
            for name, second in (("FromTime", begin), ("ToTime", end % DAY)):
                add(entry, name, f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}")


def _exceptions(calendar: Element, days: Mapping[date, Spans]) -> None:
    if not days:
        return
    group = add(calendar, "Exceptions")
    for first, last, spans in _ranges(days.items()):
        exception = add(group, "Exception")
        add(exception, "EnteredByOccurrences", 0)
        period = add(exception, "TimePeriod")
        add(period, "FromDate", f"{first}T00:00:00")
        add(period, "ToDate", f"{last}T23:59:00")
        add(exception, "Occurrences", (last - first).days + 1)
        add(exception, "Type", 1)
        _times(exception, spans)


def _ranges(items: Iterable[tuple[date, Spans]]) -> list[tuple[date, date, Spans]]:
    return [(days[0], days[-1], spans) for days, spans in hours.runs(items)]
