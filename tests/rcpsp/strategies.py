"""Random small projects, for hypothesis."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import schedkit as sk
from hypothesis import strategies as st
from numpy.typing import NDArray

CAPACITIES = {
    "small": st.integers(0, 5),
    "wide": st.integers(2**15, 2**20),  # two or more resources fill a 64-bit word
    "huge": st.integers(2**50, 2**53),  # one word per resource
}
DURATIONS = {
    "short": st.integers(0, 6),
    "medium": st.integers(0, 45),  # still time slots, more of them than a vector or a word holds
    "multiples": st.integers(0, 4).map(lambda d: 12 * d),
    "mixed": st.sampled_from([0, 1, 2, 90, 127]),  # a mean above what time slots are made for
}


@st.composite
def projects(draw: Any, most: int = 8, durations: str | None = None, capacities: str | None = None) -> sk.rcpsp.Project:
    """A project of up to `most` activities: any shape of graph, any order of indices, zeros everywhere."""
    n = draw(st.integers(0, most))
    width = draw(st.integers(0, 3))
    each_capacity = CAPACITIES[capacities or draw(st.sampled_from(list(CAPACITIES)))]
    each_duration = DURATIONS[durations or draw(st.sampled_from(list(DURATIONS)))]
    capacity = draw(st.lists(each_capacity, min_size=width, max_size=width))
    duration = draw(st.lists(each_duration, min_size=n, max_size=n))
    # Demands near nothing, half and all of the capacity: those decide who runs beside whom.
    share = st.sampled_from([(0, 1), (0, 1), (1, 3), (1, 2), (2, 3), (1, 1)])
    demand = [[c * a // b for c, (a, b) in zip(capacity, draw(st.tuples(*[share] * width)), strict=True)] for _ in range(n)]
    edges = _edges(draw, n)
    return sk.rcpsp.Project(duration, demand, capacity, precedence=edges)


def _edges(draw: Any, n: int) -> list[tuple[int, int]]:
    """Edges along a random order: none, few, many, or a star with a wide in- or out-degree."""
    order = draw(st.permutations(range(n)))
    shape = draw(st.sampled_from(["none", "some", "some", "in-star", "out-star"]))
    pairs = [(i, j) for a, i in enumerate(order) for j in order[a + 1 :]]
    if shape == "none" or not pairs:
        return []
    if shape == "in-star":
        return [(i, order[-1]) for i in order[:-1]]
    if shape == "out-star":
        return [(order[0], j) for j in order[1:]]
    return draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * n))  # type: ignore[no-any-return]


def priorities(n: int) -> st.SearchStrategy[list[float]]:
    """One number per activity, with many ties."""
    return st.lists(st.one_of(st.integers(-3, 3), st.floats(-2, 2, width=16)), min_size=n, max_size=n)


def feasible_rankings(project: sk.rcpsp.Project, k: int, seed: int) -> NDArray[np.int64]:
    """`k` random rankings in which predecessors come first."""
    rng = random.Random(seed)
    successors: list[list[int]] = [[] for _ in range(project.num_activities)]
    waiting = [0] * project.num_activities
    for before, after in project.precedence.tolist():
        successors[before].append(after)
        waiting[after] += 1
    rows = []
    for _ in range(k):
        missing, rank = waiting.copy(), [0] * project.num_activities
        eligible = [i for i, count in enumerate(missing) if count == 0]
        for position in range(project.num_activities):
            i = eligible.pop(rng.randrange(len(eligible)))
            rank[i] = position
            for j in successors[i]:
                missing[j] -= 1
                if missing[j] == 0:
                    eligible.append(j)
        rows.append(rank)
    return np.array(rows, dtype=np.int64).reshape(k, project.num_activities)
