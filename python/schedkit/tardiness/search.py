"""Local search for sequences."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._anytime import AnytimeCall, Improvement, OnInterrupt
from .exact import finish
from .problem import Instance, columns
from .rules import RULES
from .schedule import SearchSchedule, SequenceSchedule


def improve(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    start: str | ArrayLike | SequenceSchedule = "mdd",
    *,
    time_limit: float | None = None,
    max_moves: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ArrayLike | SequenceSchedule | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> SearchSchedule:
    """Local search for ``1 || sum T_j`` and ``1 || sum w_j T_j``: iterated dynasearch.

    Parameters
    ----------
    processing_time, due_date : array_like of int, shape (n,)
        As in `edd`.
    weight : array_like of int or float, shape (n,), optional
        ``w_j >= 0``, finite; without weights every job counts once.
    start : str, array_like of int or SequenceSchedule, default "mdd"
        A rule (one of `RULES`), or a permutation of the jobs. A rule that the limit cuts short is followed by the jobs that are
        left, in order of due dates.
    time_limit : float, optional
        Seconds, those of the start included; 1.0 if no limit is given.
    max_moves : int, optional
        Swaps and insertions made, those of kicks included; no clock is read for this limit, and equal seeds give equal answers.
    seed : int, default 0
    threads : int or None, default 1
        Threads for this call, None means all cores. Under `max_moves` the answer does not depend on it.
    warm_start : array_like of int or SequenceSchedule, optional
        A permutation of the jobs that takes the place of `start` if it costs less.
    on_improvement, stop, on_interrupt
        As in `solve_exact`.

    Returns
    -------
    SearchSchedule
        ``.status`` is "optimal" if the sequence reaches the lower bound, and ``.num_moves``.

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`; an unknown rule, a start that is not a permutation, limits that are negative.

    Notes
    -----
    Every round goes down to a local optimum of dynasearch (the best set of independent swaps and insertions, O(n^2 log n) a
    step) and kicks it with a few random swaps. Without weights, windows of growing size are solved exactly as well, up to the
    whole sequence: given time, that is a proof. A call returns within a few milliseconds after its limit; beyond 10^4 jobs
    within about a microsecond a job.

    References
    ----------
    Congram, R. K., Potts, C. N., Van de Velde, S. L. (2002). An iterated dynasearch algorithm for the single-machine total
    weighted tardiness scheduling problem. INFORMS Journal on Computing 14. Grosso, A., Della Croce, F., Tadei, R. (2004). An
    enhanced dynasearch neighborhood. Operations Research Letters 32.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.improve([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8], [1, 3, 1, 1, 2, 2], max_moves=200)
    >>> s.total_weighted_tardiness
    43
    """
    began = time.perf_counter()
    jobs = columns(processing_time, due_date, weight, 1)
    search = AnytimeCall.options(
        time_limit=time_limit,
        budget=max_moves,
        unit="max_moves",
        default_time=1.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    request = search.request
    seconds = 0.0 if stop is not None and stop.cancelled else request.time_limit
    first = _sequence(start, "start", jobs, seconds)
    second = None if warm_start is None else _sequence(warm_start, "warm_start", jobs, seconds)
    if request.time_limit is not None:
        request.time_limit = max(0.0, request.time_limit - (time.perf_counter() - began))
    seeded, count = _validation.seed(seed), _validation.threads(threads)
    return finish(search, _core.tardiness_improve(jobs, first, second, seeded, count, search.request))


def _sequence(
    start: str | ArrayLike | SequenceSchedule,
    field: str,
    jobs: dict[str, Any],
    seconds: float | None,
) -> NDArray[np.int64]:
    if isinstance(start, str):
        if start not in RULES:
            raise _validation.refuse(field, f"unknown rule, expected one of {', '.join(RULES)}", value=start)
        return _core.tardiness_start(start, jobs, seconds)
    return _validation.int_array(start.sequence if isinstance(start, SequenceSchedule) else start, field)
