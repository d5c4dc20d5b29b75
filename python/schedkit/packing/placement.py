"""Placement of items with several resources on nodes, by priority; the scores of nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement, OnInterrupt
from .._cp_sat import require
from ..schedule import Result
from . import exact_placement
from ._arguments import node_search
from ._charted import Charted
from .placement_columns import problem_of


@dataclasses.dataclass(frozen=True, slots=True)
class Unplaced:
    """Why an item has no node.

    Attributes
    ----------
    item : int
    node : int or None
        The node nearest to having space: the largest lack of a resource, as a share of its capacity, is least there. Ties go to
        the lower index. None if the item may take no node at all.
    resource : int or None
        The resource of that largest lack; None if the node has space but an item that must stay apart.
    missing : int
        Units that it lacks.
    is_too_large : bool
        Whether the item would not fit on that node even if it were empty.
    """

    item: int
    node: int | None
    resource: int | None
    missing: int
    is_too_large: bool


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class PlacementResult(Result, Charted):
    """Items on nodes; read-only arrays.

    ``plot()`` draws the used share of each resource on each node, as bars.

    Attributes
    ----------
    node : ndarray of int64, shape (n,)
        The node of each item, -1 for none.
    evicted : ndarray of int64
        Items with a current node that now have none or another one, ascending.
    status : {"optimal", "feasible"}
        Optimal if it is proven that no placement is lexicographically better.
    tier : ndarray of int64, shape (t,)
        The distinct priorities, from the highest.
    placed : ndarray of int64, shape (t,)
        Items of each priority that have a node.
    bound : ndarray of int64, shape (t,)
        Upper bounds of `placed`; each holds for all placements that place as many items of every higher priority.
    num_nodes : int
        Exchanges tried, and nodes of branch and bound.
    runtime : float
        Seconds.
    history : list of Improvement
        The objective is the number of items without a node. It may rise where a more important item took the space of others.
    """

    kind: ClassVar[str] = "placement"
    _row: ClassVar[str | None] = "item"

    node: NDArray[np.int64]
    evicted: NDArray[np.int64]
    status: str
    tier: NDArray[np.int64]
    placed: NDArray[np.int64]
    bound: NDArray[np.int64]
    num_nodes: int
    runtime: float
    history: list[Improvement]
    _problem: dict[str, Any] = dataclasses.field(repr=False)

    @property
    def priority(self) -> NDArray[np.int64]:
        """The priority of each item, shape (n,)."""
        priority: NDArray[np.int64] = self._problem["priority"]
        return priority

    @property
    def current(self) -> NDArray[np.int64]:
        """The node on which each item runs, -1 for none, shape (n,)."""
        current: NDArray[np.int64] = self._problem["current"]
        return current

    @property
    def unplaced(self) -> list[Unplaced]:
        """Why items have no node, in order of index. Each access computes them, in O(u m d) for u such items."""
        return [Unplaced(*row) for row in _core.unplaced_items(self._problem, self.node)]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain Python data, ready for JSON, with the reasons in `unplaced`.

        Returns
        -------
        dict
        """
        return {**Result.to_dict(self), "unplaced": [dataclasses.asdict(reason) for reason in self.unplaced]}

    def _columns(self) -> dict[str, Any]:
        """One row per item: its priority, its current node and its node."""
        return {"priority": self.priority, "current": self.current, "node": self.node}


def place(
    demand: ArrayLike,
    capacity: ArrayLike,
    *,
    priority: ArrayLike | None = None,
    current: ArrayLike | None = None,
    allowed: Sequence[Sequence[int] | None] | None = None,
    apart: Sequence[Sequence[int]] | None = None,
    objective: Literal["lexicographic"] = "lexicographic",
    exact: bool = False,
    time_limit: float | None = None,
    max_nodes: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: PlacementResult | ArrayLike | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> PlacementResult:
    """Anytime search for a placement of items on nodes: vector packing by priority.

    As many items of the highest priority as possible get a node, then as many of the next one, and so on; among such placements
    one with few evictions is sought.

    Parameters
    ----------
    demand : array_like of int, shape (n, d)
        Units of each resource that each item needs, >= 0.
    capacity : array_like of int, shape (m, d)
        Units of each resource that each node has, >= 0. Every column of both matrices adds up to at most 2**53.
    priority : array_like of int, shape (n,), optional
        Higher is more important. All are equal by default.
    current : array_like of int, shape (n,), optional
        The node on which each item runs, -1 for none (the default).
    allowed : list of (list of int or None), length n, optional
        The nodes that each item may take; None for all.
    apart : list of lists of int, optional
        Groups of items no two of which share a node (anti-affinity).
    objective : {"lexicographic"}
    exact : bool, default False
        Whether CP-SAT (extra ``exact``) looks for a proof, priority by priority, from the best placement that the search has
        after `max_nodes`, or after three fifths of the time limit. If the search still finds better ones then, CP-SAT has the
        last fifth of limits from five seconds on, and nothing of shorter ones. The search goes on beside it in a thread of its
        own. A placement of CP-SAT counts only if it is better. Where so little time is left that CP-SAT could hardly read the
        model, it is not started.
    time_limit : float, optional
        Seconds; 1 if `max_nodes` is not given either.
    max_nodes : int, optional
        Exchanges tried and nodes of branch and bound; 0 is the first pass alone. Without a time limit no clock is read, and
        equal seeds give equal answers.
    seed : int, default 0
    threads : int or None, default 1
        Workers of CP-SAT; None means all cores. The search itself takes one.
    warm_start : PlacementResult or array_like of int, shape (n,), optional
        A feasible placement to begin with, if it is better than that of the first pass.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    PlacementResult
        ``.node``, ``.evicted``, ``.status``, ``.placed`` and ``.bound`` for each priority, and ``.unplaced`` with reasons.

    Raises
    ------
    InvalidInputError
        Matrices of different resources, a negative number, a node or item that does not exist, a warm start that is not
        feasible, negative limits.
    InputTypeError
        Anything but whole numbers where these belong.

    Notes
    -----
    The first pass takes O(n m d): one priority after the other, items that run keep their node if they still fit, the others
    follow by decreasing share of the resource that they need most, each on the node where the least is left, summed over the
    shares of its resources. Ties go to the lower index. The search then empties up to four nodes at a time and fills them in
    random orders. Up to 64 items, branch and bound takes turns with it. The bound of a priority is the least over resources of
    how many of the smallest demands fit, on all nodes together and node by node.

    References
    ----------
    Christensen, H. I., Khan, A., Pokutta, S., Tetali, P. (2017). Approximation and online algorithms for multidimensional bin
    packing: a survey. Computer Science Review 24. Shaw, P. (1998). Using constraint programming and local search methods to
    solve vehicle routing problems. CP 1998 (emptying and filling).

    Examples
    --------
    >>> import schedkit as sk
    >>> p = sk.packing.place([[2, 4], [1, 1], [5, 2]], [[4, 4], [2, 3]], priority=[1, 0, 0])
    >>> p.node.tolist(), p.placed.tolist(), p.status
    ([0, 1, -1], [1, 1], 'optimal')
    >>> p.unplaced[0]
    Unplaced(item=2, node=0, resource=0, missing=3, is_too_large=True)
    >>> sk.check(p)
    []
    """
    problem = problem_of(demand, capacity, priority, current, allowed, apart)
    if _validation.word(objective, "objective") != "lexicographic":
        raise _validation.refuse("objective", "unknown objective, expected 'lexicographic'", value=objective)
    proves, seeded, workers = _validation.flag(exact, "exact"), _validation.seed(seed), _validation.threads(threads)
    search = node_search(time_limit, max_nodes, on_improvement, stop, on_interrupt)
    with search.preparation():
        begin = None if warm_start is None else _begin(warm_start, problem)
    if proves and not (stop is not None and stop.cancelled):
        require()
        answer, report = exact_placement.place(problem, begin, seeded, workers, search)
    else:
        answer = _core.place_items(problem, begin, seeded, search.request)
        report = answer.pop("report")

    def build(history: list[Improvement], runtime: float) -> PlacementResult:
        held = {name: _validation.readonly(v) if isinstance(v, np.ndarray) else v for name, v in problem.items()}
        return PlacementResult(**answer, runtime=runtime, history=history, _problem=held)

    return search.finish(report, build)


def _begin(warm_start: Any, problem: dict[str, Any]) -> NDArray[np.int64]:
    """The nodes of a warm start; the core checks that they are feasible."""
    node = warm_start.node if isinstance(warm_start, PlacementResult) else _validation.int_array(warm_start, "warm_start")
    if node.size != problem["demand"].shape[0]:
        raise _validation.refuse("warm_start", f"has length {node.size}, expected {problem['demand'].shape[0]}")
    if (node < -1).any():
        raise _validation.refuse("warm_start", "must be a node, or -1 for none", index=(int((node < -1).argmax()),))
    return node
