"""Slow, obvious versions: plain lists, plain loops, the formulas of the papers."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

INF = math.inf
Edge = tuple[int, int]


@dataclass
class Instance:
    cost: list[list[float]]
    data: dict[Edge, float]
    bandwidth: list[list[float]]
    latency: list[list[float]]
    fixed: dict[int, tuple[int, float, float]] = field(default_factory=dict)
    now: float = 0.0
    tie: str = "index"
    """Which of several processors of equal score gets a task: the lower index, or the earliest finish, then the lower index."""

    @property
    def n(self) -> int:
        return len(self.cost)

    @property
    def m(self) -> int:
        return len(self.cost[0]) if self.cost else 0

    def parents(self, j: int) -> list[int]:
        return sorted(a for a, b in self.data if b == j)

    def children(self, i: int) -> list[int]:
        return sorted(b for a, b in self.data if a == i)

    def comm(self, i: int, p: int, j: int, q: int) -> float:
        return 0.0 if p == q else self.latency[p][q] + self.data[i, j] / self.bandwidth[p][q]

    def pairs(self) -> Iterator[tuple[int, int]]:
        return ((p, q) for p in range(self.m) for q in range(self.m) if p != q)

    def mean_comm(self, i: int, j: int) -> float:
        if self.m < 2:
            return 0.0
        latency = reciprocal = 0.0
        for p, q in self.pairs():
            latency += self.latency[p][q]
            reciprocal += 1.0 / self.bandwidth[p][q]
        return (latency + self.data[i, j] * reciprocal) / (self.m * (self.m - 1))

    def mean_cost(self, i: int) -> float:
        total, count = 0.0, 0
        for c in self.cost[i]:
            if c < INF:
                total += c
                count += 1
        return total / count

    def typical_cost(self, i: int, kind: str) -> float:
        finite = sorted(c for c in self.cost[i] if c < INF)
        return {"mean": self.mean_cost(i), "median": statistics.median(finite), "best": finite[0], "worst": finite[-1]}[kind]

    def upward(self, kind: str = "mean", communication: bool = True) -> list[float]:
        memo: dict[int, float] = {}

        def rank(i: int) -> float:
            if i not in memo:
                rests = ((self.mean_comm(i, j) if communication else 0.0) + rank(j) for j in self.children(i))
                memo[i] = self.typical_cost(i, kind) + max(rests, default=0.0)
            return memo[i]

        return [rank(i) for i in range(self.n)]

    def downward(self) -> list[float]:
        memo: dict[int, float] = {}

        def rank(j: int) -> float:
            if j not in memo:
                before = (rank(i) + self.mean_cost(i) + self.mean_comm(i, j) for i in self.parents(j))
                memo[j] = max(before, default=0.0)
            return memo[j]

        return [rank(j) for j in range(self.n)]


class Table:
    """A schedule under construction: busy intervals per processor, sorted."""

    def __init__(self, instance: Instance, insertion: bool) -> None:
        self.instance, self.insertion = instance, insertion
        self.busy: list[list[tuple[float, float]]] = [[] for _ in range(instance.m)]
        self.where: dict[int, tuple[int, float, float]] = {}
        for i, (p, start, end) in instance.fixed.items():
            self.put(i, p, start, end)

    def put(self, i: int, p: int, start: float, end: float) -> None:
        self.where[i] = (p, start, end)
        self.busy[p].append((start, end))
        self.busy[p].sort()

    def ready(self, j: int, q: int) -> float:
        time = self.instance.now
        for i in self.instance.parents(j):
            if i in self.where:
                p, _, end = self.where[i]
                time = max(time, end + self.instance.comm(i, p, j, q))
        return time

    def start(self, j: int, q: int) -> float:
        return self.earliest(q, self.ready(j, q), self.instance.cost[j][q])

    def earliest(self, q: int, ready: float, w: float) -> float:
        free_from = self.instance.now
        for start, end in self.busy[q]:
            if end < self.instance.now:
                continue
            candidate = max(ready, free_from)
            if self.insertion and candidate + w <= start:
                return candidate
            free_from = max(free_from, end)
        return max(ready, free_from)

    def finish(self, j: int, q: int) -> float:
        return self.start(j, q) + self.instance.cost[j][q] if self.instance.cost[j][q] < INF else INF

    def place(self, j: int, q: int) -> None:
        start = self.start(j, q)
        self.put(j, q, start, start + self.instance.cost[j][q])


def list_schedule(
    instance: Instance, priority: list[float], choose: Callable[[Table, int], int], insertion: bool = True
) -> dict[int, tuple[int, float, float]]:
    table = Table(instance, insertion)
    while len(table.where) < instance.n:
        ready = [j for j in range(instance.n) if j not in table.where and all(i in table.where for i in instance.parents(j))]
        j = min(ready, key=lambda j: (-priority[j], j))
        table.place(j, choose(table, j))
    return table.where


def best(table: Table, j: int, score: Callable[[int], float]) -> int:
    possible = [q for q in range(table.instance.m) if table.instance.cost[j][q] < INF]
    by_finish = table.instance.tie == "finish"
    return min(possible, key=lambda q: (score(q), table.finish(j, q) if by_finish else 0.0, q))


def heft(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    return list_schedule(instance, instance.upward(), lambda t, j: best(t, j, lambda q: t.finish(j, q)), insertion)


def cpop(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    priority = [u + d for u, d in zip(instance.upward(), instance.downward(), strict=True)]
    most = max(priority, default=0.0)
    critical = [abs(x - most) <= 1e-9 * max(1.0, most) for x in priority]
    path = [next(i for i in range(instance.n) if critical[i] and not instance.parents(i))] if instance.n else []
    while path and (after := [j for j in instance.children(path[-1]) if critical[j]]):
        path.append(after[0])
    totals = [sum(instance.cost[i][p] for i in path) for p in range(instance.m)]
    home = totals.index(min(totals)) if totals and min(totals) < INF else None

    def choose(t: Table, j: int) -> int:
        return home if home is not None and j in path else best(t, j, lambda q: t.finish(j, q))

    return list_schedule(instance, priority, choose, insertion)


def optimistic(instance: Instance) -> list[list[float]]:
    memo: dict[tuple[int, int], float] = {}

    def cost(i: int, p: int) -> float:
        if (i, p) not in memo:
            memo[i, p] = max(
                (
                    min(
                        cost(j, q) + instance.cost[j][q] + (0.0 if p == q else instance.mean_comm(i, j))
                        for q in range(instance.m)
                        if instance.cost[j][q] < INF
                    )
                    for j in instance.children(i)
                ),
                default=0.0,
            )
        return memo[i, p]

    return [[cost(i, p) for p in range(instance.m)] for i in range(instance.n)]


def predicted(instance: Instance) -> list[list[float]]:
    """Where every task can run everywhere."""
    memo: dict[tuple[int, int], float] = {}

    def cost(i: int, p: int) -> float:
        if (i, p) not in memo:
            memo[i, p] = max(
                (
                    min(
                        cost(j, q) + instance.cost[j][q] + instance.cost[i][q] + (0.0 if p == q else instance.mean_comm(i, j))
                        for q in range(instance.m)
                    )
                    for j in instance.children(i)
                ),
                default=instance.cost[i][p],
            )
        return memo[i, p]

    return [[cost(i, p) for p in range(instance.m)] for i in range(instance.n)]


def _means(table: list[list[float]]) -> list[float]:
    means = []
    for row in table:
        total = 0.0
        for value in row:
            total += value
        means.append(total / len(row))
    return means


def peft(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    table = optimistic(instance)
    return list_schedule(instance, _means(table), lambda t, j: best(t, j, lambda q: t.finish(j, q) + table[j][q]), insertion)


def ppts(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    table = predicted(instance)
    return list_schedule(instance, _means(table), lambda t, j: best(t, j, lambda q: t.finish(j, q) + table[j][q]), insertion)


def ippts(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    table = predicted(instance)
    priority = [mean * len(instance.children(i)) for i, mean in enumerate(_means(table))]
    return list_schedule(
        instance,
        priority,
        lambda t, j: best(t, j, lambda q: t.finish(j, q) + (table[j][q] - instance.cost[j][q])),
        insertion,
    )


def lookahead_heft(instance: Instance, insertion: bool = True) -> dict[int, tuple[int, float, float]]:
    rank = instance.upward()

    def judge(t: Table, j: int, q: int) -> float:
        trial = Table(instance, insertion)
        trial.busy = [list(lane) for lane in t.busy]
        trial.where = dict(t.where)
        trial.place(j, q)
        finishes = []
        for child in sorted(instance.children(j), key=lambda k: (-rank[k], k)):
            there = best(trial, child, lambda r, child=child: trial.finish(child, r))  # type: ignore[misc]
            trial.place(child, there)
            finishes.append(trial.where[child][2])
        return max(finishes, default=trial.where[j][2])

    return list_schedule(instance, rank, lambda t, j: best(t, j, lambda q: judge(t, j, q)), insertion)


def optimum(instance: Instance) -> float:
    """The least makespan over all orders and placements, each task as early as it can behind the others."""
    least = INF
    for order in itertools.permutations(range(instance.n)):
        position = {j: k for k, j in enumerate(order)}
        if any(position[i] > position[j] for i, j in instance.data):
            continue
        for where in itertools.product(range(instance.m), repeat=instance.n):
            if any(instance.cost[j][where[j]] == INF for j in order):
                continue
            table = Table(instance, insertion=False)
            for j in order:
                table.place(j, where[j])
            least = min(least, max((end for _, _, end in table.where.values()), default=0.0))
    return least
