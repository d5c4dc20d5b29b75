"""A CP-SAT model of tiny projects with a literal for each row and start: every constraint is written down tick by tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schedkit as sk

from .constrained import NONE

NO_LAG = -NONE


def value(
    project: sk.rcpsp.Project,
    horizon: int,
    objective: str = "makespan",
    fixed: Mapping[int, tuple[int, int]] | None = None,
    now: int = 0,
) -> int | None:
    """The best value of an objective over schedules that end by `horizon`; None if there is none."""
    from ortools.sat.python import cp_model  # noqa: PLC0415  # an optional package

    fixed = fixed or {}
    model, n = cp_model.CpModel(), project.num_activities
    ticks = range(min([now, 0, *(start for start, _ in fixed.values())]), horizon)
    owner = list(range(n)) if project.activity is None else project.activity.tolist()
    literals: list[list[tuple[Any, int, int, int, list[int]]]] = [
        [] for _ in range(n)
    ]  # literal, row, start, end, ticks of work
    level = {(r, t): _level(project, r, t) for r in range(project.num_resources) for t in ticks}
    started: dict[int, int] = {}
    for i, (start, end) in fixed.items():
        rows = [row for row, activity in enumerate(owner) if activity == i]
        started[i] = next((row for row in rows if project.duration[row] == end - start), rows[0])
    for row, i in enumerate(owner):
        if started.get(i, row) != row:
            continue
        for start, end, work in _runs(project, (row, i), level, ticks, fixed.get(i), now):
            literals[i].append((model.new_bool_var(f"x{row},{start}"), row, start, end, work))
    runs: list[Any] = [True] * n
    for i, own in enumerate(literals):
        mine = [literal for literal, *_ in own]
        if project.optional[i] and i not in fixed:
            runs[i] = model.new_bool_var(f"runs{i}")
            model.add(sum(mine) == runs[i])
        else:
            model.add(sum(mine) == 1)
    for group in project.alternatives:
        model.add(sum(literal for i in group for literal, *_ in literals[i]) == 1)
    _capacities(model, project, literals, level, fixed)
    for group in project.disjunctive:
        spans = [(x, s, e) for i in group for x, row, s, e, _ in literals[i] if project.duration[row] > 0]
        for t in ticks:
            model.add(sum(x for x, s, e in spans if s <= t < e) <= 1)
    for k, stock in enumerate([] if project.nonrenewable is None else project.nonrenewable.tolist()):
        assert project.consumption is not None
        model.add(sum(int(project.consumption[row, k]) * x for own in literals for x, row, *_ in own) <= stock)
    starts = [sum(s * x for x, _, s, _, _ in own) for own in literals]
    ends = [sum(e * x for x, _, _, e, _ in own) for own in literals]
    columns = (project.precedence.tolist(), project.relation, project.lag.tolist(), project.max_lag.tolist())
    for (i, j), relation, lag, max_lag in zip(*columns, strict=True):
        before, after = (ends if relation[0] == "F" else starts)[i], (ends if relation[1] == "F" else starts)[j]
        needed = [literal for literal in (runs[i], runs[j]) if literal is not True]
        bounds = [after - before >= lag] if lag != NO_LAG else []
        bounds += [after - before <= max_lag] if max_lag != NONE else []
        for bound in bounds if i not in fixed or j not in fixed else []:
            constraint = model.add(bound)
            if needed:
                constraint.only_enforce_if(needed)
    _stores(model, project, literals, horizon)
    model.minimize(_objective(model, project, objective, (starts, ends, runs), horizon))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def _level(project: sk.rcpsp.Project, resource: int, tick: int) -> int:
    """The capacity of a resource at a tick."""
    units, calendars = int(project.capacity[resource]), project.calendars.get(resource, ())
    for calendar in [calendars] if isinstance(calendars, sk.rcpsp.Calendar) else calendars:
        time, level, period = calendar.time.tolist(), calendar.capacity.tolist(), calendar.period
        if not time:
            continue
        moment = tick if period is None else time[0] + (tick - time[0]) % period
        units = min([units, *(level[k] for k in range(len(time)) if time[k] <= moment < [*time, NONE][k + 1])])
    return units


def _runs(
    project: sk.rcpsp.Project,
    of: tuple[int, int],
    level: dict[tuple[int, int], int],
    ticks: range,
    span: tuple[int, int] | None,
    now: int,
) -> list[tuple[int, int, list[int]]]:
    """Every start of a row with its end and the ticks at which it works."""
    row, i = of
    demand, duration = project.demand[row].tolist(), int(project.duration[row])

    def is_up(tick: int) -> bool:
        return all(units == 0 or level[r, tick] >= units for r, units in enumerate(demand))

    if span is not None:
        inside = [t for t in range(*span) if t in ticks]
        return [(*span, [t for t in inside if not project.pausable[i] or is_up(t)] if duration else [])]
    found: list[tuple[int, int, list[int]]] = []
    deadline = int(project.deadline[i])
    for start in range(max(now, int(project.release_time[i])), ticks.stop + 1):
        if duration == 0:
            run = (start, start, list[int]())
        else:
            up = [t for t in range(start, ticks.stop) if is_up(t)]
            work = up[:duration] if project.pausable[i] else list(range(start, start + duration))
            if len(work) < duration or work[0] != start or work[-1] >= ticks.stop or not set(work) <= set(up):
                continue
            run = (start, work[-1] + 1, work)
        if run[1] <= min(deadline, ticks.stop):
            found.append(run)
    return found


def _capacities(
    model: Any,
    project: sk.rcpsp.Project,
    literals: list[list[tuple[Any, int, int, int, list[int]]]],
    level: dict[tuple[int, int], int],
    fixed: Mapping[int, tuple[int, int]],
) -> None:
    """What runs at a tick fits into what calendars leave; what has started may use more than that."""
    for (r, tick), units in level.items():
        held = [(i, x, int(project.demand[row, r])) for i, own in enumerate(literals) for x, row, _, _, at in own if tick in at]
        total = sum(demand * x for _, x, demand in held)
        model.add(sum(demand * x for i, x, demand in held if i in fixed) <= int(project.capacity[r]))
        for i, x, demand in held:
            if i not in fixed and demand > 0:
                model.add(total <= units).only_enforce_if(x)


def _stores(
    model: Any, project: sk.rcpsp.Project, literals: list[list[tuple[Any, int, int, int, list[int]]]], horizon: int
) -> None:
    """The level of every store after all that happens up to a moment."""
    if project.storage is None or project.initial is None or project.taken is None or project.given is None:
        return
    first = min((start for own in literals for _, _, start, _, _ in own), default=0)
    for store, (capacity, initial) in enumerate(zip(project.storage.tolist(), project.initial.tolist(), strict=True)):
        most = min(capacity, initial + int(project.given[:, store].sum()))
        for moment in range(first, horizon + 1):
            level = initial
            for i, own in enumerate(literals):
                taken, given = int(project.taken[i, store]), int(project.given[i, store])
                level += sum((given * (end <= moment) - taken * (start <= moment)) * x for x, _, start, end, _ in own)
            model.add_linear_constraint(level, 0, most)


def _objective(
    model: Any, project: sk.rcpsp.Project, objective: str, times: tuple[list[Any], list[Any], list[Any]], horizon: int
) -> Any:
    _, ends, runs = times
    due = project.due_date.tolist()
    if objective == "makespan":
        most = model.new_int_var(-horizon, horizon, "makespan")
        for end, run in zip(ends, runs, strict=True):
            constraint = model.add(most >= end)
            if run is not True:
                constraint.only_enforce_if(run)
        if all(run is not True for run in runs):
            model.add(most >= 0)
        return most
    late = []
    lateness = model.new_int_var(-10 * horizon, horizon, "lateness")
    weight = project.weight.tolist() if objective == "total_weighted_tardiness" and project.weight is not None else None
    for i, (end, run) in enumerate(zip(ends, runs, strict=True)):
        if due[i] == NONE:
            continue
        tardy, tardiness = model.new_bool_var(""), model.new_int_var(0, 10 * horizon, "")
        rules = [model.add(tardiness >= end - due[i]), model.add(lateness >= end - due[i])]
        rules.append(model.add(end - due[i] <= 0))
        for rule in rules:
            rule.only_enforce_if(*([] if run is True else [run]), *([~tardy] if rule is rules[2] else []))
        late.append(tardy if objective == "num_tardy" else tardiness * (1 if weight is None else weight[i]))
    dated = [run for run, time in zip(runs, due, strict=True) if time != NONE]
    if all(run is not True for run in dated):  # nothing that runs is late
        model.add(lateness >= 0).only_enforce_if([~run for run in dated])
    return lateness if objective == "max_lateness" else sum(late)
