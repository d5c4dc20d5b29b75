"""Slow, obvious simulators: one unit of time after the other, every rule read from its definition.

Nothing here is shared with the package. Times are integers; at each step arrivals come first, then what has ended, then the
choice.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction

INFINITE = 10**18


@dataclasses.dataclass
class Job:
    """One job of an oracle."""

    index: int
    release: int
    operations: list[int]
    weight: int = 1
    estimate: int = 0
    deadline: int = INFINITE
    attained: int = 0
    running: bool = False
    joined: int = 0
    level: int = 0
    in_operation: int = 0
    operation: int = 0
    chunk_class: int = 0
    chunk_volume: int = 0
    served_at: int = -1

    @property
    def size(self) -> int:
        return sum(self.operations)

    @property
    def left(self) -> int:
        return self.size - self.attained


Key = Callable[[Job, int], object]


def priority(jobs: list[Job], key: Key, *, servers: int = 1, preemptive: bool = True) -> list[int]:
    """The lowest keys run; ties: running jobs, then lower index."""
    done = [0] * len(jobs)
    alive: list[Job] = []
    time = 0
    while [j for j in jobs if j.release >= time] or alive:
        alive += [j for j in jobs if j.release == time]
        for j in [j for j in alive if j.left == 0 and j.size > 0]:
            done[j.index] = time
            alive.remove(j)
        while True:
            claims = {j.index: (preemptive is False and not j.running, key(j, time), not j.running) for j in alive}
            alive.sort(key=lambda j: (*claims[j.index], j.index))  # used at once
            empty = next((j for j in alive[:servers] if j.size == 0), None)
            if empty is None:
                break
            done[empty.index] = time  # it has a server, and is gone in no time
            alive.remove(empty)
        for rank, j in enumerate(alive):
            j.running = rank < servers
            j.attained += j.running
        time += 1
    return done


def clairvoyant(name: str, jobs: list[Job], servers: int = 1, *, never: bool = False) -> list[int]:
    """The policies whose key stands still or falls; with `never` none of them preempts."""
    keys: dict[str, Key] = {
        "fcfs": lambda j, _: j.release,
        "sjf": lambda j, _: j.size,
        "srpt": lambda j, _: j.left,
        "psjf": lambda j, _: j.size,
        "hdf": lambda j, _: Fraction(j.size, j.weight) if j.weight else INFINITE,
        "wsrpt": lambda j, _: Fraction(j.left, j.weight) if j.weight else INFINITE,
        "edf": lambda j, _: j.deadline,
        "srpt_ageing": lambda j, t: j.left - Fraction(1, 4) * (t - j.release),
        "hrrn": lambda j, t: -Fraction(t - j.release + j.size, j.size) if j.size else -INFINITE,
        "srpt_e": lambda j, _: max(j.estimate - j.attained, 0),
        "psjf_e": lambda j, _: j.estimate,
    }
    return priority(jobs, keys[name], servers=servers, preemptive=not never and name not in ("fcfs", "sjf", "hrrn"))


def by_deadlines(name: str, jobs: list[Job], servers: int = 1) -> list[int]:
    """``slack_edf`` and ``slo_density``: who runs is decided anew only when a job arrives or completes."""

    def key(j: Job, now: int) -> tuple[object, ...]:
        remaining = max(j.estimate - j.attained, 0)
        if name == "slack_edf":
            hopeless = j.deadline - now - remaining <= 0
            return hopeless, -j.deadline if hopeless else j.deadline
        return (Fraction(remaining * (10 if now > j.deadline else 1), j.weight),)

    done = [0] * len(jobs)
    alive: list[Job] = []
    time = 0
    while [j for j in jobs if j.release >= time] or alive:
        coming = [j for j in jobs if j.release == time]
        alive += coming
        ended = [j for j in alive if j.left == 0 and j.size > 0]
        for j in ended:
            done[j.index] = time
            alive.remove(j)
        if coming or ended:
            now = time
            alive.sort(key=lambda j: (key(j, now), not j.running, j.index))
            while empty := next((j for j in alive[:servers] if j.size == 0), None):
                done[empty.index] = time
                alive.remove(empty)
            for rank, j in enumerate(alive):
                j.running = rank < servers
        for j in alive:
            j.attained += j.running
        time += 1
    return done


def weight_classes(jobs: list[Job]) -> list[int]:
    """SRPT in the class with the largest total rounded weight, ties to the heavier class."""

    def step(alive: list[Job]) -> Job:
        classes = {2 ** int(math.log2(j.weight)) for j in alive}
        total = {c: sum(c for j in alive if 2 ** int(math.log2(j.weight)) == c) for c in classes}
        best = max(classes, key=lambda c: (total[c], c))
        members = [j for j in alive if 2 ** int(math.log2(j.weight)) == best]
        return min(members, key=lambda j: (j.left, not j.running, j.index))

    return one_at_a_time(jobs, step)


def one_at_a_time(jobs: list[Job], step: Callable[[list[Job]], Job]) -> list[int]:
    """Gives each unit of time to the job that `step` picks."""
    done = [0] * len(jobs)
    alive: list[Job] = []
    time = 0
    while alive or any(j.release >= time for j in jobs):
        alive += [j for j in jobs if j.release == time]
        for j in [j for j in alive if j.left == 0 and j.size > 0]:
            done[j.index] = time
            alive.remove(j)
        while alive and (empty := step(alive)).size == 0:
            done[empty.index] = time
            alive.remove(empty)
        if alive:
            chosen = step(alive)
            for j in alive:
                j.running = j is chosen
            chosen.attained += 1
        time += 1
    return done


def feedback(jobs: list[Job], quantum_of_level: Callable[[int], int], *, one_line: bool = False, servers: int = 1) -> list[int]:
    """Lines of jobs, the lowest level first, each left when its quantum is used up; with one line it is round robin.

    What ends at one time ends in the order of the servers; a job goes to its last server if that is idle, else to the first.
    """
    done = [0] * len(jobs)
    line: list[Job] = []  # all who are there, by the time when they joined their level
    server: list[Job | None] = [None] * servers
    last: list[Job | None] = [None] * servers

    def level(j: Job) -> int:
        return 0 if one_line else j.level

    time = 0
    while line or any(j.release >= time for j in jobs):
        line += [j for j in jobs if j.release == time]
        for k, ended in enumerate(server):
            if ended is not None and ended.left == 0:
                done[ended.index] = time
            elif ended is None or ended.in_operation < quantum_of_level(ended.level):
                continue
            else:
                ended.level, ended.in_operation = ended.level + 1, 0
                line.append(ended)
            line.remove(ended)
            server[k] = None
        while waiting := [j for j in line if j not in server]:
            chosen = min(waiting, key=level)  # the first of the lowest level
            idle = [k for k in range(servers) if server[k] is None]
            if idle and chosen.size == 0:
                done[chosen.index] = time
                line.remove(chosen)
                continue
            if idle:
                k = next((k for k in idle if last[k] is chosen), idle[0])
                server[k] = last[k] = chosen
                continue
            latest = max((j for j in line if j in server), key=lambda j: (level(j), line.index(j)))
            if level(latest) <= level(chosen):
                break
            if chosen.size == 0:
                done[chosen.index] = time
                line.remove(chosen)
                continue
            server[server.index(latest)] = None
        for served in server:
            if served is not None:
                served.attained += 1
                served.in_operation += 1
        time += 1
    return done


def class_of(size: int) -> int:
    """k with 2^k <= size < 2^(k+1); the lowest of all for 0."""
    return size.bit_length() - 1


def balance(jobs: list[Job], *, gradual: bool, theta: int = 4, volume: bool = False) -> list[int]:
    """Balance by unit steps (Gupta et al., SODA 2026), on jobs with estimates or on chunks of operations."""
    done = [0] * len(jobs)
    queue: list[Job] = []
    stack: list[Job] = []
    time = 0

    def size_now(j: Job) -> int:
        return j.operations[j.operation] if gradual else j.estimate

    while queue or stack or any(j.release >= time for j in jobs):
        for j in jobs:
            if j.release == time:
                j.operations = [p for p in j.operations if p > 0] or [0] if gradual else j.operations
                j.chunk_class = class_of(size_now(j))
                queue.append(j)
        if stack and stack[-1].left == 0:
            done[stack[-1].index] = time
            stack.pop()
        elif gradual and stack and stack[-1].in_operation == stack[-1].operations[stack[-1].operation]:
            j = stack[-1]
            j.operation, j.in_operation = j.operation + 1, 0
            following = size_now(j)
            joins = following <= j.chunk_volume if volume else class_of(following) <= j.chunk_class
            if not joins:
                stack.pop()
                j.chunk_class, j.chunk_volume = class_of(following), 0
                queue.append(j)
        while queue:
            front = min(queue, key=lambda j: j.chunk_class)  # min keeps the first of equals: the queue's order
            smaller = not stack or front.chunk_class < stack[-1].chunk_class
            if not stack or (smaller and theta * len(queue) >= len(queue) + len(stack)):
                queue.remove(front)
                if front.size == 0:
                    done[front.index] = time
                    continue  # an event, after which the question is put again
                stack.append(front)
            break
        if stack:
            stack[-1].attained += 1
            stack[-1].in_operation += 1
            stack[-1].chunk_volume += 1
        time += 1
    return done


def operation_srpt(jobs: list[Job], servers: int = 1) -> list[int]:
    """Least remaining time of the current operation; ties: running, later operation, index."""

    def key(j: Job, _: int) -> object:
        while j.attained == sum(j.operations[: j.operation + 1]) and j.operation < len(j.operations) - 1:
            j.operation += 1
        return sum(j.operations[: j.operation + 1]) - j.attained, not j.running, -j.operation

    return priority(jobs, key, servers=servers)


def gittins(jobs: list[Job], atoms: list[tuple[int, int]]) -> list[int]:
    """The index from its definition, over every stopping time at an atom."""

    def rank(j: Job) -> Fraction:
        alive = [(s, p) for s, p in atoms if s > j.attained]
        if not alive:
            return Fraction(INFINITE)
        options = []
        for stop, _ in alive:
            cost = sum(p * (min(s, stop) - j.attained) for s, p in alive)
            options.append(Fraction(cost, sum(p for s, p in alive if s <= stop)))
        return min(options)

    return priority(jobs, lambda j, _: rank(j))


def fine_step(jobs: list[Job], name: str, ticks: int) -> list[float]:
    """Sharing policies, a tick at a time to whoever has the least rank; exact sharing is the limit of many ticks.

    Sizes, releases and estimates are stretched by `ticks`, so a tick is ``1 / ticks`` of a unit.
    """
    done = [0.0] * len(jobs)
    alive: list[Job] = []
    time = 0
    while alive or any(j.release * ticks >= time for j in jobs):
        alive += [j for j in jobs if j.release * ticks == time]
        for j in [j for j in alive if j.attained == j.size * ticks and j.size > 0]:
            done[j.index] = time / ticks
            alive.remove(j)
        while alive:
            chosen = min(alive, key=lambda j: _shared_order(j, name, ticks, time - len(alive)))
            if chosen.size > 0:
                break
            done[chosen.index] = time / ticks
            alive.remove(chosen)
        if alive:
            chosen.served_at = time
            chosen.attained += 1
        time += 1
    return done


def _shared_order(j: Job, name: str, ticks: int, recently: int) -> tuple[object, ...]:
    """Rank in ticks; ties: jobs whose rank does not rise (a running one, then index), then those that share, in turn.

    Whoever had a tick since `recently` counts as running, because all that share do.
    """
    a, z, p = j.attained, j.estimate * ticks, j.size * ticks
    alone, turns = (False, j.served_at < recently, j.index), (True, a, j.index)
    if name == "ps":
        return 0, True, j.served_at, j.index
    if name == "las":
        return a, *turns
    if name == "llf":
        return j.deadline * ticks - (p - a), *turns
    if name == "srpt_b":
        if a < z:
            return z - a, *alone
        return (a - z, *turns) if a < 2 * z else (z, *alone)
    return (p - a, *alone) if 2 * a >= p else (a, *turns)  # slf with epsilon 1/2: known when half remains
