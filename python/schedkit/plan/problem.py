"""The problem: a plan."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from .. import _dispatch, _validation
from .._anytime import OnInterrupt
from .._core import CancelToken
from .._problem import Problem
from ..schedule import SCHEMA_VERSION
from . import dates, explanation, files_progress, progress, reading, search, working_times, writing
from ._refusal import Refusal
from .elements import Activity, Resource, WorkCalendar
from .feasibility import Inquiry
from .improvement import PlanImprovement
from .reasons import PlanReason
from .solution import PlanSolution

_SLOTS = (*reading.PLAN_KEYS, "calendars", "resources", "activities")


class Plan(Problem):
    """A project as planners keep it: names, dates, working hours, progress. Validated at construction, immutable afterwards.

    The keys are those of the JSON format, and the tables of CSV and XLSX files have the same; the page on files of the
    documentation defines them. Dates are text such as ``2026-03-25 10:00``, `datetime.date` or `datetime.datetime`; without an
    offset they are on the clocks of the plan's time zone. Durations are text such as ``1d 4h``, numbers of hours or
    `datetime.timedelta`, and count working time.

    Parameters
    ----------
    activities : list of mappings
        Keys ``name duration predecessors resources calendar pausable release deadline due weight percent remaining
        actual_start actual_end``, of which the first two are required.
    start : date
        Nothing starts before. Required.
    name : str, default "plan"
        The title.
    timezone : str, default "UTC"
        The IANA name of the time zone.
    calendar : str, default "standard"
        The calendar of activities without resource, of resources without calendar, and of lags.
    tick : str, number of hours or timedelta, optional
        The length of a tick; by default the greatest common divisor of all hours, dates, durations and lags.
    now : date, optional
        What is not under way starts at or after it.
    hours_per_day, days_per_week : float, default 8 and 5
        What ``d`` and ``w`` mean in durations.
    calendars : list of mappings, optional
        Keys ``name weekly exceptions``; ``standard`` (mon-fri 08:00-12:00 13:00-17:00) and ``always`` exist.
    resources : list of mappings, optional
        Keys ``name capacity calendar outages``, and in outages ``from to capacity``.

    Attributes
    ----------
    activities : tuple of Activity
    resources : tuple of Resource
    calendars : tuple of WorkCalendar
        The parts, as objects, which the constructor of another plan takes too.
    start, now : datetime
        Aware, in the plan's time zone; `now` may be None.
    tick : timedelta or None

    Raises
    ------
    InvalidInputError, InputTypeError
        An unknown key, a date, duration or name that cannot be read, an unknown predecessor, resource or calendar, demand above
        capacity where an activity takes time, progress that contradicts itself; names the entry and the value.
    CycleError
        Activities that wait for each other; ``.cycle`` has their positions.

    Notes
    -----
    Plans compare by content and pickle as their keys. Durations, dates and links are kept as what they mean, not as the text
    that was given: ``16h`` and ``2d`` are equal where a day has eight hours.

    Examples
    --------
    >>> import schedkit as sk
    >>> plan = sk.plan.Plan(
    ...     start="2026-03-25",
    ...     timezone="Europe/Berlin",
    ...     resources=[{"name": "crew", "capacity": 2}],
    ...     activities=[
    ...         {"name": "dig", "duration": "1d 4h", "resources": "crew[2]"},
    ...         {"name": "pour", "duration": "4h", "predecessors": "dig FS+1ed", "deadline": "2026-03-31"},
    ...     ],
    ... )
    >>> plan
    Plan('plan', activities=2, resources=1, start='2026-03-25')
    >>> plan.activities[1].deadline.isoformat()
    '2026-04-01T00:00:00+02:00'
    """

    __slots__ = _SLOTS

    name: str
    start: datetime
    timezone: str
    calendar: str
    tick: timedelta | None
    now: datetime | None
    hours_per_day: float
    days_per_week: float
    calendars: tuple[WorkCalendar, ...]
    resources: tuple[Resource, ...]
    activities: tuple[Activity, ...]

    def __init__(
        self,
        *,
        activities: Sequence[Mapping[str, Any] | Activity] = (),
        start: str | date | None = None,
        name: str | None = None,
        timezone: str | None = None,
        calendar: str | None = None,
        tick: str | float | timedelta | None = None,
        now: str | date | None = None,
        hours_per_day: float | None = None,
        days_per_week: float | None = None,
        calendars: Sequence[Mapping[str, Any] | WorkCalendar] = (),
        resources: Sequence[Mapping[str, Any] | Resource] = (),
        **_unknown: Any,
    ) -> None:
        given = locals()
        keys = {key: given[key] for key in _SLOTS} | _unknown
        try:
            self._fill(keys)
        except Refusal as refusal:
            raise refusal.error() from None

    def _fill(self, keys: Mapping[str, Any]) -> None:
        values = reading.build(keys)
        for slot in _SLOTS:
            object.__setattr__(self, slot, values[slot])
        if self.tick is not None:
            working_times.working_times(self)  # refuses what does not lie on the tick

    @classmethod
    def _of(cls, keys: Mapping[str, Any]) -> Plan:
        """The plan of keys; a `Refusal` tells where a value is refused, for readers of files."""
        plan = cls.__new__(cls)
        plan._fill(keys)
        return plan

    def __repr__(self) -> str:
        sizes = f"activities={len(self.activities)}, resources={len(self.resources)}"
        return f"Plan({self.name!r}, {sizes}, start={dates.text(self.start)!r})"

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Plan) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.start.timestamp(), tuple(activity.name for activity in self.activities)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (writing.keys(self),)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data, ready for JSON: the object of the JSON format.

        Entries that have their default are left out of activities, resources and calendars.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": 12}])
        >>> plan.to_dict()["activities"]
        [{'name': 'dig', 'duration': '1d 4h'}]
        """
        return {"schedkit": "plan", "schema_version": SCHEMA_VERSION, **writing.keys(self)}

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the plan to a file, whose suffix decides on the format.

        Parameters
        ----------
        path : str or path
            ``.csv``, ``.xlsx`` (needs openpyxl) and ``.json`` keep everything; ``.xml``, which MS Project reads, keeps what the
            page on files says.

        Raises
        ------
        InvalidInputError
            Another suffix, or a text that is too long for the format.
        SchedkitError
            openpyxl is missing.

        Warns
        -----
        UserWarning
            What the XML of MS Project does not hold, by name.

        Examples
        --------
        >>> import os, tempfile, schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2d"}])
        >>> path = os.path.join(tempfile.mkdtemp(), "plan.csv")
        >>> plan.write(path)
        >>> sk.plan.read(path) == plan
        True
        """
        _dispatch.call(_dispatch.WRITE, self, path)

    def update(
        self, progress: Mapping[str, Mapping[str, Any]] | str | os.PathLike[str], *, now: str | date | None = None
    ) -> Plan:
        """A new plan that knows what has happened until now.

        Parameters
        ----------
        progress : mapping of names to mappings, or path
            For activities that have news the keys ``percent remaining actual_start actual_end``, or a .csv or .xlsx table with
            these columns and ``name``. An activity with ``actual_end`` is done. One with ``actual_start`` alone goes on at
            `now` for ``remaining``, else for what ``percent`` leaves of its duration, rounded up to whole minutes, or to the
            plan's own tick. All others start at `now` or later. None takes an entry back; an empty cell of a table says
            nothing.
        now : date
            The present. Required.

        Returns
        -------
        Plan
            It keeps `now`, and the progress of activities without news.

        Raises
        ------
        InvalidInputError, InputTypeError
            An unknown activity or key, facts after `now`, an end before the start.
        FormatError
            A table that cannot be read.

        Warns
        -----
        UserWarning
            A table without rows; a `now` before that of the plan.

        Notes
        -----
        Work that has begun before its predecessors have ended is recorded as it happened. New ``percent`` replaces an old
        ``remaining``, and the other way round; ``actual_end`` replaces both.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2d"}])
        >>> plan = plan.update({"dig": {"actual_start": "2026-03-25 08:00", "percent": 25}}, now="2026-03-26")
        >>> plan.activities[0].percent
        25
        """
        if now is None:
            raise _validation.refuse("now", "is required: the date up to which the progress is known")
        if isinstance(progress, Mapping):
            try:
                updated = self._updated(progress, now)
            except Refusal as refusal:
                raise refusal.error() from None
            self._warn_of_earlier_present(updated)
            return updated
        table = files_progress.read(progress)
        if not table.news:
            warnings.warn(f"{table.path}: the table of progress has a header and no rows", stacklevel=2)
        try:
            updated = self._updated(table.news, now)
        except Refusal as refusal:
            raise table.error(refusal, [activity.name for activity in self.activities]) from None
        self._warn_of_earlier_present(updated)
        return updated

    def solve(
        self,
        *,
        objective: str = "makespan",
        soft_deadlines: bool = False,
        late: bool = False,
        time_limit: float | None = None,
        max_schedules: int | None = None,
        seed: int = 0,
        threads: int | None = 1,
        on_improvement: Callable[[PlanImprovement], object] | None = None,
        stop: CancelToken | None = None,
        on_interrupt: OnInterrupt = "raise",
    ) -> PlanSolution:
        """Schedules the plan.

        Parameters
        ----------
        objective : str, default "makespan"
            What is to be as small as possible, one of `schedkit.rcpsp.OBJECTIVES`: ``"makespan"``, so that the plan ends as
            early as possible, or one that counts from ``due``: ``"total_tardiness"``, ``"total_weighted_tardiness"`` (by
            ``weight``), ``"num_tardy"``, the number of late activities, or ``"max_lateness"``. Lateness is the time that
            passes between due date and end. Activities without due date do not count, and a deadline stays hard.
        soft_deadlines : bool, default False
            Deadlines may be missed: first the largest miss is as small as possible, then the objective.
            The status is ``"optimal"`` if both are proven, and `lower_bound` is that of schedules that miss deadlines no more.
        late : bool, default False
            Whether every activity starts as late as the objective, the end of the plan and the deadlines allow, for planners
            who pull; `schedkit.rcpsp.solve` has the rule.
            `critical` is the chain of the schedule that starts everything as early as possible.
        time_limit : float, optional
            Seconds; 10 if `max_schedules` is not given either.
        max_schedules : int, optional
            Budget of schedules; with it and without `time_limit` the answer depends on `seed` alone.
        seed : int, default 0
        threads : int or None, default 1
            None means all cores.
        on_improvement : callable, optional
            Called with a `PlanImprovement` whenever the schedule or the bound gets better.
        stop : CancelToken, optional
            Ends the search from another thread.
        on_interrupt : {"raise", "return"}, default "raise"
            On Ctrl-C: ``KeyboardInterrupt`` with the best so far as its ``.result``, or the best so far as the answer.

        Returns
        -------
        PlanSolution

        Raises
        ------
        InvalidInputError, InputTypeError
            An unknown objective, or one that counts from due dates in a plan without; a limit that is negative; a lead in
            working time behind a milestone or behind work outside the plan's hours that is too long; a date, duration or
            opening time that does not lie on the plan's own tick.

        Notes
        -----
        The search is that of `schedkit.rcpsp.solve`; then each activity, in the order of the starts, starts as early as those
        before it let it, or as late as those after it let it with `late`. What is under way goes on at `now` and pauses while
        it is closed; where units do not suffice for all that has started, those that started first go on first. A plan with
        facts but without `now` has the last fact as its present.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(
        ...     start="2026-03-25",
        ...     resources=[{"name": "crew"}],
        ...     activities=[
        ...         {"name": "dig", "duration": "1d 4h", "resources": "crew"},
        ...         {"name": "pour", "duration": "4h", "resources": "crew", "predecessors": "dig FS+1ed", "due": "2026-03-27"},
        ...     ],
        ... )
        >>> r = plan.solve()
        >>> r.status, r.critical
        ('optimal', ['dig', 'pour'])
        >>> for row in r.table():
        ...     print(row["name"], f"{row['start']:%a %H:%M} to {row['end']:%a %H:%M}", row["late"])
        dig Wed 08:00 to Thu 12:00 0:00:00
        pour Fri 13:00 to Fri 17:00 0:00:00
        """
        try:
            return search.solve(
                self,
                objective=objective,
                soft_deadlines=soft_deadlines,
                late=late,
                time_limit=time_limit,
                max_schedules=max_schedules,
                seed=seed,
                threads=threads,
                on_improvement=on_improvement,
                stop=stop,
                on_interrupt=on_interrupt,
            )
        except Refusal as refusal:
            raise refusal.error() from None

    def explain(
        self,
        *,
        time_limit: float | None = None,
        max_schedules: int | None = None,
        seed: int = 0,
        threads: int | None = 1,
    ) -> list[PlanReason]:
        """Why the plan has no schedule, in names, dates and hours, and what would help.

        Parameters
        ----------
        time_limit : float, optional
            Seconds for everything; 10 if `max_schedules` is not given either.
        max_schedules : int, optional
            Budget of schedules for each question that has to be answered; with it and without `time_limit` the answer depends
            on `seed` alone.
        seed : int, default 0
        threads : int or None, default 1
            None means all cores.

        Returns
        -------
        list of PlanReason
            Empty if there is a schedule. Otherwise one reason for each conflict that was found: ``detail`` is the description,
            ``conflict`` the parts of the plan that cannot go together, ``relaxations`` changes that help, and ``help`` their
            texts. If it is not known whether there is a schedule, the only reason has the code ``"unknown"``.

        Raises
        ------
        InvalidInputError, InputTypeError
            As in `solve`.

        Notes
        -----
        A conflict is found by leaving out one part after another, as long as the rest is proven to have no schedule. Where
        ``irreducible`` is True, leaving out any further part gives a schedule. Of work that is left out a start and an end
        remain, which take no time and may lie apart. Then one part, if possible
        the latest deadline, is given up, so that the next conflict is seen, until there is a schedule, or 20 conflicts.

        Every relaxation was tried by solving. The first one of each reason is about the part that was given up, and with all
        first ones together the plan has a schedule; `Relaxation.resolves` tells what the others do alone. There are at most
        three of a kind: those of the parts that come first in the plan.

        Complexity: for a conflict of k of n parts O(k log n) questions. Each is a search of `schedkit.rcpsp.solve` that ends
        with the first schedule or a proof.

        References
        ----------
        Chinneck, J. W., Dravnieks, E. W. (1991). Locating minimal infeasible constraint sets in linear programs. ORSA Journal
        on Computing 3.

        Examples
        --------
        >>> import schedkit as sk
        >>> plan = sk.plan.Plan(
        ...     start="2026-03-23",
        ...     resources=[{"name": "crew"}],
        ...     activities=[
        ...         {"name": "dig", "duration": "2d", "resources": "crew", "deadline": "2026-03-25"},
        ...         {"name": "paint", "duration": "2d", "resources": "crew", "deadline": "2026-03-25"},
        ...     ],
        ... )
        >>> (reason,) = plan.explain()
        >>> print(reason.detail)
        'crew' is 8 working hours too short for 'dig', 'paint' before 2026-03-26 00:00
        >>> for text in reason.help[1:4]:
        ...     print(text)
        move the deadline of 'paint' to 2026-03-26 17:00, 17 hours later; no earlier one would do
        have 2 units of 'crew' instead of 1; fewer would not do
        work 3 hours longer on each working day of calendar 'standard'; fewer hours would not do
        >>> reason.relaxations[1].apply(plan).solve().status
        'optimal'
        """
        inquiry = Inquiry(time_limit=time_limit, max_schedules=max_schedules, seed=seed, threads=threads)
        try:
            return explanation.explain(self, inquiry)
        except Refusal as refusal:
            raise refusal.error() from None

    def _updated(self, news: Mapping[str, Mapping[str, Any]], now: Any) -> Plan:
        keys = writing.keys(self)
        return Plan._of(keys | {"now": now, "activities": progress.merged(keys["activities"], news)})

    def _warn_of_earlier_present(self, updated: Plan) -> None:
        before, after = self.now, updated.now
        if before is not None and after is not None and dates.elapsed(before, after) < 0:
            now = f"now = {dates.with_weekday(after)}"
            warnings.warn(f"{now}: is before the plan's own now, which was {dates.with_weekday(before)}", stacklevel=3)


def _rebuild(keys: dict[str, Any]) -> Plan:
    return Plan(**keys)
