"""The keys of a plan: its content as plain data, from which an equal plan can be built."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from .._working_hours import DAYS
from . import dates, hours, links, values
from .durations import Units
from .elements import Activity, Outage, PlanContent, Resource, WorkCalendar


def units_of(plan: PlanContent) -> Units:
    """What days and weeks mean in the durations of a plan."""
    return Units(plan.hours_per_day, plan.days_per_week)


def keys(plan: PlanContent) -> dict[str, Any]:
    """The keys of a plan; those of its parts that have their default are left out."""
    units = units_of(plan)
    names = {activity.name for activity in plan.activities}
    return {
        "name": plan.name,
        "start": dates.text(plan.start),
        "timezone": plan.timezone,
        "calendar": plan.calendar,
        "tick": None if plan.tick is None else Units(24, 7).text(plan.tick),
        "now": None if plan.now is None else dates.text(plan.now),
        "hours_per_day": plan.hours_per_day,
        "days_per_week": plan.days_per_week,
        "calendars": [_calendar(calendar) for calendar in plan.calendars],
        "resources": [_resource(resource) for resource in plan.resources],
        "activities": [activity_keys(activity, units, names) for activity in plan.activities],
    }


def _calendar(calendar: WorkCalendar) -> dict[str, Any]:
    weekly = {DAYS[k]: hours.text(spans) for k, spans in enumerate(calendar.weekly) if spans}
    found: dict[str, Any] = {"name": calendar.name, "weekly": weekly}
    if calendar.exceptions:
        found["exceptions"] = {days: hours.text(spans) for days, spans in hours.ranges(calendar.exceptions.items())}
    return found


def _resource(resource: Resource) -> dict[str, Any]:
    found: dict[str, Any] = {"name": resource.name, "capacity": resource.capacity}
    if resource.calendar is not None:
        found["calendar"] = resource.calendar
    if resource.outages:
        found["outages"] = [outage_keys(outage) for outage in resource.outages]
    return found


def outage_keys(outage: Outage) -> dict[str, Any]:
    """The keys of an outage."""
    return {"from": dates.text(outage.start), "to": dates.text(outage.end, end=True), "capacity": outage.capacity}


def activity_keys(activity: Activity, units: Units, names: Collection[str]) -> dict[str, Any]:
    """The keys of an activity that differ from their defaults."""

    def when(moment: datetime | None, *, end: bool = False) -> str | None:
        return None if moment is None else dates.text(moment, end=end)

    found = {
        "name": activity.name,
        "duration": units.text(activity.duration),
        "predecessors": [links.link_text(link, names, units) for link in activity.predecessors] or None,
        "resources": dict(activity.resources) or None,
        "calendar": activity.calendar,
        "pausable": None if activity.pausable else False,
        "release": when(activity.release),
        "deadline": when(activity.deadline, end=True),
        "due": when(activity.due, end=True),
        "weight": None if activity.weight == 1 else activity.weight,
        "percent": values.percent_keys(activity.percent),
        "remaining": None if activity.remaining is None else units.text(activity.remaining),
        "actual_start": when(activity.actual_start),
        "actual_end": when(activity.actual_end, end=True),
    }
    return {key: value for key, value in found.items() if value is not None}
