"""Builds the parts of a plan from the keys that users, JSON files and tables give, and refuses what makes no sense."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from .._working_hours import DAYS
from ..errors import CycleError, InputTypeError
from . import dates, hours, links, progress, values
from ._refusal import Refusal, UnreadableError, listed, similar, unknown
from .durations import Units
from .elements import BUILT_IN, Activity, Outage, Resource, WorkCalendar

PLAN_KEYS = ("name", "start", "timezone", "calendar", "tick", "now", "hours_per_day", "days_per_week")
CALENDAR_KEYS = ("name", "weekly", "exceptions")
RESOURCE_KEYS = ("name", "capacity", "calendar", "outages")
OUTAGE_KEYS = ("from", "to", "capacity")
ACTIVITY_KEYS = tuple(field.name for field in dataclasses.fields(Activity))
_DAY = timedelta(days=1)


def build(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a plan from its keys.

    Raises
    ------
    Refusal
    """
    known = (*PLAN_KEYS, "calendars", "resources", "activities")
    _require_known(keys, known, "a plan")
    found: dict[str, Any] = {}

    def take(key: str, read: Callable[[Any], Any], default: Any = None) -> Any:
        value = keys.get(key)
        found[key] = default if value is None else _read(read, value, column=key)
        return found[key]

    take("name", values.name, "plan")
    zone = take("timezone", dates.zone, dates.zone("UTC"))
    found["timezone"] = "UTC" if keys.get("timezone") is None or str(zone) == "UTC" else str(zone)
    day = take("hours_per_day", lambda value: _length(value, 24, lambda found: Units(found).seconds("d")), 8)
    week = take("days_per_week", lambda value: _length(value, 168, lambda found: Units(day, found).seconds("w")), 5)
    units = Units(day, week)
    if keys.get("start") is None:
        raise Refusal("is required: a plan starts at a date such as 2026-03-25", column="start")
    take("start", lambda value: dates.moment(value, zone))
    take("now", lambda value: dates.moment(value, zone))
    take("tick", _tick)
    found["calendars"] = _each(keys, "calendars", _calendar)
    calendars = {calendar.name for calendar in found["calendars"]} | BUILT_IN.keys()
    take("calendar", lambda value: _calendar_name(value, calendars), "standard")
    found["resources"] = _each(keys, "resources", lambda item, place: _resource(item, place, zone, calendars))
    found["activities"] = _activities(keys, found, zone, units, calendars)
    return found


def _require_known(keys: Mapping[str, Any], known: Sequence[str], owner: str, **place: Any) -> None:
    for key in keys:
        if key not in known:
            raise Refusal(unknown("key", key, known, owner=f" of {owner}"), key=str(key), **place)


def _read(read: Callable[[Any], Any], value: Any, **place: Any) -> Any:
    """Reads a value and tells the place where it cannot be read."""
    try:
        return read(value)
    except UnreadableError as error:
        raise Refusal(error.reason, value=value, kind=error.kind, **place) from None


def _length(value: Any, most: int, seconds: Callable[[float], Fraction]) -> int | float:
    """The length of a day in hours, or of a week in days."""
    found = values.number(value)
    if not 0 < found <= most:
        raise UnreadableError(f"must be > 0 and <= {most}")
    if seconds(found).denominator != 1 or not seconds(found):
        raise UnreadableError("a day and a week must have a whole number of seconds of working time")
    return found


def _tick(value: Any) -> timedelta:
    length = Units(24, 7).duration(value)
    if not timedelta(0) < length < _DAY:
        raise UnreadableError("must be longer than 0 and shorter than 24 hours")
    return length


def _calendar_name(value: Any, known: set[str]) -> str:
    found = values.name(value)
    if found not in known:
        raise UnreadableError(f"there is no such calendar, expected one of {listed(sorted(known))}{similar(found, known)}")
    return found


def _each(keys: Mapping[str, Any], table: str, read: Callable[[Mapping[str, Any], dict[str, Any]], Any]) -> tuple[Any, ...]:
    """The entries of a table, whose names are unique."""
    items = keys.get(table)
    items = () if items is None else items
    if not isinstance(items, (list, tuple)):
        raise Refusal("must be a list", column=table, value=items, kind=InputTypeError)
    found: dict[str, Any] = {}
    for index, item in enumerate(items):
        entry = _keys_of(item)
        if entry is None:
            raise Refusal("must be a mapping of keys to values", table=table, index=index, value=item, kind=InputTypeError)
        place: dict[str, Any] = {"table": table, "index": index}
        if entry.get("name") is None:
            raise Refusal("must have a name", **place)
        named = _read(lambda value: values.name(value, listable=table != "calendars"), entry["name"], column="name", **place)
        if named in found:
            raise Refusal("the name is given more than once", name=named, **place)
        found[named] = read(entry, place | {"name": named})
    return tuple(found.values())


def _keys_of(item: Any) -> Mapping[str, Any] | None:
    """An entry as keys: a mapping, or one of the parts of another plan."""
    if isinstance(item, WorkCalendar):
        weekly = {DAYS[k]: hours.text(spans) for k, spans in enumerate(item.weekly)}
        return {
            "name": item.name,
            "weekly": weekly,
            "exceptions": {str(day): hours.text(s) for day, s in item.exceptions.items()},
        }
    if isinstance(item, Outage):
        return {"from": item.start, "to": item.end, "capacity": item.capacity}
    if isinstance(item, (Activity, Resource)):
        found = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
        return found | ({"percent": values.percent_keys(item.percent)} if isinstance(item, Activity) else {})
    return item if isinstance(item, Mapping) else None


def _calendar(item: Mapping[str, Any], place: dict[str, Any]) -> WorkCalendar:
    _require_known(item, CALENDAR_KEYS, "a calendar", **place)
    weekly: dict[int, hours.Spans] = {}
    exceptions: dict[date, hours.Spans] = {}
    for column in ("weekly", "exceptions"):
        content = item.get(column) or {}
        if not isinstance(content, Mapping):
            raise Refusal("must map days to hours", column=column, value=content, kind=InputTypeError, **place)
        for key, value in content.items():
            week, special = _read(hours.days, key, column=column, **place)
            if (special if column == "weekly" else week) or not (week or special):
                raise Refusal(
                    "expected " + ("days of the week" if column == "weekly" else "dates"), column=column, value=key, **place
                )
            spans = _read(hours.spans, value, column=f"{column}[{key!r}]", **place)
            for target, days in ((weekly, week), (exceptions, special)):
                for day in days:
                    if day in target:
                        raise Refusal(f"{_day_text(day)} is given more than once", column=column, **place)
                    target[day] = spans
    week_of_spans = tuple(weekly.get(k, ()) for k in range(7))
    return WorkCalendar(place["name"], week_of_spans, MappingProxyType(dict(sorted(exceptions.items()))))


def _day_text(day: int | date) -> str:
    return DAYS[day] if isinstance(day, int) else day.isoformat()


def _resource(item: Mapping[str, Any], place: dict[str, Any], zone: tzinfo, calendars: set[str]) -> Resource:
    _require_known(item, RESOURCE_KEYS, "a resource", **place)
    capacity = 1 if item.get("capacity") is None else _read(values.whole, item["capacity"], column="capacity", **place)
    calendar = item.get("calendar")
    if calendar is not None:
        calendar = _read(lambda value: _calendar_name(value, calendars), calendar, column="calendar", **place)
    outages = () if item.get("outages") is None else item["outages"]
    if not isinstance(outages, (list, tuple)):
        raise Refusal("must be a list", column="outages", value=outages, kind=InputTypeError, **place)
    read = [_outage(entry, f"outages[{k}]", place, zone, capacity) for k, entry in enumerate(outages)]
    read.sort(key=lambda outage: (outage.start.timestamp(), outage.end.timestamp(), outage.capacity))
    return Resource(place["name"], capacity, calendar, tuple(read))


def _outage(item: Any, column: str, place: dict[str, Any], zone: tzinfo, capacity: int) -> Outage:
    entry = _keys_of(item)
    if entry is None:
        raise Refusal("must be a mapping of keys to values", column=column, value=item, kind=InputTypeError, **place)
    _require_known(entry, OUTAGE_KEYS, "an outage", **place)
    ends: list[datetime] = []
    for key in ("from", "to"):
        if entry.get(key) is None:
            raise Refusal(f"an outage has a {key}", column=column, **place)
        read = functools.partial(dates.moment, zone=zone, end=key == "to")
        ends.append(_read(read, entry[key], column=f"{column}.{key}", **place))
    if dates.elapsed(*ends) <= 0:
        raise Refusal("ends no later than it begins", column=f"{column}.to", value=entry["to"], **place)
    units = 0 if entry.get("capacity") is None else entry["capacity"]
    left = _read(lambda value: values.whole(value, most=capacity), units, column=f"{column}.capacity", **place)
    return Outage(ends[0], ends[1], left)


def _activities(
    keys: Mapping[str, Any], plan: Mapping[str, Any], zone: tzinfo, units: Units, calendars: set[str]
) -> tuple[Activity, ...]:
    named = _each(keys, "activities", lambda item, place: (item, place))
    names = {place["name"]: k for k, (_, place) in enumerate(named)}
    capacity = {resource.name: resource.capacity for resource in plan["resources"]}
    readers: dict[str, Callable[[Any], Any]] = {
        "duration": units.duration,
        "predecessors": lambda value: links.predecessors(value, names, units),
        "resources": lambda value: MappingProxyType(links.resources(value, capacity)),
        "calendar": lambda value: _calendar_name(value, calendars),
        "pausable": values.flag,
        "release": lambda value: dates.moment(value, zone),
        "deadline": lambda value: dates.moment(value, zone, end=True),
        "due": lambda value: dates.moment(value, zone, end=True),
        "weight": values.number,
        "percent": values.percent,
        "remaining": units.duration,
        "actual_start": lambda value: dates.moment(value, zone),
        "actual_end": lambda value: dates.moment(value, zone, end=True),
    }
    found = []
    for item, place in named:
        _require_known(item, ACTIVITY_KEYS, "an activity", **place)
        if item.get("duration") is None:
            raise Refusal("a duration is required, such as 4h or 2d; 0 is a milestone", **place)
        fields = {k: _read(read, item[k], column=k, **place) for k, read in readers.items() if item.get(k) is not None}
        activity = Activity(place["name"], **fields)
        for resource, held in activity.resources.items():
            if held > capacity[resource] and activity.duration:
                reason = f"needs {held} of {resource!r}, which has {capacity[resource]}"
                raise Refusal(reason, column="resources", **place)
        try:
            progress.require_sense(activity, plan["now"])
        except UnreadableError as error:
            raise Refusal(error.reason, **place) from None
        found.append(progress.settled(activity))
    _require_no_cycle(found, names)
    return tuple(found)


def _require_no_cycle(activities: Sequence[Activity], names: Mapping[str, int]) -> None:
    from ..rcpsp.problem import Project  # noqa: PLC0415  # loaded when a plan has links

    pairs = sorted({(names[link.name], k) for k, activity in enumerate(activities) for link in activity.predecessors})
    if not pairs:
        return
    n = len(activities)
    try:
        Project([0] * n, [[]] * n, [], precedence=pairs)
    except CycleError as error:
        first = error.cycle[0]
        around = " -> ".join(activities[k].name for k in [*error.cycle, first])
        raise Refusal(
            f"activities wait for each other: {around}",
            table="activities",
            index=first,
            column="predecessors",
            name=activities[first].name,
            kind=CycleError,
            cycle=list(error.cycle),
        ) from None
