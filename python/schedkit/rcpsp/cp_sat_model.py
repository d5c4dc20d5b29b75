"""The CP-SAT model of a project.

Every activity gets a start on a clock on which its duration is a fixed number. The common clock stops while calendars close to
all activities. An activity that pauses at other times has a clock of its own, which runs while the activity may work. Where two
clocks must be compared, a reading of one is a reading of the other plus a shift, which depends on the open interval it lies in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from .situation import ContradictionError, Situation
from .working_time import Clock, Interval, joined, shifts


@dataclasses.dataclass(frozen=True, slots=True)
class Placed:
    """A free activity in the model: its start on its own clock, where it lasts as long as its duration says."""

    clock: Clock
    start: Any
    opens: tuple[Interval, ...]
    """Start and last tick lie in one of these; they are open on every clock that the activity is read on."""
    low: int
    high: int
    """Bounds of the start."""


class Model:
    """Variables, constraints, and the way back from a solution to start times."""

    def __init__(self, cp_model: Any, situation: Situation, lower_bound: int | None, hint: list[int] | None) -> None:
        self._cp_model = cp_model
        self.model = cp_model.CpModel()
        self._situation = situation
        self._hint = hint
        self._domain = cp_model.Domain
        self._readings: dict[tuple[int, int, bool], Any] = {}
        unit = situation.unit
        self._duration = [duration // unit for duration in situation.duration]
        works = [i for i in situation.free if situation.duration[i] > 0]
        self._real = Clock([(situation.begin, situation.end)] if situation.begin < situation.end else [], unit)
        self._common = Clock(joined(interval for pattern in _distinct(situation.opens.values()) for interval in pattern), unit)
        self._clocks: dict[tuple[Interval, ...], Clock] = {self._common.opens: self._common}
        self._real = self._clocks.setdefault(self._real.opens, self._real)
        self._exact = self._events_in_real_time()
        self.placed: dict[int, Placed] = {}
        for i in works:
            self._place(i)
        for i in situation.free:
            if situation.duration[i] == 0:
                self._place_event(i)
        self._precedence()
        self._worked = 0  # all work takes until then on the common clock, as far as one resource can tell
        for r in range(situation.project.num_resources):
            self._resource(r)
        for group in situation.project.disjunctive:
            self._group(group)
        self._objective(works, lower_bound)

    # --- activities

    def _clock(self, opens: Iterable[Interval]) -> Clock:
        key = tuple(opens)
        if key not in self._clocks:
            self._clocks[key] = Clock(key, self._situation.unit)
        return self._clocks[key]

    def _place(self, i: int) -> None:
        """A start on the common clock, or on a clock of its own for an activity that pauses at other times."""
        s = self._situation
        duration, opens = s.duration[i], s.opens[i]
        if s.pausable[i]:
            clock = self._clock(opens)
            ranges = [(clock.elapsed(s.earliest[i]), clock.elapsed(s.latest[i]) - self._duration[i])]
        else:
            clock = self._common
            ranges = []
            for begin, end in opens:
                first, last = max(begin, s.earliest[i]), min(end, s.latest[i]) - duration
                ranges.append((clock.elapsed(first), clock.elapsed(last)) if first <= last else (1, 0))
        ranges = [(low, high) for low, high in ranges if low <= high]
        if not ranges:
            raise ContradictionError(final=s.complete)
        start = self.model.new_int_var_from_domain(self._domain.from_intervals(ranges), f"start[{i}]")
        self.placed[i] = Placed(clock, start, tuple(opens), ranges[0][0], ranges[-1][1])
        self._hint_at(start, clock.elapsed(self._hint[i]) if self._hint else None)

    def _place_event(self, i: int) -> None:
        """An activity without duration: in real time where links make that matter, else on the common clock."""
        s = self._situation
        clock = self._real if i in self._exact else self._common
        low, high = clock.elapsed(s.earliest[i]), clock.elapsed(s.latest[i])
        start = self.model.new_int_var(low, high, f"start[{i}]")
        self.placed[i] = Placed(clock, start, clock.opens, low, high)
        self._hint_at(start, clock.elapsed(self._hint[i]) if self._hint else None)

    def _events_in_real_time(self) -> set[int]:
        """Activities without duration whose links are no mere precedence, and those connected with them through others."""
        s = self._situation
        events = {i for i in s.free if s.duration[i] == 0}
        reached = [k for pair, relation, lag in s.pairs if relation != "FS" or lag for k in pair if k in events]
        beside: dict[int, list[int]] = {i: [] for i in events}
        for (i, j), _, _ in s.pairs:
            if i in events and j in events:
                beside[i].append(j)
                beside[j].append(i)
        found: set[int] = set()
        while reached:
            i = reached.pop()
            if i not in found:
                found.add(i)
                reached += beside[i]
        return found

    def _reading(self, i: int, clock: Clock, *, end: bool) -> Any:
        """The start or the end of an activity on a clock that runs whenever the activity may work."""
        s, placed = self._situation, self.placed[i]
        own = placed.start + self._duration[i] if end else placed.start
        if clock is placed.clock:
            return own
        key = (i, id(clock), end)
        if key not in self._readings:
            if end and not s.pausable[i]:
                self._readings[key] = self._reading(i, clock, end=False) + self._duration[i]
            else:
                back = self._duration[i] - 1 if end else 0  # the last unit of work lies in open time, the end need not
                hint = None if self._hint is None else placed.clock.elapsed(self._hint[i]) + back
                moved = self._shifted(placed.start + back, placed, back, clock, hint, f"{i}, {end}")
                self._readings[key] = moved + 1 if end else moved
        return self._readings[key]

    def _shifted(self, own: Any, placed: Placed, back: int, clock: Clock, hint: int | None, name: str) -> Any:
        """An expression on the activity's clock, read on another one."""
        low, high = placed.low + back, placed.high + back
        pieces = [p for p in shifts(placed.opens, placed.clock, clock) if p[0] <= high and p[1] > low]
        if len(pieces) == 1:
            return own + pieces[0][2]
        reading = self.model.new_int_var(low + pieces[0][2], high + pieces[-1][2], f"[{name}]")
        literals = []
        for first, last, shift in pieces:
            literal = self.model.new_bool_var(f"[{name}] from {first}")
            self.model.add_linear_expression_in_domain(own, self._domain(first, last - 1)).only_enforce_if(literal)
            if hint is not None:
                self.model.add_hint(literal, first <= hint < last)
                if first <= hint < last:
                    self.model.add_hint(reading, hint + shift)
            literals.append(literal)
        self.model.add_exactly_one(literals)
        shifted = own + sum(shift * literal for (_, _, shift), literal in zip(pieces, literals, strict=True))
        self.model.add(reading == shifted)
        return reading

    # --- constraints

    def _precedence(self) -> None:
        for (i, j), relation, lag in self._situation.pairs:
            if i not in self.placed or j not in self.placed:
                continue  # the windows say it
            before, after = self.placed[i], self.placed[j]
            moves = lag != 0 or relation == "SF"  # an end is before the start that has the same reading
            if not moves and before.clock is after.clock:
                clock = before.clock
            elif not moves and self._real not in {before.clock, after.clock}:
                clock = self._common
            else:
                clock = self._real
            first = self._reading(i, clock, end=relation[0] == "F")
            self.model.add(self._reading(j, clock, end=relation[1] == "F") >= first + lag // self._situation.unit)

    def _resource(self, resource: int) -> None:
        """One cumulative constraint, on a clock on which as many users as possible last as long as their durations say."""
        s = self._situation
        users = [i for i in s.opens if s.demand[i][resource] > 0]
        if not users:
            return
        apart = [i for i in users if self.placed[i].clock is not self._common]
        clock = self._common
        if apart:
            clock = self._clock(joined(interval for pattern in _distinct(s.opens[i] for i in users) for interval in pattern))
        capacity = int(s.project.capacity[resource])
        intervals, demand = [], []
        for i in users:
            lasts = not s.pausable[i] or self.placed[i].clock is clock
            parts = [self._interval(i, clock)] if lasts else self._parts(i, clock)
            intervals += parts
            demand += [s.demand[i][resource]] * len(parts)
        work = sum(self._duration[i] * s.demand[i][resource] for i in users)
        since = min(clock.elapsed(s.earliest[i]) for i in users)
        for begin, end, units in s.left(resource):
            first, last = clock.elapsed(begin), clock.elapsed(end)
            possible = units * (last - max(first, since))
            if clock is self._common and 0 < work <= possible:
                self._worked = max(self._worked, max(first, since) - (-work // units))
            work -= max(0, possible)
            if first < last and units < capacity:
                intervals.append(
                    self.model.new_fixed_size_interval_var(first, last - first, f"taken of {resource} from {begin}")
                )
                demand.append(capacity - units)
        self.model.add_cumulative(intervals, demand, capacity)

    def _interval(self, i: int, clock: Clock) -> Any:
        start, end = (self._reading(i, clock, end=last) for last in (False, True))
        s = self._situation
        if not s.pausable[i] or self.placed[i].clock is clock:
            return self.model.new_fixed_size_interval_var(start, self._duration[i], f"activity[{i}]")
        size = self.model.new_int_var(self._duration[i], clock.total, f"size[{i}]")
        return self.model.new_interval_var(start, size, end, f"activity[{i}]")

    def _parts(self, i: int, clock: Clock) -> list[Any]:
        """An activity that pauses while others may use its resource: one interval of work for each of its open intervals."""
        placed, duration = self.placed[i], self._duration[i]
        parts = []
        for first, last, shift in shifts(placed.opens, placed.clock, clock):
            if last <= placed.low or first >= placed.high + duration:
                continue
            start, end = (self._clamped(bound, first, last) for bound in (placed.start, placed.start + duration))
            size = self.model.new_int_var(0, last - first, f"size[{i}] from {first}")
            parts.append(self.model.new_interval_var(start + shift, size, end + shift, f"activity[{i}] from {first}"))
        return parts

    def _clamped(self, value: Any, low: int, high: int) -> Any:
        most = self.model.new_int_var(0, high, "")
        self.model.add_min_equality(most, [value, high])
        clamped = self.model.new_int_var(low, high, "")
        self.model.add_max_equality(clamped, [most, low])
        return clamped

    def _group(self, group: tuple[int, ...]) -> None:
        """At most one of the group is under way, pauses included."""
        s = self._situation
        free = [i for i in group if i in s.opens]
        if not free:
            return
        clocks = {id(self.placed[i].clock): self.placed[i].clock for i in free}
        clock = next(iter(clocks.values())) if len(clocks) == 1 else self._common
        intervals = [self._interval(i, clock) for i in free]
        for begin, end in s.fixed_spans(group):
            first, last = clock.elapsed(begin), clock.elapsed(end)
            if first < last:
                intervals.append(self.model.new_fixed_size_interval_var(first, last - first, f"fixed from {begin}"))
                continue
            if end <= s.begin or begin >= s.end:
                continue
            for i in free:  # it lies in closed time, and no activity of the group may pause around it
                before = self.model.new_bool_var(f"{i} before {begin}")
                self.model.add(self._reading(i, clock, end=True) <= first).only_enforce_if(before)
                self.model.add(self._reading(i, clock, end=False) >= first).only_enforce_if(~before)
        self.model.add_no_overlap(intervals)

    # --- objective

    def _objective(self, works: list[int], lower_bound: int | None) -> None:
        """The makespan, on the common clock where no lag leads to an activity without duration."""
        s = self._situation
        clock = self._objective_clock = self._real if self._exact else self._common
        least = 0
        if lower_bound is not None and s.done < lower_bound:
            least = min(clock.elapsed(lower_bound - 1) + 1, clock.total)
        if self._worked > 0:
            least = max(least, clock.elapsed(self._common.end(self._worked)))
        self._makespan = self.model.new_int_var(least, clock.total, "makespan")
        inner = {i for (i, j), relation, lag in s.pairs if relation == "FS" and lag >= 0 and j in s.opens}
        for i in works:
            if i not in inner:
                self.model.add(self._makespan >= self._reading(i, clock, end=True))
        for i in self._exact:
            self.model.add(self._makespan >= self.placed[i].start)
        self.model.minimize(self._makespan)
        if self._hint:
            self._hint_at(self._makespan, max(least, clock.elapsed(s.end)))

    def makespan(self, objective: float) -> int:
        """The makespan in real time that a value of the objective, or a bound on it, stands for."""
        done = self._situation.done
        ticks = min(round(objective), self._objective_clock.total)
        if ticks <= 0:
            return done
        end = self._objective_clock.end(ticks)
        return max(done, end)

    def start_time(self, value: Callable[[Any], int]) -> list[int]:
        """The start times of a solution."""
        s = self._situation
        start = [s.fixed[i][0] if i in s.fixed else s.earliest[i] for i in range(len(s.duration))]
        ends = {i: end for i, (_, end) in s.fixed.items()}  # the starts of those that have an end are known as well
        for i in s.opens:
            placed = self.placed[i]
            reading = value(placed.start)
            start[i] = placed.clock.moment(reading)
            ends[i] = placed.clock.end(reading + self._duration[i])
        for i in s.order:  # what takes no time happens when its predecessors are done
            if i not in ends:
                events = ((ends[k] if relation[0] == "F" else start[k]) + lag for k, relation, lag in s.before[i])
                start[i] = max([s.earliest[i], *events])
                ends[i] = start[i]
        return start

    def _hint_at(self, variable: Any, value: int | None) -> None:
        if value is not None:
            self.model.add_hint(variable, value)


def _distinct(patterns: Iterable[list[Interval]]) -> list[list[Interval]]:
    """Patterns of open time, each once; activities with the same calendars share theirs."""
    return list({id(pattern): pattern for pattern in patterns}.values())
