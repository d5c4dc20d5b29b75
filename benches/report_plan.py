"""Plans in dates: how many are proved, and how long a large one takes, for docs/results/plan.md (some minutes).

Every schedule is judged by the checker.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk

from benches.report_cp_sat import cp_sat
from benches.tables import Makers, Table, producer, table
from tests.plan import samples

PLANS = 200
LIMITS = (1.0,)
HOURS = {"mon-thu": "08:00-12:00 13:00-17:00", "fri": "08:00-13:00"}
CLOSED = ["2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14"]
"""The working week and the holidays of the one calendar."""


def random_plan(seed: int) -> sk.plan.Plan:
    """A pausable plan of 20 to 60 activities under one calendar, with four crews that are short."""
    draw = random.Random(seed)
    n = draw.randint(20, 60)
    crews = {f"crew {k}": draw.randint(2, 4) for k in range(4)}
    activities: list[dict[str, Any]] = []
    for k in range(n):
        used = draw.sample(sorted(crews), draw.choice([1, 1, 2, 2, 3]))
        before = draw.sample(range(max(0, k - 12), k), min(k, draw.choice([0, 1, 1, 2, 2, 3])))
        activities.append(
            {
                "name": f"step {k}",
                "duration": f"{draw.randint(1, 40)}h",
                "resources": {crew: draw.randint(1, crews[crew]) for crew in used},
                "predecessors": [f"step {i}" for i in before],
            }
        )
    return sk.plan.Plan(
        name=f"random {seed}",
        start="2026-03-23 08:00",
        timezone="Europe/Berlin",
        calendar="week",
        tick="1h",
        calendars=[{"name": "week", "weekly": HOURS, "exceptions": dict.fromkeys(CLOSED, "closed")}],
        resources=[{"name": name, "capacity": units} for name, units in crews.items()],
        activities=activities,
    )


def in_working_time(plan: sk.plan.Plan) -> sk.rcpsp.Project:
    """The same plan with closed time cut out, in working hours: since everything pauses, a plain project."""
    hour = np.timedelta64(1, "h")
    names = [activity.name for activity in plan.activities]
    crews = [resource.name for resource in plan.resources]
    return sk.rcpsp.Project(
        [int(np.timedelta64(activity.duration) / hour) for activity in plan.activities],
        [[activity.resources.get(crew, 0) for crew in crews] for activity in plan.activities],
        [resource.capacity for resource in plan.resources],
        precedence=[(names.index(link.name), j) for j, a in enumerate(plan.activities) for link in a.predecessors],
    )


def working_hours(plan: sk.plan.Plan, schedule: sk.plan.PlanSolution) -> int:
    """The working hours from the start of the plan to its end, counted hour by hour."""
    assert schedule.end is not None
    spans = {"mon-thu": (*range(8, 12), *range(13, 17)), "fri": range(8, 13)}
    count, when = 0, plan.start
    hour = np.timedelta64(1, "h").astype(object)
    while when < schedule.end.replace(tzinfo=when.tzinfo):
        of_day = spans["fri"] if when.weekday() == 4 else spans["mon-thu"] if when.weekday() < 4 else ()
        count += when.hour in of_day and f"{when:%Y-%m-%d}" not in CLOSED
        when += hour
    return count


def proofs() -> Table:
    """One row for each limit: both solvers get the same seconds and two threads, one after the other, plan by plan."""
    rows = []
    for limit in LIMITS:
        proved, both, times, differing, better = [0, 0], 0, [], 0, [0, 0]
        for seed in range(PLANS):
            plan = random_plan(seed)
            begun = time.perf_counter()
            ours = plan.solve(time_limit=limit, threads=2)
            times.append(time.perf_counter() - begun)
            assert sk.check(plan, ours) == []
            project = in_working_time(plan)
            theirs, optimal = cp_sat(project, limit, 2)
            mine, other = working_hours(plan, ours), None if theirs is None else theirs.makespan
            proved = [proved[0] + (ours.status == "optimal"), proved[1] + optimal]
            both += ours.status == "optimal" and optimal
            differing += ours.status == "optimal" and optimal and mine != other
            better[0] += other is None or mine < other
            better[1] += other is not None and mine > other
            assert not (ours.status == "optimal" and other is not None and other < mine)
            assert not (optimal and other is not None and mine < other)
        rows.append(
            (
                f"{limit:g}",
                PLANS,
                proved[0],
                proved[1],
                both,
                differing,
                f"{better[0]} / {better[1]}",
                f"{statistics.median(times):.3f}",
            )
        )
    columns = ("seconds", "plans", "proved", "CP-SAT proved", "both", "of these with different optima")
    return table((*columns, "better / worse than CP-SAT", "median seconds until `solve` returned"), rows)


def large() -> Table:
    """One row for each size: seconds until the first schedule in dates, for reasons, and the size of the page."""
    rows = []
    for n in (40, 400, 1000):
        plan = samples.large(n)
        begun = time.perf_counter()
        first = plan.solve(max_schedules=1)
        shown = first.table()
        seconds = time.perf_counter() - begun
        assert len(shown) == n
        assert sk.check(plan, first) == []
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "plan.html"
            begun = time.perf_counter()
            first.to_html(page)
            drawn = time.perf_counter() - begun
            size = page.stat().st_size
        begun = time.perf_counter()
        assert plan.explain() == []
        rows.append((f"{n:,}", f"{seconds:.2f}", f"{drawn:.2f}", f"{size / 1e6:.2f}", f"{time.perf_counter() - begun:.2f}"))
    columns = ("activities", "s to the first schedule in dates", "s to write the page", "MB of the page")
    return table((*columns, "s in which `explain` finds nothing against it"), rows)


TAKES = "some minutes"
TABLES: Makers = {"plan-proofs": proofs, "plan-large": large}
tables = producer(TABLES)
