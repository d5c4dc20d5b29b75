"""Chrome traces of projects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .._trace import rows_without_overlap, write_trace
from .profiles import level, usage

if TYPE_CHECKING:
    from .schedule import ProjectSchedule


def write_project_trace(schedule: ProjectSchedule, path: str | os.PathLike[str]) -> None:
    """Writes activities as slices on the least number of rows; the use of resources and the levels of stores as counters."""
    project = schedule._in_its_modes()
    start, end = schedule.start_time.tolist(), schedule.completion_time.tolist()
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": 0, "tid": 0, "name": "process_name", "args": {"name": "activities"}},
        {"ph": "M", "pid": 1, "tid": 0, "name": "process_name", "args": {"name": "resources"}},
    ]
    resources = project.resource_names or [f"resource {r}" for r in range(project.num_resources)]
    running = [i for i, runs in enumerate(schedule._runs.tolist()) if runs]
    rows = rows_without_overlap([start[i] for i in running], [end[i] for i in running])
    for i, row in zip(running, rows, strict=True):
        name = f"activity {i}" if project.names is None else project.names[i]
        demand = {resource: int(units) for resource, units in zip(resources, project.demand[i], strict=True) if units}
        span = {"ts": start[i], "dur": end[i] - start[i], "pid": 0, "tid": row}
        events.append({"ph": "X", "cat": "activity", "name": name, "args": {"activity": i, **demand}, **span})
    for r, resource in enumerate(resources):
        times, in_use = usage(schedule, r)
        for time, used in zip(times.tolist(), in_use.tolist(), strict=True):
            events.append({"ph": "C", "pid": 1, "tid": 0, "name": resource, "ts": time, "args": {"in use": used}})
    for store in range(0 if project.storage is None else project.storage.size):
        times, units = level(schedule, store)
        for time, held in zip(times.tolist(), units.tolist(), strict=True):
            events.append({"ph": "C", "pid": 1, "tid": 0, "name": f"store {store}", "ts": time, "args": {"level": held}})
    write_trace(path, events)
