"""The elements of a plan: activities, links, resources, outages and calendars of working hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from . import hours
from .hours import Spans

LINK_TYPES = ("FS", "SS", "FF", "SF")


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """A predecessor of an activity, with the kind of link and the lag.

    Attributes
    ----------
    name : str
        The predecessor.
    type : {"FS", "SS", "FF", "SF"}
        Which event of the predecessor comes before which event of this activity: F is the finish, S the start.
    lag : timedelta
        Time that passes at least between the two events; negative for a lead.
    elapsed : bool
        Whether the lag counts all time that passes, instead of the working time of the plan's calendar.
    """

    name: str
    type: str = "FS"
    lag: timedelta = timedelta(0)
    elapsed: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Activity:
    """A piece of work, or a milestone if its duration is 0. Dates are aware, in the plan's time zone.

    Attributes
    ----------
    name : str
        Unique in the plan.
    duration : timedelta
        Working time.
    predecessors : tuple of Link
        Which activities come before, and how.
    resources : mapping of str to int
        Units of each resource that it holds while it works.
    calendar : str or None
        It works only while this calendar is open as well.
    pausable : bool
        Whether it stops while closed or denied a resource and goes on afterwards, instead of running in one stretch.
    release, deadline, due : datetime or None
        No start before, no end after, and the soft end.
    weight : int or float
        Weight of lateness.
    percent : int, float or None
        How much of its duration has been worked.
    remaining : timedelta or None
        Working time that is left; it goes before `percent`.
    actual_start, actual_end : datetime or None
        When it started and ended in fact.
    """

    name: str
    duration: timedelta
    predecessors: tuple[Link, ...] = ()
    resources: Mapping[str, int] = dataclasses.field(default_factory=dict)
    calendar: str | None = None
    pausable: bool = True
    release: datetime | None = None
    deadline: datetime | None = None
    due: datetime | None = None
    weight: float = 1
    percent: float | None = None
    remaining: timedelta | None = None
    actual_start: datetime | None = None
    actual_end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "resources", MappingProxyType(dict(self.resources)))

    def __hash__(self) -> int:
        return hash((self.name, self.duration, self.predecessors))

    def __reduce__(self) -> tuple[Any, ...]:
        return Activity, _fields(self, resources=dict(self.resources))


@dataclasses.dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a resource has fewer units.

    Attributes
    ----------
    start, end : datetime
        From and to; aware, in the plan's time zone.
    capacity : int
        Units that are left.
    """

    start: datetime
    end: datetime
    capacity: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """People or machines of one kind.

    Attributes
    ----------
    name : str
        Unique in the plan.
    capacity : int
        Units that exist.
    calendar : str or None
        When they work; None for the calendar of the plan.
    outages : tuple of Outage
        Times with fewer units, in order.
    """

    name: str
    capacity: int = 1
    calendar: str | None = None
    outages: tuple[Outage, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working hours by day of the week, and the dates on which they differ.

    Attributes
    ----------
    name : str
        Unique in the plan.
    weekly : tuple of seven tuples of (int, int)
        For Monday to Sunday the spans of open time that begin on the day, in seconds after its midnight; the end of a night
        shift lies beyond 86400.
    exceptions : mapping of date to tuple of (int, int)
        The spans of days that differ from their weekday.
    """

    name: str
    weekly: tuple[Spans, ...]
    exceptions: Mapping[date, Spans] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))

    def __hash__(self) -> int:
        return hash((self.name, self.weekly))

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkCalendar, _fields(self, exceptions=dict(self.exceptions))

    def spans(self, day: date) -> Spans:
        """The hours that begin on a date.

        Parameters
        ----------
        day : date
        """
        return self.exceptions.get(day, self.weekly[day.weekday()])


def _fields(part: Activity | WorkCalendar, **plain: Any) -> tuple[Any, ...]:
    """The fields of a part in order, with plain mappings, because read-only ones cannot be pickled."""
    return tuple(plain.get(field.name, getattr(part, field.name)) for field in dataclasses.fields(part))


class PlanContent(Protocol):
    """The attributes of a plan, for code below the class `Plan`."""

    name: str
    start: datetime
    timezone: str
    calendar: str
    tick: timedelta | None
    now: datetime | None
    hours_per_day: float
    days_per_week: float
    calendars: tuple[WorkCalendar, ...]
    resources: tuple[Resource, ...]
    activities: tuple[Activity, ...]


_OFFICE = ((8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600))
BUILT_IN = {
    "standard": WorkCalendar("standard", (_OFFICE,) * 5 + ((),) * 2),
    "always": WorkCalendar("always", (hours.ALL_DAY,) * 7),
}
"""The calendars that every plan has, unless it defines others with these names."""
