"""The results of a simulation: completion times, flow times and segments."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..schedule import Result
from .problem import Jobs, lower_bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Segments(Result):
    """Which job ran when and where, ordered by start, server and job. Iterating gives rows ``(job, server, start, end)``.

    Attributes
    ----------
    job, server : ndarray of int64, shape (s,)
    start, end : ndarray of float64, shape (s,)
    rate : ndarray of float64, shape (s,)
        The part of the server that the job has: 1 unless jobs share.

    Examples
    --------
    >>> import schedkit as sk
    >>> f = sk.online.simulate(sk.online.Jobs([0, 1], [3, 1]), segments=True)
    >>> list(f.segments)
    [(0, 0, 0.0, 1.0), (1, 0, 1.0, 2.0), (0, 0, 2.0, 4.0)]
    """

    kind: ClassVar[str] = "segments"
    _row: ClassVar[str | None] = "segment"

    job: NDArray[np.int64]
    server: NDArray[np.int64]
    start: _Floats
    end: _Floats
    rate: _Floats

    def __len__(self) -> int:
        return self.job.size

    def __iter__(self) -> Iterator[tuple[int, int, float, float]]:
        columns = (self.job, self.server, self.start, self.end)
        return zip(*(column.tolist() for column in columns), strict=True)

    def __getitem__(self, column: str) -> NDArray[Any]:
        """A column by name."""
        if column not in ("job", "server", "start", "end", "rate"):
            raise _validation.refuse("column", "expected one of job, server, start, end, rate", value=column)
        array: NDArray[Any] = getattr(self, column)
        return array


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class FlowResult(Result):
    """A simulated stream; read-only arrays indexed by job.

    Attributes
    ----------
    completion_time : ndarray of float64, shape (n,)
    total_flow_time, total_weighted_flow_time, mean_flow_time, max_flow_time : float
        0.0 for no jobs.
    num_preemptions : int
        How often an unfinished job ceased to be served.
    segments : Segments or None
        Which job ran when and where, if ``segments=True`` was given.
    policy : str
    servers : int
    preempt : str
    """

    kind: ClassVar[str] = "flow"
    _row: ClassVar[str | None] = "job"

    completion_time: _Floats
    num_preemptions: int
    segments: Segments | None
    policy: str
    servers: int
    preempt: str
    _jobs: Jobs
    _sums: dict[str, float] = dataclasses.field(default_factory=dict)

    def _total(self, name: str) -> float:
        """One of the totals, which are computed together on first use."""
        if not self._sums:
            self._sums.update(self._jobs._native.totals(self.completion_time))
        return self._sums[name]

    @property
    def total_flow_time(self) -> float:
        """The sum of the flow times."""
        return self._total("total_flow_time")

    @property
    def total_weighted_flow_time(self) -> float:
        """The weighted sum of the flow times."""
        return self._total("total_weighted_flow_time")

    @property
    def mean_flow_time(self) -> float:
        """The mean of the flow times."""
        return self.total_flow_time / self.completion_time.size if self.completion_time.size else 0.0

    @property
    def max_flow_time(self) -> float:
        """The largest flow time."""
        return self._total("max_flow_time")

    @property
    def jobs(self) -> Jobs:
        """The stream that was simulated."""
        return self._jobs

    @property
    def flow_time(self) -> _Floats:
        """Completion minus release, by job; read-only, computed at each call."""
        flow = self.completion_time - self._jobs.release_time
        flow.flags.writeable = False
        return flow

    def _content(self) -> dict[str, Any]:
        """The public fields by name, with the flow times and their sums."""
        content = super(FlowResult, self)._content()  # slots: the short form of super does not work
        sums = ("flow_time", "total_flow_time", "total_weighted_flow_time", "mean_flow_time", "max_flow_time")
        return {"completion_time": content.pop("completion_time"), **{name: getattr(self, name) for name in sums}, **content}

    @property
    def slowdown(self) -> _Floats:
        """Flow time over size, by job; for a job of size 0 infinite if it waited, and 1.0 if it did not."""
        size, flow = self._jobs.processing_time, self.flow_time
        return np.divide(flow, size, out=np.where(flow > 0, np.inf, 1.0), where=size > 0)

    @property
    def mean_slowdown(self) -> float:
        """Mean of the slowdowns, 0.0 for no jobs; infinite if a job of size 0 waited."""
        return float(self.slowdown.mean()) if self.completion_time.size else 0.0

    @property
    def max_slowdown(self) -> float:
        """The largest slowdown, 0.0 for no jobs."""
        return float(self.slowdown.max()) if self.completion_time.size else 0.0

    def percentile(self, q: ArrayLike) -> Any:
        """Percentiles of the flow time, linearly interpolated; 0.0 for no jobs.

        Parameters
        ----------
        q : float or array_like of float
            Between 0 and 100.

        Examples
        --------
        >>> import schedkit as sk
        >>> sk.online.simulate(sk.online.Jobs([0, 0, 0], [1, 1, 1])).percentile([50, 100]).tolist()
        [2.0, 3.0]
        """
        scalar = isinstance(q, (int, float, np.integer, np.floating, bool))
        levels = np.array([_validation.float_scalar(q, "q")]) if scalar else _validation.float_array(q, "q")
        bad = (levels < 0) | (levels > 100)
        if bad.any():
            raise _validation.refuse("q", "must be between 0 and 100", value=float(levels[bad][0]))
        values = np.percentile(self.flow_time, levels) if self.completion_time.size else np.zeros(levels.size)
        return float(values[0]) if scalar else values

    @property
    def lower_bound(self) -> float:
        """The lower bound of `schedkit.online.lower_bound`, computed at each call."""
        return lower_bound(self._jobs, servers=self.servers)

    @property
    def ratio(self) -> float:
        """Total flow time over `lower_bound`; 1.0 if both are 0."""
        bound = self.lower_bound
        return self.total_flow_time / bound if bound > 0 else 1.0

    def _columns(self) -> dict[str, Any]:
        """One row per job: its name, if it has one, release, size, completion, flow time and slowdown."""
        columns: dict[str, Any] = {} if self._jobs.names is None else {"name": list(self._jobs.names)}
        return columns | {
            "release_time": self._jobs.release_time,
            "processing_time": self._jobs.processing_time,
            "completion_time": self.completion_time,
            "flow_time": self.flow_time,
            "slowdown": self.slowdown,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The distribution of flow times, or the timeline if segments were recorded (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it on a new figure.
        """
        return self._draw(ax)

    def to_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes a trace file that https://ui.perfetto.dev opens: jobs on servers; one time unit is 1 us. Needs segments.

        Parameters
        ----------
        path : str or path-like
            The file to write; a file that is there is replaced.
        """
        self._write_trace(path)
