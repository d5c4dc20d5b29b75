"""Tardiness from Python: rules with all columns, single small calls, batches, proofs and local search.

The timed region is the public call with arrays that exist already. Answers are checked before they are timed; the optimum, or
the sum that was reached, is recorded beside every time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk
from numpy.typing import NDArray

from benches.measure import seconds
from tests import data

Ints = NDArray[np.int64]


def draw(shape: int | tuple[int, int], seed: int = 1) -> tuple[Ints, Ints]:
    random = np.random.default_rng(seed)
    p = random.integers(1, 101, shape)
    total = int(np.mean(p) * p.shape[-1])
    return p, random.integers(total * 3 // 10, total // 2, shape)


@pytest.mark.parametrize("rule", ["edd", "mdd"])
def test_a_million_jobs(benchmark: Any, rule: str) -> None:
    p, d = draw(10**6)
    run = getattr(sk.tardiness, rule)
    s = run(p, d)
    assert sk.check(sk.tardiness.Instance(p, d), s) == []
    words = d.astype(np.uint64) << np.uint64(32) | np.arange(p.size, dtype=np.uint64)
    ours, sort = seconds(lambda: run(p, d), lambda: np.sort(words))
    benchmark.extra_info.update(objective=s.total_tardiness, times_numpy_sort=round(ours / sort, 2))
    benchmark(run, p, d)


@pytest.mark.parametrize("rule", sk.tardiness.RULES)
def test_twenty_jobs(benchmark: Any, rule: str) -> None:
    p, d = draw(20)
    run = getattr(sk.tardiness, rule)
    benchmark.extra_info["objective"] = run(p, d).total_tardiness
    benchmark(run, p, d)


@pytest.mark.parametrize("rule", ["edd", "mdd", "mddc", "atc"])
def test_a_batch(benchmark: Any, rule: str) -> None:
    p, d = draw((100_000, 20))
    run = getattr(sk.tardiness, rule)
    batch = run(p, d)
    assert all(sk.check(sk.tardiness.Instance(p[k], d[k]), batch[k]) == [] for k in range(0, 100_000, 5000))
    benchmark.extra_info["objective"] = int(batch.total_tardiness.sum())
    benchmark(run, p, d)


def vectorised_mddc(p: Ints, d: Ints) -> list[int]:
    """The definition of `mddc` in NumPy, all remaining jobs scored at once at every step: O(n^2)."""
    order = np.lexsort((np.arange(p.size), p, d))
    p, d = p[order].astype(np.float64), d[order].astype(np.float64)
    late, time, sequence = 1.1 * p, 0.0, []
    for _ in range(p.size):
        share = np.minimum(1.0, p / (time + p.max()))
        share *= share
        score = np.maximum(late + time, d) * (1.0 + share / (1.0 + share)) + p / (time + p.sum() / p.size)
        k = int(score.argmin())  # the first of equals
        time += p[k]
        sequence.append(int(order[k]))
        for column in (p, d, late, order):
            column[k:-1] = column[k + 1 :]
        p, d, late, order = p[:-1], d[:-1], late[:-1], order[:-1]
    return sequence


@pytest.mark.parametrize("n", [500, 5000])
def test_mddc_and_its_vectorised_definition(benchmark: Any, n: int) -> None:
    p, d = draw(n)
    s = sk.tardiness.mddc(p, d)
    assert s.sequence.tolist() == vectorised_mddc(p, d)
    ours, peer = seconds(lambda: sk.tardiness.mddc(p, d), lambda: vectorised_mddc(p, d), repeat=3)
    benchmark.extra_info.update(objective=s.total_tardiness, numpy_definition_takes_times=round(peer / ours, 1))
    benchmark(sk.tardiness.mddc, p, d)


@pytest.mark.parametrize("name", ["n100", "n200"])
def test_proofs(benchmark: Any, name: str) -> None:
    with np.load(data.find("smtt", f"{name}.npz"), allow_pickle=False) as file:
        p, d, optimal = (file[key].astype(np.int64) for key in ("p", "d", "opt"))

    def prove() -> list[int]:
        return [sk.tardiness.solve_exact(a, b).total_tardiness for a, b in zip(p, d, strict=True)]

    assert prove() == optimal.tolist()
    benchmark.extra_info.update(instances=len(p), objective=int(optimal.sum()))
    benchmark(prove)


def test_local_search(benchmark: Any) -> None:
    with np.load(data.find("smtt", "n500.npz"), allow_pickle=False) as file:
        p, d, optimal = (file[key].astype(np.int64) for key in ("p", "d", "opt"))

    def search() -> int:
        return sum(
            sk.tardiness.improve(a, b, start="augmented_mddc", time_limit=0.05).total_tardiness
            for a, b in zip(p, d, strict=True)
        )

    reached = search()
    assert reached >= optimal.sum()
    benchmark.extra_info["gap in percent"] = round(100 * (reached / int(optimal.sum()) - 1), 4)
    benchmark.pedantic(search, rounds=1)
