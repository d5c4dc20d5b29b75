"""Schedules of projects."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ..schedule import Result
from .constraints import NO_DEADLINE
from .problem import Project, core_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


OBJECTIVES = {name: title for name, title, _ in _core.project_objectives()}
"""What `solve` can make as small as possible: a title for each name, which is that of an attribute of `ProjectSchedule`."""
DUE_DATE_OBJECTIVES = tuple(name for name, _, needs_due_dates in _core.project_objectives() if needs_due_dates)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ProjectSchedule(Result):
    """Start and completion time of each activity, as read-only arrays indexed by activity.

    Attributes
    ----------
    start_time, completion_time : ndarray of int64, shape (n,)
        -1 for an optional activity that does not run.
    makespan : int
        The largest completion time, 0 for no activities.
    project : Project
        The project that was scheduled.
    mode : ndarray of int64, shape (n,)
        The row of `Project.duration` that each activity runs in; its own index in a project without modes; -1 if it does not
        run.
    lateness : ndarray of int64, shape (n,)
        Completion minus due date; ``-(2**63 - 1)`` where an activity has none, or does not run.
    tardiness : ndarray of int64, shape (n,)
        ``max(0, lateness)``.
    total_tardiness, num_tardy, max_lateness, max_tardiness : int
        Over the activities that run and have due dates; 0 if there are none.
    total_weighted_tardiness : int or float
        In the type of the weights; without weights the total tardiness.
    """

    kind: ClassVar[str] = "project"
    _row: ClassVar[str | None] = "activity"

    start_time: NDArray[np.int64]
    completion_time: NDArray[np.int64]
    makespan: int
    _project: Project = dataclasses.field(repr=False)
    _mode: NDArray[np.int64] | None = dataclasses.field(default=None, repr=False)

    @property
    def project(self) -> Project:
        """The project that was scheduled."""
        return self._project

    @property
    def mode(self) -> NDArray[np.int64]:
        """The row of `Project.duration` that each activity runs in, -1 if it does not run."""
        return _validation.readonly(np.arange(self.start_time.size, dtype=np.int64)) if self._mode is None else self._mode

    @property
    def lateness(self) -> NDArray[np.int64]:
        """Completion minus due date; ``-(2**63 - 1)`` where an activity has none, or does not run."""
        due = self._project.due_date
        counts = (due != NO_DEADLINE) & self._runs
        return _validation.readonly(np.where(counts, self.completion_time - due, -NO_DEADLINE))

    @property
    def _runs(self) -> NDArray[np.bool_]:
        """Which activities run."""
        return self.mode >= 0

    @property
    def tardiness(self) -> NDArray[np.int64]:
        """By how much each activity completes after its due date."""
        return _validation.readonly(np.maximum(self.lateness, 0))

    @property
    def total_tardiness(self) -> int:
        """The sum of tardiness."""
        return sum(self.tardiness.tolist())

    @property
    def total_weighted_tardiness(self) -> float:
        """The sum of weight times tardiness, in the type of the weights."""
        weight, tardiness = self._project.weight, self.tardiness
        if weight is None:
            return self.total_tardiness
        if weight.dtype.kind == "f":
            return float(np.cumsum(weight * tardiness)[-1])  # one after the other, as the search adds them
        pairs = zip(weight.tolist(), tardiness.tolist(), strict=True)
        return sum(int(cost) * int(late) for cost, late in pairs)

    @property
    def num_tardy(self) -> int:
        """How many activities complete after their due dates."""
        return int(np.count_nonzero(self.tardiness))

    @property
    def max_lateness(self) -> int:
        """The largest lateness, negative if everything is early; 0 if nothing that runs has a due date."""
        dated = self.lateness[(self._project.due_date != NO_DEADLINE) & self._runs]
        return int(dated.max()) if dated.size else 0

    @property
    def max_tardiness(self) -> int:
        """The largest tardiness."""
        return max(0, self.max_lateness)

    def _content(self) -> dict[str, Any]:
        """Public fields by name, and the values that count from due dates if the project has some."""
        content = super(ProjectSchedule, self)._content()  # slots: the short form of super does not work
        if self._mode is not None:
            content["mode"] = self._mode
        if (self._project.due_date != NO_DEADLINE).any():
            content |= {name: getattr(self, name) for name in DUE_DATE_OBJECTIVES}
        return content

    @classmethod
    def from_start_time(cls, project: Project, start_time: ArrayLike, mode: ArrayLike | None = None) -> ProjectSchedule:
        """Makes a schedule of given start times, with pauses but without a check; `schedkit.check` checks it.

        Parameters
        ----------
        project : Project
        start_time : array_like of int, shape (n,)
        mode : array_like of int, shape (n,), optional
            The row of `Project.duration` that each activity runs in, -1 for an optional one that does not run; needed if the
            project has modes. Without modes an optional activity that starts at -1 does not run.

        Examples
        --------
        >>> import schedkit as sk
        >>> project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
        >>> s = sk.rcpsp.ProjectSchedule.from_start_time(project, [0, 1])
        >>> [v.kind for v in sk.check(project, s)]
        ['capacity']
        """
        core = core_of(project)
        start = _validation.int_array(start_time, "start_time")
        if start.size != project.num_activities:
            raise _validation.refuse("start_time", f"has length {start.size}, expected {project.num_activities}")
        rows = None
        if project.activity is not None or project.has_options:
            if mode is None and project.activity is not None:
                raise _validation.refuse("mode", "must be given, because the project has modes")
            if mode is None:
                mode = np.where(project.optional & (start == -1), -1, np.arange(start.size))
            rows = _validation.readonly(_validation.int_array(mode, "mode"))
            core = core.in_modes(rows)
            timed = np.flatnonzero((rows == -1) & (start != -1))
            if timed.size:
                k, reason = int(timed[0]), "must be -1, because the activity does not run"
                raise _validation.refuse("start_time", reason, index=(k,), value=int(start[k]), more=timed.size - 1)
        elif mode is not None:
            raise _validation.refuse("mode", "cannot be given, because the project has no modes")
        beyond = np.flatnonzero(np.abs(start.astype(np.float64)) > 2.0**53)
        if beyond.size:
            k = int(beyond[0])
            raise _validation.refuse("start_time", "beyond 2**53", index=(k,), value=int(start[k]), more=beyond.size - 1)
        return cls(**core.complete(start), _project=project, _mode=rows)

    def _in_its_modes(self) -> Project:
        """The project in which every activity has the mode of this schedule alone."""
        if self._mode is None:
            return self._project
        return Project._from_native(self._project._native.in_modes(self._mode))

    def _columns(self) -> dict[str, Any]:
        """One row per activity: its name, if it has one, start and completion."""
        columns = super(ProjectSchedule, self)._columns()  # slots: the short form of super does not work
        return columns if self._project.names is None else {"name": list(self._project.names), **columns}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws a Gantt chart and, on a new figure, the profiles of all or the 16 busiest resources (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws the Gantt chart here; without it a new figure with charts and profiles is made.

        Returns
        -------
        matplotlib Axes
            Of the Gantt chart; ``ax.figure`` is the figure.
        """
        return self._draw(ax)

    def to_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes a trace for https://ui.perfetto.dev: activities as slices, resources as counters; one tick is 1 us.

        Parameters
        ----------
        path : str or path-like
            The file to write; an existing file is replaced.
        """
        self._write_trace(path)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ScheduleBatch(Result):
    """Many schedules of one project.

    Attributes
    ----------
    makespan : ndarray of int64, shape (k,)
    start_time : ndarray of int64, shape (k, n), or None if not asked for
    """

    kind: ClassVar[str] = "project_batch"
    _row: ClassVar[str | None] = "schedule"

    makespan: NDArray[np.int64]
    start_time: NDArray[np.int64] | None
