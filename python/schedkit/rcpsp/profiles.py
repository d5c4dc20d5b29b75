"""Resource profiles of schedules as step functions over time, for charts and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..calendar import Calendar

if TYPE_CHECKING:
    from .problem import Project
    from .schedule import ProjectSchedule

_Ints = NDArray[np.int64]

MOST_STEPS = 20_000
"""Number of calendar steps beyond which a chart cannot show them; it then shows the full capacity."""


def levels(project: Project, resource: int, start: int, end: int) -> tuple[_Ints, _Ints]:
    """The times at which the capacity of a resource changes between two moments, and its new values; the first is `start`."""
    given = project.calendars.get(resource, ())
    calendars = [c for c in ((given,) if isinstance(given, Calendar) else given) if c.time.size]
    moments = [_moments(calendar, start, end) for calendar in calendars]
    if any(found is None for found in moments):
        calendars, moments = [], []
    times = np.unique(np.concatenate([np.array([start]), *(found for found in moments if found is not None)]))
    units = np.full(times.size, project.capacity[resource])
    for calendar in calendars:
        phase = times
        if calendar.period is not None:
            phase = (times - calendar.time[0]) % calendar.period + calendar.time[0]
        step = np.searchsorted(calendar.time, phase, side="right") - 1
        units = np.where(step < 0, units, np.minimum(units, calendar.capacity[step]))
    return times.astype(np.int64), units.astype(np.int64)


def _moments(calendar: Calendar, start: int, end: int) -> _Ints | None:
    """The steps of a calendar between two moments; None if there are more than `MOST_STEPS`."""
    time = calendar.time
    if calendar.period is not None:
        first, last = (start - int(time[0])) // calendar.period, (end - int(time[0])) // calendar.period
        if (last - first + 1) * time.size > MOST_STEPS:
            return None
        rounds = np.arange(first, last + 1) * calendar.period
        time = (rounds[:, None] + time[None, :]).ravel()
    return np.asarray(time[(time > start) & (time < end)])


def work(schedule: ProjectSchedule) -> tuple[_Ints, _Ints, _Ints]:
    """Activity, start and end of each period of work; an activity that pauses has several."""
    project = schedule._in_its_modes()
    rows = []
    runs = schedule._runs.tolist()
    for i, (start, end) in enumerate(zip(schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True)):
        if not runs[i]:
            continue
        if not project.pausable[i] or end - start <= project.duration[i]:
            rows.append((i, start, end))
            continue
        needs = [(r, *levels(project, r, start, end)) for r in np.flatnonzero(project.demand[i]).tolist()]
        times = np.unique(np.concatenate([steps for _, steps, _ in needs]))
        up = np.ones(times.size, dtype=bool)
        for r, steps, units in needs:
            up &= units[np.searchsorted(steps, times, side="right") - 1] >= project.demand[i, r]
        ends = np.append(times[1:], end)
        rows += [(i, int(a), int(b)) for a, b in zip(times[up], ends[up], strict=True)]
    activity, start_time, end_time = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return activity, start_time, end_time


def level(schedule: ProjectSchedule, store: int) -> tuple[_Ints, _Ints]:
    """The times at which the level of a store changes, and its new values."""
    project = schedule.project
    taken, given = project.taken, project.given
    if taken is None or given is None or project.initial is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    moments = np.concatenate((schedule.start_time, schedule.completion_time))
    amounts = np.concatenate((-taken[:, store], given[:, store]))
    times = np.unique(moments[amounts != 0])
    change = np.zeros(times.size, dtype=np.int64)
    np.add.at(change, np.searchsorted(times, moments[amounts != 0]), amounts[amounts != 0])
    return times, project.initial[store] + np.cumsum(change)


def usage(schedule: ProjectSchedule, resource: int) -> tuple[_Ints, _Ints]:
    """The times at which the use of a resource changes, and its new values."""
    activity, start, end = work(schedule)
    units = schedule._in_its_modes().demand[activity, resource]
    times = np.unique(np.concatenate((start, end)))
    change = np.zeros(times.size, dtype=np.int64)
    np.add.at(change, np.searchsorted(times, start), units)
    np.add.at(change, np.searchsorted(times, end), -units)
    return times, np.cumsum(change)
