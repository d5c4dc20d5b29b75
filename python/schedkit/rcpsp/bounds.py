"""Time analysis and lower bounds of projects."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from ..schedule import Result
from .problem import Project, core_of


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class CriticalPath(Result):
    """Earliest times without resources, and latest times for a project as long as its critical path.

    Attributes
    ----------
    earliest_start, earliest_finish : ndarray of int64, shape (n,)
    latest_start, latest_finish : ndarray of int64, shape (n,)
    slack : ndarray of int64, shape (n,)
        How far each activity may move without delaying the project: latest minus earliest start.
    length : int
        Length of the critical path.
    """

    kind: ClassVar[str] = "critical_path"
    _row: ClassVar[str | None] = "activity"

    earliest_start: NDArray[np.int64]
    earliest_finish: NDArray[np.int64]
    latest_start: NDArray[np.int64]
    latest_finish: NDArray[np.int64]
    slack: NDArray[np.int64]
    length: int
    _names: tuple[str, ...] | None = None

    def _columns(self) -> dict[str, Any]:
        """One row per activity: its name, if it has one, and the times."""
        columns = super(CriticalPath, self)._columns()  # slots: the short form of super does not work
        return columns if self._names is None else {"name": list(self._names), **columns}


def critical_path(project: Project) -> CriticalPath:
    """Time analysis of ``PS_inf | prec | C_max``: forward and backward pass.

    Parameters
    ----------
    project : Project
        Its optional activities are left out.

    Returns
    -------
    CriticalPath
        ``.earliest_start .earliest_finish .latest_start .latest_finish .slack`` of shape (n,), -1 for optional activities, and
        ``.length``.

    Raises
    ------
    InfeasibleError
        The calendars of an activity never allow it to run.

    Notes
    -----
    O(n + m). The length is a lower bound on every makespan; latest times take it as the project's end.

    References
    ----------
    Kelley, J. E. (1961). Critical-path planning and scheduling: mathematical basis. Operations Research 9.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3, 1], [[], [], []], [], successors=[[2], [], []])
    >>> c = sk.rcpsp.critical_path(project)
    >>> c.length, c.slack.tolist()
    (3, [0, 0, 0])
    """
    return CriticalPath(**core_of(project).critical_path(), _names=project.names)


def lower_bound(project: Project, *, destructive: bool = False) -> int:
    """The larger of the critical path and every resource's work over its capacity, rounded up; or a destructive bound.

    Parameters
    ----------
    project : Project
    destructive : bool, default False
        Assume makespans from the plain bound upwards, and refute them by time windows, edge finding on sets of activities of
        which no two run together, and the work in every interval. The result is never lower; it takes milliseconds for 100
        activities.

    Returns
    -------
    int
        No schedule of ``PS | prec | C_max`` is shorter.

    Notes
    -----
    The plain bound takes O(n R + m). Of the destructive one each probe takes O(R T (n + T)) for a makespan of T units, the
    greatest common divisor of all durations being one unit; there are some log T probes. Projects of more than 500 activities,
    or of more than two million start times in all, get the plain bound. Time that calendars close to all activities is cut out.

    References
    ----------
    Klein, R., Scholl, A. (1999). Computing lower bounds by destructive improvement: an application to resource-constrained
    project scheduling. European Journal of Operational Research 112.

    Examples
    --------
    Five equal activities, two of which run side by side, between a first and a last one:

    >>> import schedkit as sk
    >>> edges = [(0, i) for i in range(1, 6)] + [(i, 6) for i in range(1, 6)]
    >>> project = sk.rcpsp.Project([2, 4, 4, 4, 4, 4, 2], [[0], [5], [5], [5], [5], [5], [0]], [10], precedence=edges)
    >>> sk.rcpsp.lower_bound(project), sk.rcpsp.lower_bound(project, destructive=True)
    (10, 14)
    """
    return core_of(project).lower_bound(_validation.flag(destructive, "destructive"))
