"""The problem: jobs with due dates on one machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._problem import Problem
from ..errors import InputTypeError


class Instance(Problem):
    """Jobs on one machine, all there at time 0: ``1 || sum T_j`` and ``1 || sum w_j T_j``. Validated at
    construction, immutable afterwards.

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
        given = columns(processing_time, due_date, weight, 1)
        values: dict[str, Any] = {name: None if c is None else _validation.readonly(c) for name, c in given.items()}
        _core.tardiness_validate(values)
        labels = _validation.name_list(names, "names")
        n = values["processing_time"].size
        if labels is not None and len(labels) != n:
            raise _validation.refuse("names", f"has length {len(labels)}, expected {n}")
        values["names"] = None if labels is None else tuple(labels)
        for name, value in values.items():
            object.__setattr__(self, name, value)

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


def _rebuild(processing_time: Any, due_date: Any, weight: Any, names: Any) -> Instance:
    return Instance(processing_time, due_date, weight, names=names)


def unpacked(processing_time: Any, due_date: Any, weight: Any) -> tuple[Any, Any, Any]:
    """The three columns; an `Instance` given as the first argument provides all of them."""
    if not isinstance(processing_time, Instance):
        if due_date is None:
            reason = "is missing: pass processing_time and due_date, or one Instance"
            raise _validation.refuse("due_date", reason, kind=InputTypeError)
        return processing_time, due_date, weight
    for field, column in (("due_date", due_date), ("weight", weight)):
        if column is not None:
            raise _validation.refuse(field, "is given twice: the Instance has its own columns")
    return processing_time.processing_time, processing_time.due_date, processing_time.weight


def columns(processing_time: Any, due_date: Any, weight: Any, ndim: int) -> dict[str, Any]:
    """The columns of one instance or of a batch as arrays of one shape, by name; the core checks their values."""
    return arrays(*unpacked(processing_time, due_date, weight), ndim)


def arrays(processing_time: Any, due_date: Any, weight: Any, ndim: int) -> dict[str, Any]:
    """As `columns`, of columns that are unpacked already."""
    p = _validation.int_array(processing_time, "processing_time", ndim=ndim)
    d = _validation.int_array(due_date, "due_date", ndim=ndim)
    if ndim == 2 and p.shape != d.shape:
        raise _validation.refuse("due_date", f"has shape {d.shape}, expected {p.shape}")
    if weight is None:
        return {"processing_time": p, "due_date": d, "weight": None}
    w = _validation.number_array(weight, "weight", ndim=ndim)
    if ndim == 2 and w.shape != p.shape:
        raise _validation.refuse("weight", f"has shape {w.shape}, expected {p.shape}")
    return {"processing_time": p, "due_date": d, "weight": w}
