"""A plan as a project in ticks, for the engine of projects.

Activities keep their positions. Each calendar that is not that of a resource becomes a resource that suffices for all while it
is open. A lag in working time becomes an activity between the two events of its link, which works in the hours of the plan's
calendar and needs nothing else, so it can end when the lag has passed, and not earlier. What has happened is fixed: links from
it become earliest starts and ends, and links to it have no meaning any more. Work under way may
wait, so the project has a schedule if the plan has one; `going_on` has the rule by which it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from .. import rcpsp
from ..errors import InvalidInputError
from . import objective as objectives
from . import past
from .elements import Activity, PlanContent
from .past import Bound
from .plan_model import PlanModel
from .working_times import working_times

_NONE = timedelta(0)


def model(plan: PlanContent, objective: str = "makespan") -> PlanModel:
    """A plan as a project.

    Parameters
    ----------
    plan : Plan
    objective : str, default "makespan"
        Due dates and weights are part of the project if it counts from them.

    Raises
    ------
    Refusal
        A date, duration or opening time that does not lie on the plan's own tick; weights with which sums could exceed the
        largest number.
    """
    try:
        return _Builder(plan, objective).build()
    except InvalidInputError as error:
        refusal = objectives.refused_weight(plan, error)
        if refusal is None:
            raise
        raise refusal from None


class _Builder:
    """Collects the columns of the project."""

    def __init__(self, plan: PlanContent, objective: str) -> None:
        self.plan, self.objective = plan, objective
        self.times = times = working_times(plan)
        self.clock = times.clock(plan.calendar)
        self.never_closed = times.calendar(plan.calendar) is None
        self.now = past.present(plan, times)
        self.begin = times.start if self.now is None else max(times.start, self.now)
        self.position = {activity.name: k for k, activity in enumerate(plan.activities)}
        self.duration = [times.remaining(activity) for activity in plan.activities]
        self.capacity = [resource.capacity for resource in plan.resources]
        self.calendars: dict[int, Any] = {}
        for r, resource in enumerate(plan.resources):
            if found := times.of_resource(resource.name):
                self.calendars[r] = list(found)
        self.resource = {resource.name: r for r, resource in enumerate(plan.resources)}
        self.of_calendar: dict[str, int | None] = {}
        self.lead_hours: int | None = None
        self.has_later_ends = False
        self.demand = [self._demand(k, activity) for k, activity in enumerate(plan.activities)]
        self.pausable = [a.pausable or a.actual_start is not None for a in plan.activities]
        self.release = [self.begin] * len(plan.activities)
        self.deadline: list[int | None] = [None] * len(plan.activities)
        self.pairs: dict[tuple[int, int, str], int] = {}
        self.lags: dict[tuple[int, str, int], int] = {}
        self.known: dict[int, tuple[int, timedelta]] = {}

    def build(self) -> PlanModel:
        times = self.times
        running = past.under_way(self.plan)
        for k in running:
            self.release[k] = self.now or 0  # not before: there is a fact, so there is a present
        fixed = past.ended(self.plan, times)
        for k, activity in enumerate(self.plan.activities):
            if k not in fixed:
                self._window(k, activity)
        bounds = tuple(self._bounds(fixed))
        for bound in bounds:
            self._add(bound, fixed)
        if self.has_later_ends:
            self._outlast()
        now = min([self.begin, *(self.release[k] for k in running)]) if self.lead_hours is None else 0
        lags = {k: (i, times.axis.to_timedelta(lag)) for (i, _, lag), k in self.lags.items()} | self.known
        project = self._project()
        return PlanModel(
            self.plan, times, project, fixed, now, lags, bounds, self._goal(), self.has_later_ends, self.clock, tuple(running)
        )

    def _demand(self, k: int, activity: Activity) -> dict[int, int]:
        """The units of resources that an activity holds, among them those that stand for calendars."""
        if not self.duration[k]:
            return {}
        held = {self.resource[name]: units for name, units in activity.resources.items()}
        alone = activity.calendar if activity.calendar is not None or held else self.plan.calendar
        return held if alone is None else held | self._open(alone)

    def _open(self, calendar: str) -> dict[int, int]:
        """The demand of work that goes on only while a calendar is open."""
        if calendar not in self.of_calendar:
            steps = self.times.calendar(calendar, 1)
            self.of_calendar[calendar] = None if steps is None else len(self.capacity)
            if steps is not None:
                self.capacity.append(1)  # enough for all: see _project
        r = self.of_calendar[calendar]
        return {} if r is None else {r: 1}

    def _window(self, k: int, activity: Activity) -> None:
        if activity.release is not None and activity.actual_start is None:
            self.release[k] = max(self.release[k], self.times.tick(activity.release))
        if activity.deadline is not None:
            last = self.times.tick(activity.deadline)
            self.deadline[k] = max(last, 0)
            self.release[k] = max(self.release[k], 1 if last < 0 else 0)  # not even a milestone at the origin

    def _bounds(self, fixed: dict[int, tuple[int, int]]) -> Iterator[Bound]:
        for j, activity in enumerate(self.plan.activities):
            if j in fixed:
                continue  # it has ended
            for link in activity.predecessors:
                if activity.actual_start is None or link.type[1] == "F":
                    yield Bound(self.position[link.name], j, link)

    def _add(self, bound: Bound, fixed: dict[int, tuple[int, int]]) -> None:
        i, j, link = bound.before, bound.after, bound.link
        event = past.happened(self.plan, self.times, bound)
        if event is not None:
            earliest = past.after(self.times, self.clock, link, event)
            if earliest is not None:
                self._not_before(bound, earliest, fixed)
                return
        if link.elapsed or not link.lag or self.never_closed:
            self._pair(i, j, link.type, self.times.ticks(link.lag))
            return
        if link.lag > _NONE:
            self._pair(self._lag(i, link.type[0], self.times.ticks(link.lag)), j, f"F{link.type[1]}", 0)
        elif self.duration[i] and self.plan.calendar in self.times.calendars_of(self.plan.activities[i]):
            lead = self._lead(i, link.type[0], -self.times.ticks(link.lag), later=link.type[0] == "S")
            self._pair(lead, j, f"S{link.type[1]}", 1)
        elif (lag := self._without_lead(bound)) is not None:
            self._pair(self._lag(i, link.type[0], lag), j, "FF", 0)
        else:
            self.has_later_ends = True
            lead = self._lead(i, link.type[0], -self.times.ticks(link.lag), later=True)
            self._pair(lead, j, f"S{link.type[1]}", 1)

    def _without_lead(self, bound: Bound) -> int | None:
        """The lag in working time before the end of an activity that means the same as a lead before its start, if any does.

        The work of an activity in the hours of the plan's calendar is a number of them, so its start moves with its end.
        """
        j, link = bound.after, bound.link
        lag = self.duration[j] + self.times.ticks(link.lag)
        return lag if link.type[1] == "S" and self._works_by_plan(j) and lag > 0 else None

    def _works_by_plan(self, k: int) -> bool:
        """Whether an activity works whenever the plan's calendar is open, and only then."""
        activity = self.plan.activities[k]
        whole = all(min(self.times.units(name).values()) >= units for name, units in activity.resources.items())
        return whole and self.times.calendars_of(activity) == (self.plan.calendar,)

    def _not_before(self, bound: Bound, earliest: int, fixed: dict[int, tuple[int, int]]) -> None:
        """Lets the event of an activity be no earlier than a tick that is known."""
        j, earliest = bound.after, max(earliest, 0)
        if bound.link.type[1] == "S" or not self.duration[j]:
            self.release[j] = max(self.release[j], earliest)
            return
        k = self._more(0, {}, pausable=False)
        self.known[k] = (bound.before, bound.link.lag)
        fixed[k] = (earliest, earliest)
        self._pair(k, j, "FF", 0)

    def _pair(self, i: int, j: int, relation: str, lag: int) -> None:
        self.pairs[i, j, relation] = max(lag, self.pairs.get((i, j, relation), lag))

    def _lag(self, i: int, event: str, lag: int) -> int:
        """The activity that lasts as long as a lag behind the start or the end of an activity."""
        key = (i, event, lag)
        if key not in self.lags:
            self.lags[key] = k = self._more(lag, self._open(self.plan.calendar), pausable=True)
            self._pair(i, k, f"{event}S", 0)
        return self.lags[key]

    def _lead(self, i: int, event: str, lead: int, *, later: bool) -> int:
        """The activity whose first tick ends, if it runs as early as it can, at the earliest tick a lead before an event.

        It works in the hours of the plan's calendar. Its last tick is the last one before the event, if that is the end of
        work in these hours; with `later` it is the first one after the event, whatever that is. Between them it works as many
        ticks as the lead has without the last one before the event, or with it, and before these the first one, whose end is
        the earliest tick from which no more than the lead remains.
        """
        key = (i, event, -lead)
        if key not in self.lags:
            if self.lead_hours is None:
                self.lead_hours = len(self.capacity)
                self.capacity.append(1)  # enough for all: see _project
            self.lags[key] = k = self._more(lead + 1 + later, {self.lead_hours: 1}, pausable=True)
            self._pair(i, k, f"{event}F", int(later))
        return self.lags[key]

    def _outlast(self) -> None:
        """Adds an activity that ends no earlier than any lead whose event is no later than the end of the plan.

        It works the first tick after the end of the plan in the hours of leads. So the end of the project, which schedules with
        late starts and slack keep, does not keep events before the end of the plan from being as late as this.
        """
        assert self.lead_hours is not None
        k = self._more(1, {self.lead_hours: 1}, pausable=True)
        for i in range(len(self.plan.activities)):
            self._pair(i, k, "FS", 0)

    def _more(self, duration: int, demand: dict[int, int], *, pausable: bool) -> int:
        """An activity of the project that is none of the plan."""
        self.duration.append(duration)
        self.demand.append(demand)
        self.pausable.append(pausable)
        self.release.append(0)
        self.deadline.append(None)
        return len(self.duration) - 1

    def _goal(self) -> str:
        return objectives.END_OF_SOME if self.has_later_ends and self.objective == objectives.END else self.objective

    def _due_dates(self) -> dict[str, Any]:
        """The columns for due dates of the project."""
        more = len(self.duration) - len(self.plan.activities)
        return objectives.due_dates(self.plan, self.times, self.objective, self._goal(), more)

    def _project(self) -> rcpsp.Project:
        """The project of all activities."""
        rows = np.zeros((len(self.duration), len(self.capacity)), dtype=np.int64)
        for k, demand in enumerate(self.demand):
            for held, units in demand.items():
                rows[k, held] = units
        capacity, calendars = list(self.capacity), dict(self.calendars)
        for name, r in self.of_calendar.items():
            if r is not None:
                capacity[r] = max(1, int(rows[:, r].sum()))
                calendars[r] = self.times.calendar(name, capacity[r])
        if self.lead_hours is not None:
            r = self.lead_hours
            capacity[r] = max(1, int(rows[:, r].sum()))
            calendars[r] = self.times.lead_calendar(self.plan.calendar, capacity[r])
        return rcpsp.Project(
            self.duration,
            rows,
            capacity,
            precedence=[(i, j) for i, j, _ in self.pairs],
            relation=[relation for _, _, relation in self.pairs],
            lag=list(self.pairs.values()),
            release_time=self.release,
            deadline=self.deadline,
            calendars=calendars,
            pausable=self.pausable,
            **self._due_dates(),
        )
