"""The project that stands for a plan, and what connects the two."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from .. import rcpsp
from . import past
from .elements import PlanContent
from .open_time import Intervals
from .past import Bound
from .working_times import WorkClock, WorkingTimes

OpenTimeKey = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]
"""Calendars that must be open, and resources with the units of them that must not be denied."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class PlanModel:
    """A plan as a project.

    Attributes
    ----------
    plan : Plan
    times : WorkingTimes
    project : Project
        The activities of the plan in their order, then one for each lag in working time.
    fixed : dict of int to (int, int)
        Start and end of what has happened, and what else has times that are kept.
    now : int
        The tick at or after which everything else starts, or goes on; 0 with leads in working time, which reach back.
    lags : dict of int to (int, timedelta)
        The activities of the project that stand for lags, or for the ends of lags that are known, with the activity that each
        follows and its length.
    bounds : tuple of Bound
        The links between activities that have meaning, those from fixed activities included.
    goal : str
        The objective of the project. With `has_later_ends` the end of the plan is the largest lateness of its own activities,
        which are due at tick 0.
    has_later_ends : bool
        Whether activities of the project that stand for leads may end after the plan does.
    running : tuple of int
        Positions of what is under way, in the order of the starts, then of the plan.
    placed : frozenset of int
        Those of `running` that have no turn, and stand where the search has put them.
    open_times : dict
        The open time of activities that was computed so far, by what it depends on.
    """

    plan: PlanContent
    times: WorkingTimes
    project: rcpsp.Project
    fixed: dict[int, tuple[int, int]]
    now: int
    lags: dict[int, tuple[int, timedelta]]
    bounds: tuple[Bound, ...]
    goal: str
    has_later_ends: bool
    _clock: WorkClock
    running: tuple[int, ...] = ()
    placed: frozenset[int] = frozenset()
    open_times: dict[OpenTimeKey, Intervals] = dataclasses.field(default_factory=dict)

    def earliest(self, bound: Bound, start: int, end: int) -> int | None:
        """The tick before which the event of a link's activity cannot be, by the predecessor's times; None for never."""
        known = past.happened(self.plan, self.times, bound)
        planned = end if bound.link.type[0] == "F" else start
        at = planned if known is None else known
        return past.after(self.times, self._clock, bound.link, at)

    def units(self, resource: str) -> dict[int, int]:
        """The units that outages leave of a resource, by the tick from which on they are there; hours do not count."""
        return self.times.units(resource)
