"""SRPT from Python against two versions that a user would write: heapq, and a heap under numba.

The timed region is arrays in, arrays out: building `Jobs` and simulating for ours, the function call for the peers. Ratios are
taken in one run, and all completion times are compared before anything is timed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from numpy.typing import NDArray

from benches.measure import seconds

Floats = NDArray[np.float64]
SIZES = {"exponential": sk.online.workloads.Exponential(1.0), "pareto 1.5": sk.online.workloads.Pareto(1.5, 1.0)}


def stream(n: int, kind: str) -> tuple[Floats, Floats]:
    jobs = sk.online.workloads.queue(n, load=0.9, size=SIZES[kind], seed=1)
    return np.array(jobs.release_time), np.array(jobs.processing_time)


def by_heapq(release: Floats, size: Floats) -> Floats:
    """SRPT with the standard library."""
    completion = [0.0] * release.size
    heap: list[tuple[float, int]] = []
    now = 0.0
    for j, (r, p) in enumerate(zip(release.tolist(), size.tolist(), strict=True)):
        while heap and now + heap[0][0] <= r:
            left, k = heapq.heappop(heap)
            now += left
            completion[k] = now
        if heap:
            heap[0] = (heap[0][0] - (r - now), heap[0][1])  # still the least
        now = r
        heapq.heappush(heap, (p, j))
    while heap:
        left, k = heapq.heappop(heap)
        now += left
        completion[k] = now
    return np.array(completion)


def numba_heap() -> Callable[[Floats, Floats], Floats]:
    """SRPT with a binary heap written by hand, compiled by numba."""
    numba = pytest.importorskip("numba")

    @numba.njit(cache=False)
    def srpt(release: Any, size: Any) -> Any:
        n = release.size
        completion = np.empty(n)
        left, job = np.empty(n), np.empty(n, np.int64)
        count, now = 0, 0.0
        for step in range(n + 1):
            r = release[step] if step < n else np.inf
            while count > 0 and now + left[0] <= r:
                now += left[0]
                completion[job[0]] = now
                count -= 1
                key, owner, hole = left[count], job[count], 0
                while True:
                    child = 2 * hole + 1
                    if child >= count:
                        break
                    if child + 1 < count and left[child + 1] < left[child]:
                        child += 1
                    if left[child] >= key:
                        break
                    left[hole], job[hole], hole = left[child], job[child], child
                left[hole], job[hole] = key, owner
            if step == n:
                break
            if count > 0:
                left[0] -= r - now
            now = r
            hole = count
            count += 1
            while hole > 0 and left[(hole - 1) // 2] > size[step]:
                parent = (hole - 1) // 2
                left[hole], job[hole], hole = left[parent], job[parent], parent
            left[hole], job[hole] = size[step], step
        return completion

    compiled: Callable[[Floats, Floats], Floats] = srpt
    return compiled


def ours(release: Floats, size: Floats) -> sk.online.FlowResult:
    return sk.online.simulate(sk.online.Jobs(release, size), "srpt")


@pytest.mark.parametrize("kind", SIZES)
def test_srpt_against_what_a_user_would_write(benchmark: Any, kind: str) -> None:
    release, size = stream(1_000_000, kind)
    compiled = numba_heap()
    result = ours(release, size)
    for peer in (by_heapq, compiled):
        assert np.allclose(peer(release, size), result.completion_time, rtol=1e-9)
    mine, theirs = seconds(lambda: ours(release, size), lambda: compiled(release, size))
    again, slow = seconds(lambda: ours(release, size), lambda: by_heapq(release, size), repeat=3)
    benchmark.extra_info.update(
        instance=f"M/G/1, load 0.9, {kind}, 10^6 jobs",
        total_flow_time=result.total_flow_time,
        numba_over_ours=round(theirs / mine, 2),
        heapq_over_ours=round(slow / again, 1),
        ns_a_job=round(mine * 1e3, 1),
    )
    benchmark.pedantic(ours, args=(release, size), rounds=5)


@pytest.mark.parametrize("policy", sorted(sk.online.POLICIES))
def test_every_policy(benchmark: Any, policy: str) -> None:
    n = 200_000
    jobs = sk.online.workloads.queue(n, load=0.9, seed=2)
    noisy = sk.online.workloads.log_normal_noise(jobs.processing_time, 0.5, seed=3)
    jobs = sk.online.Jobs(jobs.release_time, jobs.processing_time, estimate=noisy, deadline=jobs.release_time + 10.0)
    result = sk.online.simulate(jobs, policy, segments=True)
    assert [v for v in sk.check(jobs, result) if v.kind != "deadline"] == []
    assert result.total_flow_time >= result.lower_bound * (1 - 1e-12)
    (time,) = seconds(lambda: sk.online.simulate(jobs, policy), repeat=3)
    benchmark.extra_info.update(
        instance=f"M/M/1, load 0.9, {n} jobs", ratio=round(result.ratio, 3), million_jobs_a_second=round(n / time / 1e6, 2)
    )
    benchmark.pedantic(sk.online.simulate, args=(jobs, policy), rounds=3)
