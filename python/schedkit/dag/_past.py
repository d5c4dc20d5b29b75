"""The arguments ``fixed`` and ``now`` of every algorithm: tasks that have started already, and the present."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import _validation
from ..fixed import rows


class FixedRow(NamedTuple):
    """A task that has started; without an end it takes what it costs."""

    task: int
    processor: int
    start: float
    end: float | None


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """The rows of a mapping, such as `schedkit.Fixed`."""
    time = _validation.float_scalar
    return [FixedRow(*row) for row in rows(fixed, "tasks", _index, processor=_index, start=time, end=time)]


def moment(now: Any) -> float:
    """The present as a float."""
    return _validation.float_scalar(now, "now")


def _index(value: Any, field: str) -> int:
    return _validation.int_scalar(value, field, minimum=0, maximum=2**63 - 1)
