"""The problem: a plan."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from .. import _dispatch, _validation
from ..schedule import SCHEMA_VERSION
from . import dates, files_progress, progress, reading, working_times, writing
from ._refusal import Refusal
from .elements import Activity, Resource, WorkCalendar
from .questions import PlanQuestions

_SLOTS = (*reading.PLAN_KEYS, "calendars", "resources", "activities")


class Plan(PlanQuestions):
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
            these columns and ``name``. An activity with ``actual_end`` is done, and so is a milestone with ``actual_start``.
            Other activities with ``actual_start`` alone go on at `now` for ``remaining``, else for what ``percent`` leaves of
            their duration, rounded up to whole minutes, or to the plan's own tick. All others start at `now` or later. None
            takes an entry back; an empty cell of a table says nothing.
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

    def _updated(self, news: Mapping[str, Mapping[str, Any]], now: Any) -> Plan:
        keys = writing.keys(self)
        at_once = {activity.name for activity in self.activities if progress.happened_at_once(activity)}
        return Plan._of(keys | {"now": now, "activities": progress.merged(keys["activities"], news, at_once)})

    def _warn_of_earlier_present(self, updated: Plan) -> None:
        before, after = self.now, updated.now
        if before is not None and after is not None and dates.elapsed(before, after) < 0:
            now = f"now = {dates.with_weekday(after)}"
            warnings.warn(f"{now}: is before the plan's own now, which was {dates.with_weekday(before)}", stacklevel=3)


for _question in (Plan.solve, Plan.explain):  # the errors of Python, which name a method, name that of the public class
    _question.__module__, _question.__qualname__ = __name__, f"{Plan.__name__}.{_question.__name__}"


def _rebuild(keys: dict[str, Any]) -> Plan:
    return Plan(**keys)
