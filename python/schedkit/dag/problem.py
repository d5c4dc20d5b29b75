"""The task graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._problem import Problem

_MAX_COSTS = 2**30


class TaskGraph(Problem):
    """Tasks, their costs on each processor, and the data that travel between them. Validated here, immutable afterwards.

    Parameters
    ----------
    cost : array_like, shape (n, P)
        Time that each task takes on each processor, >= 0; ``inf`` where it cannot run, but not everywhere in a row.
    edges : array_like of int, shape (m, 2)
        Pairs ``(before, after)``: `after` needs the data of `before`.
    data : array_like, shape (m,), optional
        The data that travel along each edge, >= 0, in units of the network's bandwidth times time; 0 by default.
    names : list of str, optional
        Unique names, for files, tables, plots and messages.

    Raises
    ------
    InvalidInputError
        NaN, negative numbers, rows that are infinite everywhere, unequal lengths, unknown or duplicate edges, sums beyond
        1e290; names the field and index.
    InputTypeError
        Anything that is not a number where numbers belong.
    CycleError
        Cyclic edges; ``.cycle`` holds a shortest cycle.

    See Also
    --------
    from_work : related machines, without a matrix.

    Notes
    -----
    Construction costs O(n P + m). The arrays are kept in the core; `cost`, `edges` and `data` are copies made on access. Graphs
    compare by content and pickle as a few arrays.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
    >>> graph
    TaskGraph(tasks=2, processors=2, edges=1)
    >>> sk.dag.heft(graph).makespan
    4.0
    """

    __slots__ = ("_native", "names")

    names: tuple[str, ...] | None
    _native: _core.TaskGraph

    def __init__(
        self, cost: ArrayLike, edges: ArrayLike, data: ArrayLike | None = None, *, names: Sequence[str] | None = None
    ) -> None:
        if isinstance(cost, np.ndarray) and cost.size > _MAX_COSTS:  # before anything is copied
            raise _validation.refuse("cost", f"more than 2**30 entries, the shape is {cost.shape}")
        c = _validation.float_array(cost, "cost", ndim=2, judge=False)
        pairs, d, name_list = _columns(edges, data, names)
        self._fill(_core.TaskGraph(c, pairs, d, name_list), name_list)

    @classmethod
    def from_work(
        cls,
        work: ArrayLike,
        speed: ArrayLike,
        edges: ArrayLike,
        data: ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
    ) -> TaskGraph:
        """A graph on related machines: task i takes ``work[i] / speed[p]`` on processor p, and no matrix is kept.

        Parameters
        ----------
        work : array_like, shape (n,)
            >= 0.
        speed : array_like, shape (P,)
            > 0.
        edges, data, names
            As for the class.

        Returns
        -------
        TaskGraph

        Examples
        --------
        >>> import schedkit as sk
        >>> sk.dag.TaskGraph.from_work([6.0, 3.0], [1.0, 2.0], [(0, 1)]).cost.tolist()
        [[6.0, 3.0], [3.0, 1.5]]
        """
        w = _validation.float_array(work, "work", judge=False)
        s = _validation.float_array(speed, "speed", judge=False)
        pairs, d, name_list = _columns(edges, data, names)
        graph = cls.__new__(cls)
        graph._fill(_core.TaskGraph.from_work(w, s, pairs, d, name_list), name_list)
        return graph

    @classmethod
    def _from_native(cls, native: _core.TaskGraph) -> TaskGraph:
        """The graph that the core holds; without names."""
        graph = cls.__new__(cls)
        graph._fill(native, None)
        return graph

    def _fill(self, native: _core.TaskGraph, names: list[str] | None) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "names", None if names is None else tuple(names))

    @property
    def num_tasks(self) -> int:
        """Number of tasks."""
        return self._native.shape()[0]

    @property
    def num_processors(self) -> int:
        """Number of processors."""
        return self._native.shape()[1]

    @property
    def num_edges(self) -> int:
        """Number of edges."""
        return self._native.shape()[2]

    @property
    def cost(self) -> NDArray[np.float64]:
        """Costs, shape (n, P); a read-only copy."""
        cost = self._native.cost().reshape(self.num_tasks, self.num_processors)
        cost.flags.writeable = False
        return cost

    @property
    def work(self) -> NDArray[np.float64] | None:
        """Work, shape (n,), of a graph made by `from_work`; else None."""
        related = self._native.related()
        return None if related is None else related[0]

    @property
    def speed(self) -> NDArray[np.float64] | None:
        """Speeds, shape (P,), of a graph made by `from_work`; else None."""
        related = self._native.related()
        return None if related is None else related[1]

    @property
    def edges(self) -> NDArray[np.int64]:
        """Edges, shape (m, 2), in the order they were given; a read-only copy."""
        return self._native.edges().reshape(-1, 2)

    @property
    def data(self) -> NDArray[np.float64]:
        """The data that travel along each edge, shape (m,); a read-only copy."""
        return self._native.data()

    def __repr__(self) -> str:
        tasks, processors, edges = self._native.shape()
        return f"TaskGraph(tasks={tasks}, processors={processors}, edges={edges})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskGraph):
            return NotImplemented
        if self._native.shape() != other._native.shape() or self.names != other.names:
            return False
        pairs = ((self.cost, other.cost), (self.edges, other.edges), (self.data, other.data))
        return all(np.array_equal(a, b) for a, b in pairs)

    def __hash__(self) -> int:
        return hash((self.cost.tobytes(), self.edges.tobytes(), self.data.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        related = self._native.related()
        columns = (self.cost,) if related is None else related
        return _rebuild, (*columns, self.edges, self.data, self.names)


def _rebuild(*columns: Any) -> TaskGraph:
    *costs, edges, data, names = columns
    if len(costs) == 1:
        return TaskGraph(costs[0], edges, data, names=names)
    return TaskGraph.from_work(costs[0], costs[1], edges, data, names=names)


def _columns(
    edges: ArrayLike, data: ArrayLike | None, names: Sequence[str] | None
) -> tuple[NDArray[np.int64], NDArray[np.float64] | None, list[str] | None]:
    pairs = _validation.int_array(edges, "edges", ndim=2, columns=2)
    d = None if data is None else _validation.float_array(data, "data", judge=False)
    if d is not None and d.size != len(pairs):
        raise _validation.refuse("data", f"has length {d.size}, expected {len(pairs)}")
    return pairs, d, _validation.name_list(names, "names")


def core_of(graph: TaskGraph) -> _core.TaskGraph:
    """The core's graph."""
    if not isinstance(graph, TaskGraph):
        raise _validation.refuse_type("graph", "must be a TaskGraph", graph)
    return graph._native
