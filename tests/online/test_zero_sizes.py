"""Jobs of size 0 wait for a server like all others, and need it for an instant: hand values, formulas, plain simulators."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.online import POLICIES

from . import exact, oracles
from .oracles import Job
from .test_exact import exact_jobs

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "400"))
KEYS = ("fcfs", "sjf", "srpt", "psjf", "hdf", "wsrpt", "edf", "hrrn", "srpt_e", "psjf_e")
# Whatever the others do, nothing is less than no time, no service, no share.
AT_ARRIVAL = ("srpt", "psjf", "wsrpt", "hdf", "op_srpt", "ps", "las", "slf")


def judged(jobs: sk.online.Jobs, policy: Any, **options: Any) -> sk.online.FlowResult:
    """A simulation whose segments are checked, and show every job; the same without segments."""
    result = sk.online.simulate(jobs, policy, segments=True, **options)
    assert [v for v in sk.check(jobs, result) if v.kind != "deadline"] == []
    assert result.segments is not None
    assert set(result.segments.job.tolist()) == set(range(len(jobs)))
    ends = np.full(len(jobs), -np.inf)
    np.maximum.at(ends, result.segments.job, result.segments.end)
    assert np.allclose(ends, result.completion_time, rtol=1e-12)
    plain = sk.online.simulate(jobs, policy, **options)
    assert plain.completion_time.tolist() == result.completion_time.tolist()
    assert plain.num_preemptions == result.num_preemptions
    return result


def rows(result: sk.online.FlowResult) -> list[tuple[int, int, float, float]]:
    assert result.segments is not None
    return list(result.segments)


@pytest.mark.parametrize("preempt", ["anywhere", "operation", "never"])
def test_a_busy_server_keeps_them_waiting(preempt: Any) -> None:
    """By hand; simpy and Ciw give the same."""
    result = judged(sk.online.Jobs([0, 1, 1], [5, 0, 2]), "fcfs", preempt=preempt)
    assert result.completion_time.tolist() == [5, 5, 7]
    assert rows(result) == [(0, 0, 0, 5), (1, 0, 5, 5), (2, 0, 5, 7)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("srpt", [9, 1, 4, 1]),  # no time is left of 1 and 3; 2 has less left than 0
        ("edf", [6, 6, 9, 4]),  # 3 is due before 0, 1 after it
        ("sjf", [6, 6, 9, 6]),  # does not preempt, then the two of no size
        ("hrrn", [6, 6, 9, 6]),
        ("fcfs", [6, 6, 9, 9]),  # 3 came after 2
    ],
)
def test_what_they_wait_for_follows_the_policy(policy: str, expected: list[float]) -> None:
    """Worked out by hand: job 0 runs from 0 on, 1 and 2 come at 1, and 3 at 1 or, for edf and fcfs, at 4."""
    late = 1 if policy in ("srpt", "sjf", "hrrn") else 4
    jobs = sk.online.Jobs([0, 1, 1, late], [6, 0, 3, 0], deadline=[20, 30, 40, 10])
    assert judged(jobs, policy).completion_time.tolist() == expected
    assert sk.online.replay(jobs, policy).tolist() == expected


def test_round_robin_gives_them_a_turn() -> None:
    """By hand, quantum 2: job 0 has the server until 2, then job 1, which came at 1, in no time."""
    jobs = sk.online.Jobs([0, 1, 1], [5, 0, 2])
    assert judged(jobs, sk.online.RR(quantum=2.0)).completion_time.tolist() == [7, 2, 4]


def test_a_job_preempted_for_an_instant_goes_on() -> None:
    result = judged(sk.online.Jobs([0, 2, 3], [5, 0, 0]), "srpt")
    assert rows(result) == [(0, 0, 0, 2), (0, 0, 2, 3), (1, 0, 2, 2), (0, 0, 3, 5), (2, 0, 3, 3)]  # by start, then job
    assert result.num_preemptions == 0


def test_a_switch_to_them_costs_what_it_costs() -> None:
    """By hand: switch until 1, at 1 switch to job 1 until 2, back until 3, then 5 of work."""
    result = judged(sk.online.Jobs([0, 1], [5, 0]), "srpt", switch_cost=1.0)
    assert result.completion_time.tolist() == [8, 2]
    assert result.num_preemptions == 1
    late = judged(sk.online.Jobs([0, 0.5, 0.75], [0, 5, 0]), "psjf", switch_cost=1.0)
    assert late.completion_time.tolist() == [1, 8, 2]  # 1 waits for 0 until 1, 3 takes the server until 2, 1 from 3 on


def test_several_servers() -> None:
    """By hand: both servers are busy until 3, then one has room for both."""
    jobs = sk.online.Jobs([0, 0, 1, 2], [3, 4, 0, 0])
    assert judged(jobs, "fcfs", servers=2).completion_time.tolist() == [3, 4, 3, 3]
    assert judged(jobs, "fcfs", servers=3).completion_time.tolist() == [3, 4, 1, 2]
    assert judged(jobs, "srpt", servers=2).completion_time.tolist() == [3, 4, 1, 2]


def test_the_queue_keeps_them_in_line() -> None:
    queue: sk.online.PolicyQueue[str] = sk.online.PolicyQueue("fcfs")
    queue.add("long", size=5, now=0)
    queue.progress("long", 1, now=1)
    queue.add("empty", size=0, now=1)
    assert queue.peek(now=1) == "long"
    queue.remove("long")
    assert queue.pop(now=5) == "empty"


@pytest.mark.parametrize(("policy", "expected"), [("hdf", [2, 2, 0, 1]), ("wsrpt", [2, 2, 0, 1]), ("hrrn", [0, 2, 0, 2])])
def test_no_size_beside_no_weight(policy: str, expected: list[float]) -> None:
    """A weight of 0 comes last, whatever the size; the response ratio of no size is infinite. By hand."""
    jobs = sk.online.Jobs([0, 0, 0, 1], [0, 2, 0, 0], weight=[0, 1, 1, 1])
    assert judged(jobs, policy).completion_time.tolist() == expected
    assert sk.online.replay(jobs, policy).tolist() == expected


# --- formulas ----------------------------------------------------------------------------------------------------------------


def means(flow: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The mean and its standard error by batch means."""
    batches = flow[: flow.size // 40 * 40].reshape(40, -1).mean(axis=1)
    return float(batches.mean()), float(batches.std(ddof=1) / math.sqrt(40))


@pytest.mark.parametrize(
    ("policy", "empty", "full"),
    [
        # Rate 0.4, sizes 0 and 2, load 0.4: the mean residual work is 0.4 * 2 / 2 = 0.4.
        ("fcfs", 0.4 / 0.6, 2 + 0.4 / 0.6),  # Pollaczek-Khinchine, the same wait for all
        ("sjf", 0.4, 2 + 0.4 / 0.6),  # Cobham (1954): two classes without preemption
        ("srpt", 0.0, 2 + 0.4 / 0.6),  # those of size 2 are M/D/1 of their own
        ("ps", 0.0, 2 / 0.6),  # size over 1 - load
    ],
)
def test_one_server_by_formula(policy: str, empty: float, full: float) -> None:
    n = 400_000
    size = 2.0 * np.random.default_rng(1).integers(0, 2, n)
    jobs = sk.online.Jobs(np.random.default_rng(2).exponential(1 / 0.4, n).cumsum(), size)
    flow = sk.online.simulate(jobs, policy).flow_time
    for kind, expected in ((size == 0, empty), (size > 0, full)):
        mean, error = means(flow[kind])
        assert abs(mean - expected) <= 4 * error, (policy, mean, expected, error)
        assert error <= 0.02


@pytest.mark.parametrize(("policy", "empty", "full"), [("fcfs", 4 / 9, 13 / 9), ("ps", 0.0, 13 / 9)])
def test_three_servers_by_formula(policy: str, empty: float, full: float) -> None:
    """Those of size 0 hold no server, so the others are M/M/3 with load 2: by Erlang's C all wait 4/9 on average."""
    n = 400_000
    rng = np.random.default_rng(3)
    size = np.where(rng.integers(0, 2, n) == 0, 0.0, rng.exponential(1.0, n))
    jobs = sk.online.Jobs(rng.exponential(1 / 4, n).cumsum(), size)
    flow = sk.online.simulate(jobs, policy, servers=3).flow_time
    for kind, expected in ((size == 0, empty), (size > 0, full)):
        mean, error = means(flow[kind])
        assert abs(mean - expected) <= 4 * error, (policy, mean, expected, error)
        assert error <= 0.02


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("policy", ["sjf", "srpt"])
def test_jobs_of_size_zero_delay_no_other_job(policy: str, servers: int) -> None:
    """The others complete as if they were alone; sjf serves one of no size as soon as a server is free."""
    n = 3000
    rng = np.random.default_rng(5)
    release = rng.exponential(0.3 / servers, n).cumsum()
    size = np.where(rng.integers(0, 2, n) == 0, 0.0, rng.exponential(0.5, n))
    done = sk.online.simulate(sk.online.Jobs(release, size), policy, servers=servers).completion_time
    some = size > 0
    alone = sk.online.simulate(sk.online.Jobs(release[some], size[some]), policy, servers=servers).completion_time
    assert np.array_equal(done[some], alone)
    if policy == "srpt":
        assert np.array_equal(done[~some], release[~some])
        return
    begun, ended = alone - size[some], alone
    for r, d in zip(release[~some].tolist(), done[~some].tolist(), strict=True):
        busy = np.sort(ended[(begun <= r + 1e-9) & (ended > r)])
        waits = ended[ended > r]
        # A server that becomes free serves it before it begins with another job.
        expected = r if busy.size < servers else waits.min()
        assert abs(d - expected) <= 1e-9


# --- plain simulators ----------------------------------------------------------------------------------------------------


def streams(seed: int, *, operations: int = 1) -> Any:
    """Random streams of small whole numbers, half of the sizes 0: jobs, and a way to make the oracle's fresh copy of them."""
    rng = np.random.default_rng(seed)
    for _ in range(INSTANCES):
        n = int(rng.integers(1, 11))
        release = rng.integers(0, 10, n).tolist()
        ops = [(rng.integers(0, 5, int(rng.integers(1, operations + 1))) * rng.integers(0, 2)).tolist() for _ in range(n)]
        weight = rng.integers(1, 10, n).tolist()
        estimate = rng.integers(0, 7, n).tolist()
        deadline = (np.array(release) + rng.integers(0, 25, n)).tolist()
        columns: dict[str, Any] = {"weight": weight, "estimate": estimate, "deadline": deadline}
        if operations > 1:
            jobs = sk.online.Jobs(release, operations=ops, **columns)
        else:
            jobs = sk.online.Jobs(release, [row[0] for row in ops], **columns)

        def fresh(made: Any = (release, ops, weight, estimate, deadline)) -> list[Job]:
            return [Job(j, r, list(o), w, z, d) for j, (r, o, w, z, d) in enumerate(zip(*made, strict=True))]

        yield jobs, fresh


@pytest.mark.parametrize("never", [False, True], ids=["anywhere", "never"])
@pytest.mark.parametrize("servers", [1, 2, 3])
@pytest.mark.parametrize("name", KEYS)
def test_ranks(name: str, servers: int, never: bool) -> None:
    for jobs, fresh in streams(servers):
        result = judged(jobs, name, servers=servers, preempt="never" if never else "anywhere")
        assert result.completion_time.tolist() == oracles.clairvoyant(name, fresh(), servers, never=never), jobs._content()
        if name in AT_ARRIVAL and not never:
            empty = jobs.processing_time == 0
            assert np.array_equal(result.completion_time[empty], jobs.release_time[empty])


@pytest.mark.parametrize("servers", [15, 16, 20, 40])
@pytest.mark.parametrize("name", ["srpt", "psjf", "hdf", "wsrpt", "edf", "srpt_e", "psjf_e"])
def test_many_servers(name: str, servers: int) -> None:
    rng = np.random.default_rng(servers)
    for _ in range(max(2, INSTANCES // 100)):
        n = 4 * servers
        made = (
            rng.integers(0, 12, n).tolist(),
            [[p] for p in (rng.integers(0, 12, n) * rng.integers(0, 2, n)).tolist()],
            rng.integers(1, 10, n).tolist(),
            rng.integers(0, 12, n).tolist(),
            rng.integers(0, 40, n).tolist(),
        )
        release, rows, weight, estimate, deadline = made
        jobs = sk.online.Jobs(release, [row[0] for row in rows], weight=weight, estimate=estimate, deadline=deadline)
        fresh = [Job(j, r, list(o), w, z, d) for j, (r, o, w, z, d) in enumerate(zip(*made, strict=True))]
        assert judged(jobs, name, servers=servers).completion_time.tolist() == oracles.clairvoyant(name, fresh, servers)


PLAIN: dict[str, tuple[Any, int, Callable[[list[Job]], list[int]]]] = {
    "srpt_ageing": (sk.online.SRPTAgeing(rate=0.25), 1, lambda jobs: oracles.clairvoyant("srpt_ageing", jobs)),
    "bansal_dhamdhere": ("bansal_dhamdhere", 1, oracles.weight_classes),
    "rr": (sk.online.RR(quantum=2), 1, lambda jobs: oracles.feedback(jobs, lambda _: 2, one_line=True)),
    "mlf": (sk.online.MLF(quantum=1), 1, lambda jobs: oracles.feedback(jobs, lambda level: 2**level)),
    "gittins": (
        sk.online.Gittins([1, 2, 4], [5, 3, 8]),
        1,
        lambda jobs: oracles.gittins(jobs, [(1, 5), (2, 3), (4, 8)]),
    ),
    "balance": ("balance", 1, lambda jobs: oracles.balance(jobs, gradual=False)),
    "chunk_balance": ("chunk_balance", 4, lambda jobs: oracles.balance(jobs, gradual=True)),
    "op_srpt": ("op_srpt", 4, oracles.operation_srpt),
}


@pytest.mark.parametrize("name", PLAIN)
def test_other_rules(name: str) -> None:
    policy, operations, oracle = PLAIN[name]
    for jobs, fresh in streams(7, operations=operations):
        assert judged(jobs, policy).completion_time.tolist() == oracle(fresh()), jobs._content()


@pytest.mark.parametrize("name", ["ps", *exact.RULES])
def test_sharing_by_exact_rationals(name: str) -> None:
    for jobs, _ in streams(8):
        expected = [float(c) for c in exact.completion_times(exact_jobs(jobs), name)]
        assert np.allclose(judged(jobs, name).completion_time, expected, rtol=1e-14, atol=0), jobs._content()


@pytest.mark.parametrize("name", POLICIES)
def test_replay_equals_simulate(name: str) -> None:
    policy: Any = sk.online.Gittins([1, 2, 4]) if name == "gittins" else name
    for k, (jobs, _) in enumerate(streams(9, operations=3)):
        if k == INSTANCES // 4:
            break
        expected = sk.online.simulate(jobs, policy).completion_time
        assert np.allclose(sk.online.replay(jobs, policy), expected, rtol=1e-12, atol=1e-12), jobs._content()


def test_a_slowdown_without_size() -> None:
    result = sk.online.simulate(sk.online.Jobs([0, 1, 9], [5, 0, 0]), "fcfs")
    assert result.slowdown.tolist() == [1, math.inf, 1]
