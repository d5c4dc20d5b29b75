"""The arguments ``fixed`` and ``now``: operations that have started already, and the present."""

from __future__ import annotations

from typing import Any

from .._validation import int64
from ..fixed import rows

FixedRow = tuple[int, int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (operation, machine, start, end) of a mapping, such as `schedkit.Fixed`."""
    found = rows(fixed, "operations", int64, machine=int64, start=int64, end=int64)
    return [(operation, machine, start, end) for operation, machine, start, end in found]


def moment(now: Any) -> int:
    """Validates the present."""
    return int64(now, "now")
