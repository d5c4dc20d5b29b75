"""The problem object, for `schedkit.check` and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ..errors import InputTypeError
from ..schedule import Result
from .schedule import SequenceSchedule, columns

_INTS = ("start_time", "completion_time", "lateness", "tardiness")
_NUMBERS = ("total_tardiness", "total_weighted_tardiness", "max_lateness", "max_tardiness", "num_tardy")


class Instance:
    """Jobs on one machine, all there at time 0: ``1 || sum T_j`` and ``1 || sum w_j T_j``. Validated here, immutable
    afterwards.

    Parameters
    ----------
    processing_time : array_like of int, shape (n,)
        ``p_j >= 0``, in any time unit; the sum is at most 2**53.
    due_date : array_like of int, shape (n,)
        ``d_j``, of either sign, at most 2**53 away from 0.
    weight : array_like of int or float, shape (n,), optional
        ``w_j >= 0``, finite; without weights every job counts once.
    names : list of str, optional
        For tables, plots and messages.

    Raises
    ------
    InvalidInputError
        Unequal lengths, values out of range, sums that might leave 64 bits; names the field and index.
    InputTypeError
        Anything that is not a number where numbers belong.

    Notes
    -----
    Construction costs O(n). Instances compare by content and pickle as a few arrays.

    Examples
    --------
    >>> import schedkit as sk
    >>> instance = sk.tardiness.Instance([4, 7, 2], [6, 9, 14])
    >>> instance
    Instance(jobs=3)
    >>> sk.check(instance, sk.tardiness.edd(instance.processing_time, instance.due_date))
    []
    """

    __slots__ = ("due_date", "names", "processing_time", "weight")

    processing_time: NDArray[np.int64]
    due_date: NDArray[np.int64]
    weight: NDArray[Any] | None
    names: tuple[str, ...] | None

    def __init__(
        self,
        processing_time: ArrayLike,
        due_date: ArrayLike,
        weight: ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
    ) -> None:
        p, d, w = (None if c is None else _validation.readonly(c) for c in columns(processing_time, due_date, weight, 1))
        assert p is not None  # columns returns arrays for these two
        assert d is not None
        _core.tardiness_validate(p, d, w)
        labels = _validation.name_list(names, "names")
        if labels is not None and len(labels) != p.size:
            raise _validation.refuse("names", f"has length {len(labels)}, expected {p.size}")
        values = {"processing_time": p, "due_date": d, "weight": w, "names": None if labels is None else tuple(labels)}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an instance is immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an instance is immutable, cannot delete {name!r}")

    @property
    def num_jobs(self) -> int:
        """Number of jobs."""
        return self.processing_time.size

    def __repr__(self) -> str:
        return f"Instance(jobs={self.num_jobs}{'' if self.weight is None else ', weighted'})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return NotImplemented
        weights = (self.weight is None) == (other.weight is None)
        mine, theirs = ((o.processing_time, o.due_date, () if o.weight is None else o.weight) for o in (self, other))
        return weights and self.names == other.names and all(map(np.array_equal, mine, theirs))

    def __hash__(self) -> int:
        return hash((self.processing_time.tobytes(), self.due_date.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.processing_time, self.due_date, self.weight, self.names)

    def _violations(self, schedule: Any, **options: Any) -> list[tuple[str, tuple[int, ...], str]]:
        for name in options:
            raise _validation.refuse(name, "has no meaning for a sequence of jobs")
        return _core.check_sequence(
            self.processing_time,
            self.due_date,
            self.weight,
            _Claim(_attributes(schedule), self.num_jobs, self.names),
        )


def _rebuild(processing_time: Any, due_date: Any, weight: Any, names: Any) -> Instance:
    return Instance(processing_time, due_date, weight, names=names)


def _attributes(schedule: Any) -> Mapping[str, Any]:
    if isinstance(schedule, SequenceSchedule):
        if schedule.sequence.ndim != 1:
            raise _validation.refuse("schedule", "is a batch, check one instance of it: batch[i]")
        return {name: getattr(schedule, name) for name in ("sequence", *_INTS, *_NUMBERS)}
    if isinstance(schedule, Result) or not isinstance(schedule, Mapping):
        reason = f"must be a SequenceSchedule or a mapping, not {type(schedule).__name__}"
        raise _validation.refuse("schedule", reason, kind=InputTypeError)
    if "sequence" not in schedule:
        raise _validation.refuse("schedule", "has no 'sequence'")
    if ("start_time" in schedule) != ("completion_time" in schedule):
        raise _validation.refuse("schedule", "has only one of 'start_time' and 'completion_time'")
    return schedule


class _Claim:
    """What the core's checker takes: every attribute, None where nothing is claimed."""

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
                    value = _validation.int_scalar(value, name, minimum=-(2**63), maximum=2**63 - 1)
            setattr(self, name, value)
