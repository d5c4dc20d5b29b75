"""Schedule generation schemes, which turn priorities into schedules, and justification."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from .. import _core, _validation
from ._past import fixed_rows, moment
from .modes import in_modes
from .problem import Project, core_of
from .schedule import ProjectSchedule, ScheduleBatch

_TITLES = dict(_core.priority_rules())

RULES = tuple(_TITLES)
"""The names of the priority rules; see `serial_sgs`."""


def serial_sgs(
    project: Project,
    priority: str | ArrayLike = "lft",
    *,
    seed: int = 0,
    fixed: Mapping[int, tuple[int, int | None]] | None = None,
    now: int = 0,
    mode: ArrayLike | None = None,
) -> ProjectSchedule:
    """Serial schedule generation for ``PS | prec | C_max``.

    The scheme repeatedly takes the best activity by priority among those whose predecessors are all scheduled, and starts it at
    the earliest time at which precedence holds and all resources suffice for its whole duration.

    Parameters
    ----------
    project : Project
    priority : str or array_like, shape (n,), default "lft"
        One finite number per activity, lower first; or a rule, one of `RULES`.
    seed : int, default 0
        For ``random``.
    fixed : mapping of activity to (start, end), optional
        Activities that have started already, such as `schedkit.Fixed`; an end may differ from the plan, None is the planned
        one.
    now : int, default 0
        The present: activities that are not fixed start no earlier.
    mode : array_like of int, shape (n,), optional
        In a project with modes, the row of `Project.duration` that each activity runs in. By default the fastest modes (ties:
        the lower row), changed where stocks do not allow them. In one with optional activities, -1 for those that do not run
        and the activity itself for others; by default one of each group of alternatives runs, the one that takes least time.

    Returns
    -------
    ProjectSchedule

    Raises
    ------
    InvalidInputError
        The rule is unknown; priorities are not finite or not one per activity; the seed is outside 0 to 2**64 - 1.
    InfeasibleError
        Under constraints, the pass missed a deadline or found no place for an activity; ``.reasons`` holds the certificates.

    Notes
    -----
    Ties: lower index. The schedule is active, so some priority gives an optimal one. O(n log n + m) plus the search for starts.

    References
    ----------
    Kelley, J. E. (1963). The critical-path method: resources planning and scheduling. In Industrial Scheduling, Prentice-Hall.
    Kolisch, R. (1996). Serial and parallel resource-constrained project scheduling methods revisited. EJOR 90.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([3, 2, 2], [[2], [1], [1]], [2])
    >>> s = sk.rcpsp.serial_sgs(project, "spt")
    >>> s.start_time.tolist(), s.makespan
    ([2, 0, 0], 5)
    """
    (core, rows), past = in_modes(project, mode), (fixed_rows(fixed), moment(now))
    return ProjectSchedule(**core.serial_sgs(_priority(priority, project), _seed(seed), *past), _project=project, _mode=rows)


if serial_sgs.__doc__:  # the rules are listed in the core's table; `python -OO` leaves no documentation
    _RULES = "; ".join(f"``{name}`` {title}" for name, title in _TITLES.items())
    _RULES = textwrap.fill(f"{_RULES}.", 118, initial_indent=" " * 8, subsequent_indent=" " * 8)
    serial_sgs.__doc__ = serial_sgs.__doc__.replace("one of `RULES`.", f"one of `RULES`:\n{_RULES}", 1)


def parallel_sgs(
    project: Project,
    priority: str | ArrayLike = "lft",
    *,
    seed: int = 0,
    fixed: Mapping[int, tuple[int, int | None]] | None = None,
    now: int = 0,
    mode: ArrayLike | None = None,
) -> ProjectSchedule:
    """Parallel schedule generation for ``PS | prec | C_max``.

    The scheme moves forward in time: at each moment it starts the best eligible activities that fit, until none fits, then goes
    to the next completion.

    Parameters
    ----------
    project, priority, seed, fixed, now, mode
        As in `serial_sgs`.

    Returns
    -------
    ProjectSchedule

    Raises
    ------
    InvalidInputError, InfeasibleError
        As in `serial_sgs`.

    Notes
    -----
    Ties: lower index. An activity of duration 0 completes at once. The schedule is non-delay: often better in one pass than the
    serial scheme on tight projects, but no priority need give an optimal one. O(n^2 R) worst case.

    References
    ----------
    Kolisch, R. (1996). Serial and parallel resource-constrained project scheduling methods revisited. EJOR 90.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([3, 2, 2], [[2], [1], [1]], [2])
    >>> sk.rcpsp.parallel_sgs(project).start_time.tolist()
    [0, 3, 3]
    """
    (core, rows), past = in_modes(project, mode), (fixed_rows(fixed), moment(now))
    return ProjectSchedule(**core.parallel_sgs(_priority(priority, project), _seed(seed), *past), _project=project, _mode=rows)


def serial_sgs_many(
    project: Project,
    priority: ArrayLike,
    *,
    threads: int | None = 1,
    starts: bool = False,
    mode: ArrayLike | None = None,
) -> ScheduleBatch:
    """Serial schedule generation for many priorities at once: the inner loop of searches written in Python.

    Parameters
    ----------
    project : Project
    priority : array_like, shape (k, n)
        Each row one finite number per activity, lower first; int64 and float64 are equally fast. Rows that are already
        precedence-feasible, and rows that are permutations of 0 to n - 1, skip work.
    threads : int or None, default 1
        Threads for this call, None means all cores; the answer is the same.
    starts : bool, default False
        Whether to return start times as well.
    mode : array_like of int, shape (n,), optional
        As in `serial_sgs`, for all rows.

    Returns
    -------
    ScheduleBatch
        ``.makespan`` of shape (k,) and ``.start_time`` of shape (k, n), or None. Under constraints a row that misses a deadline
        or finds no place holds -1.

    Raises
    ------
    InvalidInputError
        The number of columns is wrong, or a value is not finite.

    Notes
    -----
    The interpreter is free while the core runs. Each row gives the schedule of ``serial_sgs(project, row)``.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([3, 2, 2], [[2], [1], [1]], [2])
    >>> sk.rcpsp.serial_sgs_many(project, [[0, 1, 2], [2, 1, 0]]).makespan.tolist()
    [5, 5]
    """
    core, _ = in_modes(project, mode)
    n = project.num_activities
    rows = _validation.number_array(priority, "priority", ndim=2, columns=n)
    batch = core.serial_sgs_many(rows, _validation.threads(threads), _validation.flag(starts, "starts"))
    start_time = batch["start_time"]
    return ScheduleBatch(batch["makespan"], None if start_time is None else start_time.reshape(batch["makespan"].size, n))


def justify(project: Project, schedule: ProjectSchedule) -> ProjectSchedule:
    """Forward-backward improvement (double justification): shift everything right, then left again.

    Parameters
    ----------
    project : Project
    schedule : ProjectSchedule
        A feasible schedule of `project`.

    Returns
    -------
    ProjectSchedule
        Its makespan is never longer. Modes stay as they are.

    Raises
    ------
    InvalidInputError
        The schedule has another number of activities.
    InfeasibleError
        Under constraints, the order of the schedule leads to no feasible schedule.

    Notes
    -----
    Right pass: among activities whose successors are all shifted the largest completion first, ties by larger index. Left pass:
    the serial scheme by new start, ties by lower index. Costs two schedules. Of an infeasible schedule only the order is used.

    References
    ----------
    Valls, V., Ballestin, F., Quintanilla, S. (2005). Justification and RCPSP: a technique that pays. EJOR 165.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([3, 2, 2], [[2], [1], [1]], [2])
    >>> sk.rcpsp.justify(project, sk.rcpsp.serial_sgs(project, "spt")).makespan
    5
    """
    core_of(project)  # refuses other types
    if not isinstance(schedule, ProjectSchedule):
        raise _validation.refuse_type("schedule", "must be a ProjectSchedule", schedule)
    core, rows = in_modes(project, schedule._mode)
    columns = core.justify(_validation.int_array(schedule.completion_time, "completion_time"))
    return ProjectSchedule(**columns, _project=project, _mode=rows)


def _priority(priority: str | ArrayLike, project: Project) -> Any:
    if isinstance(priority, str):
        return priority
    values = _validation.number_array(priority, "priority")
    if values.size != project.num_activities:
        raise _validation.refuse("priority", f"has length {values.size}, expected {project.num_activities}")
    return values


def _seed(seed: int) -> int:
    return 0 if type(seed) is int and seed == 0 else _validation.seed(seed)
