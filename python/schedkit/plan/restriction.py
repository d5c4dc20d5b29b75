"""Plans that keep some of their parts and forget the others: work, links, dates, units, hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from . import horizon, progress, variants
from .conflict_parts import KINDS, OF_ACTIVITIES, ConflictPart, parts_of_calendars
from .elements import Activity, Link, Outage, PlanContent
from .variants import PlanVariant

_Kept = dict[str, set[tuple[str, Link | Outage | None]]]
"""The parts that are kept, by their kind."""


def restricted(plan: PlanContent, kept: Iterable[ConflictPart]) -> PlanVariant:
    """A plan that keeps some of its parts.

    Work that is left out takes no time; if a link holds back its end and another activity waits for its start, two milestones
    stand for these (see `variants.start_of`), because a single one would be later than the start of the work. Milestones of the
    plan stay in one piece. Capacity that is left out suffices for all, calendars that are left out never close. Activities and
    resources without any part that is kept are gone.
    """
    by_kind: _Kept = {kind: set() for kind in KINDS}
    involved = set()
    for part in kept:
        by_kind[part.kind].add((part.name, part.value))
        if part.kind in OF_ACTIVITIES:
            involved.add(part.name)
        if isinstance(part.value, Link):
            involved.add(part.value.name)
    activities = [_restricted(activity, by_kind) for activity in plan.activities if activity.name in involved]
    worked = {a.name for a in plan.activities if progress.remaining(a)}
    activities = variants.parted(activities, {name for name in worked if (name, None) not in by_kind["work"]})
    used = {name for activity in activities for name in activity.resources}
    resources = []
    for resource in plan.resources:
        if resource.name in used:
            outages = tuple(outage for outage in resource.outages if (resource.name, outage) in by_kind["outage"])
            capacity = resource.capacity
            if (resource.name, None) not in by_kind["capacity"]:
                capacity = max(capacity, most_units(activities, resource.name))
            resources.append(dataclasses.replace(resource, outages=outages, capacity=capacity))
    found = variants.variant(plan, activities=tuple(activities), resources=tuple(resources))
    for part in parts_of_calendars(found):
        if (part.name, None) not in by_kind["hours"]:
            found = variants.with_calendar(found, variants.always_open(part.name))
    return found


def most_units(activities: Iterable[Activity], resource: str) -> int:
    """The units that suffice whatever the schedule is."""
    return max(1, sum(activity.resources.get(resource, 0) for activity in activities))


def _restricted(activity: Activity, kept: _Kept) -> Activity:
    if activity.actual_end is not None:
        return activity
    name, key = activity.name, (activity.name, None)
    links = tuple(link for link in activity.predecessors if (name, link) in kept["link"])
    found = dataclasses.replace(
        activity,
        predecessors=links,
        deadline=activity.deadline if key in kept["deadline"] else None,
        release=activity.release if key in kept["release"] else None,
    )
    if key in kept["work"]:
        return found
    if activity.actual_start is not None:
        return dataclasses.replace(found, remaining=timedelta(0), resources={})
    return dataclasses.replace(found, duration=timedelta(0), remaining=None, percent=None, resources={})


def is_looser(plan: PlanContent, kept: Iterable[ConflictPart]) -> bool:
    """Whether it is certain that a plan that keeps some of its parts has a schedule if the whole plan has one.

    It is not certain if hours or outages are left out that make work pause: it lasts longer with them, and other work may use
    its units meanwhile, or wait for its start, which is then earlier. Nor is it if a lead is counted in such hours.
    """
    by_kind: dict[str, set[tuple[str, Any]]] = {kind: set() for kind in KINDS}
    for part in kept:
        by_kind[part.kind].add((part.name, part.value))
    of_resource, closing = horizon.calendars_of_resources(plan), {part.name for part in parts_of_calendars(plan)}
    without = {name for name in closing if (name, None) not in by_kind["hours"]}
    pausing = {r.name for r in plan.resources if any((r.name, outage) not in by_kind["outage"] for outage in r.outages)}
    links = [link for activity in plan.activities for link in activity.predecessors if (activity.name, link) in by_kind["link"]]
    if plan.calendar in without and any(link.lag < timedelta(0) and not link.elapsed for link in links):
        return False
    awaited = {link.name for link in links if link.type[0] == "S"}
    for activity in plan.activities:
        if (activity.name, None) in by_kind["work"]:
            if not activity.pausable and activity.actual_start is None:
                continue
            longer = without.intersection(horizon.calendars_of(activity, of_resource, plan.calendar))
            held_back = any(link.type[1] == "F" and (activity.name, link) in by_kind["link"] for link in activity.predecessors)
            bound = bool(activity.resources) or (held_back and activity.name in awaited)
            if bound and (longer or pausing & activity.resources.keys()):
                return False
    return True
