"""The checker of task graphs for `schedkit.check`: turns a schedule of any source into columns for the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core, _validation
from ._past import fixed_rows, moment
from .network import Network, native_network
from .problem import TaskGraph
from .schedule import DagSchedule

_Run = tuple[int, int, float, float]


class _Columns(NamedTuple):
    """The runs of tasks, by column."""

    task: NDArray[np.int64]
    processor: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def _columns(rows: list[_Run]) -> _Columns:
    task, processor, start, end = zip(*rows, strict=True) if rows else ((), (), (), ())
    return _Columns(
        np.array(task, dtype=np.int64),
        np.array(processor, dtype=np.int64),
        np.array(start, dtype=np.float64),
        np.array(end, dtype=np.float64),
    )


def violations(
    graph: TaskGraph, schedule: Any, network: Network | None = None, fixed: Any = None, now: Any = 0.0
) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows (kind, subject, detail)."""
    runs, copies, makespan = _claim(graph, schedule)
    past, present = fixed_rows(fixed), moment(now)
    return _core.check_dag(graph._native, native_network(network), runs, copies, makespan, past, present)


def _claim(graph: TaskGraph, schedule: Any) -> tuple[_Columns, _Columns, float | None]:
    if isinstance(schedule, DagSchedule):
        task = np.arange(schedule.processor.size, dtype=np.int64)
        runs = _Columns(task, schedule.processor, schedule.start_time, schedule.completion_time)
        return runs, _columns(list(schedule.copies)), schedule.makespan
    if not isinstance(schedule, Mapping):
        raise _validation.refuse_type("schedule", "must be a DagSchedule or a mapping", schedule)
    makespan = schedule.get("makespan")
    claimed = None if makespan is None else _time(makespan, "makespan")
    copies = _columns(_rows(schedule.get("copies", ()), "copies", _copy))
    if "tasks" in schedule:
        index = {name: i for i, name in enumerate(graph.names or ())}
        rows = _rows(schedule["tasks"], "tasks", lambda entry, k: _entry(entry, k, index))
        return _columns(rows), copies, claimed
    for field in ("processor", "start_time", "completion_time"):
        if field not in schedule:
            raise _validation.refuse("schedule", f"has neither 'tasks' nor '{field}'")
    p = _validation.int_array(schedule["processor"], "processor")
    start = _validation.float_array(schedule["start_time"], "start_time", infinite=True)
    end = _validation.float_array(schedule["completion_time"], "completion_time", infinite=True)
    for name, column in (("start_time", start), ("completion_time", end)):
        if column.size != p.size:
            raise _validation.refuse(name, f"has length {column.size}, expected {p.size}")
    return _Columns(np.arange(p.size, dtype=np.int64), p, start, end), copies, claimed


def _rows(entries: Any, field: str, read: Any) -> list[_Run]:
    return [read(entry, k) for k, entry in enumerate(_validation.rows(entries, field))]


def _entry(entry: Any, k: int, index: dict[str, int]) -> _Run:
    place = f"tasks[{k}]"
    if not isinstance(entry, Mapping):
        raise _validation.refuse_type(place, "must be an object", entry)
    for key in ("task", "processor", "start", "end"):
        if key not in entry:
            raise _validation.refuse(place, f"has no '{key}'")
    who = entry["task"]
    # A name that the graph does not have becomes an index that it does not have either.
    i = index.get(who, -1 - k) if isinstance(who, str) else _validation.int64(who, f"{place}.task")
    processor = _validation.int64(entry["processor"], f"{place}.processor")
    return i, processor, _time(entry["start"], f"{place}.start"), _time(entry["end"], f"{place}.end")


def _copy(row: Any, k: int) -> _Run:
    place = f"copies[{k}]"
    if not isinstance(row, (tuple, list)) or len(row) != 4:
        raise _validation.refuse("copies", "must be (task, processor, start, end)", index=(k,), value=row)
    return _validation.int64(row[0], place), _validation.int64(row[1], place), _time(row[2], place), _time(row[3], place)


def _time(value: Any, field: str) -> float:
    return _validation.float_scalar(value, field, infinite=True)
