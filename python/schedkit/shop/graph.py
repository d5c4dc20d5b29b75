"""The disjunctive graph of a shop, as arrays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from ..schedule import Result
from .problem import Shop, core_of
from .schedule import ShopSchedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class DisjunctiveGraph(Result):
    """Operations as nodes; what is decided about their order as arcs, and what is open as edges. Read-only arrays.

    Attributes
    ----------
    job, machine : ndarray of int64, shape (operations,)
        The machine of an operation that may still choose is -1.
    duration : ndarray of int64, shape (operations,)
        On its machine; the shortest one while it may still choose.
    earliest_completion : ndarray of int64, shape (operations,)
        The completion of a placed operation. Of any other a bound, from the operations before it in its job.
    placed : ndarray of bool, shape (operations,)
    conjunctive : ndarray of int64, shape (2, arcs)
        From each operation to the next one of its job.
    ordered : ndarray of int64, shape (2, arcs)
        From each placed operation to the next one on its machine, and from the last one there to all that are not placed and
        can run nowhere else.
    disjunctive : ndarray of int64, shape (2, edges)
        Pairs, the lower index first, of operations that are not placed and may meet on a machine.
    """

    kind: ClassVar[str] = "disjunctive_graph"
    _row: ClassVar[str | None] = "operation"

    job: NDArray[np.int64]
    machine: NDArray[np.int64]
    duration: NDArray[np.int64]
    earliest_completion: NDArray[np.int64]
    placed: NDArray[np.bool_]
    conjunctive: NDArray[np.int64]
    ordered: NDArray[np.int64]
    disjunctive: NDArray[np.int64]

    def _columns(self) -> dict[str, Any]:
        """One row per operation."""
        return {name: getattr(self, name) for name in ("job", "machine", "duration", "earliest_completion", "placed")}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the graph (needs matplotlib): a row for each job, arcs of machines in colour, open edges dashed.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.

        Returns
        -------
        matplotlib Axes
        """
        return self._draw(ax)


def disjunctive_graph(shop: Shop, schedule: ShopSchedule | None = None) -> DisjunctiveGraph:
    """The disjunctive graph of a shop, ``J, FJ | r_j | C_max``, as arrays.

    Parameters
    ----------
    shop : Shop
    schedule : ShopSchedule, optional
        A schedule of the shop, whose orders on the machines become arcs; without one every order is open.

    Returns
    -------
    DisjunctiveGraph

    Raises
    ------
    InvalidInputError
        A schedule of another number of operations.
    InputTypeError
        Another type than `Shop`, or than `ShopSchedule`.

    Notes
    -----
    O(N + E) for N operations and E arcs and edges; E is about N^2 / (2 m) if N operations on m machines are open. Operations
    that start together follow one another by completion, then by index.

    References
    ----------
    Roy, B., Sussmann, B. (1964). Les problemes d'ordonnancement avec contraintes disjonctives. Note DS 9, SEMA.

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])
    >>> g = sk.shop.disjunctive_graph(shop)
    >>> g.conjunctive.tolist(), g.disjunctive.tolist()
    ([[0], [1]], [[0], [2]])
    >>> sk.shop.disjunctive_graph(shop, sk.shop.dispatch(shop, "spt")).ordered.tolist()
    [[2], [0]]
    """
    core_of(shop)
    nothing = np.empty(0, np.int64)
    if schedule is None:
        return graph_of(shop, nothing, nothing, nothing)
    _validation.expect(schedule, ShopSchedule, "schedule", "a ShopSchedule")
    if schedule.machine.size != shop.num_operations:
        reason = f"holds {schedule.machine.size} operations, expected {shop.num_operations}"
        raise _validation.refuse("schedule", reason)
    order = np.lexsort((schedule.completion_time, schedule.start_time))
    return graph_of(shop, order, schedule.machine, schedule.completion_time)


def graph_of(
    shop: Shop, order: NDArray[np.int64], machine: NDArray[np.int64], completion: NDArray[np.int64]
) -> DisjunctiveGraph:
    """The graph in which the operations `order` are placed, on machines one behind the other in this order."""
    columns, count = shop._columns, shop.num_operations
    begin, job = columns["choice_start"], shop.job
    placed = np.zeros(count, np.bool_)
    placed[order] = True
    shortest = np.minimum.reduceat(columns["duration"], begin[:-1]) if count else columns["duration"]
    alone = np.diff(begin) == 1
    machines = np.where(alone, columns["machine"][begin[:-1]], -1)
    duration = shortest.copy()
    for op in order.tolist():
        machines[op] = machine[op]
        choices = slice(begin[op], begin[op + 1])
        duration[op] = columns["duration"][choices][columns["machine"][choices] == machine[op]][0]
    earliest = np.empty(count, np.int64)
    for j, (first, end) in enumerate(zip(columns["job_start"][:-1].tolist(), columns["job_start"][1:].tolist(), strict=True)):
        ready = int(shop.release_time[j])
        for op in range(first, end):
            ready = int(completion[op]) if placed[op] else ready + int(shortest[op])
            earliest[op] = ready
    follows = np.flatnonzero(job[1:] == job[:-1])
    ordered: list[tuple[int, int]] = []
    last: dict[int, int] = {}
    for op in order.tolist():
        if int(machine[op]) in last:
            ordered.append((last[int(machine[op])], op))
        last[int(machine[op])] = op
    ordered += [(last[m], op) for op, m in enumerate(machines.tolist()) if not placed[op] and alone[op] and m in last]
    return DisjunctiveGraph(
        **{
            name: _validation.readonly(array)
            for name, array in {
                "job": job,
                "machine": machines,
                "duration": duration,
                "earliest_completion": earliest,
                "placed": placed,
                "conjunctive": np.stack([follows, follows + 1]),
                "ordered": np.array(ordered, np.int64).reshape(-1, 2).T.copy(),
                "disjunctive": _open_pairs(columns, ~placed),
            }.items()
        }
    )


def _open_pairs(columns: dict[str, Any], is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pairs of open operations of different jobs that may meet on a machine, each once, sorted."""
    counts = np.diff(columns["choice_start"])
    operation = np.repeat(np.arange(counts.size), counts)
    job = np.repeat(np.arange(columns["job_start"].size - 1), np.diff(columns["job_start"]))
    pairs = []
    for m in np.unique(columns["machine"]).tolist():
        here = operation[(columns["machine"] == m) & is_open[operation]]
        first, second = np.triu_indices(here.size, 1)
        keep = job[here[first]] != job[here[second]]
        pairs.append(np.stack([here[first][keep], here[second][keep]]))
    found = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), np.int64)
    return np.unique(found, axis=1).astype(np.int64)
