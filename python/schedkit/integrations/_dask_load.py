"""The work of each Dask worker, and plans that take it into account."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dag import Network, TaskGraph, heft

LATENCY = 0.005  # seconds that a transfer between workers takes beside its bytes
_MATRIX = 512  # up to so many threads transfers inside a worker are free in a plan


@dataclasses.dataclass(slots=True)
class _Worker:
    seconds: float = 0.0
    count: int = 0
    changed: float = 0.0


class Loads:
    """Estimated seconds of unfinished work by worker: tasks that were sent to it and tasks that are planned on it.

    Each task is counted once. The finished part of running tasks is subtracted, as far as the scheduler can know it: the time
    since the last task of the worker ended, at most the mean duration of its tasks, for each thread in use.
    """

    def __init__(self) -> None:
        self._tasks: dict[Any, tuple[str, float]] = {}
        self._workers: dict[str, _Worker] = {}

    def put(self, key: Any, worker: str, seconds: float, now: float) -> None:
        """Counts a task on a worker; a task that is counted elsewhere moves."""
        if key in self._tasks:
            if self._tasks[key][0] == worker:
                return
            self.take(key, now)
        load = self._workers.setdefault(worker, _Worker())
        if load.count == 0:
            load.changed = now
        self._tasks[key] = worker, seconds
        load.seconds += seconds
        load.count += 1

    def take(self, key: Any, now: float) -> None:
        """Removes a task that has ended or left its worker."""
        worker, seconds = self._tasks.pop(key, ("", 0.0))
        load = self._workers.get(worker)
        if load is not None:
            load.count -= 1
            load.seconds = max(0.0, load.seconds - seconds) if load.count else 0.0
            load.changed = now

    def on(self, worker: str) -> int:
        """The number of tasks that are counted on a worker."""
        load = self._workers.get(worker)
        return 0 if load is None else load.count

    def forget(self, worker: str) -> None:
        """Removes all tasks of a worker."""
        for key in [key for key, (where, _) in self._tasks.items() if where == worker]:
            del self._tasks[key]
        self._workers.pop(worker, None)

    def remaining(self, worker: str, threads: int, now: float) -> float:
        """Seconds of work that the worker still has, over all its threads."""
        load = self._workers.get(worker)
        if load is None or load.count == 0:
            return 0.0
        ran = min(max(0.0, now - load.changed), load.seconds / load.count) * min(load.count, threads)
        return max(0.0, load.seconds - ran)

    def threads(self, worker: str, threads: int, now: float) -> list[float]:
        """Seconds until each thread of the worker is free, if the remaining work is spread evenly."""
        busy = min(self.on(worker), threads)
        each = self.remaining(worker, threads, now) / busy if busy else 0.0
        return [each] * busy + [0.0] * (threads - busy)


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """A result of another graph: its consumers, the workers that have it or will have it, its time and its size."""

    task: int
    workers: tuple[str, ...]
    after: float
    size: float


def plan(
    work: Sequence[float],
    edges: Sequence[tuple[int, int]],
    data: Sequence[float],
    given: Sequence[Given],
    workers: Sequence[tuple[str, int, list[float]]],
    bandwidth: float,
) -> tuple[list[str], list[float], float]:
    """The worker and the start of each task by HEFT, and when the last task ends, in seconds from now.

    `workers` are triples of address, threads and seconds until each thread is free, of which earlier ones win ties.
    Work that a thread has already is a fixed task on it. A result from outside is a fixed task without duration on a
    processor of its own that can run nothing else, as near to its worker as the worker's threads are to each other.
    """
    owner = [address for address, threads, _ in workers for _ in range(threads)]
    free = [seconds for _, _, waits in workers for seconds in waits]
    n, p = len(work), len(owner)
    sources = sorted({(g.workers, g.after) for g in given})
    place = {source: p + k for k, source in enumerate(sources)}
    busy = [k for k in range(p) if free[k] > 0]
    total = p + len(sources)
    cost = [*work, *(free[k] for k in busy), *([0.0] * len(sources))]
    fixed = {n + i: (k, 0.0, free[k]) for i, k in enumerate(busy)}
    fixed |= {n + len(busy) + i: (p + i, after, after) for i, (_, after) in enumerate(sources)}
    links = [*edges, *((n + len(busy) + place[g.workers, g.after] - p, g.task) for g in given)]
    sizes = [*data, *(g.size for g in given)]
    speed = [1.0] * p + [1e-12] * len(sources)  # too slow for any task
    graph = TaskGraph.from_work(cost, speed, links, sizes)
    network = _network(owner, sources, bandwidth) if links and total <= _MATRIX else Network(bandwidth, LATENCY)
    schedule = heft(graph, network, fixed=fixed, rank="best")
    end = float(schedule.completion_time[:n].max(initial=0.0))
    return [owner[k] for k in schedule.processor[:n].tolist()], schedule.start_time[:n].tolist(), end


def _network(owner: list[str], sources: Sequence[tuple[tuple[str, ...], float]], bandwidth: float) -> Network:
    """Transfers inside a worker are free, all others have the cluster's bandwidth."""
    names = np.array([*owner, *([""] * len(sources))], dtype=object)
    near = names[:, None] == names[None, :]
    for k, (workers, _) in enumerate(sources, len(owner)):
        near[k, : len(owner)] = np.isin(names[: len(owner)].astype(str), workers)
    np.fill_diagonal(near, val=True)
    return Network(np.where(near, np.inf, bandwidth), np.where(near, 0.0, LATENCY))


def best_worker(ts: Any, workers: Sequence[Any], loads: Loads, bandwidth: float, now: float) -> str:
    """The worker on which a ready task can start first: a thread is free and the task's data have arrived.

    Ties go to the worker with the least remaining work, then to the lower address.
    """
    held: dict[str, tuple[int, float]] = {}
    whole = 0.0
    for dependency in ts.dependencies:
        size = max(0.0, float(dependency.nbytes))
        whole += size
        for ws in dependency.who_has or ():
            count, near = held.get(ws.address, (0, 0.0))
            held[ws.address] = count + 1, near + size

    def key(ws: Any) -> tuple[float, float, str]:
        count, near = held.get(ws.address, (0, 0.0))
        transfer = LATENCY + (whole - near) / bandwidth if count < len(ts.dependencies) else 0.0
        remaining = loads.remaining(ws.address, ws.nthreads, now)
        wait = remaining / ws.nthreads if loads.on(ws.address) >= ws.nthreads else 0.0
        return wait + transfer, remaining, ws.address

    best: str = min(workers, key=key).address
    return best
