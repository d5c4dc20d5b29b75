"""Hostile input: a clear error with field, index and value; never a panic, a hang or a silent answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk

o: Any = sk.online  # untyped, because types forbid what is tried here
NAN, INF = float("nan"), float("inf")
JOBS: sk.online.Jobs = o.Jobs([0, 1], [3, 1])


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: o.Jobs([0, NAN], [1, 1]), sk.InvalidInputError, r"release_time\[1\] = (nan|NaN): must be finite"),
        (lambda: o.Jobs([0, INF], [1, 1]), sk.InvalidInputError, r"release_time\[1\] = inf: must be finite"),
        (lambda: o.Jobs([0, 0], [1, NAN]), sk.InvalidInputError, r"processing_time\[1\] = (nan|NaN): must be finite"),
        (lambda: o.Jobs([0, 0], [INF, NAN]), sk.InvalidInputError, r"processing_time\[0\] = inf: must be finite; 1 more"),
        (
            lambda: o.Jobs([0, 0], [1, -3], names=["a", "b"]),
            sk.InvalidInputError,
            r"processing_time\[1\] = -3.0 \(job 'b'\): must be >= 0",
        ),
        (lambda: o.Jobs([0, 0], [1]), sk.InvalidInputError, "processing_time: has length 1, expected 2"),
        (lambda: o.Jobs([0, 1e200], [1, 1]), sk.InvalidInputError, "exceeds 1e100"),
        (lambda: o.Jobs([0, 0]), sk.InputTypeError, "either processing_time or operations"),
        (lambda: o.Jobs([0], [1], operations=[[1]]), sk.InputTypeError, "either processing_time or operations"),
        (lambda: o.Jobs([0, 0], operations=[[1], []]), sk.InvalidInputError, r"operations\[1\] = \[\]: must not be empty"),
        (lambda: o.Jobs([0, 0], operations=[[1], [2, -1]]), sk.InvalidInputError, r"operations\[1, 1\] = -1.0: must be >= 0"),
        (
            lambda: o.Jobs([0, 0], operations=[[1], [NAN]]),
            sk.InvalidInputError,
            r"operations\[1, 0\] = (nan|NaN): must be finite",
        ),
        (lambda: o.Jobs([0, 0], operations=[[1]]), sk.InvalidInputError, "operations: has length 1, expected 2"),
        (lambda: o.Jobs([0, 0], operations=[[1], 2]), sk.InputTypeError, r"operations\[1\]"),
        (lambda: o.Jobs([0, 0], operations=3), sk.InputTypeError, "operations: must be a list of lists"),
        (lambda: o.Jobs([True], [1]), sk.InputTypeError, "release_time"),
        (lambda: o.Jobs(["0"], [1]), sk.InputTypeError, "release_time"),
        (lambda: o.Jobs([None], [1]), sk.InputTypeError, "release_time"),
        (lambda: o.Jobs([[0]], [1]), sk.InvalidInputError, "release_time: has 2 dimensions"),
        (lambda: o.Jobs([0], [1], weight=[-1]), sk.InvalidInputError, r"weight\[0\] = -1.0: must be >= 0"),
        (lambda: o.Jobs([0], [1], estimate=[NAN]), sk.InvalidInputError, r"estimate\[0\] = (nan|NaN): must be finite"),
        (lambda: o.Jobs([0], [1], deadline=[NAN]), sk.InvalidInputError, r"deadline\[0\] = (nan|NaN): must not be NaN"),
        (lambda: o.Jobs([0], [1], deadline=[-INF]), sk.InvalidInputError, r"deadline\[0\] = -inf"),
        (lambda: o.Jobs([0, 0], [1, 1], names=["a", "a"]), sk.InvalidInputError, r"names\[1\] = 'a': duplicate of names\[0\]"),
        (
            lambda: o.workloads.queue(9, load=0.5, size=o.workloads.Deterministic(0.0)),
            sk.InvalidInputError,
            "positive and finite$",
        ),
        (
            lambda: o.workloads.many_operations(9, load=0.5, size=o.workloads.Exponential(1.0), mean_operations=1e17),
            sk.InvalidInputError,
            "mean_operations = 1e[+]?17: must be <= 4294967294",
        ),
        (
            lambda: o.simulate(JOBS, type("Mine", (o.Policy,), {"information": [], "rank": max})()),
            sk.InvalidInputError,
            "information",
        ),
        (lambda: o.simulate(JOBS, "sprt"), sk.InvalidInputError, "unknown policy, expected one of .*chunk_balance.*setf"),
        (lambda: o.simulate(JOBS, 3), sk.InputTypeError, "policy: must be a name"),
        (lambda: o.simulate(JOBS, None), sk.InputTypeError, "policy: must be a name"),
        (lambda: o.simulate([[0, 1]], "srpt"), sk.InputTypeError, "jobs: must be a Jobs"),
        (lambda: o.simulate(JOBS, servers=0), sk.InvalidInputError, "servers = 0: must be >= 1"),
        (lambda: o.simulate(JOBS, servers=-1), sk.InvalidInputError, "servers = -1"),
        (lambda: o.simulate(JOBS, servers=1.5), sk.InvalidInputError, "servers"),
        (lambda: o.simulate(JOBS, servers=True), sk.InputTypeError, "servers"),
        (lambda: o.simulate(JOBS, preempt="always"), sk.InvalidInputError, "expected one of anywhere, operation, never"),
        (lambda: o.simulate(JOBS, preempt=None), sk.InputTypeError, "preempt"),
        (lambda: o.simulate(JOBS, switch_cost=-1.0), sk.InvalidInputError, "switch_cost"),
        (lambda: o.simulate(JOBS, switch_cost=NAN), sk.InvalidInputError, "switch_cost"),
        (lambda: o.simulate(JOBS, "ps", switch_cost=1.0), sk.InvalidInputError, "switch_cost = 1.0: must be 0"),
        (lambda: o.simulate(JOBS, "ps", preempt="never"), sk.InvalidInputError, "preempt: policy 'ps' shares"),
        (
            lambda: o.simulate(JOBS, "las", servers=2),
            sk.InvalidInputError,
            "servers = 2: policy 'las' is defined for one server",
        ),
        (lambda: o.simulate(JOBS, "chunk_balance", servers=2), sk.InvalidInputError, "is defined for one server"),
        (lambda: o.simulate(JOBS, o.RR(quantum=0)), sk.InvalidInputError, "quantum = 0.0"),
        (lambda: o.simulate(JOBS, o.RR(quantum=1e-300)), sk.InvalidInputError, "too small"),
        (lambda: o.RR(quantum=NAN), sk.InvalidInputError, "quantum"),
        (lambda: o.simulate(JOBS, o.MLF(quantum=-1)), sk.InvalidInputError, "quantum = -1.0"),
        (lambda: o.simulate(JOBS, o.RMLF(gamma=0)), sk.InvalidInputError, "gamma = 0.0"),
        (lambda: o.RMLF(seed=-1), sk.InvalidInputError, "seed = -1"),
        (lambda: o.simulate(JOBS, o.SLF(epsilon=1.0)), sk.InvalidInputError, "epsilon = 1.0"),
        (lambda: o.simulate(JOBS, o.SRPTAgeing(rate=-0.5)), sk.InvalidInputError, "rate = -0.5"),
        (lambda: o.simulate(JOBS, o.ChunkBalance(theta=0.5)), sk.InvalidInputError, "theta = 0.5"),
        (lambda: o.ChunkBalance(chunk_rule="x"), sk.InvalidInputError, "record_class, volume"),
        (lambda: o.Gittins([]), sk.InvalidInputError, "probability"),
        (lambda: o.Gittins([0.0]), sk.InvalidInputError, r"size\[0\] = 0.0: must be positive"),
        (lambda: o.Gittins([1.0], [-1.0]), sk.InvalidInputError, r"probability\[0\] = -1.0"),
        (lambda: o.Gittins([1.0], [1.0, 1.0]), sk.InvalidInputError, "probability: has length 2, expected 1"),
        (lambda: o.lower_bound(JOBS, servers=0), sk.InvalidInputError, "servers = 0"),
        (lambda: o.simulate(JOBS).percentile(101), sk.InvalidInputError, "q = 101"),
        (lambda: sk.check(JOBS, o.simulate(JOBS)), sk.InvalidInputError, "segments=True"),
        (lambda: sk.check(JOBS, 3), sk.InputTypeError, "must be a FlowResult"),
        (lambda: sk.check(JOBS, {"segments": {}, "completion_time": [1, 2]}), sk.InvalidInputError, "segments: has no 'job'"),
        (lambda: sk.check(JOBS, o.simulate(JOBS, segments=True), now=3), sk.InvalidInputError, "now"),
        (lambda: o.workloads.queue(5, load=0.0), sk.InvalidInputError, "load = 0.0"),
        (lambda: o.workloads.queue(-5, load=0.5), sk.InvalidInputError, "n = -5"),
        (lambda: o.workloads.queue(2**60, load=0.5), sk.InvalidInputError, "n = "),
        (lambda: o.workloads.Exponential(0.0), sk.InvalidInputError, "mean = 0.0"),
        (lambda: o.workloads.Pareto(-1.0, 1.0), sk.InvalidInputError, "shape = -1.0"),
        (lambda: o.workloads.Bimodal(1.0, 2.0, 1.5), sk.InvalidInputError, "probability = 1.5"),
        (lambda: o.workloads.Uniform(3.0, 2.0), sk.InvalidInputError, "low = 3.0"),
        (lambda: o.workloads.MarkovianArrivals([[0.0]], [[0.0]]).times(3), sk.InvalidInputError, "d0"),
        (lambda: o.workloads.MarkovianArrivals([[0, 1], [1, 0]], [[0, 0], [0, 0]]).times(3), sk.InvalidInputError, "d1"),
        (lambda: o.theory.mm1(1.0), sk.InvalidInputError, "load = 1.0"),
        (lambda: o.theory.mg1_srpt(0.5, 3), sk.InputTypeError, "size"),
        (lambda: o.theory.mg1_ps(0.5, o.workloads.Pareto(1.0, 1.0)), sk.InvalidInputError, "no finite mean"),
    ],
)
def test_refused(make: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize("policy", ["srpt_e", "psjf_e", "srpt_b", "balance"])
def test_estimates_are_required_where_they_decide(policy: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=f"estimate: policy '{policy}' decides by estimates"):
        o.simulate(JOBS, policy)


def test_nothing_to_do_is_legal() -> None:
    for jobs in (o.Jobs([], []), o.Jobs([], operations=[])):
        for policy in o.POLICIES:
            f = o.simulate(jobs, policy, segments=True)
            assert (f.total_flow_time, f.mean_flow_time, f.max_flow_time, f.mean_slowdown) == (0.0, 0.0, 0.0, 0.0)
            assert sk.check(jobs, f) == []
            assert (f.percentile(50), f.lower_bound, f.ratio) == (0.0, 0.0, 1.0)


def test_jobs_of_size_zero_are_served_by_every_policy() -> None:
    jobs = o.Jobs([0, 0, 1], [5, 0, 0], estimate=[1, 1, 1])
    for policy in o.POLICIES:
        f = o.simulate(jobs, policy, segments=True)
        assert f.completion_time[0] == 5
        assert set(f.completion_time.tolist()) <= {0, 1, 5}
        assert sk.check(jobs, f) == []


@pytest.mark.parametrize("preempt", ["sometimes", "\ud800", "\x1b[2J"])
def test_modes_that_do_not_exist(preempt: str) -> None:
    with pytest.raises(sk.InvalidInputError, match="preempt") as caught:
        o.simulate(o.Jobs([0], [1]), preempt=preempt)
    assert str(caught.value).isprintable()


def test_integers_that_floats_would_round_are_refused() -> None:
    """2**53 + 1 is the first; 2**53 + 2 is exact."""
    odd = 2**53 + 1
    assert o.Jobs([odd + 1], [1]).release_time.tolist() == [odd + 1]
    for columns in (([0, odd], [1, 1]), ([0, 1], [odd, 1]), ([0, 0.5], [odd, 1])):
        with pytest.raises(sk.InvalidInputError, match=str(odd)):
            o.Jobs(*columns)
    for field in ("weight", "estimate", "deadline"):
        with pytest.raises(sk.InvalidInputError, match=f"{field}.*{odd}"):
            o.Jobs([0], [1], **{field: [odd]})
    queue: o.PolicyQueue[str] = o.PolicyQueue("srpt")
    for facts in ({"size": odd}, {"size": 1, "now": odd}, {"size": 1, "deadline": -odd}, {"size": 1, "weight": odd}):
        with pytest.raises(sk.InvalidInputError, match=str(odd)):
            queue.add("a", **facts)
    with pytest.raises(sk.InvalidInputError, match=str(odd)):
        queue.add_many(["a", "b"], size=[1, odd])
    assert len(queue) == 0
    queue.add("a", size=odd + 1, now=odd + 1)
    with pytest.raises(sk.InvalidInputError, match=str(odd)):
        queue.progress("a", odd, now=odd + 1)


def test_extreme_numbers_neither_hang_nor_overflow() -> None:
    jobs = o.Jobs(
        [-1e100, 0, 1e100, 5e-324], [5e-324, 1e100, 1e-300, 1e-9], weight=[0, 1e100, 5e-324, 1], estimate=[0, 1e100, 1, 0]
    )
    for policy in o.POLICIES:
        if policy != "rr":
            assert np.isfinite(o.simulate(jobs, policy).completion_time).all()


def test_jobs_and_results_do_not_change() -> None:
    release = np.array([0.0, 1.0])
    jobs = o.Jobs(release, [3, 1])
    release[0] = 99.0
    assert jobs.release_time.tolist() == [0.0, 1.0]
    for array in (jobs.release_time, jobs.processing_time, o.simulate(jobs).completion_time, o.simulate(jobs).flow_time):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    with pytest.raises(AttributeError):
        jobs.weight = [1.0, 2.0]


def test_bounds_of_nothing_are_plain_zero() -> None:
    nothing = sk.online.Jobs([], [])
    assert [str(sk.online.lower_bound(nothing, servers=k)) for k in (1, 2, 3)] == ["0.0"] * 3
