"""Moves of items between nodes that win back usable space."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement, OnInterrupt
from ..schedule import Result
from ._arguments import node_search
from .placement_columns import problem_of


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class RepackResult(Result):
    """Moves of items between nodes; read-only arrays.

    Attributes
    ----------
    moves : ndarray of int64, shape (k, 3)
        Rows (item, source, target), in the order in which they are made. Each item fits when it arrives.
    value : float
        Fragments that are left over all free units of resource 0; 0 if nothing is free.
    bound : float
        No sequence of at most as many moves as were allowed leaves a smaller value.
    status : {"optimal", "feasible"}
        Optimal if the value equals the bound.
    node : ndarray of int64, shape (n,)
        The node of each item after all moves.
    num_nodes : int
        Sequences of moves that were tried.
    runtime : float
        Seconds.
    history : list of Improvement
    """

    kind: ClassVar[str] = "repack"
    _row: ClassVar[str | None] = "move"

    moves: NDArray[np.int64]
    value: float
    bound: float
    status: str
    node: NDArray[np.int64]
    num_nodes: int
    runtime: float
    history: list[Improvement]
    _cluster: dict[str, Any] = dataclasses.field(repr=False)

    @property
    def item(self) -> NDArray[np.int64]:
        """The item of each move, shape (k,)."""
        return self.moves[:, 0]

    @property
    def source(self) -> NDArray[np.int64]:
        """The node that each move leaves, shape (k,)."""
        return self.moves[:, 1]

    @property
    def target(self) -> NDArray[np.int64]:
        """The node to which each move goes, shape (k,)."""
        return self.moves[:, 2]

    def _columns(self) -> dict[str, Any]:
        """One row per move: item, source and target."""
        return {"item": self.item, "source": self.source, "target": self.target}


def repack(
    demand: ArrayLike,
    capacity: ArrayLike,
    current: ArrayLike,
    *,
    max_moves: int,
    objective: Literal["fragments"] = "fragments",
    block: int = 16,
    spread: Sequence[bool] | NDArray[np.bool_] | None = None,
    time_limit: float | None = None,
    max_nodes: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> RepackResult:
    """Anytime search for moves that leave the least fragments: rescheduling of virtual machines.

    The fragments of a node are its free units of resource 0, the processors, beyond a multiple of `block`: no item of that size
    can use them.

    Parameters
    ----------
    demand : array_like of int, shape (n, d)
        Units of each resource that each item needs, >= 0; d >= 1.
    capacity : array_like of int, shape (m, d)
        Units of each resource that each node has, >= 0.
    current : array_like of int, shape (n,)
        The node of each item; all fit. -1 for an item that is nowhere, and stays so.
    max_moves : int
        Moves that may be made, >= 0.
    objective : {"fragments"}
    block : int, default 16
        Units of a usable block of resource 0, >= 1.
    spread : array_like of bool, shape (n,), optional
        Where rows 2 v and 2 v + 1 of `capacity` are the two halves of memory access (NUMA) of a machine: the items that take
        half of their demand on each half. Their demand is even, their node is the even one, and one move takes them to another
        machine. All other items are on one half. Default: no item is spread.
    time_limit : float, optional
        Seconds; 1 if `max_nodes` is not given either.
    max_nodes : int, optional
        Sequences of moves to try after the single moves in turn. Without a time limit no clock is read, and equal seeds give
        equal answers.
    seed : int, default 0
    threads : int or None, default 1
        For other anytime methods; this one searches on one thread.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    RepackResult
        ``.moves``, ``.value``, ``.bound``, ``.status`` and ``.node``.

    Raises
    ------
    InvalidInputError
        Matrices of different resources or without one, a negative number, a node that does not exist or holds too much,
        negative limits, a spread item with an odd demand or on an odd node.
    InputTypeError
        Anything but whole numbers where these belong.

    Notes
    -----
    The best single moves in turn come first, ties by item, then by node: O(n m d) for the first move, less for the others. The
    answer is never worse than these. A search follows that prefers nodes with the least fragments that suffice, and makes pairs
    of moves where no single move leaves fewer fragments. Searches that draw among the four best moves come last. Where items
    times nodes are at most 400, all sequences of moves are searched instead, short ones first, and the answer is optimal unless
    a limit ends the search or more than 65,536 moves would have to be tried.

    The bound is that of a Lagrangian relaxation: each node chooses on its own which of its items leave and items of which kinds
    arrive, within its units of resource 0 and of the scarcest other resource, and prices make arrivals and departures of each
    kind equal. It is at least the simple bound by which a move wins at most one block, or two if items are spread, and which
    alone stands where the tables would need more than a million entries.

    References
    ----------
    Ding, X. et al. (2025). Towards VM rescheduling optimization through deep reinforcement learning. EuroSys 2025.

    Polyak, B. T. (1969). Minimization of unsmooth functionals. USSR Computational Mathematics and Mathematical Physics 9 (3),
    14-29.

    Examples
    --------
    >>> import schedkit as sk
    >>> r = sk.packing.repack([[4], [12], [4]], [[16], [16], [32]], [0, 1, 2], max_moves=1)
    >>> r.moves.tolist(), r.value, r.status
    ([[0, 0, 1]], 0.2727272727272727, 'optimal')
    >>> sk.check(r)
    []

    A machine of two halves, one of which holds an item of 4; the other item takes 8 of each half of another machine:

    >>> r = sk.packing.repack([[4], [16]], [[16], [16], [12], [16]], [0, 2], max_moves=1, spread=[False, True])
    >>> r.moves.tolist(), r.value, sk.check(r)
    ([[0, 0, 2]], 0.2, [])
    """
    columns = problem_of(demand, capacity, None, current, None, None)
    if columns["capacity"].shape[1] == 0:
        raise _validation.refuse("capacity", "has no resources, expected at least resource 0, whose fragments count")
    if _validation.word(objective, "objective") != "fragments":
        raise _validation.refuse("objective", "unknown objective, expected 'fragments'", value=objective)
    most = _validation.int_scalar(max_moves, "max_moves", minimum=0, maximum=2**53)
    unit = _validation.int_scalar(block, "block", minimum=1, maximum=2**53)
    halves = [] if spread is None else _validation.flag_list(spread, "spread")
    if spread is not None and len(halves) != len(columns["demand"]):
        raise _validation.refuse("spread", f"has length {len(halves)}, expected {len(columns['demand'])}")
    search = node_search(time_limit, max_nodes, on_improvement, stop, on_interrupt)
    seeded = _validation.seed(seed)
    _validation.threads(threads)
    needs, units, begin = columns["demand"], columns["capacity"], columns["current"]
    answer = _core.repack_items(needs, units, begin, halves, unit, most, seeded, search.request)
    report, moves = answer.pop("report"), np.array(answer.pop("moves"), dtype=np.int64).reshape(-1, 3)
    node = np.array(columns["current"])
    for item, _, target in moves.tolist():
        node[item] = target
    held: dict[str, Any] = {name: _validation.readonly(columns[name]) for name in ("demand", "capacity", "current")}
    held |= {"block": unit, "max_moves": most, "spread": halves}

    def build(history: list[Improvement], runtime: float) -> RepackResult:
        made: dict[str, Any] = {"moves": _validation.readonly(moves), "node": _validation.readonly(node)}
        return RepackResult(**answer, **made, runtime=runtime, history=history, _cluster=held)

    return search.finish(report, build)
