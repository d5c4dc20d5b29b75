"""What the checks of packing return."""

from __future__ import annotations

from typing import Any

import numpy as np

Rows = list[tuple[str, tuple[int, ...], str]]
"""Kind, subject and detail of each violation."""
MOST = 1000
"""Violations of one kind that are listed."""


def wrong_lengths(columns: dict[str, Any], expected: int) -> Rows:
    """Columns of another length than expected, which cannot be judged further."""
    lengths = {name: np.shape(column) for name, column in columns.items()}
    return [
        ("missing", (), f"{name} has the shape {shape}, expected ({expected},)")
        for name, shape in lengths.items()
        if shape != (expected,)
    ]


def wrong_status(status: str, value: Any, bound: Any, noun: str, *, is_optimal: bool) -> Rows:
    """A status other than "optimal" for what is proven, and "feasible" for what is not."""
    if status == ("optimal" if is_optimal else "feasible"):
        return []
    return [("objective", (), f"the status is {status!r}, the {noun} {value!r}, its bound {bound!r}")]
