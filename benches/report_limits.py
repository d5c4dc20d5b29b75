"""The tables of docs/limits.md: how large each family's inputs may be, with time and peak memory (half an hour).

Each row runs in a process of its own, so that its peak is its own. A row that takes more than a tenth of `LONGEST` is the
last of its table. Seconds are of processor time, on one thread, so that a busy machine does not lengthen them much.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table

LONGEST = 200.0
SIZES = [10**3, 10**4, 10**5, 10**6, 10**7]


def projects(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    before = np.arange(n - 10)
    edges = np.stack([before, before + rng.integers(1, 10, n - 10)], axis=1)
    project = sk.rcpsp.Project(rng.integers(1, 20, n), rng.integers(0, 5, (n, 4)), [20] * 4, precedence=edges)
    return lambda: sk.check(project, sk.rcpsp.serial_sgs(project))


def graphs(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    before = np.repeat(np.arange(n - 100), 2)
    edges = np.unique(np.stack([before, before + rng.integers(1, 100, before.size)], axis=1), axis=0)
    graph = sk.dag.TaskGraph.from_work(rng.random(n) + 0.5, [1.0, 1.5, 2.0, 3.0], edges, rng.random(len(edges)))
    return lambda: sk.check(graph, sk.dag.heft(graph))


def streams(n: int) -> Callable[[], Any]:
    jobs = sk.online.workloads.queue(n, load=0.9, seed=0)
    return lambda: sk.check(jobs, sk.online.simulate(jobs, "srpt", segments=True))


def sequences(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    p, d = rng.integers(1, 100, n), rng.integers(1, 50 * n, n)
    instance = sk.tardiness.Instance(p, d)
    return lambda: sk.check(instance, sk.tardiness.mdd(p, d))


def partitions(n: int) -> Callable[[], Any]:
    sizes = np.random.default_rng(0).integers(1, 10**6, n)
    return lambda: sk.check(sk.packing.partition(sizes, 64))


def bins(n: int) -> Callable[[], Any]:
    sizes = np.random.default_rng(0).integers(1, 4097, n)
    return lambda: sk.check(sk.packing.bins(sizes, 4096))


def buffers(n: int) -> Callable[[], Any]:
    b = sk.packing.model(n, depth=50, seed=0)
    return lambda: sk.check(sk.packing.offsets(b.start, b.end, b.size, time_limit=1))


def pods(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    demand, capacity = rng.integers(1, 20, (n, 2)), rng.integers(1000, 2000, (max(n // 100, 1), 2))
    return lambda: sk.check(sk.packing.place(demand, capacity, max_nodes=0))


def shops(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    each = np.arange(n)
    shop = sk.shop.Shop.from_arrays(each // 100, rng.integers(0, 50, n), rng.integers(1, 99, n), each % 100)
    return lambda: sk.check(shop, sk.shop.dispatch(shop, "mwkr", "non_delay"))


FAMILIES: dict[str, Callable[[int], Callable[[], Any]]] = {
    "projects": projects,
    "graphs": graphs,
    "streams": streams,
    "sequences": sequences,
    "partitions": partitions,
    "bins": bins,
    "buffers": buffers,
    "pods": pods,
    "shops": shops,
}


def peak() -> float:
    """The largest memory of this program so far, in MB; `ru_maxrss` would begin with that of the process which started it."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def one(family: str, n: int) -> None:
    """Writes seconds to build, seconds to schedule and check, and the peak in MB above a process that did the same with 200."""
    FAMILIES[family](200)()  # everything is imported
    before, start = peak(), time.process_time()
    run = FAMILIES[family](n)
    built = time.process_time()
    if run():
        sys.exit(f"{family} of {n}: the answer is not feasible")
    sys.stdout.write(f"{built - start:.3f} {time.process_time() - built:.3f} {peak() - before:.0f}\n")


def growth(family: str) -> Table:
    """One family's table, as far as its rows end in time."""
    cells = []
    for n in SIZES:
        command = [sys.executable, "-m", "benches.report_limits", family, str(n)]
        build, run, memory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        cells.append((f"{n:,}", build, run, memory))
        if float(run) > LONGEST / 10:
            break
    return table(("n", "build, s", "schedule and check, s", "peak, MB"), cells)


TAKES = "half an hour"
TABLES: Makers = {f"limits-{family}": functools.partial(growth, family) for family in FAMILIES}
tables = producer(TABLES)


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2]))
