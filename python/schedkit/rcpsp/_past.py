"""Validation of ``fixed=`` and ``now=``, the activities that have started already and the present."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._validation import int64, int_scalar
from ..fixed import rows
from .problem import Project

FixedRow = tuple[int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (activity, start, end) of a mapping, such as `schedkit.Fixed`."""
    return [(i, start, end) for i, start, end in rows(fixed, "activities", int64, start=int64, end=int64)]


def without_modes(fixed: Any, project: Project) -> tuple[Any, list[tuple[int, int]]]:
    """The mapping without the modes that it names, and activity and row of these."""
    if project.activity is None or not isinstance(fixed, Mapping):
        return fixed, []
    plain, modes = {}, []
    for i, span in fixed.items():
        plain[i] = span
        if isinstance(span, (tuple, list)) and len(span) == 3:
            start, end, mode = span
            most = project.duration.size - 1
            row = int_scalar(mode, f"fixed[{i}].mode", minimum=0, maximum=most)
            modes.append((int_scalar(i, "fixed", minimum=0, maximum=project.num_activities - 1), row))
            if end is None:
                end = int64(start, f"fixed[{i}].start") + int(project.duration[row])
            plain[i] = (start, end)
    return plain, modes


def moment(now: Any) -> int:
    """Validates the present."""
    return int64(now, "now")
