"""The parts of a plan that can contradict each other, in words: work, links, dates, units, hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

from . import dates, horizon, lengths, progress, variants
from .elements import Link, Outage, PlanContent, Resource

KINDS = ("deadline", "outage", "capacity", "release", "link", "work", "hours")
"""The kinds of parts, in the order in which the search for a conflict tries to do without them."""


@dataclasses.dataclass(frozen=True, slots=True)
class ConflictPart:
    """A part of a plan that contradicts others.

    Attributes
    ----------
    kind : {"deadline", "release", "link", "work", "capacity", "outage", "hours"}
        ``work`` is that of an activity, with the units that it holds; ``hours`` are those of a calendar.
    name : str
        The activity, the resource (``capacity``, ``outage``) or the calendar (``hours``).
    value : Link, Outage or None
        The link to a predecessor (``link``), or the outage.
    text : str
        A description with names and dates.
    """

    kind: str
    name: str
    value: Link | Outage | None
    text: str


OF_ACTIVITIES = ("deadline", "release", "link", "work")
"""The kinds of parts that belong to activities."""


def parts_of(plan: PlanContent) -> list[ConflictPart]:
    """The parts of a plan that can be left out, in the order of `KINDS`; what has happened is none."""
    found = [*_of_resources(plan), *_of_activities(plan), *parts_of_calendars(plan)]
    return sorted(found, key=lambda part: KINDS.index(part.kind))


def _of_resources(plan: PlanContent) -> Iterator[ConflictPart]:
    used = {name for activity in plan.activities for name in activity.resources}
    for resource in plan.resources:
        if resource.name in used:
            yield ConflictPart("capacity", resource.name, None, capacity_text(resource))
            for outage in dict.fromkeys(resource.outages):
                yield ConflictPart("outage", resource.name, outage, outage_text(resource, outage))


def _of_activities(plan: PlanContent) -> Iterator[ConflictPart]:
    for activity in plan.activities:
        name = activity.name
        if activity.actual_end is not None:
            continue
        seconds = progress.remaining(activity)
        if seconds:
            holds = [f"{number} of {of!r}" for of, number in activity.resources.items()]
            with_units = f" with {' and '.join(holds)}" if holds else ""
            length = lengths.work(timedelta(seconds=float(seconds)))
            verb = "takes" if activity.actual_start is None else "goes on for"
            yield ConflictPart("work", name, None, f"{name!r} {verb} {length}{with_units}")
        if activity.deadline is not None:
            yield ConflictPart("deadline", name, None, f"{name!r} ends by {dates.shown(activity.deadline)}")
        if activity.release is not None and activity.actual_start is None:
            yield ConflictPart("release", name, None, f"{name!r} starts at {dates.shown(activity.release)} or later")
        for link in activity.predecessors:
            yield ConflictPart("link", name, link, f"{name!r} waits for {link_text(link)}")


def parts_of_calendars(plan: PlanContent) -> Iterator[ConflictPart]:
    """The hours of the calendars that activities or lags use, unless they never close."""
    of_resource = horizon.calendars_of_resources(plan)
    used = {name for a in plan.activities for name in horizon.calendars_of(a, of_resource, plan.calendar)}
    if any(link.lag and not link.elapsed for activity in plan.activities for link in activity.predecessors):
        used.add(plan.calendar)
    known = horizon.calendars(plan)
    for name in sorted(used):
        if known[name].exceptions or known[name].weekly != variants.always_open(name).weekly:
            yield ConflictPart("hours", name, None, f"the hours of calendar {name!r}")


def capacity_text(resource: Resource) -> str:
    """The units of a resource in words."""
    return f"{resource.name!r} has {_units(resource.capacity)}"


def outage_text(resource: Resource, outage: Outage) -> str:
    """An outage in words."""
    return f"{resource.name!r} has {_units(outage.capacity)} from {dates.shown(outage.start)} to {dates.shown(outage.end)}"


def _units(number: int) -> str:
    return f"{number} unit{'s' * (number != 1)}"


def link_text(link: Link) -> str:
    """A link in words: the predecessor, with the kind of link unless it is a plain one."""
    if link.type == "FS" and not link.lag:
        return repr(link.name)
    sign = "-" if link.lag < timedelta(0) else "+"
    lag = f" {sign} {(lengths.passed if link.elapsed else lengths.work)(abs(link.lag))}" if link.lag else ""
    return f"{link.name!r} ({link.type}{lag})"
