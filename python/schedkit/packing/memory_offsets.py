"""Memory offsets: buffers that are alive for some time, in one address space."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement, OnInterrupt
from ..schedule import Result
from ._arguments import node_search
from ._charted import Charted
from ._overlaps import faults


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class OffsetResult(Result, Charted):
    """Offsets of buffers; read-only arrays.

    ``plot()`` draws the address space over time: a rectangle for each buffer, and the lower bound as a line; without offsets
    the buffers of the conflict, stacked by index.

    Attributes
    ----------
    offset : ndarray of int64, shape (n,), or None
        The lowest address of each buffer; None if none were found that fit.
    peak : int or None
        The largest offset plus size, 0 without buffers.
    lower_bound : int
        No offsets have a smaller peak.
    status : {"optimal", "feasible", "infeasible", "unknown"}
        Unknown if there is a capacity and the limits ended the search before it had offsets or a proof.
    conflict : ndarray of int64 or None
        If nothing fits: indices of buffers that do not fit together, but do without any one of them, both proven. None if the
        limits ended the search before it had them.
    num_nodes : int
        Nodes of tree searches, and orders tried.
    runtime : float
        Seconds.
    history : list of Improvement
        Peaks; with a capacity those above it as well.
    """

    kind: ClassVar[str] = "offsets"
    _row: ClassVar[str | None] = "buffer"

    offset: NDArray[np.int64] | None
    peak: int | None
    lower_bound: int
    status: str
    conflict: NDArray[np.int64] | None
    num_nodes: int
    runtime: float
    history: list[Improvement]
    _buffers: dict[str, Any] = dataclasses.field(repr=False)

    @property
    def start(self) -> NDArray[np.int64]:
        """The start of each buffer, shape (n,)."""
        start: NDArray[np.int64] = self._buffers["start"]
        return start

    @property
    def end(self) -> NDArray[np.int64]:
        """The end of each buffer, shape (n,)."""
        end: NDArray[np.int64] = self._buffers["end"]
        return end

    @property
    def size(self) -> NDArray[np.int64]:
        """The size of each buffer, shape (n,)."""
        size: NDArray[np.int64] = self._buffers["size"]
        return size

    def _columns(self) -> dict[str, Any]:
        """One row per buffer: start, end, size and, if there are some, offset."""
        columns = {"start": self.start, "end": self.end, "size": self.size}
        return columns if self.offset is None else {**columns, "offset": self.offset}


def offsets(
    start: ArrayLike,
    end: ArrayLike,
    size: ArrayLike,
    *,
    alignment: int = 1,
    capacity: int | None = None,
    fixed: Mapping[int, int] | None = None,
    time_limit: float | None = None,
    max_nodes: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: OffsetResult | ArrayLike | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> OffsetResult:
    """Anytime search for memory offsets: buffers that are alive together do not overlap, and the peak is as low as possible.

    This is dynamic storage allocation: rectangles of given time, which may only move along the address space.

    Parameters
    ----------
    start, end : array_like of int, shape (n,)
        Buffer i is alive in ``[start, end)``; ``start < end``, in ticks of any unit.
    size : array_like of int, shape (n,)
        Units of memory, > 0. All sizes, each rounded up to the alignment, add up to at most 2**53.
    alignment : int, default 1
        Every offset that is not fixed is a multiple of it.
    capacity : int, optional
        Units of memory that exist. The search then ends at the first offsets that fit.
    fixed : mapping of int to int, optional
        Offsets of buffers that are given; the alignment does not bind them.
    time_limit : float, optional
        Seconds; 1 if `max_nodes` is not given either.
    max_nodes : int, optional
        Nodes of tree searches, and orders tried. Without a time limit no clock is read, and equal seeds give equal answers.
    seed : int, default 0
    threads : int or None, default 1
        For other anytime methods; this one searches on one thread.
    warm_start : OffsetResult or array_like of int, shape (n,), optional
        Feasible offsets to begin with, if they are better than those of first fit.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    OffsetResult
        ``.offset``, ``.peak``, ``.lower_bound``, ``.status``, and ``.conflict`` if nothing fits.

    Raises
    ------
    InvalidInputError
        A buffer that does not end after its start, a size that is not positive, sums beyond 2**53, a fixed buffer that does
        not exist, a warm start that is not feasible, negative limits.
    InputTypeError
        Anything but whole numbers where these belong.

    Notes
    -----
    Where nothing is alive, the buffers before and after are searched apart. A sweep in the order of starts gives the first
    answer; ties go to the lower index. Sweeps forwards and backwards into the lowest or the smallest gap, and first fit in
    several orders (by size, area, duration, start) come next. Tree searches in the order of offsets follow, which
    begin anew with orders that learn from dead ends, and a search over orders of first fit. Parts of more than 4096 buffers are
    searched by orders alone. First fit takes O(n^2) at worst. The lower bound is the load bound, the largest sum of sizes alive
    at once, or what the tree search has proved.

    References
    ----------
    Moffitt, M. D. (2023). MiniMalloc: a lightweight memory allocator for hardware-accelerated machine learning. ASPLOS 2023
    (canonical order, sections, dominance). Prosser, P. (1993). Hybrid algorithms for the constraint satisfaction problem.
    Computational Intelligence 9 (jumping back).

    Examples
    --------
    >>> import schedkit as sk
    >>> r = sk.packing.offsets([0, 1, 2, 3], [2, 4, 5, 6], [4, 3, 2, 4])
    >>> r.peak, r.status
    (9, 'optimal')
    >>> sk.check(r)
    []
    >>> sk.packing.offsets([0, 1, 2, 3], [2, 4, 5, 6], [4, 3, 2, 4], capacity=8).conflict.tolist()
    [1, 2, 3]
    """
    columns = {
        "start": _validation.int_array(start, "start"),
        "end": _validation.int_array(end, "end"),
        "size": _validation.int_array(size, "size"),
        "alignment": _validation.int_scalar(alignment, "alignment", minimum=1, maximum=2**53),
        "capacity": None if capacity is None else _validation.int_scalar(capacity, "capacity", minimum=0, maximum=2**53),
        "fixed": _fixed(fixed),
    }
    search = node_search(time_limit, max_nodes, on_improvement, stop, on_interrupt)
    seeded = _validation.seed(seed)
    _validation.threads(threads)
    held = {name: _validation.readonly(value) if isinstance(value, np.ndarray) else value for name, value in columns.items()}
    with search.preparation():
        begin = None if warm_start is None else _begin(warm_start, held)
    answer = _core.memory_offsets(columns, begin, seeded, search.request)
    report, conflict = answer.pop("report"), answer.pop("conflict")
    found = None if conflict is None else _validation.readonly(np.array(conflict, dtype=np.int64))

    def build(history: list[Improvement], runtime: float) -> OffsetResult:
        return OffsetResult(**answer, conflict=found, runtime=runtime, history=history, _buffers=held)

    return search.finish(report, build)


def _fixed(fixed: Any) -> list[tuple[int, int]]:
    """Pairs of a buffer and its offset."""
    if fixed is None:
        return []
    _validation.expect(fixed, Mapping, "fixed", "a mapping of buffers to offsets")
    pairs = []
    for buffer, offset in fixed.items():
        if isinstance(buffer, (bool, np.bool_)) or not isinstance(buffer, (int, float, np.integer, np.floating)):
            raise _validation.refuse_type("fixed", f"the key {_validation.shown(buffer)} must be the index of a buffer", buffer)
        index = _validation.int64(buffer, "fixed")
        pairs.append((index, _validation.int_scalar(offset, f"fixed[{index}]", minimum=0, maximum=2**53)))
    return pairs


def _begin(warm_start: Any, held: dict[str, Any]) -> NDArray[np.int64]:
    """The offsets of a warm start, which must be feasible but for the capacity."""
    if isinstance(warm_start, OffsetResult):
        if warm_start.offset is None:
            raise _validation.refuse("warm_start", "holds no offsets")
        warm_start = warm_start.offset
    offset = _validation.int_array(warm_start, "warm_start")
    if found := faults({**held, "capacity": None}, offset):
        raise _validation.refuse("warm_start", f"is not feasible: {found[0][2]}")
    return offset
