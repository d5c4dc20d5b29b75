"""Textbook versions in plain Python, and the same loops for numba. They are oracles and peers of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def edd(p: Ints, d: Ints) -> int:
    """Total tardiness by due date, then processing time, then index."""
    now = total = 0
    jobs = list(zip(d.tolist(), p.tolist(), strict=True))
    for due, length in sorted(jobs):
        now += length
        total += max(0, now - due)
    return total


def mdd(p: Ints, d: Ints) -> int:
    """Total tardiness when the job with the smallest max(now + p, d) goes next; ties by due date, then index."""
    waiting = list(zip(p.tolist(), d.tolist(), range(p.size), strict=True))
    now = total = 0
    while waiting:
        chosen = min(waiting, key=lambda job: (max(now + job[0], job[1]), job[2]))
        waiting.remove(chosen)
        now += chosen[0]
        total += max(0, now - chosen[1])
    return total


def mdd_numba() -> Callable[[Ints, Ints], int]:
    """The same double loop, compiled."""
    numba = pytest.importorskip("numba", reason="numba is not installed")

    def loops(p: Any, d: Any) -> Any:
        n = p.size
        done = np.zeros(n, np.bool_)
        now = total = 0
        for _ in range(n):
            best, chosen = np.iinfo(np.int64).max, -1
            for j in range(n):
                if not done[j]:
                    key = max(now + p[j], d[j])
                    if key < best:
                        best, chosen = key, j
            done[chosen] = True
            now += p[chosen]
            total += max(0, now - d[chosen])
        return total

    compiled: Callable[[Ints, Ints], int] = numba.njit(cache=False)(loops)
    compiled(np.array([1]), np.array([1]))
    return compiled


def fcfs_simpy(release: NDArray[np.float64], size: NDArray[np.float64]) -> list[float]:
    """Completion times in one queue, by simpy's processes."""
    simpy = pytest.importorskip("simpy", reason="simpy is not installed")
    environment = simpy.Environment()
    server = simpy.Resource(environment, capacity=1)
    completion = [0.0] * release.size

    def job(j: int, length: float) -> Any:
        with server.request() as turn:
            yield turn
            yield environment.timeout(length)
            completion[j] = environment.now

    def arrivals() -> Any:
        for j, (at, length) in enumerate(zip(release.tolist(), size.tolist(), strict=True)):
            yield environment.timeout(at - environment.now)
            environment.process(job(j, length))

    environment.process(arrivals())
    environment.run()
    return completion
