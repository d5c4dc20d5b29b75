"""A run of CP-SAT on a project (needs ortools, imported only when a proof is asked for)."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from .. import _validation
from .._core import CancelToken
from .._extras import load
from ..errors import SchedkitError
from .cp_sat_model import Model
from .cp_sat_modes import ModeModel
from .problem import Project
from .schedule import ProjectSchedule
from .search import ProjectSolution
from .situation import ContradictionError, Situation
from .working_time import TooManyStepsError

_POLL = 0.02
"""Seconds between two looks at signals and the stop token."""
_MOST_WORKERS = 256
"""As many threads as our own searches start; CP-SAT refuses far larger numbers."""


def available() -> Any:
    """The solver's module, or an error that says how to get it."""
    return load("ortools.sat.python.cp_model", "proofs by CP-SAT need OR-Tools: pip install 'schedkit[exact]'")


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What has happened, and the present."""

    fixed: dict[int, tuple[int, int | None]]
    now: int


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What the solver found: a schedule or None, a bound, and whether it proved that there is no schedule."""

    schedule: ProjectSchedule | None
    lower_bound: int | None
    refuted: bool


class OwnSearch:
    """A call of `rcpsp.solve` in a thread of its own, beside CP-SAT."""

    def __init__(self, solve: Callable[..., ProjectSolution]) -> None:
        self.token = CancelToken()
        self.done = threading.Event()
        self.result: ProjectSolution | None = None
        self._solve = solve

    @property
    def proved(self) -> bool:
        """Whether it has ended with a proof."""
        return self.result is not None and self.result.status in {"optimal", "infeasible"}

    def start(self, found: queue.SimpleQueue[tuple[int, int]]) -> None:
        """Begins; improvements go to `found`."""

        def run() -> None:
            try:
                self.result = self._solve(
                    stop=self.token, on_improvement=lambda better: found.put((int(better.objective), int(better.lower_bound)))
                )
            finally:
                self.done.set()

        threading.Thread(target=run, daemon=True).start()


class Run:
    """One model being solved in a thread of its own, so that the calling thread can listen to signals.

    With a schedule `best` the model holds schedules that are no longer; a known `lower_bound` becomes a constraint.
    """

    def __init__(
        self,
        project: Project,
        past: Past,
        best: ProjectSchedule | None,
        lower_bound: int | None,
        seed: int,
        threads: int | None,
    ) -> None:
        cp_model = self._cp_model = available()
        self._project, self._lower_bound = project, lower_bound
        self._model: Model | ModeModel | None = None
        self._refuted = False
        try:
            if project.activity is None:
                situation = Situation(project, past.fixed, past.now, None if best is None else best.makespan)
                self._situation: Situation | ModeModel = situation
                hint = None if best is None else best.start_time.tolist()
                self._model = Model(cp_model, situation, lower_bound, hint)
            else:
                self._situation = self._model = ModeModel(cp_model, project, past.fixed, past.now, best, lower_bound)
        except TooManyStepsError as error:
            raise _validation.refuse("calendars", f"{error}, too many for CP-SAT") from None
        except ContradictionError as contradiction:
            self._refuted = contradiction.final
        self._solver = cp_model.CpSolver()
        self._solver.parameters.random_seed = seed % 2**31
        self._solver.parameters.num_workers = min(threads or 0, _MOST_WORKERS)
        self._solver.parameters.catch_sigint_signal = False
        self._found: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._status: Any = None
        self._failure: BaseException | None = None
        self._done = threading.Event()

    def wait(
        self, seconds: float | None, stop: CancelToken | None, found: Callable[[int, int], None], own: OwnSearch | None = None
    ) -> BaseException | None:
        """Solves, until CP-SAT or `own` has a proof; `found` gets each better makespan with the bound.

        Returns what interrupted it, or None.
        """
        if self._model is None:
            return None
        if seconds is not None:
            self._solver.parameters.max_time_in_seconds = seconds
        invalid = self._model.model.validate()
        if invalid:
            raise _validation.refuse("project", f"CP-SAT refuses the model: {invalid.splitlines()[0]}")
        end = None if seconds is None else time.perf_counter() + seconds
        thread = threading.Thread(target=self._solve, daemon=True)
        interrupt: BaseException | None = None
        thread.start()
        if own is not None:
            own.start(self._found)
        over = False
        while not over:  # an interrupted join may take a running thread for an ended one
            try:
                self._done.wait(_POLL)
                over = self._done.is_set() and (own is None or own.done.is_set())
                late = end is not None and time.perf_counter() >= end
                if late or (stop is not None and stop.cancelled) or interrupt is not None or (own is not None and own.proved):
                    self._solver.stop_search()
                    ended = True
                else:
                    ended = self._done.is_set() and (end is None or self._conclusive())
                if ended and own is not None:
                    own.token.cancel()
                while interrupt is None and not self._found.empty():
                    found(*self._found.get())
            except BaseException as error:  # handed on, with the result
                interrupt = error
        return interrupt

    def _solve(self) -> None:
        run, model, base = self, self._model, self._cp_model.CpSolverSolutionCallback
        if model is None:
            return
        makespan = model.makespan

        class Report(base):  # type: ignore[misc, valid-type]
            def on_solution_callback(self) -> None:
                run._found.put((makespan(self.objective_value), makespan(self.best_objective_bound)))

        try:
            self._status = self._solver.solve(model.model, Report())
        except BaseException as error:
            self._failure = error
        finally:
            self._done.set()

    def _conclusive(self) -> bool:
        """Whether CP-SAT has ended with a proof."""
        status, cp_model = self._status, self._cp_model
        return bool(status == cp_model.OPTIMAL or (status == cp_model.INFEASIBLE and self._situation.complete))

    def answer(self) -> Answer:
        """The best of this run."""
        if self._failure is not None:
            raise self._failure
        cp_model, solver, status, known = self._cp_model, self._solver, self._status, self._lower_bound
        if self._model is None:
            return Answer(None, known, refuted=self._refuted)
        if status == cp_model.MODEL_INVALID:
            raise SchedkitError(f"CP-SAT refuses the model or its parameters: {solver.solution_info()}")
        if status == cp_model.INFEASIBLE:
            return Answer(None, known, refuted=self._situation.complete)
        bound = known
        if status != cp_model.UNKNOWN:  # what ends beyond the horizon is no shorter
            proved = self._model.makespan(solver.best_objective_bound)
            bound = proved if known is None else max(known, proved)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer(None, bound, refuted=False)
        mode = self._model.mode(solver.value) if isinstance(self._model, ModeModel) else None
        return Answer(self._schedule(self._model.start_time(solver.value), mode), bound, refuted=False)

    def _schedule(self, start: list[int], mode: list[int] | None) -> ProjectSchedule:
        """The schedule of these starts, with the ends of fixed activities as they are."""
        planned = ProjectSchedule.from_start_time(self._project, start, mode)
        end = planned.completion_time.copy()
        for i, (_, until) in self._situation.fixed.items():
            end[i] = until
        last = int(end.max()) if end.size else 0
        return ProjectSchedule(planned.start_time, _validation.readonly(end), last, self._project, planned._mode)
