"""The horizon of a plan: a moment by which it can end if it can end at all, up to which calendars are written out.

After the last date of the plan every week is like any other, but for changes of the clocks. If the activities are then worked
one after another, each needs no more than the longest time that its working time takes from any moment of the week, and the
longest lag before it. A tenth more and four weeks make up for hours that clocks skip.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np

from . import open_time, progress
from ._refusal import Refusal
from .elements import BUILT_IN, Activity, Link, PlanContent, WorkCalendar
from .open_time import WEEK, Intervals

_SECOND = timedelta(seconds=1)
_LAST_YEAR = 9900


def calendars(plan: PlanContent) -> dict[str, WorkCalendar]:
    """All calendars by name, those that every plan has included."""
    return BUILT_IN | {calendar.name: calendar for calendar in plan.calendars}


def calendars_of(plan: PlanContent, activity: Activity) -> tuple[str, ...]:
    """The calendars that must all be open while an activity works.

    These are its own one and those of its resources; that of the plan if it has neither, and for resources without a calendar.
    """
    own = {resource.name: resource.calendar for resource in plan.resources if resource.name in activity.resources}
    found = [plan.calendar if name is None else name for name in own.values()]
    if activity.calendar is not None or not found:
        found.append(plan.calendar if activity.calendar is None else activity.calendar)
    return tuple(sorted(set(found)))


def horizon(plan: PlanContent) -> datetime:
    """The horizon, in universal time.

    Raises
    ------
    Refusal
        It lies beyond the year 9900.
    """
    known = calendars(plan)
    weeks: dict[tuple[str, ...], Intervals] = {}
    total = Fraction(0)
    own_week = open_time.week(known[plan.calendar])
    for activity in plan.activities:
        left = progress.remaining(activity)
        if activity.actual_end is None and left:
            names = calendars_of(plan, activity)
            if names not in weeks:
                open_week = open_time.week(known[names[0]])
                for name in names[1:]:
                    open_week = open_time.common(open_week, open_time.week(known[name]))
                weeks[names] = open_week
            total += longest(weeks[names], left, pausable=activity.pausable)
        total += max((_longest_lag(own_week, link) for link in activity.predecessors), default=Fraction(0))
    try:
        end = _last_date(plan) + timedelta(seconds=int(total * 11 / 10)) + 4 * timedelta(seconds=WEEK)
    except OverflowError:
        end = datetime.max.replace(tzinfo=UTC)
    if end.year > _LAST_YEAR:
        raise Refusal(f"together they could last beyond the year {_LAST_YEAR}", column="activities")
    return end


def _longest_lag(week: Intervals, link: Link) -> Fraction:
    """The seconds that a lag takes from the worst moment; leads take none."""
    lag = Fraction(max(0, link.lag // _SECOND))
    return lag if link.elapsed else longest(week, lag)


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


def longest(week: Intervals, work: Fraction, *, pausable: bool = True) -> Fraction:
    """The seconds that work takes from the worst moment of a week that repeats; 0 if it can never be done.

    Parameters
    ----------
    week : array of shape (k, 2)
        Open time from 0 to 604800.
    work : Fraction
        Seconds of working time.
    pausable : bool, default True
        Whether the work may stop while closed.
    """
    if not len(week) or not work:
        return Fraction(0)
    lengths = week[:, 1] - week[:, 0]
    if int(lengths.sum()) == WEEK:
        return work
    stretches = [(int(begin), int(end)) for begin, end in open_time.joined(np.concatenate((week, week + WEEK)))]
    if week[0, 0] == 0 and week[-1, 1] == WEEK:  # open over Sunday's midnight: the stretch is whole in the middle only
        stretches = stretches[1:-1]
    if pausable:
        rounds, rest = divmod(work, int(lengths.sum()))
        if not rest:
            rounds, rest = rounds - 1, Fraction(int(lengths.sum()))
        return rounds * WEEK + max(_until_worked(week, k, rest) for k in range(len(week)))
    fitting = sorted({(begin % WEEK, end - begin) for begin, end in stretches if end - begin >= work})
    if not fitting:
        return Fraction(0)
    waits = []
    for k, (begin, length) in enumerate(fitting):
        following = fitting[(k + 1) % len(fitting)][0] + (WEEK if k + 1 == len(fitting) else 0)
        waits.append(following - (begin + length) + 2 * work)
    return max(waits)


def _until_worked(week: Intervals, k: int, work: Fraction) -> Fraction:
    """The seconds from the end of open interval `k` until so much has been worked, at most a week of working time."""
    count, since = len(week), int(week[k, 1])
    at = k
    while True:
        at += 1
        shift = WEEK * (at // count)
        begin, end = int(week[at % count, 0]) + shift, int(week[at % count, 1]) + shift
        if work <= end - begin:
            return begin + work - since
        work -= end - begin
