"""Plain list scheduling in Python, which makes the schedules of priority rules for task graphs."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from .. import dag


def place_by_priority(graph: dag.TaskGraph, priority: Any, network: dag.Network | None) -> dag.DagSchedule:
    """Takes the ready task of highest priority (ties: lower index) to the processor where it ends first, in the earliest gap.

    O(n (P log n + gaps) + m P). Ties between processors: the lower one.
    """
    n, processors = graph.num_tasks, graph.num_processors
    cost, data = graph.cost.tolist(), graph.data.tolist()
    bandwidth, latency = _links(network, processors)
    before: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    after: list[list[int]] = [[] for _ in range(n)]
    for (a, b), amount in zip(graph.edges.tolist(), data, strict=True):
        before[b].append((a, amount))
        after[a].append(b)
    missing = [len(row) for row in before]
    ready = [(-float(priority[i]), i) for i in range(n) if not missing[i]]
    heapq.heapify(ready)
    busy: list[list[tuple[float, float]]] = [[] for _ in range(processors)]
    place, start, end = [0] * n, [0.0] * n, [0.0] * n
    while ready:
        _, i = heapq.heappop(ready)
        best = (float("inf"), 0, 0.0)
        for p in range(processors):
            arrivals = (
                end[a] + (0.0 if place[a] == p else latency[place[a]][p] + d / bandwidth[place[a]][p]) for a, d in before[i]
            )
            begin = _earliest_gap(busy[p], max(arrivals, default=0.0), cost[i][p])
            best = min(best, (begin + cost[i][p], p, begin))
        end[i], place[i], start[i] = best
        busy[place[i]].append((start[i], end[i]))
        busy[place[i]].sort()
        for b in after[i]:
            missing[b] -= 1
            if not missing[b]:
                heapq.heappush(ready, (-float(priority[b]), b))
    return dag.DagSchedule.from_placement(graph, np.array(place, dtype=np.int64), np.array(start), network)


def _earliest_gap(busy: list[tuple[float, float]], ready: float, length: float) -> float:
    for begin, finish in busy:
        if ready + length <= begin:
            return ready
        ready = max(ready, finish)
    return ready


def _links(network: dag.Network | None, processors: int) -> tuple[Any, Any]:
    network = network or dag.Network()
    return tuple(np.broadcast_to(column, (processors, processors)).tolist() for column in (network.bandwidth, network.latency))
