"""The checker of shops for `schedkit.check`: turns a schedule of any source into columns for the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _validation
from ..schedule import Result
from ._past import fixed_rows, moment
from .dispatching import OBJECTIVES
from .problem import Shop, core_of
from .schedule import ShopSchedule
from .simulation import ShopSimulation

_COLUMNS = ("machine", "start_time", "completion_time")
_DOWN = ("down_machine", "down_start", "down_end")


def violations(
    shop: Shop, schedule: Any, fixed: Any = None, now: Any = 0, **options: Any
) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows (kind, subject, detail)."""
    for name in options:
        raise _validation.refuse(name, "has no meaning for a shop")
    if isinstance(schedule, ShopSchedule):
        more = (*_DOWN, "interrupted") if isinstance(schedule, ShopSimulation) else ()
        schedule = {name: getattr(schedule, name) for name in (*_COLUMNS, *OBJECTIVES, *more)}
    if isinstance(schedule, Result) or not isinstance(schedule, Mapping):
        raise _validation.refuse_type("schedule", "must be a ShopSchedule or a mapping", schedule)
    operation, machine, start, end = _runs(schedule)
    claims: list[tuple[str, Any]] = []
    for name in OBJECTIVES:
        value = schedule.get(name)
        if value is not None:
            whole = "weighted" not in name or not isinstance(value, (float, np.floating))
            number = _validation.int64(value, name) if whole else _validation.float_scalar(value, name, infinite=True)
            claims.append((name, number))
    down, restart = _down(schedule)
    return core_of(shop).check(operation, machine, start, end, claims, fixed_rows(fixed), moment(now), down, restart)


def _down(schedule: Mapping[str, Any]) -> tuple[list[tuple[int, int, int]], bool]:
    """The rows (machine, start, end) of breakdowns, and whether interrupted operations started again."""
    columns = [_validation.int_array(schedule.get(name, ()), name) for name in _DOWN]
    for name, column in zip(_DOWN, columns, strict=True):
        if column.size != columns[0].size:
            raise _validation.refuse(name, f"has length {column.size}, expected {columns[0].size}")
    interrupted = _validation.word(schedule.get("interrupted", "resume"), "interrupted")
    if interrupted not in ("resume", "restart"):
        raise _validation.refuse("interrupted", "expected 'resume' or 'restart'", value=interrupted)
    return list(zip(*(column.tolist() for column in columns), strict=True)), interrupted == "restart"


def _runs(schedule: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
    """The columns of a claim: operations, machines, starts and completions."""
    if "operations" in schedule:
        return _listed(schedule["operations"])
    for field in _COLUMNS:
        if field not in schedule:
            raise _validation.refuse("schedule", f"has neither 'operations' nor '{field}'")
    machine, start, end = (_validation.int_array(schedule[name], name) for name in _COLUMNS)
    for name, column in (("start_time", start), ("completion_time", end)):
        if column.size != machine.size:
            raise _validation.refuse(name, f"has length {column.size}, expected {machine.size}")
    return np.arange(machine.size, dtype=np.int64), machine, start, end


def _listed(entries: Any) -> tuple[Any, Any, Any, Any]:
    """The columns of a list of mappings."""
    keys = ("operation", "machine", "start", "end")
    rows = []
    for k, entry in enumerate(_validation.rows(entries, "operations")):
        place = f"operations[{k}]"
        if not isinstance(entry, Mapping):
            raise _validation.refuse_type(place, "must be an object", entry)
        for key in keys:
            if key not in entry:
                raise _validation.refuse(place, f"has no '{key}'")
        rows.append([_validation.int64(entry[key], f"{place}.{key}") for key in keys])
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    operation, machine, start, end = (np.ascontiguousarray(table[:, k]) for k in range(4))
    return operation, machine, start, end
