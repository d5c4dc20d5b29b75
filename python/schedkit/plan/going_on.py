"""Work under way that a link holds back, because what it waits for has not happened.

The search may let such work wait longer than its links do, so that other work gets its units. Here it goes on first: the times
of what it waits for are kept, it ends as early as these let it, and the search places the rest around it.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from .. import rcpsp
from ..errors import InfeasibleError
from .past import Spans, spans_of
from .plan_model import PlanModel

_LEAST_SHARE = 0.1
"""The share of the time limit that the search for the rest has at least."""


def first(
    made: PlanModel, found: rcpsp.ProjectSolution, schedule: rcpsp.ProjectSchedule, options: Mapping[str, Any]
) -> tuple[rcpsp.ProjectSolution, PlanModel]:
    """A solution in which work under way that is held back goes on before work that has not begun.

    Parameters
    ----------
    made : PlanModel
    found : ProjectSolution
        The result of the search.
    schedule : ProjectSchedule
        Its schedule, in which each activity is as early, or as late, as it shall be.
    options : dict
        Those of the search, with the objective.

    Returns
    -------
    found : ProjectSolution
        The one that is given if it is one already, or if the rest misses deadlines otherwise or is not found in time. The lower
        bound is that of the given one, which holds for these schedules too.
    made : PlanModel
        Fixed are the times that were kept.
    """
    try:
        kept = _kept(made, schedule)
    except InfeasibleError:  # calendars close before it could go on
        return found, made
    if all(spans_of(schedule)[k] == kept.get(k) for k in made.held):
        return found, made
    limit = options.get("time_limit")
    if limit is not None:
        options = {**options, "time_limit": max(limit - found.runtime, _LEAST_SHARE * limit)}
    begun = time.perf_counter()
    try:
        rest = rcpsp.solve(made.project, fixed=kept, now=made.now, **options)
    except InfeasibleError:
        return found, made
    if rest.schedule is None:
        return found, made
    proven = found.status == "optimal" and rest.objective == found.lower_bound
    better = dataclasses.replace(
        rest,
        status="optimal" if proven else "feasible",
        lower_bound=found.lower_bound,
        runtime=found.runtime + time.perf_counter() - begun,
    )
    return better, dataclasses.replace(made, fixed=kept)


def _kept(made: PlanModel, schedule: rcpsp.ProjectSchedule) -> Spans:
    """What has happened, what held work waits for at its times in a schedule, and held work as early as that lets it.

    Work that began first goes on first, unless it waits for other work under way.
    """
    project, spans = made.project, spans_of(schedule)
    awaited, number = _before(project, made.held), len(made.plan.activities)
    kept = made.fixed | {k: spans[k] for k in awaited if k < number}  # lags pass as soon as they can
    turn = dict.fromkeys(kept.keys() | awaited, -1) | {k: at for at, k in enumerate(made.held)}
    columns: dict[str, Any] = {} if (relation := getattr(project, "relation", None)) is None else {"relation": relation}
    free = rcpsp.Project(
        project.duration,
        project.demand,
        project.capacity,
        precedence=project.precedence,
        lag=project.lag,
        release_time=project.release_time,
        calendars=project.calendars,
        pausable=project.pausable,
        **columns,
    )
    order = [turn.get(k, len(turn)) for k in range(project.num_activities)]
    found = spans_of(rcpsp.serial_sgs(free, order, fixed=kept, now=made.now))
    return kept | {k: found[k] for k in awaited | set(made.held)}


def _before(project: rcpsp.Project, some: tuple[int, ...]) -> set[int]:
    """All activities that some wait for, directly or not, but not these themselves."""
    before: dict[int, list[int]] = {}
    for i, j in project.precedence.tolist():
        before.setdefault(j, []).append(i)
    reached, waiting = set(some), list(some)
    while waiting:
        new = set(before.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += new
    return reached - set(some)
