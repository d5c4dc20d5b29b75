"""Serial schedule generation from Python: batches, single calls, threads, and peers on the same lists.

The timed region is the public call with arrays that exist already: validation, schedules and result arrays are inside, making
the rankings is not. Peers get activity lists instead of rankings, which spares them the sorting.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from numpy.typing import NDArray

from benches import rcpsp_peers
from benches.measure import seconds
from tests import data
from tests.rcpsp.strategies import feasible_rankings

Rows = NDArray[np.int64] | NDArray[np.float64]
FILES = ("j1201_1.sm", "j12013_2.sm", "j12026_3.sm", "j12038_4.sm", "j12051_5.sm", "j12060_1.sm")
ROWS = 1000


@functools.cache
def project(file: str) -> sk.rcpsp.Project:
    name = file[: 4 if file.startswith("j120") else 3]
    return sk.rcpsp.read(data.files(("psplib", f"{name}.tar.gz"), ".sm")[file])


@functools.cache
def rankings(file: str) -> NDArray[np.int64]:
    return feasible_rankings(project(file), ROWS, seed=1)


def shuffled(file: str) -> NDArray[np.int64]:
    n = project(file).num_activities
    return np.random.default_rng(1).permuted(np.tile(np.arange(n), (ROWS, 1)), axis=1)


def verify(file: str, rows: Rows) -> NDArray[np.int64]:
    """Makespans, after a tenth of the schedules has passed the checker and agrees with `serial_sgs`."""
    problem = project(file)
    batch = sk.rcpsp.serial_sgs_many(problem, rows, starts=True)
    assert batch.start_time is not None
    for k in range(0, len(rows), 10):
        schedule = sk.rcpsp.ProjectSchedule.from_start_time(problem, batch.start_time[k])
        assert sk.check(problem, schedule) == []
        assert schedule.makespan == batch.makespan[k]
        assert schedule == sk.rcpsp.serial_sgs(problem, rows[k])
    assert (batch.makespan >= sk.rcpsp.lower_bound(problem)).all()
    return batch.makespan


KINDS: dict[str, Callable[[str], Rows]] = {
    "feasible rankings, int64": rankings,
    "feasible rankings, float64": lambda file: rankings(file).astype(np.float64),
    "permutations, int64": shuffled,
    "permutations, float64": lambda file: shuffled(file).astype(np.float64),
    "random floats": lambda file: np.random.default_rng(1).normal(size=(ROWS, project(file).num_activities)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_batches_of_j120(benchmark: Any, kind: str) -> None:
    """Six projects, a thousand schedules each, one thread; compared with feasible int64 rankings in the same run."""
    rows = {file: KINDS[kind](file) for file in FILES}
    makespan = {file: verify(file, rows[file]) for file in FILES}
    reference = {file: rankings(file) for file in FILES}

    def run(batches: dict[str, Rows]) -> None:
        for file in FILES:
            sk.rcpsp.serial_sgs_many(project(file), batches[file])

    ours, easiest = seconds(lambda: run(rows), lambda: run(reference))  # type: ignore[arg-type]
    benchmark.extra_info |= {
        "instance": ", ".join(FILES),
        "makespan": {file: [int(values.min()), int(values.sum())] for file, values in makespan.items()},
        "schedules": ROWS * len(FILES),
        "schedules per second": round(ROWS * len(FILES) / ours),
        "speed relative to feasible int64 rankings": round(easiest / ours, 2),
    }
    benchmark(run, rows)


def test_one_call_on_30_activities(benchmark: Any) -> None:
    """What a single call costs beyond the schedule itself, which a batch shows."""
    problem, file = project("j301_1.sm"), "j301_1.sm"
    rows = feasible_rankings(problem, ROWS, seed=1)
    makespan = verify(file, rows)
    calls = 200

    def single() -> None:
        for row in rows[:calls]:
            sk.rcpsp.serial_sgs(problem, row)

    one, many = seconds(single, lambda: sk.rcpsp.serial_sgs_many(problem, rows))
    benchmark.extra_info |= {
        "instance": file,
        "makespan": int(makespan[0]),
        "microseconds per call": round(1e6 * one / calls, 2),
        "microseconds over the kernel": round(1e6 * (one / calls - many / len(rows)), 2),
    }
    assert benchmark(sk.rcpsp.serial_sgs, problem, rows[0]).makespan == makespan[0]


def test_two_threads(benchmark: Any) -> None:
    """Two Python threads with a batch each against one batch alone: the interpreter is free while the core runs."""
    file = FILES[2]
    problem, rows = project(file), np.tile(rankings(file), (20, 1))
    expected = sk.rcpsp.serial_sgs_many(problem, rows)
    assert (expected.makespan[:ROWS] == verify(file, rows[:ROWS])).all()
    answers: list[sk.rcpsp.ScheduleBatch] = []

    def one() -> None:
        answers.append(sk.rcpsp.serial_sgs_many(problem, rows))

    def two() -> None:
        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    alone, both = seconds(one, two)
    benchmark.extra_info |= {
        "instance": file,
        "makespan": int(expected.makespan.min()),
        "time of two batches on two threads over one batch": round(both / alone, 2),
    }
    benchmark(two)
    assert all(answer == expected for answer in answers)


PEERS: dict[str, tuple[Callable[[sk.rcpsp.Project], rcpsp_peers.Decode], int]] = {
    "plain Python": (rcpsp_peers.plain_python, 20),
    "numba": (rcpsp_peers.flat_numba, ROWS),
    "discrete-optimization": (rcpsp_peers.discrete_optimization, 100),
}


@pytest.mark.parametrize("name", PEERS)
def test_peers_on_j120(benchmark: Any, name: str) -> None:
    """The same activity lists, one thread; the time is the peer's, the ratio says how many times faster schedkit is."""
    make, count = PEERS[name]
    file = FILES[2]
    problem, ranks = project(file), rankings(file)
    lists = np.argsort(ranks[:count], axis=1)
    decode = make(problem)
    makespan = verify(file, ranks)
    assert decode(lists) == makespan[:count].tolist()
    theirs, ours = seconds(lambda: decode(lists), lambda: sk.rcpsp.serial_sgs_many(problem, ranks), repeat=5)
    benchmark.extra_info |= {
        "instance": file,
        "makespan": int(makespan[:count].min()),
        "schedules": count,
        "schedkit is faster by": round((theirs / count) / (ours / len(ranks)), 1),
    }
    benchmark.pedantic(decode, args=(lists,), rounds=3)
