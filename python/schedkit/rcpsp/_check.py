"""Conversion of project schedules, of any source, to columns for the core's checker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ._past import FixedRow, fixed_rows
from .problem import Project
from .schedule import DUE_DATE_OBJECTIVES, OBJECTIVES, ProjectSchedule

_Ints = NDArray[np.int64]
_Claim = tuple[_Ints, _Ints, _Ints, _Ints | None, int | None, list[tuple[str, float]]]


def violations(
    project: Project,
    schedule: Any,
    fixed: Mapping[int, tuple[int, int]] | None = None,
    now: int | None = None,
    **options: Any,
) -> list[tuple[str, tuple[int, ...], str]]:
    """Checks a schedule; returns rows (kind, subject, detail)."""
    for name in options:
        raise _validation.refuse(name, "has no meaning for a project")
    activity, start, end, mode, makespan, objectives = _claim(project, schedule)
    moment = 0 if now is None else _validation.int_scalar(now, "now", minimum=-(2**53), maximum=2**53)
    rows = _core.check_project(
        project._native, activity, start, end, mode, makespan, objectives, _fixed(fixed, project), moment
    )
    if not any(kind == "unknown_id" and subject and subject[0] < 0 for kind, subject, _ in rows):
        return rows
    entries = list(schedule["activities"]) if isinstance(schedule, Mapping) and "activities" in schedule else []
    names = frozenset(project.names or ())
    return [
        (kind, subject, _by_name(entries, names, subject[0]) or detail)
        if kind == "unknown_id" and subject
        else (kind, subject, detail)
        for kind, subject, detail in rows
    ]


def _by_name(entries: list[Any], names: frozenset[str], index: int) -> str | None:
    """The detail for a name that the project does not have, which stands for the index -1 - position."""
    name = entries[-1 - index]["activity"] if -len(entries) <= index < 0 else None
    return f"there is no activity '{name}'" if isinstance(name, str) and name not in names else None


def _claim(project: Project, schedule: Any) -> _Claim:
    if isinstance(schedule, ProjectSchedule):
        return _from_columns(schedule.start_time, schedule.completion_time, schedule._content())
    if not isinstance(schedule, Mapping):
        raise _validation.refuse_type("schedule", "must be a ProjectSchedule or a mapping", schedule)
    if "activities" in schedule:
        return _from_entries(project, schedule["activities"], schedule)
    for field in ("start_time", "completion_time"):
        if field not in schedule:
            raise _validation.refuse("schedule", f"has neither 'activities' nor '{field}'")
    return _from_columns(schedule["start_time"], schedule["completion_time"], schedule)


def _from_columns(start_time: ArrayLike, completion_time: ArrayLike, claims: Mapping[str, Any]) -> _Claim:
    start = _validation.int_array(start_time, "start_time")
    end = _validation.int_array(completion_time, "completion_time")
    if start.size != end.size:
        raise _validation.refuse("completion_time", f"has length {end.size}, expected {start.size}")
    mode = None if claims.get("mode") is None else _validation.int_array(claims["mode"], "mode")
    if mode is not None and mode.size != start.size:
        raise _validation.refuse("mode", f"has length {mode.size}, expected {start.size}")
    return np.arange(start.size, dtype=np.int64), start, end, mode, *_numbers(claims)


def _from_entries(project: Project, entries: Any, claims: Mapping[str, Any]) -> _Claim:
    index = {name: i for i, name in enumerate(project.names or ())}
    rows: list[tuple[int, int, int]] = []
    modes: list[int] = []
    for k, entry in enumerate(_validation.rows(entries, "activities", "a list of objects")):
        place = f"activities[{k}]"
        if not isinstance(entry, Mapping):
            raise _validation.refuse_type(place, "must be an object", entry)
        for key in ("activity", "start", "end"):
            if key not in entry:
                raise _validation.refuse(place, f"has no '{key}'")
        who = entry["activity"]
        # A name that the project does not have becomes an index that it does not have either.
        i = index.get(who, -1 - k) if isinstance(who, str) else _validation.int64(who, f"{place}.activity")
        rows.append((i, _validation.int64(entry["start"], f"{place}.start"), _validation.int64(entry["end"], f"{place}.end")))
        # An activity without a mode has none of its own, whatever rows the project has.
        modes.append(-1 if entry.get("mode") is None else _validation.int64(entry["mode"], f"{place}.mode"))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    activity, start, end = (np.ascontiguousarray(column) for column in columns)
    mode = np.array(modes, dtype=np.int64) if any(row >= 0 for row in modes) else None
    return activity, start, end, mode, *_numbers(claims)


def _numbers(claims: Mapping[str, Any]) -> tuple[int | None, list[tuple[str, float]]]:
    """The makespan, and the other objectives, of those that are claimed."""
    found = {name: _number(claims[name], name) for name in OBJECTIVES if claims.get(name) is not None}
    makespan = found.pop("makespan", None)
    claimed = list(found.items())
    sought = claims.get("objective_name")
    if sought in DUE_DATE_OBJECTIVES and claims.get("objective") is not None:
        claimed.append((sought, _number(claims["objective"], sought)))
    return None if makespan is None else int(makespan), claimed


def _number(value: Any, name: str) -> float:
    if name == "total_weighted_tardiness" and isinstance(value, (float, np.floating)):
        return _validation.float_scalar(value, name, infinite=True)
    return _validation.int64(value, name)


def _fixed(fixed: Any, project: Project) -> list[FixedRow]:
    rows = fixed_rows(fixed)
    for i, start, _ in rows:
        _validation.int_scalar(i, "fixed", minimum=0, maximum=project.num_activities - 1)
        _validation.int_scalar(start, f"fixed[{i}].start", minimum=-(2**53), maximum=2**53)
    return rows
