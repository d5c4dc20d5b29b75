"""Memory offsets, placement on nodes, and moves between nodes: quality beside bounds, and times (ten minutes).

Every answer passes `schedkit.check` before it is counted.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk

from benches.tables import ROOT, Makers, Table, producer, table

TIGHT = ("A", "C", "D", "F", "H", "I", "K")
LARGE = ("G_1", "resnet50", "S_1")
CAPACITY = 1048576


def buffers(name: str) -> Any:
    """A file of the data folder."""
    base = Path(os.environ.get("SCHEDKIT_DATA") or ROOT.parent / "shared" / "data")
    return sk.packing.read(base / "memory" / name)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """A checked answer and its seconds."""
    begin = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begin
    assert sk.check(result) == []
    return result, seconds


def capacities() -> Table:
    """Seconds until offsets fit, for the seeds 0, 1 and 2, and the gap of the least peak found in ten seconds."""
    cells = []
    for name in TIGHT:
        b = buffers(f"{name}.{CAPACITY}.csv")
        spent = []
        for seed in range(3):
            fit = functools.partial(sk.packing.offsets, b.start, b.end, b.size, capacity=CAPACITY, time_limit=60, seed=seed)
            r, seconds = timed(fit)
            assert r.peak is not None
            spent.append(f"{seconds:.2f}")
        r, _ = timed(functools.partial(sk.packing.offsets, b.start, b.end, b.size, time_limit=10))
        cells.append((name, b.start.size, *spent, r.lower_bound, r.peak, f"{100 * (r.peak / r.lower_bound - 1):.2f}"))
    header = ("instance", "buffers", "seed 0, s", "seed 1, s", "seed 2, s", "load bound", "least peak", "gap, %")
    return table(header, cells)


def models() -> Table:
    """The gap over the load bound after one second."""
    cells = []
    for name in LARGE:
        b = buffers(f"{name}.csv.gz")
        r, seconds = timed(functools.partial(sk.packing.offsets, b.start, b.end, b.size, time_limit=1))
        cells.append((name, b.start.size, f"{seconds:.2f}", f"{100 * (r.peak / r.lower_bound - 1):.2f}", r.status))
    b = sk.packing.model(100_000, depth=50, seed=1)
    r, seconds = timed(lambda: sk.packing.offsets(b.start, b.end, b.size, time_limit=1))
    cells.append(("`packing.model`", 100_000, f"{seconds:.2f}", f"{100 * (r.peak / r.lower_bound - 1):.2f}", r.status))
    return table(("instance", "buffers", "seconds", "gap, %", "status"), cells)


def failing_clusters(count: int) -> list[tuple[Any, Any]]:
    """Clusters of 8 to 32 nodes on which the first pass leaves pods without a node, with that pass."""
    random = np.random.default_rng(1)
    found: list[tuple[Any, Any]] = []
    while len(found) < count:
        nodes, load, seed = int(random.integers(8, 33)), float(random.uniform(0.85, 1.05)), int(random.integers(2**31))
        c = sk.packing.cluster(nodes, load=load, running=0.3, apart=2, seed=seed)
        first = sk.packing.place(**c.arguments(), max_nodes=0)
        if first.unplaced:
            found.append((c, first))
    return found


def placements() -> Table:
    """What one second adds to the first pass on 300 clusters where that fails."""
    better = proven = either = 0
    clusters = failing_clusters(300)
    for c, first in clusters:
        r, _ = timed(functools.partial(sk.packing.place, **c.arguments(), time_limit=1))
        gained, settled = r.placed.tolist() > first.placed.tolist(), r.status == "optimal"
        better, proven, either = better + gained, proven + settled, either + (gained or settled)
    random = np.random.default_rng(2)
    demand = np.column_stack((random.integers(100, 4000, 5000), random.integers(128, 8192, 5000)))
    capacity, priority = np.tile([32_000, 65_536], (500, 1)), random.integers(0, 4, 5000)
    spent = min(timed(lambda: sk.packing.place(demand, capacity, priority=priority, max_nodes=0))[1] for _ in range(5))
    share = [f"{100 * part / len(clusters):.0f} %" for part in (better, proven, either)]
    header = ("clusters", "better", "proven", "better or proven", "first pass, 5,000 items on 500 nodes")
    return table(header, [(len(clusters), *share, f"{1000 * spent:.0f} ms")])


def moves() -> Table:
    """279 nodes, 2,089 machines, 50 moves: the value before, after single moves in turn, and after the search."""
    cells = []
    for seed in range(5):
        random = np.random.default_rng(seed)
        units = random.choice([1, 2, 4, 8, 16, 22, 32], 2089)
        demand = np.column_stack((units, units * random.choice([2, 4], 2089)))
        capacity = np.tile([88, 256], (279, 1))
        free, current = np.array(capacity), np.full(2089, -1)
        for i in range(2089):
            for v in random.permutation(279):
                if (demand[i] <= free[v]).all():
                    current[i], free[v] = v, free[v] - demand[i]
                    break
        before = (free[:, 0] % 16).sum() / free[:, 0].sum()
        first, seconds = timed(functools.partial(sk.packing.repack, demand, capacity, current, max_moves=50, max_nodes=0))
        last, _ = timed(functools.partial(sk.packing.repack, demand, capacity, current, max_moves=50, time_limit=1))
        assert last.value <= first.value
        values = (f"{value:.4f}" for value in (before, first.value, last.value, last.bound))
        cells.append((seed, *values, f"{1000 * seconds:.0f} ms"))
    header = ("seed", "before", "single moves in turn", "after 1 s", "bound", "time of single moves")
    return table(header, cells)


TAKES = "fifteen minutes"
TABLES: Makers = {
    "memory-capacity": capacities,
    "memory-models": models,
    "nodes-placement": placements,
    "nodes-moves": moves,
}
tables = producer(TABLES)
