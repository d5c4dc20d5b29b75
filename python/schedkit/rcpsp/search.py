"""Anytime search."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from numpy.typing import ArrayLike

from .. import _validation
from .._anytime import Improvement, OnInterrupt, Search
from .._core import CancelToken
from ..schedule import Result
from .project import Project, core_of
from .schedule import ProjectSchedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ProjectSolution(Result):
    """What a search found.

    Attributes
    ----------
    schedule : ProjectSchedule
    makespan : int
    status : str
        ``"optimal"`` if the makespan equals the lower bound, else ``"feasible"``.
    lower_bound : int
    num_schedules : int
        Activity placements over the number of activities, rounded up.
    runtime : float
        Seconds.
    history : list of Improvement
    """

    kind: ClassVar[str] = "project_solution"

    schedule: ProjectSchedule
    makespan: int
    status: str
    lower_bound: int
    num_schedules: int
    runtime: float
    history: list[Improvement]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Makespan and lower bound over time, from the history (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.
        """
        from ..plot import convergence  # noqa: PLC0415

        return convergence(self.history, self.runtime, ax)


def solve(
    project: Project,
    *,
    time_limit: float | None = None,
    max_schedules: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ProjectSchedule | ArrayLike | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> ProjectSolution:
    """Anytime search for ``PS | prec | C_max``.

    First solutions by biased random sampling, then a bi-population genetic search in which every child is justified on the way;
    beside it destructive lower bounds and a proof by learned clauses; until a limit is reached or the makespan equals the lower
    bound.

    Parameters
    ----------
    project : Project
    time_limit : float, optional
        Seconds; 10 if `max_schedules` is not given either.
    max_schedules : int, optional
        Schedules to spend, one being n activity placements in whatever step they are made. With it and without `time_limit`
        the answer depends on `seed` alone, for any `threads`.
    seed : int, default 0
    threads : int or None, default 1
        None means all cores. With `time_limit` alone one of several threads is the prover's.
    warm_start : ProjectSchedule or array_like of int, shape (n,), optional
        A schedule, or its start times, to begin with; of an infeasible one only the order is used.
    on_improvement : callable, optional
        Gets each `Improvement` on the calling thread; its exception stops the search and propagates.
    stop : CancelToken, optional
        Ends the search from another thread.
    on_interrupt : {"raise", "return"}, default "raise"
        On Ctrl-C: ``KeyboardInterrupt`` with the best so far as its ``.result``, or the best so far as the answer.

    Returns
    -------
    ProjectSolution
        A schedule is found whatever the limits are: the serial scheme by latest finish is made first.

    Raises
    ------
    InvalidInputError, InputTypeError
        Negative limits, a warm start of the wrong length, and the like.

    Notes
    -----
    Ties: the first schedule found among equally long ones. Memory: two lists of n activities for every member of a population,
    whose size grows with the budget, at most 4,000.

    References
    ----------
    Debels, D., Vanhoucke, M. (2007). A decomposition-based genetic algorithm for the resource-constrained project-scheduling
    problem. Operations Research 55.

    Schutt, A., Feydy, T., Stuckey, P. J., Wallace, M. G. (2011). Explaining the cumulative propagator. Constraints 16.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.read(sk.example_path("migration.json"))
    >>> r = sk.rcpsp.solve(project, max_schedules=2000)
    >>> r.makespan <= 518, r.num_schedules <= 2000, sk.check(project, r.schedule)
    (True, True, [])
    """
    core = core_of(project)
    search = Search.options(
        time_limit=time_limit,
        budget=max_schedules,
        unit="max_schedules",
        default_time=10.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    start = warm_start.start_time if isinstance(warm_start, ProjectSchedule) else warm_start
    first = None if start is None else _validation.int_array(start, "warm_start")
    columns, status, lower_bound, spent, report = core.solve(
        search.request, _validation.seed(seed), _validation.threads(threads), first
    )

    def build(history: list[Improvement], runtime: float) -> ProjectSolution:
        schedule = ProjectSchedule(*columns, project)
        return ProjectSolution(schedule, schedule.makespan, status, lower_bound, spent, runtime, history)

    return search.finish(report, build)
