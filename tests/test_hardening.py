"""Hostile surroundings: forks, subinterpreters, signals, leaks, arrays that change under way, and absurd sizes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
RNG = np.random.default_rng(0)
N = 60
DURATION = RNG.integers(1, 20, 200)
PROJECT = sk.rcpsp.Project(
    DURATION, RNG.integers(0, 6, (200, 3)), [10, 10, 10], precedence=[(i, i + 7) for i in range(193) if i % 3]
)
GRAPH = sk.dag.layered_graph(300, 4, seed=1)
HARD = sk.tardiness.potts_van_wassenhove(300, 0.2, 0.6, seed=3)
SHOP = sk.shop.Shop(
    [[(int(m), int(d)) for m, d in zip(RNG.permutation(15), RNG.integers(1, 99, 15), strict=True)] for _ in range(15)]
)
FLEXIBLE = sk.shop.Shop([[{m: 10 + (7 * j + 3 * k + m) % 9 for m in range(4)} for k in range(5)] for j in range(12)])
MODEL = sk.packing.model(400, seed=2)
FULL_CLUSTER = sk.packing.cluster(300, load=1.2, seed=2)
MACHINES = RNG.choice([1, 2, 4, 8], (200, 1)), np.full((40, 1), 61), np.arange(200) % 40
LARGE_SIZES, THIRDS = RNG.integers(1, 10**9, 40), RNG.integers(150, 350, 120)
P, D, W = (RNG.integers(1, 100, N) for _ in range(3))

#: Every call that takes time, far longer than any test waits for it.
LONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "rcpsp.solve": lambda options: sk.rcpsp.solve(PROJECT, time_limit=60, **options),
    "dag.improve": lambda options: sk.dag.improve(GRAPH, time_limit=60, **options),
    "packing.partition": lambda options: sk.packing.partition(LARGE_SIZES, 2, method="exact", time_limit=60, **options),
    "packing.offsets": lambda options: sk.packing.offsets(MODEL.start, MODEL.end, MODEL.size, time_limit=60, **options),
    "packing.place": lambda options: sk.packing.place(**FULL_CLUSTER.arguments(), time_limit=60, **options),
    "packing.repack": lambda options: sk.packing.repack(*MACHINES, max_moves=9, time_limit=60, **options),
    "packing.bins": lambda options: sk.packing.bins(THIRDS, 1000, method="exact", time_limit=60, **options),
    "shop.solve": lambda options: sk.shop.solve(SHOP, time_limit=60, **options),
    "shop.solve, flexible": lambda options: sk.shop.solve(FLEXIBLE, time_limit=60, **options),
    "shop.roll": lambda options: sk.shop.roll(SHOP, time_limit=60, **options),
    "tardiness.improve": lambda options: sk.tardiness.improve(P, D * 20, W, time_limit=60, **options),
    "tardiness.solve_exact": lambda options: sk.tardiness.solve_exact(HARD.processing_time, HARD.due_date, **options),
    "tardiness.solve_exact_weighted": lambda options: sk.tardiness.solve_exact_weighted(P[:24], D[:24] * 8, W[:24], **options),
}
#: Those that can end by themselves before the signal comes are allowed to.
MAY_END = {
    "packing.bins",
    "packing.offsets",
    "packing.place",
    "packing.repack",
    "shop.solve, flexible",
    "tardiness.solve_exact",
    "tardiness.solve_exact_weighted",
    "tardiness.improve",
}


def python(code: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(name="alarm")
def _alarm() -> Iterator[Callable[[float], None]]:
    """Sends SIGINT to this process after a while, from the kernel's timer."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        yield lambda after: signal.setitimer(signal.ITIMER_REAL, after) and None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@posix
@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_ends_every_long_call(name: str, alarm: Callable[[float], None]) -> None:
    alarm(0.2)
    start = time.perf_counter()
    try:
        result = LONG[name]({})
    except KeyboardInterrupt as interrupt:
        result = getattr(interrupt, "result")  # noqa: B009 - added by the library
    else:
        assert name in MAY_END
        assert result.status in ("optimal", "feasible")
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert time.perf_counter() - start < 30  # not a measurement: the call did not run to its limit
    assert result.status in ("optimal", "feasible", "unknown")


@posix
@pytest.mark.parametrize("name", LONG)
def test_signals_of_other_threads_reach_the_main_one(name: str) -> None:
    """The handler runs on the main thread, where Python runs all of them, while the call goes on in it."""
    seen: list[str] = []
    token = sk.CancelToken()

    def handler(*_: Any) -> None:
        seen.append(threading.current_thread().name)
        token.cancel()

    before = signal.signal(signal.SIGUSR1, handler)
    sender = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    sender.start()
    try:
        result = LONG[name]({"stop": token})
    finally:
        sender.join()
        time.sleep(0.01)
        signal.signal(signal.SIGUSR1, before)
    assert seen == ["MainThread"]
    assert result.status in ("optimal", "feasible", "unknown")


#: Simulations of minutes: 10^9 turns of one job, 10^5 servers looked at whenever one of as many jobs arrives, 10^10 steps of
#: a replica, and a batch of 10^5 requests from which most are evicted again and again.
SIMULATIONS: dict[str, Callable[[], object]] = {
    "turns": lambda: sk.online.simulate(sk.online.Jobs([0], [1]), sk.online.RR(quantum=1e-9)),
    "servers": lambda: sk.online.simulate(
        sk.online.Jobs(np.arange(2 * 10**5) * 1e-9, np.random.default_rng(1).random(2 * 10**5)), "gittins", servers=10**5
    ),
    "steps": lambda: sk.serving.simulate(
        sk.serving.Trace(np.zeros(10**4), np.ones(10**4, int), np.full(10**4, 10**6)), step=(1, 0, 0, 0), max_batch=1
    ),
    "evictions": lambda: sk.serving.simulate(
        sk.serving.Trace(np.zeros(10**5), np.ones(10**5, int), np.full(10**5, 10**4)),
        admission="aggressive",
        victim="least_recompute",
        capacity=10**5 + 10**4,
        step=(1, 0, 0, 0),
    ),
}


@posix
@pytest.mark.parametrize("name", SIMULATIONS)
def test_ctrl_c_ends_a_simulation(name: str, alarm: Callable[[float], None]) -> None:
    alarm(0.2)
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        SIMULATIONS[name]()
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert time.perf_counter() - start < 20  # not a measurement: the call did not run to its end


def test_memory_of_freed_jobs_is_not_shared() -> None:
    """Large columns are made where those of earlier jobs were; each stream keeps its own while it lives."""

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        kept: list[tuple[sk.online.Jobs, Any, Any]] = []
        for _ in range(12):
            n = int(rng.integers(200_000, 600_000))
            release, size = np.sort(rng.random(n)), rng.random(n)
            kept = [*kept[-1:], (sk.online.Jobs(release, size), release.copy(), size.copy())]
            release[:], size[:] = -1, -1
            for jobs, r, p in kept:
                assert np.array_equal(jobs.release_time, r)
                assert np.array_equal(jobs.processing_time, p)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))


def test_a_search_on_another_thread_never_polls_signals() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(sk.rcpsp.solve(PROJECT, max_schedules=2000)))
    thread.start()
    thread.join(60)
    assert sk.check(PROJECT, results[0].schedule) == []


def test_a_live_server_keeps_no_memory() -> None:
    """Requests come and go: nothing of them stays in admission or in the router, whichever way they leave."""
    resource = pytest.importorskip("resource")
    admission: sk.serving.Admission[int] = sk.serving.Admission(10**6)
    router = sk.serving.Router(8, "prefix", cache_blocks=50)

    def rounds(first: int, count: int) -> None:
        for key in range(first, first + count):
            admission.admit([(key, 20, 30, None, key % 7, 5)])
            admission.start(key, 20, 30, prefix=key % 7, prefix_tokens=5)
            router.route(key, 20, [key, key + 1])
            admission.advance()
            (admission.remove if key % 3 else admission.evict)(*([key] if key % 3 else []))
            router.finished(key)

    rounds(0, 20_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rounds(20_000, 100_000)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert growth < 4096, f"{growth} KiB in a hundred thousand requests"


def _child(queue: Any) -> None:
    answers = [sk.rcpsp.solve(PROJECT, max_schedules=500, threads=2).makespan, sk.dag.heft(GRAPH).makespan]
    queue.put([*answers, sk.tardiness.mdd(P, D).total_tardiness])


@posix
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_fork_during_a_search_leaves_the_child_able_to_work() -> None:
    expected = [sk.rcpsp.solve(PROJECT, max_schedules=500, threads=2).makespan, sk.dag.heft(GRAPH).makespan]
    token = sk.CancelToken()
    busy = threading.Thread(target=lambda: sk.rcpsp.solve(PROJECT, threads=2, time_limit=60, stop=token))
    busy.start()
    try:
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=_child, args=(queue,))
        child.start()
        assert queue.get(timeout=60) == [*expected, sk.tardiness.mdd(P, D).total_tardiness]
        child.join(60)
        assert child.exitcode == 0
    finally:
        token.cancel()
        busy.join()


def test_a_subinterpreter_gets_the_module_or_a_clear_refusal() -> None:
    code = """
try:
    import _interpreters as interpreters
    identity = interpreters.create()
except ImportError:
    import _xxsubinterpreters as interpreters
    identity = interpreters.create()
import schedkit
text = '''
try:
    import schedkit._core
except ImportError as error:
    assert "interpreter" in str(error) or "more than once per process" in str(error), error  # NumPy speaks first
'''
interpreters.run_string(identity, text)
interpreters.destroy(identity)
assert schedkit.tardiness.edd([2, 1], [3, 1]).sequence.tolist() == [1, 0]
print("alive")
"""
    done = python(code)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_a_thousand_starts_and_stops_keep_no_memory() -> None:
    resource = pytest.importorskip("resource")
    token = sk.CancelToken()
    token.cancel()

    def rounds(count: int) -> None:
        for k in range(count):
            sk.rcpsp.solve(PROJECT, max_schedules=3, seed=k, threads=1 + k % 2)
            sk.rcpsp.solve(PROJECT, stop=token)
            sk.tardiness.improve(P, D, max_moves=10, seed=k)
            sk.tardiness.solve_exact(P, D, stop=token)
            sk.dag.heft(GRAPH)
            sk.shop.solve(SHOP, max_moves=10, seed=k, threads=1 + k % 2)
            sk.shop.solve(FLEXIBLE, stop=token)

    rounds(200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    threads = threading.active_count()
    rounds(1000)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert growth < 4096, f"{growth} KiB in a thousand rounds"
    assert threading.active_count() == threads


@pytest.mark.parametrize("threads", [1, 2])
def test_arrays_that_change_during_a_call_never_harm(threads: int) -> None:
    """A wrong answer is allowed, a crash is not: either an error of ours or an answer of the right shape."""
    p = RNG.integers(1, 100, (200, 40))
    d = RNG.integers(1, 2000, (200, 40))
    release, size = RNG.random(2000) * 100, RNG.random(2000) + 0.1
    done = threading.Event()

    def spoil() -> None:
        """Honest values in every other round, so that both answers and refusals come up."""
        rng = np.random.default_rng(1)
        while not done.is_set():
            p[:] = rng.integers(1, 100, p.shape)
            d[:] = rng.integers(1, 2000, d.shape)
            release[:] = rng.random(release.size)
            size[:] = 1.0
            if rng.random() < 0.5:
                p[:] = rng.integers(-(2**62), 2**62, p.shape)
                d[:] = rng.integers(-(2**62), 2**62, d.shape)
                release[:] = rng.choice([np.nan, np.inf, -1.0, 5.0])
                size[:] = rng.choice([np.nan, 1e300, 1.0])

    writer = threading.Thread(target=spoil)
    writer.start()
    answers = 0
    try:
        for _ in range(300):
            for rule in (sk.tardiness.mdd, sk.tardiness.mddc):
                try:
                    assert rule(p, d, threads=threads).sequence.shape == p.shape
                    answers += 1
                except sk.SchedkitError:
                    time.sleep(0.001)  # a refusal never lets go of the interpreter: the writer needs its turn
            try:
                jobs = sk.online.Jobs(release, size)
            except sk.SchedkitError:
                continue
            assert np.isfinite(sk.online.simulate(jobs, "srpt").completion_time).all()
    finally:
        done.set()
        writer.join()
    assert answers


HUGE = np.broadcast_to(np.int64(1), (2**40,))
HUGE_FLOAT = np.broadcast_to(1.0, (2**40,))
WIDE = np.broadcast_to(np.int64(1), (2**22, 2**22))
ONE = sk.rcpsp.Project([1], [[1]], [1])
SMALL = sk.shop.Shop([[(0, 1)]])
TINY = sk.dag.TaskGraph([[1.0, 2.0]], [])
REQUEST = sk.serving.Trace([0.0], [1], [1])
ROWS: Any = WIDE
REFUSED = (sk.InvalidInputError, sk.InputTypeError, MemoryError)
ABSURD: dict[str, Callable[[], Any]] = {
    "project": lambda: sk.rcpsp.Project(HUGE, np.broadcast_to(np.int64(1), (2**40, 1)), [1]),
    "capacities": lambda: sk.rcpsp.Project([1], np.broadcast_to(np.int64(0), (1, 2**40)), HUGE),
    "precedence": lambda: sk.rcpsp.Project([1], [[1]], [1], precedence=np.broadcast_to(np.int64(0), (2**40, 2))),
    "priorities": lambda: sk.rcpsp.serial_sgs_many(ONE, np.broadcast_to(np.int64(1), (2**45, 1))),
    "warm start": lambda: sk.rcpsp.solve(ONE, warm_start=HUGE, max_schedules=1),
    "costs": lambda: sk.dag.TaskGraph(WIDE, []),
    "work": lambda: sk.dag.TaskGraph.from_work(HUGE_FLOAT, [1.0], []),
    "speeds": lambda: sk.dag.TaskGraph.from_work([1.0], HUGE_FLOAT, []),
    "edges": lambda: sk.dag.TaskGraph([[1.0]], np.broadcast_to(np.int64(0), (2**40, 2))),
    "links": lambda: sk.dag.Network(np.broadcast_to(1.0, (2**20, 2**20))),
    "generated graph": lambda: sk.dag.layered_graph(2**40, 2**20),
    "generated points": lambda: sk.dag.fft_graph(2**40, 4),
    "factors": lambda: sk.dag.execute_many(sk.dag.heft(TINY), np.broadcast_to(1.0, (2**45, 1))),
    "jobs": lambda: sk.online.Jobs(HUGE_FLOAT, HUGE_FLOAT),
    "queue": lambda: sk.online.workloads.queue(2**50, load=0.5),
    "turns": lambda: sk.online.simulate(sk.online.Jobs([0.0], [1e300]), sk.online.RR(quantum=1e-300)),
    "tardiness": lambda: sk.tardiness.edd(HUGE, HUGE),
    "tardiness rows": lambda: sk.tardiness.mdd(WIDE, WIDE),
    "exact": lambda: sk.tardiness.solve_exact(HUGE, HUGE, max_nodes=1),
    "instance": lambda: sk.tardiness.potts_van_wassenhove(2**50, 0.5, 0.5),
    "routes": lambda: sk.shop.Shop.from_arrays(HUGE, HUGE, HUGE, HUGE),
    "machines": lambda: sk.shop.Shop([[(2**40, 1)]]),
    "setups": lambda: sk.shop.Shop([[(0, 1)]], setup=np.broadcast_to(np.int64(1), (1, 2**22, 2**22))),
    "ways": lambda: sk.shop.Shop([[(0, 1)]], transport=WIDE),
    "breakdowns": lambda: sk.shop.simulate(SMALL, breakdowns=np.broadcast_to(np.int64(1), (2**45, 3))),
    "shop rows": lambda: sk.shop.dispatch_many(SMALL, np.broadcast_to(np.int64(1), (2**45, 1))),
    "shop machines": lambda: sk.shop.Shop([[(0, 1)]], num_machines=10**12),
    "actions": lambda: sk.shop.Environment([SMALL]).step(HUGE),
    "shop horizon": lambda: sk.shop.Shop([[(0, 2**53), (0, 1)]]),
    "horizon": lambda: sk.rcpsp.Project([2**53, 1], [[0], [0]], [1]),
    "capacity": lambda: sk.rcpsp.Project([1], [[1]], [2**64]),
    "seed": lambda: sk.rcpsp.serial_sgs(ONE, "random", seed=2**64),
    "threads": lambda: sk.rcpsp.solve(ONE, threads=2**40, max_schedules=1),
    "time limit": lambda: sk.rcpsp.solve(ONE, time_limit=10**400),
    "budget": lambda: sk.rcpsp.solve(ONE, max_schedules=2**64),
    "requests": lambda: sk.serving.Trace(HUGE_FLOAT, HUGE, HUGE),
    "blocks": lambda: sk.serving.Trace([0.0], [1], [1], prefix=ROWS),
    "replicas": lambda: sk.serving.Router(2**40),
    "replicas of a simulation": lambda: sk.serving.simulate(REQUEST, replicas=2**40, step=(1, 0, 0, 0)),
    "tokens": lambda: sk.serving.Admission(2**64),
    "tokens of a prompt": lambda: sk.serving.Admission(2**53).start("a", 2**53 + 1, 0),
    "window": lambda: sk.serving.Admission(5, window=2**40),
    "samples": lambda: sk.serving.Admission(5, samples=2**40),
    "tokens of an answer": lambda: sk.serving.simulate(sk.serving.Trace([0.0], [1], [2**60]), step=(1, 0, 0, 0)),
    "buffers": lambda: sk.packing.offsets(HUGE, HUGE, HUGE),
    "moves": lambda: sk.packing.repack([[1]], [[4]], [0], max_moves=2**60),
    "items": lambda: sk.packing.bins(HUGE, 5),
    "items to share": lambda: sk.packing.partition(HUGE, 2),
    "bins": lambda: sk.packing.partition([1], 2**32 - 2),
    "experts": lambda: sk.packing.replicate(HUGE_FLOAT, 2**31),
    "slots": lambda: sk.packing.replicate([1.0], 2**32 - 2),
    "deep list": lambda: sk.tardiness.edd(_deep(10_000), [1]),
}


def _deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_sizes_are_refused(name: str) -> None:
    with pytest.raises(REFUSED):
        ABSURD[name]()


@pytest.mark.parametrize("threads", [2**20, 2**31])
def test_more_threads_than_work_are_not_started(threads: int) -> None:
    assert sk.rcpsp.serial_sgs_many(ONE, [[1]], threads=threads).makespan.tolist() == [1]
    assert sk.tardiness.edd([[1]], [[1]], threads=threads).total_tardiness.tolist() == [0]
    assert sk.dag.schedule_many([TINY], threads=threads).tolist() == [1.0]
    assert sk.shop.solve(SMALL, threads=threads).status == "optimal"
    assert sk.rcpsp.solve(PROJECT, threads=threads, max_schedules=100).status in ("optimal", "feasible")


@posix
def test_threads_that_the_system_refuses_are_done_without() -> None:
    code = """
import os, resource
from tests.test_hardening import D, GRAPH, P, PROJECT, SHOP, sk

def answers(threads):
    yield sk.rcpsp.solve(PROJECT, max_schedules=100_000, threads=threads).schedule.start_time.tolist()
    yield sk.tardiness.improve(P, D, max_moves=100_000, threads=threads).sequence.tolist()
    yield sk.shop.solve(SHOP, max_moves=10_000, threads=threads).start_time.tolist()
    sk.shop.solve(SHOP, time_limit=0.2, threads=threads)
    sk.dag.improve(GRAPH, time_limit=0.2, threads=threads)

alone = list(answers(1))
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.getuid() == 0:  # whom no limit binds
    os.setuid(65534)
assert list(answers(3)) == alone
"""
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", [2**62, 2**63 - 1])
def test_budgets_up_to_the_largest_integer_are_legal(value: int) -> None:
    token = sk.CancelToken()
    token.cancel()
    assert sk.rcpsp.solve(ONE, max_schedules=value, stop=token).makespan == 1
    assert sk.shop.solve(SMALL, max_moves=value).makespan == 1
    assert sk.tardiness.improve([1], [1], max_moves=value).total_tardiness == 0
    assert sk.packing.bins([1], 1, method="exact", max_nodes=value).status == "optimal"
    assert sk.packing.offsets([0], [1], [1], max_nodes=value, stop=token).peak == 1
    assert sk.packing.place([[1]], [[1]], max_nodes=value, stop=token).node.tolist() == [0]
    assert sk.tardiness.solve_exact([1], [1], max_nodes=value, memory_limit=2**62).status == "optimal"


def test_every_server_of_a_large_machine_may_be_idle() -> None:
    jobs = sk.online.Jobs([0.0, 0.0], [1.0, 2.0])
    for servers in (2**16, 2**32, 2**62):
        try:
            assert sk.online.simulate(jobs, "srpt", servers=servers).total_flow_time == 3.0
        except REFUSED:
            assert servers > 2**20
