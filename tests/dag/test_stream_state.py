"""The stream scheduler's clock, its memory, and its state in pickles and copies."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

TWO = sk.dag.TaskGraph([[2.0, 3.0], [4.0, 1.0]], [(0, 1)], [1.0])
ONE = sk.dag.TaskGraph([[1.0, 1.0]], [])


def test_a_time_a_little_old_counts_as_the_last_one() -> None:
    scheduler = sk.dag.StreamScheduler(2)
    assert [scheduler.submit(ONE, now=0.0), scheduler.submit(ONE, now=0.0)] == [0, 1]
    for task, _ in scheduler.next_assignments(now=0.0):
        scheduler.started(task, now=0.0)
    assert scheduler.clock_skew == 0
    assert scheduler.finished((0, 0), now=1.0)
    assert scheduler.finished((1, 0), now=0.999999)
    assert scheduler.clock_skew == 1
    # Every call counts once, and what it does is done at 1.0: the next job is released then.
    job = scheduler.submit(ONE, now=0.5)
    assert scheduler.next_assignments(now=0.25) == [((job, 0), 0)]
    scheduler.started((job, 0), now=0.125)
    assert scheduler.next_wake(now=0.0) == float("inf")
    assert scheduler.clock_skew == 5
    scheduler.finished((job, 0), now=1.0)
    assert scheduler.clock_skew == 5


def test_a_report_that_is_refused_does_not_count() -> None:
    scheduler = sk.dag.StreamScheduler(2)
    scheduler.submit(ONE, now=1.0)
    with pytest.raises(sk.InvalidInputError, match="is not running"):
        scheduler.finished((0, 0), now=0.0)
    with pytest.raises(sk.InvalidInputError, match="now"):
        scheduler.submit(ONE, now=float("nan"))
    assert scheduler.clock_skew == 0


def test_strict_time_refuses_every_old_time() -> None:
    scheduler = sk.dag.StreamScheduler(2, strict_time=True)
    scheduler.submit(ONE, now=1.0)
    calls: list[Any] = [
        lambda: scheduler.submit(ONE, now=0.5),
        lambda: scheduler.next_assignments(now=0.5),
        lambda: scheduler.next_wake(now=0.5),
        lambda: scheduler.started((0, 0), now=0.5),
        lambda: scheduler.finished((0, 0), now=0.5),
    ]
    for call in calls:
        with pytest.raises(sk.InvalidInputError, match=r"now = 0.5: is before 1.0, the last time given"):
            call()
    assert scheduler.clock_skew == 0
    assert scheduler.strict_time
    assert pickle.loads(pickle.dumps(scheduler)).strict_time


def drive(scheduler: sk.dag.StreamScheduler, events: list[Any], rng: np.random.Generator, steps: int) -> list[Any]:
    """Runs a stream by hand: some jobs arrive, tasks take up to twice as long as planned; what the scheduler says is noted."""
    said: list[Any] = []
    graphs = [TWO, ONE, sk.dag.layered_graph(7, 2, seed=3)]
    for _ in range(steps):
        now = events[0] if isinstance(events[0], float) else 0.0
        running: dict[tuple[int, int], float] = events[1]
        if rng.random() < 0.3:
            said.append(("submit", scheduler.submit(graphs[rng.integers(3)], now=now)))
        for task, p in scheduler.next_assignments(now=now):
            scheduler.started(task, now=now)
            running[task] = now + 0.1 + 8 * rng.random()
            said.append(("start", task, p, now))
        wake = scheduler.next_wake(now=now)
        said.append(("wake", wake))
        ends = sorted((end, task) for task, end in running.items())
        if ends and ends[0][0] <= wake:
            events[0] = max(now, ends[0][0])
            del running[ends[0][1]]
            said.append(("end", scheduler.finished(ends[0][1], now=events[0])))
        else:
            events[0] = wake if wake < float("inf") else now + 1.0
    return said


@pytest.mark.parametrize("policy", sk.dag.POLICIES)
@pytest.mark.parametrize("way", [lambda s: pickle.loads(pickle.dumps(s)), copy.copy, copy.deepcopy])
@given(seed=st.integers(0, 999), steps=st.integers(0, 60), key=st.sampled_from(sk.dag.KEYS))
@settings(max_examples=25, deadline=None)
def test_a_pickle_or_copy_goes_on_exactly(policy: str, way: Any, seed: int, steps: int, key: str) -> None:
    network = sk.dag.Network(2.0, 0.5)
    scheduler = sk.dag.StreamScheduler(2, network, policy=policy, key=key, delta=0.05, phi=0.05)
    rng, events = np.random.default_rng(seed), [0.0, {}]
    drive(scheduler, events, rng, steps)
    other, other_rng, other_events = way(scheduler), copy.deepcopy(rng), copy.deepcopy(events)
    assert (other.num_plans, other.clock_skew) == (scheduler.num_plans, scheduler.clock_skew)
    assert drive(scheduler, events, rng, 60) == drive(other, other_events, other_rng, 60)
    assert other.num_plans == scheduler.num_plans


def test_a_state_that_contradicts_itself_is_refused() -> None:
    scheduler = sk.dag.StreamScheduler(2)
    scheduler.submit(TWO, now=0.0)
    restore, (*arguments, state) = scheduler.__reduce__()
    assert restore(*arguments, state).next_assignments(now=0.0) == [((0, 0), 0)]
    job = state["jobs"][0]
    broken: dict[str, Any]
    for broken in (
        {"phase": state["phase"][:1]},
        {"phase": state["phase"] + 9},
        {"processor": state["processor"] + 7},
        {"start": state["start"] * np.nan},
        {"plan": state["plan"][:1]},
        {"plan": [*state["plan"], state["plan"][0]]},
        {"plan": [(5, 5)]},
        {"running": [(0, 0), None]},
        {"running": []},
        {"jobs": [{**job, "graph": 4}]},
        {"jobs": [job, job]},
        {"graphs": [ONE]},
        {"num_jobs": 0},
    ):
        with pytest.raises(sk.InvalidInputError):
            restore(*arguments, {**state, **broken})


def test_threads_with_clocks_of_their_own() -> None:
    scheduler = sk.dag.StreamScheduler(4)
    graph = sk.dag.TaskGraph([[1.0] * 4] * 3, [(0, 1), (0, 2)])
    ended, failures = [], []

    def worker(number: int) -> None:
        clock = number * 1e-6  # each thread's clock is a little off
        try:
            for _ in range(50):
                clock += 1e-3
                job = scheduler.submit(graph, now=clock)
                left = 3
                while left:
                    for task, _ in scheduler.next_assignments(now=clock):
                        try:
                            scheduler.started(task, now=clock)
                        except sk.InvalidInputError:
                            continue  # another thread was faster
                        clock += 1e-3
                        ended.append((task, scheduler.finished(task, now=clock)))
                    left = 3 - sum(task[0] == job for task, _ in ended)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=worker, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(task for task, _ in ended) == [(job, task) for job in range(200) for task in range(3)]
    assert sum(last for _, last in ended) == 200


def test_jobs_that_have_ended_take_no_memory_behind_one_that_lives_on() -> None:
    scheduler = sk.dag.StreamScheduler(2)
    scheduler.submit(sk.dag.TaskGraph([[1e9, 1e9]], []), now=0.0)
    scheduler.started((0, 0), now=0.0)
    sizes = []
    for k in range(1, 2001):
        job = scheduler.submit(ONE, now=float(k))
        [(task, _)] = scheduler.next_assignments(now=float(k))
        scheduler.started(task, now=float(k))
        assert task == (job, 0)
        assert scheduler.finished(task, now=k + 0.5)
        if k % 1000 == 0:
            sizes.append(len(pickle.dumps(scheduler)))
    assert sizes[0] == sizes[1]  # the state that is stored does not grow


def test_a_stream_gives_one_row_for_each_job() -> None:
    pytest.importorskip("pandas")
    frame = sk.dag.simulate_stream(TWO, release_time=[0.0, 9.0]).to_pandas()
    assert frame.index.name == "job"
    # By hand: each job alone runs as HEFT plans it: task 0 on processor 0 until 2, data until 3, task 1 on processor 1 until 4.
    assert frame["latency"].tolist() == [4.0, 4.0]
    assert frame["job_template"].tolist() == [0, 0]
