"""A project as a CP-SAT model (needs ortools, imported only when a proof is asked for)."""

from __future__ import annotations

import dataclasses
import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from .._core import CancelToken
from ..errors import SchedkitError
from .calendar import Calendar
from .project import Project
from .schedule import ProjectSchedule

_POLL = 0.02
"""Seconds between two looks at signals and the stop token."""
_MOST_STEPS = 100_000
"""Calendar steps within the horizon, each an interval of the model."""
_MOST_WORKERS = 256
"""As many threads as our own searches start; CP-SAT refuses far larger numbers."""
_MOST_TIME = 2**53
_NO_DEADLINE = 2**63 - 1


def available() -> Any:
    """The solver's module, or an error that says how to get it."""
    try:
        from ortools.sat.python import cp_model  # noqa: PLC0415
    except ImportError as error:
        raise SchedkitError("proofs by CP-SAT need OR-Tools: pip install 'schedkit[exact]'") from error
    return cp_model


def refuse_pausable(project: Project) -> None:
    """Activities whose end depends on the calendars at their start have no counterpart in the model."""
    pausable = np.flatnonzero(project.pausable)
    if pausable.size and project.calendars:
        reason = "cannot be told to CP-SAT, which knows intervals of fixed length"
        raise _validation.refuse("pausable", reason, index=(int(pausable[0]),), value=True, more=pausable.size - 1)


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What has happened, and the present."""

    fixed: dict[int, tuple[int, int | None]]
    now: int


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What the solver found: starts or None, a bound, and whether it proved that there is no schedule."""

    start_time: NDArray[np.int64] | None
    lower_bound: int
    refuted: bool


class Run:
    """One model being solved in a thread of its own, so that the calling thread can listen to signals."""

    def __init__(
        self, project: Project, past: Past, best: ProjectSchedule | None, lower_bound: int, seed: int, threads: int | None
    ) -> None:
        cp_model = self._cp_model = available()
        self._lower_bound = lower_bound
        # Where a calendar may keep somebody waiting beyond the model's horizon, no answer proves nothing.
        self._exhaustive = not project.calendars or bool((project.deadline < _NO_DEADLINE).all())
        self._model, self._starts, self._makespan = _model(cp_model, project, past, best, lower_bound)
        self._solver = cp_model.CpSolver()
        self._solver.parameters.random_seed = seed % 2**31
        self._solver.parameters.num_workers = min(threads or 0, _MOST_WORKERS)
        self._solver.parameters.catch_sigint_signal = False
        self._found: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._status: Any = None
        self._failure: BaseException | None = None
        self._done = threading.Event()

    def wait(self, seconds: float | None, stop: CancelToken | None, found: Callable[[int, int], None]) -> BaseException | None:
        """Solves; `found` gets each better makespan with the bound. What interrupted it, if anything did."""
        if seconds is not None:
            self._solver.parameters.max_time_in_seconds = seconds
        invalid = self._model.validate()
        if invalid:
            raise _validation.refuse("project", f"CP-SAT refuses the model: {invalid.splitlines()[0]}")
        end = None if seconds is None else time.perf_counter() + seconds
        thread = threading.Thread(target=self._solve, daemon=True)
        interrupt: BaseException | None = None
        thread.start()
        over = False
        while not over:  # an interrupted join may take a running thread for an ended one
            try:
                self._done.wait(_POLL)
                over = self._done.is_set()
                late = end is not None and time.perf_counter() >= end
                if late or (stop is not None and stop.cancelled) or interrupt is not None:
                    self._solver.stop_search()
                while interrupt is None and not self._found.empty():
                    found(*self._found.get())
            except BaseException as error:  # handed on, with the result
                interrupt = error
        return interrupt

    def _solve(self) -> None:
        run, base = self, self._cp_model.CpSolverSolutionCallback

        class Report(base):  # type: ignore[misc, valid-type]
            def on_solution_callback(self) -> None:
                run._found.put((round(self.objective_value), round(self.best_objective_bound)))

        try:
            self._status = self._solver.solve(self._model, Report())
        except BaseException as error:
            self._failure = error
        finally:
            self._done.set()

    def answer(self) -> Answer:
        """The best of this run."""
        if self._failure is not None:
            raise self._failure
        cp_model, solver, status = self._cp_model, self._solver, self._status
        if status == cp_model.MODEL_INVALID:
            raise SchedkitError(f"CP-SAT refuses the model or its parameters: {solver.solution_info()}")
        if status == cp_model.INFEASIBLE:
            return Answer(None, self._lower_bound, refuted=self._exhaustive)
        bound = max(self._lower_bound, round(solver.best_objective_bound)) if status != cp_model.UNKNOWN else self._lower_bound
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer(None, bound, refuted=False)
        return Answer(np.array([solver.value(start) for start in self._starts], dtype=np.int64), bound, refuted=False)


def _model(
    cp_model: Any, project: Project, past: Past, best: ProjectSchedule | None, lower_bound: int
) -> tuple[Any, list[Any], Any]:
    """Intervals, precedence with lags, windows, a cumulative constraint per resource, disjunctions; minimises the makespan."""
    model = cp_model.CpModel()
    horizon = _horizon(project, past) if best is None else best.makespan
    starts, ends, intervals = [], [], []
    for i, duration in enumerate(project.duration.tolist()):
        if i in past.fixed:
            begin, until = past.fixed[i]
            start, end = model.new_constant(begin), model.new_constant(begin + duration if until is None else until)
        else:
            earliest = max(past.now, int(project.release_time[i]) or past.now)
            latest = min(horizon, int(project.deadline[i]))
            if earliest + duration > latest:
                model.add_bool_or([])  # no schedule
                latest = earliest + duration
            start = model.new_int_var(earliest, latest - duration, f"start[{i}]")
            end = start + duration
        starts.append(start)
        ends.append(end)
        length = duration if i not in past.fixed else _span(past, i, duration)
        intervals.append(model.new_interval_var(start, length, end, f"activity[{i}]"))
    for (before, after), lag in zip(project.precedence.tolist(), project.lag.tolist(), strict=True):
        if after not in past.fixed:
            model.add(starts[after] >= ends[before] + lag)
    _add_resources(model, project, past, horizon, intervals)
    for group in project.disjunctive:
        model.add_no_overlap([intervals[i] for i in group if project.duration[i] > 0])
    makespan = model.new_int_var(lower_bound, max(horizon, lower_bound), "makespan")
    model.add_max_equality(makespan, [0, *ends])
    model.minimize(makespan)
    if best is not None:
        for i, start in enumerate(starts):
            if i not in past.fixed:
                model.add_hint(start, int(best.start_time[i]))
        model.add_hint(makespan, best.makespan)
    return model, starts, makespan


def _span(past: Past, activity: int, duration: int) -> int:
    start, end = past.fixed[activity]
    return duration if end is None else end - start


def _add_resources(model: Any, project: Project, past: Past, horizon: int, intervals: list[Any]) -> None:
    for r, capacity in enumerate(project.capacity.tolist()):
        users = [i for i in range(project.num_activities) if project.duration[i] > 0 and project.demand[i, r] > 0]
        taken = [intervals[i] for i in users]
        demand = [int(project.demand[i, r]) for i in users]
        for begin, end, missing in _shortages(project.calendars.get(r, ()), capacity, past.now, horizon):
            taken.append(model.new_fixed_size_interval_var(begin, end - begin, f"calendar[{r}] from {begin}"))
            demand.append(missing)
        if taken:
            model.add_cumulative(taken, demand, capacity)


def _shortages(calendars: Calendar | tuple[Calendar, ...], capacity: int, now: int, horizon: int) -> list[tuple[int, int, int]]:
    """Intervals of [now, horizon) in which calendars leave less than the capacity, and how much less."""
    several = (calendars,) if isinstance(calendars, Calendar) else calendars
    steps = [step for calendar in several for step in _steps(calendar, now, horizon)]
    moments = sorted({now, horizon, *(moment for begin, end, _ in steps for moment in (begin, end))})
    shortages: list[tuple[int, int, int]] = []
    for begin, end in itertools.pairwise(moments):
        left = min((units for first, last, units in steps if first <= begin < last), default=capacity)
        if left < capacity:
            shortages.append((begin, end, capacity - left))
    return shortages


def _steps(calendar: Calendar, now: int, horizon: int) -> Iterator[tuple[int, int, int]]:
    """The calendar's steps (begin, end, capacity) that meet [now, horizon)."""
    times, units, period = calendar.time.tolist(), calendar.capacity.tolist(), calendar.period
    if not times or now >= horizon:
        return
    rounds = range(1)
    if period is not None:
        rounds = range((now - times[0]) // period - 1, (horizon - times[0]) // period + 1)
        if len(rounds) * len(times) > _MOST_STEPS:
            reason = f"has more than {_MOST_STEPS} steps before {horizon}, too many for CP-SAT"
            raise _validation.refuse("calendars", reason)
    last = horizon if period is None else times[0] + period
    for k in rounds:
        shift = 0 if period is None else k * period
        for begin, end, left in zip(times, [*times[1:], last], units, strict=True):
            first, until = max(now, begin + shift), min(horizon, end + shift)
            if first < until:
                yield first, until, left


def _horizon(project: Project, past: Past) -> int:
    """A time by which everything can be done, if it can be done at all; deadlines and calendars may move it."""
    finite = project.deadline[project.deadline < _NO_DEADLINE]
    if finite.size == project.num_activities:
        return int(finite.max(initial=0))
    ends = (start + _span(past, i, int(project.duration[i])) for i, (start, _) in past.fixed.items())
    latest = max([past.now, *project.release_time.tolist(), *ends])
    steps = 0
    for calendars in project.calendars.values():
        for calendar in (calendars,) if isinstance(calendars, Calendar) else calendars:
            if calendar.period is not None:
                steps += (project.num_activities + 1) * calendar.period
            latest = max(latest, int(calendar.time[-1]) if calendar.time.size else 0)
    return min(_MOST_TIME, int(latest) + int(project.duration.sum()) + int(project.lag.sum()) + steps)
