"""Serial schedule generation in plain Python, numba and discrete-optimization, if they are installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from numpy.typing import NDArray

Decode = Callable[[NDArray[np.int64]], list[int]]
"""From activity lists, one per row, to makespans."""


def plain_python(project: sk.rcpsp.Project) -> Decode:
    """A careful version in plain Python: capacities left per time unit, one list per resource."""
    duration, capacity = project.duration.tolist(), project.capacity.tolist()
    demand = [[(r, units) for r, units in enumerate(row) if units] for row in project.demand.tolist()]
    predecessors: list[list[int]] = [[] for _ in duration]
    for before, after in project.precedence.tolist():
        predecessors[after].append(before)

    def one(order: list[int]) -> int:
        left = [[units] * (sum(duration) + 1) for units in capacity]
        finish = [0] * len(duration)
        for i in order:
            start = max((finish[p] for p in predecessors[i]), default=0)
            t = start
            while t < start + duration[i]:
                if all(left[r][t] >= units for r, units in demand[i]):
                    t += 1
                else:
                    t = start = t + 1
            for r, units in demand[i]:
                for t in range(start, start + duration[i]):
                    left[r][t] -= units
            finish[i] = start + duration[i]
        return max(finish, default=0)

    return lambda orders: [one(order) for order in orders.tolist()]


def flat_numba(project: sk.rcpsp.Project) -> Decode:
    """The same over flat arrays, compiled by numba."""
    numba = pytest.importorskip("numba", reason="numba is not installed")
    n = project.num_activities
    by_after = np.argsort(project.precedence[:, 1], kind="stable")
    predecessors = np.ascontiguousarray(project.precedence[by_after, 0])
    first = np.searchsorted(project.precedence[by_after, 1], np.arange(n + 1))
    horizon = int(project.duration.sum()) + 1
    decode = numba.njit(cache=False)(_flat)
    columns = (project.duration, project.demand, project.capacity, predecessors, first, horizon)
    decode(np.arange(0).reshape(0, n), *columns)  # compiles
    return lambda orders: decode(orders, *columns).tolist()


def _flat(orders: Any, duration: Any, demand: Any, capacity: Any, predecessors: Any, first: Any, horizon: int) -> Any:
    k, n = orders.shape
    makespan = np.zeros(k, np.int64)
    finish = np.zeros(n, np.int64)
    left = np.empty((horizon, capacity.size), np.int64)
    dirty = horizon
    for row in range(k):
        left[:dirty] = capacity
        dirty = 0
        for position in range(n):
            i = orders[row, position]
            start = 0
            for e in range(first[i], first[i + 1]):
                start = max(start, finish[predecessors[e]])
            t = start
            while t < start + duration[i]:
                fits = True
                for r in range(capacity.size):
                    fits &= left[t, r] >= demand[i, r]
                t += 1
                if not fits:
                    start = t
            for t in range(start, start + duration[i]):
                for r in range(capacity.size):
                    left[t, r] -= demand[i, r]
            finish[i] = start + duration[i]
            dirty = max(dirty, finish[i])
        makespan[row] = dirty
    return makespan


def discrete_optimization(project: sk.rcpsp.Project) -> Decode:
    """Airbus discrete-optimization, whose own generator is compiled by numba too."""
    problems = pytest.importorskip("discrete_optimization.rcpsp.problem", reason="discrete-optimization is not installed")
    solutions = pytest.importorskip("discrete_optimization.rcpsp.solution", reason="discrete-optimization is not installed")
    n = project.num_activities
    resources = [f"R{r}" for r in range(project.num_resources)]
    successors: dict[int, list[int]] = {i + 1: [] for i in range(n)}
    for before, after in project.precedence.tolist():
        successors[before + 1].append(after + 1)
    problem = problems.RcpspProblem(
        resources=dict(zip(resources, project.capacity.tolist(), strict=True)),
        non_renewable_resources=[],
        mode_details={
            i + 1: {1: {"duration": int(project.duration[i]), **dict(zip(resources, project.demand[i].tolist(), strict=True))}}
            for i in range(n)
        },
        successors=successors,
        horizon=int(project.duration.sum()),
    )

    def one(order: list[int]) -> int:
        # Their permutations leave out source and sink and count from 0.
        middle = [i - 1 for i in order if 0 < i < n - 1]
        solution = solutions.RcpspSolution(problem=problem, rcpsp_permutation=middle, rcpsp_modes=[1] * (n - 2))
        return int(solution.get_end_time(n))

    one(list(range(n)))  # compiles
    return lambda orders: [one(order) for order in orders.tolist()]
