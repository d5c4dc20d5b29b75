"""Conversion of sequences, of any source, to columns for the core's checker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core, _validation
from ..schedule import Result
from .problem import Instance, columns
from .schedule import SequenceSchedule

_INTS = ("start_time", "completion_time", "lateness", "tardiness")
_NUMBERS = ("total_tardiness", "total_weighted_tardiness", "max_lateness", "max_tardiness", "num_tardy")


def violations(instance: Instance, schedule: Any, **options: Any) -> list[tuple[str, tuple[int, ...], str]]:
    """Checks a schedule; returns rows (kind, subject, detail)."""
    for name in options:
        raise _validation.refuse(name, "has no meaning for a sequence of jobs")
    claim = _Claim(_attributes(schedule), instance.num_jobs, instance.names)
    return _core.check_sequence(columns(instance, None, None, 1), claim)


def _attributes(schedule: Any) -> Mapping[str, Any]:
    if isinstance(schedule, SequenceSchedule):
        if schedule.sequence.ndim != 1:
            raise _validation.refuse("schedule", "is a batch, check one instance of it: batch[i]")
        return {name: getattr(schedule, name) for name in ("sequence", *_INTS, *_NUMBERS)}
    if isinstance(schedule, Result) or not isinstance(schedule, Mapping):
        raise _validation.refuse_type("schedule", "must be a SequenceSchedule or a mapping", schedule)
    if "sequence" not in schedule:
        raise _validation.refuse("schedule", "has no 'sequence'")
    if ("start_time" in schedule) != ("completion_time" in schedule):
        raise _validation.refuse("schedule", "has only one of 'start_time' and 'completion_time'")
    return schedule


class _Claim:
    """The columns and numbers of a schedule as attributes, None for those that it does not have."""

    def __init__(self, given: Mapping[str, Any], n: int, names: tuple[str, ...] | None) -> None:
        self.names = None if names is None else list(names)
        self.sequence = _validation.int_array(given["sequence"], "sequence")
        for name in _INTS:
            value = given.get(name)
            column = None if value is None else _validation.int_array(value, name)
            if column is not None and column.size != n:
                raise _validation.refuse(name, f"has length {column.size}, expected {n}")
            setattr(self, name, column)
        for name in _NUMBERS:
            value = given.get(name)
            if value is not None:
                if name == "total_weighted_tardiness" and isinstance(value, (float, np.floating)):
                    value = _validation.float_scalar(value, name, infinite=True)
                else:
                    value = _validation.int64(value, name)
            setattr(self, name, value)
