"""The checkers at all clocks and sizes: small lies are found, honest answers pass, and answers stay short."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import schedkit as sk

UNIX = 1.7e9  # seconds since 1970


def kinds(problem: Any, schedule: Any, **options: Any) -> list[str]:
    return [violation.kind for violation in sk.check(problem, schedule, **options)]


def test_jobs_that_never_ran_are_missed_at_unix_time() -> None:
    jobs = sk.online.Jobs([UNIX, UNIX, UNIX], [1, 1, 1])
    nothing: Any = {"job": [], "server": [], "start": [], "end": []}
    assert kinds(jobs, {"segments": nothing, "completion_time": [UNIX + 1] * 3}) == ["missing"] * 3


def test_integers_are_judged_exactly_beyond_what_floats_hold() -> None:
    # The sequence 0, 1: both jobs are late by 4097 and 4102, so the total is 4097 (2^40 + 1) + 4102 * 3.
    instance = sk.tardiness.Instance([4097, 5], [0, 0], [2**40 + 1, 3])
    total = 4097 * (2**40 + 1) + 4102 * 3
    claim: dict[str, Any] = {"sequence": [0, 1]}
    assert kinds(instance, {**claim, "total_weighted_tardiness": total}) == []
    for wrong in (total + 1000, total + 1, total - 1, -total):
        assert kinds(instance, {**claim, "total_weighted_tardiness": wrong}) == ["objective"]


@pytest.mark.parametrize("name", ["total_flow_time", "total_weighted_flow_time", "mean_flow_time", "max_flow_time"])
def test_every_stored_objective_of_a_stream_is_recomputed(name: str) -> None:
    jobs = sk.online.Jobs([0, 1], [3, 1], weight=[2, 5])
    honest = sk.online.simulate(jobs, "fcfs", segments=True).to_dict()
    assert (honest["total_flow_time"], honest["total_weighted_flow_time"]) == (6.0, 21.0)  # 3 + 3 and 2 * 3 + 5 * 3
    assert kinds(jobs, honest) == []
    assert kinds(jobs, {**honest, name: -5}) == ["objective"]
    assert kinds(jobs, {**honest, name: honest[name] * (1 + 1e-12)}) == ["objective"]


def test_a_job_of_size_0_cannot_complete_whenever() -> None:
    jobs = sk.online.Jobs([0, 1], [5, 0])
    claim: Any = {"segments": {"job": [0, 1], "server": [0, 0], "start": [0, 5], "end": [5, 5]}, "completion_time": [5, 5]}
    assert kinds(jobs, claim) == []
    assert kinds(jobs, {**claim, "completion_time": [5, 9]}) == ["objective"]
    only = {"job": [0], "server": [0], "start": [0], "end": [5]}
    assert kinds(jobs, {"segments": only, "completion_time": [5, 9]}) == ["missing"]


def test_late_tasks_and_small_costs_hide_nothing() -> None:
    graph = sk.dag.TaskGraph([[1.0], [1.0], [1.0]], edges=[])
    claim = {"processor": [0, 0, 0], "start_time": [0, 0.5, 1e12], "completion_time": [1, 1.5, 1e12 + 1]}
    assert kinds(graph, claim) == ["machine_overlap"]
    small = sk.dag.TaskGraph([[1e-10], [1e-10]], edges=[(0, 1)])
    claim = {"processor": [0, 0], "start_time": [0, 0], "completion_time": [1e-10, 1e-10]}
    assert kinds(small, claim) == ["precedence", "machine_overlap"]


@pytest.mark.parametrize("offset", [0.0, *(sign * 10.0**e for sign in (1, -1) for e in (-12, -6, 0, 3, 6, 9, 12, 15))])
def test_answers_of_all_algorithms_pass_at_every_clock(offset: float) -> None:
    rng = np.random.default_rng(7)
    scale = max(1e-12, abs(offset) * 1e-9)
    release = offset + np.sort(rng.exponential(1.0, 20)) * scale
    size = rng.exponential(1.0, 20) * scale
    jobs = sk.online.Jobs(release, size, weight=rng.integers(1, 5, 20), estimate=size * rng.uniform(0.5, 2, 20))
    judged = 0
    for name in sk.online.POLICIES:
        policy: Any = sk.online.RR(quantum=scale) if name == "rr" else name  # by default one segment for each unit of time
        modes: Any = ((1, "anywhere"), (3, "anywhere"), (2, "never"))
        for servers, preempt in modes:
            try:
                flow = sk.online.simulate(jobs, policy, servers=servers, preempt=preempt, segments=True)
            except sk.InvalidInputError:
                continue  # not for several servers, or not without interruptions
            assert sk.check(jobs, flow.to_dict()) == [], (policy, servers, preempt)
            judged += 1
    assert judged > 40
    edges = [(i, j) for i in range(20) for j in range(i + 1, 20) if rng.random() < 0.2]
    graph = sk.dag.TaskGraph(rng.exponential(1.0, (20, 3)) * scale, edges, data=rng.exponential(1.0, len(edges)) * scale)
    network = sk.dag.Network(bandwidth=0.7, latency=0.1 * scale)
    for algorithm in sk.dag.ALGORITHMS:
        schedule = getattr(sk.dag, algorithm)(graph, network, now=offset)
        assert sk.check(graph, schedule, network=network, now=offset) == [], algorithm


def test_a_large_overlapping_group_is_judged_fast_and_reported_briefly() -> None:
    n = 4000
    project = sk.rcpsp.Project([1] * n, np.zeros((n, 0), int), [], disjunctive=[range(n)])
    began = time.perf_counter()
    found = sk.check(project, {"start_time": [0] * n, "completion_time": [1] * n})
    assert time.perf_counter() - began < 5  # 28 s where every pair is listed
    assert len(found) == 1001
    assert [violation.subject for violation in found[:2]] == [(0, 1), (0, 2)]
    assert (found[-1].kind, found[-1].subject, found[-1].detail) == ("disjunctive", (), "2999 more of this kind")


def test_many_pausable_activities_at_once_are_judged_fast() -> None:
    n = 4000
    day = sk.rcpsp.Calendar([8, 16], [3, 0], 24)
    duration = np.arange(1, n + 1)
    project = sk.rcpsp.Project(duration, np.full((n, 1), 1), [3], calendars={0: day}, pausable=[True] * n)
    start = np.full(n, 8)
    end = 8 + 24 * ((duration - 1) // 8) + (duration - 1) % 8 + 1  # eight hours of work a day
    began = time.perf_counter()
    found = sk.check(project, {"start_time": start, "completion_time": end})
    assert time.perf_counter() - began < 5
    assert {violation.kind for violation in found} == {"capacity"}


def test_unknown_options_and_names_are_reported() -> None:
    project = sk.rcpsp.Project([1], [[1]], [1], names=["dig"])
    with pytest.raises(sk.InvalidInputError, match="network: has no meaning for a project"):
        sk.check(project, {"start_time": [0], "completion_time": [1]}, network=sk.dag.Network())
    many = [{"activity": f"x{k}", "start": 0, "end": 1} for k in range(5000)]
    found = sk.check(project, {"activities": many})
    assert [v.kind for v in found].count("unknown_id") == 1001
    assert any(v.detail == "there is no activity 'x4999'" for v in found)


def test_what_a_result_states_beside_its_schedule_is_compared_with_it() -> None:
    project = sk.rcpsp.Project([3, 2], [[1], [1]], [1])  # one unit, so the activities follow one another: 5
    form = sk.rcpsp.solve(project, max_schedules=10).to_dict()
    assert kinds(project, form) == []
    for lie in ({"makespan": 99}, {"makespan": "x"}, {"lower_bound": 6}):
        assert kinds(project, {**form, **lie}) == ["objective"], lie
    instance = sk.tardiness.Instance([2, 3], [1, 1])  # 2 - 1 and 5 - 1
    exact = sk.tardiness.solve_exact(instance).to_dict()
    assert kinds(instance, exact) == []
    assert "objective" in kinds(instance, {**exact, "total_tardiness": 4})
