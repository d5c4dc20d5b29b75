"""The constraints of a project beyond precedence and constant capacities: how they are given, shown and compared.

The core declares them: their names, the shapes of their columns, their meaning, and which values are valid. `Project` reads,
stores, compares and pickles its columns by `CONSTRAINTS`; this module knows the shapes.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core, _validation
from ..calendar import Calendar
from ..errors import InputTypeError

NO_DEADLINE = 2**63 - 1
"""Stands in ``Project.deadline``, ``due_date``, ``max_lag`` and ``storage`` where there is none."""
NO_LAG = 1 - 2**63
"""Stands in ``Project.lag`` for a pair that only a maximal lag binds."""

_Ints = NDArray[np.int64]
_Steps = tuple[int, _Ints, _Ints, int | None]


class Sizes(NamedTuple):
    """The numbers of things that columns of a project refer to."""

    activities: int
    pairs: int
    resources: int
    resource_names: Sequence[str] | None


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the entries of a column are.

    Attributes
    ----------
    read : callable
        ``read(value, name, sizes, absent)`` turns what a user gives into what the core takes; `absent` stands for no number.
    show : callable
        Turns what the core holds into the attribute.
    canonical : callable
        ``canonical(attribute, order)`` is the attribute without what is not content; `order` sorts the precedence pairs.
    """

    read: Callable[[Any, str, Sizes, int | None], Any]
    show: Callable[[Any], Any] = lambda column: column
    canonical: Callable[[Any, _Ints], Any] = lambda attribute, _: attribute


class Constraint(NamedTuple):
    """A kind of constraint, which is one column of a project: parameter, attribute, field of the core, key in JSON."""

    name: str
    shape: Shape
    absent: int | None

    def read(self, value: Any, sizes: Sizes) -> Any:
        """What the core takes for what a user gives."""
        return self.shape.read(value, self.name, sizes, self.absent)


def column(value: Any, field: str, size: int | None, absent: int | None = None) -> _Ints:
    """A column of integers, of any size if none is given; None marks absent entries if `absent`, their value, is given."""
    missing: list[int] = []
    if absent is not None and isinstance(value, (list, tuple)):
        missing = [k for k, item in enumerate(value) if item is None]
        value = [0 if item is None else item for item in value]
    array = _validation.int_array(value, field)
    if absent is not None and missing:
        array[missing] = absent
    if size is not None and array.size != size:
        raise _validation.refuse(field, f"has length {array.size}, expected {size}")
    return array


def _of_pairs(value: Any, name: str, sizes: Sizes, absent: int | None) -> _Ints:
    return column(value, name, sizes.pairs, absent)


def _relations(value: Any, name: str, sizes: Sizes, _: int | None) -> list[str]:
    relations = _validation.name_list(value, name) or []
    if len(relations) != sizes.pairs:
        raise _validation.refuse(name, f"has length {len(relations)}, expected {sizes.pairs}")
    return relations


def _of_activities(value: Any, name: str, sizes: Sizes, absent: int | None) -> _Ints:
    return column(_without_infinity(value, name) if absent == NO_DEADLINE else value, name, sizes.activities, absent)


def _without_infinity(value: Any, name: str) -> Any:
    """Replaces plus infinity, which stands for no bound, by None."""
    if (
        isinstance(value, np.ndarray)
        and not isinstance(value, np.ma.MaskedArray)
        and value.ndim == 1
        and value.dtype.kind == "f"
    ):
        value = value if np.isfinite(value).all() else value.tolist()
    if not isinstance(value, (list, tuple)):
        return value
    for k, item in enumerate(value):
        if isinstance(item, (float, np.floating)) and not item > -math.inf:
            reason = "must not be NaN" if item != item else "must not be minus infinity"  # noqa: PLR0124
            raise _validation.refuse(name, f"{reason}; {_NO_BOUND_IS.format(name)}", index=(k,), value=float(item))
    return [None if isinstance(item, (float, np.floating)) and item == math.inf else item for item in value]


_NO_BOUND_IS = "an activity without a {} has plus infinity or None"


def _weights(value: Any, name: str, sizes: Sizes, _: int | None) -> NDArray[Any]:
    weights = _validation.number_array(value, name)
    if weights.size != sizes.activities:
        raise _validation.refuse(name, f"has length {weights.size}, expected {sizes.activities}")
    return weights


def _calendars(calendars: Any, name: str, sizes: Sizes, _: int | None) -> list[_Steps]:
    if not isinstance(calendars, Mapping):
        reason = f"must map resources to calendars, not {_validation.type_name(calendars)}"
        raise _validation.refuse(name, reason, kind=InputTypeError)
    index = {called: r for r, called in enumerate(sizes.resource_names or ())}
    rows: dict[int, list[_Steps]] = {}
    for key, value in calendars.items():
        if isinstance(key, str):
            if key not in index:
                raise _validation.refuse(name, "unknown resource", value=key)
            r = index[key]
        else:
            r = _validation.int_scalar(key, name)
            if not 0 <= r < sizes.resources:
                raise _validation.refuse(name, f"unknown resource, expected 0 <= index < {sizes.resources}", value=r)
        if r in rows:
            raise _validation.refuse(name, "the resource stands more than once", index=(r,), value=value)
        several = list(value) if isinstance(value, (list, tuple)) else [value]
        for calendar in several:
            if not isinstance(calendar, Calendar):
                kind = _validation.type_name(calendar)
                reason = f"must be a Calendar, or a list of them, not {kind}"
                raise _validation.refuse(name, reason, index=(r,), value=calendar, kind=InputTypeError)
        rows[r] = [(r, calendar.time, calendar.capacity, calendar.period) for calendar in several]
    return [row for r in sorted(rows) for row in rows[r]]


def _calendars_by_resource(rows: list[_Steps]) -> Mapping[int, Calendar | tuple[Calendar, ...]]:
    """The core's calendars as users give them: one, or the tuple of several of a resource."""
    found: dict[int, list[Calendar]] = {}
    for resource, time, capacity, period in rows:
        found.setdefault(resource, []).append(Calendar(time, capacity, period))
    return MappingProxyType({r: group[0] if len(group) == 1 else tuple(group) for r, group in found.items()})


def _flags(value: Any, name: str, sizes: Sizes, _: int | None) -> list[bool]:
    flags = _validation.flag_list(value, name)
    if len(flags) != sizes.activities:
        raise _validation.refuse(name, f"has length {len(flags)}, expected {sizes.activities}")
    return flags


def _groups(value: Any, name: str, _: Sizes, __: int | None) -> list[list[int]]:
    if isinstance(value, np.ndarray):
        value = _validation.int_array(value, name, ndim=2).tolist()
    groups = _validation.rows(value, name, "a list of groups")
    return [_validation.int_array(group, f"{name}[{g}]").tolist() for g, group in enumerate(groups)]


_SHAPES = {
    "pairs": Shape(_of_pairs, canonical=lambda column, order: column[order]),
    "relations": Shape(_relations, tuple, lambda relations, order: tuple(relations[k] for k in order)),
    "activities": Shape(_of_activities),
    "flags": Shape(_flags, lambda flags: _validation.readonly(np.array(flags, dtype=np.bool_))),
    "resources": Shape(_calendars, _calendars_by_resource),
    "groups": Shape(
        _groups,
        lambda groups: tuple(map(tuple, groups)),
        lambda groups, _: sorted(map(sorted, groups)),
    ),
    "weights": Shape(_weights),
}

CONSTRAINTS = tuple(Constraint(name, _SHAPES[shape], absent) for name, shape, absent in _core.project_constraints())
"""All constraints, in the order in which their values are read."""
