"""The columns of modes and stores of a project, as users give them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from .constraints import NO_DEADLINE, column

MODES = ("activity", "nonrenewable", "consumption")
STORES = ("storage", "initial", "taken", "given")


def modes_of(activity: Any, nonrenewable: Any, consumption: Any, rows: int) -> dict[str, Any]:
    """The columns of modes, complete if any of them is given."""
    if activity is None and nonrenewable is None and consumption is None:
        return dict.fromkeys(MODES)
    if nonrenewable is None and consumption is not None:
        raise _validation.refuse("consumption", "is given without nonrenewable; it says what is used up of these stocks")
    owner = np.arange(rows, dtype=np.int64) if activity is None else _validation.int_array(activity, "activity")
    if owner.size != rows:
        raise _validation.refuse("activity", f"has length {owner.size}, expected {rows}")
    if owner.size == 0:
        return dict.fromkeys(MODES)
    stock = _validation.int_array([] if nonrenewable is None else nonrenewable, "nonrenewable")
    return {"activity": owner, "nonrenewable": stock, "consumption": _amounts(consumption, "consumption", rows, stock.size)}


def stores_of(storage: Any, initial: Any, taken: Any, given: Any, rows: int) -> dict[str, Any]:
    """The columns of stores, complete if there are any."""
    if storage is None:
        for name, value in (("initial", initial), ("taken", taken), ("given", given)):
            if value is not None:
                raise _validation.refuse(name, "is given without storage, the capacities of the stores")
        return dict.fromkeys(STORES)
    capacity = column(storage, "storage", None, NO_DEADLINE)
    if capacity.size == 0:
        for name, value in (("initial", initial), ("taken", taken), ("given", given)):
            if value is not None and np.size(value):
                raise _validation.refuse(name, "is given, but storage has no store")
        return dict.fromkeys(STORES)
    level = np.zeros(capacity.size, np.int64) if initial is None else column(initial, "initial", capacity.size)
    amounts = {name: _amounts(value, name, rows, capacity.size) for name, value in (("taken", taken), ("given", given))}
    return {"storage": capacity, "initial": level, **amounts}


def _amounts(value: Any, name: str, rows: int, columns: int) -> NDArray[np.int64]:
    """A matrix with a row for each activity or mode; without it nothing."""
    if value is None:
        return np.zeros((rows, columns), np.int64)
    amounts = _validation.int_array(value, name, ndim=2, columns=columns)
    if amounts.shape[0] != rows:
        raise _validation.refuse(name, f"has {amounts.shape[0]} rows, expected {rows}")
    return amounts
