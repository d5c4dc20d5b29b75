"""Pictures and traces of task-graph schedules; matplotlib is imported only when a picture is asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _drawing, _validation
from .._text import printable
from .._trace import write_trace
from .network import Network
from .schedule import DagSchedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ARROWS = 500
_MOST_LABELS = 150


def dag_gantt(schedule: DagSchedule, ax: Axes | None = None, *, transfers: bool = True) -> Axes:
    """A Gantt chart, one row per processor; see `DagSchedule.plot`."""
    graph = schedule.graph
    if ax is None:
        height = min(max(2.5, 0.5 * graph.num_processors + 1.0), 24.0)
        ax = _drawing.axes(None, figsize=(11, height))
        ax.set_title(f"makespan {schedule.makespan:g}")
    else:
        ax = _drawing.axes(ax)
    length = schedule.completion_time - schedule.start_time
    colours = [f"C{i % 10}" for i in range(graph.num_tasks)]
    ax.barh(schedule.processor, length, left=schedule.start_time, height=0.7, color=colours, edgecolor="white", linewidth=0.5)
    for task, processor, start, end in schedule.copies:
        ax.barh(processor, end - start, left=start, height=0.7, color=colours[task], hatch="//", alpha=0.5)
    if graph.num_tasks <= _MOST_LABELS:
        for i, (p, s, w) in enumerate(zip(schedule.processor, schedule.start_time, length, strict=True)):
            label = str(i) if graph.names is None else printable(graph.names[i])
            ax.text(s + w / 2, p, label, ha="center", va="center", fontsize=7, clip_on=True, parse_math=False)
    if transfers:
        for sender, receiver, left, arrived in _transfers(schedule)[:_MOST_ARROWS]:
            arrow = {"arrowstyle": "->", "color": "#404040", "alpha": 0.5, "linewidth": 0.7}
            ax.annotate("", xy=(arrived, receiver), xytext=(left, sender), arrowprops=arrow)
    ax.set_yticks(range(graph.num_processors))
    ax.set_ylim(graph.num_processors - 0.5, -0.5)
    ax.set_ylabel("processor")
    ax.set_xlabel("time")
    ax.grid(axis="x", alpha=0.3)
    return ax


def _transfers(schedule: DagSchedule) -> list[tuple[int, int, float, float]]:
    """(sending processor, receiving processor, departure, arrival) of every message between different processors."""
    network = Network() if schedule.network is None else schedule.network
    width = schedule.graph.num_processors
    for field in ("bandwidth", "latency"):
        if np.ndim(size := getattr(network, field)) and len(size) != width:
            raise _validation.refuse("network", f"its {field} has {len(size)} rows, but the graph has {width} processors")
    bandwidth, latency = (np.broadcast_to(value, (width, width)) for value in (network.bandwidth, network.latency))
    runs: dict[int, list[tuple[int, float]]] = {}
    for i, (p, end) in enumerate(zip(schedule.processor.tolist(), schedule.completion_time.tolist(), strict=True)):
        runs[i] = [(p, end)]
    for task, p, _, end in schedule.copies:
        runs[task].append((p, end))
    messages = []
    for (i, j), data in zip(schedule.graph.edges.tolist(), schedule.graph.data.tolist(), strict=True):
        q = int(schedule.processor[j])
        if not all(0 <= p < width for p in (q, *(p for p, _ in runs[i]))):
            continue  # there are no links to a processor that does not exist
        arrivals = [(end if p == q else end + latency[p, q] + data / bandwidth[p, q], p, end) for p, end in runs[i]]
        arrived, p, left = min(arrivals)
        if p != q:
            messages.append((p, q, left, float(arrived)))
    return messages


def write_dag_trace(schedule: DagSchedule, path: str | os.PathLike[str]) -> None:
    """Tasks as slices on their processors, messages as arrows."""
    names = schedule.graph.names
    endless = np.flatnonzero(~np.isfinite(schedule.completion_time))
    if endless.size:  # JSON has no infinity
        raise _validation.refuse("schedule", "the task never ends there, its cost is infinite", index=(int(endless[0]),))
    events: list[dict[str, Any]] = [{"ph": "M", "pid": 0, "tid": 0, "name": "process_name", "args": {"name": "processors"}}]
    lane = {"ph": "M", "pid": 0, "name": "thread_name"}
    events += [{**lane, "tid": p, "args": {"name": f"processor {p}"}} for p in range(schedule.graph.num_processors)]
    columns = (schedule.processor.tolist(), schedule.start_time.tolist(), schedule.completion_time.tolist())
    runs = [(i, *row) for i, row in enumerate(zip(*columns, strict=True))]
    for k, (task, p, start, end) in enumerate([*runs, *schedule.copies]):
        name = f"task {task}" if names is None else names[task]
        kind = "task" if k < len(runs) else "copy"
        span = {"ts": start, "dur": end - start, "pid": 0, "tid": p}
        events.append({"ph": "X", "cat": kind, "name": name, "args": {"task": task}, **span})
    for k, (sender, receiver, left, arrived) in enumerate(_transfers(schedule)):
        shared = {"cat": "data", "name": "data", "id": k, "pid": 0}
        events.append({"ph": "s", "tid": sender, "ts": left, **shared})
        events.append({"ph": "f", "bp": "e", "tid": receiver, "ts": arrived, **shared})
    write_trace(path, events)
