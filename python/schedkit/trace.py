"""Chrome trace files, which https://ui.perfetto.dev and chrome://tracing open."""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _validation

if TYPE_CHECKING:
    from .rcpsp import ProjectSchedule


def write_trace(path: str | os.PathLike[str], events: list[dict[str, Any]]) -> None:
    """Writes events; one tick of time is one microsecond of the trace."""
    Path(_validation.path(path)).write_text(json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}), encoding="utf-8")


def lanes(start: Sequence[float], end: Sequence[float]) -> list[int]:
    """The least number of rows on which no two intervals overlap: for each interval its row, in order of start."""
    row = [0] * len(start)
    free: list[tuple[float, int]] = []
    rows = 0
    for i in sorted(range(len(start)), key=lambda i: (start[i], end[i], i)):
        if free and free[0][0] <= start[i]:
            row[i] = heapq.heappop(free)[1]
        else:
            row[i] = rows
            rows += 1
        heapq.heappush(free, (end[i], row[i]))
    return row


def write_project_trace(schedule: ProjectSchedule, path: str | os.PathLike[str]) -> None:
    """Activities as slices on as few lanes as they need, resources as counters."""
    from .rcpsp.profiles import usage  # noqa: PLC0415  # the families are imported when they are asked for

    project = schedule.project
    start, end = schedule.start_time.tolist(), schedule.completion_time.tolist()
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": 0, "tid": 0, "name": "process_name", "args": {"name": "activities"}},
        {"ph": "M", "pid": 1, "tid": 0, "name": "process_name", "args": {"name": "resources"}},
    ]
    resources = project.resource_names or [f"resource {r}" for r in range(project.num_resources)]
    for i, lane in enumerate(lanes(start, end)):
        name = f"activity {i}" if project.names is None else project.names[i]
        demand = {resource: int(units) for resource, units in zip(resources, project.demand[i], strict=True) if units}
        span = {"ts": start[i], "dur": end[i] - start[i], "pid": 0, "tid": lane}
        events.append({"ph": "X", "cat": "activity", "name": name, "args": {"activity": i, **demand}, **span})
    for r, resource in enumerate(resources):
        times, in_use = usage(schedule, r)
        for time, used in zip(times.tolist(), in_use.tolist(), strict=True):
            events.append({"ph": "C", "pid": 1, "tid": 0, "name": resource, "ts": time, "args": {"in use": used}})
    write_trace(path, events)
