"""Decisions for model servers: admission with full batches and long lines, routing among many replicas, and simulated steps."""

from __future__ import annotations

import heapq
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk
from schedkit.serving.router import RoutingPolicy

RUNNING = 256
WAITING = 10_000
REPLICAS = 256
CALLS = 200
ADMISSION = ("past_future", "future", "conservative", "aggressive")
ROUTING: tuple[RoutingPolicy, ...] = (
    "round_robin",
    "random",
    "least_loaded",
    "two_choices",
    "bounded_load",
    "prefix",
    "dual_hash",
)


def full_batch(policy: Any, running: int = RUNNING) -> sk.serving.Admission[int]:
    """A batch of so many requests that has seen as many answers, in a cache that has room for a few more."""
    rng = random.Random(1)
    admission: sk.serving.Admission[int] = sk.serving.Admission(1500 * running, policy)
    for key in range(running):
        admission.start(-1 - key, 100, 600)
        admission.finished(-1 - key, rng.randint(1, 600))
    for key in range(running):
        admission.start(key, rng.randint(10, 1000), 600)
        if key % max(running // 64, 1) == 0:
            admission.advance()
    return admission


def seconds(call: Callable[[], Any], calls: int = CALLS, rounds: int = 15) -> float:
    """The median over rounds of the mean time of a call."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        found.append((time.perf_counter() - begun) / calls)
    return statistics.median(found)


def admit_one(policy: Any, running: int = RUNNING) -> float:
    """Seconds until `admit` has decided on one waiting request."""
    admission, line = full_batch(policy, running), [(-1, 400, 600)]
    return seconds(lambda: admission.admit(line))


def admit_none(policy: Any) -> float:
    """Seconds of an `admit` without waiting requests: what the call itself takes from Python."""
    admission: sk.serving.Admission[int] = full_batch(policy)
    return seconds(lambda: admission.admit([]))


def admit_several(policy: Any, joining: int = 8, running: int = RUNNING) -> float:
    """Seconds of an `admit` that lets so many small requests join."""
    admission = full_batch(policy, running)
    line = [(-1 - k, 40, 40) for k in range(joining)]
    assert admission.admit(line) == joining
    return seconds(lambda: admission.admit(line))


def advance_one(policy: Any, running: int = RUNNING, steps: int = 2000) -> float:
    """Seconds of an `advance` and of the `admit` after it, which lets one join: the median over steps of a server in which each
    request that ends is followed by a new one."""
    rng = random.Random(4)
    longest, line = 600, [(-1, 40, 40)]
    admission: sk.serving.Admission[int] = sk.serving.Admission(1500 * running, policy)
    ends: list[tuple[int, int, int]] = []
    for key in range(running):
        admission.start(key, 100, longest)
        heapq.heappush(ends, (rng.randint(1, longest), key, 0))
    found, key = [], running
    for step in range(1, longest + steps + 1):
        begun = time.perf_counter()
        admission.advance()
        joining = admission.admit(line)
        found.append(time.perf_counter() - begun)
        assert joining == 1
        while ends[0][0] == step:
            _, gone, started = heapq.heappop(ends)
            admission.finished(gone, step - started)
            admission.start(key, 100, longest)
            heapq.heappush(ends, (step + rng.randint(1, longest), key, step))
            key += 1
    return statistics.median(found[longest:])


def admit_from_line(policy: Any, waiting: int = WAITING) -> float:
    """Seconds until `admit` has decided with so many requests in the line, of which none fits."""
    admission = full_batch(policy)
    # The tokens that are free now would suffice, those that are needed later do not: the cheapest test cannot tell.
    tokens = int(0.95 * 1500 * RUNNING) - admission.held - (0 if policy == "aggressive" else 1)
    line = [(-1 - k, tokens, 600) for k in range(waiting)]
    assert admission.admit(line) == 0
    return seconds(lambda: admission.admit(line))


def route_one(policy: Any, replicas: int = REPLICAS, calls: int = 20_000) -> float:
    """Seconds of a `route` with a prompt of 20 blocks and the `finished` of an earlier request."""
    rng = random.Random(2)
    router = sk.serving.Router(replicas, policy, cache_blocks=4000)
    prefixes = [[f * 1000 + k for k in range(rng.randint(1, 20))] for f in range(500)]
    given = prefixes if policy in ("prefix", "dual_hash") else [None] * 500
    for key in range(4 * replicas):
        router.route(key, rng.randint(1, 4000), given[key % 500])
    begun = time.perf_counter()
    for key in range(4 * replicas, 4 * replicas + calls):
        router.route(key, 1000, given[key % 500])
        router.finished(key - 4 * replicas)
    return (time.perf_counter() - begun) / calls


@pytest.mark.parametrize("policy", ADMISSION)
def test_admit(benchmark: Any, policy: str) -> None:
    admission, line = full_batch(policy), [(-1, 400, 600)]
    answer = benchmark(lambda: admission.admit(line))
    assert answer in (0, 1)
    benchmark.extra_info |= {"instance": f"{RUNNING} running"}


@pytest.mark.parametrize("policy", ADMISSION)
def test_advance(benchmark: Any, policy: str) -> None:
    admission = full_batch(policy)
    benchmark.pedantic(admission.advance, rounds=300)  # until all have produced their maximum
    assert admission.held == admission.peak() or policy == "conservative"
    benchmark.extra_info |= {"instance": f"{RUNNING} running"}


@pytest.mark.parametrize("policy", ROUTING)
def test_route(benchmark: Any, policy: RoutingPolicy) -> None:
    router = sk.serving.Router(REPLICAS, policy, cache_blocks=4000)
    keys = iter(range(10**9))

    def route() -> None:
        key = next(keys)
        router.route(key, 1000, [key % 50, key % 7])
        if key >= 1000:
            router.finished(key - 1000)

    benchmark(route)
    assert sum(router.load.values()) == 1000 * len(router)
    benchmark.extra_info |= {"instance": f"{REPLICAS} replicas"}


def test_simulate(benchmark: Any) -> None:
    rng = random.Random(3)
    n = 20_000
    trace = sk.serving.Trace(
        [k / 5.5 for k in range(n)], [rng.randint(1, 2300) for _ in range(n)], [rng.randint(1, 420) for _ in range(n)]
    )
    result = benchmark(lambda: sk.serving.simulate(trace, replicas=4, step=(0.02, 3e-5, 1e-4, 2e-7), capacity=60_000))
    assert sk.check(trace, result) == []
    tokens = int(trace.output_tokens.sum())
    benchmark.extra_info |= {
        "instance": f"{n} requests, {tokens} tokens of answers",
        "million_steps_of_requests_a_second": round(tokens / benchmark.stats.stats.min / 1e6, 1),
    }
