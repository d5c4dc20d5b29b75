"""What has happened in a plan, and what is under way, as the project of the plan has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from .. import rcpsp
from .elements import Link, PlanContent
from .working_times import WorkClock, WorkingTimes

Spans = dict[int, tuple[int, int]]
"""Start and end of activities, by their positions."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Bound:
    """A link that holds back an activity.

    Attributes
    ----------
    before, after : int
        Positions of the activities.
    link : Link
    """

    before: int
    after: int
    link: Link


def present(plan: PlanContent, times: WorkingTimes) -> int | None:
    """The tick at which what is under way goes on: `now`, or the last fact of a plan without it; None if there are no facts."""
    if times.now is not None:
        return times.now
    facts = [when for a in plan.activities for when in (a.actual_start, a.actual_end) if when is not None]
    return max(map(times.tick, facts), default=None)


def under_way(plan: PlanContent, times: WorkingTimes) -> list[int]:
    """The positions of the activities that have begun and not ended, in the order in which they began, then of the plan."""
    began = {
        k: times.tick(activity.actual_start)
        for k, activity in enumerate(plan.activities)
        if activity.actual_start is not None and activity.actual_end is None
    }
    return sorted(began, key=lambda k: (began[k], k))


def spans(
    plan: PlanContent,
    times: WorkingTimes,
    clock: WorkClock,
    running: Sequence[int],
    going_on: Callable[[Sequence[int]], Spans],
) -> tuple[Spans, tuple[int, ...]]:
    """The times of what has ended, and of what is under way and goes on at once.

    If going on in the order of the starts misses a deadline, the activities under way are left to the search, which may find
    another order.

    Parameters
    ----------
    running : list of int
        What is under way.
    going_on : callable
        The times of some activities under way that go on at once.

    Returns
    -------
    known : dict
    held : tuple of int
        Those under way that a link does not let end if they go on at once, as far as is known.
    """
    known: Spans = {}
    for k, activity in enumerate(plan.activities):
        if activity.actual_end is not None:
            end = times.tick(activity.actual_end)
            start = end if activity.actual_start is None else times.tick(activity.actual_start)
            known[k] = (min(start, end), end)
    position = {activity.name: k for k, activity in enumerate(plan.activities)}
    free, found = list(running), going_on(running) if running else {}
    while waiting := [k for k, span in found.items() if not _may_end(plan, times, clock, position, k, span[1], found)]:
        free = [k for k in free if k not in waiting]
        found = going_on(free)
    deadlines = {k: plan.activities[k].deadline for k in found}
    if all(when is None or found[k][1] <= times.tick(when) for k, when in deadlines.items()):
        known |= found
    return known, tuple(k for k in running if k not in free)


def _may_end(
    plan: PlanContent, times: WorkingTimes, clock: WorkClock, position: Mapping[str, int], k: int, end: int, found: Spans
) -> bool:
    """Whether the links of an activity are known to let it end at a tick, if others under way end as given."""
    for link in plan.activities[k].predecessors:
        bound = Bound(position[link.name], k, link)
        event = happened(plan, times, bound)
        if event is None and link.type[0] == "F" and bound.before in found:
            event = found[bound.before][1]
        earliest = None if event is None else after(times, clock, link, event)
        if link.type[1] == "F" and (earliest is None or earliest > end):
            return False
    return True


def spans_of(schedule: rcpsp.ProjectSchedule) -> list[tuple[int, int]]:
    """Start and end of the activities of a schedule."""
    return list(zip(schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True))


def happened(plan: PlanContent, times: WorkingTimes, bound: Bound) -> int | None:
    """The tick of the event of the predecessor, if it is a fact."""
    before = plan.activities[bound.before]
    facts = (before.actual_end,) if bound.link.type[0] == "F" else (before.actual_start, before.actual_end)
    return min((times.tick(when) for when in facts if when is not None), default=None)


def after(times: WorkingTimes, clock: WorkClock, link: Link, event: int) -> int | None:
    """The tick at which the lag of a link has passed since a tick; None for never."""
    lag = times.ticks(link.lag)
    return event + lag if link.elapsed else clock.after(event, lag)
