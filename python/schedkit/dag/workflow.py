"""A workflow: tasks and data without processors."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..schedule import Result
from .problem import TaskGraph


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Workflow(Result):
    """The tasks and data flow of a file, without processors.

    Attributes
    ----------
    names : tuple of str
        Unique.
    work : ndarray of float64, shape (n,)
        Runtimes as recorded, in seconds or the file's unit.
    edges : ndarray of int64, shape (m, 2)
    data : ndarray of float64, shape (m,)
        Bytes, or the file's unit.
    cores : ndarray of int64, shape (n,)
        Cores that each task takes at once.
    recorded : mapping
        The recorded run of the file: ``makespan``, ``machines`` (name to cores and speed), ``machine`` (of each
        task, or None); whatever is missing in the file is missing here.
    """

    kind: ClassVar[str] = "workflow"
    _row: ClassVar[str | None] = "task"

    names: tuple[str, ...]
    work: NDArray[np.float64]
    edges: NDArray[np.int64]
    data: NDArray[np.float64]
    cores: NDArray[np.int64]
    recorded: MappingProxyType[str, Any]

    def _columns(self) -> dict[str, Any]:
        """One row per task."""
        return {"name": list(self.names), "work": self.work, "cores": self.cores}

    @property
    def num_tasks(self) -> int:
        """Number of tasks."""
        return len(self.names)

    def on(self, speed: ArrayLike, *, ignore_cores: bool = False) -> TaskGraph:
        """The workflow on related machines: task i takes ``work[i] / speed[p]`` on processor p.

        Parameters
        ----------
        speed : array_like, shape (P,)
            > 0.
        ignore_cores : bool, default False
            Whether a task of several cores may be scheduled as if it took one; a processor here is one core.

        Returns
        -------
        TaskGraph

        Raises
        ------
        InvalidInputError
            A task of several cores, unless they are ignored; a speed that is not positive.

        Examples
        --------
        >>> import schedkit as sk
        >>> graph = sk.dag.read_stg(sk.example_path("tiny.stg")).on([1.0, 2.0])
        >>> graph
        TaskGraph(tasks=5, processors=2, edges=5)
        """
        several = np.flatnonzero(self.cores > 1)
        if several.size and not ignore_cores:
            i = int(several[0])
            reason = f"task {self.names[i]!r} takes several cores, a processor has one; ignore_cores=True schedules it anyway"
            raise _validation.refuse("cores", reason, index=(i,), value=int(self.cores[i]), more=several.size - 1)
        return TaskGraph.from_work(self.work, speed, self.edges, self.data, names=self.names)

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, f.name) for f in dataclasses.fields(self)]
        return _restore, (*values[:-1], dict(self.recorded))

    def to_dict(self) -> dict[str, Any]:
        """The workflow as plain Python data, ready for JSON."""
        plain = super(Workflow, self).to_dict()  # slots: the short form of super does not work
        return {**plain, "schedkit": "workflow", "recorded": dict(self.recorded)}


def _restore(*columns: Any) -> Workflow:
    return make_workflow(*columns[:-1], recorded=columns[-1])


def make_workflow(names: Any, work: Any, edges: Any, data: Any, cores: Any, *, recorded: dict[str, Any]) -> Workflow:
    """A workflow of clean columns."""
    return Workflow(
        names=tuple(names),
        work=_validation.readonly(np.asarray(work, dtype=np.float64)),
        edges=_validation.readonly(np.asarray(edges, dtype=np.int64).reshape(-1, 2)),
        data=_validation.readonly(np.asarray(data, dtype=np.float64)),
        cores=_validation.readonly(np.asarray(cores, dtype=np.int64)),
        recorded=MappingProxyType(recorded),
    )
