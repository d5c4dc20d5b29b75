"""A run of CP-SAT on a placement, one priority after the other (needs ortools, imported only when a proof is asked for)."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._core import CancelToken
from .._cp_sat import SolverRun, available


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The best placement, upper bounds of the placed items of each priority, and whether both agree."""

    node: NDArray[np.int64]
    bound: NDArray[np.int64]
    is_optimal: bool
    seconds: float
    interrupted: BaseException | None


def placement(
    problem: dict[str, Any],
    node: NDArray[np.int64],
    tier: NDArray[np.int64],
    limit: float | None,
    seed: int,
    workers: int | None,
    stop: CancelToken | None,
) -> Answer:
    """Maximises the placed items of each priority in turn, then minimises evictions, from the placement `node` on."""
    begin = time.perf_counter()
    cp_model = available()
    model, on = _model(cp_model, problem)
    priority, current = problem["priority"].tolist(), problem["current"].tolist()
    goals = [[on[i, v] for i, v in on if priority[i] == p] for p in tier.tolist()]
    stays = [on[i, v] for i, v in on if current[i] == v]
    best, bound = np.array(node), np.array([sum(p == q for q in priority) for p in tier.tolist()], dtype=np.int64)
    proven = 0
    interrupted: BaseException | None = None
    for k, terms in enumerate([*goals, stays]):
        left = None if limit is None else limit - (time.perf_counter() - begin)
        if (left is not None and left <= 0) or (stop is not None and stop.cancelled):
            break
        model.clear_hints()
        for (i, v), variable in on.items():
            model.add_hint(variable, int(best[i] == v))
        model.maximize(sum(terms))
        run = SolverRun(model, round, "demand", seed, workers)
        interrupted = run.wait(left, stop, lambda _value, _bound: None)
        status = run.judged()
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            chosen = np.full_like(best, -1)
            for (i, v), variable in on.items():
                if run.solver.boolean_value(variable):
                    chosen[i] = v
            best = chosen
        if status != cp_model.OPTIMAL or interrupted is not None:
            if k < len(bound) and status == cp_model.FEASIBLE:
                bound[k] = min(int(bound[k]), int(run.solver.best_objective_bound + 1e-6))
            break
        value = round(run.solver.objective_value)
        if k < len(bound):
            bound[k] = value
        model.add(sum(terms) >= value)
        proven += 1
    return Answer(best, bound, proven == len(goals) + 1, time.perf_counter() - begin, interrupted)


def _model(cp_model: Any, problem: dict[str, Any]) -> tuple[Any, dict[tuple[int, int], Any]]:
    """The model, and a variable for each item and each node that it may take."""
    demand, capacity = problem["demand"], problem["capacity"]
    model = cp_model.CpModel()
    allowed = dict(problem["allowed"])
    on: dict[tuple[int, int], Any] = {}
    for i in range(demand.shape[0]):
        for v in sorted(set(allowed.get(i, range(capacity.shape[0])))):
            if (demand[i] <= capacity[v]).all():
                on[i, v] = model.new_bool_var("")
        model.add_at_most_one(on[i, v] for v in range(capacity.shape[0]) if (i, v) in on)
    for v in range(capacity.shape[0]):
        here = [i for i in range(demand.shape[0]) if (i, v) in on]
        for r in range(demand.shape[1]):
            model.add(sum(int(demand[i, r]) * on[i, v] for i in here) <= int(capacity[v, r]))
        for group in problem["apart"]:
            model.add_at_most_one(on[i, v] for i in group if (i, v) in on)
    return model, on
