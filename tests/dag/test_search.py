"""Search and bounds: never worse than the start, never below the bound, the same answer for the same seed; batches."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import types
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from schedkit import _anytime

from . import oracles, strategies
from .oracles import Instance


@given(instance=strategies.instances(most=9, past=True))
@settings(max_examples=60, deadline=None)
def test_search_is_feasible_and_never_worse_than_its_start(instance: Instance) -> None:
    graph, network, past = strategies.problem(instance)
    start = sk.dag.heft(graph, network, **past)
    s = sk.dag.improve(graph, network, start, max_evaluations=300, **past)
    assert sk.check(graph, s, network=network, **past) == []
    assert s.makespan <= start.makespan
    assert s.lower_bound <= s.makespan
    again = sk.dag.improve(graph, network, start, max_evaluations=300, **past)
    assert (again.makespan, again.start_time.tolist()) == (s.makespan, s.start_time.tolist())


@given(instance=strategies.instances(most=5))
@settings(max_examples=60, deadline=None)
def test_neither_bound_nor_search_contradicts_the_optimum(instance: Instance) -> None:
    graph, network, _ = strategies.problem(instance)
    least = oracles.optimum(instance)
    tolerance = 1e-9 * max(1.0, least)
    assert sk.dag.lower_bound(graph, network) <= least + tolerance
    s = sk.dag.improve(graph, network, max_evaluations=100)
    assert s.makespan == pytest.approx(least, rel=1e-9, abs=1e-9)  # so small a graph is searched through
    assert s.status == "optimal"
    assert sk.check(graph, s, network=network) == []
    assert s.lower_bound <= least + tolerance


def test_an_optimum_of_zero_is_found() -> None:
    graph = sk.dag.TaskGraph(np.zeros((4, 3)), [(0, 1), (0, 2), (1, 3), (2, 3)], [1, 2, 3, 4])
    network = sk.dag.Network(1.0, [[0, 1, 5], [2, 0, 1], [1, 1, 0]])
    start = sk.dag.heft(graph, network, fixed={0: (1, 0.0, 0.0)})
    s = sk.dag.improve(graph, network, start)
    assert (s.makespan, s.status) == (0.0, "optimal")


def test_limits_tokens_and_callbacks() -> None:
    graph = sk.dag.layered_graph(300, 4, seed=3)
    begin = time.perf_counter()
    s = sk.dag.improve(graph, time_limit=0.1)
    assert time.perf_counter() - begin < 1.0  # generous: the machine may be busy
    assert s.history[-1].objective == s.makespan
    token = sk.CancelToken()
    token.cancel()
    stopped = sk.dag.improve(graph, stop=token)
    assert stopped.makespan == sk.dag.heft(graph).makespan
    seen: list[float] = []
    sk.dag.improve(graph, max_evaluations=2000, on_improvement=lambda i: seen.append(i.objective))
    assert seen == sorted(seen, reverse=True)

    def fail(_: sk.Improvement) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sk.dag.improve(graph, on_improvement=fail)
    with pytest.raises(sk.InvalidInputError, match="not feasible"):
        sk.dag.improve(graph, start=sk.dag.DagSchedule.from_placement(graph, [0] * 300, [0.0] * 300))


def test_the_start_counts_towards_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"default_time": 1.0, "on_improvement": None, "stop": None, "on_interrupt": "raise"}
    clock = iter([10.0, 10.4, 20.0, 29.0])
    monkeypatch.setattr(_anytime, "time", types.SimpleNamespace(perf_counter=lambda: next(clock)))
    for left in (pytest.approx(0.6), 0.0):
        search = _anytime.AnytimeCall.options(time_limit=1.0, budget=None, unit="max_evaluations", **options)
        with search.preparation():
            pass
        assert search.request.time_limit == left
    search = _anytime.AnytimeCall.options(time_limit=None, budget=5, unit="max_evaluations", **options)
    with search.preparation():  # no clock is read
        pass
    assert search.request.time_limit is None


def test_a_token_set_on_the_way_stops_the_search() -> None:
    token = sk.CancelToken()
    timer = threading.Timer(0.1, token.cancel)
    timer.start()
    s = sk.dag.improve(sk.dag.layered_graph(300, 4, seed=3), time_limit=60, stop=token)
    timer.join()
    assert s.runtime < 30


@pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")
@pytest.mark.parametrize("mode", ["raise", "return"])
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_keeps_the_best_so_far(mode: str, threads: int) -> None:
    code = f"""
import os, signal, threading, time, schedkit as sk
graph = sk.dag.layered_graph(300, 4, seed=3)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    s, word = sk.dag.improve(graph, time_limit=60, threads={threads}, on_interrupt={mode!r}), "returned"
except KeyboardInterrupt as interrupt:
    s, word = interrupt.result, "raised"
assert sk.check(graph, s) == [] and s.makespan <= sk.dag.heft(graph).makespan
print(word)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=40)
    assert answer.stdout.strip() == {"raise": "raised", "return": "returned"}[mode]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")
@pytest.mark.parametrize(
    "call", ["schedule_many([graph] * k", "schedule_many(graph, factor=f[:k]", "execute_many(heft(graph), f[:k]"]
)
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_batch_on_its_way(call: str, threads: int) -> None:
    code = f"""
import os, signal, threading, time, numpy
from schedkit.dag import execute_many, heft, layered_graph, schedule_many
graph = layered_graph(100, 8)
f = numpy.ones((200_000, 100))

def run(k):
    begin = time.perf_counter()
    try:
        {call}, threads={threads})
    except KeyboardInterrupt:
        pass
    return time.perf_counter() - begin

def stops_early():
    tenth = run(20_000)
    threading.Timer(tenth, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    return run(200_000) < 7 * tenth  # the columns are copied first

print(any(stops_early() for _ in range(4)))  # a busy machine may spoil some
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "True"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")
@pytest.mark.parametrize(
    ("name", "graph", "little", "much"),
    [
        ("etf", "sk.dag.TaskGraph([[1.0] * 8] * n, [])", 4_000, 16_000),
        ("duplex", "sk.dag.TaskGraph([[1.0] * 8] * n, [])", 4_000, 16_000),
        ("lookahead_heft", "sk.dag.layered_graph(n, 32)", 3_000, 30_000),
    ],
)
def test_ctrl_c_stops_a_slow_algorithm_on_its_way(name: str, graph: str, little: int, much: int) -> None:
    code = f"""
import os, signal, threading, time
import schedkit as sk

def run(n, press=None):
    graph = {graph}
    if press is not None:
        threading.Timer(press, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    begin = time.perf_counter()
    try:
        sk.dag.{name}(graph)
    except KeyboardInterrupt:
        pass
    return time.perf_counter() - begin

part = run({little})
print(run({much}, press=1.5 * part) < 6 * part)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "True"


def test_batches_with_a_past_equal_single_calls() -> None:
    graphs = [sk.dag.layered_graph(20 + k, 3, seed=k) for k in range(3)]
    pasts: list[Any] = []
    for graph in graphs:
        first = int(sk.dag.heft(graph).start_time.argmin())
        pasts.append({first: (1, -1.0, 2.0)} if first in set(range(20)) - set(graph.edges[:, 1].tolist()) else None)
    expected = [sk.dag.heft(g, fixed=f, now=1.5).makespan for g, f in zip(graphs, pasts, strict=True)]
    assert sk.dag.schedule_many(graphs, fixed=pasts, now=1.5, threads=2).tolist() == expected
    assert any(pasts)
    graph, past = graphs[0], pasts[0]
    factor = np.random.default_rng(0).uniform(0.5, 1.5, (4, graph.num_tasks))
    drawn = [sk.dag.TaskGraph(graph.cost * row[:, None], graph.edges, graph.data) for row in factor]
    expected = [sk.dag.cpop(g, fixed=past, now=1.5).makespan for g in drawn]
    assert sk.dag.schedule_many(graph, algorithm="cpop", factor=factor, fixed=past, now=1.5, threads=2).tolist() == expected
    for bad in ([None], {0: (0, 0.0, 1.0)}):
        with pytest.raises((sk.InvalidInputError, sk.InputTypeError), match="fixed"):
            sk.dag.schedule_many(graphs, fixed=bad)
    with pytest.raises(sk.InvalidInputError, match="unknown processor"):
        sk.dag.schedule_many(graphs, fixed=[None, None, {0: (9, 0.0, 1.0)}])


def test_batches_equal_single_calls_for_any_number_of_threads() -> None:
    graphs = [sk.dag.layered_graph(30 + k, 3, seed=k) for k in range(7)]
    expected = [sk.dag.peft(graph).makespan for graph in graphs]
    for threads in (1, 2, None):
        assert sk.dag.schedule_many(graphs, algorithm="peft", threads=threads).tolist() == expected
    graph = graphs[0]
    factor = np.random.default_rng(0).uniform(0.5, 1.5, (5, graph.num_tasks))
    drawn = [sk.dag.TaskGraph(graph.cost * row[:, None], graph.edges, graph.data) for row in factor]
    plan = sk.dag.heft(graph)
    known = [sk.dag.heft(g).makespan for g in drawn]
    for threads in (1, 3):
        assert sk.dag.schedule_many(graph, factor=factor, threads=threads).tolist() == known
        fixed = sk.dag.execute_many(plan, factor, threads=threads)
    noisy = sk.dag.simulate_stream(graph, release_time=[0.0])
    assert sk.dag.execute_many(plan, np.ones((1, graph.num_tasks)))[0] == pytest.approx(noisy.latency[0])
    assert (fixed >= [sk.dag.lower_bound(g) for g in drawn]).all()
    for bad in ([[1.0]], [[-1.0] * graph.num_tasks], [[np.nan] * graph.num_tasks]):
        with pytest.raises(sk.InvalidInputError, match="factor"):
            sk.dag.execute_many(plan, bad)
