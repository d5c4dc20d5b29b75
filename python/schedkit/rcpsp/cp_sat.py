"""A run of CP-SAT on a project (needs ortools, imported only when a proof is asked for)."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Callable

from .. import _validation
from .._core import CancelToken
from .._cp_sat import SolverRun, available
from .cp_sat_model import Model
from .cp_sat_modes import ModeModel
from .problem import Project
from .schedule import ProjectSchedule
from .search import ProjectSolution
from .situation import ContradictionError, Situation
from .working_time import TooManyStepsError


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """What has happened, and the present; of some of the activities also the row of the mode."""

    fixed: dict[int, tuple[int, int | None]]
    now: int
    mode: dict[int, int] = dataclasses.field(default_factory=dict)


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
            if project.activity is None and not (project.has_max_lags or project.has_stores or project.has_options):
                situation = Situation(project, past.fixed, past.now, None if best is None else best.makespan)
                self._situation: Situation | ModeModel = situation
                hint = None if best is None else best.start_time.tolist()
                self._model = Model(cp_model, situation, lower_bound, hint)
            else:
                self._situation = self._model = ModeModel(
                    cp_model, project, (past.fixed, past.mode), past.now, best, lower_bound
                )
        except TooManyStepsError as error:
            raise _validation.refuse("calendars", f"{error}, too many for CP-SAT") from None
        except ContradictionError as contradiction:
            self._refuted = contradiction.final
        if self._model is not None:
            self._run = SolverRun(self._model.model, self._model.makespan, "project", seed, threads)

    def wait(
        self, seconds: float | None, stop: CancelToken | None, found: Callable[[int, int], None], own: OwnSearch | None = None
    ) -> BaseException | None:
        """Solves, until CP-SAT or `own` has a proof; `found` gets each better makespan with the bound.

        Returns what interrupted it, or None.
        """
        if self._model is None:
            return None
        return self._run.wait(seconds, stop, found, own, complete=self._situation.complete)

    def answer(self) -> Answer:
        """The best of this run."""
        cp_model, known = self._cp_model, self._lower_bound
        if self._model is None:
            return Answer(None, known, refuted=self._refuted)
        status, value = self._run.judged(), self._run.solver.value
        if status == cp_model.INFEASIBLE:
            return Answer(None, known, refuted=self._situation.complete)
        bound = known
        if status != cp_model.UNKNOWN:  # what ends beyond the horizon is no shorter
            proved = self._run.lower_bound
            bound = proved if known is None else max(known, proved)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer(None, bound, refuted=False)
        has_choices = self._project.activity is not None or self._project.has_options
        mode = self._model.mode(value) if isinstance(self._model, ModeModel) and has_choices else None
        return Answer(self._schedule(self._model.start_time(value), mode), bound, refuted=False)

    def _schedule(self, start: list[int], mode: list[int] | None) -> ProjectSchedule:
        """The schedule of these starts, with the ends of fixed activities as they are."""
        if mode is not None:
            start = [-1 if row == -1 else begin for begin, row in zip(start, mode, strict=True)]
        planned = ProjectSchedule.from_start_time(self._project, start, mode)
        end = planned.completion_time.copy()
        for i, (_, until) in self._situation.fixed.items():
            end[i] = until
        last = int(end[planned._runs].max()) if planned._runs.any() else 0
        return ProjectSchedule(planned.start_time, _validation.readonly(end), last, self._project, planned._mode)
