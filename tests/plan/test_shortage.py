"""Hours of a resource that are missing, counted again hour by hour, and the least misses of deadlines, found by solving."""

from __future__ import annotations

import dataclasses
import os
from datetime import datetime, timedelta

import schedkit as sk
from schedkit.plan import model, shortage

from . import infeasible, meaning, start_indexed
from .solving import CREW, HOUR, plan

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "60"))
HOURS = 24 * 28


def test_work_that_cannot_avoid_a_day_is_counted() -> None:
    """On Thursday morning a works, whenever it starts, and b does: two of three units are missing for four hours."""
    found = plan(
        {"name": "a", "duration": "12h", "resources": "crew[2]", "release": "2026-03-25", "deadline": "2026-03-26"},
        {"name": "b", "duration": "8h", "resources": "crew[3]", "release": "2026-03-26", "deadline": "2026-03-26"},
        resources=[{**CREW, "capacity": 3}],
    )
    missing = shortage.largest(model.model(found))
    assert missing is not None
    assert (missing.resource, missing.activities, missing.amount) == ("crew", ("a", "b"), 8 * HOUR)
    assert (missing.needed, missing.available) == (20 * HOUR, 12 * HOUR)
    (reason,) = found.explain(max_schedules=500)
    assert (reason.code, reason.amount) == ("too_much_work", 8 * HOUR)


def windows(found: sk.plan.Plan) -> dict[str, tuple[datetime, datetime]]:
    """The earliest start and the latest end of each activity, if resources sufficed for all; the latest end may be far away."""
    plenty = [dataclasses.replace(resource, capacity=1000) for resource in found.resources]
    keys = {key: value for key, value in found.to_dict().items() if key not in ("schedkit", "schema_version")}
    keys |= {"resources": plenty, "activities": [*keys["activities"], {"name": "far", "duration": 0, "release": "2026-04-20"}]}
    loose = sk.plan.Plan(**keys)
    early, late = (loose.solve(max_schedules=50, late=late).table() for late in (False, True))
    pairs = zip(early, late, strict=True)
    return {first["name"]: (meaning.naive(first["start"]), meaning.naive(last["end"])) for first, last in pairs}


def least_part(
    found: sk.plan.Plan, activity: sk.plan.Activity, window: tuple[datetime, datetime], begin: datetime, end: datetime
) -> int:
    """The hours of work between two moments, the least of all starts in a window, hour by hour."""
    up = start_indexed.Hours(found, HOURS, None).up(activity)
    first, last = ((when - meaning.naive(found.start)) // HOUR for when in window)
    opens = [at for at in range(first, last) if up[at]]
    work = activity.duration // HOUR
    low, high = ((when - meaning.naive(found.start)) // HOUR for when in (begin, end))
    parts = [sum(low <= at < high for at in opens[k : k + work]) for k in range(len(opens) - work + 1)]
    return min(parts, default=0)


def test_shortages_are_those_that_hours_give() -> None:
    """In each case the counted parts are the least that fall into the time, and the units are those that are there."""
    seen = 0
    for seed in range(6 * INSTANCES):
        found = infeasible.plan(seed, 3, 8)
        missing = shortage.largest(model.model(found))
        loose = None if missing is None else windows(found)
        if missing is None or not loose:
            continue
        seen += 1
        begin, end = meaning.naive(missing.start), meaning.naive(missing.end)
        (resource,) = (resource for resource in found.resources if resource.name == missing.resource)
        held = {a.name: a.resources[resource.name] for a in found.activities if resource.name in a.resources}
        parts = {a.name: least_part(found, a, loose[a.name], begin, end) for a in found.activities if a.name in held}
        assert sum(held[name] * part for name, part in parts.items()) >= missing.needed // HOUR, seed
        hours = (begin + k * HOUR for k in range((end - begin) // HOUR))
        assert missing.available // HOUR == sum(meaning.units(found, resource, hour) for hour in hours), seed
        assert missing.amount > timedelta(0)
        assert not start_indexed.feasible(found, HOURS), seed
    assert seen > INSTANCES // 4


def test_without_a_shortage_the_least_miss_of_a_deadline_is_given() -> None:
    """The hours of Monday suffice for all three, but neither b nor c fits behind the other one or behind a."""
    found = plan(
        {"name": "a", "duration": "3h", "resources": "crew", "pausable": False, "deadline": "2026-03-23 12:00"},
        {"name": "b", "duration": "3h", "resources": "crew", "pausable": False, "deadline": "2026-03-23 17:00"},
        {"name": "c", "duration": "2h", "resources": "crew", "pausable": False, "deadline": "2026-03-23 17:00"},
        resources=[CREW],
    )
    (reason,) = found.explain(max_schedules=500)
    assert reason.code == "exhausted"
    assert reason.amount == 18 * HOUR
    assert reason.detail.endswith("with the others 'b' ends at 2026-03-24 11:00 at the earliest, 18 hours after its deadline")
    moved = reason.relaxations[0].apply(found)
    assert start_indexed.feasible(moved, HOURS)
