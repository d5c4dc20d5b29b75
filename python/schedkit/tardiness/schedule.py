"""Sequences of jobs on one machine and their costs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import Improvement
from ..errors import InputTypeError
from ..schedule import Result, frame
from .problem import Instance, columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class SequenceSchedule(Result):
    """Jobs one after the other from time 0 without idle time; read-only arrays by job, except `sequence`.

    For a batch of k instances every array gains a leading axis and every number becomes an array of shape (k,); ``batch[i]``
    is the schedule of instance i.

    Attributes
    ----------
    sequence : ndarray of int64, shape (n,)
        Jobs by position.
    start_time, completion_time : ndarray of int64, shape (n,)
        ``S_j`` and ``C_j``.
    lateness, tardiness : ndarray of int64, shape (n,)
        ``C_j - d_j`` and ``max(0, C_j - d_j)``.
    total_tardiness : int
    total_weighted_tardiness : int or float
        In the type of the weights; without weights the total tardiness.
    max_lateness, max_tardiness, num_tardy : int
        0 without jobs.
    """

    kind: ClassVar[str] = "sequence"

    sequence: NDArray[np.int64]
    start_time: NDArray[np.int64]
    completion_time: NDArray[np.int64]
    lateness: NDArray[np.int64]
    tardiness: NDArray[np.int64]
    total_tardiness: Any
    total_weighted_tardiness: Any
    max_lateness: Any
    max_tardiness: Any
    num_tardy: Any

    def __len__(self) -> int:
        """The number of jobs, or of instances for a batch."""
        return len(self.sequence)

    def __getitem__(self, instance: int) -> SequenceSchedule:
        """The schedule of one instance of a batch."""
        if self.sequence.ndim != 2:
            raise InputTypeError("this is the schedule of one instance, only those of a batch can be taken by index")
        k = _validation.int_scalar(instance, "instance")
        if not -len(self) <= k < len(self):
            raise IndexError(f"instance {k} of a batch of {len(self)}")
        columns = [getattr(self, name)[k] for name in COLUMNS]
        return SequenceSchedule(*columns, *(getattr(self, name)[k].item() for name in _NUMBERS))

    def _columns(self) -> dict[str, Any]:
        """One row per job: position, start, completion, lateness and tardiness; of a batch one row per instance."""
        if self.sequence.ndim != 1:
            return {name: getattr(self, name) for name in _NUMBERS}
        position = np.empty_like(self.sequence)
        position[self.sequence] = np.arange(len(position))
        return {"position": position, **{name: getattr(self, name) for name in COLUMNS[1:]}}

    def to_pandas(self) -> pd.DataFrame:
        """A table with one row per job, or for a batch with one row per instance (needs pandas)."""
        return frame(self._columns(), "job" if self.sequence.ndim == 1 else "instance")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the sequence and its due dates (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            The axes to draw on; without it a new figure is made.
        """
        return self._draw(ax)


COLUMNS = ("sequence", "start_time", "completion_time", "lateness", "tardiness")
_NUMBERS = ("total_tardiness", "total_weighted_tardiness", "max_lateness", "max_tardiness", "num_tardy")


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class SearchSchedule(SequenceSchedule):
    """The result of a search: a `SequenceSchedule` with its status, its lower bound and the history of the search.

    Attributes
    ----------
    sequence, start_time, completion_time, lateness, tardiness : ndarray
        As in `SequenceSchedule`.
    total_tardiness, total_weighted_tardiness, max_lateness, max_tardiness, num_tardy : number
        As in `SequenceSchedule`.
    status : {"optimal", "feasible"}
    lower_bound : int or float
        No sequence costs less.
    runtime : float
        Seconds.
    history : list of Improvement
    num_moves : int
        Moves made (`improve`), 0 elsewhere.
    num_nodes : int
        Nodes searched (`solve_exact`), 0 elsewhere.
    """

    kind: ClassVar[str] = "sequence_search"

    status: str
    lower_bound: float
    runtime: float
    history: list[Improvement]
    num_moves: int = 0
    num_nodes: int = 0


def evaluate(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    sequence: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> SequenceSchedule:
    """Makes the schedule of a given sequence without a check; `schedkit.check` checks it.

    Parameters
    ----------
    processing_time, due_date : array_like of int, shape (n,)
        As in `edd`; one `Instance` may stand for all columns.
    sequence : array_like of int
        Jobs by position, as the rules return them, not a priority for each job. If a job occurs more than once, its
        last occurrence counts; a job that does not occur starts at 0; an index that is not a job is ignored.
    weight : array_like of int or float, shape (n,), optional

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        Anything wrong with the jobs; a sequence that does not hold integers.

    Notes
    -----
    O(n).

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.evaluate([2, 3], [4, 2], [0, 1])
    >>> s.completion_time.tolist(), s.total_tardiness
    ([2, 5], 3)
    """
    jobs = columns(processing_time, due_date, weight, 1)
    if sequence is None:
        raise _validation.refuse("sequence", "is missing: pass the jobs in the order in which they run", kind=InputTypeError)
    order = _validation.int_array(sequence, "sequence")
    return SequenceSchedule(**_core.tardiness_evaluate(jobs, order) | {"sequence": _validation.readonly(order)})
