"""Conversion of what users write about a shop to the columns of the core."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from ..calendar import Calendar

_Ints = NDArray[np.int64]
NO_DUE_DATE = 2**63 - 1
"""The due date of a job that has none, as the core writes it."""
_LARGE = 2**53


@dataclasses.dataclass(frozen=True)
class Routes:
    """The operations and choices of all jobs, as columns of the core."""

    columns: dict[str, _Ints]


def routes(jobs: Any) -> dict[str, _Ints]:
    """The operations and choices of a list of jobs, each a list of operations; or those of a table that was read."""
    if isinstance(jobs, Routes):
        return jobs.columns
    job_start, choice_start = [0], [0]
    machine: list[int] = []
    duration: list[int] = []
    for j, job in enumerate(_validation.rows(jobs, "jobs", "a list of jobs")):
        for k, operation in enumerate(_validation.rows(job, f"jobs[{j}]", "a list of operations")):
            for chosen, ticks in [operation] if _is_plain(operation) else _choices(operation, (j, k)):
                machine.append(chosen)
                duration.append(ticks)
            choice_start.append(len(machine))
        job_start.append(len(choice_start) - 1)
    columns = {"job_start": job_start, "choice_start": choice_start, "machine": machine, "duration": duration}
    return {name: np.array(column, dtype=np.int64) for name, column in columns.items()}


def _is_plain(operation: Any) -> bool:
    """Whether an operation is a pair of plain integers below 2**53, as most are, which needs no closer look."""
    return (
        type(operation) in (tuple, list)
        and len(operation) == 2
        and type(operation[0]) is type(operation[1]) is int
        and -_LARGE < operation[0] < _LARGE
        and -_LARGE < operation[1] < _LARGE
    )


def _choices(operation: Any, index: tuple[int, int]) -> list[tuple[int, int]]:
    """The machines of an operation, with durations."""
    place = f"jobs[{index[0]}, {index[1]}]"
    if isinstance(operation, Mapping):
        pairs = list(operation.items())
    elif isinstance(operation, (tuple, list, np.ndarray)) and len(operation) == 2:
        pairs = [tuple(operation)]
    else:
        reason = "must be (machine, duration) or a mapping of machine to duration"
        raise _validation.refuse("jobs", reason, index=index, value=operation)
    return [(_validation.int64(m, f"{place}.machine"), _validation.int64(d, f"{place}.duration")) for m, d in pairs]


def table(job: Any, machine: Any, duration: Any, operation: Any) -> Routes:
    """The jobs of a table with a row for each machine of each operation."""
    names = ("job", "machine", "duration", "operation")
    given = (job, machine, duration, operation)
    columns = [_validation.int_array(column, name) for column, name in zip(given, names, strict=True)]
    jobs, machines, durations, operations = columns
    for column, name in zip(columns, names, strict=True):
        if column.size != jobs.size:
            raise _validation.refuse(name, f"has length {column.size}, expected {jobs.size}")
    for column, name in ((jobs, "job"), (operations, "operation")):
        for k in np.flatnonzero((column < 0) | (column >= column.size))[:1].tolist():
            reason = "must be >= 0 and less than the number of rows"
            raise _validation.refuse(name, reason, index=(k,), value=int(column[k]))
    _refuse_repeats(jobs, machines, operations)
    order = np.lexsort((operations, jobs))
    in_order = np.column_stack([jobs, operations])[order]
    first = np.flatnonzero(np.diff(in_order, axis=0, prepend=-1).any(axis=1))
    job_of = in_order[first, 0]
    job_start = np.searchsorted(job_of, np.arange(int(jobs.max(initial=-1)) + 2))
    position = np.arange(job_of.size) - job_start[job_of]
    for k in np.flatnonzero(in_order[first, 1] != position)[:1].tolist():
        raise _validation.refuse("operation", f"operation {position[k]} of job {job_of[k]} has no row")
    choice_start = np.append(first, order.size)
    found = {"job_start": job_start, "choice_start": choice_start, "machine": machines[order], "duration": durations[order]}
    return Routes({name: column.astype(np.int64, copy=False) for name, column in found.items()})


def _refuse_repeats(job: _Ints, machine: _Ints, operation: _Ints) -> None:
    """Refuses the first row whose machine stands in an earlier row of its operation."""
    order = np.lexsort((machine, operation, job))
    rows = np.column_stack([job, operation, machine])[order]
    repeats = order[1:][(rows[1:] == rows[:-1]).all(axis=1)]
    if repeats.size:
        k = int(repeats.min())
        reason = f"stands twice for operation {operation[k]} of job {job[k]}"
        raise _validation.refuse("machine", reason, index=(k,), value=int(machine[k]))


def due_dates(value: Any, num_jobs: int) -> _Ints:
    """Due dates; None marks a job without one."""
    if value is None:
        return np.empty(0, np.int64)
    missing: list[int] = []
    if isinstance(value, (list, tuple)):
        missing = [j for j, due in enumerate(value) if due is None]
        value = [0 if due is None else due for due in value]
    column = _by_job(value, "due_date", num_jobs)
    column[missing] = NO_DUE_DATE
    return column


def weights(value: Any, num_jobs: int) -> NDArray[Any] | None:
    """A column of one weight for each job, integers or floats; None without one."""
    if value is None:
        return None
    column = np.array(_validation.number_array(value, "weight"))
    if column.size != num_jobs:
        raise _validation.refuse("weight", f"has length {column.size}, expected {num_jobs}")
    return column if num_jobs else None


def by_job(value: Any, field: str, num_jobs: int) -> _Ints:
    """A column of one integer for each job; empty without one."""
    return np.empty(0, np.int64) if value is None else _by_job(value, field, num_jobs)


def _by_job(value: Any, field: str, num_jobs: int) -> _Ints:
    column = np.array(_validation.int_array(value, field))
    if column.size != num_jobs:
        raise _validation.refuse(field, f"has length {column.size}, expected {num_jobs}")
    return column


def by_machine(value: Any, field: str, num_machines: int, ndim: int) -> list[tuple[int, _Ints]]:
    """Columns or matrices of ticks, one for each machine, or a mapping of machines to them."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        items = [(_validation.int64(m, field), ticks) for m, ticks in value.items()]
        found = [(m, _validation.int_array(ticks, f"{field}[{m}]", ndim=ndim)) for m, ticks in items]
    else:
        whole = _validation.int_array(value, field, ndim=ndim + 1)
        if len(whole) != num_machines:
            raise _validation.refuse(field, f"has {len(whole)} machines, expected {num_machines}")
        found = list(enumerate(whole))
    for m, ticks in found:
        if ndim == 2 and ticks.shape[0] != ticks.shape[1]:
            raise _validation.refuse(f"{field}[{m}]", f"has shape {ticks.shape}, expected as many rows as columns")
    return [(m, np.array(ticks).ravel()) for m, ticks in found]


def transport_times(value: Any, num_machines: int) -> _Ints:
    """The matrix of times from machine to machine, row by row; empty without one."""
    if value is None:
        return np.empty(0, np.int64)
    matrix = _validation.int_array(value, "transport", ndim=2)
    if matrix.shape != (num_machines, num_machines):
        raise _validation.refuse("transport", f"has shape {matrix.shape}, expected {(num_machines, num_machines)}")
    return np.array(matrix).ravel()


def blocking_kind(value: Any) -> str | None:
    """The kind of blocking; None for none."""
    if value is None or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, str):
        raise _validation.refuse_type("blocking", "must be False, 'swap' or 'no_swap'", value)
    return _validation.word(value, "blocking")


def calendars_of(value: Any) -> list[tuple[int, Calendar]]:
    """Calendars by machine."""
    if value is None:
        return []
    _validation.expect(value, Mapping, "calendars", "a mapping of machines to Calendar objects")
    items = [(_validation.int64(machine, "calendars"), calendar) for machine, calendar in value.items()]
    for machine, calendar in items:
        _validation.expect(calendar, Calendar, "calendars", "a Calendar", index=(machine,))
    return items
