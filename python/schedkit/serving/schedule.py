"""What became of the requests of a trace."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..schedule import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True, repr=False)
class ServingResult(Result):
    """The times of all requests, and counts over all replicas.

    Attributes
    ----------
    ttft : ndarray of float, shape (n,)
        Seconds from the arrival of each request to its first token.
    tpot : ndarray of float, shape (n,)
        Seconds for each further token; 0 for answers of one token.
    latency : ndarray of float, shape (n,)
        Seconds from the arrival to the last token.
    completion_time : ndarray of float, shape (n,)
        When the last token was there.
    replica : ndarray of int, shape (n,)
        The replica that served the request.
    goodput : float
        Requests within both objectives, for each second from the first arrival to the last completion. All requests count where
        no objective was given.
    evictions : int
        How often a request was evicted after its first step. One that leaves the batch at the moment at which it joined goes
        back to the line and does not count.
    recomputed_tokens : int
        Tokens that were computed again after that: of each request those, counted from its beginning, that had been computed
        or found in the cache before an eviction.
    hit_rate : float
        Tokens of prompts that were found in the cache when their requests began, over all tokens of prompts; 0 to 1.
    steps : int
        Steps of all replicas.
    step : tuple of float
        The latency model: seconds for each step, for each token of a prompt that is computed, for each request in the batch,
        for each token in the cache.
    num_replicas : int
        How many replicas there were.
    """

    kind: ClassVar[str] = "serving"
    _row: ClassVar[str | None] = "request"

    ttft: NDArray[np.float64]
    tpot: NDArray[np.float64]
    latency: NDArray[np.float64]
    completion_time: NDArray[np.float64]
    replica: NDArray[np.int64]
    goodput: float
    evictions: int
    recomputed_tokens: int
    hit_rate: float
    steps: int
    step: tuple[float, float, float, float]
    num_replicas: int

    def summary(self) -> dict[str, dict[str, float]]:
        """Mean, median, 95th and 99th percentile of `ttft`, `tpot` and `latency`; zeros for an empty trace.

        Returns
        -------
        dict of dict of float
            By column, then by ``"mean"``, ``"p50"``, ``"p95"`` and ``"p99"``.

        Examples
        --------
        >>> import schedkit as sk
        >>> trace = sk.serving.Trace([0.0, 0.0], [10, 10], [3, 1])
        >>> r = sk.serving.simulate(trace, step=(1, 0, 0, 0), max_batch=1)
        >>> r.summary()["latency"]["mean"]
        3.5
        """
        found = {}
        for name in ("ttft", "tpot", "latency"):
            column = getattr(self, name)
            marks = np.percentile(column, [50, 95, 99]).tolist() if column.size else [0.0] * 3
            mean = float(column.mean()) if column.size else 0.0
            found[name] = dict(zip(("mean", "p50", "p95", "p99"), [mean, *marks], strict=True))
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """The part of the requests within each time to the first token (needs matplotlib); `serving.plots` compares several
        results.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it on a new figure.
        """
        return self._draw(ax)
