"""Translation of a plan's dates, durations and calendars to ticks, for the scheduling of plans.

`working_times` makes one object that knows the tick, the time axis and the open time of each calendar; calendars of resources
are `rcpsp.Calendar`, outages included.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np

from ..calendar import Calendar
from ..time_axis import TimeAxis
from . import dates, horizon, open_time, progress
from ._refusal import Refusal
from .elements import Activity, PlanContent, Resource
from .open_time import WEEK, Intervals
from .tick_length import facts, greatest_tick, require_on_tick

_SECOND = timedelta(seconds=1)
_DAY = 86_400
"""Ticks are shorter, because `TimeAxis` counts days of the calendar in ticks of days, instead of time that passes."""


class WorkClock:
    """A clock that runs while a calendar is open, and counts ticks.

    Parameters
    ----------
    opens : array of shape (k, 2)
        When it is open.
    """

    def __init__(self, opens: Intervals) -> None:
        self._begin, self._end = opens[:, 0], opens[:, 1]
        self._before = np.concatenate(([0], np.cumsum(self._end - self._begin)))

    @property
    def total(self) -> int:
        """All open ticks."""
        return int(self._before[-1])

    def reading(self, tick: int) -> int:
        """The number of open ticks before a tick."""
        k = int(np.searchsorted(self._begin, tick, "right")) - 1
        return 0 if k < 0 else int(self._before[k] + min(tick, int(self._end[k])) - self._begin[k])

    def after(self, tick: int, work: int) -> int | None:
        """The earliest tick before which `work` more open ticks have passed than before `tick`; itself for 0.

        So work from 8:00 that fills the hours until noon ends at noon, not at 13:00, and negative work leads back to the
        earliest tick from which no more than so much work remains until `tick`. If that is before the calendar opens for the
        first time, it is a tick before all others, at most 0. None if the calendar does not open for as long.
        """
        if not work:
            return tick
        target = self.reading(tick) + work
        if target > self.total:
            return None
        if target <= 0:
            return min(0, tick) + target
        k = int(np.searchsorted(self._before, target, "left")) - 1
        return int(self._begin[k] + target - self._before[k])


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class WorkingTimes:
    """A plan in ticks.

    Attributes
    ----------
    axis : TimeAxis
        No tick of the plan is negative. Its origin is the start of the plan, or the first fact of the past if that is earlier;
        with leads in working time it lies before that by three times the longest of them, so that they have room.
    first : int
        The tick of the start of the plan or of the first fact; only leads reach back behind it.
    start : int
        The tick at which the plan starts.
    now : int or None
        The first tick at or after the plan's `now`.
    horizon : int
        All calendars are closed from here on, unless they repeat; what can be scheduled can end before.
    """

    axis: TimeAxis
    first: int
    start: int
    now: int | None
    horizon: int
    _plan: PlanContent
    _opens: Mapping[str, Intervals]
    _of_resource: Mapping[str, str]
    _repeats: bool

    def tick(self, when: datetime) -> int:
        """The tick of a date of the plan; dates between two ticks, which only facts and `now` may be, become the later one."""
        return self.axis.to_ticks(when, rounding="up")

    def moment(self, tick: int) -> datetime:
        """The date of a tick, in the plan's time zone."""
        return self.axis.to_datetime(tick)

    def ticks(self, length: timedelta) -> int:
        """A duration or lag in ticks."""
        return self.axis.duration(length)

    def remaining(self, activity: Activity) -> int:
        """The working time that is left of an activity, rounded up to whole ticks.

        The tick is fine enough for what `percent` leaves in whole minutes, unless it is the plan's own.
        """
        return math.ceil(progress.remaining(activity) / Fraction(self.axis.tick // _SECOND))

    def calendars_of(self, activity: Activity) -> tuple[str, ...]:
        """The calendars that must all be open while an activity works."""
        return horizon.calendars_of(activity, self._of_resource, self._plan.calendar)

    def opens(self, calendar: str) -> Intervals:
        """The open time of a calendar up to the horizon, as right-open intervals of ticks."""
        return self._opens[calendar]

    def clock(self, calendar: str) -> WorkClock:
        """The clock that runs while a calendar is open; lags in working time are counted on that of the plan's calendar."""
        return WorkClock(self._opens[calendar])

    def calendar(self, name: str, units: int = 1) -> Calendar | None:
        """A calendar as steps of a resource with so many units; None if it is always open.

        Where clocks do not change up to the horizon, a calendar without exceptions repeats by the week.
        """
        known = horizon.calendars(self._plan)[name]
        opens, period = self._opens[name], None
        week = WEEK // (self.axis.tick // _SECOND)
        if self._repeats and not known.exceptions and self.horizon >= 2 * week:
            if not len(opens):
                return Calendar([0], [0])
            opens, period = open_time.common(opens[opens[:, 0] < week], np.array([[0, week]])), week
            if int((opens[:, 1] - opens[:, 0]).sum()) == week:
                return None
        return _steps(opens, units, period)

    def lead_calendar(self, name: str, units: int) -> Calendar:
        """A calendar that is always open before the first moment of the plan, and once more for a tick at the horizon."""
        around = np.array([[0, self.first], [self.horizon, self.horizon + 1]], dtype=np.int64)
        return _steps(open_time.joined(np.concatenate((around[around[:, 0] < around[:, 1]], self._opens[name]))), units, None)

    def of_resource(self, name: str) -> tuple[Calendar, ...]:
        """The calendars of a resource: its hours and its outages; the least capacity counts. Empty if it is always whole."""
        hours = self.calendar(self._of_resource[name], self._resource(name).capacity)
        left = self.units(name)
        found = [] if hours is None else [hours]
        return tuple(
            found
            if list(left.values()) == [self._resource(name).capacity]
            else [*found, Calendar(list(left), list(left.values()))]
        )

    def units(self, name: str) -> dict[int, int]:
        """The units that outages leave of a resource, by the tick from which on they are there; its hours do not count."""
        resource = self._resource(name)
        spans = [(self.tick(outage.start), self.tick(outage.end), outage.capacity) for outage in resource.outages]
        moments = sorted({0, *(max(0, moment) for begin, end, _ in spans for moment in (begin, end))})
        whole = resource.capacity
        levels = [min([whole, *(left for begin, end, left in spans if begin <= at < end)]) for at in moments]
        return {at: levels[k] for k, at in enumerate(moments) if k == 0 or levels[k] != levels[k - 1]}

    def _resource(self, name: str) -> Resource:
        (resource,) = (found for found in self._plan.resources if found.name == name)
        return resource


def _steps(opens: Intervals, units: int, period: int | None) -> Calendar:
    """A calendar that has all units in the given intervals and none elsewhere."""
    time, level = [0], [0]
    for begin, end in opens.tolist():
        if begin == 0:
            level[0] = units
        else:
            time.append(begin)
            level.append(units)
        if end != period:
            time.append(end)
            level.append(0)
    return Calendar(time, level, period)


def working_times(plan: PlanContent, until: datetime | None = None) -> WorkingTimes:
    """A plan in ticks.

    Parameters
    ----------
    plan : Plan
    until : aware datetime, optional
        Up to here calendars are written out, instead of up to a moment by which every schedule can end.

    Raises
    ------
    Refusal
        A date, duration or opening time does not lie on the plan's own tick; the plan could last beyond the year 9900; work
        stretches over more than 400,000 shifts.
    """
    horizon.require_number_of_shifts(plan)
    zone = dates.zone(plan.timezone)
    beginning = _beginning(plan)
    origin = _before(beginning, 3 * longest_lead(plan))
    end = horizon.horizon(plan) if until is None else max(until.astimezone(UTC), beginning.astimezone(UTC))
    periods = open_time.offsets(origin, end, zone)
    known = horizon.calendars(plan)
    used = {plan.calendar, *(a.calendar for a in plan.activities), *(r.calendar for r in plan.resources)} - {None}
    first = open_time.second(origin)
    seconds = {name: open_time.open_time(known[name], periods) - first for name in sorted(filter(None, used))}
    last = open_time.second(end) - first
    tick = greatest_tick(plan, origin, seconds, last) if plan.tick is None else plan.tick // _SECOND
    ticks = last // tick
    if plan.tick is not None:
        require_on_tick(plan, origin, seconds, last, zone)
    axis = TimeAxis(origin, timedelta(seconds=tick))
    return WorkingTimes(
        axis,
        axis.to_ticks(beginning),
        axis.to_ticks(plan.start),
        None if plan.now is None else axis.to_ticks(plan.now, rounding="up"),
        ticks,
        plan,
        {name: _in_ticks(intervals, tick, ticks) for name, intervals in seconds.items()},
        horizon.calendars_of_resources(plan),
        len(periods) == 1 and WEEK % tick == 0,
    )


def _before(when: datetime, length: timedelta) -> datetime:
    """The date so much time before another one, in its time zone."""
    try:
        return (when.astimezone(UTC) - length).astimezone(when.tzinfo)
    except OverflowError:
        raise Refusal("the leads reach back too far", column="activities") from None


def longest_lead(plan: PlanContent) -> timedelta:
    """The longest lead in working time, as a positive length; 0 without one."""
    lags = (link.lag for activity in plan.activities for link in activity.predecessors if not link.elapsed)
    return max((-lag for lag in lags if lag < timedelta(0)), default=timedelta(0))


def _beginning(plan: PlanContent) -> datetime:
    """The start of the plan, or the first fact if that is earlier; on a tick of the plan if it has one."""
    first = min([plan.start, *facts(plan)], key=lambda when: when.astimezone(UTC))
    if plan.tick is None:
        return first
    before = -(dates.elapsed(plan.start, first) // (plan.tick // _SECOND))
    return (plan.start.astimezone(UTC) - before * plan.tick).astimezone(plan.start.tzinfo)


def _in_ticks(intervals: Intervals, tick: int, last: int) -> Intervals:
    """Intervals of seconds as intervals of ticks, of which the last one may be cut at the horizon."""
    found = np.minimum(intervals // tick, last)
    return found[found[:, 0] < found[:, 1]]
