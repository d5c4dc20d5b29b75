"""A project's constraints beyond precedence and constant capacities: any accepted form in, the core's columns out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from ..calendar import Calendar
from ..errors import InputTypeError

NO_DEADLINE = 2**63 - 1
"""Stands in ``Project.deadline`` where an activity has none."""

_Ints = NDArray[np.int64]
_Steps = tuple[int, _Ints, _Ints, int | None]
Columns = tuple[_Ints, _Ints, _Ints, list[_Steps], list[bool], list[list[int]]]

_NOTHING = np.empty(0, np.int64)


def columns(
    n: int,
    num_pairs: int,
    num_resources: int,
    resource_names: Sequence[str] | None,
    *,
    lag: Any,
    release_time: Any,
    deadline: Any,
    calendars: Any,
    pausable: Any,
    disjunctive: Any,
) -> Columns:
    """What the core takes; empty arrays stand for what is not given."""
    return (
        _column(lag, "lag", num_pairs),
        _column(release_time, "release_time", n, absent=0),
        _column(_without_infinity(deadline), "deadline", n, absent=NO_DEADLINE),
        _calendars(calendars, num_resources, resource_names),
        _flags(pausable, n),
        _groups(disjunctive),
    )


def _column(value: Any, field: str, size: int, absent: int | None = None) -> _Ints:
    """A column of integers; None marks entries that are absent, where that is allowed."""
    if value is None:
        return _NOTHING
    if absent is not None and isinstance(value, (list, tuple)):
        value = [absent if item is None else item for item in value]
    array = _validation.int_array(value, field)
    if array.size != size:
        raise _validation.refuse(field, f"has length {array.size}, expected {size}")
    return array


def _without_infinity(value: Any) -> Any:
    """Deadlines with None for infinity."""
    if (
        isinstance(value, np.ndarray)
        and not isinstance(value, np.ma.MaskedArray)
        and value.ndim == 1
        and value.dtype.kind == "f"
    ):
        value = value.tolist() if np.isposinf(value).any() else value
    if not isinstance(value, (list, tuple)):
        return value
    return [None if isinstance(item, (float, np.floating)) and item == math.inf else item for item in value]


def _calendars(calendars: Any, num_resources: int, resource_names: Sequence[str] | None) -> list[_Steps]:
    if calendars is None:
        return []
    if not isinstance(calendars, Mapping):
        reason = f"must map resources to calendars, not be a {type(calendars).__name__}"
        raise _validation.refuse("calendars", reason, kind=InputTypeError)
    index = {name: r for r, name in enumerate(resource_names or ())}
    rows: dict[int, list[_Steps]] = {}
    for key, value in calendars.items():
        if isinstance(key, str):
            if key not in index:
                raise _validation.refuse("calendars", "unknown resource", value=key)
            r = index[key]
        else:
            r = _validation.int_scalar(key, "calendars")
            if not 0 <= r < num_resources:
                raise _validation.refuse("calendars", f"unknown resource, expected 0 <= index < {num_resources}", value=r)
        if r in rows:
            raise _validation.refuse("calendars", "the resource stands more than once", index=(r,), value=value)
        several = list(value) if isinstance(value, (list, tuple)) else [value]
        for calendar in several:
            if not isinstance(calendar, Calendar):
                kind = "None" if calendar is None else type(calendar).__name__
                reason = f"must be a Calendar, or a list of them, not {kind}"
                raise _validation.refuse("calendars", reason, index=(r,), value=calendar, kind=InputTypeError)
        rows[r] = [(r, calendar.time, calendar.capacity, calendar.period) for calendar in several]
    return [row for r in sorted(rows) for row in rows[r]]


def _flags(value: Any, n: int) -> list[bool]:
    if value is None:
        return []
    flags = _validation.flag_list(value, "pausable")
    if len(flags) != n:
        raise _validation.refuse("pausable", f"has length {len(flags)}, expected {n}")
    return flags


def _groups(value: Any) -> list[list[int]]:
    if value is None:
        return []
    if isinstance(value, np.ndarray):
        value = _validation.int_array(value, "disjunctive", ndim=2).tolist()
    sized = hasattr(value, "__iter__") and hasattr(value, "__len__")  # an iterator may never end
    if isinstance(value, (str, bytes, Set, Mapping)) or not sized:
        reason = f"must be a list of groups, not {type(value).__name__}"
        raise _validation.refuse("disjunctive", reason, kind=InputTypeError)
    return [_validation.int_array(group, f"disjunctive[{g}]").tolist() for g, group in enumerate(value)]
