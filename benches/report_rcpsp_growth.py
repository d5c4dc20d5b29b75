"""The cost of a schedule on large projects: a table and a chart of docs/results/rcpsp.md (some minutes).

Twenty resources, of which an activity needs three, and precedence in two shapes. Each size runs in a process of its own, so
that its peak of memory is its own; every schedule is checked.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, picture, producer, table

RESOURCES, NEEDED = 20, 3
SIZES = [100, 300, 1000, 3000, 10_000, 30_000, 100_000]
SHAPES: dict[str, Callable[[int], int]] = {
    "predecessors at most 40 before": lambda n: min(n, 40),
    "at most 4 sqrt n before": lambda n: int(4 * np.sqrt(n)),
}
WIDTH = 20
"""Activities that run at once, roughly."""


def project(n: int, span: int) -> sk.rcpsp.Project:
    """Two predecessors each, at most `span` places before."""
    rng = np.random.default_rng(0)
    demand = np.zeros((n, RESOURCES), np.int64)
    for _ in range(NEEDED):
        demand[np.arange(n), rng.integers(0, RESOURCES, n)] = rng.integers(1, 11, n)
    capacity = [max(10, round(WIDTH * NEEDED * 5.5 / RESOURCES))] * RESOURCES
    after = np.repeat(np.arange(1, n), 2)
    before = after - np.minimum(after, rng.integers(1, span + 1, after.size))
    edges = np.unique(np.stack([before, after], axis=1), axis=0)
    return sk.rcpsp.Project(rng.integers(1, 11, n), demand, capacity, precedence=edges)


def one(shape: str, n: int) -> None:
    """Writes seconds to the first schedule, microseconds per activity and schedule in a search, and the peak in MB."""
    import resource  # noqa: PLC0415 - not on every platform

    instance = project(n, SHAPES[shape](n))
    start = time.perf_counter()
    first = sk.rcpsp.serial_sgs(instance)
    seconds = time.perf_counter() - start
    schedules = max(20, 2_000_000 // n)
    start = time.process_time()
    found = sk.rcpsp.solve(instance, max_schedules=schedules)
    spent = time.process_time() - start
    if sk.check(instance, first) or sk.check(instance, found.schedule):
        sys.exit(f"{n} activities: the schedule is not feasible")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {1e6 * spent / (found.num_schedules * n)} {peak}\n")


def draw(lines: dict[str, list[tuple[int, float]]], picture: Path) -> None:
    """Milliseconds per schedule; a straight line of slope one is linear growth."""
    import matplotlib as mpl  # noqa: PLC0415  # for the report alone

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for shape, points in lines.items():
        ax.loglog([n for n, _ in points], [n * cost / 1000 for n, cost in points], marker="o", label=shape)
    n, cost = next(iter(lines.values()))[0]
    ax.loglog([n, SIZES[-1]], [n * cost / 1000, SIZES[-1] * cost / 1000], color="grey", linestyle=":", label="linear")
    ax.set(xlabel="activities", ylabel="milliseconds per schedule")
    ax.legend(fontsize="small")
    figure.savefig(picture, dpi=110)


def growth() -> Table:
    """One row for each shape and size. Draws the picture as well."""
    lines: dict[str, list[tuple[int, float]]] = {}
    cells = []
    for shape in SHAPES:
        for n in SIZES:
            command = [sys.executable, "-m", "benches.report_rcpsp_growth", shape, str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            first, cost, peak = map(float, done.stdout.split())
            lines.setdefault(shape, []).append((n, cost))
            cells.append((shape, f"{n:,}", f"{first:.3f}", f"{cost:.2f}", f"{peak:.0f}"))
    draw(lines, picture("rcpsp-growth.png"))
    header = ("precedence", "activities", "first schedule, s", "search, us per activity and schedule", "peak, MB")
    return table(header, cells)


TAKES = "some minutes"
TABLES: Makers = {"rcpsp-growth": growth}
tables = producer(TABLES)


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2]))
