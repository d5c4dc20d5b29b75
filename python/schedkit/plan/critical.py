"""The chain of activities that decides when a plan ends, links and shared resources included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import open_time
from .elements import Activity
from .open_time import Intervals
from .plan_model import PlanModel


def chain(model: PlanModel, start: Sequence[int], end: Sequence[int]) -> list[int]:
    """The positions of the activities that decide the end, in order; each starts as early as the one before lets it.

    The last one ends the plan; of several it is the one that starts last, then the first in the plan. A chain begins with what
    has happened, or with what starts, or goes on, as early as the plan or its release let it. Work under way may wait for other
    work under way. A link goes before a shared resource; of several equal causes the one that ends last counts, then the first
    in the plan.

    Parameters
    ----------
    model : PlanModel
    start, end : sequence of int
        Ticks of all activities of the plan, in a schedule in which none could start earlier alone.
    """
    if not start:
        return []
    causes = _Causes(model, start, end)
    found = [max(range(len(start)), key=lambda k: (end[k], start[k], -k))]
    while (before := causes.of(found[-1])) is not None and before not in found:  # two may wait for each other
        found.append(before)
    return found[::-1]


class _Causes:
    """Finds what holds back activities in a schedule."""

    def __init__(self, model: PlanModel, start: Sequence[int], end: Sequence[int]) -> None:
        self._model, self._start, self._end = model, start, end
        self._work: list[int] = model.project.duration.tolist()
        self._open: dict[int, Intervals] = {}
        self._links: dict[int, list[tuple[int, int]]] = {}
        for bound in model.bounds:
            earliest = model.earliest(bound, start[bound.before], end[bound.before])
            if earliest is not None and bound.link.type[1] == "F":
                earliest = self._reaching(bound.after, earliest)
            if earliest is not None:
                self._links.setdefault(bound.after, []).append((earliest, -bound.before))

    def of(self, j: int) -> int | None:
        """The activity that keeps another one from starting earlier; None if the plan itself does."""
        if self._model.plan.activities[j].actual_end is not None:
            return None
        links = self._links.get(j, [])
        least = max(self._model.now, int(self._model.project.release_time[j]))
        earlier = self._earlier(j, max([least, *(earliest for earliest, _ in links)]))
        if earlier is not None:
            return self._holder(j, earlier)
        if not self._is_under_way(j):
            links = [(earliest, before) for earliest, before in links if earliest >= least]
        tight = [(earliest, before) for earliest, before in links if self._earlier(j, earliest) is None]
        return -max(tight)[1] if tight else None

    def _earlier(self, j: int, since: int) -> int | None:
        """The last start before that of the schedule which calendars allow; None if there is none since a moment."""
        if not self._work[j]:
            return self._start[j] - 1 if self._start[j] > since else None
        need = 1 if self._model.project.pausable[j] else self._work[j]
        opens = self._opens(j)
        fitting = opens[(opens[:, 1] - opens[:, 0] >= need) & (opens[:, 0] < self._start[j])]
        if not len(fitting):
            return None
        last = min(int(fitting[-1, 1]) - need, self._start[j] - 1)
        return last if last >= since else None

    def _reaching(self, j: int, end: int) -> int:
        """The first start from which on an activity ends at a tick or later."""
        work = self._work[j]
        if not work or not self._model.project.pausable[j]:
            return end - work
        pieces = self._opens(j)
        pieces = pieces[pieces[:, 0] < end]
        # The first tick of work that does not end before, and so much work up to it.
        following = self._opens(j)[len(pieces) :]
        until = end if len(pieces) and pieces[-1, 1] >= end else int(following[0, 0]) + 1 if len(following) else end
        pieces = np.minimum(np.concatenate((pieces, following[:1])), until)
        behind = np.cumsum((pieces[:, 1] - pieces[:, 0])[::-1])[::-1]
        last = np.flatnonzero(behind >= work)
        return int(pieces[last[-1], 0] + behind[last[-1]] - work) if last.size else -(2**53)

    def _holder(self, j: int, earlier: int) -> int | None:
        """The activity that holds, while another one would work if it started earlier, units that would be missing then."""
        mine, best = self._worked(j, earlier), (False, -1, 1)
        for name, units in self._model.plan.activities[j].resources.items():
            holders = []
            for k, other in enumerate(self._model.plan.activities):
                if self._is_under_way(j) and j not in self._model.placed and k not in self._model.fixed:
                    continue  # what has its turn goes on before work that has not begun
                if k != j and name in other.resources and earlier < self._end[k] and self._start[k] < self._start[j]:
                    holders.append((k, other.resources[name], self._worked(k, self._start[k])))
            left = self._model.units(name)
            moments = {*left, *(begin for _, _, pieces in holders for begin in pieces[:, 0].tolist()), *mine[:, 0].tolist()}
            for at in moments:
                if _holds(mine, at):
                    working = [(k, held) for k, held, pieces in holders if _holds(pieces, at)]
                    whole = left[max(moment for moment in left if moment <= at)]
                    if sum(held for _, held in working) + units > whole:
                        best = max([best, *((self._end[k] <= self._start[j], self._end[k], -k) for k, _ in working)])
        return None if best[1] < 0 else -best[2]

    def _is_under_way(self, k: int) -> bool:
        activity = self._model.plan.activities[k]
        return activity.actual_start is not None and activity.actual_end is None

    def _worked(self, j: int, start: int) -> Intervals:
        """The ticks at which an activity works that starts at a tick."""
        opens, work = self._opens(j), self._work[j]
        if not work:
            return opens[:0]
        pieces = opens[opens[:, 1] > start].copy()
        pieces[:1, 0] = np.maximum(pieces[:1, 0], start)
        before = np.cumsum(pieces[:, 1] - pieces[:, 0]) - (pieces[:, 1] - pieces[:, 0])
        pieces[:, 1] = np.minimum(pieces[:, 1], pieces[:, 0] + np.maximum(work - before, 0))
        return pieces[pieces[:, 0] < pieces[:, 1]]

    def _opens(self, j: int) -> Intervals:
        if j not in self._open:
            self._open[j] = opens_for(self._model, self._model.plan.activities[j])
        return self._open[j]


def opens_for(model: PlanModel, activity: Activity) -> Intervals:
    """When calendars and outages let an activity work; computed once for all activities with the same ones."""
    calendars = model.times.calendars_of(activity)
    denied = tuple((name, units) for name, units in activity.resources.items() if min(model.units(name).values()) < units)
    if (calendars, denied) not in model.open_times:
        first, *others = map(model.times.opens, calendars)
        for other in others:
            first = open_time.common(first, other)
        for name, units in denied:
            left = sorted(model.units(name).items())
            ends = [*(moment for moment, _ in left[1:]), max(model.times.horizon, left[-1][0] + 1)]
            whole = [(begin, end) for (begin, units_left), end in zip(left, ends, strict=True) if units_left >= units]
            first = open_time.common(first, open_time.joined(np.array(whole, dtype=np.int64).reshape(-1, 2)))
        model.open_times[calendars, denied] = first
    return model.open_times[calendars, denied]


def _holds(pieces: Intervals, at: int) -> bool:
    k = int(np.searchsorted(pieces[:, 0], at, "right")) - 1
    return k >= 0 and at < int(pieces[k, 1])
