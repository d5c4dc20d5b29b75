"""The constraints of a project beyond precedence and constant capacities: how each is given, shown and compared.

`CONSTRAINTS` declares them once. `Project` reads, stores, compares and pickles its columns by this list; what each constraint
means, and which values are valid, is defined in the core.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from ..calendar import Calendar
from ..errors import InputTypeError

NO_DEADLINE = 2**63 - 1
"""Stands in ``Project.deadline`` where an activity has none."""

_Ints = NDArray[np.int64]
_Steps = tuple[int, _Ints, _Ints, int | None]


class Sizes(NamedTuple):
    """The numbers of things that columns of a project refer to."""

    activities: int
    pairs: int
    resources: int
    resource_names: Sequence[str] | None


@dataclasses.dataclass(frozen=True)
class Constraint:
    """A kind of constraint, which is one column of a project.

    Attributes
    ----------
    name : str
        The parameter and the attribute of `Project`, the field of the core, the key in JSON.
    read : callable
        ``read(value, sizes)`` turns what a user gives into what the core takes.
    empty : array or list
        What the core takes where the user gives None.
    show : callable
        Turns what the core holds into the attribute.
    canonical : callable
        ``canonical(attribute, order)`` is the attribute without what is not content; `order` sorts the precedence pairs.
    """

    name: str
    read: Callable[[Any, Sizes], Any]
    empty: Any
    show: Callable[[Any], Any] = lambda column: column
    canonical: Callable[[Any, _Ints], Any] = lambda attribute, _: attribute


def _column(value: Any, field: str, size: int, absent: int | None = None) -> _Ints:
    """A column of integers; None marks absent entries if `absent`, their value, is given."""
    if absent is not None and isinstance(value, (list, tuple)):
        value = [absent if item is None else item for item in value]
    array = _validation.int_array(value, field)
    if array.size != size:
        raise _validation.refuse(field, f"has length {array.size}, expected {size}")
    return array


def _without_infinity(value: Any) -> Any:
    """Replaces infinite deadlines by None."""
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


def _calendars(calendars: Any, sizes: Sizes) -> list[_Steps]:
    if not isinstance(calendars, Mapping):
        reason = f"must map resources to calendars, not be a {_validation.type_name(calendars)}"
        raise _validation.refuse("calendars", reason, kind=InputTypeError)
    index = {name: r for r, name in enumerate(sizes.resource_names or ())}
    rows: dict[int, list[_Steps]] = {}
    for key, value in calendars.items():
        if isinstance(key, str):
            if key not in index:
                raise _validation.refuse("calendars", "unknown resource", value=key)
            r = index[key]
        else:
            r = _validation.int_scalar(key, "calendars")
            if not 0 <= r < sizes.resources:
                raise _validation.refuse("calendars", f"unknown resource, expected 0 <= index < {sizes.resources}", value=r)
        if r in rows:
            raise _validation.refuse("calendars", "the resource stands more than once", index=(r,), value=value)
        several = list(value) if isinstance(value, (list, tuple)) else [value]
        for calendar in several:
            if not isinstance(calendar, Calendar):
                kind = _validation.type_name(calendar)
                reason = f"must be a Calendar, or a list of them, not {kind}"
                raise _validation.refuse("calendars", reason, index=(r,), value=calendar, kind=InputTypeError)
        rows[r] = [(r, calendar.time, calendar.capacity, calendar.period) for calendar in several]
    return [row for r in sorted(rows) for row in rows[r]]


def _calendars_by_resource(rows: list[_Steps]) -> Mapping[int, Calendar | tuple[Calendar, ...]]:
    """The core's calendars as users give them: one, or the tuple of several of a resource."""
    found: dict[int, list[Calendar]] = {}
    for resource, time, capacity, period in rows:
        found.setdefault(resource, []).append(Calendar(time, capacity, period))
    return MappingProxyType({r: group[0] if len(group) == 1 else tuple(group) for r, group in found.items()})


def _flags(value: Any, sizes: Sizes) -> list[bool]:
    flags = _validation.flag_list(value, "pausable")
    if len(flags) != sizes.activities:
        raise _validation.refuse("pausable", f"has length {len(flags)}, expected {sizes.activities}")
    return flags


def _groups(value: Any, _: Sizes) -> list[list[int]]:
    if isinstance(value, np.ndarray):
        value = _validation.int_array(value, "disjunctive", ndim=2).tolist()
    sized = hasattr(value, "__iter__") and hasattr(value, "__len__")  # an iterator may never end
    if isinstance(value, (str, bytes, Set, Mapping)) or not sized:
        raise _validation.refuse_type("disjunctive", "must be a list of groups", value)
    return [_validation.int_array(group, f"disjunctive[{g}]").tolist() for g, group in enumerate(value)]


_NO_INTEGERS = _validation.readonly(np.empty(0, np.int64))

CONSTRAINTS = (
    Constraint(
        "lag",
        lambda value, sizes: _column(value, "lag", sizes.pairs),
        _NO_INTEGERS,
        canonical=lambda lag, order: lag[order],
    ),
    Constraint(
        "release_time",
        lambda value, sizes: _column(value, "release_time", sizes.activities, absent=0),
        _NO_INTEGERS,
    ),
    Constraint(
        "deadline",
        lambda value, sizes: _column(_without_infinity(value), "deadline", sizes.activities, absent=NO_DEADLINE),
        _NO_INTEGERS,
    ),
    Constraint("calendars", _calendars, [], _calendars_by_resource),
    Constraint("pausable", _flags, [], lambda flags: _validation.readonly(np.array(flags, dtype=np.bool_))),
    Constraint(
        "disjunctive",
        _groups,
        [],
        lambda groups: tuple(map(tuple, groups)),
        canonical=lambda groups, _: sorted(map(sorted, groups)),
    ),
)
"""All constraints, in the order in which their values are read."""
