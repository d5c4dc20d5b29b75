"""The meaning of plans by plain definitions, for comparison: when calendars are open, and what is left of work."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any

import schedkit as sk

MIDNIGHT = time()
BUILT_IN = {
    "standard": [[(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)]] * 5 + [[]] * 2,
    "always": [[(0, 86400)]] * 7,
}


def is_open(plan: sk.plan.Plan, name: str, clock: datetime) -> bool:
    """Whether a calendar is open at a naive clock time: by the shifts that begin on its date and on the day before."""
    calendars = {calendar.name: calendar for calendar in plan.calendars}
    for ago in (0, 1):
        day = clock.date() - timedelta(days=ago)
        if name in calendars:
            spans: Any = calendars[name].exceptions.get(day, calendars[name].weekly[day.weekday()])
        else:
            spans = BUILT_IN[name][day.weekday()]
        second = (clock - datetime.combine(day, MIDNIGHT)).total_seconds()
        if any(begin <= second < end for begin, end in spans):
            return True
    return False


def units(plan: sk.plan.Plan, resource: sk.plan.Resource, clock: datetime) -> int:
    """The units of a resource at a clock time."""
    if not is_open(plan, resource.calendar or plan.calendar, clock):
        return 0
    left = [o.capacity for o in resource.outages if naive(o.start) <= clock < naive(o.end)]
    return min([resource.capacity, *left])


def naive(when: datetime) -> datetime:
    return when.replace(tzinfo=None, fold=0)


def moments(plan: sk.plan.Plan) -> list[datetime]:
    """Clock times at which something may change, and those a quarter of an hour around them."""
    days = {day for calendar in plan.calendars for day in calendar.exceptions}
    days |= {naive(m).date() for r in plan.resources for o in r.outages for m in (o.start, o.end)}
    days |= {plan.start.date() + timedelta(days=k) for k in range(7)}
    days |= {day + timedelta(days=k) for day in days for k in (-1, 1)}
    return [datetime.combine(day, MIDNIGHT) + timedelta(minutes=15 * k) for day in sorted(days) for k in range(96)]


def left(activity: sk.plan.Activity) -> Fraction:
    """The working seconds that are left of an activity."""
    whole = Fraction(activity.duration // timedelta(seconds=1))
    if activity.actual_end is not None:
        return Fraction(0)
    if activity.remaining is not None:
        return Fraction(activity.remaining // timedelta(seconds=1))
    return whole - whole * Fraction(str(activity.percent or 0)) / 100


def forward_pass(plan: sk.plan.Plan) -> dict[str, tuple[datetime, datetime]]:
    """The earliest start and end of activities that never compete for resources, minute by minute in a zone without changes.

    An activity starts at the first open minute that its links and release allow, works in open minutes alone and ends with the
    last of them; a milestone stands where its links allow.
    """
    found: dict[str, tuple[datetime, datetime]] = {}
    calendar_of = {resource.name: resource.calendar or plan.calendar for resource in plan.resources}
    waiting = list(plan.activities)
    while waiting:
        activity = next(a for a in waiting if all(link.name in found for link in a.predecessors))
        waiting.remove(activity)
        names = {calendar_of[name] for name in activity.resources} | ({activity.calendar} - {None})
        calendars = [name for name in names or {plan.calendar} if name is not None]
        held = [
            (resource, activity.resources[resource.name]) for resource in plan.resources if resource.name in activity.resources
        ]
        at = max([naive(plan.start), *([naive(activity.release)] if activity.release else [])])
        for link in activity.predecessors:
            assert link.type in ("FS", "SS")
            event = found[link.name][link.type == "FS"]
            at = max(at, event + link.lag if link.elapsed else _moved(plan, event, link.lag // MINUTE))
        work, start, end = activity.duration // MINUTE, at, at
        if work:
            while not _up(plan, calendars, held, start):
                start += MINUTE
            end = start
            while work:
                work -= _up(plan, calendars, held, end)
                end += MINUTE
        found[activity.name] = (start, end)
    return found


def _up(plan: sk.plan.Plan, calendars: list[str], held: list[tuple[sk.plan.Resource, int]], at: datetime) -> bool:
    """Whether calendars are open and outages leave the units that an activity holds."""
    return all(is_open(plan, name, at) for name in calendars) and all(units(plan, crew, at) >= number for crew, number in held)


MINUTE = timedelta(minutes=1)


def _moved(plan: sk.plan.Plan, at: datetime, minutes: int) -> datetime:
    """The earliest minute that is so many open minutes of the plan's calendar later, or earlier."""
    while minutes > 0:
        minutes -= is_open(plan, plan.calendar, at)
        at += MINUTE
    while minutes < 0:
        at -= MINUTE
        minutes += is_open(plan, plan.calendar, at)
    return at
