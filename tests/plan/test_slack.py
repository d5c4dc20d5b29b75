"""Slack of plans: dates counted by hand, and a slow backward pass hour by hour."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.plan import earliest

from . import meaning
from .solving import CREW, plan, solved
from .strategies import keys

HOUR = timedelta(hours=1)


def shown(r: sk.plan.PlanSolution) -> list[tuple[str, str, float]]:
    return [(row["name"], f"{row['latest_end']:%a %H:%M}", row["slack"] / HOUR) for row in r.slack()]


def checked(found: sk.plan.Plan, r: sk.plan.PlanSolution) -> list[dict[str, Any]]:
    """The rows of slack, whose latest dates are a schedule that passes the check and ends with the plan."""
    rows = r.slack()
    late = [{"name": row["name"], "start": row["latest_start"], "end": row["latest_end"]} for row in rows]
    assert sk.check(found, late) == []
    assert [row["name"] for row in rows] == [activity.name for activity in found.activities]
    for row, early in zip(rows, r.table(), strict=True):
        assert row["slack"] >= timedelta(0)
        assert (row["slack"] == timedelta(0)) == (row["latest_start"] == early["start"])
    return rows


def test_slack_counts_links_and_calendars() -> None:
    """The plan ends on Saturday with order; five days of work end on Friday, when measure has to end as well."""
    saturday = {"name": "sat", "weekly": {"sat": "9:00-13:00"}}
    found = plan(
        {"name": "dig", "duration": "2d"},
        {"name": "pour", "duration": "3d", "predecessors": "dig"},
        {"name": "measure", "duration": "3d"},
        {"name": "order", "duration": "4h", "calendar": "sat"},
        {"name": "begin", "duration": 0},
        calendars=[saturday],
    )
    r = solved(found)
    checked(found, r)
    assert shown(r) == [
        ("dig", "Tue 17:00", 0),
        ("pour", "Fri 17:00", 0),
        ("measure", "Fri 17:00", 16),
        ("order", "Sat 13:00", 0),
        ("begin", "Sat 13:00", 24 * 5 + 13),
    ]


def test_slack_counts_resources_and_deadlines() -> None:
    """One crew has three days of work; look must end on Tuesday, though the plan ends on Wednesday."""
    found = plan(
        {"name": "dig", "duration": "2d", "resources": "crew"},
        {"name": "paint", "duration": "1d", "resources": "crew", "predecessors": "dig"},
        {"name": "look", "duration": "4h", "deadline": "2026-03-24"},
        resources=[CREW],
    )
    r = solved(found)
    checked(found, r)
    assert shown(r) == [("dig", "Tue 17:00", 0), ("paint", "Wed 17:00", 0), ("look", "Tue 17:00", 12)]


def test_slack_counts_neither_due_dates_nor_the_objective() -> None:
    """Look may start on Wednesday at 13:00, twenty working hours later than on Monday, though it is due on Monday."""
    found = plan({"name": "dig", "duration": "3d"}, {"name": "look", "duration": "4h", "due": "2026-03-23", "weight": 5})
    for objective in ("makespan", "total_weighted_tardiness"):
        assert shown(solved(found, objective=objective)) == [("dig", "Wed 17:00", 0), ("look", "Wed 17:00", 20)]


def test_slack_with_soft_deadlines_counts_them_as_late_as_the_largest_miss() -> None:
    """Dig misses Monday by 17 hours, so look may end on Tuesday at 17:00 as well; the plan ends on Wednesday."""
    found = plan(
        {"name": "dig", "duration": "2d", "deadline": "2026-03-23"},
        {"name": "look", "duration": "4h", "deadline": "2026-03-23"},
        {"name": "pour", "duration": "1d", "predecessors": "dig"},
    )
    r = found.solve(soft_deadlines=True, max_schedules=500)
    assert shown(r) == [("dig", "Tue 17:00", 0), ("look", "Tue 17:00", 12), ("pour", "Wed 17:00", 0)]


def test_what_has_begun_has_no_slack() -> None:
    found = plan({"name": "dig", "duration": "1d"}, {"name": "pour", "duration": "2d"}, {"name": "look", "duration": "1h"})
    news: dict[str, dict[str, Any]] = {
        "dig": {"actual_start": "2026-03-23 08:00", "actual_end": "2026-03-23 16:00"},
        "pour": {"actual_start": "2026-03-23 08:00", "percent": 50},
    }
    later = found.update(news, now="2026-03-24")
    assert shown(solved(later)) == [("dig", "Mon 16:00", 0), ("pour", "Tue 17:00", 0), ("look", "Tue 17:00", 7)]


def test_slack_of_a_plan_in_progress_takes_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of facts, which the backward pass keeps, are no reason to move activities one by one."""
    found = plan({"name": "dig", "duration": "1d"}, {"name": "pour", "duration": "2d", "predecessors": "dig"})
    later = found.update({"dig": {"actual_start": "2026-03-23", "actual_end": "2026-03-23 16:00"}}, now="2026-03-24")
    monkeypatch.setattr(earliest, "moved", None)
    assert shown(later.solve(max_schedules=10)) == [("dig", "Mon 16:00", 0), ("pour", "Wed 17:00", 0)]


def test_no_schedule_has_no_slack() -> None:
    assert plan({"name": "a", "duration": "5h", "pausable": False}).solve().slack() == []
    assert plan().solve().slack() == []


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_slack_is_that_of_a_backward_pass(seed: int) -> None:
    """Hour by hour: the activity that ends last goes first, and takes the latest hours that are left."""
    draw = random.Random(seed)
    resources = [
        {"name": "crew", "capacity": 2, "outages": [{"from": "2026-03-24 10:00", "to": "2026-03-25", "capacity": 1}]},
        {"name": "late", "calendar": "late"},
    ]
    activities = [
        {
            "name": f"a{k}",
            "duration": draw.choice([0, 1, 2, 4, 7]),
            "predecessors": [f"a{i}{draw.choice(['', ' FS+3eh'])}" for i in range(k) if draw.random() < 0.25],
            "resources": draw.choice([{}, {"crew": 1}, {"crew": 2}, {"late": 1}, {"crew": 1, "late": 1}]),
            "pausable": draw.random() < 0.7,
        }
        for k in range(draw.randint(1, 6))
    ]
    late = {"name": "late", "weekly": {"mon-fri": "10:00-12:00 14:00-20:00"}}
    keys = {"calendars": [late], "resources": resources, "timezone": "UTC"}
    first = solved(plan(*activities, **keys))
    if first.end is not None and draw.random() < 0.5:
        row = draw.choice(first.table())
        activities[int(row["name"][1:])]["deadline"] = f"{row['end'] + draw.randint(0, 9) * HOUR:%Y-%m-%d %H:%M}"
    found = plan(*activities, **keys)
    r = solved(found)
    if r.end is not None:
        latest = {
            row["name"]: (meaning.naive(row["latest_start"]), meaning.naive(row["latest_end"])) for row in checked(found, r)
        }
        assert latest == _backward(found, r)


def _backward(found: sk.plan.Plan, r: sk.plan.PlanSolution) -> dict[str, tuple[datetime, datetime]]:
    first, last = meaning.naive(found.start), meaning.naive(r.end or found.start)
    hours = [first + k * HOUR for k in range(round((last - first) / HOUR))]
    crews = {resource.name: resource for resource in found.resources}
    whole = {name: [meaning.units(found, crew, at) for at in hours] for name, crew in crews.items()}
    left = {name: list(units) for name, units in whole.items()}
    ends = {row["name"]: meaning.naive(row["end"]) for row in r.table()}
    placed: dict[str, tuple[datetime, datetime]] = {}
    after = {
        a.name: [(b.name, link) for b in found.activities for link in b.predecessors if link.name == a.name]
        for a in found.activities
    }
    while len(placed) < len(found.activities):
        ready = [a for a in found.activities if a.name not in placed and all(b in placed for b, _ in after[a.name])]
        activity = max(ready, key=lambda a: ends[a.name])  # the first of several
        bound = min([last, *(placed[b][0] - link.lag for b, link in after[activity.name])])
        if activity.deadline is not None:
            bound = min(bound, meaning.naive(activity.deadline))
        placed[activity.name] = _latest(found, activity, hours, whole, left, bound)
    return placed


def _latest(
    found: sk.plan.Plan,
    activity: sk.plan.Activity,
    hours: list[datetime],
    whole: dict[str, list[int]],
    left: dict[str, list[int]],
    bound: datetime,
) -> tuple[datetime, datetime]:
    work = int(activity.duration / HOUR)
    if not work:
        return bound, bound
    up = [
        all(whole[name][h] >= units for name, units in activity.resources.items())
        and (bool(activity.resources) or meaning.is_open(found, found.calendar, at))
        for h, at in enumerate(hours)
    ]
    opens = [h for h in range(len(hours)) if up[h]]
    for k in reversed(range(len(opens) - work + 1)):
        taken = opens[k : k + work]
        if hours[taken[-1]] + HOUR > bound or (not activity.pausable and taken[-1] - taken[0] != work - 1):
            continue
        if all(left[name][h] >= units for name, units in activity.resources.items() for h in taken):
            for name, units in activity.resources.items():
                for h in taken:
                    left[name][h] -= units
            return hours[taken[0]], hours[taken[-1]] + HOUR
    raise AssertionError("the schedule itself is feasible")


@settings(max_examples=40)
@given(keys())
def test_latest_dates_of_all_plans_keep_every_rule(content: dict[str, Any]) -> None:
    """Random plans with outages, progress and time zones."""
    for activity in content["activities"]:
        activity["predecessors"] = [
            {"name": link["name"], "type": "FS", "lag": str(link["lag"]).replace("-", "+")} for link in activity["predecessors"]
        ]
    found = sk.plan.Plan(**content)
    r = found.solve(max_schedules=100)
    if r.end is not None:
        late = [{"name": row["name"], "start": row["latest_start"], "end": row["latest_end"]} for row in r.slack()]
        assert sk.check(found, late) == []
        for row, early in zip(r.slack(), r.table(), strict=True):
            assert row["slack"] >= timedelta(0)
            assert row["latest_end"].timestamp() >= early["end"].timestamp()


@pytest.mark.parametrize(("link", "end"), [("x FF", "Tue 17:00"), ("x FF-4h", "Tue 12:00"), ("y FF", "Tue 17:00")])
def test_work_of_which_nothing_is_left_ends_as_soon_as_its_links_let_it(link: str, end: str) -> None:
    """x may end on Tuesday at 17:00, like z; a ends with it, or four working hours before, and so does y, which waits for x."""
    found = plan(
        {"name": "y", "duration": "1d", "predecessors": "x FF"},
        {"name": "a", "duration": "1d", "predecessors": link},
        {"name": "z", "duration": "2d"},
        {"name": "x", "duration": "4h"},
    )
    begun = {"actual_start": "2026-03-23 00:00", "remaining": "0h"}
    r = solved(found.update({"a": begun, "y": begun}, now="2026-03-23 00:00"))
    rows = checked(found.update({"a": begun, "y": begun}, now="2026-03-23 00:00"), r)
    assert f"{rows[1]['latest_end']:%a %H:%M}" == end
