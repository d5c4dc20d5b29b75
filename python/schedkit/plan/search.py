"""Scheduling of plans with the engine of projects."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import _validation, rcpsp
from .._anytime import Improvement
from . import critical, dates, lateness, reasons, sequence, slack, variants
from . import objective as objectives
from .earliest import early, schedule_spans
from .elements import Activity, PlanContent
from .feasibility import Inquiry
from .going_on import RuledSearch, with_ends_at_once
from .improvement import PlanImprovement
from .model import model
from .plan_model import PlanModel
from .solution import PlanSolution

_SHARE_OF_LATENESS, _LEAST_SHARE = 0.5, 0.1
"""How the time limit is divided: the share in which the least miss of the deadlines is found, and the share that the
search after it has at least."""


def solve(
    plan: PlanContent, *, objective: str, soft_deadlines: bool, late: bool, on_improvement: Any = None, **options: Any
) -> PlanSolution:
    """Schedules a plan; the method `Plan.solve` has the description.

    Raises
    ------
    Refusal
        What `model` refuses.
    """
    objective = objectives.objective_name(objective)
    soft_deadlines = _validation.flag(soft_deadlines, "soft_deadlines")
    begin, least = time.perf_counter(), True
    scheduled = plan
    _require_sense(plan, objective, late=late, on_improvement=on_improvement, **options)
    if soft_deadlines:
        model(plan, objective)  # what is refused is refused before the search for deadlines
        scheduled, least, options["time_limit"] = _postponed(plan, options)
    made = model(scheduled, objective)
    report = _reporter(made, objective, on_improvement) if callable(on_improvement) else on_improvement

    def solution(found: rcpsp.ProjectSolution) -> PlanSolution:
        status = found.status if least or found.status != "optimal" else "feasible"
        runtime = time.perf_counter() - begin if soft_deadlines else found.runtime
        found = dataclasses.replace(found, status=status, runtime=runtime, objective_name=objective)
        return _solution(plan, search.model, found, late=late)

    search = RuledSearch(made, report, options | {"objective": made.goal, "late": late})
    try:
        if late and made.has_later_ends and objective != objectives.END:
            if options["time_limit"] is not None:
                options["time_limit"] /= 2
            search = RuledSearch(made, None, options | {"objective": objective, "late": False})
            made = _ending(search, scheduled, objective)
            search = RuledSearch(made, report, options | {"objective": made.goal, "late": True})
        return solution(search.run())
    except BaseException as interrupt:
        if isinstance(getattr(interrupt, "result", None), rcpsp.ProjectSolution):
            interrupt.result = solution(interrupt.result)  # type: ignore[attr-defined]
            if options["on_interrupt"] == "return" and isinstance(interrupt, KeyboardInterrupt):
                return interrupt.result  # type: ignore[attr-defined,no-any-return]
        raise


def _require_sense(plan: PlanContent, objective: str, *, on_improvement: Any, **options: Any) -> None:
    """Refuses options of a search that make no sense, by the search for one milestone."""
    heard = (lambda _: None) if callable(on_improvement) else on_improvement
    due = [0] if any(activity.due is not None for activity in plan.activities) else None
    rcpsp.solve(rcpsp.Project([0], [[]], [], due_date=due), objective=objective, on_improvement=heard, **options)


def _ending(search: RuledSearch, plan: PlanContent, objective: str) -> PlanModel:
    """A model in which no activity may end after the end of the plan in the schedule that a search finds.

    The search for late starts keeps the end of the project, which may lie behind that of the plan.
    """
    made, found = search.model, search.run()
    if found.schedule is None:
        return made
    last = made.times.moment(_end(made, found.schedule))

    def sooner(deadline: datetime | None) -> datetime:
        return last if deadline is None else min(deadline, last, key=_second)

    activities = tuple(dataclasses.replace(activity, deadline=sooner(activity.deadline)) for activity in plan.activities)
    return model(variants.variant(plan, activities=activities, tick=made.times.axis.tick), objective)


def _reporter(
    made: PlanModel, objective: str, on_improvement: Callable[[PlanImprovement], Any]
) -> Callable[[Improvement], None]:
    """Passes on what the search reports, with ticks as dates."""

    def report(found: Improvement) -> None:
        value, bound = (objectives.in_units(made.times, objective, key) for key in (found.objective, found.lower_bound))
        end = value if isinstance(value, datetime) else None
        on_improvement(PlanImprovement(end, bound, found.budget_used, found.elapsed, value))

    return report


def _postponed(plan: PlanContent, options: Mapping[str, Any]) -> tuple[PlanContent, bool, float | None]:
    """The plan with deadlines that can be kept, whether they are proven the least, and the seconds that are left."""
    limit, budget = options["time_limit"], options["max_schedules"]
    inquiry = Inquiry(time_limit=limit, max_schedules=budget, seed=options["seed"], threads=options["threads"])
    whole = inquiry.left
    scheduled, least = lateness.postponed(plan, inquiry.part(_SHARE_OF_LATENESS))
    return scheduled, least, max(inquiry.left, whole * _LEAST_SHARE) if math.isfinite(whole) else None


def _solution(plan: PlanContent, made: PlanModel, found: rcpsp.ProjectSolution, *, late: bool) -> PlanSolution:
    """The solution of a plan, whose model has the times of work under way."""
    exists = found.status != "infeasible"
    name = found.objective_name
    bound = objectives.in_units(made.times, name, found.lower_bound) if exists else None
    if found.schedule is None:
        warnings, why = sequence.warnings(plan, made, None), reasons.of_plan(made, found.reasons)
        return PlanSolution(found.status, None, bound, [], why, found.runtime, warnings, objective_name=name, _plan=plan)
    number = len(made.plan.activities)
    schedule = early(made, found.schedule, made.goal)
    start, end = schedule.start_time.tolist()[:number], schedule.completion_time.tolist()[:number]
    chain = critical.chain(made, start, end)
    warnings = sequence.warnings(plan, made, schedule_spans(schedule)[:number])
    schedule = _ended_at_once(made, found.schedule) if late else schedule
    start, end = schedule.start_time.tolist()[:number], schedule.completion_time.tolist()[:number]
    rows = tuple(_row(made, activity, start[k], end[k], on_chain=k in set(chain)) for k, activity in enumerate(plan.activities))
    warnings += sequence.held(made, schedule_spans(schedule)[:number])
    last = max((row["end"] for row in rows), key=_second, default=made.plan.start)
    names = [made.plan.activities[k].name for k in chain]
    slack_rows = tuple(slack.rows(made, schedule))
    value = last if name == objectives.END else objectives.in_units(made.times, name, getattr(schedule, name))
    return PlanSolution(
        found.status,
        last,
        bound,
        names,
        [],
        found.runtime,
        warnings,
        value,
        name,
        _rows=rows,
        _slack=slack_rows,
        _schedule=schedule,
        _plan=plan,
    )


def _ended_at_once(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> rcpsp.ProjectSchedule:
    """The schedule in which work under way of which nothing is left ends as soon as its links let it.

    What stands for the lags of these links has to end sooner as well.
    """
    spans = with_ends_at_once(made, schedule_spans(schedule))[: len(made.plan.activities)]
    if spans == schedule_spans(schedule)[: len(spans)]:
        return schedule
    return rcpsp.serial_sgs(made.project, schedule.start_time, fixed=made.fixed | dict(enumerate(spans)), now=made.now)


def _end(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> int:
    """When the activities of the plan end; some that stand for leads may end later."""
    return int(schedule.completion_time[: len(made.plan.activities)].max(initial=0))


def _row(made: PlanModel, activity: Activity, start: int, end: int, *, on_chain: bool) -> dict[str, Any]:
    """The row of an activity; facts are dates that need not lie on ticks."""
    ends = made.times.moment(end) if activity.actual_end is None else activity.actual_end
    starts: datetime | None = activity.actual_start
    if starts is None and activity.actual_end is None:
        starts = made.times.moment(start)
    late = max([0, *(dates.elapsed(when, ends) for when in (activity.due, activity.deadline) if when is not None)])
    return {
        "name": activity.name,
        "start": starts,
        "end": ends,
        "resources": dict(activity.resources),
        "critical": on_chain,
        "late": timedelta(seconds=late),
    }


def _second(when: datetime) -> float:
    return when.timestamp()
