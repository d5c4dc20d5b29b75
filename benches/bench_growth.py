"""Growth of each family, and ratios to a plain sort, to naive versions and to compiled versions in one run.

Each row is one public call with arrays that exist already. Its answer is checked, and compared with the opponents', before
anything is timed. `SCHEDKIT_BENCH_QUICK` leaves out the largest sizes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import schedkit as sk

from benches import naive, rcpsp_peers
from benches.bench_dag import lean_heft, problem
from benches.bench_online import by_heapq, numba_heap, stream
from benches.bench_rcpsp import project
from benches.measure import seconds
from tests.packing import oracles as packing_oracles
from tests.rcpsp.strategies import feasible_rankings


class Measured(NamedTuple):
    """Seconds, ratios to the yardsticks, and how many times longer others take."""

    time: float
    over_sort: float
    over_copy: float
    ratios: dict[str, float]


QUICK = bool(os.environ.get("SCHEDKIT_BENCH_QUICK"))
SIZES = (1_000, 10_000, 100_000) if QUICK else (1_000, 10_000, 100_000, 1_000_000)


def opponents(ours: Callable[[], object], others: dict[str, Callable[[], object]], n: int) -> Measured:
    """Our time beside a sort and a copy of `n` words, and how many times longer each opponent takes; all measured in turns."""
    words = np.random.default_rng(0).integers(0, 2**63, n, dtype=np.uint64)
    room = np.empty_like(words)

    def sort() -> None:
        np.copyto(room, words)
        room.sort()

    time, sorting, copying = seconds(ours, sort, lambda: np.copyto(room, words), repeat=15)
    ratios: dict[str, float] = {}
    for name, other in others.items():
        mine, theirs = seconds(ours, other, repeat=5)
        ratios[name] = round(theirs / mine, 2)
    return Measured(time, time / sorting, time / copying, ratios)


def record(benchmark: Any, family: str, call: str, n: int, measured: Measured, **more: Any) -> None:
    benchmark.extra_info |= {
        "family": family,
        "kind": "growth",
        "call": call,
        "size": n,
        "nanoseconds per item": round(1e9 * measured.time / n, 2),
        "times a plain sort": round(measured.over_sort, 2),
        "times a memory copy": round(measured.over_copy, 1),
        "faster than": measured.ratios,
        **more,
    }


@pytest.mark.parametrize("n", SIZES)
def test_edd(benchmark: Any, n: int) -> None:
    p, d = jobs_with_due_dates(n)
    s = sk.tardiness.edd(p, d)
    assert sk.check(sk.tardiness.Instance(p, d), s) == []
    assert s.total_tardiness == naive.edd(p, d)
    measured = opponents(lambda: sk.tardiness.edd(p, d), {"plain Python": lambda: naive.edd(p, d)}, n)
    record(benchmark, "tardiness", "tardiness.edd", n, measured, objective=s.total_tardiness)
    benchmark.pedantic(sk.tardiness.edd, args=(p, d), rounds=3)


@pytest.mark.parametrize("n", SIZES)
def test_mdd(benchmark: Any, n: int) -> None:
    p, d = jobs_with_due_dates(n)
    s = sk.tardiness.mdd(p, d)
    assert sk.check(sk.tardiness.Instance(p, d), s) == []
    others: dict[str, Callable[[], object]] = {}
    if n <= 1_000:
        assert s.total_tardiness == naive.mdd(p, d)
        others["plain Python"] = lambda: naive.mdd(p, d)
    if n <= 10_000 and installed("numba"):
        compiled = naive.mdd_numba()
        assert s.total_tardiness == compiled(p, d)
        others["its definition in numba"] = lambda: compiled(p, d)
    measured = opponents(lambda: sk.tardiness.mdd(p, d), others, n)
    record(benchmark, "tardiness", "tardiness.mdd", n, measured, objective=s.total_tardiness)
    benchmark.pedantic(sk.tardiness.mdd, args=(p, d), rounds=3)


@pytest.mark.parametrize("n", SIZES)
def test_bins(benchmark: Any, n: int) -> None:
    sizes = np.random.default_rng(1).integers(1, 4097, n)
    result = sk.packing.bins(sizes, 4096)
    assert sk.check(result) == []
    others: dict[str, Callable[[], object]] = {}
    if n <= 1_000:
        plain = packing_oracles.decreasing(packing_oracles.best_fit)
        assert plain(sizes.tolist(), 4096) == result.bin.tolist()
        others["plain Python"] = lambda: plain(sizes.tolist(), 4096)
    measured = opponents(lambda: sk.packing.bins(sizes, 4096), others, n)
    record(benchmark, "packing", "packing.bins", n, measured, objective=result.num_bins)
    benchmark.pedantic(sk.packing.bins, args=(sizes, 4096), rounds=3)


@pytest.mark.parametrize("n", SIZES)
def test_partition(benchmark: Any, n: int) -> None:
    sizes = np.random.default_rng(1).integers(1, 10**6, n)
    result = sk.packing.partition(sizes, 64)
    assert sk.check(result) == []
    others: dict[str, Callable[[], object]] = {}
    if n <= 1_000:
        assert packing_oracles.karmarkar_karp(sizes.tolist(), 64) == result.load.tolist()
        others["plain Python"] = lambda: packing_oracles.karmarkar_karp(sizes.tolist(), 64)
    measured = opponents(lambda: sk.packing.partition(sizes, 64), others, n)
    record(benchmark, "packing", "packing.partition", n, measured, objective=int(result.max_load))
    benchmark.pedantic(sk.packing.partition, args=(sizes, 64), rounds=3)


@pytest.mark.parametrize("n", SIZES)
def test_srpt(benchmark: Any, n: int) -> None:
    release, size = stream(n, "exponential")

    def ours() -> sk.online.FlowResult:
        return sk.online.simulate(sk.online.Jobs(release, size), "srpt")

    result = ours()
    checked = sk.online.simulate(sk.online.Jobs(release, size), "srpt", segments=True)
    assert sk.check(sk.online.Jobs(release, size), checked) == []
    # Two programs whose clocks begin elsewhere: the last digits of real times may differ.
    np.testing.assert_allclose(result.completion_time, checked.completion_time, rtol=1e-12, atol=0)
    others: dict[str, Callable[[], object]] = {"heapq": lambda: by_heapq(release, size)}
    if installed("numba"):
        compiled = numba_heap()
        assert np.allclose(compiled(release, size), result.completion_time, rtol=1e-9)
        others["a heap in numba"] = lambda: compiled(release, size)
    assert np.allclose(by_heapq(release, size), result.completion_time, rtol=1e-9)
    measured = opponents(ours, others, n)
    record(benchmark, "online", "online.simulate srpt", n, measured, objective=result.total_flow_time)
    benchmark.pedantic(ours, rounds=3)


def test_fcfs_against_simpy(benchmark: Any) -> None:
    n = 20_000
    release, size = stream(n, "exponential")

    def ours() -> sk.online.FlowResult:
        return sk.online.simulate(sk.online.Jobs(release, size), "fcfs")

    result = ours()
    assert np.allclose(naive.fcfs_simpy(release, size), result.completion_time, rtol=1e-9)
    measured = opponents(ours, {"simpy": lambda: naive.fcfs_simpy(release, size)}, n)
    record(benchmark, "online", "online.simulate fcfs", n, measured, objective=result.total_flow_time)
    benchmark.pedantic(ours, rounds=3)


@pytest.mark.parametrize("n", SIZES[:3])  # larger ones are made and measured in Rust: cargo bench --bench dag_heft
def test_heft(benchmark: Any, n: int) -> None:
    cost, data, bandwidth, latency = problem(n, 8)
    graph = sk.dag.TaskGraph(cost, list(data), list(data.values()))
    network = sk.dag.Network(bandwidth, latency)
    s = sk.dag.heft(graph, network)
    assert sk.check(graph, s, network=network) == []
    others: dict[str, Callable[[], object]] = {}
    if n <= 10_000:
        assert s.makespan == pytest.approx(lean_heft(cost, data, bandwidth, latency), rel=1e-12)
        others["lean plain Python"] = lambda: lean_heft(cost, data, bandwidth, latency)
    measured = opponents(lambda: sk.dag.heft(graph, network), others, n)
    bound = sk.dag.lower_bound(graph, network)
    record(benchmark, "dag", "dag.heft", n, measured, objective=s.makespan, edges=len(data), over_bound=s.makespan / bound)
    benchmark.pedantic(sk.dag.heft, args=(graph, network), rounds=3)


@pytest.mark.parametrize("file", ["j301_1.sm", "j601_1.sm", "j901_1.sm", "j1201_1.sm"])
def test_serial_sgs(benchmark: Any, file: str) -> None:
    """A thousand schedules; the yardstick sorts as many words as there are placements."""
    problem_, rows = project(file), feasible_rankings(project(file), 1000, seed=1)
    batch = sk.rcpsp.serial_sgs_many(problem_, rows, starts=True)
    assert batch.start_time is not None
    for start, makespan in zip(batch.start_time[::100], batch.makespan[::100].tolist(), strict=True):
        schedule = sk.rcpsp.ProjectSchedule.from_start_time(problem_, start)
        assert sk.check(problem_, schedule) == []
        assert schedule.makespan == makespan
    few = np.argsort(rows[:20], axis=1)
    plain = rcpsp_peers.plain_python(problem_)
    assert plain(few) == batch.makespan[:20].tolist()

    def ours() -> sk.rcpsp.ScheduleBatch:
        return sk.rcpsp.serial_sgs_many(problem_, rows)

    others: dict[str, Callable[[], object]] = {"plain Python": lambda: plain(few)}
    if installed("numba"):
        lists, compiled = np.argsort(rows, axis=1), rcpsp_peers.flat_numba(problem_)
        assert compiled(lists) == batch.makespan.tolist()
        others["numba"] = lambda: compiled(lists)
    measured = opponents(ours, others, rows.size)
    measured.ratios["plain Python"] = round(
        measured.ratios["plain Python"] * 1000 / 20, 1
    )  # it made a fiftieth of the schedules
    record(benchmark, "rcpsp", "rcpsp.serial_sgs_many", rows.size, measured, objective=int(batch.makespan.min()), instance=file)
    benchmark.extra_info["schedules per second"] = round(1000 / measured.time)
    benchmark.pedantic(ours, rounds=3)


def test_pickling_a_hundred_thousand_tasks(benchmark: Any) -> None:
    import pickle  # noqa: PLC0415

    n = 100_000
    rng = np.random.default_rng(0)
    pairs = np.column_stack((np.arange(n - 1), np.arange(1, n)))
    graph = sk.dag.TaskGraph.from_work(rng.random(n), [1.0, 2.0], pairs)
    assert pickle.loads(pickle.dumps(graph)) == graph
    measured = opponents(lambda: pickle.dumps(graph), {}, n)
    record(benchmark, "many", "pickle.dumps(TaskGraph)", n, measured)
    benchmark(pickle.dumps, graph)


def jobs_with_due_dates(n: int) -> tuple[Any, Any]:
    random = np.random.default_rng(1)
    p = random.integers(1, 101, n)
    total = int(p.sum())
    return p, random.integers(total * 3 // 10, total // 2, n)


def installed(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        return False
    return True
