"""Projects with constraints, slow and obvious: every tick is looked at, every vector of start times is tried."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import schedkit as sk
from hypothesis import strategies as st

Span = tuple[int, int]
Past = Mapping[int, Span]
NONE = 2**63 - 1
"""No deadline."""


@dataclasses.dataclass(frozen=True)
class Plain:
    """A project as plain lists."""

    duration: list[int]
    demand: list[list[int]]
    capacity: list[int]
    precedence: list[tuple[int, int, str, int]]
    """Before, after, relation, lag."""
    release_time: list[int]
    deadline: list[int]
    calendars: dict[int, list[tuple[list[int], list[int], int | None]]]
    pausable: list[bool]
    disjunctive: list[list[int]]

    @classmethod
    def of(cls, project: sk.rcpsp.Project) -> Plain:
        several = {r: c if isinstance(c, tuple) else (c,) for r, c in project.calendars.items()}
        pairs = zip(project.precedence.tolist(), project.relation, project.lag.tolist(), strict=True)
        return cls(
            project.duration.tolist(),
            project.demand.tolist(),
            project.capacity.tolist(),
            [(i, j, relation, lag) for (i, j), relation, lag in pairs],
            project.release_time.tolist(),
            project.deadline.tolist(),
            {r: [(c.time.tolist(), c.capacity.tolist(), c.period) for c in group] for r, group in several.items()},
            project.pausable.tolist(),
            [list(group) for group in project.disjunctive],
        )

    @property
    def n(self) -> int:
        return len(self.duration)

    def level(self, r: int, t: int) -> int:
        """Units of a resource at a tick."""
        return min([self.capacity[r], *(units for c in self.calendars.get(r, []) if (units := step(*c, t)) is not None)])

    def denied(self, i: int, t: int) -> int | None:
        """The first resource whose calendars leave activity `i` too little at a tick."""
        return next((r for r, units in enumerate(self.demand[i]) if self.duration[i] and self.level(r, t) < units), None)

    def completion(self, i: int, start: int, until: int = 400) -> int | None:
        """When it completes from a start at which it may start; None if it may not, or not before `until`."""
        left, t = self.duration[i], start
        while left:
            if t > until:
                return None
            if self.denied(i, t) is None:
                left -= 1
            elif t == start or not self.pausable[i]:
                return None
            t += 1
        return t


def step(time: list[int], capacity: list[int], period: int | None, t: int) -> int | None:
    """What a calendar says at a tick, by going back to the tick at which the step began."""
    if not time:
        return None
    begins = {(s if period is None else s % period): units for s, units in zip(time, capacity, strict=True)}
    earliest = time[0] if period is None else t - period
    for back in range(t, earliest - 1, -1):
        key = back if period is None else back % period
        if key in begins:
            return begins[key]
    return None


def violations(plain: Plain, start: list[int], end: list[int], fixed: Past | None = None, now: int = 0) -> set[tuple[Any, ...]]:
    """What is wrong: kind and subject; of overloads the first moment for each resource."""
    past, found = dict(fixed or {}), set[tuple[Any, ...]]()
    resting: set[int] = set()
    for i in range(plain.n):
        if i in past:
            if (start[i], end[i]) != past[i]:
                found.add(("fixed", i))
            if plain.pausable[i] and plain.duration[i]:
                resting.add(i)
            continue
        ticks = range(start[i], end[i])
        down = [t for t in ticks if plain.denied(i, t) is not None]
        if plain.pausable[i] and plain.duration[i]:
            resting.add(i)
            works = len(ticks) - len(down) == plain.duration[i] and end[i] - 1 not in down
            if not works:
                found.add(("duration", i))
            down = [t for t in down if t == start[i]]
        elif end[i] - start[i] != plain.duration[i]:
            found.add(("duration", i))
        if down:
            found.add(("downtime", i, plain.denied(i, down[0]), down[0]))
            resting.add(i)
        if start[i] < now:
            found.add(("before_now", i))
        if plain.release_time[i] > 0 and start[i] < plain.release_time[i]:
            found.add(("release", i))
        if end[i] > plain.deadline[i]:
            found.add(("deadline", i))
    for i, j, relation, lag in plain.precedence:
        missing = lacking(relation, lag, (start[i], end[i]), (start[j], end[j]))
        if missing > 0:
            follows = relation == "FS" and lag >= 0
            found.add(("precedence" if follows and start[j] < end[i] else "lag", i, j))
    for group in plain.disjunctive:
        runs = sorted((start[i], end[i], i) for i in group if plain.duration[i] > 0 and start[i] < end[i])
        for k, (begin, _, j) in enumerate(runs):
            until = max((stop for _, stop, _ in runs[:k]), default=begin)
            if until > begin:
                found.add(("disjunctive", next(i for _, stop, i in runs if stop == until), j))
    for r in range(len(plain.capacity)):
        for t in range(min(start, default=0), max(end, default=0)):
            at_work = [
                i for i in range(plain.n) if start[i] <= t < end[i] and not (i in resting and plain.denied(i, t) is not None)
            ]
            users = [i for i in at_work if plain.demand[i][r] and plain.duration[i]]
            limit = plain.capacity[r] if all(i in past for i in users) else plain.level(r, t)
            if sum(plain.demand[i][r] for i in users) > limit:
                found.add(("capacity", r, t))
                break
    return found


def lacking(relation: str, lag: int, before: Span, after: Span) -> int:
    """By how much the event of the later activity comes too early."""
    return before[relation[0] == "F"] + lag - after[relation[1] == "F"]


def schedules(plain: Plain, horizon: int, fixed: Past | None = None, now: int = 0) -> Iterator[list[Span]]:
    """All feasible schedules that end by `horizon`, activity by activity."""
    past = dict(fixed or {})
    choices = []
    for i in range(plain.n):
        if i in past:
            choices.append([past[i]] if past[i][1] <= horizon else [])
            continue
        runs = [
            (s, e)
            for s in range(max(now, plain.release_time[i] or now), horizon + 1)
            if (e := plain.completion(i, s, horizon)) is not None
        ]
        choices.append([(s, e) for s, e in runs if e <= min(horizon, plain.deadline[i])])
    order = sorted(range(plain.n), key=lambda i: len(choices[i]))
    yield from _extend(plain, order, choices, {}, past)


def _extend(
    plain: Plain, order: list[int], choices: list[list[Span]], chosen: dict[int, Span], past: Past
) -> Iterator[list[Span]]:
    if len(chosen) == len(order):
        yield [chosen[i] for i in range(plain.n)]
        return
    i = order[len(chosen)]
    for span in choices[i]:
        chosen[i] = span
        if _fits(plain, chosen, past):
            yield from _extend(plain, order, choices, chosen, past)
        del chosen[i]


def _fits(plain: Plain, chosen: dict[int, Span], past: Past) -> bool:
    """Whether those placed so far get along."""
    for i, j, relation, lag in plain.precedence:
        if i in chosen and j in chosen and lacking(relation, lag, chosen[i], chosen[j]) > 0:
            return False
    for group in plain.disjunctive:
        timed = [i for i in group if i in chosen and plain.duration[i]]
        spans = sorted(chosen[i] for i in timed if chosen[i][0] < chosen[i][1])
        if any(a[1] > b[0] for a, b in itertools.pairwise(spans)):
            return False
    for r, capacity in enumerate(plain.capacity):
        users = [i for i in chosen if plain.demand[i][r] and plain.duration[i]]
        for t in {t for i in users for t in range(*chosen[i])}:
            at_work = [i for i in users if chosen[i][0] <= t < chosen[i][1]]
            at_work = [i for i in at_work if not plain.pausable[i] or plain.denied(i, t) is None]
            limit = capacity if all(i in past for i in at_work) else plain.level(r, t)
            if sum(plain.demand[i][r] for i in at_work) > limit:
                return False
    return True


def best_makespan(plain: Plain, horizon: int, fixed: Past | None = None, now: int = 0) -> int | None:
    """The shortest makespan up to `horizon`, by trying everything; None if there is no schedule so short."""
    for limit in range(-3, horizon + 1):  # all may have ended before time 0
        if next(schedules(plain, limit, fixed, now), None) is not None:
            return limit
    return None


# --- random projects


KINDS = ("relation", "lag", "release_time", "deadline", "calendars", "pausable", "disjunctive")


@st.composite
def projects(draw: Any, most: int = 4, kinds: tuple[str, ...] | None = None) -> sk.rcpsp.Project:
    """A tiny project with some kinds of constraints, or exactly those given."""
    chosen = draw(st.sets(st.sampled_from(KINDS))) if kinds is None else set(kinds)
    closing = bool({"calendars", "pausable"} & chosen)
    n, width = draw(st.integers(1, most)), draw(st.integers(1 if closing else 0, 2))
    duration = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    capacity = draw(st.lists(st.integers(1, 3), min_size=width, max_size=width))
    demand = [[draw(st.sampled_from([1, 0, c])) for c in capacity] for _ in range(n)]
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    label = draw(st.permutations(range(n)))
    extra: dict[str, Any] = {}
    if "relation" in chosen and pairs:
        kinds_of_pairs = st.tuples(st.sampled_from(pairs), st.sampled_from(["FS", "SS", "FF", "SF"]))
        linked = draw(st.lists(kinds_of_pairs, unique=True, max_size=n + 1))
        edges, extra["relation"] = [pair for pair, _ in linked], [relation for _, relation in linked]
    else:
        edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=n)) if pairs else []
    edges = [(label[i], label[j]) for i, j in edges]
    if {"relation", "lag"} & chosen:
        least = -3 if "relation" in chosen else 0
        extra["lag"] = draw(st.lists(st.integers(least, 3), min_size=len(edges), max_size=len(edges)))
    if "release_time" in chosen:
        extra["release_time"] = draw(st.lists(st.sampled_from([0, 0, 1, 2, 4, 6]), min_size=n, max_size=n))
    if "deadline" in chosen:
        extra["deadline"] = draw(st.lists(st.sampled_from([None, None, 2, 3, 4, 5, 6, 8, 10]), min_size=n, max_size=n))
    if closing:
        each = {r: draw(st.lists(calendars(c), max_size=2)) for r, c in enumerate(capacity)}
        extra["calendars"] = {r: group for r, group in each.items() if group}
    if "pausable" in chosen:
        extra["pausable"] = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    if "disjunctive" in chosen and n > 1:
        group = st.lists(st.integers(0, n - 1), unique=True, min_size=2, max_size=3)
        extra["disjunctive"] = draw(st.lists(group, max_size=2))
    return sk.rcpsp.Project(duration, demand, capacity, precedence=edges, **extra)


@st.composite
def calendars(draw: Any, capacity: int) -> sk.rcpsp.Calendar:
    """Few steps, closed often, once or periodic; before, at and after time 0."""
    time = sorted(draw(st.sets(st.integers(-3, 9), min_size=1, max_size=4)))
    units = [draw(st.sampled_from([capacity, 0, capacity, max(0, capacity - 1)])) for _ in time]
    longest = time[-1] - time[0]
    period = draw(st.one_of(st.none(), st.integers(longest + 1, longest + 5)))
    return sk.rcpsp.Calendar(time, units, period)


@st.composite
def pasts(draw: Any, plain: Plain) -> tuple[dict[int, Span], int]:
    """Some activities that have begun, as planned or not, and a present; no attention is paid to whether they get along."""
    now = draw(st.integers(-2, 5))
    who = draw(st.sets(st.integers(0, plain.n - 1), max_size=2))
    past = {}
    for i in sorted(who):
        start = draw(st.integers(-2, now))
        past[i] = (start, start + draw(st.sampled_from([plain.duration[i], plain.duration[i], 0, 1, 4])))
    return past, now
