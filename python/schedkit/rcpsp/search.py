"""Anytime search and certificates of infeasibility."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from .._anytime import AnytimeCall, Improvement, OnInterrupt
from .._core import CancelToken
from ..checking import Violation, check
from ..errors import Reason, reasons_from_rows
from ..schedule import Result, frame
from ._past import fixed_rows, moment, without_modes
from .problem import Project, core_of
from .schedule import ProjectSchedule

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ProjectSolution(Result):
    """The result of a search.

    Attributes
    ----------
    schedule : ProjectSchedule or None
        None if no feasible one was found.
    makespan : int or None
    objective : int, float or None
        The value of the objective that was searched for.
    objective_name : str
        Which one that was, such as ``"makespan"``.
    status : str
        ``"optimal"`` if no schedule has a better value, ``"feasible"`` if that is not known; under constraints also
        ``"infeasible"`` if it is proven that there is no schedule, ``"unknown"`` if neither a schedule nor a proof was found.
    lower_bound : int or float
        No schedule has a better value; 0 if there is none at all (``"infeasible"``).
    num_schedules : int
        Activity placements over the number of activities, rounded up.
    runtime : float
        Seconds.
    history : list of Improvement
    reasons : list of Reason
        Why there is no schedule, if the status is ``"infeasible"``.
    near_miss : ProjectSchedule or None
        If the status is ``"unknown"``, the schedule that misses windows by the least that was found.
    violations : list of Violation
        The violations of the near-miss.
    moved : ndarray of int64, or None
        Given a warm start: the activities, fixed ones apart, that start at another time than there, or run in one of the two
        alone.
    total_shift : int or None
        The sum of these differences, over activities that run in both.
    """

    kind: ClassVar[str] = "project_solution"

    schedule: ProjectSchedule | None
    makespan: int | None
    status: str
    lower_bound: Any
    num_schedules: int
    runtime: float
    history: list[Improvement]
    reasons: list[Reason] = dataclasses.field(default_factory=list)
    near_miss: ProjectSchedule | None = None
    violations: list[Violation] = dataclasses.field(default_factory=list)
    moved: NDArray[np.int64] | None = None
    total_shift: int | None = None
    objective_name: str = "makespan"
    _project: Project | None = dataclasses.field(default=None, repr=False)

    @property
    def objective(self) -> float | None:
        """The value of the objective that was searched for; None without a schedule."""
        return None if self.schedule is None else getattr(self.schedule, self.objective_name)

    def _content(self) -> dict[str, Any]:
        """Public fields by name, with the objective."""
        return super(ProjectSolution, self)._content() | {"objective": self.objective}  # slots: super() does not work

    def to_pandas(self) -> pd.DataFrame:
        """The table of the schedule, one row per activity; without a schedule it has no rows (needs pandas)."""
        if self.schedule is not None:
            return self.schedule.to_pandas()
        columns: dict[str, object] = {} if self._project is None or self._project.names is None else {"name": []}
        columns |= {name: np.empty(0, np.int64) for name in ("start_time", "completion_time")}
        return frame(columns, ProjectSchedule._row)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws makespan and lower bound over time, from the history (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.
        """
        return self._draw(ax)


def solve(
    project: Project,
    *,
    objective: str = "makespan",
    time_limit: float | None = None,
    max_schedules: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ProjectSchedule | ArrayLike | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
    fixed: Mapping[int, tuple[int, int | None] | tuple[int, int | None, int]] | None = None,
    now: int = 0,
    late: bool = False,
    prover: bool = True,
) -> ProjectSolution:
    """Anytime search for ``PS | prec | f``, also with modes, under constraints and with activities that have started already.

    The objective f is the makespan, or one that counts from due dates: ``sum T_j``, ``sum w_j T_j``, ``sum U_j`` or ``L_max``.

    The search samples first solutions by biased random priorities, then runs a bi-population genetic search that justifies
    every child; at the same time it computes destructive lower bounds and tries a proof by learned clauses. It ends when a
    limit is reached or the makespan equals the lower bound. Under constraints it first looks for a schedule within all windows,
    by learned priorities and a tree search that can prove infeasibility, then for a shorter one.

    For ``sum T_j``, ``sum w_j T_j`` and ``sum U_j`` the first schedules follow rules that know due dates, and in some children
    an activity that is late moves forward. Bounds come from earliest finishes, from the work on each resource, and from a proof
    by learned clauses, which also finds schedules that lists do not lead to. ``L_max`` is the makespan of the project with
    tails, so that justification and proofs serve it.

    In a project with modes or alternatives the search chooses modes, what runs, and times together; the pages on modes and on
    alternatives of the documentation say how, and what combines with them.

    Parameters
    ----------
    project : Project
    objective : str, default "makespan"
        What is to be as small as possible, one of `OBJECTIVES`: ``"makespan"``; ``"total_tardiness"``, the
        sum of ``max(0, C_j - d_j)``; ``"total_weighted_tardiness"``; ``"num_tardy"``, how many complete after their due dates;
        ``"max_lateness"``, ``max (C_j - d_j)``, negative if everything is early. Activities without due date do not count.
    time_limit : float, optional
        Seconds; 10 if `max_schedules` is not given either. A first schedule is made whatever the limit is: with a million
        constrained activities that alone takes 0.1 to 0.6 s.
    max_schedules : int, optional
        Budget of schedules; one schedule is n activity placements, in whatever step they are made. With it and without
        `time_limit` the answer depends on `seed` alone, for any `threads`.
    seed : int, default 0
    threads : int or None, default 1
        None means all cores. With `time_limit` alone one of several threads is the prover's; in projects with modes or
        alternatives only for the makespan. Maximal lags and stores use two at most.
    warm_start : ProjectSchedule or array_like of int, shape (n,), optional
        A schedule, or its start times, to begin with; of an infeasible one only the order is used. Among start times -1 says
        that an optional activity does not run.
    on_improvement : callable, optional
        Gets each `Improvement` on the calling thread; its exception stops the search and propagates.
    stop : CancelToken, optional
        Ends the search from another thread.
    on_interrupt : {"raise", "return"}, default "raise"
        On Ctrl-C: ``KeyboardInterrupt`` with the best so far as its ``.result``, or the best so far as the answer.
    fixed : mapping of activity to (start, end), optional
        Activities that have started already, or whose time is agreed, such as `schedkit.Fixed`; an end may differ from the
        plan, None is the planned one. In a project with modes ``(start, end, mode)`` also names the row of its mode.
    now : int, default 0
        The present: activities that are not fixed start no earlier.
    late : bool, default False
        Whether every activity starts as late as the value found, its makespan and the deadlines allow, for planners who pull:
        no activity could start later alone. With total tardiness, weighted or not, an activity completes no later than its
        due date, or than it did if that is later; with ``num_tardy`` one that is tardy may complete later still; with
        ``max_lateness`` it completes no later than its due date and that lateness.
    prover : bool, default True
        Whether the prover by learned clauses takes part. Without it all effort goes into the search, and only schedules that
        meet a bound from paths and resources are known to be optimal. Attempts with and without it make a good
        `schedkit.solve_portfolio`.

    Returns
    -------
    ProjectSolution
        Without constraints a schedule is found whatever the limits are: the serial scheme by latest finish is made first; if
        the time limit strikes on the way, what is left follows one by one. Under constraints ``.status`` tells.

    Raises
    ------
    InvalidInputError, InputTypeError
        A limit is negative, a warm start has the wrong length, the objective is unknown or counts from due dates that the
        project does not have, and the like.

    Notes
    -----
    Whatever the limit, the project is laid out and sorted once, in time about
    linear in its size: a second for a million activities.

    Ties: the first schedule found among equally good ones, of which shorter ones are preferred while the search lasts; with
    `late`, the activities of that are shifted one by one, those that complete last first (ties: higher index). Where
    ``relation`` or leads let activities overlap, this may come to no schedule; then each is shifted while all others stay,
    until none can start later, which costs a schedule for each activity. Memory: two lists of n activities for every member of
    a population, whose size grows with the budget, at most 4,000.

    References
    ----------
    Debels, D., Vanhoucke, M. (2007). A decomposition-based genetic algorithm for the resource-constrained project-scheduling
    problem. Operations Research 55.

    Schutt, A., Feydy, T., Stuckey, P. J., Wallace, M. G. (2011). Explaining the cumulative propagator. Constraints 16.

    Examples
    --------
    >>> import schedkit as sk
    >>> late = sk.rcpsp.Project([4, 2, 3], [[1], [1], [1]], [1], due_date=[4, 3, None], weight=[1, 5, 0])
    >>> r = sk.rcpsp.solve(late, objective="total_weighted_tardiness", max_schedules=100)
    >>> r.objective, r.status, r.schedule.start_time.tolist(), r.schedule.tardiness.tolist()
    (2, 'optimal', [2, 0, 6], [2, 0, 0])
    >>> project = sk.rcpsp.read(sk.example_path("migration.json"))
    >>> r = sk.rcpsp.solve(project, max_schedules=2000)
    >>> r.makespan <= 518, r.num_schedules <= 2000, sk.check(project, r.schedule)
    (True, True, [])
    """
    core = core_of(project)
    search = AnytimeCall.options(
        time_limit=time_limit,
        budget=max_schedules,
        unit="max_schedules",
        default_time=10.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    first = baseline(warm_start)
    plain, fixed_modes = without_modes(fixed, project)
    rows, present = fixed_rows(plain), moment(now)
    modes = (warm_start._mode if isinstance(warm_start, ProjectSchedule) else None, fixed_modes)
    answer = core.solve(
        search.request,
        _validation.seed(seed),
        _validation.threads(threads),
        first,
        (rows, present),
        _validation.word(objective, "objective"),
        _validation.flag(late, "late"),
        modes,
        _validation.flag(prover, "prover"),
    )
    status, columns = answer["status"], answer["schedule"]
    made = None if columns is None else ProjectSchedule(**columns, _project=project, _mode=answer["mode"])
    schedule, near_miss = (None, made) if status == "unknown" else (made, None)
    moves = movement(first, made, {i for i, _, _ in rows})

    def build(history: list[Improvement], runtime: float) -> ProjectSolution:
        return ProjectSolution(
            schedule,
            None if schedule is None else schedule.makespan,
            status,
            answer["lower_bound"],
            answer["num_schedules"],
            runtime,
            history,
            reasons_from_rows(answer["reasons"]),
            near_miss,
            [] if near_miss is None else check(project, near_miss, fixed=plain, now=present),
            *moves,
            objective_name=objective,
            _project=project,
        )

    return search.finish(answer["report"], build)


def baseline(warm_start: ProjectSchedule | ArrayLike | None) -> NDArray[np.int64] | None:
    """The start times of a warm start, or None."""
    start = warm_start.start_time if isinstance(warm_start, ProjectSchedule) else warm_start
    return None if start is None else _validation.int_array(start, "warm_start")


def movement(
    first: NDArray[np.int64] | None, schedule: ProjectSchedule | None, fixed: Collection[int]
) -> tuple[NDArray[np.int64] | None, int | None]:
    """The activities that start at another time than in the warm start, and the sum of the shifts."""
    if first is None or schedule is None:
        return None, None
    free = np.array([i not in fixed for i in range(first.size)], dtype=np.bool_)
    moved = np.flatnonzero(free & (schedule.start_time != first)).astype(np.int64)
    optional, runs = schedule.project.optional, schedule._runs
    both = [i for i in moved if runs[i] and not (optional[i] and first[i] == -1)]
    shifts = (abs(int(schedule.start_time[i]) - int(first[i])) for i in both)
    return _validation.readonly(moved), sum(shifts)


def diagnose(project: Project, *, fixed: Mapping[int, tuple[int, int | None]] | None = None, now: int = 0) -> list[Reason]:
    """Lists certificates that no schedule exists, the cheapest first.

    Parameters
    ----------
    project : Project
    fixed : mapping of activity to (start, end), optional
        As in `solve`.
    now : int, default 0
        As in `solve`.

    Returns
    -------
    list of Reason
        Empty if no certificate was found, which does not prove that a schedule exists.

    Raises
    ------
    InvalidInputError, InputTypeError
        An activity is unknown, or a time is not a whole number.

    Notes
    -----
    O((n + m) k) for calendars of k steps, O(n log n + k) for each resource and group: fixed activities that clash; own windows
    and calendars; chains that miss a deadline; more work than deadlines and closing calendars leave time for. At most 20 of a
    kind are given.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3], [[], []], [], precedence=[[0, 1]], deadline=[None, 4])
    >>> for reason in sk.rcpsp.diagnose(project):
    ...     print(reason.code, reason.activities, reason.amount, reason.detail)
    deadline_missed (0, 1) 1 activity 1 completes at 5 at the earliest, 1 after its deadline 4, along 0 -> 1
    """
    return reasons_from_rows(core_of(project).diagnose(fixed_rows(fixed), moment(now)))
