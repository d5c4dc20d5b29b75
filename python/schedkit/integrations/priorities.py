"""Priorities and plans for engines without an interface for schedulers, which take a number with each job."""

from __future__ import annotations

import csv
import os

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..dag import DagSchedule, TaskGraph

__all__ = ["integer_priorities", "write_plan"]


def integer_priorities(level: ArrayLike, *, lowest: int = 0, highest: int = 2**31 - 1) -> NDArray[np.int64]:
    """Whole numbers in the order of `level`, as HyperQueue, Airflow and Slurm take them for priorities.

    Parameters
    ----------
    level : array_like of float, shape (n,)
        Such as `schedkit.dag.bottom_level`; higher is more urgent.
    lowest, highest : int
        The range that the engine takes, 32 bits by default.

    Returns
    -------
    ndarray of int64, shape (n,)
        Equal levels get equal priorities, a higher level never a lower one, and always a higher one if the range has room for
        all different levels; the least urgent gets `lowest`, the next ``lowest + 1``.

    Raises
    ------
    InvalidInputError, InputTypeError
        NaN or infinite levels, an empty range.

    Notes
    -----
    O(n log n). More different levels than the range has room for share numbers evenly. For Slurm's ``--nice``, where lower is
    more urgent, take ``priorities.max() - priorities``.

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.integrations.priorities import integer_priorities
    >>> graph = sk.dag.TaskGraph.from_work([2.0, 5.0, 1.0, 4.0], [1.0], [(0, 1), (0, 2)])
    >>> integer_priorities(sk.dag.bottom_level(graph)).tolist()
    [3, 2, 0, 1]
    """
    values = _validation.float_array(level, "level")
    low = _validation.int_scalar(lowest, "lowest", minimum=-(2**62), maximum=2**62)
    high = _validation.int_scalar(highest, "highest", minimum=low, maximum=2**62)
    distinct, place = np.unique(values, return_inverse=True)
    room = high - low + 1
    if distinct.size > room:
        place = place.astype(np.int64) * room // distinct.size
    return place.astype(np.int64) + low


def write_plan(path: str | os.PathLike[str], graph: TaskGraph, schedule: DagSchedule) -> None:
    """Writes a schedule as CSV, in the order of the starts: ``task, name, processor, start, end, priority``.

    Parameters
    ----------
    path : path
    graph : TaskGraph
    schedule : DagSchedule
        Of that graph.

    Notes
    -----
    An engine that keeps to `priority` (the highest number starts first) and to `processor` executes the plan. Reading the
    numbers gives the same floats. O(n log n).
    """
    n = graph.num_tasks
    if schedule.processor.size != n:
        raise _validation.refuse("schedule", f"has {schedule.processor.size} tasks, expected {n}")
    order = np.lexsort((np.arange(n), schedule.start_time))
    with open(_validation.path(path), "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("task", "name", "processor", "start", "end", "priority"))
        for place, i in enumerate(order.tolist()):
            name = "" if graph.names is None else graph.names[i]
            start, end = float(schedule.start_time[i]), float(schedule.completion_time[i])
            rows.writerow((i, name, int(schedule.processor[i]), repr(start), repr(end), n - 1 - place))
