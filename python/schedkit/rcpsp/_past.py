"""Validation of ``fixed=`` and ``now=``, the activities that have started already and the present."""

from __future__ import annotations

from typing import Any

from .._validation import int64
from ..fixed import rows

FixedRow = tuple[int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (activity, start, end) of a mapping, such as `schedkit.Fixed`."""
    return [(i, start, end) for i, start, end in rows(fixed, "activities", int64, start=int64, end=int64)]


def moment(now: Any) -> int:
    """Validates the present."""
    return int64(now, "now")
