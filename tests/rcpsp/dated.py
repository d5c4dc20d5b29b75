"""Random small projects with due dates and constraints of several kinds, and a CP-SAT model of them."""

from __future__ import annotations

import random
from typing import Any

import schedkit as sk

from .constrained import NONE

KINDS = ("plain", "links", "calendars", "windows", "all")
DAY, SHIFT = 12, 8


def project(kind: str, seed: int, most: int = 20) -> sk.rcpsp.Project:
    """10 to `most` activities that run without pauses, with the constraints that a kind has."""
    chance = random.Random(seed)
    n, width = chance.randint(10, most), chance.randint(1, 3)
    capacity = [chance.randint(2, 6) for _ in range(width)]
    duration = [chance.randint(1, SHIFT) for _ in range(n)]
    demand = [[chance.choice([0, chance.randint(1, units)]) for units in capacity] for _ in range(n)]
    edges = [(i, j) for i in range(n) for j in range(i + 1, min(n, i + 7)) if chance.random() < 0.15]
    more: dict[str, Any] = {}
    if kind in ("links", "all"):
        more["relation"] = [chance.choice(["FS", "FS", "SS", "FF", "SF"]) for _ in edges]
        more["lag"] = [chance.randint(-3, 5) for _ in edges]
    if kind in ("calendars", "all"):
        less = [chance.choice([0, units // 2]) for units in capacity]
        more["calendars"] = {r: sk.rcpsp.Calendar([0, SHIFT], [capacity[r], less[r]], DAY) for r in range(width)}
    if kind in ("windows", "all"):
        more["release_time"] = [chance.choice([0, chance.randint(0, 30)]) for _ in range(n)]
        more["deadline"] = [chance.choice([None, None, 400]) for _ in range(n)]
    due = [None if chance.random() < 0.2 else chance.randint(0, 2 * n) for _ in range(n)]
    weight = [chance.randint(0, 9) for _ in range(n)]
    return sk.rcpsp.Project(duration, demand, capacity, precedence=edges or None, due_date=due, weight=weight, **more)


def cp_sat(project: sk.rcpsp.Project, name: str, seconds: float, threads: int) -> tuple[int | None, bool]:
    """The best value of an objective that CP-SAT finds, None if it finds none, and whether that is proven."""
    from ortools.sat.python import cp_model  # noqa: PLC0415  # an optional package

    model, n, horizon = cp_model.CpModel(), project.num_activities, 700
    length, due, latest = project.duration.tolist(), project.due_date.tolist(), project.deadline.tolist()
    start = [
        model.new_int_var(release, min(horizon, latest[i]) - length[i], f"s{i}")
        for i, release in enumerate(project.release_time.tolist())
    ]
    runs = [model.new_fixed_size_interval_var(start[i], length[i], f"r{i}") for i in range(n)]
    for r, capacity in enumerate(project.capacity.tolist()):
        users, units = [*runs], project.demand[:, r].tolist()
        if r in project.calendars:
            calendar = project.calendars[r]
            assert isinstance(calendar, sk.rcpsp.Calendar)
            missing = capacity - calendar.capacity.tolist()[1]
            nights = range(SHIFT, horizon, DAY)
            users += [model.new_fixed_size_interval_var(night, DAY - SHIFT, f"n{night}") for night in nights]
            units += [missing] * len(nights)
        model.add_cumulative(users, units, capacity)
    pairs = zip(project.precedence.tolist(), project.relation, project.lag.tolist(), strict=True)
    for (i, j), relation, lag in pairs:
        before = start[i] + (length[i] if relation[0] == "F" else 0)
        model.add(start[j] + (length[j] if relation[1] == "F" else 0) >= before + lag)
    dated = [i for i in range(n) if due[i] != NONE]
    weight = project.weight.tolist() if name == "total_weighted_tardiness" and project.weight is not None else [1] * n
    most = model.new_int_var(-horizon, horizon, "most")
    late = {i: model.new_int_var(0, horizon, f"t{i}") for i in dated}
    tardy = {i: model.new_bool_var(f"u{i}") for i in dated}
    for i in dated:
        model.add(late[i] >= start[i] + length[i] - due[i])
        model.add(most >= start[i] + length[i] - due[i])
        model.add(start[i] + length[i] <= due[i]).only_enforce_if(~tardy[i])
    values = {"num_tardy": sum(tardy.values()), "max_lateness": most}
    model.minimize(values.get(name, sum(weight[i] * late[i] for i in dated)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, threads
    status = solver.solve(model)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return round(solver.objective_value) if found else None, bool(status in {cp_model.OPTIMAL, cp_model.INFEASIBLE})
