"""How the time of list schedulers and streams grows on hard inputs, for docs/reference/dag/list-schedulers.md (a minute)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table


def comb(name: str) -> Callable[[int], Callable[[], Any]]:
    def make(n: int) -> Callable[[], Any]:
        cost = np.ones((2 * n, 2))
        cost[n:] = np.linspace(0.5, 1.0, n)[:, None]
        graph = sk.dag.TaskGraph(cost, [])
        fixed = {i: (i % 2, 2.0 * i + 1, 2.0 * i + 2) for i in range(n)}
        return lambda: sk.dag.ALGORITHMS[name](graph, fixed=fixed)

    return make


def complete(n: int) -> Callable[[], Any]:
    random = np.random.default_rng(0)
    edges = np.argwhere(np.triu(np.ones((n, n)), 1))
    graph = sk.dag.TaskGraph(random.random((n, 4)) * 10, edges, random.random(len(edges)) * 5)
    return lambda: sk.dag.lookahead_heft(graph)


def stream(policy: str) -> Callable[[int], Callable[[], Any]]:
    graph = sk.dag.layered_graph(20, 4, seed=1)
    return lambda n: lambda: sk.dag.simulate_stream(graph, policy=policy, num_jobs=n, rate=0.1, noise=0.3)


ROWS: list[tuple[str, Callable[[int], Callable[[], Any]], tuple[int, ...]]] = [
    *((f"`{name}`, comb", comb(name), (1000, 2000, 4000)) for name in ("dls", "etf", "min_min", "max_min", "sufferage")),
    ("`lookahead_heft`, complete graph", complete, (80, 160, 320)),
    *((f"`simulate_stream`, {p}, overload", stream(p), (200, 400, 800)) for p in ("plan_on_arrival", "reschedule", "repair")),
]


def doubling() -> Table:
    """Seconds of processor time by size, and the factor that each doubling of the size costs."""
    cells = []
    for what, make, sizes in ROWS:
        times = []
        for n in sizes:
            call, best = make(n), float("inf")
            for _ in range(3):
                begin = time.process_time()
                call()
                best = min(best, time.process_time() - begin)
            times.append(best)
        seconds = ", ".join(f"{t:.3f}" for t in times)
        factors = ", ".join(f"{b / a:.1f}" for a, b in itertools.pairwise(times))
        cells.append((what, ", ".join(map(str, sizes)), seconds, factors))
    return table(("call", "sizes", "seconds", "factors"), cells)


TAKES = "a minute"
TABLES: Makers = {"dag-doubling": doubling}
tables = producer(TABLES)
