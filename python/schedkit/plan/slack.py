"""Slack of the activities of a plan, which counts links, resources, calendars and deadlines.

The schedule is read backward in time, and each activity, the one that ends last first, is moved towards the end of the plan as
far as those behind it let it. So slack comes from one schedule that ends when the plan does, in which every activity is as late
as it can be.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .. import rcpsp
from .critical import opens_for
from .earliest import never_later
from .going_on import with_ends_at_once
from .plan_model import PlanModel
from .working_times import WorkClock

_TURNED = {"S": "F", "F": "S"}


def rows(model: PlanModel, schedule: rcpsp.ProjectSchedule) -> list[dict[str, Any]]:
    """The latest start and end of each activity of a plan, and its slack, in the order of the plan.

    Parameters
    ----------
    model : PlanModel
    schedule : ProjectSchedule
        The schedule of all activities of the project.
    """
    start, end = schedule.start_time.tolist(), schedule.completion_time.tolist()
    latest, kept = _latest(model, schedule), model.fixed
    found = []
    for k, activity in enumerate(model.plan.activities):
        first, last = (start[k], end[k]) if k in kept else latest[k]
        starts = activity.actual_start
        if starts is None and activity.actual_end is None:
            starts = model.times.moment(first)
        ends = model.times.moment(last) if activity.actual_end is None else activity.actual_end
        ticks = 0 if activity.actual_start is not None or k in kept else _between(model, k, start[k], first)
        slack = model.times.axis.to_timedelta(ticks)
        found.append({"name": activity.name, "latest_start": starts, "latest_end": ends, "slack": slack})
    return found


def _between(model: PlanModel, k: int, start: int, latest: int) -> int:
    """The ticks in which an activity could work between two starts; all ticks if it has no work."""
    if not model.project.duration[k]:
        return latest - start
    clock = WorkClock(opens_for(model, model.plan.activities[k]))
    return clock.reading(latest) - clock.reading(start)


def _latest(model: PlanModel, schedule: rcpsp.ProjectSchedule) -> list[tuple[int, int]]:
    """The start and end of every activity in the schedule in which each is as late as it can be."""
    last = int(schedule.completion_time.max(initial=0))  # some activities that stand for leads end after the plan
    end = int(schedule.completion_time[: len(model.plan.activities)].max(initial=0))
    fixed = {k: (last - end, last - start) for k, (start, end) in model.fixed.items()}
    turned = dataclasses.replace(model, project=_turned(model, last, end), fixed=fixed, now=0)
    back = rcpsp.ProjectSchedule.from_start_time(turned.project, last - schedule.completion_time)
    found = never_later(turned, back)
    spans = zip(found.completion_time.tolist(), found.start_time.tolist(), strict=True)
    latest = [(last - completion, last - start) for completion, start in spans]
    return with_ends_at_once(model, latest)


def _turned(model: PlanModel, last: int, end: int) -> rcpsp.Project:
    """The project with time running backward from a tick by which all is done, the activities of the plan by its end."""
    project, kept = model.project, model.fixed
    first = np.maximum(project.release_time, model.now)
    free = np.array([k not in kept for k in range(project.num_activities)], dtype=np.bool_)
    latest = np.full(project.num_activities, last)
    latest[: len(model.plan.activities)] = end
    relation = getattr(project, "relation", None)
    columns: dict[str, Any] = {} if relation is None else {"relation": [_TURNED[b] + _TURNED[a] for a, b in relation]}
    calendars = {
        r: [_turned_calendar(calendar, int(project.capacity[r]), last) for calendar in _listed(given)]
        for r, given in project.calendars.items()
    }
    return rcpsp.Project(
        project.duration,
        project.demand,
        project.capacity,
        precedence=project.precedence[:, ::-1],
        lag=project.lag,
        release_time=np.where(free, last - np.minimum(project.deadline, latest), 0),
        deadline=[int(last - at) if is_free else None for at, is_free in zip(first, free, strict=True)],
        calendars=calendars,
        pausable=project.pausable,
        **columns,
    )


def _listed(given: rcpsp.Calendar | tuple[rcpsp.Calendar, ...]) -> tuple[rcpsp.Calendar, ...]:
    return given if isinstance(given, tuple) else (given,)


def _turned_calendar(calendar: rcpsp.Calendar, whole: int, last: int) -> rcpsp.Calendar:
    """The steps of a calendar between tick 0 and a later one, in the reverse order."""
    time, units = calendar.time, calendar.capacity
    if not last:
        return rcpsp.Calendar([0], [whole])
    if calendar.period is not None:
        rounds = np.arange(-(int(time[0]) // calendar.period) - 1, last // calendar.period + 1)
        time = (time + calendar.period * rounds[:, None]).ravel()
        units = np.tile(units, len(rounds))
    time, units = np.concatenate(([min(-1, int(time[0]) - 1)], time)), np.concatenate(([whole], units))
    used = (time < last) & (np.append(time[1:], last + 1) > 0)
    ends = np.append(np.maximum(time[used][1:], 0), last)
    return rcpsp.Calendar(last - ends[::-1], units[used][::-1])
