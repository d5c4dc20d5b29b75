"""Schedules of plans whose deadlines may be missed, by as little as possible."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from . import variants
from .elements import PlanContent
from .feasibility import Answer, Inquiry


def postponed(plan: PlanContent, inquiry: Inquiry) -> tuple[PlanContent, bool]:
    """The plan with all deadlines moved by the least time with which there is a schedule, and whether it is proven the least.

    The answer is a plan without deadlines if there is no schedule without them either, or none is found in time.

    Parameters
    ----------
    plan : Plan
    inquiry : Inquiry
    """
    whole = inquiry.answer(plan)
    if whole.feasible:
        return plan, True
    free = inquiry.answer(_moved(plan, whole, None))
    if not free.feasible:
        return _moved(plan, whole, None), free.feasible is False
    low, high = 0, _most(plan, whole, free)
    proven = 0 if whole.feasible is False else -1
    while high - low > 1:
        middle = (low + high) // 2
        answer = inquiry.attempt(_moved(plan, whole, middle))
        if answer is not None and answer.feasible:
            high = min(middle, _most(plan, whole, answer))
        else:
            low = middle
            proven = middle if answer is not None and answer.feasible is False else proven
    return _moved(plan, whole, high), proven == high - 1


def _moved(plan: PlanContent, whole: Answer, ticks: int | None) -> PlanContent:
    """The plan with later deadlines, or without any."""
    times = whole.model.times

    def later(deadline: datetime | None) -> datetime | None:
        return None if deadline is None or ticks is None else times.moment(times.tick(deadline) + ticks)

    activities = tuple(dataclasses.replace(activity, deadline=later(activity.deadline)) for activity in plan.activities)
    return variants.variant(plan, activities=activities, tick=times.axis.tick)


def _most(plan: PlanContent, whole: Answer, answer: Answer) -> int:
    """The ticks by which the latest activity misses its deadline in the schedule of an answer."""
    times = whole.model.times
    late = [
        times.tick(answer.model.times.moment(end)) - times.tick(activity.deadline)
        for activity, end in zip(plan.activities, answer.ends, strict=True)
        if activity.deadline is not None and activity.actual_end is None
    ]
    return max(late, default=0)
