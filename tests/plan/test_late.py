"""Plans that start everything as late as possible: by hand, and against the schedule that starts everything early."""

from __future__ import annotations

import collections
import random
from datetime import timedelta
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings

from . import meaning, strategies

HOUR = timedelta(hours=1)


def test_what_is_not_urgent_waits() -> None:
    """Two crews: a day of painting may wait until the second day of digging."""
    plan = sk.plan.Plan(
        start="2026-03-23",
        resources=[{"name": "diggers"}, {"name": "painters"}],
        activities=[
            {"name": "dig", "duration": "2d", "resources": "diggers"},
            {"name": "paint", "duration": "4h", "resources": "painters"},
        ],
    )
    early, late = plan.solve(max_schedules=100), plan.solve(max_schedules=100, late=True)
    assert sk.check(plan, late) == []
    assert [f"{row['start']:%a %H:%M}" for row in early.table()] == ["Mon 08:00", "Mon 08:00"]
    assert [f"{row['start']:%a %H:%M}" for row in late.table()] == ["Mon 08:00", "Tue 13:00"]
    assert (late.end, late.critical) == (early.end, ["dig"])


@settings(max_examples=60, deadline=None)
@given(strategies.schedulable())
def test_nothing_starts_earlier_and_the_end_stays(content: dict[str, Any]) -> None:
    plan = sk.plan.Plan(**content)
    early, late = plan.solve(max_schedules=100), plan.solve(max_schedules=100, late=True)
    assert (early.status, early.end) == (late.status, late.end)
    if early.table():
        assert sk.check(plan, late) == []
        for before, after in zip(early.table(), late.table(), strict=True):
            assert before["start"] is None or after["start"] >= before["start"]


def test_what_may_wait_behind_work_that_overlaps() -> None:
    """`guard` may use the crane at noon, when `lift` pauses; the pass from the end gives it the hour of `lift` and fails."""
    plan = sk.plan.Plan(
        start="2026-06-22",
        resources=[{"name": "crane", "calendar": "always"}, {"name": "crew"}],
        activities=[
            {"name": "order", "duration": "1h"},
            {"name": "lift", "duration": "5h", "resources": "crew; crane"},
            {"name": "guard", "duration": "1h", "resources": "crane", "predecessors": "lift SS"},
        ],
    )
    late = plan.solve(max_schedules=500, late=True)
    assert sk.check(plan, late) == []
    assert [f"{row['start']:%a %H:%M} {row['end']:%H:%M}" for row in late.table()] == [
        "Mon 13:00 14:00",
        "Mon 08:00 14:00",
        "Mon 12:00 13:00",
    ]
    assert {row["slack"] for row in late.slack()} == {timedelta(0)}


@pytest.mark.parametrize("seed", [*range(40), 278, 498, 595, 600, 758, 766, 787, 798, 799])
def test_no_activity_could_start_later_alone(seed: int) -> None:
    """Every later start of each activity alone is tried, hour by hour."""
    draw = random.Random(seed)
    resources: list[dict[str, Any]] = [
        {"name": f"r{k}", "capacity": draw.randint(1, 2), "calendar": draw.choice(["always", "standard"])} for k in (0, 1)
    ]
    work: list[dict[str, Any]] = []
    for k in range(draw.randint(3, 5)):
        held = draw.sample(resources, draw.choice([0, 1, 1, 2]))
        links = [f"a{i} {draw.choice(['FS', 'SS', 'SF'])}" for i in range(k) if draw.random() < 0.35]
        units = {r["name"]: draw.randint(1, r["capacity"]) for r in held}
        work.append({"name": f"a{k}", "duration": f"{draw.randint(0, 6)}h", "predecessors": links, "resources": units})
    plan = sk.plan.Plan(start="2026-06-22", resources=resources, activities=work)
    late = plan.solve(max_schedules=300, late=True)
    assert sk.check(plan, late) == []
    assert late.end is not None
    start = {row["name"]: (row["start"] - plan.start) // HOUR for row in late.table()}
    last = (late.end - plan.start) // HOUR
    for name, at in start.items():
        for later in range(at + 1, last + 1):
            assert not fits(plan, start | {name: later}, last), (name, later)


def fits(plan: sk.plan.Plan, start: dict[str, int], last: int) -> bool:
    """Whether starts, in hours, make a schedule that ends in time, by links without lags, open hours and units."""
    calendar = {resource.name: resource.calendar or plan.calendar for resource in plan.resources}
    end, used = {}, collections.Counter[tuple[str, int]]()
    for activity in plan.activities:
        names = {calendar[name] for name in activity.resources} or {plan.calendar}
        at, left = start[activity.name], activity.duration // HOUR
        while left and at <= last:
            is_open = all(meaning.is_open(plan, name, meaning.naive(plan.start) + at * HOUR) for name in names)
            if not is_open and at == start[activity.name]:
                return False
            used.update({(name, at): units for name, units in activity.resources.items() if is_open})
            left, at = left - is_open, at + 1
        end[activity.name] = at
        if left or at > last:
            return False
    event = {"S": start, "F": end}
    links = ((activity.name, link) for activity in plan.activities for link in activity.predecessors)
    capacity = {resource.name: resource.capacity for resource in plan.resources}
    return all(event[link.type[1]][name] >= event[link.type[0]][link.name] for name, link in links) and all(
        units <= capacity[name] for (name, _), units in used.items()
    )


@pytest.mark.parametrize("objective", ["makespan", "total_tardiness"])
@pytest.mark.parametrize("milestone", [{}, {"calendar": "always"}])
def test_leads_do_not_keep_what_they_follow_from_the_end(objective: str, milestone: dict[str, Any]) -> None:
    """The plan ends on Wednesday at 17:00 with c, and m may stand there; so may b, which waits for m - 3h."""
    plan = sk.plan.Plan(
        start="2026-03-23",
        activities=[
            {"name": "m", "duration": 0, **milestone},
            {"name": "b", "duration": "1h", "predecessors": "m FS-3h"},
            {"name": "c", "duration": "3d", "due": "2026-03-25"},
        ],
    )
    late = plan.solve(max_schedules=500, late=True, objective=objective)
    assert sk.check(plan, late) == []
    assert late.status == "optimal"
    assert [f"{row['start']:%a %H:%M} {row['end']:%H:%M}" for row in late.table()] == [
        "Wed 17:00 17:00",
        "Wed 16:00 17:00",
        "Mon 08:00 17:00",
    ]
    early = plan.solve(max_schedules=500, objective=objective)
    assert [f"{row['latest_end']:%a %H:%M}" for row in early.slack()] == ["Wed 17:00"] * 3
