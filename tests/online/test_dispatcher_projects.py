"""The dispatcher against the schemes for projects, the optimum, and the checker."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .driven import BACKFILLS, dispatcher, run

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "200"))


def random_project(rng: np.random.Generator, shortest: int = 1) -> sk.rcpsp.Project:
    """A project whose activities of duration 0 need nothing: the schemes ignore their demands, a dispatcher does not."""
    n, resources = int(rng.integers(1, 12)), int(rng.integers(1, 4))
    capacity = rng.integers(1, 7, resources)
    pairs = [(i, j) for j in range(n) for i in range(j) if rng.random() < 0.15]
    duration = rng.integers(shortest, 10, n)
    if shortest == 0:
        duration[rng.random(n) < 0.3] = 0
    demand = np.minimum(rng.integers(0, 6, (n, resources)), capacity) * (duration > 0)[:, None]
    return sk.rcpsp.Project(duration, demand, capacity, precedence=pairs)


def submit_project(d: Any, project: sk.rcpsp.Project, priority: Any = None) -> None:
    for j in range(project.num_activities):
        d.submit(
            j,
            after=[int(i) for i, k in project.precedence if k == j],
            demand={str(k): int(units) for k, units in enumerate(project.demand[j])},
            estimate=int(project.duration[j]),
            size=None if priority is None else priority[j],
            now=0,
        )


def as_schedule(project: sk.rcpsp.Project, start: dict[int, float]) -> sk.rcpsp.ProjectSchedule:
    return sk.rcpsp.ProjectSchedule.from_start_time(project, [int(start[j]) for j in range(project.num_activities)])


@pytest.mark.parametrize("backfill", BACKFILLS)
def test_what_comes_out_is_a_schedule_of_the_project(backfill: Any) -> None:
    rng = np.random.default_rng(1)
    for _ in range(INSTANCES):
        project = random_project(rng)
        d = dispatcher({str(k): int(c) for k, c in enumerate(project.capacity)}, "critical_path", backfill)
        submit_project(d, project)
        start = run(d, dict(enumerate(project.duration.tolist())))
        assert sk.check(project, as_schedule(project, start)) == []


def test_greedy_equals_the_parallel_scheme() -> None:
    rng = np.random.default_rng(2)
    for _ in range(INSTANCES):
        project = random_project(rng)
        priority = rng.integers(0, 4, project.num_activities)
        d = dispatcher({str(k): int(c) for k, c in enumerate(project.capacity)}, "sjf", "greedy")
        submit_project(d, project, priority.tolist())
        start = run(d, dict(enumerate(project.duration.tolist())))
        schedule = as_schedule(project, start)
        assert sk.check(project, schedule) == []
        expected = sk.rcpsp.parallel_sgs(project, priority.tolist())
        assert schedule.start_time.tolist() == expected.start_time.tolist()


def run_in_arrival_order(project: sk.rcpsp.Project, backfill: Any) -> dict[int, float]:
    """Start times if activities are submitted at their release times and last as long as estimated.

    No activity starts later than a reservation that it has held. With ``"conservative"`` every one that waits holds one.
    """
    n, release, duration = project.num_activities, project.release_time, project.duration
    d = dispatcher({str(k): int(c) for k, c in enumerate(project.capacity)}, "fcfs", backfill)
    start: dict[int, float] = {}
    first: dict[int, float] = {}
    now = arrived = 0
    while len(start) < n:
        while arrived < n and release[arrived] == now:
            after = [int(i) for i, k in project.precedence if k == arrived]
            demand = {str(k): int(units) for k, units in enumerate(project.demand[arrived])}
            d.submit(arrived, after=after, demand=demand, estimate=int(duration[arrived]), now=now)
            arrived += 1
        while True:  # until nothing happens any more at this time
            ended = [j for j in d.running if start[j] + duration[j] == now]
            for j in ended:
                d.finished(j, now=now)
            started = d.next(now=now)
            start.update(dict.fromkeys(started, now))
            for j in d.waiting:
                if backfill == "conservative" or d.reservation(j) is not None:
                    assert d.reservation(j) <= first.setdefault(j, d.reservation(j))
            if not started and not any(start[j] + duration[j] == now for j in d.running):
                break
        now += 1
    assert all(start[j] <= reservation for j, reservation in first.items())
    return start


def with_release_times(project: sk.rcpsp.Project, rng: np.random.Generator, demand: Any = None) -> sk.rcpsp.Project:
    return sk.rcpsp.Project(
        project.duration,
        project.demand if demand is None else demand,
        project.capacity,
        precedence=project.precedence,
        release_time=np.sort(rng.integers(0, 12, project.num_activities)).tolist(),
    )


@pytest.mark.parametrize("shortest", [0, 1])
def test_conservative_in_arrival_order_equals_the_serial_scheme(shortest: int) -> None:
    rng = np.random.default_rng(3)
    for _ in range(INSTANCES):
        project = with_release_times(random_project(rng, shortest), rng)
        schedule = as_schedule(project, run_in_arrival_order(project, "conservative"))
        assert sk.check(project, schedule) == []
        expected = sk.rcpsp.serial_sgs(project, list(range(project.num_activities)))
        assert schedule.start_time.tolist() == expected.start_time.tolist()


@pytest.mark.parametrize("backfill", ["easy", "conservative"])
def test_keys_that_last_no_time_and_need_units_keep_their_reservations(backfill: Any) -> None:
    rng = np.random.default_rng(5)
    for _ in range(INSTANCES):
        plain = random_project(rng, 0)
        demand = np.minimum(rng.integers(0, 6, plain.demand.shape), plain.capacity)
        if backfill == "easy":  # a key that becomes ready late may come before the head
            plain = sk.rcpsp.Project(plain.duration, plain.demand, plain.capacity)
        project = with_release_times(plain, rng, demand)
        assert sk.check(project, as_schedule(project, run_in_arrival_order(project, backfill))) == []


def optimum(project: sk.rcpsp.Project) -> int:
    """The least makespan by CP-SAT."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    model, horizon = cp_model.CpModel(), int(project.duration.sum())
    start = [model.new_int_var(0, horizon, "") for _ in range(project.num_activities)]
    duration = project.duration.tolist()
    intervals = [model.new_fixed_size_interval_var(s, p, "") for s, p in zip(start, duration, strict=True)]
    for i, j in project.precedence.tolist():
        model.add(start[i] + duration[i] <= start[j])
    for k, capacity in enumerate(project.capacity.tolist()):
        model.add_cumulative(intervals, project.demand[:, k].tolist(), capacity)
    makespan = model.new_int_var(0, horizon, "")
    model.add_max_equality(makespan, [s + p for s, p in zip(start, duration, strict=True)])
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return int(solver.objective_value)


def test_no_rule_beats_the_optimum_and_work_conserving_ones_stay_near_it() -> None:
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(30):
        project = random_project(rng)
        best, spans = optimum(project), []
        for backfill in BACKFILLS:
            d = dispatcher({str(k): int(c) for k, c in enumerate(project.capacity)}, "critical_path", backfill)
            submit_project(d, project)
            start = run(d, dict(enumerate(project.duration.tolist())))
            spans.append(as_schedule(project, start).makespan)
        assert min(spans) >= best
        found += min(spans) == best
    assert found >= 15  # small projects: greedy rules find most optima
