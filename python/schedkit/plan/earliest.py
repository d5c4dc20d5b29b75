"""Schedules in which no activity could start earlier alone."""

from __future__ import annotations

from .. import rcpsp
from ..errors import InfeasibleError
from . import objective as objectives
from .plan_model import PlanModel


def early(made: PlanModel, schedule: rcpsp.ProjectSchedule, objective: str = objectives.END) -> rcpsp.ProjectSchedule:
    """The schedule in which each activity, in the order of the starts, starts as early as those before it let it.

    No activity starts later than before, unless links let activities start or end before their predecessors do: an order with
    predecessors first need not lead back to the schedule then. If it leads to a longer one, or one with a worse value of the
    objective, each activity is moved alone.
    """
    try:
        found = rcpsp.serial_sgs(made.project, schedule.start_time, fixed=made.fixed, now=made.now)
    except InfeasibleError:
        found = None
    if found is None or _end(made, found) > _end(made, schedule):
        return moved(made, schedule)
    if objective != objectives.END and getattr(found, objective) > getattr(schedule, objective):
        return moved(made, schedule)
    return found


def never_later(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> rcpsp.ProjectSchedule:
    """The schedule that `early` gives, if no activity of the plan starts later; else each is moved alone."""
    found, number = early(made, schedule), len(made.plan.activities)
    later = found.start_time[:number] > schedule.start_time[:number]
    return moved(made, schedule) if later.any() else found


def moved(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> rcpsp.ProjectSchedule:
    """The schedule in which no activity can start earlier alone, reached by moving one after the other."""
    has_moved = True
    while has_moved:
        has_moved = False
        for k in sorted(range(made.project.num_activities), key=lambda k: (int(schedule.start_time[k]), k)):
            if k in made.fixed:
                continue
            others = {i: span for i, span in enumerate(schedule_spans(schedule)) if i != k}
            alone = rcpsp.serial_sgs(made.project, schedule.start_time, fixed=others, now=made.now)
            if alone.start_time[k] < schedule.start_time[k]:
                schedule, has_moved = alone, True
    return schedule


def schedule_spans(schedule: rcpsp.ProjectSchedule) -> list[tuple[int, int]]:
    """Start and end of the activities of a schedule."""
    return list(zip(schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True))


def _end(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> int:
    """When the activities of the plan end whose times are not kept; some that stand for leads may end later."""
    return max((int(schedule.completion_time[k]) for k in range(len(made.plan.activities)) if k not in made.fixed), default=0)
