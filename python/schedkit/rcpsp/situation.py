"""The remaining planning problem: windows, working times and free capacity after a fixed past, for models of other solvers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from .past import FixedRow
from .problem import Project
from .schedule import ProjectSchedule
from .working_time import Interval, Steps, TooManyStepsError, common, joined

MOST_STEPS = 100_000
"""Calendar steps of one resource within the horizon, and open intervals of one activity."""
MOST_TIME = 2**53


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
    done : int
        The makespan is no less, because of fixed activities and of starts that cannot be earlier.
    opens : dict of activity to open intervals
        When each free activity with work to do may work.
    order : list of int
        All activities, predecessors first.
    pairs : list of (pair, lag)
        Precedence.
    before : list of list of (activity, lag)
        Predecessors.
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
        self.pairs = list(zip(project.precedence.tolist(), project.lag.tolist(), strict=True))
        self.begin = now
        rows: list[FixedRow] = [(i, start, end) for i, (start, end) in self.fixed.items()]
        given = horizon is not None
        if horizon is None:
            horizon = project._native.sufficient_horizon(rows, now)
        self.complete = horizon is not None
        self._patterns: dict[tuple[tuple[int, int], ...], list[Interval]] = {}
        self.end = max(now, MOST_TIME if horizon is None else horizon)
        if self._count_steps(self.end) > MOST_STEPS:
            if given:
                raise TooManyStepsError(f"has more than {MOST_STEPS} steps before {self.end}")
            self.complete = False
            while self._count_steps(self.end) > MOST_STEPS and self.end > now:
                self.end = (now + self.end) // 2
        self.opens = {i: self._open(i, self.begin, self.end) for i in self.free if self.duration[i] > 0}
        if any(code == "fixed_clash" for code, *_ in project._native.diagnose(rows, now)):
            raise ContradictionError(final=True)
        remaining = project._native.remaining(rows, now, self.end)
        if remaining is None:
            raise ContradictionError(final=self.complete)
        self.unit, self.done = int(remaining["unit"]), int(remaining["length"])
        self.earliest, self.latest, self.order = remaining["earliest_start"], remaining["latest_finish"], remaining["order"]
        self.before = [list[tuple[int, int]]() for _ in self.duration]
        for (i, j), lag in self.pairs:
            self.before[j].append((i, lag))

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
