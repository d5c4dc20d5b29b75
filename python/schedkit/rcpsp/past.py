"""Validation of ``fixed=`` and ``now=``, the activities that have started already and the present."""

from __future__ import annotations

from typing import Any

from .. import _validation
from ..fixed import rows

FixedRow = tuple[int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (activity, start, end) of a mapping, such as `schedkit.Fixed`."""
    return [(i, start, end) for i, start, end in rows(fixed, "activities", _int64, start=_int64, end=_int64)]


def moment(now: Any) -> int:
    """Validates the present."""
    return _int64(now, "now")


def _int64(value: Any, field: str) -> int:
    return _validation.int_scalar(value, field, minimum=-(2**63), maximum=2**63 - 1)
