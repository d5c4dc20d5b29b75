"""Schedules of task graphs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..schedule import Result
from .network import Network, native_network
from .problem import TaskGraph, core_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class DagSchedule(Result):
    """The processor and the times of each task; read-only arrays indexed by task.

    Attributes
    ----------
    processor : ndarray of int64, shape (n,)
    start_time, completion_time : ndarray of float64, shape (n,)
    makespan : float
        The largest completion time, 0 for no tasks.
    copies : tuple of (task, processor, start, end)
        Additional runs of entry tasks, if `entry_duplication` is on.
    graph : TaskGraph
        The scheduled graph.
    network : Network or None
        The links it was scheduled for; None stands for bandwidth 1 and latency 0.
    """

    kind: ClassVar[str] = "dag"
    _row: ClassVar[str | None] = "task"

    processor: NDArray[np.int64]
    start_time: NDArray[np.float64]
    completion_time: NDArray[np.float64]
    makespan: float
    copies: tuple[tuple[int, int, float, float], ...]
    _graph: TaskGraph = dataclasses.field(repr=False)
    _network: Network | None = dataclasses.field(repr=False)

    @property
    def graph(self) -> TaskGraph:
        """The scheduled graph."""
        return self._graph

    @property
    def network(self) -> Network | None:
        """The links it was scheduled for."""
        return self._network

    @classmethod
    def from_placement(
        cls, graph: TaskGraph, processor: ArrayLike, start_time: ArrayLike, network: Network | None = None
    ) -> DagSchedule:
        """A schedule made elsewhere, with completion times added. It is not checked; `schedkit.check` does that.

        Parameters
        ----------
        graph : TaskGraph
        processor : array_like of int, shape (n,)
        start_time : array_like, shape (n,)
        network : Network, optional
            Kept for pictures; give it to `schedkit.check` as well.

        Returns
        -------
        DagSchedule
            Completion is start plus cost; where the processor does not exist it is the start.

        Examples
        --------
        >>> import schedkit as sk
        >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
        >>> s = sk.dag.DagSchedule.from_placement(graph, [0, 1], [0, 2])
        >>> [v.kind for v in sk.check(graph, s)]
        ['communication']
        """
        native = core_of(graph)
        native_network(network)
        p = _validation.int_array(processor, "processor")
        start = _validation.float_array(start_time, "start_time")
        for name, column in (("processor", p), ("start_time", start)):
            if column.size != graph.num_tasks:
                raise _validation.refuse(name, f"has length {column.size}, expected {graph.num_tasks}")
        completion = start + native.placement_cost(p)
        completion.flags.writeable = False
        makespan = float(completion.max()) if completion.size else 0.0
        return cls(_validation.readonly(p), _validation.readonly(start), completion, makespan, (), graph, network)

    def _columns(self) -> dict[str, Any]:
        """One row per task: its name, if it has one, processor, start and completion; its copies, if any task has some."""
        columns = super(DagSchedule, self)._columns()  # slots: the short form of super does not work
        if self.copies:
            copies: list[list[tuple[int, float, float]]] = [[] for _ in range(self.processor.size)]
            for task, processor, start, end in self.copies:
                copies[task].append((processor, start, end))
            columns["copies"] = copies
        return columns if self._graph.names is None else {"name": list(self._graph.names), **columns}

    def plot(self, ax: Axes | None = None, *, transfers: bool = True) -> Axes:
        """A Gantt chart, one row per processor, with arrows for data that travel between processors (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.
        transfers : bool, default True
            Whether to draw the arrows, from the sender's end to the arrival; at most 500 edges.

        Returns
        -------
        matplotlib Axes
        """
        return self._draw(ax, transfers=transfers)

    def to_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes a trace file that https://ui.perfetto.dev opens: a lane per processor, arrows for data; a unit is 1 us.

        Parameters
        ----------
        path : str or path-like
            The file to write; a file that is there is replaced.
        """
        self._write_trace(path)


def schedule_of(columns: Mapping[str, Any], graph: TaskGraph, network: Network | None) -> DagSchedule:
    """The schedule that the core returned."""
    return DagSchedule(**{**columns, "copies": tuple(columns["copies"])}, _graph=graph, _network=network)
