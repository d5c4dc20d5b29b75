"""What must hold for every policy, machine and stream."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import example, given, settings
from hypothesis import strategies as st
from schedkit.online import POLICIES

from .test_oracles import SHARED, instance, judged

ONE_SERVER = {"las", "llf", "srpt_b", "slf", "bansal_dhamdhere", "balance", "chunk_balance"}
EXAMPLES = int(os.environ.get("SCHEDKIT_INSTANCES", "40"))


def in_system(jobs: sk.online.Jobs, completion: Any) -> float:
    """The integral of the number of jobs in the system."""
    times = np.concatenate((jobs.release_time, completion))
    change = np.concatenate((np.ones(len(jobs)), -np.ones(len(jobs))))
    order = np.argsort(times, kind="stable")
    number = np.cumsum(change[order])
    return float(np.sum(number[:-1] * np.diff(times[order]))) if len(jobs) else 0.0


def busy_time(jobs: sk.online.Jobs) -> float:
    """When a work-conserving server has served everything."""
    clock = -np.inf
    for j in np.argsort(jobs.release_time, kind="stable"):
        clock = max(clock, jobs.release_time[j]) + jobs.processing_time[j]
    return float(clock)


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_conserves_work_and_srpt_is_best(name: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(EXAMPLES):
        jobs, _ = instance(rng, operations=3)
        f = judged(jobs, name)
        if len(jobs):
            assert f.completion_time.max() == pytest.approx(busy_time(jobs), rel=1e-12)
        assert f.total_flow_time == pytest.approx(in_system(jobs, f.completion_time), rel=1e-9)
        assert f.total_flow_time >= f.lower_bound * (1 - 1e-12)
        assert f.lower_bound == sk.online.simulate(jobs, "srpt").total_flow_time


@pytest.mark.parametrize("preempt", ["anywhere", "operation", "never"])
@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("cost", [0.0, 0.5])
def test_every_machine(name: str, preempt: str, cost: float) -> None:
    rng = np.random.default_rng(2)
    for servers in (1, 3, 50):
        if (servers > 1 and name in ONE_SERVER) or (preempt != "anywhere" and name in ("ps", "slf")):
            continue
        if cost > 0 and name in SHARED and preempt == "anywhere":
            continue
        for _ in range(EXAMPLES // 4):
            jobs, _ = instance(rng, operations=3)
            f = judged(jobs, name, servers=servers, preempt=preempt, switch_cost=cost)
            if preempt == "never":
                assert f.num_preemptions == 0
            if servers == 50 and len(jobs):
                first = f.completion_time - jobs.release_time - jobs.processing_time
                assert np.allclose(first, cost)
            if cost == 0:
                assert f.total_flow_time >= f.lower_bound * (1 - 1e-12)


@pytest.mark.parametrize("name", POLICIES)
def test_never_preempting_srpt_is_sjf_and_everything_is_itself(name: str) -> None:
    rng = np.random.default_rng(3)
    jobs, _ = instance(rng, operations=3)
    f = judged(jobs, name)
    assert pickle.loads(pickle.dumps(f)) == f
    assert pickle.loads(pickle.dumps(jobs)) == jobs
    assert sk.online.simulate(jobs, POLICIES[name]()) == sk.online.simulate(jobs, name)
    never = [sk.online.simulate(jobs, p, preempt="never").completion_time.tolist() for p in ("srpt", "sjf", "psjf")]
    assert never[0] == never[1] == never[2]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 16), st.integers(1, 4)), max_size=12),
    st.sampled_from(["srpt", "fcfs", "psjf", "las", "ps", "op_srpt", "chunk_balance", "hrrn", "mlf", "rr"]),
    st.sampled_from([1, 2, 4]),
)
@settings(max_examples=200, deadline=None)
def test_scaling_times_scales_everything(rows: list[tuple[int, int, int]], name: str, scale: int) -> None:
    release, size = [r for r, _, _ in rows], [p for _, p, _ in rows]
    policy: Any = name
    if name in ("mlf", "rr"):
        policy = POLICIES[name](quantum=float(scale))  # type: ignore[call-arg]
    f = judged(sk.online.Jobs(release, size), name)
    g = judged(sk.online.Jobs([scale * r for r in release], [scale * p for p in size]), policy)
    assert np.allclose(g.completion_time, scale * f.completion_time, rtol=1e-12)


# Sizes of 300 orders of magnitude round beyond the tolerance of the checker.
_SIZES = st.floats(0, 1e6).map(lambda size: size if size == 0 else max(size, 1e-6))


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), _SIZES), max_size=30),
    st.sampled_from([*POLICIES]),
)
@settings(max_examples=300, deadline=None)
@example(rows=[(1e-72, 1e-207), (-1.0, 1.0)], name="sjf")  # arrives within the rounding of the clock
def test_any_floats(rows: list[tuple[float, float]], name: str) -> None:
    release, size = [r for r, _ in rows], [p for _, p in rows]
    policy: Any = sk.online.RR(quantum=1e3) if name == "rr" else name
    jobs = sk.online.Jobs(release, size, estimate=size, deadline=[1e7] * len(rows))
    f = sk.online.simulate(jobs, policy, segments=True)
    assert [v for v in sk.check(jobs, f) if v.kind != "deadline"] == []


def test_release_times_in_any_order() -> None:
    rng = np.random.default_rng(5)
    for name in POLICIES:
        jobs, _ = instance(rng)
        order = np.argsort(jobs.release_time, kind="stable")
        columns = {name: getattr(jobs, name)[order] for name in ("weight", "estimate", "deadline")}
        arranged = sk.online.Jobs(jobs.release_time[order], jobs.processing_time[order], **columns)
        if len(set(jobs.release_time.tolist())) == len(jobs):
            mixed, straight = sk.online.simulate(jobs, name), sk.online.simulate(arranged, name)
            # Only ties by index may differ, and they never change the total of a fair tie.
            assert sorted(mixed.completion_time.tolist())[-1:] == sorted(straight.completion_time.tolist())[-1:]


@pytest.mark.parametrize("servers", [1, 2, 16])
@pytest.mark.parametrize("load", [0.9, 1.2])
def test_the_fast_path_is_the_general_simulator(servers: int, load: float) -> None:
    for seed in range(3):
        jobs = sk.online.workloads.queue(3000, load=load, servers=servers, seed=seed)
        grid = sk.online.Jobs(np.round(jobs.release_time * 8), np.ceil(jobs.processing_time * 8))
        shuffled = np.random.default_rng(seed).permutation(3000)
        mixed = sk.online.Jobs(grid.release_time[shuffled], grid.processing_time[shuffled])
        for stream in (grid, mixed):
            judged(stream, "srpt", servers=servers)


def test_threads_do_not_disturb_each_other() -> None:
    jobs = sk.online.workloads.queue(20_000, load=0.9, seed=1)
    expected = {name: sk.online.simulate(jobs, name) for name in ("srpt", "las", "rmlf", "hrrn")}
    with ThreadPoolExecutor(8) as pool:
        runs = [(name, pool.submit(sk.online.simulate, jobs, name)) for _ in range(8) for name in expected]
        assert all(run.result() == expected[name] for name, run in runs)


def test_uniform_tests_never_exceed_two() -> None:
    rng = np.random.default_rng(6)
    worst = 1.0
    for _ in range(EXAMPLES * 5):
        n, test = int(rng.integers(1, 9)), int(rng.integers(1, 5))
        second = [[test, int(rng.integers(1, 9))] if rng.random() < 0.6 else [test] for _ in range(n)]
        jobs = sk.online.Jobs(rng.integers(0, 20, n), operations=second)
        worst = max(worst, sk.online.simulate(jobs, "op_srpt").ratio)
    assert 1.0 < worst <= 2.0


def test_edf_and_llf_meet_deadlines_that_can_be_met() -> None:
    rng = np.random.default_rng(7)
    for _ in range(EXAMPLES):
        n = int(rng.integers(1, 8))
        release, size = rng.integers(0, 10, n), rng.integers(1, 5, n)
        by_srpt = sk.online.simulate(sk.online.Jobs(release, size), "srpt").completion_time
        jobs = sk.online.Jobs(release, size, deadline=by_srpt)  # SRPT meets them, so it can be done
        for name in ("edf", "llf"):
            f = sk.online.simulate(jobs, name, segments=True)
            assert (f.completion_time <= by_srpt + 1e-9).all()
            assert sk.check(jobs, f) == []


def test_levels_of_a_quantum_that_doubles_beyond_the_powers_of_two() -> None:
    """2^-1070 reaches 2^10 by 1080 doublings, more than 1 has before it is infinite; levels are those of 2^-60 there."""
    jobs = sk.online.Jobs([0, 300, 300], [700, 300.5, 900])
    far, near = (sk.online.simulate(jobs, sk.online.MLF(quantum=2.0**-k)).completion_time for k in (1070, 60))
    np.testing.assert_allclose(far, near, rtol=1e-12)
    far, near = (sk.online.simulate(jobs, sk.online.RMLF(quantum=2.0**-k)).completion_time for k in (1070, 60))
    np.testing.assert_allclose(far, near, rtol=1e-12)


@pytest.mark.parametrize("name", ["rr", "mlf", "rmlf", "sjf", "fcfs", "srpt_e"])
def test_turns_too_short_for_the_clock_are_turns(name: str) -> None:
    """At 1e17 floats are 16 apart: a turn of 1 moves no such clock, three thousand of them do."""
    here, there = (
        sk.online.simulate(sk.online.Jobs([start] * 2, [1000, 2000], estimate=[1000, 2000]), name).completion_time - start
        for start in (0.0, 1e17)
    )
    np.testing.assert_allclose(there, here, rtol=0, atol=8)


@pytest.mark.parametrize("name", ["fcfs", "sjf", "psjf", "rr", "rmlf", "ps"])
@pytest.mark.parametrize("start", [0.0, 1.7e9])
def test_thousandths_are_ties_as_whole_numbers_are(name: str, start: float) -> None:
    """A job that ends at 1.7e9 + 0.003 ends when one arrives at 1700000000.003, though no float is either."""
    policy: Any = {"rr": sk.online.RR(quantum=0.001), "rmlf": sk.online.RMLF(quantum=0.001)}.get(name, name)
    rng = np.random.default_rng(2)
    for _ in range(30):
        release, size = rng.integers(0, 28, 20), rng.integers(0, 16, 20)
        expected = sk.online.simulate(sk.online.Jobs(release, size), name).completion_time
        got = sk.online.simulate(sk.online.Jobs(start + release * 0.001, size * 0.001), policy).completion_time
        np.testing.assert_allclose((got - start) / 0.001, expected, rtol=0, atol=0.01)
