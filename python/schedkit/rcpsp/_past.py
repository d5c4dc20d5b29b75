"""Validation of ``fixed=`` and ``now=``, the activities that have started already and the present."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._validation import int64
from ..fixed import rows

FixedRow = tuple[int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (activity, start, end) of a mapping, such as `schedkit.Fixed`."""
    return [(i, start, end) for i, start, end in rows(fixed, "activities", int64, start=int64, end=int64)]


def without_modes(fixed: Any, *, has_modes: bool) -> tuple[Any, list[tuple[int, int]]]:
    """The mapping without the modes that it names, and activity and row of these."""
    if not has_modes or not isinstance(fixed, Mapping):
        return fixed, []
    plain, modes = {}, []
    for i, span in fixed.items():
        plain[i] = span
        if isinstance(span, (tuple, list)) and len(span) == 3:
            plain[i] = tuple(span[:2])
            modes.append((int64(i, "fixed"), int64(span[2], f"fixed[{i}].mode")))
    return plain, modes


def moment(now: Any) -> int:
    """Validates the present."""
    return int64(now, "now")
