"""HEFT from Python against a lean HEFT in plain Python, and SAGA where it is installed; streams; memory is in docs/results."""

from __future__ import annotations

import os
import time
from bisect import insort
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .measure import seconds

Problem = tuple[list[list[float]], dict[tuple[int, int], float], list[list[float]], list[list[float]]]


def problem(n: int, width: int) -> Problem:
    """Costs, data by edge, bandwidths and latencies of a random graph with four edges into each task."""
    rng = np.random.default_rng(0)
    window = int(4 * n**0.5)
    data: dict[tuple[int, int], float] = {}
    for j in range(1, n):
        for i in rng.integers(max(0, j - window), j, 4).tolist():
            data[i, j] = float(rng.uniform(0, 20))
    cost, bandwidth = rng.uniform(1, 20, (n, width)), rng.uniform(0.5, 2.0, (width, width))
    return cost.tolist(), data, bandwidth.tolist(), rng.uniform(0, 1, (width, width)).tolist()


def lean_heft(cost: list[list[float]], data: dict[tuple[int, int], float], bandwidth: Any, latency: Any) -> float:
    """The makespan, by lists and loops, without classes and without repeated work."""
    n, width = len(cost), len(cost[0])
    pairs = [(p, q) for p in range(width) for q in range(width) if p != q]
    sum_latency = reciprocal = 0.0
    for p, q in pairs:
        sum_latency += latency[p][q]
        reciprocal += 1.0 / bandwidth[p][q]
    parents: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    children: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for (i, j), d in data.items():
        parents[j].append((i, d))
        children[i].append((j, (sum_latency + d * reciprocal) / len(pairs)))
    rank = [0.0] * n
    for i in range(n - 1, -1, -1):  # the indices are a topological order
        rank[i] = sum(cost[i]) / width + max((c + rank[j] for j, c in children[i]), default=0.0)
    busy: list[list[tuple[float, float]]] = [[] for _ in range(width)]
    where, finish = [0] * n, [0.0] * n
    for j in sorted(range(n), key=lambda i: (-rank[i], i)):
        best, at, begin = float("inf"), 0, 0.0
        for q in range(width):
            ready, w = 0.0, cost[j][q]
            for i, d in parents[j]:
                p = where[i]
                arrival = finish[i] if p == q else finish[i] + (latency[p][q] + d / bandwidth[p][q])
                ready = max(ready, arrival)
            start = ready
            for from_, until in busy[q]:
                if start + w <= from_:
                    break
                start = max(start, until)
            if start + w < best:
                best, at, begin = start + w, q, start
        where[j], finish[j] = at, best
        insort(busy[at], (begin, best))
    return max(finish)


def test_heft_with_a_full_link_matrix(benchmark: Any) -> None:
    cost, data, bandwidth, latency = problem(5000, 8)
    graph = sk.dag.TaskGraph(cost, list(data), list(data.values()))
    network = sk.dag.Network(bandwidth, latency)
    s = benchmark(sk.dag.heft, graph, network)
    assert sk.check(graph, s, network=network) == []
    assert s.makespan == pytest.approx(lean_heft(cost, data, bandwidth, latency), rel=1e-12)
    ours, lean = seconds(lambda: sk.dag.heft(graph, network), lambda: lean_heft(cost, data, bandwidth, latency), repeat=3)
    benchmark.extra_info.update(instance="5000 tasks, 8 processors", makespan=s.makespan, times_lean_python=round(lean / ours))


def test_heft_against_saga(benchmark: Any) -> None:
    saga = pytest.importorskip("saga")
    theirs = pytest.importorskip("saga.schedulers.heft").HeftScheduler()
    n, speed = int(os.environ.get("SCHEDKIT_SAGA_TASKS", "300")), [1.0, 1.5, 2.0, 3.0]
    cost, data, bandwidth, _ = problem(n, len(speed))
    links = np.triu(bandwidth, 1)
    links += links.T + np.eye(len(speed))  # its links are the same in both directions
    graph = sk.dag.TaskGraph.from_work([row[0] for row in cost], speed, list(data), list(data.values()))
    network = sk.dag.Network(links)
    pairs = [(p, q) for p in range(len(speed)) for q in range(p + 1)]
    machines = saga.Network.create(
        [(str(p), s) for p, s in enumerate(speed)],
        [(str(p), str(q), 1e9 if p == q else float(links[p, q])) for p, q in pairs],
    )
    tasks = saga.TaskGraph.create(
        [(str(i), row[0]) for i, row in enumerate(cost)], [(str(i), str(j), d) for (i, j), d in data.items()]
    )
    s = benchmark(sk.dag.heft, graph, network)
    assert sk.check(graph, s, network=network) == []
    (ours,) = seconds(lambda: sk.dag.heft(graph, network))
    begin = time.perf_counter()
    found = theirs.schedule(machines, tasks)
    slower = (time.perf_counter() - begin) / ours
    # Its ranks count a message to the same processor as well, so orders, and with them makespans, differ a little.
    benchmark.extra_info.update(instance=f"{n} tasks, 4 processors", makespan=s.makespan, their_makespan=found.makespan)
    benchmark.extra_info.update(times_saga=round(slower))


@pytest.mark.parametrize("policy", sk.dag.POLICIES)
def test_streams(benchmark: Any, policy: str) -> None:
    rng = np.random.default_rng(0)
    graphs = []
    for _ in range(8):
        edges = [(int(i), j) for j in range(1, 10) for i in rng.choice(j, size=min(j, 2), replace=False)]
        graphs.append(sk.dag.TaskGraph(rng.uniform(5, 15, (10, 16)), edges, rng.uniform(0, 5, len(edges))))
    options: Any = {"policy": policy, "rate": 0.17, "noise": 0.2, "num_jobs": 10_000}
    r = benchmark.pedantic(sk.dag.simulate_stream, (graphs,), options, rounds=3)
    assert (r.latency > 0).all()
    benchmark.extra_info.update(tasks=100_000, mean_latency=r.mean_latency, utilisation=r.utilisation)
