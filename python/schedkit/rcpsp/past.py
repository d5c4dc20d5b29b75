"""Validation of ``fixed=`` and ``now=``, the activities that have started already and the present."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _validation
from ..errors import InputTypeError

FixedRow = tuple[int, int, int | None]


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (activity, start, end) of a mapping, such as `schedkit.Fixed`."""
    if fixed is None:
        return []
    if not isinstance(fixed, Mapping):
        reason = f"must map activities to (start, end), not be a {_validation.type_name(fixed)}"
        raise _validation.refuse("fixed", reason, kind=InputTypeError)
    return [_row(key, span) for key, span in fixed.items()]


def _row(key: Any, span: Any) -> FixedRow:
    activity = _int64(key, "fixed")
    if not isinstance(span, (tuple, list)) or len(span) != 2:
        raise _validation.refuse("fixed", "must be (start, end)", index=(activity,), value=span)
    start = _int64(span[0], f"fixed[{activity}].start")
    end = None if span[1] is None else _int64(span[1], f"fixed[{activity}].end")
    return activity, start, end


def moment(now: Any) -> int:
    """Validates the present."""
    return _int64(now, "now")


def _int64(value: Any, field: str) -> int:
    return _validation.int_scalar(value, field, minimum=-(2**63), maximum=2**63 - 1)
