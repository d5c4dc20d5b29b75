"""The verdict on the value of a schedule, in words: whether a better one may exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from . import dates, lengths
from .solution import PlanSolution


def verdict(result: PlanSolution) -> str:
    """What is known about the value of a schedule, in words, without the end of the plan.

    Where soft deadlines are missed it is about the schedules that miss none by more.
    """
    miss = _largest_miss(result)
    known = _known(result, "no such schedule" if miss else "no schedule")
    return f"deadlines are missed by {lengths.passed(miss)} at most{'; ' * bool(known)}{known}" if miss else known


def _known(result: PlanSolution, none: str) -> str:
    if result.objective_name == "makespan":
        if result.status == "optimal":
            return f"{none} ends earlier"
        if result.gap is None or result.end is None:
            return ""
        earlier = lengths.moved(result.lower_bound, result.end)
        return f"{none} ends before {dates.with_weekday(result.lower_bound)}, which is {earlier} earlier"
    name = f"{result.objective_name.replace('_', ' ')} {_shown(result.objective)}"
    if result.status == "optimal":
        return f"{name}, the least possible"
    return name if result.lower_bound is None else f"{name}, at least {_shown(result.lower_bound)} in every schedule"


def _largest_miss(result: PlanSolution) -> timedelta:
    """By how much a deadline is missed at most, of what has not happened."""
    activities = () if result._plan is None else result._plan.activities
    ends = {row["name"]: row["end"] for row in result.table()}
    misses = [
        dates.elapsed(activity.deadline, ends[activity.name])
        for activity in activities
        if activity.deadline is not None and activity.actual_end is None and activity.name in ends
    ]
    return timedelta(seconds=max([0, *misses]))


def _shown(value: Any) -> str:
    if not isinstance(value, timedelta):
        return str(value)
    if not value:
        return "0"
    if value == timedelta.max:
        return "more than can be counted"
    return lengths.passed(value) if value > timedelta(0) else f"{lengths.passed(-value)} early"
