"""The calls that `compare_with` times, one of each kind that must not become slower, on problems made beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import schedkit as sk

Timed = Callable[[], object]


def project(random: np.random.Generator, n: int = 120) -> Any:
    """A project of the shape of PSPLIB's j120: four resources, durations 1 to 10, about 1.5 successors an activity."""
    demand = np.where(random.random((n, 4)) < 0.5, random.integers(1, 11, (n, 4)), 0)
    first = random.integers(0, n - 1, 2 * n)
    last = np.minimum(first + random.integers(1, n // 3, 2 * n), n - 1)
    pairs = np.unique(np.column_stack([first, last])[first < last], axis=0)[::2]
    return sk.rcpsp.Project(random.integers(1, 11, n), demand, np.full(4, 22), precedence=pairs)


def graph(random: np.random.Generator, n: int, width: int) -> Any:
    """A task graph with four edges into each task from a window before it."""
    last = np.repeat(np.arange(1, n), 4)
    first = np.maximum(last - random.integers(1, int(4 * n**0.5) + 1, last.size), 0)
    pairs = np.unique(np.column_stack([first, last]), axis=0)
    return sk.dag.TaskGraph(random.random((n, width)) * 20 + 1, pairs, random.random(len(pairs)) * 20)


def queue_round(keys: int) -> Timed:
    """Adds and removes one key after the other while `keys` others wait."""
    sizes = np.random.default_rng(3).random(2 * keys).tolist()
    queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue("srpt")
    for key in range(keys):
        queue.add(key, size=sizes[key], now=0.0)
    state = {"next": keys}

    def run() -> None:
        following = state["next"]
        for key in range(following, following + keys):
            queue.add(key, size=sizes[key % len(sizes)], now=0.0)
            queue.pop(now=0.0)
        state["next"] = following + keys

    return run


def prepare(name: str) -> Timed:
    """The call of that name."""
    random = np.random.default_rng(7)
    if name.startswith("serial_sgs_many"):
        some = project(random)
        rows = np.argsort(np.argsort(random.random((2000, some.num_activities)), axis=1), axis=1)
        if "lists" in name:
            sooner = sk.rcpsp.critical_path(some).earliest_start
            rows = np.argsort(np.argsort(sooner + random.random(rows.shape) * 0.9, axis=1, kind="stable"), axis=1)
            return lambda: sk.rcpsp.serial_sgs_many(some, rows)
        keys = random.random(rows.shape)
        return lambda: sk.rcpsp.serial_sgs_many(some, keys)
    if name.startswith("serial_sgs 50,000"):
        some = project(random, 50_000)
        return lambda: sk.rcpsp.serial_sgs(some)
    if name.startswith("rcpsp.solve"):
        some = project(random)
        return lambda: sk.rcpsp.solve(some, max_schedules=5000)
    if name.startswith("heft"):
        large = graph(random, 10**6, 64 if name.endswith("64") else 8)
        return lambda: sk.dag.heft(large)
    if name.startswith("srpt"):
        jobs = sk.online.Jobs(np.cumsum(random.exponential(1.0, 10**6)), random.exponential(0.9, 10**6))
        return lambda: sk.online.simulate(jobs, "srpt")
    if name.startswith("mdd 1"):
        p = random.integers(1, 100, 10**5)
        d = random.integers(0, p.sum(), 10**5)
        return lambda: sk.tardiness.mdd(p, d)
    if name.startswith("mddc"):
        p = random.integers(1, 100, (40, 500))
        d = (random.random((40, 500)) * p.sum(axis=1, keepdims=True)).astype(np.int64)
        return lambda: sk.tardiness.mddc(p, d)
    return queue_round(10_000)


NAMES = (
    "serial_sgs_many j120, feasible lists",
    "serial_sgs_many j120, floats",
    "serial_sgs 50,000 activities",
    "rcpsp.solve, 5,000 schedules",
    "heft 10^6 x 8",
    "heft 10^6 x 64",
    "srpt 10^6",
    "mdd 10^5",
    "mddc 40 x 500",
    "PolicyQueue add and pop at 10,000",
)
