"""The remaining planning problem: windows, working times and free capacity after a fixed past, for models of other solvers."""

from __future__ import annotations

from collections.abc import Mapping

from ._past import FixedRow
from .problem import Project
from .schedule import ProjectSchedule
from .working_time import Interval, TooManyStepsError

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
    pairs : list of (pair, relation, lag)
        Precedence.
    before : list of list of (activity, relation, lag)
        Predecessors.
    """

    def __init__(self, project: Project, fixed: Mapping[int, tuple[int, int | None]], now: int, horizon: int | None) -> None:
        self.project = project
        self.duration: list[int] = project.duration.tolist()
        self.demand: list[list[int]] = project.demand.tolist()
        self.pausable: list[bool] = project.pausable.tolist()
        self.fixed = _ended(project, fixed)
        self.free = [i for i in range(project.num_activities) if i not in self.fixed]
        self.pairs = list(zip(project.precedence.tolist(), project.relation, project.lag.tolist(), strict=True))
        native = project._native
        rows: list[FixedRow] = [(i, start, end) for i, (start, end) in self.fixed.items()]
        given, horizon = horizon, native.sufficient_horizon(rows, now) if horizon is None else horizon
        self.complete = horizon is not None
        self.begin, self.end = now, max(now, MOST_TIME if horizon is None else horizon)
        while (left := native.remaining(rows, now, self.end, MOST_STEPS)) is None:
            if given is not None or self.end <= now:
                raise TooManyStepsError(f"has more than {MOST_STEPS} steps before {self.end}")
            self.complete = False
            self.end = (now + self.end) // 2
        if any(code == "fixed_clash" for code, *_ in native.diagnose(rows, now)):
            raise ContradictionError(final=True)
        if not left["is_possible"]:
            raise ContradictionError(final=self.complete)
        self.unit, self.done = int(left["unit"]), int(left["length"])
        self.earliest, self.latest, self.order = left["earliest_start"], left["latest_finish"], left["order"]
        self.opens: dict[int, list[Interval]] = {i: left["patterns"][k] for i, k in left["pattern_of"]}
        self._levels: list[tuple[int, list[int]]] = left["levels"]
        self.before = [list[tuple[int, str, int]]() for _ in self.duration]
        for (i, j), relation, lag in self.pairs:
            self.before[j].append((i, relation, lag))

    def left(self, resource: int) -> list[tuple[int, int, int]]:
        """Pieces (begin, end, units) of what calendars and fixed activities leave of a resource, never less than nothing."""
        return pieces(self._levels, resource, int(self.project.capacity[resource]), (self.begin, self.end))

    def fixed_spans(self, group: tuple[int, ...]) -> list[Interval]:
        """When the fixed members of a group are under way."""
        spans = [self.fixed[i] for i in group if i in self.fixed and self.duration[i] > 0]
        return [(start, end) for start, end in spans if start < end]


def pieces(
    levels: list[tuple[int, list[int]]], resource: int, capacity: int, span: tuple[int, int]
) -> list[tuple[int, int, int]]:
    """Pieces (begin, end, units) of a span, of the units of a resource that are left from each moment on."""
    found: list[tuple[int, int, int]] = []
    since, level = span[0], capacity
    for moment, units in [*levels, (span[1], None)]:
        if units is None or units[resource] != level:
            if since < moment:
                found.append((since, moment, level))
            since, level = moment, level if units is None else units[resource]
    return found


def _ended(project: Project, fixed: Mapping[int, tuple[int, int | None]]) -> dict[int, Interval]:
    """The fixed activities with the ends that were planned where none are given."""
    start = [0] * project.num_activities
    for i, (begin, _) in fixed.items():
        start[i] = begin
    planned = ProjectSchedule.from_start_time(project, start).completion_time.tolist() if fixed else []
    return {i: (begin, planned[i] if end is None else end) for i, (begin, end) in fixed.items()}
