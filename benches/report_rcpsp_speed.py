"""The speed of `rcpsp.solve` over that of `serial_sgs_many`: for docs/results/rcpsp.md (a minute; needs the benchmark data).

Both in processor time on one thread, in turns, the least of several repetitions. The ratio leaves out instances that are proved
optimal on the way, which ends a search early.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import schedkit as sk

from benches.report_rcpsp import instances
from benches.report_rcpsp_growth import project as drawn
from benches.tables import Makers, Table, producer, table
from tests.rcpsp.strategies import feasible_rankings

SCHEDULES, ROWS, BATCHES, REPEAT = 50_000, 1000, 8, 7


def spent(function: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    function()
    return time.process_time() - start


def ratio(project: sk.rcpsp.Project) -> float | None:
    """Search speed over raw speed; None if the search ends early."""
    found = sk.rcpsp.solve(project, max_schedules=SCHEDULES)
    if found.status == "optimal":
        return None
    assert sk.check(project, found.schedule) == []
    rows = feasible_rankings(project, ROWS, seed=1)
    raw, search = [], []
    for _ in range(REPEAT):
        raw += [spent(lambda: sk.rcpsp.serial_sgs_many(project, rows)) for _ in range(BATCHES)]
        search.append(spent(lambda: sk.rcpsp.solve(project, max_schedules=SCHEDULES)))
    return (min(raw) / ROWS) / (min(search) / found.num_schedules)


def ratios() -> Table:
    """Schedules a second of the search over those of batches: up to twelve open instances of each set."""
    cells = []
    for name in ("j30", "j60", "j120"):
        found: list[float] = []
        for project, _ in instances(name, 6):
            if len(found) < 12 and (speed := ratio(project)) is not None:
                found.append(speed)
        cells.append((name, len(found), f"{np.mean(found):.2f}", f"{min(found):.2f}", f"{max(found):.2f}"))
    return table(("set", "open instances", "search speed / raw speed", "least", "most"), cells)


def calls() -> Table:
    """Processor time of a whole call with a budget of N schedules, beside 1.5 N over the raw rate plus 20 ms."""
    large = next(project for project, row in instances("rg300", 1) if row["file"].startswith("RG300_81"))
    cases = [("RG300_81", large, n) for n in (3000, 10_000, 30_000)]
    sizes = ((500, 3000), (500, 10_000), (1000, 10_000), (3000, 3000))
    cases += [(f"drawn, {activities:,} activities", drawn(activities, 40), n) for activities, n in sizes]
    cells = []
    for name, project, n in cases:
        rows = feasible_rankings(project, ROWS, seed=1)
        raw = min(spent(lambda: sk.rcpsp.serial_sgs_many(project, rows)) for _ in range(BATCHES)) / ROWS  # noqa: B023
        call = min(spent(lambda: sk.rcpsp.solve(project, max_schedules=n)) for _ in range(REPEAT))  # noqa: B023
        cells.append((name, f"{n:,}", f"{1000 * call:,.0f} ms", f"{1500 * n * raw + 20:,.0f} ms"))
    return table(("project", "N", "processor time", "1.5 N / rate + 20 ms"), cells)


TAKES = "a minute"
TABLES: Makers = {"rcpsp-speed": ratios, "rcpsp-calls": calls}
tables = producer(TABLES)
