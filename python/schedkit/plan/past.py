"""What has happened in a plan, and what is under way, as the project of the plan has it."""

from __future__ import annotations

import dataclasses

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


def under_way(plan: PlanContent) -> list[int]:
    """The positions of the activities that have begun and not ended, in the order in which they began, then of the plan."""
    began = {
        k: activity.actual_start.timestamp()
        for k, activity in enumerate(plan.activities)
        if activity.actual_start is not None and activity.actual_end is None
    }
    return sorted(began, key=lambda k: (began[k], k))


def ended(plan: PlanContent, times: WorkingTimes) -> Spans:
    """The times of what has ended; an unknown start counts as the end."""
    known: Spans = {}
    for k, activity in enumerate(plan.activities):
        if activity.actual_end is not None:
            end = times.tick(activity.actual_end)
            start = end if activity.actual_start is None else times.tick(activity.actual_start)
            known[k] = (min(start, end), end)
    return known


def happened(plan: PlanContent, times: WorkingTimes, bound: Bound) -> int | None:
    """The tick of the event of the predecessor, if it is a fact."""
    before = plan.activities[bound.before]
    facts = (before.actual_end,) if bound.link.type[0] == "F" else (before.actual_start, before.actual_end)
    return min((times.tick(when) for when in facts if when is not None), default=None)


def after(times: WorkingTimes, clock: WorkClock, link: Link, event: int) -> int | None:
    """The tick at which the lag of a link has passed since a tick; None for never."""
    lag = times.ticks(link.lag)
    return event + lag if link.elapsed else clock.after(event, lag)
