"""Work under way: when it goes on. The rule stands here once, and the search, late starts, slack and warnings keep it.

Work under way goes on in the order of its starts, each as soon as links from what has happened, and from work under way
before it, and the units that those leave let it, and before work that has not begun: that is its turn. It keeps its turn
unless the plan has no schedule then, because a link binds its end or a deadline would be missed. Those behind work that loses
its turn have theirs, then it is tried again beside them, and behind their ends where a link says so. What has no turn then
either is placed by the search, like work that has not begun.

Work of which nothing is left ends at once, or as soon as its links let it. It has no turn, because it holds no units.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import _validation, rcpsp
from ..errors import InfeasibleError
from . import past
from .earliest import early, schedule_spans
from .feasibility import DEFAULT_TIME, Inquiry
from .past import Spans
from .plan_model import PlanModel

_LEAST_SHARE = 0.1
"""The share of the time limit that each search has at least."""
_EARLY_SHARE = 0.5
"""The share of the time that is left which goes into the early schedule before a late one, if work under way waits."""


def in_turn(made: PlanModel, possible: Callable[[Spans], bool] = lambda _: True) -> Spans:
    """Start and end of the work under way that goes on in its turn.

    Parameters
    ----------
    made : PlanModel
    possible : callable
        Whether the plan has a schedule if some work under way has the times that are given.
    """
    found: Spans = {}
    waiting = _with_work_left(made)
    tried: Spans | None = None
    while waiting and tried != found:
        tried = dict(found)
        for k in waiting:
            span = _soonest(made, k, found)
            in_time = span is not None and span[1] <= made.project.deadline[k]
            if span is not None and in_time and possible(found | {k: span}):
                found[k] = span
        waiting = [k for k in waiting if k not in found]
    return found


def _with_work_left(made: PlanModel) -> list[int]:
    """What is under way and is not done, in the order of the starts."""
    return [k for k in made.running if made.project.duration[k]]


def turn_of(made: PlanModel, k: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """When work under way would go on in a schedule if its end had no links: beside what began before it, or at once.

    Parameters
    ----------
    made : PlanModel
    k : int
        Its position.
    spans : list of (int, int)
        The times of the schedule.
    """
    earlier = made.running[: made.running.index(k)]
    return _soonest(made, k, {i: spans[i] for i in earlier if made.project.duration[i]}, is_linked=False)


def _soonest(made: PlanModel, k: int, others: Spans, *, is_linked: bool = True) -> tuple[int, int] | None:
    """When work under way goes on beside others, as far as its links are known; None if calendars close before."""
    project, known = made.project, _with_known_ends(made, made.fixed | others)
    ends = [
        made.earliest(bound, *known.get(bound.before, (0, 0)))
        for bound in made.bounds
        if is_linked and bound.after == k and (bound.before in known or past.happened(made.plan, made.times, bound) is not None)
    ]
    least = max([0, *(at for at in ends if at is not None)])
    rows, number = [*others, k], len(others) + 1
    beside = rcpsp.Project(
        [*project.duration[rows], 0],
        np.concatenate((project.demand[rows], np.zeros((1, len(project.capacity)), dtype=np.int64))),
        project.capacity,
        precedence=[(number, number - 1)],
        relation=["FF"],
        release_time=[*project.release_time[rows], 0],
        calendars=project.calendars,
        pausable=[True] * number + [False],
    )
    fixed = dict(enumerate(others.values())) | {number: (least, least)}
    try:
        found = rcpsp.serial_sgs(beside, range(number + 1), fixed=fixed, now=past.present(made.plan, made.times) or 0)
    except InfeasibleError:
        return None
    return schedule_spans(found)[number - 1]


def _with_known_ends(made: PlanModel, known: Spans) -> Spans:
    """The times that are known, and the ends of work under way of which nothing is left if all that it waits for is known."""
    found = dict(known)
    at_once = [k for k in made.running if not made.project.duration[k]]
    for _ in at_once:  # one may wait for others
        for k in at_once:
            bounds = [bound for bound in made.bounds if bound.after == k]
            if all(bound.before in found or past.happened(made.plan, made.times, bound) is not None for bound in bounds):
                end = _end_at_once(made, k, found)
                found[k] = (end, end)
    return found


def _end_at_once(made: PlanModel, k: int, spans: Mapping[int, tuple[int, int]]) -> int:
    """When work under way of which nothing is left ends, by the times of what it waits for."""
    ends = [made.earliest(bound, *spans.get(bound.before, (0, 0))) for bound in made.bounds if bound.after == k]
    return max([past.present(made.plan, made.times) or 0, *(at for at in ends if at is not None)])


def with_ends_at_once(made: PlanModel, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Times of activities, where work under way of which nothing is left ends as soon as its links let it.

    Parameters
    ----------
    made : PlanModel
    spans : list of (int, int)
        Those of a schedule that keeps all links.
    """
    found = dict(enumerate(spans))
    at_once = [k for k in made.running if not made.project.duration[k]]
    for _ in at_once:  # one may wait for others
        for k in at_once:
            found[k] = (_end_at_once(made, k, found),) * 2
    return list(found.values())


class RuledSearch:
    """The search for a schedule in which work under way goes on by the rule.

    Parameters
    ----------
    made : PlanModel
    report : callable or None
        Gets the improvements.
    options : dict
        Those of `schedkit.rcpsp.solve`, all but `fixed`, `now` and `on_improvement`. An interrupt is always raised, with the
        best so far as its ``.result``.

    Attributes
    ----------
    model : PlanModel
        Its fixed times are those that the schedule of the answer keeps, those of work under way included.
    """

    def __init__(self, made: PlanModel, report: Any, options: Mapping[str, Any]) -> None:
        self.model, self._made, self._report = made, made, report
        self._options = {**options, "on_interrupt": "raise"}
        if options["time_limit"] is None and options["max_schedules"] is None:
            self._options["time_limit"] = DEFAULT_TIME
        self._limit = _validation.time_limit(self._options["time_limit"])
        self._begun = time.perf_counter()
        self._known: rcpsp.ProjectSchedule | None = None

    def run(self) -> rcpsp.ProjectSolution:
        """The solution. Its bound holds for all schedules in which work under way goes on by the rule."""
        made = self._made
        turns = in_turn(made)
        if turns.keys() == set(_with_work_left(made)):
            found = self._solve(turns, late=self._options["late"])
            if found.schedule is not None or not turns or (found.status == "unknown" and self._is_over()):
                return self._timed(found)
        self.model = made
        inquiry = self._inquiry()
        whole = inquiry.first_schedule(made)
        if whole.schedule is None:
            return self._timed(whole)
        self._known = whole.schedule

        def possible(spans: Spans) -> bool:
            if inquiry.left <= 0 or self._is_over():
                return False
            answer = inquiry.first_schedule(self._with(spans))
            self._known = self._known if answer.schedule is None else answer.schedule
            return answer.schedule is not None

        turns = in_turn(made, possible)
        waiting = [k for k in _with_work_left(made) if k not in turns]
        return self._timed(self._beside(turns, waiting) if waiting else self._solve(turns, late=self._options["late"]))

    def _beside(self, turns: Spans, waiting: list[int]) -> rcpsp.ProjectSolution:
        """The solution if some work under way is placed by the search. Late starts do not move it."""
        late = self._options["late"]
        found = self._solve(turns, late=False, share=_EARLY_SHARE if late else 1)
        if found.schedule is None:
            return found
        self._known = early(self.model, found.schedule, self._made.goal)
        found, spans = dataclasses.replace(found, schedule=self._known), schedule_spans(self._known)
        kept = turns | {k: spans[k] for k in waiting}
        later = self._solve(kept, late=True) if late else found
        self.model = dataclasses.replace(self._with(kept), placed=frozenset(waiting))
        best = found if later.schedule is None else later
        proven = best.objective == found.lower_bound
        return dataclasses.replace(best, status="optimal" if proven else "feasible", lower_bound=found.lower_bound)

    def _with(self, spans: Spans) -> PlanModel:
        return dataclasses.replace(self._made, fixed=self._made.fixed | spans)

    def _solve(self, spans: Spans, *, late: bool, share: float = 1) -> rcpsp.ProjectSolution:
        """The solution with some times that are kept."""
        self.model = made = self._with(spans)
        options = self._options | {"late": late, "time_limit": self._left(share), "warm_start": self._known}
        found = rcpsp.solve(made.project, fixed=made.fixed, now=made.now, on_improvement=self._report, **options)
        if found.schedule is not None:
            self._report = None  # further searches begin with what has been reported
        return found

    def _is_over(self) -> bool:
        """Whether the time is up, or the search was ended from another thread."""
        stop = self._options["stop"]
        late = self._limit is not None and time.perf_counter() - self._begun >= self._limit
        return late or (stop is not None and bool(stop.cancelled))

    def _left(self, share: float = 1) -> float | None:
        if self._limit is None:
            return None
        return max(self._limit - (time.perf_counter() - self._begun), _LEAST_SHARE * self._limit) * share

    def _inquiry(self) -> Inquiry:
        options = {key: self._options[key] for key in ("max_schedules", "seed", "threads")}
        return Inquiry(time_limit=self._left(_EARLY_SHARE), **options)

    def _timed(self, found: rcpsp.ProjectSolution) -> rcpsp.ProjectSolution:
        return dataclasses.replace(found, runtime=time.perf_counter() - self._begun)
