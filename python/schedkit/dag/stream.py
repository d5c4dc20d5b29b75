"""Task graphs that arrive over time: a simulator with noisy durations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _drawing, _validation
from ..schedule import Result
from .algorithms import heft
from .network import Network, native_network
from .problem import TaskGraph, core_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POLICIES = ("plan_on_arrival", "reschedule", "frontier", "repair")
"""Policies, by the moments at which plans are made; see `simulate_stream`."""

_BYTES = 40
"""Memory of a job in columns and in their copies."""

_TOGETHER = 2**20
"""Random numbers that NumPy draws in one call: it hears Ctrl-C between two calls only."""

KEYS = ("upward_rank", "remaining", "arrival", "aged")
"""Orders of jobs that are planned together; see `simulate_stream`."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class StreamResult(Result):
    """The outcome of a stream of jobs; read-only arrays indexed by job.

    Attributes
    ----------
    release_time, completion_time, latency : ndarray of float64, shape (k,)
        Latency is completion minus release.
    slowdown : ndarray of float64, shape (k,)
        Latency over the makespan that HEFT gives the job's graph alone and without noise; 1 where both are 0.
    job_template : ndarray of int64, shape (k,)
        The graph of each job.
    busy_time : ndarray of float64, shape (P,)
        The time for which each processor was running tasks.
    num_plans : int
        Number of times that planned tasks were planned anew.
    runs : dict of ndarray, or None
        With ``runs=True`` the columns ``job task processor start end`` of every task, by start.
    """

    kind: ClassVar[str] = "stream"
    _row: ClassVar[str | None] = "job"

    release_time: NDArray[np.float64]
    completion_time: NDArray[np.float64]
    latency: NDArray[np.float64]
    slowdown: NDArray[np.float64]
    job_template: NDArray[np.int64]
    busy_time: NDArray[np.float64]
    num_plans: int
    _runs: dict[str, NDArray[Any]] | None = dataclasses.field(repr=False, default=None)

    def _columns(self) -> dict[str, Any]:
        """One row per job."""
        names = ("release_time", "completion_time", "latency", "slowdown", "job_template")
        return {name: getattr(self, name) for name in names}

    @property
    def runs(self) -> dict[str, NDArray[Any]] | None:
        """Every run by column, if asked for."""
        return self._runs

    @property
    def mean_latency(self) -> float:
        """Mean latency, 0 without jobs."""
        return float(self.latency.mean()) if self.latency.size else 0.0

    @property
    def p95_latency(self) -> float:
        """The latency that 95 % of the jobs do not exceed (nearest rank), 0 without jobs."""
        return self._percentile(95)

    @property
    def p99_latency(self) -> float:
        """The latency that 99 % of the jobs do not exceed (nearest rank), 0 without jobs."""
        return self._percentile(99)

    def _percentile(self, q: float) -> float:
        return float(np.percentile(self.latency, q, method="inverted_cdf")) if self.latency.size else 0.0

    @property
    def mean_slowdown(self) -> float:
        """Mean slowdown, 0 without jobs."""
        return float(self.slowdown.mean()) if self.slowdown.size else 0.0

    @property
    def throughput(self) -> float:
        """Jobs per time from the first release to the last completion, 0 if no time passes."""
        span = self._span()
        return self.latency.size / span if span > 0 else 0.0

    @property
    def utilisation(self) -> float:
        """Mean part of the time from the first release to the last completion for which a processor runs, 0 if none passes."""
        span = self._span()
        return float(self.busy_time.mean()) / span if span > 0 else 0.0

    def _span(self) -> float:
        return float(self.completion_time.max() - self.release_time[0]) if self.latency.size else 0.0


def simulate_stream(
    graphs: TaskGraph | Sequence[TaskGraph],
    network: Network | None = None,
    *,
    policy: str = "plan_on_arrival",
    key: str = "upward_rank",
    num_jobs: int = 1000,
    rate: float | None = None,
    release_time: ArrayLike | None = None,
    job_template: ArrayLike | None = None,
    noise: float = 0.0,
    noise_model: str = "normal",
    delta: float = 0.1,
    phi: float = 0.1,
    seed: int = 0,
    runs: bool = False,
) -> StreamResult:
    """Jobs (task graphs) arrive over time and run with durations that differ from their estimates.

    Parameters
    ----------
    graphs : TaskGraph or list of TaskGraph
        The kinds of jobs, all for the same processors; costs are the estimates that policies see.
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    policy : str, default "plan_on_arrival"
        ``plan_on_arrival``: HEFT for the new job alone, into the gaps of the plans under way. ``reschedule``: at every arrival
        all tasks that have not started are planned anew. ``frontier``: tasks are placed only when they become ready, all that
        do so at one moment together. ``repair``: as plan on arrival; when a task ends late by more than `delta` times its
        cost and its job is then predicted to end later than planned by more than `phi` times its upward rank, all is planned
        anew.
    key : str, default "upward_rank"
        Whose tasks come first where several jobs are planned together: ``upward_rank`` higher rank, ``remaining`` the job with
        the least remaining rank (like shortest remaining time), ``arrival`` the earlier job, ``aged`` higher sum of rank and
        time since arrival.
    num_jobs : int, default 1000
        With `rate`: how many jobs arrive.
    rate : float, optional
        Jobs per time; gaps between arrivals are exponential, the first job arrives at the first of them. Either this or
        `release_time`.
    release_time : array_like, shape (k,), optional
        When each job arrives, not decreasing.
    job_template : array_like of int, shape (k,), optional
        The graph of each job; drawn with equal probability by default.
    noise : float, default 0.0
        Its level: the deviation of the factor on every duration, or its half width if the model is uniform.
    noise_model : {"normal", "lognormal", "uniform"}, default "normal"
        All of mean 1; the normal factor is never below 0.01. Tasks of cost 0 stay so.
    delta, phi : float, default 0.1
        For ``repair``.
    seed : int, default 0
        Same seed, same arrivals, same factor for each task, whatever the policy.
    runs : bool, default False
        Whether to keep every run of a task.

    Returns
    -------
    StreamResult

    Raises
    ------
    InvalidInputError
        Unknown policies, keys or models, both or neither of `rate` and `release_time`, arrivals that go back, unknown graphs,
        graphs for different processors, a noise level out of range.

    Notes
    -----
    On each processor tasks run in the planned order, each as soon as the processor is free and its data are there. At one
    moment ends are handled first, then arrivals, then starts. Without noise a single job runs as `heft` plans it, except under
    ``frontier``. Each event, and under ``reschedule`` and ``repair`` each new plan, costs time in proportion to the number of
    tasks that wait in plans, so the time grows with the square of the number of jobs where more work arrives than can be done.

    References
    ----------
    The setting of Sung, T. T. et al. (2020), DeepSoCS: a neural scheduler for heterogeneous system-on-chip resource scheduling,
    Electronics 9; ``frontier`` is its HEFT_RT.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> r = sk.dag.simulate_stream(graph, release_time=[0.0, 1.0, 9.0])
    >>> r.latency.tolist()
    [4.0, 7.0, 4.0]
    """
    kinds = [graphs] if isinstance(graphs, TaskGraph) else _validation.rows(graphs, "graphs")
    natives = [core_of(graph) for graph in kinds]
    release, template = _arrivals(len(kinds), num_jobs, rate, release_time, job_template, seed)
    level, late, long = (_validation.float_scalar(v, n) for v, n in ((noise, "noise"), (delta, "delta"), (phi, "phi")))
    outcome = _core.simulate_stream(
        natives,
        native_network(network),
        release,
        template,
        _validation.word(policy, "policy"),
        _validation.word(key, "key"),
        late,
        long,
        _validation.word(noise_model, "noise_model"),
        level,
        _validation.seed(seed),
        _validation.flag(runs, "runs"),
    )
    alone = np.array([heft(graph, network).makespan for graph in kinds] or [0.0])[template] if template.size else np.empty(0)
    completion = outcome["completion_time"]
    latency = completion - release
    slowdown = np.divide(latency, alone, out=np.ones_like(latency), where=alone > 0)
    for array in (release, template, latency, slowdown):
        array.flags.writeable = False
    kept = outcome["runs"] if runs else None
    return StreamResult(release, completion, latency, slowdown, template, outcome["busy_time"], outcome["num_plans"], kept)


def _arrivals(
    kinds: int, num_jobs: int, rate: float | None, release_time: Any, job_template: Any, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.Generator(np.random.PCG64(_validation.seed(seed)))
    if (rate is None) == (release_time is None):
        raise _validation.refuse("rate", "give either rate or release_time")
    if rate is None:
        release = np.array(_validation.float_array(release_time, "release_time"))
    else:
        speed = _validation.float_scalar(rate, "rate")
        if speed <= 0:
            raise _validation.refuse("rate", "must be > 0", value=speed)
        count = _validation.int_scalar(num_jobs, "num_jobs", minimum=0, maximum=2**31)
        _core.require_memory(_BYTES * count)
        release = np.empty(count)
        last = 0.0
        with np.errstate(over="ignore"):  # dates beyond the floats are refused by the core
            for first in range(0, count, _TOGETHER):
                part = release[first : first + _TOGETHER]
                gaps = -np.log1p(-random.random(part.size)) / speed
                gaps[0] += last
                last = np.cumsum(gaps, out=part)[-1]
    if job_template is not None:
        template = np.array(_validation.int_array(job_template, "job_template"))
        if template.size != release.size:
            raise _validation.refuse("job_template", f"has length {template.size}, expected {release.size}")
    elif kinds == 0 and release.size:
        raise _validation.refuse("graphs", "holds no graph")
    else:
        template = np.empty(release.size, np.int64)
        for first in range(0, release.size, _TOGETHER):
            drawn = random.random(min(_TOGETHER, release.size - first))
            template[first : first + drawn.size] = drawn * kinds
    return release, template


def plot_latency(
    graphs: TaskGraph | Sequence[TaskGraph],
    rates: ArrayLike,
    network: Network | None = None,
    *,
    policies: Sequence[str] = POLICIES,
    ax: Axes | None = None,
    **options: Any,
) -> Axes:
    """Mean latency against the rate of arrivals, one line per policy (needs matplotlib).

    Parameters
    ----------
    graphs, network
        As in `simulate_stream`.
    rates : array_like
        Jobs per time.
    policies : list of str, optional
        All by default.
    ax : matplotlib Axes, optional
        Draws here; without it a new figure is made.
    **options
        For `simulate_stream`.

    Returns
    -------
    matplotlib Axes
    """
    values = _validation.float_array(rates, "rates")
    names = _validation.rows(policies, "policies", "a list of names")
    lines = {
        policy: [simulate_stream(graphs, network, policy=policy, rate=rate, **options).mean_latency for rate in values.tolist()]
        for policy in names
    }
    ax = _drawing.axes(ax)
    for policy, line in lines.items():
        ax.plot(values, line, marker="o", label=policy.replace("_", " "))
    ax.set_xlabel("jobs per time")
    ax.set_ylabel("mean latency")
    ax.legend()
    ax.grid(alpha=0.3)
    return ax
