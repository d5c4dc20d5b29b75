"""Proofs of optimality by the CP-SAT solver of OR-Tools, which starts from the result of `solve`."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping
from typing import cast

from numpy.typing import ArrayLike

from .._anytime import AnytimeCall, Improvement, OnInterrupt
from .._core import CancelToken
from .._cp_sat import available
from ..checking import check
from ..errors import Reason, SchedkitError
from . import cp_sat
from ._past import fixed_rows, moment, without_modes
from .problem import Project, core_of
from .schedule import ProjectSchedule
from .search import ProjectSolution, baseline, movement, solve

_OWN_SHARE = 0.2
"""The share of the time limit that `solve` gets; at most `_OWN_SECONDS`."""
_OWN_SECONDS = 1.0
_ENDLESS = 1e9
"""Seconds of the search beside CP-SAT if there is no time limit."""


def prove(
    project: Project,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ProjectSchedule | ArrayLike | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
    fixed: Mapping[int, tuple[int, int | None]] | None = None,
    now: int = 0,
) -> ProjectSolution:
    """Runs `solve` alone for at most a second, then beside the CP-SAT solver of OR-Tools, until one of them has a proof.

    Needs the extra ``exact``: ``pip install schedkit[exact]``. The solver starts from the bound and
    the schedule of `solve`, so the answer is never worse than that of `solve` or than a given start.

    Parameters
    ----------
    project : Project
        With any constraints.
    time_limit : float, optional
        Seconds; None runs to the proof, however long it takes. The solver itself may exceed it a little.
    seed : int, default 0
    threads : int or None, default 1
        Workers of CP-SAT; None means all cores. `solve` runs beside them on one more thread. For any number, equally good
        schedules may differ from run to run, because the solvers race.
    warm_start : ProjectSchedule or array_like of int, shape (n,), optional
        As in `solve`.
    on_improvement : callable, optional
        Gets each `Improvement` on the calling thread; its exception stops the search and propagates.
    stop : CancelToken, optional
        Ends the search from another thread.
    on_interrupt : {"raise", "return"}, default "raise"
        As in `solve`.
    fixed : mapping of activity to (start, end), optional
    now : int, default 0
        As in `solve`.

    Returns
    -------
    ProjectSolution
        ``num_schedules`` counts the schedules of `solve` alone.

    Raises
    ------
    InvalidInputError
        Numbers, or more calendar steps, than the solver takes.
    SchedkitError
        OR-Tools is not installed, or its answer contradicts `check` or the bounds of `solve`; ``.result`` then holds the result
        of `solve`.

    Notes
    -----
    Time that calendars close to all activities is cut out, and pausable activities are planned on clocks that stop while they
    pause, so their durations are fixed numbers. A refutation counts whatever the calendars are: the model's horizon is long
    enough for some schedule, if there is any.

    References
    ----------
    Perron, L., Furnon, V. OR-Tools, https://developers.google.com/optimization. The model is the usual one: intervals, and
    one cumulative constraint per resource.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 2, 3], [[1], [1], [1]], [2])
    >>> r = sk.rcpsp.prove(project)
    >>> r.makespan, r.status, sk.check(project, r.schedule)
    (4, 'optimal', [])
    """
    began = time.perf_counter()
    core_of(project)  # refuses other types
    available()
    search = AnytimeCall.options(
        time_limit=time_limit,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    limit = search.request.time_limit
    plain, modes = without_modes(fixed, project)
    past = cp_sat.Past({i: (start, end) for i, start, end in fixed_rows(plain)}, moment(now), dict(modes))
    try:
        own = solve(
            project,
            time_limit=_OWN_SECONDS if limit is None else min(_OWN_SECONDS, _OWN_SHARE * limit),
            seed=seed,
            threads=threads,
            warm_start=warm_start,
            on_improvement=on_improvement,
            stop=stop,
            fixed=fixed,
            now=now,
        )
    except KeyboardInterrupt as ended:  # during `solve`: no proof begins
        if on_interrupt == "return" and hasattr(ended, "result"):
            return cast("ProjectSolution", ended.result)
        raise
    left = None if limit is None else limit - (time.perf_counter() - began)
    if own.status in {"optimal", "infeasible"} or (left is not None and left <= 0.0) or (stop is not None and stop.cancelled):
        return own
    history = list(own.history)

    def found(objective: int, lower_bound: int) -> None:
        if history and (objective >= history[-1].objective and lower_bound <= history[-1].lower_bound):
            return  # the solver repeats the schedule that it was given
        if history:
            objective = min(objective, int(history[-1].objective))
        lower_bound = max([own.lower_bound, lower_bound, *(int(last.lower_bound) for last in history[-1:])])
        history.append(Improvement(objective, lower_bound, own.num_schedules, time.perf_counter() - began))
        if on_improvement is not None and interrupt is None:
            on_improvement(history[-1])

    interrupt: BaseException | None = None
    run = cp_sat.Run(project, past, own.schedule, own.lower_bound, seed, threads)
    left = None if limit is None else max(0.001, limit - (time.perf_counter() - began))  # less the time to build the model
    beside = cp_sat.OwnSearch(
        functools.partial(
            solve,
            project,
            time_limit=_ENDLESS if left is None else left,
            seed=seed + 1,
            warm_start=warm_start if own.schedule is None else own.schedule,
            fixed=fixed,
            now=now,
        )
    )
    interrupt = run.wait(left, stop, found, beside)
    result = _better(project, past, _merged(own, beside.result), run.answer())
    try:
        if result.makespan is not None:
            found(result.makespan, result.lower_bound)
    except BaseException as error:  # raised by the callback
        interrupt = error
    moved, total_shift = movement(baseline(warm_start), result.schedule or result.near_miss, past.fixed)
    runtime = time.perf_counter() - began
    result = dataclasses.replace(result, runtime=runtime, history=history, moved=moved, total_shift=total_shift)
    if interrupt is not None and not (on_interrupt == "return" and isinstance(interrupt, KeyboardInterrupt)):
        interrupt.result = result  # type: ignore[attr-defined]
        raise interrupt
    return result


def _merged(first: ProjectSolution, second: ProjectSolution | None) -> ProjectSolution:
    """The better of two solutions of `solve`, with the better bound."""
    if second is None:
        return first
    bound, num_schedules = max(first.lower_bound, second.lower_bound), first.num_schedules + second.num_schedules
    better = second
    if first.makespan is not None and (second.makespan is None or first.makespan < second.makespan):
        better = first
    status = "optimal" if better.makespan is not None and better.makespan <= bound else better.status
    return dataclasses.replace(better, status=status, lower_bound=bound, num_schedules=num_schedules)


def _better(project: Project, past: cp_sat.Past, own: ProjectSolution, answer: cp_sat.Answer) -> ProjectSolution:
    """The solution of `solve`, improved by the answer of the solver after a check."""
    schedule, bound = own.schedule, own.lower_bound
    theirs = answer.schedule
    if answer.lower_bound is not None:
        bound = max(bound, answer.lower_bound)
    if theirs is not None:
        if own.status == "infeasible":
            raise _contradiction(own, "CP-SAT has a schedule, but `solve` proves that there is none")
        wrong = check(project, theirs, fixed=past.fixed, now=past.now)
        if wrong:
            raise _contradiction(own, f"a schedule of CP-SAT is wrong: {wrong[0].detail}")
        if theirs.makespan < own.lower_bound:
            raise _contradiction(own, f"a schedule of CP-SAT has length {theirs.makespan}, below the bound {own.lower_bound}")
        if schedule is None or theirs.makespan < schedule.makespan:
            schedule = theirs
    if schedule is None:
        if not answer.refuted:
            return dataclasses.replace(own, lower_bound=bound)
        reason = Reason("exhausted", (), (), None, "CP-SAT proved that there is no schedule")
        return dataclasses.replace(own, status="infeasible", reasons=[reason], near_miss=None, violations=[], lower_bound=0)
    if answer.refuted:
        raise _contradiction(own, f"CP-SAT proves that there is no schedule, but there is one of length {schedule.makespan}")
    if bound > schedule.makespan:
        raise _contradiction(own, f"the bound {bound} of CP-SAT contradicts a schedule of length {schedule.makespan}")
    return dataclasses.replace(
        own,
        schedule=schedule,
        makespan=schedule.makespan,
        status="optimal" if schedule.makespan <= bound else "feasible",
        lower_bound=bound,
        near_miss=None,
        violations=[],
    )


def _contradiction(own: ProjectSolution, reason: str) -> SchedkitError:
    """An error that holds the result of `solve`."""
    error = SchedkitError(reason)
    error.result = own  # type: ignore[attr-defined]
    return error
