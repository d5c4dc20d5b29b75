"""The columns of items and nodes that placement and repacking hand to the core."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _validation


def problem_of(demand: Any, capacity: Any, priority: Any, current: Any, allowed: Any, apart: Any) -> dict[str, Any]:
    """The columns that the core takes."""
    needs, units = _validation.int_array(demand, "demand", ndim=2), _validation.int_array(capacity, "capacity", ndim=2)
    if needs.size == 0 and needs.shape[1] == 0:
        needs = needs.reshape(needs.shape[0], units.shape[1] if needs.shape[0] == 0 else 0)
    if units.shape == (0, 0):
        units = units.reshape(0, needs.shape[1])
    if needs.shape[1] != units.shape[1]:
        reason = f"has {needs.shape[1]} columns, expected {units.shape[1]}, one for each column of capacity"
        raise _validation.refuse("demand", reason)
    count = needs.shape[0]
    return {
        "demand": needs,
        "capacity": units,
        "priority": np.zeros(count, np.int64) if priority is None else _validation.int_array(priority, "priority"),
        "current": np.full(count, -1, np.int64) if current is None else _validation.int_array(current, "current"),
        "allowed": _allowed(allowed, count),
        "apart": _apart(apart),
    }


def _allowed(allowed: Any, count: int) -> list[tuple[int, list[int]]]:
    """Items that may take some nodes only, with those nodes."""
    if allowed is None:
        return []
    rows = _validation.listed(allowed, "allowed", "lists of nodes")
    if len(rows) != count:
        raise _validation.refuse("allowed", f"has length {len(rows)}, expected {count}")
    return [(i, _validation.indices(row, "allowed", i)) for i, row in enumerate(rows) if row is not None]


def _apart(apart: Any) -> list[list[int]]:
    """Groups of items that stay apart."""
    if apart is None:
        return []
    groups = _validation.listed(apart, "apart", "lists of items")
    return [_validation.indices(group, "apart", k) for k, group in enumerate(groups)]
