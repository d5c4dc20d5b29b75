"""Calendars of MS Project as calendars of plans."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from .._working_hours import DAYS
from ..errors import FormatError
from . import hours, mspdi_closures
from .elements import BUILT_IN, WorkCalendar
from .hours import DAY, Spans
from .mspdi_names import cleaned, unique
from .mspdi_xml import Document, Element, below, text

_STANDARD = BUILT_IN["standard"]
_MOST_DAYS = 36_600


@dataclasses.dataclass(slots=True)
class _Own:
    """What a calendar says itself."""

    element: Element
    base: int | None
    week: dict[int, Spans]
    exceptions: dict[date, Spans]


@dataclasses.dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of a file.

    Attributes
    ----------
    keys : list of dict
        Keys of the plan's calendars.
    names : dict of int to str
        The name by which the plan knows each UID; a calendar that adds nothing to its base has the name of the base.
    elements : list of Element
        Where each of `keys` stands.
    closures : dict of int to (str, list of dict)
        The name of the base and the outages that mean the same, for each UID of a calendar that only closes more than its base.
    """

    keys: list[dict[str, Any]]
    names: dict[int, str]
    elements: list[Element]
    closures: dict[int, tuple[str, list[dict[str, Any]]]]

    def leave_out_unused(self, used: Collection[str]) -> None:
        """Leaves out calendars that outages replace, if nothing has them."""
        gone = {self.names[uid] for uid in self.closures} - set(used)
        rows = zip(list(self.keys), list(self.elements), strict=True)
        kept = [(keys, element) for keys, element in rows if keys["name"] not in gone]
        self.keys[:], self.elements[:] = [keys for keys, _ in kept], [element for _, element in kept]


def read(document: Document) -> Calendars:
    """The calendars of a document.

    Raises
    ------
    FormatError
        A base that does not exist, times that are none, an exception that repeats in a way that is not supported.
    """
    own = {}
    for element in below(document.root, "Calendars", "Calendar"):
        uid = document.integer(element, "UID")
        if uid in own:
            raise document.fail(element, f"the calendar UID {uid} stands more than once")
        own[uid] = _own(document, element)
    result = Calendars([], {}, [], {})
    known = dict[int, WorkCalendar]()
    taken = set(BUILT_IN)
    for uid, mine in own.items():
        order = _bases(document, own, uid)
        if not mine.week and not mine.exceptions and len(order) > 1:
            continue
        week, exceptions = dict(enumerate(_STANDARD.weekly)), dict[date, Spans]()
        for base in reversed(order):
            week |= own[base].week
            exceptions |= own[base].exceptions
        known[uid] = WorkCalendar("", tuple(week[k] for k in range(7)), exceptions)
        wanted = cleaned(text(mine.element, "Name")) or f"Calendar {uid}"
        built_in = BUILT_IN.get(wanted)
        if built_in is not None and not exceptions and tuple(week[k] for k in range(7)) == built_in.weekly:
            result.names[uid] = wanted
            continue
        name = unique(wanted, uid, taken if wanted not in BUILT_IN else taken - {wanted})
        taken.add(name)
        result.names[uid] = name
        weekly = {DAYS[k]: hours.text(week[k]) for k in range(7) if week[k]}
        special = {days: hours.text(spans) for days, spans in hours.ranges(exceptions.items())}
        result.keys.append({"name": name, "weekly": weekly, "exceptions": special})
        result.elements.append(mine.element)
    for uid in own:
        result.names.setdefault(uid, next(result.names[base] for base in _bases(document, own, uid) if base in result.names))
    for uid, calendar in known.items():
        bases = [base for base in _bases(document, own, uid)[1:] if base in known]
        found = mspdi_closures.outages(known[bases[0]], calendar) if bases else None
        if found is not None:
            result.closures[uid] = (result.names[bases[0]], found)
    return result


def _bases(document: Document, own: dict[int, _Own], uid: int) -> list[int]:
    """A calendar, its base, the base of that, and so on."""
    found = [uid]
    while (base := own[found[-1]].base) is not None:
        if base not in own or base in found:
            raise document.fail(
                own[found[-1]].element, f"the base of the calendar, UID {base}, does not exist or has it as its base"
            )
        found.append(base)
    return found


def _own(document: Document, element: Element) -> _Own:
    base = document.integer(element, "BaseCalendarUID", -1)
    found = _Own(element, None if base < 0 or document.flag(element, "IsBaseCalendar") else base, {}, {})
    weeks: dict[date, Spans] = {}
    for work_week in below(element, "WorkWeeks", "WorkWeek"):
        pattern = dict(_week_days(document, work_week))
        for day in _period(document, work_week):
            if day.weekday() in pattern:
                weeks.setdefault(day, pattern[day.weekday()])
    listed: dict[date, Spans] = {}
    for exception in below(element, "Exceptions", "Exception"):
        spans = _spans(document, exception)
        for day in _occurrences(document, exception):
            listed[day] = () if spans is None else spans
    old: dict[date, Spans] = {}
    for week_day in below(element, "WeekDays", "WeekDay"):
        if document.integer(week_day, "DayType") == 0:  # how versions before 2007 write exceptions, beside the new form
            spans = _spans(document, week_day)
            for day in _period(document, week_day):
                old[day] = () if spans is None else spans
    found.week = dict(_week_days(document, element))
    found.exceptions = weeks | old | listed
    return found


def _week_days(document: Document, element: Element) -> Iterator[tuple[int, Spans]]:
    """The days of the week that a calendar or a work week gives; 0 is Monday."""
    for week_day in below(element, "WeekDays", "WeekDay"):
        kind = document.integer(week_day, "DayType")
        if not 0 <= kind <= 7:
            raise document.fail(week_day, f"<DayType> is {kind}, expected 0 to 7")
        spans = _spans(document, week_day)
        if kind and spans is not None:
            yield (kind - 2) % 7, spans


def _spans(document: Document, element: Element) -> Spans | None:
    """The working times of a day; None where nothing is said."""
    times = list(below(element, "WorkingTimes", "WorkingTime"))
    pairs = []
    for entry in times:
        begin, end = text(entry, "FromTime"), text(entry, "ToTime")
        if begin is None and end is None:
            continue
        first, last = _second(document, entry, begin), _second(document, entry, end)
        pairs.append((first, last if first < last else last + DAY))
    said = text(element, "DayWorking")
    if said is None and not pairs:
        return None
    if said is not None and not document.flag(element, "DayWorking"):
        return ()
    return hours.joined(pairs) or _STANDARD.weekly[0]


def _second(document: Document, element: Element, clock: str | None) -> int:
    parts = (clock or "").rpartition("T")[2].split(":")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) == 2 for part in parts):
        raise document.fail(element, f"a working time is {clock!r}, expected a time such as 08:00:00")
    hour, minute, second = (int(part) for part in [*parts, "0"][:3])
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        raise document.fail(element, f"a working time is {clock!r}, expected a time such as 08:00:00")
    return (3600 * hour + 60 * minute + second) % DAY


def _period(document: Document, element: Element) -> list[date]:
    """The days of a time period."""
    period = element.find("TimePeriod")
    ends = []
    for name in ("FromDate", "ToDate"):
        value = None if period is None else text(period, name)
        try:
            ends.append(date.fromisoformat((value or "")[:10]))
        except ValueError:
            raise document.fail(element, f"<{name}> is {value!r}, expected a date such as 2026-04-02T00:00:00") from None
    length = (ends[1] - ends[0]).days + 1
    if not 0 < length <= _MOST_DAYS:
        raise document.fail(element, "an exception lasts from one day to 100 years")
    return [ends[0] + timedelta(days=k) for k in range(length)]


def _occurrences(document: Document, element: Element) -> list[date]:
    """The days of an exception, which may repeat within its time period."""
    days = _period(document, element)
    kind, every = document.integer(element, "Type", 1), max(1, document.integer(element, "Period", 1))
    count = document.integer(element, "Occurrences", 0)
    first = days[0]
    if kind in (0, 1, 7):  # daily, or every so many days
        found = days[:: every if kind == 7 or 0 < count < len(days) else 1]
    elif kind == 6:  # weekly
        mask = document.integer(element, "DaysOfWeek", 0)
        week = first - timedelta(days=(first.weekday() + 1) % 7)  # weeks begin on Sunday
        found = [d for d in days if mask >> (d.weekday() + 1) % 7 & 1 and (d - week).days // 7 % every == 0]
    elif kind in (2, 4):  # a day of the month: each year, or every so many months
        day = document.integer(element, "MonthDay", 0)
        found = [d for d in days if d.day == day and _in_month(document, element, kind == 2, first, d, every)]
    elif kind in (3, 5):  # such as the last Monday
        found = [
            d for d in days if _is_position(document, element, d) and _in_month(document, element, kind == 3, first, d, every)
        ]
    else:
        raise _unsupported(document, element)
    return found[:count] if count > 0 else found


def _in_month(document: Document, element: Element, yearly: bool, first: date, day: date, every: int) -> bool:
    if yearly:
        return day.month == document.integer(element, "Month") + 1
    return ((day.year - first.year) * 12 + day.month - first.month) % every == 0


def _is_position(document: Document, element: Element, day: date) -> bool:
    item, position = document.integer(element, "MonthItem"), document.integer(element, "MonthPosition")
    if not 3 <= item <= 9 or not 0 <= position <= 4:
        raise _unsupported(document, element)
    if day.weekday() != (item - 4) % 7:
        return False
    return (day + timedelta(days=7)).month != day.month if position == 4 else (day.day - 1) // 7 == position


def _unsupported(document: Document, element: Element) -> FormatError:
    name = text(element, "Name") or "without name"
    return document.fail(element, f"the exception {name!r} repeats in a way that is not supported; give its days one by one")
