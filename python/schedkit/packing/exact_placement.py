"""Placement by the search of the core and by CP-SAT beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._anytime import AnytimeCall
from .._core import CancelToken
from . import cp_sat

_OWN_SHARE = 0.6
"""The share of the time limit that the search has for itself at least."""
_LONGER_SHARE = 0.8
"""The same if it has found something better in the second half of that time."""
_LEAST_SECONDS = 1.0
"""CP-SAT has so long at least beside a search that still finds better placements; else that search has all the time."""
_END_OF_PROOF = 0.95
"""The share of the time limit after which CP-SAT ends, because it takes some time to stop."""
_START_SECONDS = 0.05
_PAIR_SECONDS = 5e-6
"""Seconds that CP-SAT takes to begin at least, and for each pair of an item and a node."""
_POLL = 0.01
"""Seconds between two looks at the stop token."""


class _Beside:
    """The search without CP-SAT, which goes on from a placement in a thread of its own."""

    def __init__(self, problem: dict[str, Any], begin: NDArray[np.int64], seed: int, limit: float, budget: int | None) -> None:
        self.token, self.done = CancelToken(), threading.Event()
        self.answer: dict[str, Any] | None = None
        self.failure: BaseException | None = None
        request = AnytimeCall.options(time_limit=limit, budget=budget, stop=self.token, on_interrupt="raise").request
        self._call = (problem, begin, seed, request)
        threading.Thread(target=self._search, daemon=True).start()

    def _search(self) -> None:
        try:
            self.answer = _core.place_items(*self._call)
        except BaseException as error:
            self.failure = error
        finally:
            self.done.set()

    @property
    def proved(self) -> bool:
        """Whether it has ended with a proof."""
        return self.done.is_set() and self.answer is not None and self.answer["status"] == "optimal"

    def result(self, stop: CancelToken | None, *, at_once: bool) -> dict[str, Any]:
        """Waits for its end, or ends it at once; raises what its thread raised."""
        while not self.done.wait(_POLL):
            if at_once or (stop is not None and stop.cancelled):
                self.token.cancel()
        if self.failure is not None:
            raise self.failure
        assert self.answer is not None
        return self.answer


class _Stop:
    """Ends CP-SAT: the caller's token, or a proof of the search beside it."""

    def __init__(self, stop: CancelToken | None, beside: _Beside | None) -> None:
        self._stop, self._beside = stop, beside

    @property
    def cancelled(self) -> bool:
        """Whether one of them is set."""
        return (self._stop is not None and self._stop.cancelled) or (self._beside is not None and self._beside.proved)


class _Own:
    """The search of the core, in one or two parts, whose improvements go to one history."""

    def __init__(self, problem: dict[str, Any], seed: int, search: AnytimeCall) -> None:
        self._problem, self._seed, self._search = problem, seed, search
        self._budget = search.request.budget
        self.began, self.last, self.nodes, self._is_begun = time.perf_counter(), 0.0, 0, False

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.began

    def left(self) -> int | None:
        """How many nodes the budget still allows; None without a budget."""
        return None if self._budget is None else self._budget - self.nodes

    def run(self, begin: NDArray[np.int64] | None, seconds: float | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Searches for so long; the columns and the report of the core."""
        later, before, request = self._is_begun, self.nodes, self._search.request
        self._is_begun = True
        offset, rows = self.elapsed() if later else 0.0, 0

        def record(objective: float, lower_bound: float, used: int, elapsed: float) -> None:
            nonlocal rows
            rows += 1
            if not later or rows > 1:  # a later part begins with the placement that is known
                self.last = offset + elapsed
                self._search.record(objective, lower_bound, before + used, offset + elapsed)

        request.time_limit, request.budget, request.record = seconds, self.left(), record
        answer = _core.place_items(self._problem, begin, self._seed, request)
        self.nodes += answer["num_nodes"]
        return answer, answer.pop("report")


def place(
    problem: dict[str, Any], begin: NDArray[np.int64] | None, seed: int, workers: int | None, search: AnytimeCall
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the best placement, and a report as the core gives it; all improvements are in one history."""
    own, stop, limit = _Own(problem, seed, search), search.request.stop, search.request.time_limit
    needed = cp_sat.LEAST_SHARE * (_START_SECONDS + _PAIR_SECONDS * _num_pairs(problem))  # before CP-SAT can begin
    alone = limit is not None and needed > limit * (1.0 - _OWN_SHARE)
    answer, report = own.run(begin, limit if limit is None or alone else limit * _OWN_SHARE)
    ended = answer["status"] == "optimal" or report["interrupted"] is not None
    if limit is not None and not ended and own.left() != 0 and own.last > own.elapsed() / 2:
        alone = max(needed, _LEAST_SECONDS) > limit * (1.0 - _LONGER_SHARE)
        until = limit if alone else limit * _LONGER_SHARE
        answer, report = own.run(answer["node"], max(until - own.elapsed(), 0.0))
        ended = answer["status"] == "optimal" or report["interrupted"] is not None
    ended = ended or (limit is not None and needed >= limit - own.elapsed())
    if ended:
        return {**answer, "num_nodes": own.nodes}, report | {"runtime": own.elapsed()}
    progress = cp_sat.Progress(answer["node"], np.array(answer["bound"]))
    judge = cp_sat.Judge.of(problem, answer["tier"])
    known = _missing(progress.bound.sum(), problem)
    beside = None if limit is None else _Beside(problem, answer["node"], seed, max(limit - own.elapsed(), 0.0), own.left())

    def note(value: tuple[int, ...]) -> None:
        search.record(_missing(sum(value[:-1]), problem), known, own.nodes, own.elapsed())

    try:
        cp_sat.improve(
            problem,
            judge,
            progress,
            lambda node: _judged(problem, node)["bound"],
            None if limit is None else own.began + limit * _END_OF_PROOF,
            seed,
            workers,
            _Stop(stop, beside),
            note,
        )
        if beside is not None:
            theirs = beside.result(stop, at_once=progress.is_optimal or progress.interrupted is not None)
            own.nodes += theirs["num_nodes"]
            if judge.of_nodes(theirs["node"]) > judge.of_nodes(progress.node):
                progress.node = theirs["node"]
                progress.interrupted = progress.interrupted or _raised(lambda: note(judge.of_nodes(progress.node)))
            progress.is_optimal = progress.is_optimal or theirs["status"] == "optimal"
    except KeyboardInterrupt as error:  # outside of the solver's own loop
        progress.interrupted = error
    finally:
        if beside is not None:
            beside.token.cancel()
    columns = _judged(problem, progress.node)
    bound = columns["placed"] if progress.is_optimal else np.minimum(columns["bound"], progress.bound)
    met = bool((bound == columns["placed"]).all()) and columns["evicted"].size == 0
    status = "optimal" if progress.is_optimal or met else "feasible"
    report |= {"interrupted": progress.interrupted, "runtime": own.elapsed()}
    return {**columns, "bound": bound, "status": status, "num_nodes": own.nodes}, report


def _num_pairs(problem: dict[str, Any]) -> int:
    """Pairs of an item and a node that it may take, whatever they need."""
    items, nodes = len(problem["demand"]), len(problem["capacity"])
    return (items - len(problem["allowed"])) * nodes + sum(len(allowed) for _, allowed in problem["allowed"])


def _raised(call: Callable[[], None]) -> BaseException | None:
    """What a call raises, to be handed on with the result."""
    try:
        call()
    except BaseException as error:
        return error
    return None


def _judged(problem: dict[str, Any], node: NDArray[np.int64]) -> dict[str, Any]:
    """The columns of a placement that is at least as good as the first pass, with the bounds of the core for it."""
    request = AnytimeCall.options(time_limit=None, budget=0, stop=None, on_interrupt="raise").request
    columns: dict[str, Any] = _core.place_items(problem, node, 0, request)
    return {name: column for name, column in columns.items() if name not in ("report", "num_nodes")}


def _missing(placed: Any, problem: dict[str, Any]) -> int:
    """Items without a node if so many have one."""
    return int(problem["demand"].shape[0] - placed)
