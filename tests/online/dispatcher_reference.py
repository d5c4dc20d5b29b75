"""A slow dispatcher that follows the rules sentence by sentence: lists, loops and no data structures.

Every decision looks at every key. What is free at a time is counted anew whenever it is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

INF = math.inf

Moment = tuple[float, int]
"""A time and an instant of it: keys that last no time follow each other at the same time."""


def later(moment: Moment, estimate: float) -> Moment:
    """When a key ends that starts at a moment."""
    time = moment[0] + estimate
    return (time, 0) if time > moment[0] else (moment[0], moment[1] + 1)


@dataclass
class Entry:
    """A key that was submitted."""

    key: Any
    number: int
    after: list[Any]
    demand: dict[str, int]
    estimate: float
    priority: float
    rank: float
    arrival: float
    state: str = "waiting"
    start: float = 0.0
    cause: Any = None
    reservation: Moment | None = None

    @property
    def end(self) -> float:
        return self.start + self.estimate


@dataclass
class Reference:
    """The dispatcher."""

    capacity: dict[str, int]
    policy: str = "fcfs"
    backfill: str = "easy"
    key: Callable[[Any], float] = lambda key: 0.0
    entries: dict[Any, Entry] = field(default_factory=dict)
    now: float = -INF
    skew: int = 0
    decided: float = -INF
    happened: bool = False
    started: list[Any] = field(default_factory=list)
    head: Any = None
    head_start: float = 0.0
    anew: bool = True
    compress: bool = False

    # -- facts ---------------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        if now < self.now:
            self.skew += 1
        self.now = max(self.now, now)

    def bottom_level(self, entry: Entry) -> float:
        above = [self.bottom_level(other) for other in self.entries.values() if entry.key in other.after]
        own = 0.0 if entry.estimate == INF else entry.estimate
        return own + max(above, default=0.0)

    def order(self, entry: Entry) -> tuple[float, ...]:
        rank = -self.bottom_level(entry) if self.policy == "critical_path" else entry.rank
        return (-entry.priority, rank, entry.arrival, entry.number)

    def waits(self) -> list[Entry]:
        """Waiting keys in order; blocked ones are not among them."""
        found = [entry for entry in self.entries.values() if entry.state in ("waiting", "ready")]
        return sorted(found, key=self.order)

    def runs(self) -> list[Entry]:
        return [self.entries[key] for key in self.started if self.entries[key].state == "running"]

    def free(self) -> dict[str, int]:
        return {name: units - sum(e.demand.get(name, 0) for e in self.runs()) for name, units in self.capacity.items()}

    def fits(self, entry: Entry, free: dict[str, int]) -> bool:
        return all(units <= free[name] for name, units in entry.demand.items() if units > 0)

    def within_capacity(self, entry: Entry) -> bool:
        return all(units <= self.capacity[name] for name, units in entry.demand.items())

    @property
    def waiting(self) -> list[Any]:
        return [entry.key for entry in self.waits()]

    @property
    def running(self) -> list[Any]:
        return [entry.key for entry in self.runs()]

    def chain(self, key: Any) -> tuple[Any, ...]:
        cause = self.entries[key].cause
        return (key,) if cause is None else (*self.chain(cause), key)

    @property
    def blocked(self) -> dict[Any, tuple[Any, ...]]:
        return {key: self.chain(key) for key, entry in self.entries.items() if entry.state == "blocked"}

    def reservation(self, key: Any) -> float | None:
        if self.backfill == "conservative":
            held = self.entries[key].reservation
            return None if held is None else held[0]
        return self.head_start if self.head is not None and self.head == key else None

    # -- calls ---------------------------------------------------------------------------------------------------------------

    def submit(
        self,
        key: Any,
        *,
        after: Any = (),
        demand: Any = None,
        estimate: float | None = None,
        size: float | None = None,
        priority: float = 0,
        arrival: float | None = None,
        deadline: float | None = None,
        now: float,
    ) -> None:
        assert key not in self.entries
        self.tick(now)
        arrival = self.now if arrival is None else arrival
        if self.policy == "edf":
            rank: Any = INF if deadline is None else deadline
        elif self.policy == "key":
            rank = self.key(key)
        else:
            rank = {"fcfs": arrival, "sjf": size, "psjf_e": estimate, "critical_path": 0}[self.policy]
        estimate = INF if estimate is None else estimate
        demand = {} if demand is None else demand
        entry = Entry(key, len(self.entries), list(after), dict(demand), estimate, priority, rank, arrival)
        self.entries[key] = entry
        bad = [other for other in entry.after if self.entries[other].state in ("failed", "cancelled", "blocked")]
        if bad:
            entry.state, entry.cause = "blocked", bad[0]
        self.make_ready()
        self.happened = True

    def make_ready(self) -> None:
        for entry in self.entries.values():
            if entry.state == "waiting" and all(self.entries[other].state == "done" for other in entry.after):
                entry.state = "ready"

    def ends(self, entry: Entry) -> None:
        """A running key runs no longer."""
        self.compress = True
        if self.now > entry.end:  # it has overrun
            self.anew = True
        self.happened = True

    def finished(self, key: Any, now: float) -> None:
        self.tick(now)
        self.ends(self.entries[key])
        self.entries[key].state = "done"
        self.make_ready()

    def failed(self, key: Any, now: float, retry: bool = True) -> list[Any]:
        self.tick(now)
        self.ends(self.entries[key])
        if retry:
            self.entries[key].state = "ready"
            self.anew = True
            return []
        self.entries[key].state = "failed"
        return self.block()

    def cancel(self, key: Any, now: float) -> list[Any]:
        self.tick(now)
        entry = self.entries[key]
        if entry.state == "running":
            self.ends(entry)
        if entry.state != "blocked":
            self.compress = self.happened = True
        entry.state, entry.reservation = "cancelled", None
        if self.head == key:
            self.head = None
        return self.block()

    def block(self) -> list[Any]:
        """Blocks what needs a key that has failed, was cancelled or is blocked, in the order of submission."""
        found = []
        for entry in self.entries.values():
            bad = [other for other in entry.after if self.entries[other].state in ("failed", "cancelled", "blocked")]
            if bad and entry.state in ("waiting", "ready"):
                entry.state, entry.cause, entry.reservation = "blocked", bad[0], None
                self.happened = self.compress = True
                if self.head == entry.key:
                    self.head = None
                found.append(entry.key)
        return found

    def set_capacity(self, name: str, amount: int, now: float) -> None:
        self.tick(now)
        if amount == self.capacity[name]:
            return
        self.compress = self.happened = True
        self.anew = self.anew or amount < self.capacity[name]
        self.capacity[name] = amount

    def next(self, now: float) -> list[Any]:
        self.tick(now)
        if self.now == self.decided and not self.happened:
            return []
        self.decided, self.happened = self.now, False
        return {"none": self.none, "greedy": self.greedy, "easy": self.easy, "conservative": self.conservative}[self.backfill]()

    def start(self, entry: Entry) -> Any:
        assert entry.state == "ready"
        assert self.fits(entry, self.free())
        entry.state = "running"
        entry.start, entry.reservation = self.now, None
        if entry.key in self.started:
            self.started.remove(entry.key)
        self.started.append(entry.key)
        return entry.key

    # -- decisions -----------------------------------------------------------------------------------------------------------

    def ready(self) -> list[Entry]:
        return [entry for entry in self.waits() if entry.state == "ready"]

    def none(self) -> list[Any]:
        found = []
        for entry in self.ready():
            if not self.fits(entry, self.free()):
                break
            found.append(self.start(entry))
        return found

    def greedy(self) -> list[Any]:
        return [self.start(entry) for entry in self.ready() if self.fits(entry, self.free())]

    def predicted_end(self, entry: Entry) -> float:
        return max(entry.end, self.now)

    def easy(self) -> list[Any]:
        found = []
        self.head = None
        queue = [entry for entry in self.ready() if self.within_capacity(entry)]
        while queue and self.fits(queue[0], self.free()):
            found.append(self.start(queue.pop(0)))
        if not queue:
            return found
        head = queue.pop(0)
        ends = sorted({self.predicted_end(entry) for entry in self.runs()} - {INF})

        def free_at(time: float) -> dict[str, int]:
            held = [entry for entry in self.runs() if self.predicted_end(entry) > time]
            return {name: units - sum(e.demand.get(name, 0) for e in held) for name, units in self.capacity.items()}

        at = next((end for end in ends if self.fits(head, free_at(end))), INF)
        beside = free_at(at if at < INF else max(ends, default=self.now))
        spare = {name: units - head.demand.get(name, 0) for name, units in beside.items()}
        self.head, self.head_start = head.key, at
        for entry in queue:
            if not self.fits(entry, self.free()):
                continue
            if entry.estimate < INF and self.now + entry.estimate <= at:
                found.append(self.start(entry))
            elif self.fits(entry, spare):
                spare = {name: units - entry.demand.get(name, 0) for name, units in spare.items()}
                found.append(self.start(entry))
        return found

    # -- conservative --------------------------------------------------------------------------------------------------------

    def conservative(self) -> list[Any]:
        waits = self.waits()
        overrun = any(entry.end < self.now for entry in self.runs())
        missed = any(entry.reservation is not None and entry.reservation[0] < self.now for entry in waits)
        if self.anew or overrun or missed:
            for entry in waits:
                entry.reservation = None
        self.place_due_again([entry for entry in waits if entry.reservation is not None and entry.reservation[0] == self.now])
        if self.compress:
            for entry in self.predecessors_first([entry for entry in waits if entry.reservation is not None]):
                old, entry.reservation = entry.reservation, None
                self.reserve(entry)
                new = self.held(entry)
                assert old is not None
                assert new is not None
                assert new <= old  # none moves later
        self.anew = self.compress = False
        for entry in self.predecessors_first([entry for entry in waits if entry.reservation is None]):
            self.reserve(entry)
        return [self.start(entry) for entry in waits if entry.reservation == (self.now, 0)]

    def place_due_again(self, due: list[Entry]) -> None:
        """Places the keys again whose time has come, in the order in which they were to start."""
        places = {entry.key: entry.reservation for entry in due}
        for entry in due:
            entry.reservation = None
        for entry in sorted(due, key=lambda entry: (places[entry.key], self.order(entry))):
            self.reserve(entry)
            new = self.held(entry)
            assert new is not None
            assert new[0] == self.now

    def held(self, entry: Entry) -> Moment | None:
        return entry.reservation

    def predecessors_first(self, entries: list[Entry]) -> list[Entry]:
        """The first in order among those whose predecessors have had their turn, until all have."""
        rest, found = list(entries), []
        while rest:
            entry = next(e for e in rest if not any(self.entries[other] in rest for other in e.after))
            rest.remove(entry)
            found.append(entry)
        return found

    def moment_of_end(self, entry: Entry) -> Moment:
        """The predicted end of a running key: just after now, if that is over."""
        return (entry.end, 0) if entry.end > self.now else (self.now, 1)

    def bound(self, entry: Entry) -> Moment | None:
        """When all that a key needs has ended, as predicted."""
        bound = (self.now, 0)
        for other in map(self.entries.__getitem__, entry.after):
            if other.state == "running":
                bound = max(bound, self.moment_of_end(other))
            elif other.state in ("waiting", "ready"):
                if other.reservation is None:
                    return None
                bound = max(bound, later(other.reservation, other.estimate))
        return bound

    def intervals(self) -> list[tuple[Moment, Moment, Entry]]:
        running = [((self.now, 0), self.moment_of_end(entry), entry) for entry in self.runs()]
        waiting = [(e.reservation, later(e.reservation, e.estimate), e) for e in self.waits() if e.reservation is not None]
        return running + waiting

    def fits_from(self, entry: Entry, moment: Moment) -> bool:
        """Whether the key fits from a moment on for its whole estimate."""
        intervals = self.intervals()
        for look in {moment, *(start for start, _, _ in intervals if moment < start < later(moment, entry.estimate))}:
            held = [other for start, end, other in intervals if start <= look < end]
            free = {name: units - sum(e.demand.get(name, 0) for e in held) for name, units in self.capacity.items()}
            if not self.fits(entry, free):
                return False
        return True

    def reserve(self, entry: Entry) -> None:
        bound = self.bound(entry)
        if bound is None or not self.within_capacity(entry):
            return
        moments = sorted({bound, *(end for _, end, _ in self.intervals() if bound < end)})
        entry.reservation = next((at for at in moments if at[0] < INF and self.fits_from(entry, at)), (INF, 0))
