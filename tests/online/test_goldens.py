"""Worked numbers from the papers and from independent scripts, none of them our own output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .test_oracles import judged

RELEASE, SIZE = [0, 1, 2, 3, 3], [8, 2, 1, 4, 1]


@pytest.mark.parametrize(
    ("policy", "servers", "total", "completion"),
    [
        ("srpt", 1, 28, [16, 3, 4, 9, 5]),
        ("psjf", 1, 28, [16, 5, 3, 9, 4]),
        ("sjf", 1, 46, [8, 12, 9, 16, 10]),
        ("fcfs", 1, 51, [8, 10, 11, 15, 16]),
        ("srpt", 2, 18, [10, 3, 3, 7, 4]),
        ("las", 1, 35, [16, 8, 3, 12, 5]),
        ("fb", 1, 35, [16, 8, 3, 12, 5]),
        ("setf", 1, 35, [16, 8, 3, 12, 5]),
    ],
)
def test_five_jobs(policy: str, servers: int, total: float, completion: list[float]) -> None:
    f = judged(sk.online.Jobs(RELEASE, SIZE), policy, servers=servers)
    assert f.completion_time.tolist() == completion
    assert f.total_flow_time == total


def test_five_jobs_under_processor_sharing() -> None:
    f = judged(sk.online.Jobs(RELEASE, SIZE), "ps")
    assert np.allclose(f.completion_time, [16, 49 / 6, 19 / 3, 83 / 6, 23 / 3], rtol=1e-12)
    assert f.total_flow_time == pytest.approx(43, rel=1e-12)


@pytest.mark.parametrize(
    ("estimate", "total", "completion"), [(SIZE, 28, [16, 5, 3, 9, 4]), ([4, 4, 1, 1, 2], 39, [14, 16, 3, 7, 8])]
)
def test_balance(estimate: list[float], total: float, completion: list[float]) -> None:
    f = judged(sk.online.Jobs(RELEASE, SIZE, estimate=estimate), "balance")
    assert (f.total_flow_time, f.completion_time.tolist()) == (total, completion)


def test_chunk_balance_and_its_schedule() -> None:
    jobs = sk.online.Jobs([0, 1, 2, 3], operations=[[4, 2, 8], [1, 1], [2, 5], [16]])
    f = judged(jobs, "chunk_balance")
    schedule = [(0, 0, 1), (1, 1, 3), (2, 3, 5), (0, 5, 10), (2, 10, 15), (0, 15, 23), (3, 23, 39)]
    assert f.segments is not None
    assert [(job, start, end) for job, _, start, end in f.segments] == schedule
    assert (f.total_flow_time, f.completion_time.tolist()) == (74, [23, 3, 15, 39])
    assert f.lower_bound == 69
    assert judged(jobs, "op_srpt").total_flow_time == 74


@pytest.mark.parametrize(
    ("policy", "release", "operations", "completion"),
    [
        ("srpt", [1, 0], [[2], [3]], [5, 3]),
        ("op_srpt", [2, 0], [[1], [3, 1, 2]], [5, 7]),
        ("chunk_balance", [0, 0, 1], [[1, 5], [5, 7], [4]], [22, 13, 17]),
    ],
)
def test_details_that_decide(policy: str, release: list[float], operations: Any, completion: list[float]) -> None:
    assert judged(sk.online.Jobs(release, operations=operations), policy).completion_time.tolist() == completion


def ratio(jobs: sk.online.Jobs, policy: str, digits: int) -> float:
    return round(judged(jobs, policy).ratio, digits)


@pytest.mark.parametrize(
    ("m", "op_srpt", "chunk"), [(2, 1.851, 1.829), (3, 2.459, 2.404), (4, 2.838, 2.746), (6, 3.131, 2.973)]
)
def test_stress_a(m: int, op_srpt: float, chunk: float) -> None:
    jobs = sk.online.workloads.stress_a(m)
    assert (ratio(jobs, "op_srpt", 3), ratio(jobs, "chunk_balance", 3)) == (op_srpt, chunk)


@pytest.mark.parametrize(("m", "both"), [(8, 2.495), (16, 4.459), (32, 8.178)])
def test_stress_b(m: int, both: float) -> None:
    jobs = sk.online.workloads.stress_b(m)
    assert (ratio(jobs, "op_srpt", 3), ratio(jobs, "chunk_balance", 3)) == (both, both)


@pytest.mark.parametrize(
    ("n", "size", "stream", "value"),
    [(20, 10, 20, 1.5433), (20, 10, 200, 1.7005), (40, 10, 200, 1.7481), (60, 20, 250, 1.7676)],
)
def test_uniform_tests_tend_to_two(n: int, size: float, stream: int, value: float) -> None:
    assert ratio(sk.online.workloads.uniform_tests(n, size, stream), "op_srpt", 4) == value


def test_classes_come_from_the_exponent() -> None:
    # floor(log2(x)) would put the number just below 8 into the class of 8: then job 1 could not overtake job 0.
    below = float(np.nextafter(8.0, 0.0))
    jobs = sk.online.Jobs([0, 1], [8, 1], estimate=[8.0, below])
    assert judged(jobs, "balance").completion_time.tolist() == [9, 2]
