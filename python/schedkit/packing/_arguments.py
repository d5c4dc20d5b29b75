"""Arguments that several methods of packing take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from .._anytime import AnytimeCall, judge_interrupt_option

_DEFAULT_TIME = 1.0
"""Seconds of a search without limits."""


def size_column(sizes: Any) -> NDArray[Any]:
    """Sizes as a column of integers or floats; an empty one holds integers."""
    column = _validation.number_array(sizes, "sizes")
    return column if column.size else np.empty(0, np.int64)


def sizes_and_capacity(sizes: Any, capacity: Any) -> tuple[NDArray[Any], int | float]:
    """Sizes and a capacity in one number type: integers if all are whole and the sizes are integers, else floats."""
    column = size_column(sizes)
    number = _validation.float_scalar(capacity, "capacity")
    if column.dtype == np.int64 and number.is_integer():
        if abs(number) >= 2**63:  # the core judges whole numbers of 64 bits
            expected = "must be at most 2**53" if number > 0 else "must be positive and finite"
            raise _validation.refuse("capacity", expected, value=capacity)
        return column, int(number)
    return _validation.float_array(column, "sizes", judge=False), number


def node_search(time_limit: Any, max_nodes: Any, on_improvement: Any, stop: Any, on_interrupt: Any) -> AnytimeCall:
    """The validated options of a search whose budget is `max_nodes`."""
    return AnytimeCall.options(
        time_limit=time_limit,
        budget=max_nodes,
        unit="max_nodes",
        default_time=_DEFAULT_TIME,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )


def exact_call(method: str, options: Mapping[str, Any], on_interrupt: str) -> AnytimeCall | None:
    """The validated options of method "exact"; None for the other methods, which take none of them."""
    judge_interrupt_option(on_interrupt)
    if method == "exact":
        return node_search(**options, on_interrupt=on_interrupt)
    for name, value in {**options, "on_interrupt": None if on_interrupt == "raise" else on_interrupt}.items():
        if value is not None:
            raise _validation.refuse(name, f"only method 'exact' takes it, not '{method}'")
    return None
