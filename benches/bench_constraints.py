"""Planning under constraints: a year with calendars in minutes and in seconds, and a re-plan after a machine is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import schedkit as sk

from benches.measure import seconds


def year(tick: int, n: int = 2000, seed: int = 0) -> sk.rcpsp.Project:
    """A year of two thousand activities on eight crews with shifts of their own, twelve holidays, most work pausable.

    `tick` is in seconds; the year does not depend on it.
    """
    rng = np.random.default_rng(seed)
    hour = 3600 // tick
    day = 24 * hour
    capacity = rng.integers(11, 22, 8)
    hours = rng.integers(1, 40, n)
    demand = np.zeros((n, 8), np.int64)
    for row in demand:
        row[rng.choice(8, rng.integers(1, 4), replace=False)] = rng.integers(1, 5)
    pairs = sorted({(int(rng.integers(max(0, j - 120), j)), j) for j in range(20, n)})
    holidays = np.sort(rng.choice(180, 12, replace=False)) * 2
    steps = np.stack([holidays, holidays + 1], axis=1).reshape(-1) * day
    calendars = {}
    for r, units in enumerate(capacity.tolist()):
        opens = (np.arange(5) * 24 + 6 + r % 3) * hour
        week = np.stack([opens, opens + 10 * hour], axis=1).reshape(-1)
        weekly = sk.rcpsp.Calendar(week, [units, 0] * 5, period=7 * day)
        calendars[r] = [weekly, sk.rcpsp.Calendar(steps, [0, units] * 12)]
    pausable = (rng.random(n) < 0.8) | (hours > 6)
    return sk.rcpsp.Project(hours * hour, demand, capacity, precedence=pairs, calendars=calendars, pausable=pausable)


def first(project: sk.rcpsp.Project, **options: Any) -> sk.rcpsp.ProjectSolution:
    """The first feasible schedule that the search finds."""
    stop = sk.CancelToken()
    return sk.rcpsp.solve(project, time_limit=10, stop=stop, on_improvement=lambda _: stop.cancel(), **options)


def test_a_year_in_minutes_and_in_seconds(benchmark: Any) -> None:
    """First feasible schedule of 2,000 activities; the ratio says what a finer tick costs."""
    minutes, fine = year(60), year(1)
    found, same = first(minutes), first(fine)
    assert found.schedule is not None
    assert same.schedule is not None
    assert sk.check(minutes, found.schedule) == []
    assert (found.schedule.start_time * 60 == same.schedule.start_time).all()
    coarse_time, fine_time = seconds(lambda: first(minutes), lambda: first(fine))
    benchmark.extra_info |= {
        "days": round(found.schedule.makespan / 1440, 1),
        "milliseconds to the first schedule": round(1000 * coarse_time, 1),
        "seconds over minutes": round(fine_time / coarse_time, 2),
    }
    benchmark(first, minutes)


def test_a_replan_of_120_activities(benchmark: Any) -> None:
    """30 % done, one unit of a resource lost from now on: the first feasible plan."""
    rng = np.random.default_rng(1)
    n = 120
    columns: dict[str, Any] = {
        "duration": rng.integers(1, 11, n),
        "demand": rng.integers(0, 6, (n, 4)),
        "capacity": [18, 18, 18, 18],
        "precedence": sorted({(int(rng.integers(max(0, j - 20), j)), j) for j in range(1, n)}),
    }
    plan = sk.rcpsp.solve(sk.rcpsp.Project(**columns), max_schedules=500).schedule
    assert plan is not None
    now = int(np.sort(plan.completion_time)[36])
    done = np.flatnonzero(plan.start_time < now)
    fixed = sk.Fixed(done, plan.start_time[done], plan.completion_time[done])
    left = sk.rcpsp.Project(**columns, calendars={0: sk.rcpsp.Calendar([now], [17])})
    again = first(left, fixed=fixed, now=now, warm_start=plan)
    assert again.schedule is not None
    assert again.moved is not None
    assert sk.check(left, again.schedule, fixed=fixed, now=now) == []
    benchmark.extra_info |= {"makespan": [plan.makespan, again.makespan], "moved": len(again.moved), "shift": again.total_shift}
    benchmark(first, left, fixed=fixed, now=now, warm_start=plan)
