"""Charts of simulated streams (matplotlib, imported only when they are drawn)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _drawing, _validation
from .._text import printable
from .problem import Jobs
from .schedule import FlowResult
from .simulation import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["flow_distribution", "ratio_chart", "ratio_to_error", "ratio_to_operations", "timeline"]


def flow_chart(result: FlowResult, ax: Axes | None = None) -> Axes:
    """The timeline of a stream whose segments were recorded, else the distribution of its flow times."""
    return flow_distribution(result, ax=ax) if result.segments is None else timeline(result, ax=ax)


def flow_distribution(*results: FlowResult, ax: Axes | None = None) -> Axes:
    """The part of the jobs with a larger flow time, on logarithmic axes, one line for each result.

    Parameters
    ----------
    results : FlowResult
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.
    """
    axes = _drawing.axes(ax)
    for result in results:
        if not isinstance(result, FlowResult):
            raise _validation.refuse_type("results", "must be FlowResults", result)
        flow = np.sort(result.flow_time)
        # Some thousand points show the same line as a million.
        keep = np.unique(np.geomspace(1, max(flow.size, 1), 2000).astype(np.int64)) - 1 if flow.size else np.empty(0, np.int64)
        from_top = flow.size - 1 - keep
        axes.plot(flow[from_top], (keep + 1) / max(flow.size, 1), label=result.policy)
    axes.set(xlabel="flow time", ylabel="part of the jobs with more", xscale="log", yscale="log")
    if results:
        axes.legend()
    return axes


def timeline(result: FlowResult, *, ax: Axes | None = None) -> Axes:
    """Who ran when: one row for each job, coloured by server; pale where jobs share. Needs segments.

    Parameters
    ----------
    result : FlowResult
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.
    """
    if not isinstance(result, FlowResult):
        raise _validation.refuse_type("result", "must be a FlowResult", result)
    if result.segments is None:
        raise _validation.refuse("segments", "were not recorded: simulate with segments=True")
    axes = _drawing.axes(ax)
    names = result.jobs.names
    for (job, server, start, end), rate in zip(result.segments, result.segments.rate.tolist(), strict=True):
        axes.barh(job, end - start, left=start, color=f"C{server % 10}", alpha=0.25 + 0.75 * rate)
    for job, release in enumerate(result.jobs.release_time.tolist()):
        axes.plot([release, release], [job - 0.4, job + 0.4], color="black", linewidth=1)
    axes.set(xlabel="time", ylabel="job", title=result.policy)
    if len(result.jobs) <= 40:
        shown = None if names is None else list(map(printable, names))
        axes.set_yticks(range(len(result.jobs)), shown, **({} if shown is None else {"parse_math": False}))
    axes.invert_yaxis()
    return axes


def ratio_chart(
    streams: Mapping[float, Jobs], policies: Sequence[Any], *, xlabel: str, ax: Axes | None = None, **options: Any
) -> Axes:
    """Total flow time over the lower bound against the key of each stream, one line for each policy.

    Parameters
    ----------
    streams : mapping of float to Jobs
    policies : sequence of str or policy object
    xlabel : str
    ax : matplotlib Axes, optional
    **options
        Passed on to `simulate`.
    """
    axes = _drawing.axes(ax)
    keys = sorted(streams)
    for policy in policies:
        results = [simulate(streams[key], policy, **options) for key in keys]
        if results:
            axes.plot(keys, [result.ratio for result in results], marker="o", label=results[0].policy)
    axes.set(xlabel=xlabel, ylabel="total flow time over lower bound")
    if policies and keys:
        axes.legend()
    return axes


def ratio_to_operations(
    family: Callable[[int], Jobs],
    counts: Sequence[int],
    policies: Sequence[Any] = ("op_srpt", "chunk_balance"),
    *,
    ax: Axes | None = None,
) -> Axes:
    """The ratio against the number of operations: ``family(m)`` makes the stream for m operations.

    Parameters
    ----------
    family : callable
        Makes the stream from a number of operations.
    counts : sequence of int
    policies : sequence of str or policy object
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.online import plots
    >>> ax = plots.ratio_to_operations(sk.online.workloads.stress_b, [2, 4, 8])
    """
    return ratio_chart({m: family(m) for m in counts}, policies, xlabel="operations", ax=ax)


def ratio_to_error(
    family: Callable[[float], Jobs],
    errors: Sequence[float],
    policies: Sequence[Any] = ("srpt_e", "psjf_e", "srpt_b", "balance"),
    *,
    ax: Axes | None = None,
) -> Axes:
    """The ratio against the error of estimates: ``family(error)`` makes the stream with estimates.

    Parameters
    ----------
    family : callable
        Makes the stream from the error of its estimates.
    errors : sequence of float
    policies : sequence of str or policy object
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.online import plots, workloads
    >>> def noisy(sigma):
    ...     jobs = workloads.queue(500, load=0.8, seed=1)
    ...     estimate = workloads.log_normal_noise(jobs.processing_time, sigma)
    ...     return sk.online.Jobs(jobs.release_time, jobs.processing_time, estimate=estimate)
    >>> ax = plots.ratio_to_error(noisy, [0.0, 0.5, 1.0])
    """
    return ratio_chart({error: family(error) for error in errors}, policies, xlabel="error of the estimates", ax=ax)
