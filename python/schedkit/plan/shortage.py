"""Hours of a resource that are missing between two moments, counted.

Dates and links leave each activity a window. If that is not much longer than the work, a part of the work falls between two
moments wherever it is. If these parts need more of a resource than there is between the two, no schedule exists.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from . import critical, horizon, open_time
from .open_time import Intervals
from .plan_model import PlanModel
from .working_times import WorkClock


@dataclasses.dataclass(frozen=True, slots=True)
class Shortage:
    """Work that needs more of a resource between two moments than there is.

    Attributes
    ----------
    resource : str
    activities : tuple of str
        Those that need it then, in the order of the plan.
    start, end : datetime
    needed, available : timedelta
        Units times working time.
    """

    resource: str
    activities: tuple[str, ...]
    start: datetime
    end: datetime
    needed: timedelta
    available: timedelta

    @property
    def amount(self) -> timedelta:
        """What is missing."""
        return self.needed - self.available


def largest(model: PlanModel) -> Shortage | None:
    """The largest shortage of a plan; None if none can be counted.

    Of several the first resource of the plan counts, then the one that ends first, then the one that starts last.

    Parameters
    ----------
    model : PlanModel
    """
    windows = _windows(model)
    best: tuple[int, int, int, int] | None = None
    found = None
    for r, resource in enumerate(model.plan.resources):
        users = [window for window in windows if resource.name in model.plan.activities[window.activity].resources]
        supply = _Supply(model, resource.name)
        begins = sorted({at for window in users for at in (window.start, window.latest_start)})
        ends = sorted({at for window in users for at in (window.end, window.earliest_end)})
        for begin, end in itertools.product(begins, ends):
            if begin >= end:
                continue
            parts = {window.activity: window.least(begin, end) for window in users}
            held = {k: model.plan.activities[k].resources[resource.name] * part for k, part in parts.items() if part}
            needed, available = sum(held.values()), supply.between(begin, end)
            key = (needed - available, -r, -end, begin)
            if needed > available and (best is None or key > best):
                best = key
                names = tuple(model.plan.activities[k].name for k in held)
                length, moment = model.times.axis.to_timedelta, model.times.moment
                found = Shortage(resource.name, names, moment(begin), moment(end), length(needed), length(available))
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class _Window:
    """Where the work of an activity can be, in ticks and on the clock of its open time."""

    activity: int
    clock: WorkClock
    work: int
    start: int
    end: int

    @property
    def earliest_end(self) -> int:
        found = self.clock.after(self.start, self.work)
        return self.end if found is None else found

    @property
    def latest_start(self) -> int:
        found = self.clock.after(self.end, -self.work)
        return self.start if found is None else max(self.start, found)

    def least(self, begin: int, end: int) -> int:
        """The ticks of work that fall between two moments wherever the work is."""
        first, last = self.clock.reading(begin), self.clock.reading(end)
        early, late = self.clock.reading(self.start) + self.work, self.clock.reading(self.end) - self.work
        return max(0, min(self.work, last - first, early - first, last - late))


class _Supply:
    """What there is of a resource."""

    def __init__(self, model: PlanModel, resource: str) -> None:
        levels = sorted(model.units(resource).items())
        opens = model.times.opens(horizon.calendars_of_resources(model.plan)[resource])
        last = max(model.times.horizon, levels[-1][0] + 1)
        self._levels = []
        for (begin, units), (end, _) in itertools.pairwise([*levels, (last, 0)]):
            self._levels.append((units, WorkClock(open_time.common(opens, np.array([[begin, end]], dtype=np.int64)))))

    def between(self, begin: int, end: int) -> int:
        """Units times ticks between two moments."""
        return sum(units * (clock.reading(end) - clock.reading(begin)) for units, clock in self._levels)


def _windows(model: PlanModel) -> list[_Window]:
    """The windows of all work that has a latest end."""
    project, number = model.project, len(model.plan.activities)
    opens = [critical.opens_for(model, activity) for activity in model.plan.activities]
    clocks = list(map(WorkClock, opens))
    start = [max(model.now, int(at)) for at in project.release_time[:number]]
    end = [None if at > model.times.horizon else int(at) for at in project.deadline[:number]]
    work = [int(ticks) for ticks in project.duration[:number]]
    order = list(_order(model))
    for bound in sorted(model.bounds, key=lambda bound: order.index(bound.after)):
        i, j = bound.before, bound.after
        done = clocks[i].after(start[i], work[i])
        earliest = None if done is None else model.earliest(bound, start[i], done)
        if bound.link.type[1] == "S" and earliest is not None:
            start[j] = max(start[j], earliest)
    for bound in sorted(model.bounds, key=lambda bound: -order.index(bound.before)):
        i, j, link = bound.before, bound.after, bound.link
        last = end[j]
        if last is None or link.type[0] == "S" or link.lag < timedelta(0):
            continue
        if link.type[1] == "S" and work[j]:
            last = _latest_start(opens[j], clocks[j], work[j], last)
        if link.elapsed:
            last -= model.times.ticks(link.lag)
        known = end[i]
        end[i] = last if known is None else min(known, last)
    free = (k for k in range(number) if k not in model.fixed and work[k])
    return [_Window(k, clocks[k], work[k], start[k], max(last, start[k])) for k in free if (last := end[k]) is not None]


def _latest_start(opens: Intervals, clock: WorkClock, work: int, end: int) -> int:
    """The last open tick from which so much work can be done by a latest end; that end if there is none."""
    least = clock.reading(end) - work
    k = int(np.searchsorted(np.cumsum(opens[:, 1] - opens[:, 0]), least, "right"))
    if least < 0 or k == len(opens):
        return end
    return int(opens[k, 0]) + least - clock.reading(int(opens[k, 0]))


def _order(model: PlanModel) -> Iterator[int]:
    """The positions of the activities, predecessors first."""
    waiting = {k: {bound.before for bound in model.bounds if bound.after == k} for k in range(len(model.plan.activities))}
    while waiting:
        ready = [k for k, before in waiting.items() if not before & waiting.keys()]
        yield from ready
        for k in ready:
            del waiting[k]
