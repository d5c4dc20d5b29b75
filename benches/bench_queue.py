"""The policy queue from Python: cost of an operation, growth with the number of waiting keys, and memory a key.

Beside `heapq` with tuples, which knows neither removal nor policies. The order of the keys is compared with a sort before
anything is timed; ratios are taken in one run.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

from benches.measure import seconds

ROUNDS = 20_000


def sizes(n: int) -> list[float]:
    draw = random.Random(1)
    return [draw.expovariate(1.0) for _ in range(n)]


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def nanoseconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    return seconds(run, repeat=5)[0] / rounds * 1e9


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000, 1_000_000])
def test_growth(benchmark: Any, n: int) -> None:
    size, keys = sizes(n), list(range(n))
    queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue("srpt")
    before = resident()
    for key, p in zip(keys, size, strict=True):
        queue.add(key, size=p, now=0)
    memory = (resident() - before) / n
    popped = queue.pop_many(n, now=0)
    assert popped == sorted(range(n), key=lambda key: size[key])
    queue.add_many(range(n), size=size, now=0)
    fresh = size[:ROUNDS] * (ROUNDS // min(n, ROUNDS))
    heap = [(p, key) for key, p in enumerate(size)]
    heapq.heapify(heap)

    def pairs() -> None:
        pop, add = queue.pop, queue.add
        for p in fresh:
            add(pop(), size=p)

    def plain() -> None:
        for p in fresh:
            heapq.heappush(heap, (p, heapq.heappop(heap)[1]))

    def peeks() -> None:
        for _ in range(ROUNDS):
            queue.peek()

    def many() -> None:
        keys = queue.pop_many(64)
        stretch.append(keys)

    stretch: list[list[int]] = []
    pair, other = (t / ROUNDS * 1e9 for t in seconds(pairs, plain, repeat=5))
    batch = []
    for _ in range(100):
        stretch.clear()
        batch.append(seconds(many, repeat=1)[0])
        queue.add_many(stretch[0], size=size[: len(stretch[0])])
    benchmark.extra_info.update(
        instance=f"srpt, {n} exponential sizes waiting",
        ns_a_pop_and_an_add=round(pair),
        ns_a_heapq_pair=round(other),
        ns_a_peek=round(nanoseconds(peeks)),
        us_pop_many_64=round(min(batch) * 1e6, 1),
        bytes_a_key=round(memory) if n >= 10_000 else None,  # below, pages hide it
    )
    benchmark.pedantic(pairs, rounds=3)


@pytest.mark.parametrize("name", sorted(sk.online.POLICIES))
def test_every_policy(benchmark: Any, name: str) -> None:
    policy: Any = sk.online.Gittins(size=[1, 2, 4, 8], probability=[4, 2, 1, 1]) if name == "gittins" else name
    size = sizes(10_000)
    queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue(policy)
    queue.add_many(range(10_000), size=size, estimate=size, deadline=size, now=0)
    assert sorted(queue) == list(range(10_000))

    def pairs() -> None:
        pop, add = queue.pop, queue.add
        for p in size:
            add(pop(), size=p, estimate=p)

    benchmark.extra_info.update(instance=f"{name}, 10^4 waiting", ns_a_pop_and_an_add=round(nanoseconds(pairs, 10_000)))
    benchmark.pedantic(pairs, rounds=3)
