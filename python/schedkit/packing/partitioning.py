"""Partition: items into a given number of bins, so that the largest load is small."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement, OnInterrupt
from ..schedule import Result
from ._arguments import exact_call, size_column
from ._charted import Charted

PartitionMethod = Literal["lpt", "multifit", "karmarkar_karp", "exact"]
PARTITION_METHODS: tuple[str, ...] = get_args(PartitionMethod)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class PartitionResult(Result, Charted):
    """Items in k bins; read-only arrays.

    ``plot()`` draws bins as stacked bars, with the lower bound as a line; with speeds the bars are times, load over speed.

    Attributes
    ----------
    bin : ndarray of int64, shape (n,)
        The bin of each item.
    load : ndarray, shape (k,)
        The sum of the sizes in each bin, in the type of the sizes.
    max_load : int or float
        The largest load; with speeds the largest completion time, load over speed.
    lower_bound : int or float
        No partition that respects the options has a smaller largest load.
    status : {"optimal", "feasible"}
        Optimal if the largest load equals the lower bound.
    """

    kind: ClassVar[str] = "partition"
    _row: ClassVar[str | None] = "item"

    bin: NDArray[np.int64]
    load: NDArray[Any]
    max_load: float
    lower_bound: float
    status: str
    _sizes: NDArray[Any] = dataclasses.field(repr=False)
    _limits: tuple[int | None, bool, int] = dataclasses.field(repr=False)
    """The most items of a bin, whether counts are equal, and the number of bins."""
    _speeds: NDArray[np.float64] | None = dataclasses.field(repr=False)

    @property
    def size(self) -> NDArray[Any]:
        """The size of each item, shape (n,)."""
        return self._sizes

    def _columns(self) -> dict[str, Any]:
        """One row per item: its size and its bin."""
        return {"size": self.size, "bin": self.bin}


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ExactPartitionResult(PartitionResult):
    """The result of method "exact": a `PartitionResult` with the history of the search.

    Attributes
    ----------
    num_nodes : int
        Branching nodes.
    runtime : float
        Seconds.
    history : list of Improvement
    """

    kind: ClassVar[str] = "partition_search"

    num_nodes: int
    runtime: float
    history: list[Improvement]


def partition(
    sizes: ArrayLike,
    k: int,
    *,
    method: PartitionMethod = "karmarkar_karp",
    max_count: int | None = None,
    equal_count: bool = False,
    speeds: ArrayLike | None = None,
    time_limit: float | None = None,
    max_nodes: int | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> PartitionResult:
    """Distributes items over k bins so that the largest load is small, ``P || C_max``; with speeds ``Q || C_max``.

    Parameters
    ----------
    sizes : array_like of int or float, shape (n,)
        >= 0. Integers add up to at most 2**53.
    k : int
        Number of bins, >= 1.
    method : {"karmarkar_karp", "lpt", "multifit", "exact"}, default "karmarkar_karp"
        ``"lpt"``: each item into the least loaded bin, the largest items first. ``"multifit"``: first fit decreasing with a
        search for the least capacity that suffices. ``"karmarkar_karp"``: the largest differencing method. ``"exact"``: branch
        and bound, for integers.
    max_count : int, optional
        The most items in a bin; k bins must be able to hold all.
    equal_count : bool, default False
        Whether the numbers of items in two bins may differ by one at most. No bin is empty then if there are k items. Not for
        ``"multifit"``.
    speeds : array_like of float, shape (k,), optional
        > 0; a bin takes its load over its speed. Only for ``"lpt"``, which puts each item where it ends first.
    time_limit : float, optional
        Seconds of ``"exact"``; 1 if `max_nodes` is not given either. The other methods take none of the options that follow.
    max_nodes : int, optional
        Branching nodes of ``"exact"``. Without a time limit no clock is read, and equal input gives equal answers.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far of ``"exact"`` as its ``.result``, or returns that; the
        other methods take the default alone.

    Returns
    -------
    PartitionResult
        ``.bin``, ``.load``, ``.max_load``, ``.lower_bound`` and ``.status``. Method ``"exact"`` returns an
        `ExactPartitionResult`, which adds ``.num_nodes``, ``.runtime`` and ``.history``.

    Raises
    ------
    InvalidInputError
        Negative or infinite sizes, k < 1, a `max_count` that is too small, an unknown method, an option that the method does
        not take, floats for ``"exact"``.
    InputTypeError
        Anything but numbers where numbers belong.
    MemoryError
        Too little memory for k bins.

    Notes
    -----
    Guarantees without `max_count` and `equal_count`: ``"lpt"`` and ``"karmarkar_karp"`` at most 4/3 - 1/(3 k) times the least,
    ``"multifit"`` 13/11.

    Time: ``"lpt"`` O(n log n), with d different speeds O(n (d + log k)); ``"multifit"`` O(n log k) for each of some 50
    capacities; ``"karmarkar_karp"`` O(n k log k) at most, and usually O(n log n), because only groups with items are stored.

    Ties: equal sizes in order of index; the lowest bin. ``"karmarkar_karp"`` takes first, of tuples of equal spread, the one
    that holds the lowest index, and numbers its bins by load, the largest first, then by the largest item.

    The bound is exact for integers. For floats, and with speeds, a value that differs from it by the rounding of sums alone
    counts as the bound, a part of about 2e-16 for each item and bin.

    With `equal_count`, ``"karmarkar_karp"`` begins with groups of k neighbours in order of size, which keeps all counts equal.
    With `max_count` it differences plainly if that respects the count; else it takes the better one of ``"lpt"`` and the
    partition of equal counts.

    References
    ----------
    Graham, R. L. (1969). Bounds on multiprocessing timing anomalies. SIAM J. on Applied Mathematics 17. Coffman, E. G., Garey,
    M. R., Johnson, D. S. (1978). An application of bin-packing to multiprocessor scheduling. SIAM J. on Computing 7. Karmarkar,
    N., Karp, R. M. (1982). The differencing method of set partitioning. UCB/CSD 82/113. Michiels, W., Korst, J., Aarts, E.
    (2003). Performance ratios for the Karmarkar-Karp differencing method. Electronic Notes in Discrete Mathematics 13 (the
    guarantee). Fischetti, M., Martello, S. (1987). Worst-case analysis of the differencing method for the partition problem.
    Mathematical Programming 37 (k = 2).
    Michiels, W., Aarts, E., Korst, J., van Leeuwen, J., Spieksma, F. (2012). Computer-assisted proof of performance ratios for
    the differencing method. Discrete Optimization 9.

    Examples
    --------
    >>> import schedkit as sk
    >>> p = sk.packing.partition([8, 7, 6, 5, 4], 2)
    >>> p.load.tolist(), p.max_load, p.lower_bound
    ([16, 14], 16, 15)
    >>> sk.packing.partition([8, 7, 6, 5, 4], 2, method="exact").bin.tolist()
    [0, 0, 1, 1, 1]
    >>> sk.packing.partition([9, 1, 1, 1, 1, 1], 2, equal_count=True).load.tolist()
    [11, 3]
    """
    column = size_column(sizes)
    bins = _validation.int_scalar(k, "k", minimum=1, maximum=2**32 - 2)
    name = _validation.choice(method, "method", PARTITION_METHODS)
    limit = None if max_count is None else _validation.int_scalar(max_count, "max_count", minimum=1, maximum=2**63 - 1)
    equal = _validation.flag(equal_count, "equal_count")
    speed = None if speeds is None else _validation.float_array(speeds, "speeds", infinite=True)
    given = {"time_limit": time_limit, "max_nodes": max_nodes, "on_improvement": on_improvement, "stop": stop}
    search = exact_call(name, given, on_interrupt)
    options = {"max_count": limit, "equal_count": equal, "speeds": speed}
    held = (_validation.readonly(column), (limit, equal, bins), None if speed is None else _validation.readonly(speed))
    if search is None:
        return PartitionResult(**_with_status(_core.partition_items(column, bins, name, options)), **_private(held))
    if column.dtype != np.int64:
        raise _validation.refuse("sizes", "method 'exact' takes integers only")
    answer = _core.partition_exact(column, bins, options, search.request)
    report, num_nodes = answer.pop("report"), answer.pop("num_nodes")

    def build(history: list[Improvement], runtime: float) -> ExactPartitionResult:
        columns = _with_status(answer)
        return ExactPartitionResult(**columns, **_private(held), num_nodes=num_nodes, runtime=runtime, history=history)

    return search.finish(report, build)


def _with_status(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns of the core with the status that they imply."""
    return {**columns, "status": "optimal" if columns["max_load"] == columns["lower_bound"] else "feasible"}


def _private(held: tuple[Any, ...]) -> dict[str, Any]:
    """The problem that a result holds, by field."""
    return dict(zip(("_sizes", "_limits", "_speeds"), held, strict=True))
