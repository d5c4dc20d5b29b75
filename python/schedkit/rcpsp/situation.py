"""The remaining planning problem: windows, working times and free capacity after a fixed past, for models of other solvers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from .problem import Project
from .schedule import ProjectSchedule
from .working_time import Interval, Steps, TooManyStepsError, common, joined

MOST_STEPS = 100_000
"""Calendar steps of one resource within the horizon, and open intervals of one activity."""
MOST_TIME = 2**53
NO_DEADLINE = 2**63 - 1


class ContradictionError(Exception):
    """There is no schedule within the horizon; `final` if there is none at all."""

    def __init__(self, *, final: bool) -> None:
        super().__init__(final)
        self.final = final


class Situation:
    """A project after its fixed past, between the present and a horizon by which everything is done.

    Attributes
    ----------
    fixed : dict of activity to (start, end)
    begin, end : int
        Free activities run within [begin, end).
    complete : bool
        Whether there is a schedule within the horizon if there is one at all.
    unit : int
        A number of ticks that divides all durations, lags and times, counted from `begin`, at which work may become possible:
        if there is a schedule, some shortest one starts everything at multiples.
    earliest, latest : list of int
        Bounds on the start and on the completion of each free activity.
    done : int or None
        The makespan is no less, because of fixed activities and of starts that cannot be earlier. None says nothing.
    opens : dict of activity to open intervals
        When each free activity with work to do may work.
    order : list of int
        All activities, predecessors first.
    before, after : list of list of (activity, lag)
        Predecessors and successors.
    """

    def __init__(self, project: Project, fixed: Mapping[int, tuple[int, int | None]], now: int, horizon: int | None) -> None:
        self.project = project
        self.duration: list[int] = project.duration.tolist()
        self.demand: list[list[int]] = project.demand.tolist()
        self.pausable: list[bool] = project.pausable.tolist()
        self.steps = {
            r: Steps(calendars, int(project.capacity[r]))
            for r, calendars in project.calendars.items()
            if _says_anything(calendars)
        }
        self.fixed = _ended(project, fixed)
        self.free = [i for i in range(project.num_activities) if i not in self.fixed]
        self.begin = self.end = now
        self.complete = True
        self._patterns: dict[tuple[tuple[int, int], ...], list[Interval]] = {}
        self.end = max(now, self._sufficient_horizon() if horizon is None else horizon)
        if self._count_steps(self.end) > MOST_STEPS:
            if horizon is not None:
                raise TooManyStepsError(f"has more than {MOST_STEPS} steps before {self.end}")
            self.complete = False
            while self._count_steps(self.end) > MOST_STEPS and self.end > now:
                self.end = (now + self.end) // 2
        self._patterns.clear()
        self.opens = {i: self._open(i, self.begin, self.end) for i in self.free if self.duration[i] > 0}
        self._check_fixed()
        self._windows()
        self.unit = self._greatest_unit()

    # --- when

    def _open(self, i: int, begin: int, end: int) -> list[Interval]:
        """When no calendar denies an activity its demand."""
        needs = tuple((r, units) for r, units in enumerate(self.demand[i]) if units > 0 and r in self.steps)
        if begin >= end:
            return []
        if not needs:
            return [(begin, end)]
        if max(self.steps[r].count(begin, end) for r, _ in needs) > 2 * MOST_STEPS:
            raise TooManyStepsError(f"has more than {2 * MOST_STEPS} steps between {begin} and {end}")
        whole = (begin, end) == (self.begin, self.end)
        if whole and needs in self._patterns:
            return self._patterns[needs]
        opens = [(begin, end)]
        for r, units in needs:
            pieces = self.steps[r].pieces(begin, end)
            opens = common(opens, joined((first, last) for first, last, level in pieces if level >= units))
        if whole:
            self._patterns[needs] = opens
        return opens

    def _count_steps(self, end: int) -> int:
        return max((steps.count(self.begin, end) for steps in self.steps.values()), default=0)

    def _sufficient_horizon(self) -> int:
        """A time by which everything is done in some schedule, if there is any.

        From a moment on nothing happens once: all windows and fixed activities have ended, all calendars repeat themselves.
        What starts later in some schedule can run then, one activity after the other, each within one round and its own run.
        """
        project = self.project
        deadlines = [int(project.deadline[i]) for i in self.free]
        if all(deadline < NO_DEADLINE for deadline in deadlines):
            return max(deadlines, default=self.begin)
        last = [self.begin, *(end for _, end in self.fixed.values())]
        last += [int(project.release_time[i]) for i in self.free]
        last += [deadline for deadline in deadlines if deadline < NO_DEADLINE]
        rounds = dict.fromkeys(self.free, 1)
        for r, calendars in project.calendars.items():
            for calendar in calendars if isinstance(calendars, tuple) else (calendars,):
                if calendar.period is None:
                    last += calendar.time[-1:].tolist()
                elif calendar.time.size:
                    for i in self.free:
                        rounds[i] = math.lcm(rounds[i], calendar.period) if self.demand[i][r] > 0 else rounds[i]
        quiet = max(last) + 1
        lag = dict.fromkeys(range(project.num_activities), 0)
        for (_, after), ticks in zip(project.precedence.tolist(), project.lag.tolist(), strict=True):
            lag[after] = max(lag[after], ticks)
        horizon = quiet
        longest = 0
        for i in self.free:
            run = self._longest_run(i, quiet, rounds[i])
            longest = max(longest, run)
            horizon += lag[i] + rounds[i] + run
        if horizon + longest > MOST_TIME:
            self.complete = False
        return min(MOST_TIME, horizon + longest)

    def _longest_run(self, i: int, quiet: int, cycle: int) -> int:
        """How long an activity takes at most if it starts in the time that repeats itself."""
        if not self.pausable[i] or self.duration[i] == 0 or not any(self.demand[i][r] for r in self.steps):
            return self.duration[i]
        if max(self.steps[r].count(quiet, quiet + cycle) for r in self.steps if self.demand[i][r]) > MOST_STEPS:
            return cycle * self.duration[i]  # one tick of work in each round
        works = sum(end - begin for begin, end in self._open(i, quiet, quiet + cycle))
        return 0 if works == 0 else -(-self.duration[i] // works) * cycle

    def _windows(self) -> None:
        """The longest paths from the constants, forward and backward."""
        project = self.project
        after = self.after = [list[tuple[int, int]]() for _ in self.duration]
        before = self.before = [list[tuple[int, int]]() for _ in self.duration]
        for (i, j), lag in zip(project.precedence.tolist(), project.lag.tolist(), strict=True):
            after[i].append((j, lag))
            before[j].append((i, lag))
        order = self.order = _topological(after, before)
        n = len(self.duration)
        self.earliest, self.latest = [self.begin] * n, [self.end] * n
        end = [0] * n
        for i in order:
            if i in self.fixed:
                self.earliest[i], end[i] = self.fixed[i]
                continue
            start = max(self.begin, int(project.release_time[i]) or self.begin)
            start = max([start, *(end[k] + lag for k, lag in before[i])])
            self.earliest[i], end[i] = self._first_run(i, start)
        latest_start = [0] * n
        for i in reversed(order):
            if i in self.fixed:
                latest_start[i] = self.fixed[i][0]
                continue
            last = min([self.end, int(project.deadline[i]), *(latest_start[j] - lag for j, lag in after[i])])
            latest_start[i], self.latest[i] = self._last_run(i, last)
            if latest_start[i] < self.earliest[i]:
                raise ContradictionError(final=self.complete)
        self.done = max(end, default=None)

    def _first_run(self, i: int, start: int) -> Interval:
        """The earliest run from `start` on, by itself."""
        left = self.duration[i]
        if left == 0:
            return start, start
        first = None
        for begin, end in self.opens[i]:
            if end <= start:
                continue
            now = max(begin, start)
            if not self.pausable[i]:
                if end - now >= left:
                    return now, now + left
                continue
            first = now if first is None else first
            if end - now >= left:
                return first, now + left
            left -= end - now
        raise ContradictionError(final=self.complete)  # no run ends within the horizon

    def _last_run(self, i: int, end: int) -> Interval:
        """The latest run that ends by `end`, by itself."""
        left = self.duration[i]
        if left == 0:
            return end, end
        last = None
        for first, closes in reversed(self.opens[i]):
            if first >= end:
                continue
            until = min(closes, end)
            if not self.pausable[i]:
                if until - first >= left:
                    return until - left, until
                continue
            last = until if last is None else last
            if until - first >= left:
                return until - left, last
            left -= until - first
        raise ContradictionError(final=self.complete)

    def _greatest_unit(self) -> int:
        project, begin = self.project, self.begin
        unit = math.gcd(*(self.duration[i] for i in self.free), *project.lag.tolist())
        unit = math.gcd(unit, *(max(0, int(project.release_time[i]) - begin) for i in self.free))
        # Lags may run on from the past.
        unit = math.gcd(unit, *(moment - begin for span in self.fixed.values() for moment in span))
        for calendars in project.calendars.values():
            for calendar in calendars if isinstance(calendars, tuple) else (calendars,):
                unit = math.gcd(unit, calendar.period or 0, *(int(time) - begin for time in calendar.time))
        return max(1, unit)

    # --- capacity

    def _loads(self, resource: int, begin: int, end: int) -> list[tuple[int, int]]:
        """Changes (moment, units) of what fixed activities hold of a resource within [begin, end)."""
        changes: list[tuple[int, int]] = []
        for i, (start, until) in self.fixed.items():
            units = self.demand[i][resource]
            first, last = max(begin, start), min(end, until)
            if units == 0 or self.duration[i] == 0 or first >= last:
                continue
            works = self._open(i, first, last) if self.pausable[i] else [(first, last)]
            for a, b in works:
                changes += [(a, units), (b, -units)]
        return sorted(changes)

    def left(self, resource: int) -> list[tuple[int, int, int]]:
        """Pieces (begin, end, units) of what calendars and fixed activities leave of a resource, never less than nothing."""
        begin, end, capacity = self.begin, self.end, int(self.project.capacity[resource])
        if begin >= end:
            return []
        pieces = self.steps[resource].pieces(begin, end) if resource in self.steps else [(begin, end, capacity)]
        changes = self._loads(resource, begin, end)
        moments = sorted({first for first, _, _ in pieces} | {moment for moment, _ in changes} | {end})
        found: list[tuple[int, int, int]] = []
        k, piece, held = 0, 0, 0
        for first, last in itertools.pairwise(moments):
            while k < len(changes) and changes[k][0] <= first:
                held += changes[k][1]
                k += 1
            while pieces[piece][1] <= first:
                piece += 1
            units = max(0, pieces[piece][2] - held)
            if found and found[-1][2] == units:
                found[-1] = (found[-1][0], last, units)
            else:
                found.append((first, last, units))
        return found

    def _check_fixed(self) -> None:
        """Fixed activities that contradict each other."""
        project = self.project
        for (i, j), lag in zip(project.precedence.tolist(), project.lag.tolist(), strict=True):
            if i in self.fixed and j in self.fixed and self.fixed[j][0] < self.fixed[i][1] + lag:
                raise ContradictionError(final=True)
        for group in project.disjunctive:
            spans = sorted(self.fixed_spans(group))
            if any(first[1] > second[0] for first, second in itertools.pairwise(spans)):
                raise ContradictionError(final=True)
        ends = [moment for span in self.fixed.values() for moment in span]
        for resource, capacity in enumerate(project.capacity.tolist()):
            held = 0
            changes = self._loads(resource, min(ends, default=0), max(ends, default=0))
            for _, together in itertools.groupby(changes, key=lambda change: change[0]):
                held += sum(units for _, units in together)
                if held > capacity:
                    raise ContradictionError(final=True)

    def fixed_spans(self, group: tuple[int, ...]) -> list[Interval]:
        """When the fixed members of a group are under way."""
        spans = [self.fixed[i] for i in group if i in self.fixed and self.duration[i] > 0]
        return [(start, end) for start, end in spans if start < end]


def _says_anything(calendars: object) -> bool:
    return any(c.time.size for c in (calendars if isinstance(calendars, tuple) else (calendars,)))


def _ended(project: Project, fixed: Mapping[int, tuple[int, int | None]]) -> dict[int, Interval]:
    """The fixed activities with the ends that were planned where none are given."""
    start = [0] * project.num_activities
    for i, (begin, _) in fixed.items():
        start[i] = begin
    planned = ProjectSchedule.from_start_time(project, start).completion_time.tolist() if fixed else []
    return {i: (begin, planned[i] if end is None else end) for i, (begin, end) in fixed.items()}


def _topological(after: list[list[tuple[int, int]]], before: list[list[tuple[int, int]]]) -> list[int]:
    waits = [len(pairs) for pairs in before]
    order = [i for i, count in enumerate(waits) if count == 0]
    for i in order:
        for j, _ in after[i]:
            waits[j] -= 1
            if waits[j] == 0:
                order.append(j)
    return order
