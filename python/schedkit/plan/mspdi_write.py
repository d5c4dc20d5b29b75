"""Plans as projects of MS Project (MSPDI)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

from ..errors import InvalidInputError
from . import mspdi_write_calendars, progress
from .elements import Activity, Link, PlanContent, Resource
from .mspdi_read import DATE_ALIAS, DATE_FIELD
from .mspdi_write_calendars import add, clock
from .mspdi_xml import NAMESPACE, Element

_TYPES = {"FF": 0, "FS": 1, "SF": 2, "SS": 3}
_TENTH = timedelta(seconds=6)
_WORKING, _ELAPSED = 7, 8
_SECOND = timedelta(seconds=1)


def write(plan: PlanContent) -> bytes:
    """The document of a plan; the page on files of the documentation says what it keeps.

    Raises
    ------
    InvalidInputError
        A lag that is no whole number of tenths of a minute.
    """
    root = Element("Project", {"xmlns": NAMESPACE})
    add(root, "SaveVersion", 14)
    add(root, "Name", plan.name)
    add(root, "Title", plan.name)
    add(root, "ScheduleFromStart", 1)
    add(root, "StartDate", clock(plan.start))
    calendars = mspdi_write_calendars.Calendars(plan)
    add(root, "CalendarUID", calendars.uid[plan.calendar])
    per_day = round(plan.hours_per_day * 60)
    add(root, "MinutesPerDay", per_day)
    add(root, "MinutesPerWeek", round(plan.days_per_week * plan.hours_per_day * 60))
    if plan.now is not None:
        add(root, "StatusDate", clock(plan.now))
    if any(_has_both(activity) for activity in plan.activities):
        field = add(add(root, "ExtendedAttributes"), "ExtendedAttribute")
        for name, value in (("FieldID", DATE_FIELD), ("FieldName", "Date1"), ("Alias", DATE_ALIAS)):
            add(field, name, value)
    root.append(calendars.element)
    uids = {activity.name: k + 1 for k, activity in enumerate(plan.activities)}
    tasks, resources, assignments = add(root, "Tasks"), add(root, "Resources"), add(root, "Assignments")
    for activity in plan.activities:
        _task(tasks, activity, uids, calendars.uid)
    owners = {resource.name: k + 1 for k, resource in enumerate(plan.resources)}
    for resource in plan.resources:
        _resource(resources, resource, owners[resource.name], calendars.of_resource[resource.name])
    held = [(uids[a.name], owners[name], units) for a in plan.activities for name, units in a.resources.items()]
    for k, (task, owner, units) in enumerate(held):
        assignment = add(assignments, "Assignment")
        for key, number in (("UID", k + 1), ("TaskUID", task), ("ResourceUID", owner), ("Units", units)):
            add(assignment, key, number)
    ElementTree.indent(root, " ")
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}\n'.encode()


def _has_both(activity: Activity) -> bool:
    return activity.release is not None and activity.deadline is not None


def _task(tasks: Element, activity: Activity, uids: dict[str, int], calendars: dict[str, int]) -> None:
    uid = uids[activity.name]
    constraint, date = 0, None
    if activity.release is not None:
        constraint, date = 4, activity.release
    elif activity.deadline is not None:
        constraint, date = 7, activity.deadline
    task = add(tasks, "Task")
    fields: dict[str, Any] = {
        "UID": uid,
        "ID": uid,
        "Name": activity.name,
        "Active": 1,
        "Manual": 0,
        "Type": 1,
        "IsNull": 0,
        "OutlineNumber": uid,
        "OutlineLevel": 1,
        "Duration": _duration(activity.duration),
        "DurationFormat": _WORKING,
        "EffortDriven": 0,
        "Milestone": int(not activity.duration),
        "Summary": 0,
        **_progress(activity),
        "ConstraintType": constraint,
        "CalendarUID": -1 if activity.calendar is None else calendars[activity.calendar],
        "ConstraintDate": None if date is None else clock(date),
        "Deadline": None if activity.due is None else clock(activity.due),
        "IgnoreResourceCalendar": 0,
    }
    for name, value in fields.items():
        if value is not None:
            add(task, name, value)
    for link in activity.predecessors:
        _link(task, activity, link, uids)
    if _has_both(activity) and activity.deadline is not None:
        field = add(task, "ExtendedAttribute")
        add(field, "FieldID", DATE_FIELD)
        add(field, "Value", clock(activity.deadline))


def _progress(activity: Activity) -> dict[str, Any]:
    """The elements of progress, in the order of the schema."""
    left = progress.remaining(activity)
    whole = activity.duration // _SECOND
    if activity.actual_end is not None:
        percent = 100
    elif activity.percent is not None and activity.actual_start is not None:
        percent = round(activity.percent)
    else:
        percent = max(0, round(100 - 100 * left / whole)) if whole and activity.actual_start is not None else 0
    kept = left.denominator != 1 and left == Fraction(
        whole * (100 - percent), 100
    )  # parts of seconds, which percent alone can tell
    return {
        "PercentComplete": percent,
        "ActualStart": None if activity.actual_start is None else clock(activity.actual_start),
        "ActualFinish": None if activity.actual_end is None else clock(activity.actual_end),
        "RemainingDuration": None if kept else _duration(timedelta(seconds=math.ceil(left))),
    }


def _link(task: Element, activity: Activity, link: Link, uids: dict[str, int]) -> None:
    lag, rest = divmod(link.lag, _TENTH)
    if rest:
        reason = f"the lag of the link to {link.name!r} is no whole number of tenths of a minute, which MS Project counts in"
        raise InvalidInputError(f"activity {activity.name!r}: {reason}", field="predecessors")
    element = add(task, "PredecessorLink")
    add(element, "PredecessorUID", uids[link.name])
    add(element, "Type", _TYPES[link.type])
    add(element, "CrossProject", 0)
    add(element, "LinkLag", lag)
    add(element, "LagFormat", _ELAPSED if link.elapsed else _WORKING)


def _resource(resources: Element, resource: Resource, uid: int, calendar: int) -> None:
    element = add(resources, "Resource")
    fields = {"UID": uid, "ID": uid, "Name": resource.name, "Type": 1, "IsNull": 0, "MaxUnits": resource.capacity}
    for name, value in (fields | {"CalendarUID": calendar}).items():
        add(element, name, value)
    periods = _periods(resource)
    if len(periods) > 1:
        group = add(element, "AvailabilityPeriods")
        for start, end, units in periods:
            period = add(group, "AvailabilityPeriod")
            add(period, "AvailableFrom", "1984-01-01T00:00:00" if start is None else clock(start))
            add(period, "AvailableTo", "2049-12-31T23:59:00" if end is None else clock(end))
            add(period, "AvailableUnits", units)


def _periods(resource: Resource) -> list[tuple[datetime | None, datetime | None, int]]:
    """The periods in which a resource has one number of units; outages that leave nothing are exceptions of its calendar."""
    partial = [outage for outage in resource.outages if outage.capacity]
    moments = sorted({m.timestamp(): m for outage in partial for m in (outage.start, outage.end)}.items())
    ends: list[tuple[float, datetime | None]] = [(float("-inf"), None), *moments, (float("inf"), None)]
    found: list[tuple[datetime | None, datetime | None, int]] = []
    for (at, start), (_, end) in itertools.pairwise(ends):
        left = _least((o.capacity for o in partial if o.start.timestamp() <= at < o.end.timestamp()), resource.capacity)
        if found and found[-1][2] == left:
            found[-1] = (found[-1][0], end, left)
        else:
            found.append((start, end, left))
    return found


def _least(numbers: Iterable[int], most: int) -> int:
    return min(numbers, default=most)


def _duration(length: timedelta) -> str:
    seconds = length // _SECOND
    return f"PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S"
