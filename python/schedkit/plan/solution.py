"""The result of scheduling a plan."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _dispatch, rcpsp
from .._text import printable
from ..schedule import SCHEMA_VERSION, Result
from . import comparison, dates, files_baseline, files_table
from .elements import PlanContent
from .reasons import PlanReason, plain
from .sequence import PlanWarning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("name", "start", "end", "resources", "critical", "late")
"""The columns of the table of a schedule."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class PlanSolution(Result):
    """The schedule of a plan, and what is known about it. Dates are aware, in the plan's time zone.

    Attributes
    ----------
    status : str
        ``"optimal"`` if no schedule is better, ``"feasible"`` if that is not known, ``"infeasible"`` if it is proven that
        there is no schedule, ``"unknown"`` if neither a schedule nor a proof was found.
    end : datetime or None
        When the plan ends; None without a schedule.
    lower_bound : datetime, timedelta, int or None
        No schedule has a better objective; None if there is none at all (``"infeasible"``).
    critical : list of str
        The activities that decide the end, in order: the last ends the plan, each starts as early as the one before lets it, by
        a link or a shared resource, and the first as early as the plan or its release do, or it has begun already.
    reasons : list of PlanReason
        Why there is no schedule, if the status is ``"infeasible"``.
    runtime : float
        Seconds.
    warnings : list of PlanWarning
        Progress out of sequence, which is work that began or ended although a link did not let it, and work that was done after
        its deadline.
    objective : datetime, timedelta, int or None
        The value that was to be as small as possible: the end for ``"makespan"``, a number for ``"num_tardy"``, a timedelta for
        the others. Lateness is the time that passes between due date and end, closed hours included; an actual end between two
        ticks counts as the later one. With weights each is taken that many times. `timedelta.max` stands for more.
    objective_name : str
        Which one that was.
    """

    kind: ClassVar[str] = "plan_solution"
    _row: ClassVar[str | None] = "activity"

    status: str
    end: datetime | None
    lower_bound: Any
    critical: list[str]
    reasons: list[PlanReason]
    runtime: float
    warnings: list[PlanWarning] = dataclasses.field(default_factory=list)
    objective: Any = None
    objective_name: str = "makespan"
    _rows: tuple[dict[str, Any], ...] = dataclasses.field(default=(), repr=False)
    _slack: tuple[dict[str, Any], ...] = dataclasses.field(default=(), repr=False)
    _schedule: rcpsp.ProjectSchedule | None = dataclasses.field(default=None, repr=False)
    _plan: PlanContent | None = dataclasses.field(default=None, repr=False)

    @property
    def gap(self) -> Any:
        """What a better schedule could win at most: the objective minus the lower bound, a timedelta or a number; 0 if optimal.

        None without a schedule. `timedelta.max` stands for more.
        """
        if self.objective is None or self.lower_bound is None:
            return None
        if timedelta.max in (self.objective, self.lower_bound) and self.objective != self.lower_bound:
            return timedelta.max
        if isinstance(self.objective, datetime):
            return timedelta(seconds=dates.elapsed(self.lower_bound, self.objective))
        return self.objective - self.lower_bound

    def table(self) -> list[dict[str, Any]]:
        """The schedule, one dict for each activity in the order of the plan; empty without a schedule.

        Returns
        -------
        list of dict
            ``name``; ``start`` and ``end``, the actual ones where they are known (the start is None if an activity has an
            ``actual_end`` and no ``actual_start``); ``resources``, a dict of names to units; ``critical``, whether it is in
            `critical`; ``late``, the timedelta by which it ends after its due date or its deadline, 0 if on time.
        """
        return [{**row, "resources": dict(row["resources"])} for row in self._rows]

    def slack(self) -> list[dict[str, Any]]:
        """How much later each activity may start without a later end of the plan and without a missed deadline.

        Returns
        -------
        list of dict
            ``name``; ``latest_start`` and ``latest_end``, the dates in a schedule of the same end in which everything is as
            late as it can be; ``slack``, the timedelta of working time between the start and the latest start, which is the
            time in which the activity could work: 16 hours are two days of eight. Of a milestone all time that passes counts.
            In the order of the plan; empty without a schedule. What has begun has no slack, and its actual dates.

        Notes
        -----
        Slack counts links, resources, calendars, outages and deadlines (with ``soft_deadlines=True`` each moved by the largest
        miss). Due dates, weights and the objective do not count: what uses its slack may end after its due date.

        The activities are moved one after another, those that end last first (of those that end at the same time the first in
        the plan), each as far as links, resources, calendars, deadlines and the end of the plan let it. So all latest dates
        hold together, and an activity without slack cannot start later while those behind it keep their latest dates. Without
        resources these are the latest times of the critical path method.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(
        ...     start="2026-03-23",
        ...     resources=[{"name": "crew"}],
        ...     activities=[
        ...         {"name": "dig", "duration": "2d", "resources": "crew"},
        ...         {"name": "paint", "duration": "1d", "resources": "crew"},
        ...         {"name": "order", "duration": "1d"},
        ...     ],
        ... )
        >>> for row in plan.solve().slack():
        ...     print(row["name"], f"{row['latest_end']:%a %H:%M}", row["slack"])
        dig Tue 17:00 0:00:00
        paint Wed 17:00 0:00:00
        order Wed 17:00 16:00:00
        """
        return [dict(row) for row in self._slack]

    def compare(self, baseline: PlanSolution | Iterable[Mapping[str, Any]] | str | os.PathLike[str]) -> list[dict[str, Any]]:
        """What has moved since an earlier schedule.

        Parameters
        ----------
        baseline : PlanSolution, list of dict, or path
            The earlier schedule, its table, or a file that `write` has made; dates of .csv and .xlsx files are on the clocks of
            the plan's time zone.

        Returns
        -------
        list of dict
            ``name start end baseline_start baseline_end start_shift end_shift`` in the order of this schedule, followed by what
            the baseline alone has. Shifts are timedeltas of time that passes, positive if later; None where one side has no
            date.

        Raises
        ------
        InputTypeError, InvalidInputError
            The baseline is no schedule of a plan, or has none of the activities of this one.
        FormatError
            A file that cannot be read.

        Warns
        -----
        UserWarning
            A schedule without rows.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2d"}])
        >>> baseline = plan.solve()
        >>> plan = plan.update({"dig": {"actual_start": "2026-03-25 10:00", "remaining": "2d"}}, now="2026-03-25 10:00")
        >>> (row,) = plan.solve().compare(baseline)
        >>> print(f"{row['baseline_end']:%a %H:%M} {row['end']:%a %H:%M} {row['end_shift']}")
        Thu 17:00 Fri 10:00 17:00:00
        """
        if isinstance(baseline, PlanSolution):
            rows = baseline.table()
        elif isinstance(baseline, (str, os.PathLike)):
            rows = files_baseline.read(baseline, UTC if self.end is None else self.end.tzinfo or UTC)
            if not rows:
                warnings.warn(f"{printable(os.fspath(baseline))}: the schedule has no rows", stacklevel=2)
        else:
            rows = comparison.rows_of(baseline)
        comparison.require_common([row["name"] for row in self._rows], rows)
        return comparison.shifts(self._rows, rows)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the table to a file, whose suffix decides on the format.

        Parameters
        ----------
        path : str or path
            ``.csv`` or ``.xlsx`` (needs openpyxl): dates such as ``2026-03-25 10:00``, or ``2026-10-25 02:00+01:00`` if that
            clock time occurs two times, resources such as ``crane[2]; crew``, ``critical`` as yes or no, ``late`` such as ``1d
            4h``, in days of 24 hours. ``.json``: what `to_dict` gives.

        Raises
        ------
        InvalidInputError
            Another suffix.
        SchedkitError
            openpyxl is missing.
        """
        files_table.write(path, COLUMNS, self._rows, self.to_dict())

    def plot(
        self,
        ax: Axes | None = None,
        *,
        baseline: PlanSolution | Iterable[Mapping[str, Any]] | None = None,
        page: int = 1,
    ) -> Axes:
        """Draws a Gantt chart with dates and, on a new figure, the load of up to 8 resources below (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws the Gantt chart alone, here.
        baseline : PlanSolution or list of dict, optional
            An earlier schedule, or its table, whose times are drawn below the bars.
        page : int, default 1
            Activities are drawn by start, 50 on a page, which spans the time of its activities.

        Returns
        -------
        matplotlib Axes
            Of the Gantt chart; ``ax.figure`` is the figure.

        Raises
        ------
        SchedkitError
            There is no schedule, or matplotlib is missing.
        InvalidInputError, InputTypeError
            There is no such page; the baseline is no schedule of a plan, or has none of the activities of this one.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2d"}])
        >>> r = plan.solve()
        >>> ax = r.plot()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['dig']
        >>> ax.figure.savefig("gantt.png")  # doctest: +SKIP
        """
        return self._draw(ax, baseline=baseline, page=page)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        baseline: PlanSolution | Iterable[Mapping[str, Any]] | None = None,
    ) -> None:
        """Writes one page for browsers, with a chart, the load of the resources and the table; it loads nothing.

        Parameters
        ----------
        path : str or path
            The file to write, ``.html`` or ``.htm``; an existing file is replaced.
        baseline : PlanSolution or list of dict, optional
            An earlier schedule, or its table, with which the page compares.

        Raises
        ------
        InvalidInputError, InputTypeError
            Another suffix; the baseline is no schedule of a plan, or has none of the activities of this one.

        Notes
        -----
        Without a schedule the page has the status and what `Plan.explain` finds within ten seconds: reasons, the parts of the
        plan that cannot go together, and what would help.

        Examples
        --------
        >>> import os, tempfile, schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2d"}])
        >>> path = os.path.join(tempfile.mkdtemp(), "plan.html")
        >>> plan.solve().to_html(path)
        >>> os.path.getsize(path) < 100_000
        True
        """
        _dispatch.call(_dispatch.PAGE, self, path, baseline)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, ready for JSON: dates with their offset (ISO 8601), lengths of time in hours."""
        content = super(PlanSolution, self)._content()  # slots: the short form of super does not work
        content |= {
            "gap": self.gap,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "warnings": [dataclasses.asdict(warning) for warning in self.warnings],
            "activities": [dict(row) for row in self._rows],
        }
        head = {"schedkit": "schedule", "schema_version": SCHEMA_VERSION, "kind": self.kind}
        return head | {key: plain(value) for key, value in content.items()}

    def _columns(self) -> dict[str, Any]:
        """One row for each activity."""
        return {name: [row[name] for row in self._rows] for name in COLUMNS}
