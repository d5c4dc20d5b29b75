"""The arguments ``fixed`` and ``now`` of every algorithm: tasks that have started already, and the present."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import _validation
from ..errors import InputTypeError


class FixedRow(NamedTuple):
    """A task that has started; without an end it takes what it costs."""

    task: int
    processor: int
    start: float
    end: float | None


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """The rows of a mapping, such as `schedkit.Fixed`."""
    if fixed is None:
        return []
    if not isinstance(fixed, Mapping):
        reason = f"must map tasks to (processor, start, end), not be a {_validation.type_name(fixed)}"
        raise _validation.refuse("fixed", reason, kind=InputTypeError)
    return [_row(key, span) for key, span in fixed.items()]


def _row(key: Any, span: Any) -> FixedRow:
    task = _validation.int_scalar(key, "fixed", minimum=0, maximum=2**63 - 1)
    if not isinstance(span, (tuple, list)) or len(span) != 3:
        raise _validation.refuse("fixed", "must be (processor, start, end)", index=(task,), value=span)
    processor = _validation.int_scalar(span[0], f"fixed[{task}].processor", minimum=0, maximum=2**63 - 1)
    start = _validation.float_scalar(span[1], f"fixed[{task}].start")
    end = None if span[2] is None else _validation.float_scalar(span[2], f"fixed[{task}].end")
    return FixedRow(task, processor, start, end)


def moment(now: Any) -> float:
    """The present as a float."""
    return _validation.float_scalar(now, "now")
