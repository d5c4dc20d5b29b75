"""A run of CP-SAT on a placement, one priority after the other (needs ortools, imported only when a proof is asked for)."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._cp_sat import SolverRun, Stopping, available

LEAST_SHARE = 2.0
"""CP-SAT is started if at least so many times as long is left as the model took: it reads the model before it searches."""


@dataclasses.dataclass(slots=True)
class Progress:
    """The best placement, and what is known of it.

    Attributes
    ----------
    node : ndarray of int64, shape (n,)
    bound : ndarray of int64, shape (t,)
        Upper bounds of the placed items of each priority, given as many of each higher one.
    is_optimal : bool
    interrupted : BaseException or None
    """

    node: NDArray[np.int64]
    bound: NDArray[np.int64]
    is_optimal: bool = False
    interrupted: BaseException | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Judge:
    """How good placements are.

    Attributes
    ----------
    tier : ndarray of int64, shape (n,)
        The position of each item's priority among the distinct ones, from the highest.
    count : int
        Distinct priorities.
    current : ndarray of int64, shape (n,)
    """

    tier: NDArray[np.int64]
    count: int
    current: NDArray[np.int64]

    @classmethod
    def of(cls, problem: dict[str, Any], tiers: NDArray[np.int64]) -> Judge:
        """The judge of a problem whose distinct priorities are given from the highest."""
        return cls(np.searchsorted(-tiers, -problem["priority"]), tiers.size, problem["current"])

    def value(self, is_placed: NDArray[np.bool_], stays: NDArray[np.bool_]) -> tuple[int, ...]:
        """Placed items of each priority and items that stay on their node: greater is better."""
        placed = np.bincount(self.tier[is_placed], minlength=self.count)
        return (*placed.tolist(), int((stays & (self.current >= 0)).sum()))

    def of_nodes(self, node: NDArray[np.int64]) -> tuple[int, ...]:
        """The value of a placement."""
        return self.value(node >= 0, node == self.current)


class Model:
    """The model of a placement: which item is on which node, and whether it has one."""

    def __init__(self, problem: dict[str, Any], goes_on: Callable[[], bool]) -> None:
        self.cp = available()
        self.model = self.cp.CpModel()
        self._demand, self._capacity = problem["demand"], problem["capacity"]
        self.placed: list[Any] = []
        self.on: list[dict[int, Any]] = []
        self.is_complete = self._items(dict(problem["allowed"]), goes_on) and self._nodes(problem["apart"], goes_on)

    def _items(self, allowed: dict[int, list[int]], goes_on: Callable[[], bool]) -> bool:
        """A variable for each item and each node that it may take; false if it was ended."""
        for i, need in enumerate(self._demand):
            if not goes_on():
                return False
            fits = (need <= self._capacity).all(axis=1)
            if i in allowed:
                fits &= np.isin(np.arange(fits.size), allowed[i])
            self.on.append({v: self.model.new_bool_var("") for v in np.flatnonzero(fits).tolist()})
            self.placed.append(self.model.new_bool_var(""))
            self.model.add_exactly_one([*self.on[i].values(), ~self.placed[i]])
        return True

    def _nodes(self, apart: list[list[int]], goes_on: Callable[[], bool]) -> bool:
        """No node holds more than it has, nor two items that stay apart; false if it was ended."""
        takers: list[list[int]] = [[] for _ in self._capacity]
        for i, on in enumerate(self.on):
            for v in on:
                takers[v].append(i)
        for v, items in enumerate(takers):
            if not goes_on():
                return False
            here = [self.on[i][v] for i in items]
            for needs, most in zip(self._demand[items].T, self._capacity[v], strict=True):
                if needs.sum() > most:
                    self.model.add(self.cp.LinearExpr.weighted_sum(here, needs.tolist()) <= int(most))
            for group in apart:
                together = [self.on[i][v] for i in group if v in self.on[i]]
                if len(together) > 1:
                    self.model.add_at_most_one(together)
        return True

    def hint(self, node: NDArray[np.int64]) -> None:
        """The placement from which the search begins."""
        self.model.clear_hints()
        for i, v in enumerate(node.tolist()):
            self.model.add_hint(self.placed[i], int(v >= 0))
            if v >= 0:
                self.model.add_hint(self.on[i][v], 1)

    def nodes(self, solver: Any) -> NDArray[np.int64]:
        """The placement that a solver has found."""
        chosen = (next((v for v, variable in on.items() if solver.boolean_value(variable)), -1) for on in self.on)
        return np.fromiter(chosen, np.int64, len(self.on))


def improve(
    problem: dict[str, Any],
    judge: Judge,
    progress: Progress,
    bounds: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    end: float | None,
    seed: int,
    workers: int | None,
    stop: Stopping | None,
    report: Callable[[tuple[int, ...]], None],
) -> None:
    """Maximises the placed items of each priority in turn, then the items that stay, from the best placement on.

    The best placement is replaced by better ones only: fewer items of a lower priority count only if there are more of a higher
    one. `bounds` gives our own bounds for a placement, `report` gets the values of better ones, `end` is a moment of the clock.
    """
    begin = time.perf_counter()

    def goes_on() -> bool:
        return (end is None or time.perf_counter() < end) and (stop is None or not stop.cancelled)

    model = Model(problem, goes_on)
    if not model.is_complete or (end is not None and end - time.perf_counter() < LEAST_SHARE * (time.perf_counter() - begin)):
        return
    best = judge.of_nodes(progress.node)
    current = judge.current.tolist()
    stays = [on.get(v) for on, v in zip(model.on, current, strict=True)]

    def read(callback: Any) -> tuple[int, ...]:
        is_placed = np.fromiter((callback.boolean_value(variable) for variable in model.placed), bool, len(current))
        stay = np.fromiter(
            (variable is not None and callback.boolean_value(variable) for variable in stays), bool, len(current)
        )
        return judge.value(is_placed, stay)

    def found(_value: int, _bound: int, value: tuple[int, ...]) -> None:
        nonlocal best
        if value > best:
            best = value
            report(value)

    for k in range(judge.count + 1):
        goal = (
            [model.placed[i] for i in np.flatnonzero(judge.tier == k)]
            if k < judge.count
            else [v for v in stays if v is not None]
        )
        reached = judge.of_nodes(progress.node)[k]
        most = int(bounds(progress.node)[k]) if k < judge.count else int((judge.current >= 0).sum())
        if reached < most:
            if not goes_on():
                return
            model.hint(progress.node)
            model.model.maximize(model.cp.LinearExpr.sum(goal))
            run = SolverRun(model.model, round, "demand", seed, workers, read)
            left = None if end is None else max(end - time.perf_counter(), 0.0)
            progress.interrupted = run.wait(left, stop, found)
            status = run.judged()
            if status in (model.cp.OPTIMAL, model.cp.FEASIBLE):
                chosen = model.nodes(run.solver)
                if judge.of_nodes(chosen) > judge.of_nodes(progress.node):
                    progress.node = chosen
                most = int(run.solver.best_objective_bound + 1e-6)
            if status != model.cp.OPTIMAL or progress.interrupted is not None:
                if k < judge.count:
                    progress.bound[k] = min(int(progress.bound[k]), most)
                return
            reached = round(run.solver.objective_value)
        if k < judge.count:
            progress.bound[k] = reached
        if goal:
            model.model.add(model.cp.LinearExpr.sum(goal) >= reached)
    progress.is_optimal = True
