"""Streams of jobs: every run is checked, one job without noise runs as HEFT plans it, nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.dag import stream

from . import strategies
from .oracles import Instance


def judge(graphs: list[sk.dag.TaskGraph], network: sk.dag.Network, result: sk.dag.StreamResult, noisy: bool) -> None:
    """All jobs as one graph: precedence, communication, and one task at a time on a processor."""
    runs = result.runs
    assert runs is not None
    total = sum(graphs[t].num_tasks for t in result.job_template)
    assert len(runs["job"]) == total
    offset = np.cumsum([0, *(graphs[t].num_tasks for t in result.job_template)])
    parts = [(graphs[t], base) for t, base in zip(result.job_template, offset, strict=False)]
    cost = np.concatenate([graph.cost for graph, _ in parts])
    edges = np.concatenate([graph.edges + base for graph, base in parts])
    data = np.concatenate([graph.data for graph, _ in parts])
    union = sk.dag.TaskGraph(cost, edges, data)
    rows = [
        {"task": int(offset[job] + task), "processor": int(p), "start": start, "end": end}
        for job, task, p, start, end in zip(*runs.values(), strict=True)
    ]
    allowed = {"duration"} if noisy else set()
    assert {v.kind for v in sk.check(union, {"tasks": rows}, network=network, now=float(result.release_time[0]))} <= allowed
    assert (runs["start"] >= result.release_time[runs["job"]]).all()
    ends = np.full(result.release_time.size, -np.inf)
    np.maximum.at(ends, runs["job"], runs["end"])
    np.testing.assert_array_equal(np.maximum(ends, result.release_time), result.completion_time)


def test_arrivals_do_not_depend_on_how_many_are_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = [sk.dag.TaskGraph([[1]], []), sk.dag.TaskGraph([[2]], [])]
    random = np.random.Generator(np.random.PCG64(3))
    release = np.cumsum(-np.log1p(-random.random(50)) / 2.0)
    template = (random.random(50) * 2).astype(np.int64)
    for together in (1, 7, 50, 2**20):
        monkeypatch.setattr(stream, "_TOGETHER", together)
        found = sk.dag.simulate_stream(graphs, rate=2.0, num_jobs=50, seed=3)
        np.testing.assert_array_equal(found.release_time, release)
        np.testing.assert_array_equal(found.job_template, template)


@pytest.mark.parametrize("policy", sk.dag.POLICIES)
@given(
    instance=strategies.instances(most=7, least=1),
    gaps=st.lists(st.integers(0, 9), min_size=1, max_size=8),
    noise=st.sampled_from([0.0, 0.3, 2.0]),
    key=st.sampled_from(sk.dag.KEYS),
    seed=st.integers(0, 9),
)
@settings(max_examples=100, deadline=None)
def test_every_run_is_feasible(policy: str, instance: Instance, gaps: list[int], noise: float, key: str, seed: int) -> None:
    graph, network, _ = strategies.problem(instance)
    half = sk.dag.TaskGraph(graph.cost[:1], [])
    release = np.cumsum(gaps)
    options: Any = {"policy": policy, "key": key, "noise": noise, "seed": seed, "release_time": release, "runs": True}
    result = sk.dag.simulate_stream([graph, half], network, **options)
    judge([graph, half], network, result, noise > 0)
    assert result == sk.dag.simulate_stream([graph, half], network, **options)


@pytest.mark.parametrize("policy", ["plan_on_arrival", "reschedule", "repair"])
@given(instance=strategies.instances(most=10, least=1))
@settings(max_examples=150, deadline=None)
def test_one_job_without_noise_runs_as_heft_plans_it(policy: str, instance: Instance) -> None:
    graph, network, _ = strategies.problem(instance)
    r = sk.dag.simulate_stream(graph, network, policy=policy, release_time=[0.0], runs=True)
    assert r.runs is not None
    s = sk.dag.heft(graph, network)
    by_task = np.argsort(r.runs["task"])
    assert r.runs["processor"][by_task].tolist() == s.processor.tolist()
    np.testing.assert_allclose(r.runs["start"][by_task], s.start_time)
    assert r.num_plans == 0


def test_frontier_places_ready_tasks_by_earliest_finish() -> None:
    graph = sk.dag.TaskGraph([[4, 9], [3, 5], [9, 6], [2, 2]], [(0, 3)], [1.0])
    r = sk.dag.simulate_stream(graph, policy="frontier", release_time=[0.0], runs=True)
    assert r.runs is not None
    # By rank: task 0 (6.5 + 1 + 2), 2 (7.5), 1 (4); 0 -> processor 0, 2 -> 1, 1 -> 0 behind 0; then 3 behind 1, or at 6 on 1.
    rows = sorted(zip(r.runs["task"].tolist(), r.runs["processor"].tolist(), r.runs["start"].tolist(), strict=True))
    assert rows == [(0, 0, 0.0), (1, 0, 4.0), (2, 1, 0.0), (3, 1, 6.0)]


def test_the_scheduler_driven_by_hand_does_what_the_simulator_does() -> None:
    graph = sk.dag.TaskGraph([[4, 9], [3, 5], [9, 6], [2, 2]], [(0, 3)], [1.0])
    release = [0.0, 1.0, 1.0, 7.0]
    for policy in sk.dag.POLICIES:
        expected = sk.dag.simulate_stream(graph, policy=policy, release_time=release, runs=True).runs
        assert expected is not None
        scheduler = sk.dag.StreamScheduler(2, policy=policy)
        arrivals, now = list(release), 0.0
        ends: list[tuple[float, tuple[int, int]]] = []
        rows = []
        while arrivals or ends:
            for end, task in sorted(entry for entry in ends if entry[0] == now):
                scheduler.finished(task, now)
                ends.remove((end, task))
            while arrivals and arrivals[0] == now:
                scheduler.submit(graph, arrivals.pop(0))
            for task, p in scheduler.next_assignments(now):
                scheduler.started(task, now)
                ends.append((now + graph.cost[task[1], p], task))
                rows.append((*task, p, now))
            upcoming = [*arrivals[:1], *(end for end, _ in ends), scheduler.next_wake(now)]
            now = min(upcoming)
        columns = (expected[name].tolist() for name in ("job", "task", "processor", "start"))
        assert sorted(rows) == sorted(zip(*columns, strict=True))
        assert scheduler.num_plans >= (policy == "reschedule")


def test_reports_are_refused_when_they_cannot_be_true() -> None:
    graph = sk.dag.TaskGraph([[2, 2], [1, 1]], [(0, 1)])
    s = sk.dag.StreamScheduler(2, strict_time=True)
    s.submit(graph, 0.0)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: s.started((0, 1), 0.0), "predecessors have not ended"),
        (lambda: s.finished((0, 0), 0.0), "is not running"),
        (lambda: s.started((3, 0), 0.0), "no job that was submitted"),
        (lambda: s.started((0, 9), 0.0), "unknown"),
        (lambda: s.submit(graph, -1.0), "before"),
        (lambda: s.submit(graph, float("nan")), "finite"),
        (lambda: s.submit(sk.dag.TaskGraph([[1]], []), 0.0), "processors"),
    ]
    for call, text in calls:
        with pytest.raises(sk.InvalidInputError, match=text):
            call()
    for late in (lambda: s.started((3, 0), 9.0), lambda: s.finished((0, 0), 9.0), lambda: s.started((0, 1), 9.0)):
        with pytest.raises(sk.InvalidInputError, match="task"):
            late()
    s.started((0, 0), 0.0)  # what was refused has not moved the clock
    with pytest.raises(sk.InvalidInputError, match="not waiting to start"):
        s.started((0, 0), 0.0)
    assert not s.finished((0, 0), 3.0)
    [(task, p)] = s.next_assignments(3.0)
    s.started(task, 3.0)
    assert p == 0
    assert s.finished(task, 4.0)
    with pytest.raises(sk.InvalidInputError, match="has ended"):
        s.finished(task, 5.0)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"policy": "hope"}, "unknown policy"),
        ({"key": "luck"}, "unknown key"),
        ({"noise": -1}, "noise"),
        ({"noise": 2.0, "noise_model": "uniform"}, "noise"),
        ({"noise_model": "cauchy"}, "unknown noise_model"),
        ({"rate": 1.0}, "either rate or release_time"),
        ({"release_time": [1.0, 0.0]}, "must not decrease"),
        ({"job_template": [7]}, "unknown graph"),
        ({"job_template": [-1]}, "unknown graph"),
        ({"delta": -1.0}, "delta"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], text: str) -> None:
    graph = sk.dag.TaskGraph([[2, 2]], [])
    with pytest.raises(sk.InvalidInputError, match=text):
        sk.dag.simulate_stream(graph, **{"release_time": [0.0], **options})
    assert sk.dag.simulate_stream([], release_time=[]).mean_latency == 0.0
