"""The dispatcher from Python: a decision with ten thousand keys waiting, and a million keys with four predecessors each."""

from __future__ import annotations

import heapq
import random
import statistics
import time
from typing import Any

import pytest
import schedkit as sk

CAPACITY = {"cpu": 64, "gpu": 8, "disk": 16}
WAITING = 10_000
DECISIONS = 20_000
RESERVED = 5_000
"""Decisions of conservative backfilling, each of which compares the new key with all that wait."""
FEW, MANY = (16, 3, 4), (64, 9, 16)
"""How many units of each resource a key may need: 192 and 9,216 different demands."""
CHUNK = 100
KEYS = 1_000_000


def requests(count: int, limits: tuple[int, int, int] = FEW, seed: int = 0) -> list[tuple[dict[str, int], float]]:
    """Demands and estimates."""
    rng, (cpu, gpu, disk) = random.Random(seed), limits
    return [
        ({"cpu": rng.randint(1, cpu), "gpu": rng.randint(0, gpu - 1), "disk": rng.randint(1, disk)}, rng.expovariate(1.0))
        for _ in range(count)
    ]


def steady(backfill: Any, waiting: int = WAITING, limits: tuple[int, int, int] = FEW) -> tuple[float, float]:
    """Seconds of a decision, and of a decision with its report and a new key, in a system that stays full.

    Means of a hundred calls are taken, and their median counts, so that other programs on the machine do not.
    """
    d: Any = sk.online.Dispatcher(CAPACITY, backfill=backfill)
    total = waiting + (RESERVED if backfill == "conservative" else DECISIONS)
    work = requests(total, limits)
    for k in range(waiting):
        d.submit(k, demand=work[k][0], estimate=work[k][1], now=0.0)
    now, key = 0.0, waiting
    ends = [(work[j][1], j) for j in d.next(now)]
    heapq.heapify(ends)
    decisions, cycles = [], []
    clock = time.perf_counter
    while key < total:
        spent, cycle = 0.0, 0.0
        for _ in range(CHUNK):
            now, ended = heapq.heappop(ends)
            demand, estimate = work[key]
            begun = clock()
            d.finished(ended, now)
            d.submit(key, demand=demand, estimate=estimate, now=now)
            before = clock()
            started = d.next(now)
            after = clock()
            spent += after - before
            cycle += after - begun
            key += 1
            for j in started:
                heapq.heappush(ends, (now + work[j][1], j))
        decisions.append(spent / CHUNK)
        cycles.append(cycle / CHUNK)
    return statistics.median(decisions), statistics.median(cycles)


def graph(count: int) -> list[list[int]]:
    """Four predecessors for each key, among the thousand keys before it."""
    rng = random.Random(1)
    return [[rng.randrange(max(0, k - 1000), k) for _ in range(4)] if k >= 4 else [] for k in range(count)]


def through(after: list[list[int]]) -> float:
    """Seconds in which all keys go through the dispatcher."""
    d: Any = sk.online.Dispatcher({}, backfill="greedy")
    submit, finished, decide = d.submit, d.finished, d.next
    begun = time.perf_counter()
    for k, needs in enumerate(after):
        submit(k, after=needs, now=0.0)
    done = 0
    while started := decide(1.0):
        for key in started:
            finished(key, 1.0)
        done += len(started)
    seconds = time.perf_counter() - begun
    assert done == len(after)
    return seconds


@pytest.mark.parametrize(
    ("backfill", "waiting", "limits", "demands"),
    [
        ("none", WAITING, FEW, "192"),
        ("greedy", WAITING, FEW, "192"),
        ("easy", WAITING, FEW, "192"),
        ("easy", WAITING, MANY, "9,216"),
        ("conservative", 1_000, FEW, "192"),
    ],
)
def test_decision(benchmark: Any, backfill: str, waiting: int, limits: tuple[int, int, int], demands: str) -> None:
    decision, cycle = benchmark.pedantic(steady, args=(backfill, waiting, limits), rounds=1)
    benchmark.extra_info.update(
        instance=f"{backfill}, {waiting} waiting, 3 resources, {demands} demands",
        ns_a_decision=round(1e9 * decision),
        ns_a_cycle=round(1e9 * cycle),
    )


def test_a_million_keys(benchmark: Any) -> None:
    after = graph(KEYS)
    seconds = benchmark.pedantic(through, args=(after,), rounds=1)
    benchmark.extra_info.update(instance=f"{KEYS} keys, 4 predecessors each", seconds_for_all=seconds)
