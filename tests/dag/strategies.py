"""Random task graphs, small and awkward: ties, zero costs, forbidden processors, any link, fixed pasts."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import schedkit as sk

from .oracles import Instance

SMALL = st.integers(0, 6).map(float)
AWKWARD = st.one_of(SMALL, st.floats(0.0, 10.0, allow_subnormal=False), st.sampled_from([0.1, 0.2, 0.3, 1e-9, 1e9]))


@st.composite
def instances(
    draw: st.DrawFn, *, most: int = 9, forbid: bool = True, uniform: bool | None = None, past: bool = False, least: int = 0
) -> Instance:
    number = draw(st.sampled_from([SMALL, AWKWARD]))
    n, m = draw(st.integers(least, most)), draw(st.integers(1, 4))
    label = draw(st.permutations(range(n)))  # indices need not be a topological order
    cost = [[draw(number) for _ in range(m)] for _ in range(n)]
    if forbid:
        for row in cost:
            for p in draw(st.sets(st.integers(0, m - 1), max_size=m - 1)):
                row[p] = math.inf
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * n)) if pairs else []
    data = {(label[a], label[b]): draw(number) for a, b in chosen}
    positive = st.one_of(st.sampled_from([1.0, 2.0, 4.0, math.inf]), st.floats(0.1, 10.0))
    if draw(st.booleans()) if uniform is None else uniform:
        b, t = draw(positive), draw(number)
        bandwidth, latency = [[b] * m for _ in range(m)], [[t] * m for _ in range(m)]
    else:
        bandwidth = [[draw(positive) for _ in range(m)] for _ in range(m)]
        latency = [[draw(number) for _ in range(m)] for _ in range(m)]
    instance = Instance(cost, data, bandwidth, latency)
    if past:
        _fix(draw, instance, [label[a] for a in range(n)])
    return instance


def _fix(draw: st.DrawFn, instance: Instance, order: list[int]) -> None:
    """Some tasks have run, one after the other on each processor."""
    free = [0.0] * instance.m
    for j in order[: draw(st.integers(0, len(order)))]:
        if all(i in instance.fixed for i in instance.parents(j)) and draw(st.booleans()):
            p = draw(st.integers(0, instance.m - 1))
            ended = max((instance.fixed[i][2] for i in instance.parents(j)), default=0.0)
            start = max(free[p], ended) + draw(SMALL)
            instance.fixed[j] = (p, start, start + draw(SMALL))
            free[p] = instance.fixed[j][2]
    instance.now = draw(SMALL) * 2.0


def problem(instance: Instance) -> tuple[sk.dag.TaskGraph, sk.dag.Network, dict[str, Any]]:
    """The same for schedkit: graph, network, and the options for the past."""
    cost = instance.cost or [[]]
    edges, data = list(instance.data), list(instance.data.values())
    graph = sk.dag.TaskGraph(cost if instance.n else [], edges, data)
    network = sk.dag.Network(instance.bandwidth, instance.latency) if instance.n else sk.dag.Network()
    return graph, network, {"fixed": instance.fixed, "now": instance.now}
