"""The policy queue from Python: growth with the number of waiting keys, and a pop and an add under every policy.

Beside `heapq` with tuples, which knows neither removal nor policies. Answers are verified before anything is timed; ratios are
taken in one run.
"""

from __future__ import annotations

from typing import Any

import pytest
import schedkit as sk

from benches.measure import seconds
from benches.report_queue import SIZES, measure, sizes


@pytest.mark.parametrize("n", SIZES)
def test_growth(benchmark: Any, n: int) -> None:
    row = benchmark.pedantic(measure, args=(n,), rounds=1)
    benchmark.extra_info.update(
        instance=f"srpt, {n} exponential sizes waiting, nanoseconds",
        # Memory is measured by report_queue alone, in a process for each size: here it is that of queues before.
        **{name.replace(" ", "_"): round(value) for name, value in row.items() if name != "bytes a key"},
    )


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

    pair = seconds(pairs, repeat=15)[0] / len(size)
    benchmark.extra_info.update(instance=f"{name}, 10^4 waiting", ns_a_pop_and_an_add=round(1e9 * pair))
    benchmark.pedantic(pairs, rounds=3)
