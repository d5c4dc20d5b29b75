"""Plans in which something has been changed or left out, for questions about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar

from . import hours
from .elements import BUILT_IN, Activity, Link, Outage, PlanContent, Resource, WorkCalendar
from .hours import DAY, Spans


@dataclasses.dataclass(eq=False, slots=True)
class PlanVariant:
    """The content of a plan, without its checks. The attributes are those of `Plan`."""

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


_Part = TypeVar("_Part", Activity, Resource)

FIELDS = tuple(field.name for field in dataclasses.fields(PlanVariant))
"""The attributes of a plan."""


def variant(plan: PlanContent, **changes: Any) -> PlanVariant:
    """A plan with other attributes."""
    return PlanVariant(**{name: getattr(plan, name) for name in FIELDS} | changes)


def with_activity(plan: PlanContent, name: str, **changes: Any) -> PlanVariant:
    """A plan with one activity that has other attributes, and with it the milestone that stands for its start, if one does."""
    activities = plan.activities
    for part in (name, start_of(name)):
        activities = _replaced(activities, part, lambda a: dataclasses.replace(a, **changes))
    return variant(plan, activities=activities)


def start_of(name: str) -> str:
    """The name of the milestone for the start of an activity whose work is left out; activities have no such names."""
    return f"{name};"


def parted(activities: Collection[Activity], workless: set[str]) -> list[Activity]:
    """Activities with two milestones, for the start and for the end, for each without work that may start before it ends."""
    awaited = {link.name for activity in activities for link in activity.predecessors if link.type[0] == "S"}
    two = {
        activity.name
        for activity in activities
        if activity.name in workless & awaited
        and activity.actual_start is None
        and activity.actual_end is None
        and any(link.type[1] == "F" for link in activity.predecessors)
    }
    found = []
    for activity in activities:
        links = tuple(
            dataclasses.replace(link, name=start_of(link.name)) if link.name in two and link.type[0] == "S" else link
            for link in activity.predecessors
        )
        if activity.name in two:
            start = start_of(activity.name)
            before = tuple(link for link in links if link.type[1] == "S")
            found.append(dataclasses.replace(activity, name=start, predecessors=before))
            links = (Link(start), *(link for link in links if link.type[1] == "F"))
        found.append(dataclasses.replace(activity, predecessors=links))
    return found


def with_resource(plan: PlanContent, name: str, **changes: Any) -> PlanVariant:
    """A plan with one resource that has other attributes."""
    return variant(plan, resources=_replaced(plan.resources, name, lambda r: dataclasses.replace(r, **changes)))


def without_outage(plan: PlanContent, name: str, outage: Outage) -> PlanVariant:
    """A plan in which an outage of a resource does not happen."""
    (resource,) = (found for found in plan.resources if found.name == name)
    return with_resource(plan, name, outages=tuple(other for other in resource.outages if other != outage))


def without_link(plan: PlanContent, name: str, link: Link) -> PlanVariant:
    """A plan in which an activity does not wait for one of its predecessors."""
    same = (link, dataclasses.replace(link, name=start_of(link.name)))

    def without(activity: Activity) -> Activity:
        left = tuple(other for other in activity.predecessors if other not in same)
        return dataclasses.replace(activity, predecessors=left)

    activities = plan.activities
    for part in (name, start_of(name)):
        activities = _replaced(activities, part, without)
    return variant(plan, activities=activities)


def with_work(plan: PlanContent, name: str, work: timedelta) -> PlanVariant:
    """A plan in which an activity has so much work left, which of what has begun is what remains."""
    (activity,) = (found for found in plan.activities if found.name == name)
    if activity.actual_start is not None:
        return with_activity(plan, name, remaining=work)
    return with_activity(plan, name, duration=work, remaining=None, percent=None)


def with_calendar(plan: PlanContent, calendar: WorkCalendar) -> PlanVariant:
    """A plan in which a calendar replaces the one of its name, which may be one that every plan has."""
    others = [known for known in plan.calendars if known.name != calendar.name]
    at = next((k for k, known in enumerate(plan.calendars) if known.name == calendar.name), len(others))
    return variant(plan, calendars=(*others[:at], calendar, *others[at:]))


def always_open(name: str) -> WorkCalendar:
    """A calendar without closing time."""
    return WorkCalendar(name, BUILT_IN["always"].weekly)


def with_overtime(calendar: WorkCalendar, seconds: int) -> WorkCalendar:
    """A calendar whose working days end so much later, at most when 24 hours have passed since they began."""
    weekly = tuple(_longer(spans, seconds) for spans in calendar.weekly)
    return WorkCalendar(calendar.name, weekly, {day: _longer(spans, seconds) for day, spans in calendar.exceptions.items()})


def most_overtime(calendar: WorkCalendar) -> int:
    """The seconds of overtime after which all working days last 24 hours."""
    days = [*calendar.weekly, *calendar.exceptions.values()]
    return max((spans[0][0] + DAY - spans[-1][1] for spans in days if spans), default=0)


def _longer(spans: Spans, seconds: int) -> Spans:
    if not spans:
        return spans
    *others, (begin, end) = spans
    return hours.joined([*others, (begin, max(end, min(end + seconds, spans[0][0] + DAY)))])


def _replaced(parts: tuple[_Part, ...], name: str, change: Callable[[_Part], _Part]) -> tuple[_Part, ...]:
    return tuple(change(part) if part.name == name else part for part in parts)
