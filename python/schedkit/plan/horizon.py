"""The horizon of a plan: a moment by which it can end if it can end at all, up to which calendars are written out.

After the last date of the plan every week is like any other, but for changes of the clocks. If the activities are then worked
one after another, each needs no more than the longest time that its working time takes from any moment of the week, and the
longest lag before it. A tenth more and four weeks make up for hours that clocks skip. An activity whose end is bound by a link,
or that a lead lets start before its predecessor, may have a date while the predecessor has none; that one may end later then.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from . import open_time, progress
from ._refusal import Refusal
from .elements import BUILT_IN, Activity, Link, PlanContent, WorkCalendar
from .open_time import WEEK, Intervals

_SECOND = timedelta(seconds=1)
_LAST_YEAR = 9900
_MOST_SHIFTS = 400_000


def calendars(plan: PlanContent) -> dict[str, WorkCalendar]:
    """All calendars by name, those that every plan has included."""
    return BUILT_IN | {calendar.name: calendar for calendar in plan.calendars}


def calendars_of_resources(plan: PlanContent) -> dict[str, str]:
    """The calendar of each resource by its name; that of the plan for resources without one."""
    return {resource.name: plan.calendar if resource.calendar is None else resource.calendar for resource in plan.resources}


def calendars_of(activity: Activity, of_resource: Mapping[str, str], of_plan: str) -> tuple[str, ...]:
    """The calendars that must all be open while an activity works.

    These are its own one and those of its resources; that of the plan if it has neither.
    """
    found = {of_resource[name] for name in activity.resources}
    if activity.calendar is not None or not found:
        found.add(of_plan if activity.calendar is None else activity.calendar)
    return tuple(sorted(found))


def horizon(plan: PlanContent) -> datetime:
    """The horizon, in universal time.

    Raises
    ------
    Refusal
        It lies beyond the year 9900.
    """
    known, of_resource = calendars(plan), calendars_of_resources(plan)
    weeks: dict[tuple[str, ...], Week] = {}

    def week(names: tuple[str, ...]) -> Week:
        if names not in weeks:
            weeks[names] = Week([open_time.week(known[name]) for name in names])
        return weeks[names]

    def most(activity: Activity) -> int:
        """The seconds that an activity and the longest lag before it take from the worst moment."""
        left, longest = math.ceil(progress.remaining(activity)), 0
        if left:
            longest = week(calendars_of(activity, of_resource, plan.calendar)).longest(left, pausable=activity.pausable)
        ahead = sum(_ahead(week((plan.calendar,)), link, longest) for link in activity.predecessors)
        return longest + ahead + max((_longest_lag(week((plan.calendar,)), link) for link in activity.predecessors), default=0)

    seconds = list(map(most, plan.activities))
    try:
        end = _last_date(plan) + timedelta(seconds=sum(seconds) * 11 // 10) + 4 * timedelta(seconds=WEEK)
    except OverflowError:
        end = datetime.max.replace(tzinfo=UTC)
    if end.year > _LAST_YEAR:
        reason = f"the plan could last beyond the year {_LAST_YEAR}, expected earlier dates"
        if seconds:
            name = plan.activities[seconds.index(max(seconds))].name
            reason += f", or shorter work and lags; those of {name!r} take longest"
        raise Refusal(reason, column="activities" if seconds else "start")
    return end


def require_number_of_shifts(plan: PlanContent) -> None:
    """Refuses work that stretches over more shifts than are written out.

    Raises
    ------
    Refusal
    """
    known, of_resource = calendars(plan), calendars_of_resources(plan)
    weeks: dict[tuple[str, ...], Week] = {}
    for index, activity in enumerate(plan.activities):
        names = calendars_of(activity, of_resource, plan.calendar)
        if names not in weeks:
            weeks[names] = Week([open_time.week(known[name]) for name in names])
        if weeks[names].shifts(math.ceil(progress.remaining(activity))) > _MOST_SHIFTS:
            reason = f"the work stretches over more than {_MOST_SHIFTS:,} shifts of its calendars, expected shorter work"
            raise Refusal(reason, table="activities", index=index, column="duration", name=activity.name)


def _longest_lag(week: Week, link: Link) -> int:
    """The seconds that a lag takes from the worst moment; leads take none."""
    lag = max(0, link.lag // _SECOND)
    return lag if link.elapsed else week.longest(lag)


def _ahead(week: Week, link: Link, longest: int) -> int:
    """The seconds by which an activity may begin before its predecessor, if its own work takes so long at most."""
    lead = max(0, -link.lag // _SECOND)
    return (lead if link.elapsed else week.longest(lead)) + (longest if link.type[1] == "F" else 0)


def _last_date(plan: PlanContent) -> datetime:
    """The last moment at which the plan says anything about a date."""
    moments = [plan.start, *([] if plan.now is None else [plan.now])]
    for activity in plan.activities:
        moments += [m for m in (activity.release, activity.actual_start, activity.actual_end) if m is not None]
    moments += [outage.end for resource in plan.resources for outage in resource.outages]
    last = max(moment.astimezone(UTC) for moment in moments)
    days = [day for calendar in plan.calendars for day in calendar.exceptions]
    if days:
        midnight = datetime(max(days).year, max(days).month, max(days).day, tzinfo=UTC)
        last = max(last, midnight + timedelta(days=4))  # a night shift, and whatever the zone's offset
    return last


class Week:
    """The open time that several calendars have together in a week that repeats.

    Parameters
    ----------
    weeks : list of arrays of shape (k, 2)
        Open time of each calendar, from 0 to 604800 seconds.
    """

    def __init__(self, weeks: list[Intervals]) -> None:
        common = functools.reduce(open_time.common, weeks)
        self._opens: list[tuple[int, int]] = [(begin, end) for begin, end in common.tolist()]
        self._total = sum(end - begin for begin, end in self._opens)
        both = open_time.joined(np.concatenate((common, common + WEEK))).tolist()
        if self._opens and self._opens[0][0] == 0 and self._opens[-1][1] == WEEK:
            both = both[1:-1]  # open over Sunday's midnight: the stretch is whole in the middle only
        self._stretches = sorted({(begin % WEEK, end - begin) for begin, end in both})
        self._known: dict[tuple[int, bool], int] = {}

    def shifts(self, work: int) -> int:
        """The number of times that the calendars have to open for so many seconds of work."""
        return -(-work * len(self._opens) // self._total) if 0 < self._total < WEEK else 0

    def longest(self, work: int, *, pausable: bool = True) -> int:
        """The seconds that so many seconds of work take from the worst moment; 0 if they can never be done.

        Parameters
        ----------
        work : int
        pausable : bool, default True
            Whether the work may stop while closed.
        """
        if not self._total or not work:
            return 0
        if self._total == WEEK:
            return work
        if (work, pausable) not in self._known:
            self._known[work, pausable] = self._in_pieces(work) if pausable else self._in_one_stretch(work)
        return self._known[work, pausable]

    def _in_pieces(self, work: int) -> int:
        rounds, rest = divmod(work - 1, self._total)
        return rounds * WEEK + max(self._until_worked(k, rest + 1) for k in range(len(self._opens)))

    def _until_worked(self, k: int, work: int) -> int:
        """The seconds from the end of open interval `k` until so much has been worked, at most a week of working time."""
        count, since = len(self._opens), self._opens[k][1]
        at = k
        while True:
            at += 1
            begin, end = self._opens[at % count]
            if work <= end - begin:
                return begin + WEEK * (at // count) + work - since
            work -= end - begin

    def _in_one_stretch(self, work: int) -> int:
        """The seconds from the moment after which work fits no more into a stretch until it is done in the next one."""
        fitting = [(begin, length) for begin, length in self._stretches if length >= work]
        following = [*(begin for begin, _ in fitting[1:]), *(begin + WEEK for begin, _ in fitting[:1])]
        waits = (after - (begin + length) for (begin, length), after in zip(fitting, following, strict=True))
        return max(waits, default=-2 * work) + 2 * work
