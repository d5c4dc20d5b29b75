"""What a schedule costs on large projects: a table and a chart for ``docs/results/rcpsp.md`` (some minutes).

``python -m benches.report_rcpsp_growth [PICTURE] [--most 100000]``. Twenty resources, of which an activity needs three, and
precedence in two shapes. Each size runs in a process of its own, so that its peak of memory is its own; every schedule is
checked.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import schedkit as sk

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
    """Prints seconds to the first schedule, microseconds per activity and schedule in a search, and the peak in MB."""
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
    print(seconds, 1e6 * spent / (found.num_schedules * n), peak)


def main() -> None:
    """Prints one row for each shape and size, and draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", nargs="?")
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--one", nargs=2, metavar=("SHAPE", "N"))
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    print(
        "| precedence | activities | first schedule, s | search, us per activity and schedule | peak, MB |\n"
        + "| --- " * 5
        + "|"
    )
    lines: dict[str, list[tuple[int, float]]] = {}
    for shape in SHAPES:
        for n in (size for size in SIZES if size <= options.most):
            command = [sys.executable, "-m", "benches.report_rcpsp_growth", "--one", shape, str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            first, cost, peak = map(float, done.stdout.split())
            lines.setdefault(shape, []).append((n, cost))
            print(f"| {shape} | {n:,} | {first:.3f} | {cost:.2f} | {peak:.0f} |", flush=True)
    if options.picture:
        draw(lines, options.picture)


def draw(lines: dict[str, list[tuple[int, float]]], picture: str) -> None:
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


if __name__ == "__main__":
    main()
