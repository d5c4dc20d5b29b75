"""Charts of simulated servers (matplotlib, imported only when they are drawn)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _drawing, _validation
from .._text import printable
from .schedule import ServingResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["distribution", "goodput"]

_TITLES = {"ttft": "time to first token", "tpot": "time for each further token", "latency": "time to the last token"}
_POINTS = 2000
"""A line of so many points shows the same as one of a million."""


def result_chart(result: ServingResult, ax: Axes | None = None) -> Axes:
    """The distribution of the times to the first token of one result."""
    return distribution({"all requests": result}, ax=ax)


def distribution(
    results: Mapping[str, ServingResult], column: Literal["ttft", "tpot", "latency"] = "ttft", *, ax: Axes | None = None
) -> Axes:
    """The part of the requests within each time, one line for each result, with the time on a logarithmic axis.

    Parameters
    ----------
    results : mapping of str to ServingResult
        By the names that the legend shows, such as those of policies.
    column : {"ttft", "tpot", "latency"}, default "ttft"
        Time to the first token, for each further token, or to the last token, in seconds.
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InvalidInputError
        Another column.
    InputTypeError
        Anything but a mapping, values that are no `ServingResult`.

    Notes
    -----
    O(n log n) for each result of n requests.

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.serving import plots
    >>> trace = sk.serving.Trace([0.0, 0.1, 0.2], [900, 40, 60], [10, 20, 5])
    >>> orders = ("fcfs", "shortest_prompt")
    >>> results = {order: sk.serving.simulate(trace, order=order, step=(0.01, 1e-4, 0, 0), max_batch=1) for order in orders}
    >>> ax = plots.distribution(results)
    """
    if _validation.word(column, "column") not in _TITLES:
        raise _validation.refuse("column", f"expected one of {', '.join(_TITLES)}", value=column)
    _expect_mapping(results)
    for result in results.values():
        _expect(result)
    axes = _drawing.axes(ax)
    for name, result in results.items():
        times: NDArray[np.float64] = np.sort(getattr(result, column))
        if times.size:
            keep = np.unique(np.linspace(0, times.size - 1, _POINTS).astype(np.int64))
            axes.plot(times[keep], (keep + 1) / times.size, label=printable(name))
    axes.set(xlabel=f"{_TITLES[column]} in seconds", ylabel="part of the requests", xscale="log", ylim=(0, 1.02))
    if axes.lines:
        axes.legend()
    return axes


def goodput(results: Mapping[str, Sequence[ServingResult]], rates: Sequence[float], *, ax: Axes | None = None) -> Axes:
    """Requests within both objectives for each second, against the rate of arrivals, one line for each name.

    Parameters
    ----------
    results : mapping of str to sequence of ServingResult
        For each name as many results as there are rates.
    rates : sequence of float
        Requests for each second, shown on the horizontal axis.
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InvalidInputError
        Another number of results than of rates.
    InputTypeError
        Anything but a mapping, values that are no lists of `ServingResult`.

    Notes
    -----
    O(number of results).

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.serving import plots
    >>> trace = sk.serving.Trace([0.0, 1.0, 2.0], [900, 400, 60], [10, 20, 5])
    >>> at = [sk.serving.simulate(trace.faster(speed), step=(0.01, 1e-4, 0, 0), ttft=0.2) for speed in (1, 2)]
    >>> ax = plots.goodput({"fcfs": at}, [1.5, 3.0])
    """
    places = _validation.float_array(rates, "rates")
    _expect_mapping(results)
    for name, several in results.items():
        _validation.listed(several, "results", "ServingResults for each name")
        if len(several) != places.size:
            raise _validation.refuse(
                "results", f"{name!r} has {len(several)} results, expected one for each of {places.size} rates"
            )
        for result in several:
            _expect(result)
    axes = _drawing.axes(ax)
    for name, several in results.items():
        axes.plot(places, [result.goodput for result in several], marker="o", label=printable(name))
    axes.set(xlabel="requests a second", ylabel="requests within the objectives a second", ylim=(0, None))
    if results:
        axes.legend()
    return axes


def _expect_mapping(results: Any) -> None:
    _validation.expect(results, Mapping, "results", "a mapping of names to results")
    for name in results:
        if not isinstance(name, str):
            raise _validation.refuse_type("results", "must have names as keys", name, shown=True)


def _expect(result: object) -> None:
    _validation.expect(result, ServingResult, "results", "ServingResults")
