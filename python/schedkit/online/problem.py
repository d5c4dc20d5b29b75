"""The problem: a stream of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._problem import Problem
from ..errors import InputTypeError

_Floats = NDArray[np.float64]
_CONTENT = ("release_time", "operation", "first_operation", "weight", "estimate", "deadline")


class Jobs(Problem):
    """A stream of jobs. Validated here, immutable afterwards.

    Parameters
    ----------
    release_time : array_like of float, shape (n,)
        Arrival times, in any order.
    processing_time : array_like of float, shape (n,), optional
        The size of each job, >= 0. A job of size 0 waits for a server like any other, and completes when it gets one.
    operations : list of lists of float, optional
        The sizes of each job's operations, in order, at least one for each job; replaces `processing_time`. Policies on
        operations see one operation at a time; all others see the total.
    weight : array_like of float, shape (n,), optional
        Weights >= 0 of the flow times; 1 by default.
    estimate : array_like of float, shape (n,), optional
        Estimates >= 0 of the total size, for policies on estimates.
    deadline : array_like of float, shape (n,), optional
        Hard deadlines, for `EDF` and `LLF`; infinite ones are legal, and the default. `slack_edf` and `slo_density` go by
        them too, and may miss some on purpose; `schedkit.check` reports each deadline that is missed.
    names : list of str, optional
        Unique names, for tables and messages.

    Raises
    ------
    InvalidInputError
        NaN or infinite times, negative sizes, weights or estimates, a job without operations, unequal lengths, numbers beyond
        1e100; names the field, the index and the job.
    InputTypeError
        Anything that is not a number where numbers belong.

    Notes
    -----
    Construction costs O(n), plus a sort if the release times are not sorted. Jobs compare by content and pickle as a few
    arrays.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2], [8, 2, 1])
    >>> jobs
    Jobs(3)
    >>> sk.online.simulate(jobs, "srpt").total_flow_time
    15.0
    >>> sk.online.Jobs([0, 1], operations=[[4, 2, 8], [1, 1]]).processing_time.tolist()
    [14.0, 2.0]
    """

    __slots__ = ("_columns", "_native")

    _native: _core.Jobs
    _columns: dict[str, Any]

    def __init__(
        self,
        release_time: ArrayLike,
        processing_time: ArrayLike | None = None,
        *,
        operations: Sequence[ArrayLike] | None = None,
        weight: ArrayLike | None = None,
        estimate: ArrayLike | None = None,
        deadline: ArrayLike | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        release = _validation.float_array(release_time, "release_time", judge=False)
        if (processing_time is None) == (operations is None):
            raise _validation.refuse("processing_time", "give either processing_time or operations", kind=InputTypeError)
        if operations is None:
            size, first = _validation.float_array(processing_time, "processing_time", judge=False), None
        else:
            size, first = _flatten(operations)
        name_list = _validation.name_list(names, "names")
        self._fill(
            _core.Jobs(
                release_time=release,
                operation=size,
                first_operation=first,
                weight=_optional(weight, "weight"),
                estimate=_optional(estimate, "estimate"),
                deadline=_optional(deadline, "deadline"),
                names=name_list,
            )
        )

    def _fill(self, native: _core.Jobs) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_columns", {})

    def _column(self, name: str) -> Any:
        """A column of the core, copied on first use."""
        if name not in self._columns:
            self._columns[name] = getattr(self._native, name)()
        return self._columns[name]

    @property
    def release_time(self) -> _Floats:
        """When each job arrives; read-only, shape (n,)."""
        column: _Floats = self._column("release_time")
        return column

    @property
    def processing_time(self) -> _Floats:
        """The total size of each job; read-only, shape (n,)."""
        column: _Floats = self._column("processing_time")
        return column

    @property
    def operations(self) -> tuple[_Floats, ...] | None:
        """The sizes of each job's operations, or None if jobs were given by `processing_time`."""
        first = self._column("first_operation")
        return None if first is None else tuple(np.split(self._column("operation"), first[1:-1])) if len(first) > 1 else ()

    @property
    def weight(self) -> _Floats | None:
        """Weights, or None."""
        column: _Floats | None = self._column("weight")
        return column

    @property
    def estimate(self) -> _Floats | None:
        """Estimates of the total size, or None."""
        column: _Floats | None = self._column("estimate")
        return column

    @property
    def deadline(self) -> _Floats | None:
        """Deadlines, or None."""
        column: _Floats | None = self._column("deadline")
        return column

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names, or None."""
        names = self._native.names()
        return None if names is None else tuple(names)

    @property
    def num_jobs(self) -> int:
        """Number of jobs."""
        return self._native.num_jobs()

    def __len__(self) -> int:
        return self.num_jobs

    def __repr__(self) -> str:
        kinds = [name for name in ("operations", "weight", "estimate", "deadline", "names") if getattr(self, name) is not None]
        return f"Jobs({', '.join([str(self.num_jobs), *kinds])})"

    def _content(self) -> tuple[Any, ...]:
        return (*(self._column(name) for name in _CONTENT), self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jobs):
            return NotImplemented
        return all(_equal(a, b) for a, b in zip(self._content(), other._content(), strict=True))

    def __hash__(self) -> int:
        return hash((self.release_time.tobytes(), self.processing_time.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, self._content()


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and np.array_equal(a, b)
    return bool(a == b) if not isinstance(b, np.ndarray) else False


def _optional(column: ArrayLike | None, field: str) -> _Floats | None:
    return None if column is None else _validation.float_array(column, field, judge=False)


def _rebuild(*content: Any) -> Jobs:
    """The jobs with this content, which another `Jobs` had."""
    columns = dict(zip(_CONTENT, content[:-1], strict=True))
    jobs = Jobs.__new__(Jobs)
    jobs._fill(_core.Jobs(**columns, names=None if content[-1] is None else list(content[-1])))
    return jobs


def _flatten(operations: Any) -> tuple[_Floats, NDArray[np.int64]]:
    """Lists of operations as one column and where each job's part starts."""
    lists = _validation.rows(operations, "operations", "a list of lists")
    rows = [_validation.float_array(row, f"operations[{j}]", judge=False) for j, row in enumerate(lists)]
    first = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([row.size for row in rows], out=first[1:])
    return np.concatenate(rows) if rows else np.empty(0), first


def lower_bound(jobs: Jobs, *, servers: int = 1) -> float:
    """A lower bound on the total flow time of every policy, whatever it knows; on one server it is the optimum.

    Parameters
    ----------
    jobs : Jobs
    servers : int, default 1

    Returns
    -------
    float
        On one server the total flow time of SRPT on the true sizes. On several the larger of the sum of all sizes and SRPT on
        one server of `servers` times the speed.

    Notes
    -----
    O(n log n).

    References
    ----------
    Schrage, L. (1968). A proof of the optimality of the shortest remaining processing time discipline. Operations Research 16.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.lower_bound(jobs), sk.online.lower_bound(jobs, servers=2)
    (28.0, 16.0)
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse_type("jobs", "must be a Jobs", jobs)
    return jobs._native.lower_bound(_validation.int_scalar(servers, "servers", minimum=1, maximum=2**32))
