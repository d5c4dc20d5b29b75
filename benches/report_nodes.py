"""Memory offsets, placement on nodes, and moves between nodes: quality beside bounds, and times (ten minutes).

Every answer passes `schedkit.check` before it is counted.
"""

from __future__ import annotations

import dataclasses
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


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> tuple[Any, float]:
    """A checked answer and its seconds by a clock, that on the wall unless another one is given."""
    begin = clock()
    result = work()
    seconds = clock() - begin
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


def gap(peak: float, bound: int) -> str:
    """How far a peak lies above the load bound, in percent."""
    return f"{100 * (peak / bound - 1):.2f}"


def omnimalloc(b: Any, ours: Any) -> tuple[str, str]:
    """Gap and seconds of omnimalloc's allocator `supermalloc` on one thread within one second; offsets are judged like ours."""
    try:
        import omnimalloc as other  # noqa: PLC0415  # the table can do without it
    except ImportError:
        return "not installed", ""
    columns = zip(b.start.tolist(), b.end.tolist(), b.size.tolist(), strict=True)
    given = [other.Allocation(id=k, start=start, end=end, size=size) for k, (start, end, size) in enumerate(columns)]
    allocator = other.allocators.SupermallocAllocator(timeout=1.0, num_threads=1)
    begin = time.perf_counter()
    placed = other.allocate(given, allocator)
    seconds = time.perf_counter() - begin
    offset = np.empty(b.start.size, dtype=np.int64)
    for allocation in placed:
        offset[allocation.id] = allocation.offset
    peak = int((offset + b.size).max())
    status = "optimal" if peak == ours.lower_bound else "feasible"
    assert sk.check(dataclasses.replace(ours, offset=offset, peak=peak, status=status)) == []
    return gap(peak, ours.lower_bound), f"{seconds:.2f}"


def models() -> Table:
    """Processor time and gap of the first answer, the gap after one second, and that of omnimalloc."""
    cells = []
    drawn = {f"`packing.model`, {n:,}": sk.packing.model(n, depth=50, seed=1) for n in (10**3, 10**4, 10**5, 10**6)}
    for name, b in ({name: buffers(f"{name}.csv.gz") for name in LARGE} | drawn).items():
        work = functools.partial(sk.packing.offsets, b.start, b.end, b.size)
        first, spent = timed(functools.partial(work, time_limit=1e-9), time.process_time)
        r, seconds = timed(functools.partial(work, time_limit=1))
        other = omnimalloc(b, r) if b.start.size <= 10**5 else ("not measured", "")
        begin = (f"{spent:.3f}", gap(first.peak, first.lower_bound))
        cells.append((name, f"{b.start.size:,}", *begin, f"{seconds:.2f}", gap(r.peak, r.lower_bound), r.status, *other))
    ours = ("first answer, processor s", "its gap, %", "seconds", "gap, %", "status")
    return table(("instance", "buffers", *ours, "omnimalloc, gap, %", "omnimalloc, seconds"), cells)


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


def virtual_machines(seed: int, *, spread: bool) -> dict[str, Any]:
    """2,089 machines on 279 nodes of 88 processors, or on their halves of 44, where some take both."""
    random = np.random.default_rng(seed)
    sizes, nodes = ([1, 2, 4, 8, 16, 22, 32], 279) if not spread else ([1, 2, 4, 8, 16, 32, 44], 558)
    units = random.choice(sizes, 2089)
    demand = np.column_stack((units, units * random.choice([2, 4], 2089)))
    capacity = np.tile([88, 256] if not spread else [44, 128], (nodes, 1))
    wide = (units > 16) & spread
    free, current = np.array(capacity), np.full(2089, -1)
    for i in range(2089):
        parts = 2 if wide[i] else 1
        for v in random.permutation(nodes // parts) * parts:
            if (demand[i] // parts <= free[v : v + parts]).all():
                current[i] = v
                free[v : v + parts] -= demand[i] // parts
                break
    return {"demand": demand, "capacity": capacity, "current": current, "spread": wide if spread else None}


def moves() -> Table:
    """279 nodes, 2,089 machines, 50 moves: the value before, after single moves in turn, and after the search."""
    cells = []
    for spread in (False, True):
        for seed in range(5):
            cluster = virtual_machines(seed, spread=spread)
            before, _ = timed(functools.partial(sk.packing.repack, **cluster, max_moves=0))
            work = functools.partial(sk.packing.repack, **cluster, max_moves=50)
            first, _ = timed(functools.partial(work, max_nodes=0))
            pairs, seconds = timed(functools.partial(work, max_nodes=1), time.process_time)
            last, _ = timed(functools.partial(work, time_limit=1))
            assert last.value <= first.value
            values = (f"{value:.4f}" for value in (before.value, first.value, pairs.value, last.value, last.bound))
            cells.append(("halves" if spread else "whole", seed, *values, f"{1000 * seconds:.0f} ms"))
    names = ("before", "single moves in turn", "with pairs", "after 1 s", "bound", "processor time of pairs and bound")
    return table(("nodes", "seed", *names), cells)


TAKES = "fifteen minutes"
TABLES: Makers = {
    "memory-capacity": capacities,
    "memory-models": models,
    "nodes-placement": placements,
    "nodes-moves": moves,
}
tables = producer(TABLES)
