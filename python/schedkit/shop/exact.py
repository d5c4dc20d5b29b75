"""Proofs of optimality by the CP-SAT solver of OR-Tools."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _validation
from .._anytime import AnytimeCall, Improvement, OnInterrupt
from .._core import CancelToken
from .._cp_sat import SolverRun, available
from ..checking import check
from ..errors import InfeasibleError, InvalidInputError, Reason, SchedkitError
from .cp_sat_model import ShopModel
from .problem import Shop, core_of
from .schedule import ShopSchedule
from .search import ShopSolution, known_objective, lower_bound, solve, start_of

_OWN_SHARE = 0.2
"""The share of the time limit that `solve` gets; at most `_OWN_SECONDS`."""
_OWN_SECONDS = 1.0


def prove(
    shop: Shop,
    objective: str = "makespan",
    *,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ShopSchedule | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> ShopSolution:
    """An optimal schedule of any shop, with its proof, by the CP-SAT solver of OR-Tools: ``J, FJ | any | any``.

    Needs the extra ``exact``: ``pip install schedkit[exact]``. It knows all that a `Shop` can hold, and every objective. The
    solver starts from a schedule by `solve`, or one job after another in shops that `solve` refuses; it is never worse.

    Parameters
    ----------
    shop : Shop
        With any features; weights must be integers.
    objective : str, default "makespan"
        One of `OBJECTIVES`.
    time_limit : float, optional
        Seconds; None runs to the proof, however long it takes. The solver itself may exceed it a little.
    seed : int, default 0
    threads : int or None, default 1
        Workers of CP-SAT; None means all cores. Equally good schedules may differ from run to run.
    warm_start : ShopSchedule, optional
        A feasible schedule of this shop to begin with.
    on_improvement : callable, optional
        Gets each `Improvement` on the calling thread; its exception stops the search and propagates.
    stop : CancelToken, optional
        Ends the search from another thread.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    ShopSolution
        ``num_moves`` counts the moves of `solve` alone.

    Raises
    ------
    InvalidInputError
        Weights that are not integers, numbers, pairs of operations or closed times beyond what the solver takes, an unknown
        objective, a warm start that is not feasible.
    InfeasibleError
        No schedule exists: the machines of an operation are never open for as long as it takes, or a job that must not wait
        has a setup between its own operations.
    SchedkitError
        OR-Tools is not installed, no schedule was found within the time limit, or the answer of the solver contradicts
        `check` or the bound of `lower_bound`.

    Notes
    -----
    Intervals, and one constraint against overlaps for each machine. Machines with setups, and all machines with
    ``blocking="no_swap"``, have a circuit through their operations, which takes memory for each pair of operations. The
    horizon is long enough for some best schedule, so a refutation counts.

    References
    ----------
    Perron, L., Furnon, V. OR-Tools, https://developers.google.com/optimization.

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 4)], [(1, 3), (0, 3)]], blocking="no_swap")
    >>> s = sk.shop.prove(shop)
    >>> s.makespan, s.status, sk.check(shop, s)
    (13, 'optimal', [])
    """
    began = time.perf_counter()
    core_of(shop)  # refuses other types
    cp_model = available()
    name = _known(objective, shop)
    search = AnytimeCall.options(time_limit=time_limit, on_improvement=on_improvement, stop=stop, on_interrupt=on_interrupt)
    limit = search.request.time_limit
    seeded, count = _validation.seed(seed), _validation.threads(threads)
    best, moves = _first(shop, name, seeded, limit, warm_start, stop)
    bound = lower_bound(shop) if name == "makespan" else _least(shop, name)
    history: list[Improvement] = []
    interrupt: BaseException | None = None

    def found(value: int, below: int) -> None:
        below = max([bound, below, *(int(last.lower_bound) for last in history[-1:])])
        value = min([value, *(int(last.objective) for last in history[-1:])])
        if history and (value, below) == (history[-1].objective, history[-1].lower_bound):
            return
        history.append(Improvement(value, below, moves, time.perf_counter() - began))
        if on_improvement is not None and interrupt is None:
            on_improvement(history[-1])

    model = ShopModel(cp_model, shop, name, best)
    run = SolverRun(model.model, round, "shop", seeded, count)
    interrupt = run.wait(None if limit is None else max(0.001, limit - (time.perf_counter() - began)), stop, found)
    status = run.judged()
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        best = _better(shop, name, best, ShopSchedule.from_placement(shop, *model.placement(run.solver.value)))
    if best is None:
        raise _without_schedule(status == cp_model.INFEASIBLE) if interrupt is None else interrupt
    value = int(getattr(best, name))
    if status == cp_model.INFEASIBLE:
        raise SchedkitError(f"CP-SAT proves that there is no schedule, but there is one of value {value}")
    if status != cp_model.UNKNOWN:
        bound = max(bound, run.lower_bound)
    if bound > value:
        raise SchedkitError(f"the bound {bound} contradicts a schedule of value {value}")
    try:
        found(value, bound)
    except BaseException as error:  # raised by the callback
        interrupt = error
    columns = {field.name: getattr(best, field.name) for field in dataclasses.fields(ShopSchedule)}
    result = ShopSolution(
        **columns,
        objective=value,
        objective_name=name,
        status="optimal" if value <= bound else "feasible",
        lower_bound=bound,
        num_moves=moves,
        runtime=time.perf_counter() - began,
        history=history,
    )
    if interrupt is not None and not (on_interrupt == "return" and isinstance(interrupt, KeyboardInterrupt)):
        interrupt.result = result  # type: ignore[attr-defined]
        raise interrupt
    return result


def _known(objective: Any, shop: Shop) -> str:
    """The name of the objective, if CP-SAT can count it."""
    name = known_objective(objective)
    if "weighted" in name and shop.weight is not None and not np.issubdtype(shop.weight.dtype, np.integer):
        raise _validation.refuse("weight", "must be integers for a proof, because CP-SAT counts in whole numbers")
    return name


def _first(
    shop: Shop, name: str, seed: int, limit: float | None, warm_start: ShopSchedule | None, stop: CancelToken | None
) -> tuple[ShopSchedule | None, int]:
    """A schedule to begin with, if one is found at once, and the moves that it took."""
    candidates: list[ShopSchedule | None] = []
    if warm_start is not None:
        start_of(shop, warm_start)
        candidates.append(warm_start)
    moves = 0
    seconds = _OWN_SECONDS if limit is None else min(_OWN_SECONDS, _OWN_SHARE * limit)
    with contextlib.suppress(InfeasibleError, InvalidInputError):  # whether there is a schedule is for the solver to say
        own = solve(shop, name, time_limit=seconds, seed=seed, warm_start=warm_start, stop=stop)
        moves = own.num_moves
        candidates.append(own)
    given = [schedule for schedule in candidates if schedule is not None]
    return min(given, key=lambda schedule: getattr(schedule, name), default=None), moves


def _least(shop: Shop, name: str) -> int:
    """What an objective would be if no job waited."""
    weight = shop.weight if "weighted" in name else None
    values, lateness = [], []
    for j, job in enumerate(shop.jobs):
        work = sum(min(duration for _, duration in choices) for choices in job)
        due = 2**63 - 1 if shop.due_date is None else int(shop.due_date[j])
        late = int(shop.release_time[j]) + work - due
        if due != 2**63 - 1:
            lateness.append(late)
        term = work if "flow" in name else int(late > 0) if name == "num_tardy" else max(0, late)
        values.append(term * (1 if weight is None else int(weight[j])))
    return max(lateness, default=0) if name == "max_lateness" else sum(values)


def _better(shop: Shop, name: str, best: ShopSchedule | None, theirs: ShopSchedule) -> ShopSchedule:
    """The better of two schedules; that of the solver is checked."""
    wrong = check(shop, theirs)
    if wrong:
        raise SchedkitError(f"a schedule of CP-SAT is wrong: {wrong[0].detail}")
    return theirs if best is None or getattr(theirs, name) < getattr(best, name) else best


def _without_schedule(refuted: bool) -> SchedkitError:
    """The error for no schedule at all."""
    if not refuted:
        return SchedkitError("no schedule was found within the time limit")
    reason = Reason("exhausted", (), (), None, "CP-SAT proved that there is no schedule")
    return InfeasibleError("there is no schedule: CP-SAT proved it", reasons=[reason])
