"""Bin packing: items into as few bins of one capacity as possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement, OnInterrupt
from ..schedule import Result
from ._arguments import exact_call, sizes_and_capacity
from ._charted import Charted

BinMethod = Literal["first_fit", "best_fit", "first_fit_decreasing", "best_fit_decreasing", "mffd", "exact"]
BIN_METHODS: tuple[str, ...] = get_args(BinMethod)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class BinResult(Result, Charted):
    """Items in bins of one capacity; read-only arrays.

    ``plot()`` draws bins as stacked bars, with the capacity as a line.

    Attributes
    ----------
    bin : ndarray of int64, shape (n,)
        The bin of each item.
    load : ndarray, shape (num_bins,)
        The sum of the sizes in each bin, in the type of the sizes.
    num_bins : int
    lower_bound : int
        No packing has fewer bins.
    status : {"optimal", "feasible"}
        Optimal if the number of bins equals the lower bound.
    capacity : int or float
    """

    kind: ClassVar[str] = "bins"
    _row: ClassVar[str | None] = "item"

    bin: NDArray[np.int64]
    load: NDArray[Any]
    num_bins: int
    lower_bound: int
    status: str
    capacity: float
    _sizes: NDArray[Any] = dataclasses.field(repr=False)

    @property
    def size(self) -> NDArray[Any]:
        """The size of each item, shape (n,)."""
        return self._sizes

    def _columns(self) -> dict[str, Any]:
        """One row per item: its size and its bin."""
        return {"size": self.size, "bin": self.bin}

    def items(self) -> list[NDArray[np.int64]]:
        """The items of each bin, in order of index.

        Returns
        -------
        list of ndarray of int64
            One array per bin.

        Examples
        --------
        >>> import schedkit as sk
        >>> [items.tolist() for items in sk.packing.bins([4, 8, 1, 4, 2, 1], 10).items()]
        [[1, 4], [0, 2, 3, 5]]
        """
        order = np.argsort(self.bin, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.bin, minlength=self.num_bins))[:-1]) if self.num_bins else []


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ExactBinResult(BinResult):
    """The result of method "exact": a `BinResult` with the history of the search.

    Attributes
    ----------
    num_nodes : int
        Branching nodes.
    runtime : float
        Seconds.
    history : list of Improvement
    """

    kind: ClassVar[str] = "bins_search"

    num_nodes: int
    runtime: float
    history: list[Improvement]


def bins(
    sizes: ArrayLike,
    capacity: float,
    *,
    method: BinMethod = "best_fit_decreasing",
    time_limit: float | None = None,
    max_nodes: int | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> BinResult:
    """Packs items into as few bins of one capacity as possible.

    Parameters
    ----------
    sizes : array_like of int or float, shape (n,)
        0 to `capacity`. Integers add up to at most 2**53.
    capacity : int or float
        > 0. If it or a size is not whole, all numbers are floats.
    method : str, default "best_fit_decreasing"
        ``"first_fit"``: each item, in order of index, into the lowest bin with enough residual capacity; ``"best_fit"``: into
        the fullest one. ``"first_fit_decreasing"``, ``"best_fit_decreasing"``: the largest items first. ``"mffd"``: modified
        first fit decreasing, which first fills the bins of items above half the capacity. ``"exact"``: branch and bound, for
        integers.
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
    BinResult
        ``.bin``, ``.load``, ``.num_bins``, ``.lower_bound``, ``.status`` and ``.items()``. Bins are numbered as they open.
        Method ``"exact"`` returns an `ExactBinResult`, which adds ``.num_nodes``, ``.runtime`` and ``.history``.

    Raises
    ------
    InvalidInputError
        A size that is negative or larger than the capacity, a capacity that is not positive, an unknown method, an option that
        the method does not take, floats for ``"exact"``.
    InputTypeError
        Anything but numbers where numbers belong.

    Notes
    -----
    O(n log n), but for ``"exact"``, which is exponential at worst. Guarantees: first and best fit use at most 17/10 of the
    least number of bins, ``"first_fit_decreasing"`` 11/9 plus 6/9, ``"best_fit_decreasing"`` 11/9 plus 4, ``"mffd"`` 71/60 plus
    31/6.

    Ties: equal sizes in order of index; of equally full bins the lowest.

    The bound of integers is L2 of Martello and Toth, and for ``"exact"`` what the search has proved. Of floats it is the sum
    over the capacity, rounded up. An item of floats fits if its size is at most the capacity minus the sizes in the bin, one
    after the other.

    References
    ----------
    Johnson, D. S., Demers, A., Ullman, J. D., Garey, M. R., Graham, R. L. (1974). Worst-case performance bounds for simple
    one-dimensional packing algorithms. SIAM J. on Computing 3. Dosa, G. (2007). The tight bound of first fit decreasing
    bin-packing algorithm is FFD(I) <= 11/9 OPT(I) + 6/9. ESCAPE 2007. Dosa, G., Sgall, J. (2014). Optimal analysis of best fit
    bin packing. ICALP 2014. Johnson, D. S., Garey, M. R. (1985). A 71/60
    theorem for bin packing. J. of Complexity 1. Martello, S., Toth, P. (1990). Lower bounds and reduction procedures for the
    bin packing problem. Discrete Applied Mathematics 28. Korf, R. E. (2002). A new algorithm for optimal bin packing. AAAI.

    Examples
    --------
    >>> import schedkit as sk
    >>> b = sk.packing.bins([4, 8, 1, 4, 2, 1], 10)
    >>> b.bin.tolist(), b.load.tolist(), b.status
    ([1, 0, 1, 1, 0, 1], [10, 10], 'optimal')
    >>> sk.check(b)
    []
    """
    column, limit = sizes_and_capacity(sizes, capacity)
    name = _validation.choice(method, "method", BIN_METHODS)
    given = {"time_limit": time_limit, "max_nodes": max_nodes, "on_improvement": on_improvement, "stop": stop}
    search = exact_call(name, given, on_interrupt)
    held: dict[str, Any] = {"capacity": limit, "_sizes": _validation.readonly(column)}
    if search is None:
        return BinResult(**_with_status(_core.pack_bins(column, limit, name)), **held)
    if column.dtype != np.int64:
        raise _validation.refuse("sizes", "method 'exact' takes integers only, with a whole capacity")
    answer = _core.pack_bins_exact(column, int(limit), search.request)
    report, num_nodes = answer.pop("report"), answer.pop("num_nodes")

    def build(history: list[Improvement], runtime: float) -> ExactBinResult:
        return ExactBinResult(**_with_status(answer), **held, num_nodes=num_nodes, runtime=runtime, history=history)

    return search.finish(report, build)


def _with_status(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns of the core with the number of bins and the status that they imply."""
    num_bins = columns["load"].size
    status = "optimal" if num_bins == columns["lower_bound"] else "feasible"
    return {**columns, "num_bins": num_bins, "status": status}
