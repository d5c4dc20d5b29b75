"""The objectives of plans in people's units: dates, lengths of time, numbers of activities."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .. import _validation, rcpsp
from ..errors import InvalidInputError
from . import dates
from ._refusal import Refusal
from .elements import PlanContent
from .working_times import WorkingTimes

END, END_OF_SOME = "makespan", "max_lateness"
"""The objective by which a plan ends early, and the one that says so of some activities of a project, if these are due at 0."""
_COUNTS = ("num_tardy",)


def in_units(times: WorkingTimes, name: str, value: float) -> datetime | timedelta | int:
    """The value of an objective of the project: a date for the makespan, a number, or a length of elapsed time."""
    if name == END:
        return times.moment(int(value))
    if name in _COUNTS:
        return int(value)
    try:
        return value * times.axis.tick
    except OverflowError:
        return timedelta.max


def due_dates(plan: PlanContent, times: WorkingTimes, objective: str, goal: str, more: int) -> dict[str, Any]:
    """The columns of a project for due dates and weights, of which `more` activities behind those of the plan have none.

    The makespan needs none, unless the `goal` of the project is another one.
    """
    if objective == END:
        return {} if goal == END else {"due_date": [0] * len(plan.activities) + [None] * more}
    due = [None if activity.due is None else times.tick(activity.due) for activity in plan.activities]
    if all(when is None for when in due):
        return {}
    weights: list[float] = [activity.weight for activity in plan.activities]
    return {"due_date": [*due, *[None] * more], "weight": [*weights, *[0] * more]}


def refused_weight(plan: PlanContent, error: InvalidInputError) -> Refusal | None:
    """The refusal of the largest weight, if that is what a project was refused for."""
    if error.field != "weight":
        return None
    k = max(range(len(plan.activities)), key=lambda k: plan.activities[k].weight)
    largest = plan.activities[k]
    place: dict[str, Any] = {"table": "activities", "index": k, "column": "weight", "name": largest.name}
    return Refusal(str(error).partition(": ")[2], value=largest.weight, **place)


def judged(plan: PlanContent, times: WorkingTimes, name: str, ends: list[datetime]) -> datetime | timedelta | int | None:
    """The value of an objective, computed from the ends of all activities alone; None for an unknown objective.

    Ends between two ticks count as the later one, as they do in the search.
    """
    pairs = list(zip(plan.activities, ends, strict=True))
    late = [
        (activity, dates.elapsed(activity.due, _on_tick(times, end))) for activity, end in pairs if activity.due is not None
    ]
    second = timedelta(seconds=1)
    values: dict[str, Any] = {
        "total_tardiness": sum(max(0, seconds) for _, seconds in late) * second,
        "total_weighted_tardiness": sum(activity.weight * max(0, seconds) for activity, seconds in late) * second,
        "num_tardy": sum(seconds > 0 for _, seconds in late),
        "max_lateness": max((seconds for _, seconds in late), default=0) * second,
    }
    return values.get(name)


def _on_tick(times: WorkingTimes, end: datetime) -> datetime:
    return times.moment(times.tick(end))


def objective_name(value: Any) -> str:
    """The name of an objective, one of those of projects."""
    name = _validation.word(value, "objective")
    if name not in rcpsp.OBJECTIVES:
        raise _validation.refuse("objective", f"unknown, expected one of {', '.join(rcpsp.OBJECTIVES)}", value=name)
    return name
