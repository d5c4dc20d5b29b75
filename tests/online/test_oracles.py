"""Every policy against a slow, obvious simulator, on random small instances.

A slice runs here; ``SCHEDKIT_INSTANCES=20000`` runs as many as the documentation claims.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from . import oracles
from .oracles import Job

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "250"))
SHARED = ("ps", "las", "llf", "srpt_b", "slf")


def instance(rng: np.random.Generator, *, operations: int = 1) -> tuple[sk.online.Jobs, Callable[[], list[Job]]]:
    """A random stream and a way to make the oracle's fresh copy of it."""
    n = int(rng.integers(0, 8))
    release = rng.integers(0, 9, n).tolist()
    rows = [rng.integers(0, 6, int(rng.integers(1, operations + 1))).tolist() for _ in range(n)]
    weight = rng.integers(1, 10, n).tolist()
    estimate = rng.integers(0, 7, n).tolist()
    deadline = (np.array(release) + rng.integers(0, 25, n)).tolist()
    columns: dict[str, Any] = {"weight": weight, "estimate": estimate, "deadline": deadline}
    if operations > 1:
        jobs = sk.online.Jobs(release, operations=rows, **columns)
    else:
        jobs = sk.online.Jobs(release, [row[0] for row in rows], **columns)

    def fresh() -> list[Job]:
        made = zip(release, rows, weight, estimate, deadline, strict=True)
        return [Job(j, r, list(o), w, z, d) for j, (r, o, w, z, d) in enumerate(made)]

    return jobs, fresh


def judged(jobs: sk.online.Jobs, policy: Any, **options: Any) -> sk.online.FlowResult:
    """A simulation whose account is checked, and is the same without segments."""
    result = sk.online.simulate(jobs, policy, segments=True, **options)
    assert [v for v in sk.check(jobs, result) if v.kind != "deadline"] == []
    plain = sk.online.simulate(jobs, policy, **options)
    assert np.array_equal(plain.completion_time, result.completion_time)
    assert plain.num_preemptions == result.num_preemptions
    return result


def assert_same(
    policy: Any, oracle: Callable[[list[Job]], list[int]], *, operations: int = 1, seed: int, **options: Any
) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(INSTANCES):
        jobs, fresh = instance(rng, operations=operations)
        result = judged(jobs, policy, **options)
        expected = oracle(fresh())
        assert result.completion_time.tolist() == expected, f"{jobs._content()} {options}"


@pytest.mark.parametrize("name", ["fcfs", "sjf", "srpt", "psjf", "hdf", "wsrpt", "edf", "hrrn", "srpt_e", "psjf_e"])
@pytest.mark.parametrize("servers", [1, 2, 3])
def test_keys(name: str, servers: int) -> None:
    assert_same(name, lambda jobs: oracles.clairvoyant(name, jobs, servers), seed=servers, servers=servers)


@pytest.mark.parametrize("name", ["slack_edf", "slo_density"])
@pytest.mark.parametrize("servers", [1, 2, 3])
def test_ranks_that_change_at_deadlines(name: str, servers: int) -> None:
    assert_same(name, lambda jobs: oracles.by_deadlines(name, jobs, servers), seed=20 + servers, servers=servers)


def test_ageing() -> None:
    assert_same(sk.online.SRPTAgeing(rate=0.25), lambda jobs: oracles.clairvoyant("srpt_ageing", jobs), seed=4)


def test_weight_classes() -> None:
    assert_same("bansal_dhamdhere", oracles.weight_classes, seed=5)


@pytest.mark.parametrize("servers", [1, 2, 3])
@pytest.mark.parametrize("quantum", [1, 2, 3])
def test_round_robin(quantum: int, servers: int) -> None:
    def oracle(jobs: list[Job]) -> list[int]:
        return oracles.feedback(jobs, lambda _: quantum, one_line=True, servers=servers)

    assert_same(sk.online.RR(quantum=quantum), oracle, seed=6, servers=servers)


@pytest.mark.parametrize("servers", [1, 2, 3])
@pytest.mark.parametrize("quantum", [1, 2])
def test_feedback(quantum: int, servers: int) -> None:
    def oracle(jobs: list[Job]) -> list[int]:
        return oracles.feedback(jobs, lambda level: quantum * 2**level, servers=servers)

    assert_same(sk.online.MLF(quantum=quantum), oracle, seed=7, servers=servers)


def test_randomised_feedback_at_both_ends() -> None:
    # Large betas: a job leaves level i with service 2^i, so the quanta are 1, 1, 2, 4, ...
    large = sk.online.RMLF(gamma=1e-12)
    assert_same(large, lambda jobs: oracles.feedback(jobs, lambda level: max(1, 2 ** (level - 1))), seed=8)


def test_gittins() -> None:
    atoms = [(1, 5), (2, 3), (4, 6), (5, 2)]  # probabilities in sixteenths, so that ties are ties in floats too
    policy = sk.online.Gittins([s for s, _ in atoms], [p for _, p in atoms])
    assert_same(policy, lambda jobs: oracles.gittins(jobs, atoms), seed=9)


def test_balance() -> None:
    assert_same("balance", lambda jobs: oracles.balance(jobs, gradual=False), seed=10)


@pytest.mark.parametrize(("theta", "rule"), [(4, "record_class"), (1, "record_class"), (4, "volume"), (2, "volume")])
def test_chunk_balance(theta: int, rule: str) -> None:
    policy = sk.online.ChunkBalance(theta=theta, chunk_rule=rule)

    def oracle(jobs: list[Job]) -> list[int]:
        return oracles.balance(jobs, gradual=True, theta=theta, volume=rule == "volume")

    assert_same(policy, oracle, operations=4, seed=11)


@pytest.mark.parametrize("servers", [1, 2, 3])
def test_operation_srpt(servers: int) -> None:
    assert_same("op_srpt", lambda jobs: oracles.operation_srpt(jobs, servers), operations=4, seed=12, servers=servers)


def test_which_job_is_preempted_on_several_servers() -> None:
    """At 8 both served jobs have 2 left of an operation, and one of 1 arrives: the earlier operation yields, not the index."""
    jobs = sk.online.Jobs([5, 5, 8], operations=[[2, 3, 3], [3, 0, 2], [1, 2]])
    assert sk.online.simulate(jobs, "op_srpt", servers=2).completion_time.tolist() == [15, 10, 11]
    # At 7 jobs 1 and 2 are on level 1, where 1 came last, or job 2 would run on.
    jobs = sk.online.Jobs([7, 4, 3], [3, 5, 5])
    assert sk.online.simulate(jobs, sk.online.MLF(quantum=2), servers=2).completion_time.tolist() == [10, 10, 8]


@pytest.mark.parametrize("name", SHARED)
def test_shared(name: str) -> None:
    # Exact sharing is the limit of fine steps: times differ by at most a few ticks per job.
    ticks = 60
    rng = np.random.default_rng(13)
    for _ in range(INSTANCES):
        jobs, fresh = instance(rng)
        result = judged(jobs, name)
        expected = oracles.fine_step(fresh(), name, ticks)
        assert np.allclose(result.completion_time, expected, rtol=0, atol=2 * len(jobs) / ticks), f"{name} {jobs._content()}"


def test_srpt_is_the_optimum_by_brute_force() -> None:
    # Integral data have an integral optimal schedule: try every way to hand out the units of time.
    rng = np.random.default_rng(14)
    for _ in range(INSTANCES):
        n = int(rng.integers(1, 5))
        release, size = rng.integers(0, 5, n).tolist(), rng.integers(1, 4, n).tolist()
        best = brute_force(tuple(release), tuple(size))
        assert judged(sk.online.Jobs(release, size), "srpt").total_flow_time == best


def brute_force(release: tuple[int, ...], size: tuple[int, ...]) -> int:
    seen: dict[tuple[int, tuple[int, ...]], int] = {}

    def cost(time: int, left: tuple[int, ...]) -> int:
        """Future time in system, added up over the jobs."""
        if not any(left):
            return 0
        if (time, left) not in seen:
            here = [j for j, p in enumerate(left) if p and release[j] <= time]
            choices = [left] if not here else [(*left[:j], left[j] - 1, *left[j + 1 :]) for j in here]
            seen[time, left] = len(here) + min(cost(time + 1, choice) for choice in choices)
        return seen[time, left]

    return cost(0, size)
