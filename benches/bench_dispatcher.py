"""The dispatcher from Python: a decision with ten thousand keys waiting, and a million keys with four predecessors each."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
import schedkit as sk

CAPACITY = {"cpu": 64, "gpu": 8, "disk": 16}
WAITING = 10_000
DECISIONS = 20_000
KEYS = 1_000_000


def requests(count: int, seed: int = 0) -> list[tuple[dict[str, int], float]]:
    """Demands and estimates; 192 different demands."""
    rng = random.Random(seed)
    return [
        ({"cpu": rng.randint(1, 16), "gpu": rng.randint(0, 2), "disk": rng.randint(1, 4)}, rng.expovariate(1.0))
        for _ in range(count)
    ]


def steady(backfill: Any) -> tuple[float, float]:
    """Seconds of a decision, and of a decision with its report and a new key, in a system that stays full."""
    d: Any = sk.online.Dispatcher(CAPACITY, backfill=backfill)
    work = requests(WAITING + DECISIONS)
    for k in range(WAITING):
        d.submit(k, demand=work[k][0], estimate=work[k][1], now=0.0)
    running = dict.fromkeys(d.next(0.0), 0.0)
    ends = [(work[k][1], k) for k in running]
    now, spent, begun = 0.0, 0.0, time.perf_counter()
    for k in range(WAITING, WAITING + DECISIONS):
        end, key = min(ends)
        ends.remove((end, key))
        now = max(now, end)
        d.finished(key, now)
        d.submit(k, demand=work[k][0], estimate=work[k][1], now=now)
        before = time.perf_counter()
        started = d.next(now)
        spent += time.perf_counter() - before
        ends += [(now + work[j][1], j) for j in started]
    return spent / DECISIONS, (time.perf_counter() - begun) / DECISIONS


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


@pytest.mark.parametrize("backfill", ["none", "greedy", "easy"])
def test_decision(benchmark: Any, backfill: str) -> None:
    decision, cycle = benchmark.pedantic(steady, args=(backfill,), rounds=1)
    benchmark.extra_info.update(
        instance=f"{backfill}, {WAITING} waiting, 3 resources, 192 demands",
        ns_a_decision=round(1e9 * decision),
        ns_a_cycle=round(1e9 * cycle),
    )


def test_a_million_keys(benchmark: Any) -> None:
    after = graph(KEYS)
    seconds = benchmark.pedantic(through, args=(after,), rounds=1)
    benchmark.extra_info.update(instance=f"{KEYS} keys, 4 predecessors each", seconds_for_all=seconds)
