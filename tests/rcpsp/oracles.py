"""Slow and obvious: the rules of resource-constrained scheduling word for word, one time unit at a time."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence

import schedkit as sk


@dataclasses.dataclass(frozen=True)
class Plain:
    """A project as plain lists."""

    duration: list[int]
    demand: list[list[int]]
    capacity: list[int]
    successors: list[list[int]]

    @classmethod
    def of(cls, project: sk.rcpsp.Project) -> Plain:
        successors: list[list[int]] = [[] for _ in range(project.num_activities)]
        for before, after in project.precedence.tolist():
            successors[before].append(after)
        return cls(project.duration.tolist(), project.demand.tolist(), project.capacity.tolist(), successors)

    @property
    def n(self) -> int:
        return len(self.duration)

    @functools.cached_property
    def predecessors(self) -> list[list[int]]:
        return [[i for i in range(self.n) if j in self.successors[i]] for j in range(self.n)]

    def mirrored(self) -> Plain:
        """The same project with time running backward."""
        return Plain(self.duration, self.demand, self.capacity, self.predecessors)

    def below(self, i: int) -> set[int]:
        """All direct and indirect successors."""
        return {j for k in self.successors[i] for j in {k} | self.below(k)}


class Profile:
    """Units in use at each time unit."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.used: dict[tuple[int, int], int] = {}

    def fits(self, i: int, start: int) -> bool:
        """Whether activity `i` can run from `start` on; duration 0 uses nothing."""
        plain = self.plain
        return all(
            self.used.get((r, t), 0) + plain.demand[i][r] <= plain.capacity[r]
            for t in range(start, start + plain.duration[i])
            for r in range(len(plain.capacity))
        )

    def book(self, i: int, start: int) -> None:
        for t in range(start, start + self.plain.duration[i]):
            for r, units in enumerate(self.plain.demand[i]):
                self.used[r, t] = self.used.get((r, t), 0) + units


def serial_sgs(plain: Plain, priority: Sequence[float]) -> list[int]:
    """Start times: the best eligible activity next, at its earliest feasible time."""
    start: dict[int, int] = {}
    profile = Profile(plain)
    while len(start) < plain.n:
        eligible = [j for j in range(plain.n) if j not in start and all(p in start for p in plain.predecessors[j])]
        i = min(eligible, key=lambda j: (priority[j], j))
        t = max((start[p] + plain.duration[p] for p in plain.predecessors[i]), default=0)
        while not profile.fits(i, t):
            t += 1
        profile.book(i, t)
        start[i] = t
    return [start[i] for i in range(plain.n)]


def parallel_sgs(plain: Plain, priority: Sequence[float]) -> list[int]:
    """Start times: at each time unit start the best activity that fits, until none fits."""
    start: dict[int, int] = {}
    profile = Profile(plain)
    t = 0
    while len(start) < plain.n:
        ready = [
            j
            for j in range(plain.n)
            if j not in start
            and all(p in start and start[p] + plain.duration[p] <= t for p in plain.predecessors[j])
            and profile.fits(j, t)
        ]
        if ready:
            i = min(ready, key=lambda j: (priority[j], j))
            profile.book(i, t)
            start[i] = t
        else:
            t += 1
    return [start[i] for i in range(plain.n)]


def justify(plain: Plain, start: Sequence[int]) -> list[int]:
    """Right pass by largest completion (ties: larger index), left pass by smallest new start (ties: smaller index)."""
    end = [s + d for s, d in zip(start, plain.duration, strict=True)]
    horizon = max(end, default=0)
    moved: dict[int, int] = {}
    profile = Profile(plain)
    while len(moved) < plain.n:
        eligible = [i for i in range(plain.n) if i not in moved and all(j in moved for j in plain.successors[i])]
        i = max(eligible, key=lambda i: (end[i], i))
        t = min((moved[j] for j in plain.successors[i]), default=horizon) - plain.duration[i]
        while not profile.fits(i, t):
            t -= 1
        profile.book(i, t)
        moved[i] = t
    return serial_sgs(plain, [moved[i] for i in range(plain.n)])


def earliest_start(plain: Plain) -> list[int]:
    """Earliest starts without resources."""
    start: dict[int, int] = {}

    def visit(j: int) -> int:
        if j not in start:
            start[j] = max((visit(p) + plain.duration[p] for p in plain.predecessors[j]), default=0)
        return start[j]

    return [visit(j) for j in range(plain.n)]


def critical_path(plain: Plain) -> dict[str, list[int]]:
    """The columns of the time analysis."""
    early = earliest_start(plain)
    length = max((s + d for s, d in zip(early, plain.duration, strict=True)), default=0)
    late_finish = [length - s for s in earliest_start(plain.mirrored())]
    late = [f - d for f, d in zip(late_finish, plain.duration, strict=True)]
    return {
        "earliest_start": early,
        "earliest_finish": [s + d for s, d in zip(early, plain.duration, strict=True)],
        "latest_start": late,
        "latest_finish": late_finish,
        "slack": [b - a for a, b in zip(early, late, strict=True)],
    }


def rule(plain: Plain, name: str) -> list[int]:
    """The values of a priority rule, lower first."""
    times = critical_path(plain)
    match name:
        case "lft":
            return times["latest_finish"]
        case "lst":
            return times["latest_start"]
        case "mslk":
            return times["slack"]
        case "mts":
            return [-len(plain.below(i)) for i in range(plain.n)]
        case "grpw":
            return [-plain.duration[i] - sum(plain.duration[j] for j in plain.successors[i]) for i in range(plain.n)]
        case "spt":
            return plain.duration
        case "lpt":
            return [-d for d in plain.duration]
        case "fcfs":
            return list(range(plain.n))
    raise ValueError(name)


def feasible(plain: Plain, start: Sequence[int]) -> bool:
    """Whether nothing is wrong with these starts."""
    profile = Profile(plain)
    for i, t in enumerate(start):
        if t < 0 or any(start[j] < t + plain.duration[i] for j in plain.successors[i]) or not profile.fits(i, t):
            return False
        profile.book(i, t)
    return True


def makespan(plain: Plain, start: Sequence[int]) -> int:
    return max((s + d for s, d in zip(start, plain.duration, strict=True)), default=0)


def activity_lists(plain: Plain) -> Iterator[tuple[int, ...]]:
    """Every order in which all predecessors come first."""
    for order in itertools.permutations(range(plain.n)):
        position = {i: k for k, i in enumerate(order)}
        if all(position[i] < position[j] for i in order for j in plain.successors[i]):
            yield order


def ranks(order: Sequence[int]) -> list[int]:
    """The priority that asks for this order."""
    rank = [0] * len(order)
    for k, i in enumerate(order):
        rank[i] = k
    return rank


def optimum(plain: Plain) -> int:
    """The least makespan, by trying every start time of every activity: no schedule generation involved."""
    best = sum(plain.duration)
    # Activities in an order in which predecessors come first, so that their completions are known.
    order = sorted(range(plain.n), key=lambda i: len(plain.below(i)), reverse=True)

    def search(k: int, start: dict[int, int], profile: Profile, length: int) -> None:
        nonlocal best
        if k == plain.n:
            best = min(best, length)
            return
        i = order[k]
        first = max((start[p] + plain.duration[p] for p in plain.predecessors[i]), default=0)
        for t in range(first, best - plain.duration[i]):
            if profile.fits(i, t):
                used = dict(profile.used)
                profile.book(i, t)
                search(k + 1, start | {i: t}, profile, max(length, t + plain.duration[i]))
                profile.used = used

    search(0, {}, Profile(plain), 0)
    return best
