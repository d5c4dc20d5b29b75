"""Schedules of random plans against a forward pass, all orders, a model of all starts, and every rule.

``SCHEDKIT_INSTANCES=300`` compares as many plans with the model of all starts; a slice runs by default.
"""

from __future__ import annotations

import itertools
import os
import random
from datetime import datetime
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from . import infeasible, meaning, start_indexed
from .solving import HOUR, plan, solved
from .strategies import keys

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "20"))
WEEKS = 24 * 28


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_without_competition_the_schedule_is_the_forward_pass(seed: int) -> None:
    """Minute by minute, by the plain definitions of `meaning`, under two calendars and lags of both kinds."""
    draw = random.Random(seed)
    activities = []
    for k in range(draw.randint(1, 6)):
        before = [f"a{i} FS+{draw.choice([0, 1, 3, 9])}{draw.choice(['h', 'eh'])}" for i in range(k) if draw.random() < 0.5]
        activities.append(
            {
                "name": f"a{k}",
                "duration": draw.choice([0, 1, 3, 9, 20]),
                "predecessors": before,
                "calendar": draw.choice([None, "night", "always"]),
                "release": draw.choice([None, f"2026-03-{draw.randint(23, 26)} {draw.randint(0, 23)}:00"]),
            }
        )
    night = {"name": "night", "weekly": {"mon,wed,thu,fri": "22:00-03:00", "tue": "10:00-12:00"}}
    found = plan(*activities, calendars=[night], timezone="UTC")
    r = solved(found, max_schedules=50)
    expected = meaning.forward_pass(found)
    assert {row["name"]: (meaning.naive(row["start"]), meaning.naive(row["end"])) for row in r.table()} == expected
    assert r.status == "optimal"


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_no_order_ends_earlier(seed: int) -> None:
    """Brute force: the serial scheme, hour by hour, for all orders of up to five activities under different calendars."""
    draw = random.Random(seed)
    number = draw.randint(1, 5)
    resources = [
        {"name": "crew", "capacity": 2, "outages": [{"from": "2026-03-24 10:00", "to": "2026-03-25", "capacity": 1}]},
        {"name": "late", "calendar": "late"},
    ]
    activities = [
        {
            "name": f"a{k}",
            "duration": draw.choice([1, 2, 4, 7]),
            "predecessors": [f"a{i}" for i in range(k) if draw.random() < 0.25],
            "resources": draw.choice([{"crew": 1}, {"crew": 2}, {"late": 1}, {"crew": 1, "late": 1}]),
            "pausable": draw.random() < 0.6,
        }
        for k in range(number)
    ]
    late = {"name": "late", "weekly": {"mon-fri": "10:00-12:00 14:00-20:00"}}
    found = plan(*activities, calendars=[late], resources=resources, timezone="UTC")
    r = solved(found, max_schedules=100_000)
    best = min(filter(None, (_serial(found, order) for order in itertools.permutations(range(number)))), default=None)
    if best is None:
        assert r.status == "infeasible"
    else:
        assert r.status == "optimal"
        assert meaning.naive(r.end or found.start) == best
        _require_tight(found, r)


def _require_tight(found: sk.plan.Plan, r: sk.plan.PlanSolution) -> None:
    """Each activity of the chain starts at the first hour that calendars allow after the one before, the first after the start.

    The exception is an activity that goes on while a unit comes back after the outage, which the other one needs.
    """
    table = {row["name"]: (meaning.naive(row["start"]), meaning.naive(row["end"])) for row in r.table()}
    activities = {activity.name: activity for activity in found.activities}
    whole = next(crew for crew in found.resources if crew.name == "crew").outages[0].end
    assert table[r.critical[-1]][1] == meaning.naive(r.end or found.start)
    since = meaning.naive(found.start)
    for name in r.critical:
        start, end = table[name]
        since = since if start >= since else meaning.naive(whole)
        assert start >= since
        while since < start:
            assert not _may_start(found, activities[name], since), (name, since)
            since += HOUR
        since = end


def _may_start(found: sk.plan.Plan, activity: sk.plan.Activity, at: datetime) -> bool:
    hours = 1 if activity.pausable else int(activity.duration / HOUR)
    crews = [crew for crew in found.resources if crew.name in activity.resources]
    times = [at + k * HOUR for k in range(hours)]
    return all(meaning.units(found, crew, when) >= activity.resources[crew.name] for crew in crews for when in times)


def _serial(found: sk.plan.Plan, order: tuple[int, ...]) -> datetime | None:
    """When a list of activities ends, each placed at its earliest hour; None if it contradicts the links or never fits."""
    first, most = meaning.naive(found.start), 24 * 14
    hours = [first + k * HOUR for k in range(most)]
    crews = {resource.name: resource for resource in found.resources}
    left = {name: [meaning.units(found, crew, at) for at in hours] for name, crew in crews.items()}
    whole = {name: list(units) for name, units in left.items()}
    ends: dict[str, int] = {}
    for k in order:
        activity = found.activities[k]
        if any(link.name not in ends for link in activity.predecessors):
            return None
        up = [all(whole[name][h] >= units for name, units in activity.resources.items()) for h in range(most)]
        work = int(activity.duration / HOUR)
        for start in range(max([0, *(ends[link.name] for link in activity.predecessors)]), most):
            taken = [h for h in range(start, most) if up[h]][:work]
            if len(taken) < work or taken[0] != start or (not activity.pausable and taken[-1] != start + work - 1):
                continue
            if all(left[name][h] >= units for name, units in activity.resources.items() for h in taken):
                for name, units in activity.resources.items():
                    for h in taken:
                        left[name][h] -= units
                ends[activity.name] = taken[-1] + 1
                break
        else:
            return None
    return first + max(ends.values()) * HOUR


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_plans_under_several_calendars_end_when_the_model_of_all_starts_does(seed: int) -> None:
    """Small plans whose resources have calendars and outages of their own; every second one has deadlines."""
    draw = random.Random(seed)
    number = draw.randint(3, 8)
    found = infeasible.plan(seed, 3, 8) if seed % 2 else sk.plan.Plan(**infeasible.content(draw, number))
    r = solved(found, max_schedules=20_000)
    best = start_indexed.least_end(found, WEEKS)
    assert r.status == ("infeasible" if best is None else "optimal")
    assert best == (None if r.end is None else meaning.naive(r.end))


@settings(max_examples=60)
@given(keys())
def test_schedules_of_all_plans_keep_every_rule(content: dict[str, Any]) -> None:
    """Random plans with outages, progress, time zones; each schedule passes both judges, each chain holds together."""
    found = sk.plan.Plan(**content)
    r = solved(found, max_schedules=200)
    assert (r.status == "infeasible") == bool(r.reasons)
    if r.end is not None:
        table = {row["name"]: row for row in r.table()}
        assert r.lower_bound is not None
        if table:
            assert r.end.timestamp() == max(row["end"].timestamp() for row in table.values())
            assert table[r.critical[-1]]["end"].timestamp() == r.end.timestamp()
        for before, after in itertools.pairwise(r.critical):
            linked = any(link.name == before for a in found.activities if a.name == after for link in a.predecessors)
            assert linked or set(table[before]["resources"]) & set(table[after]["resources"])


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_counts_the_work_of_each_resource_in_its_hours(seed: int) -> None:
    """Twelve crews in six calendars; most pairs of crews have open hours of their own."""
    draw = random.Random(seed)
    calendars = [{"name": f"c{k}", "weekly": {"mon-fri": f"{6 + k:02}:00-{14 + k:02}:00"}} for k in range(6)]
    crews: list[dict[str, Any]] = [
        {"name": f"r{k}", "capacity": draw.randint(1, 3), "calendar": f"c{k % 6}"} for k in range(12)
    ]
    work = []
    for k in range(150):
        held = {crew["name"]: draw.randint(1, crew["capacity"]) for crew in draw.sample(crews, draw.randint(1, 3))}
        work.append({"name": f"a{k}", "duration": f"{draw.randint(1, 8)}h", "resources": held})
    found = sk.plan.Plan(start="2026-03-23", calendars=calendars, resources=crews, activities=work)
    bound = found.solve(max_schedules=1).lower_bound
    assert bound is not None
    for crew in found.resources:
        left = sum(a.resources.get(crew.name, 0) * (a.duration // HOUR) for a in found.activities)
        at = meaning.naive(found.start)
        while left > 0:
            left -= meaning.units(found, crew, at)
            at += HOUR
        assert meaning.naive(bound) >= at, crew.name
