"""The tables of docs/results/packing.md: how long packing takes, and how good it is (a minute)."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests.packing import oracles


def best_of(times: int, call: Callable[[], Any]) -> tuple[Any, float]:
    """The answer of a call, which the checker has judged, and the least of its processor times in milliseconds."""
    answer = call()
    assert sk.check(answer) == []
    spent = []
    for _ in range(times):
        begun = time.process_time()
        call()
        spent.append(1000 * (time.process_time() - begun))
    return answer, min(spent)


def speed() -> Table:
    """Times of calls from Python on large inputs."""
    rng = np.random.default_rng(0)
    lengths, sizes, load = rng.integers(1, 4097, 100_000), rng.integers(1, 10**6, 10**6), rng.lognormal(0, 1, (58, 256))
    rows = []
    method: Any
    for method in ("first_fit", "best_fit", "first_fit_decreasing", "best_fit_decreasing", "mffd"):
        _, spent = best_of(5, functools.partial(sk.packing.bins, lengths, 4096, method=method))
        rows.append((f"`bins`, 100,000 lengths into 4096, `{method}`", f"{spent:.1f} ms"))
    for method in ("lpt", "multifit", "karmarkar_karp"):
        _, spent = best_of(3, functools.partial(sk.packing.partition, sizes, 64, method=method))
        rows.append((f"`partition`, 1,000,000 items into 64 bins, `{method}`", f"{spent:.0f} ms"))
    _, spent = best_of(3, functools.partial(sk.packing.partition, sizes, 64, equal_count=True))
    rows.append(("`partition`, 1,000,000 items into 64 bins, `karmarkar_karp`, equal counts", f"{spent:.0f} ms"))
    for method in ("eplb", "balanced"):
        _, spent = best_of(10, functools.partial(sk.packing.replicate, load, 288, 8, 4, 32, method))
        rows.append((f"`replicate`, 58 layers of 256 experts, 288 slots, 32 devices, `{method}`", f"{spent:.1f} ms"))
    return table(("call", "time"), rows)


def plain() -> Table:
    """Best fit decreasing and largest differencing beside the plain versions of the tests, with equal answers."""
    rng = np.random.default_rng(1)
    rows = []
    for n in (1000, 10_000):
        lengths = rng.integers(1, 4097, n)
        ours, spent = best_of(5, functools.partial(sk.packing.bins, lengths, 4096))
        begun = time.process_time()
        theirs = oracles.decreasing(oracles.best_fit)(lengths.tolist(), 4096)
        other = 1000 * (time.process_time() - begun)
        assert theirs == ours.bin.tolist()
        rows.append(("`bins`, best fit decreasing", f"{n:,}", f"{spent:.2f} ms", f"{other:,.0f} ms", f"{other / spent:,.0f}"))
    sizes = rng.integers(1, 10**6, 1000)
    ours, spent = best_of(5, functools.partial(sk.packing.partition, sizes, 16))
    begun = time.process_time()
    loads = oracles.karmarkar_karp(sizes.tolist(), 16)
    other = 1000 * (time.process_time() - begun)
    assert loads == ours.load.tolist()
    rows.append(
        ("`partition`, largest differencing, 16 bins", "1,000", f"{spent:.2f} ms", f"{other:,.0f} ms", f"{other / spent:,.0f}")
    )
    return table(("call", "items", "time", "plain Python", "times as long"), rows)


def exact() -> Table:
    """How many of 200 random instances of 100 items `exact` proves within a second."""
    rows = []
    for low, high, capacity in ((1, 100, 100), (1, 100, 120), (1, 100, 150), (20, 100, 150), (50, 100, 150), (1, 4096, 4096)):
        rng = np.random.default_rng(2)
        proved, heuristic, spent = 0, 0, 0.0
        for _ in range(200):
            sizes = rng.integers(low, high + 1, 100)
            found = sk.packing.bins(sizes, capacity, method="exact", time_limit=1)
            assert isinstance(found, sk.packing.ExactBinResult)
            assert sk.check(found) == []
            proved += found.status == "optimal"
            heuristic += sk.packing.bins(sizes, capacity).status == "optimal"
            spent += found.runtime
        rows.append(
            (f"{low} to {high}", f"{capacity:,}", f"{heuristic / 2:.1f} %", f"{proved / 2:.1f} %", f"{5 * spent:.1f} ms")
        )
    return table(("sizes", "capacity", "best fit decreasing meets its bound", "`exact` proves", "mean time"), rows)


def replication() -> Table:
    """Largest loads of both methods of replication over their lower bound, for 100 layers of 256 experts each."""
    rows = []
    draws: dict[str, Callable[[np.random.Generator], Any]] = {
        "lognormal": lambda rng: rng.lognormal(0, 1, (100, 256)),
        "uniform": lambda rng: rng.random((100, 256)),
    }
    for layout in ((288, 8, 4, 32), (288, 1, 1, 32), (320, 8, 4, 40), (320, 1, 1, 64)):
        for name, draw in draws.items():
            load = draw(np.random.default_rng(3))
            found = [sk.packing.replicate(load, *layout, method) for method in ("eplb", "balanced")]
            assert all(sk.check(result) == [] for result in found)
            over = [100 * float(np.mean(result.max_load / result.lower_bound - 1)) for result in found]
            rows.append((", ".join(map(str, layout)), name, *(f"{value:.2f} %" for value in over)))
    return table(("slots, groups, nodes, devices", "loads", "`eplb` over the bound", "`balanced` over the bound"), rows)


TAKES = "a minute"
TABLES: Makers = {
    "packing-speed": speed,
    "packing-plain": plain,
    "packing-exact": exact,
    "packing-replication": replication,
}
tables = producer(TABLES)
