"""Resources and assignments of MS Project as resources and demands of plans."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from .mspdi_calendars import Calendars
from .mspdi_names import cleaned, unique
from .mspdi_outline import Outline
from .mspdi_xml import Document, Element, below, text

_WORK = 1
_FIRST, _LAST = date(1984, 1, 2), date(2049, 12, 31)
"""Beyond these days a period of availability has no end in MS Project."""


@dataclasses.dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a file.

    Attributes
    ----------
    keys : list of dict
        Keys of the plan's resources.
    held : dict of int to dict
        The units that each task holds, by the UID of the task and the name of the resource.
    elements : list of Element
        Where each of `keys` stands.
    """

    keys: list[dict[str, Any]]
    held: dict[int, dict[str, int]]
    elements: list[Element]


def read(document: Document, outline: Outline, calendars: Calendars, plan_calendar: str) -> Resources:
    """The resources that work, and what each activity holds of them; material and cost are left out.

    A resource whose calendar only closes more than its base has the base, and outages. Units are counted in ones, and in
    hundredths if some are no whole number.

    Raises
    ------
    FormatError
        An assignment of an unknown resource, to an unknown task or to a summary task; an unknown calendar.
    """
    names: dict[int, str] = {}
    elements: dict[int, Element] = {}
    ignored: set[int] = set()
    taken: set[str] = set()
    for element in below(document.root, "Resources", "Resource"):
        uid = document.integer(element, "UID")
        title = cleaned(text(element, "Name"))
        blank = document.flag(element, "IsNull") or (uid == 0 and not title)
        if blank or document.integer(element, "Type", _WORK) != _WORK:
            ignored.add(uid)
            continue
        if uid in names:
            raise document.fail(element, f"the resource UID {uid} stands more than once")
        names[uid] = unique(title or f"Resource {uid}", uid, taken)
        taken.add(names[uid])
        elements[uid] = element
    shares = _shares(document, outline, names, ignored)
    periods = {uid: _periods(document, element) for uid, element in elements.items()}
    units = {uid: document.number(element, "MaxUnits", 1) for uid, element in elements.items()}
    for uid, rows in periods.items():
        units[uid] = max((number for _, _, number in rows), default=units[uid])
    numbers = [*units.values(), *shares.values(), *(number for rows in periods.values() for _, _, number in rows)]
    factor = 1 if all(number.denominator == 1 for number in numbers) else 100
    found = Resources([], {}, list(elements.values()))
    for uid, element in elements.items():
        keys: dict[str, Any] = {"name": names[uid], "capacity": _count(units[uid], factor)}
        calendar, closed = document.integer(element, "CalendarUID", -1), list[dict[str, Any]]()
        if calendar >= 0:
            if calendar not in calendars.names:
                raise document.fail(element, f"resource {names[uid]!r}: there is no calendar UID {calendar}")
            name, closed = calendars.closures.get(calendar, (calendars.names[calendar], []))
            if name != plan_calendar:
                keys["calendar"] = name
        outages = closed + _outages(periods[uid], keys["capacity"], factor)
        if outages:
            keys["outages"] = outages
        found.keys.append(keys)
    for (task, uid), number in shares.items():
        found.held.setdefault(task, {})[names[uid]] = max(1, _count(number, factor))
    return found


def _shares(
    document: Document, outline: Outline, names: Mapping[int, str], ignored: set[int]
) -> dict[tuple[int, int], Fraction]:
    """The units of each assignment of a resource that works to an activity."""
    found: dict[tuple[int, int], Fraction] = {}
    tasks = outline.tasks
    for element in below(document.root, "Assignments", "Assignment"):
        task, uid = document.integer(element, "TaskUID"), document.integer(element, "ResourceUID", -65535)
        if task not in outline.uids and task != 0:
            raise document.fail(element, f"there is no task UID {task}")
        if uid < 0 or uid in ignored or task not in tasks:
            continue
        if uid not in names:
            raise document.fail(element, f"there is no resource UID {uid}")
        if tasks[task].summary:
            reason = f"task {tasks[task].title!r} is a summary task and has resources, which is not supported"
            raise document.fail(element, reason)
        units = document.number(element, "Units", 1)
        if units < 0:
            raise document.fail(element, f"task {tasks[task].title!r} holds a negative number of units")
        if units:
            found[task, uid] = found.get((task, uid), Fraction(0)) + units
    return found


def _count(number: Fraction, factor: int) -> int:
    return int(number * factor + Fraction(1, 2))


_Period = tuple[datetime | None, datetime | None, Fraction]


def _periods(document: Document, element: Element) -> list[_Period]:
    """The periods in which a resource has some number of units, in order; None where a period has no end."""
    found: list[_Period] = []
    for period in element.iterfind("AvailabilityPeriods/AvailabilityPeriod"):
        ends: list[datetime | None] = []
        for name in ("AvailableFrom", "AvailableTo"):
            value = text(period, name)
            try:
                ends.append(None if value is None else datetime.fromisoformat(value).replace(tzinfo=None))
            except ValueError:
                raise document.fail(period, f"<{name}> is {value!r}, expected a date such as 2026-04-02T00:00:00") from None
        start, end = ends
        if end is not None and (end.hour, end.minute) == (23, 59):
            end = (end + timedelta(minutes=1)).replace(second=0)
        start = None if start is not None and start.date() < _FIRST else start
        end = None if end is not None and end.date() >= _LAST else end
        found.append((start, end, document.number(period, "AvailableUnits", 1)))
    return sorted(found, key=lambda row: row[0] or datetime.min)


def _outages(periods: list[_Period], capacity: int, factor: int) -> list[dict[str, Any]]:
    """The times in which a resource has less than its capacity: within periods of fewer units and outside of all periods."""
    if len(periods) == 1 and periods[0][:2] == (None, None):
        return []
    pieces: list[tuple[datetime, datetime, int]] = []
    at: datetime | None = datetime(1984, 1, 1)
    for start, end, number in periods:
        if at is not None and start is not None and start > at:
            pieces.append((at, start, 0))
        begin = datetime(1984, 1, 1) if start is None else start
        units = _count(number, factor)
        if units < capacity:
            pieces.append((begin, datetime(2100, 1, 1) if end is None else end, units))
        at = None if end is None or at is None else max(at, end)
    if at is not None and periods:
        pieces.append((at, datetime(2100, 1, 1), 0))
    return [
        {"from": start.isoformat(" "), "to": end.isoformat(" "), "capacity": units}
        for start, end, units in pieces
        if start < end
    ]
