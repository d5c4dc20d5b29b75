"""Input that must be refused with a clear error, and odd input that must not."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk

ONE = [[1.0, 2.0], [3.0, 4.0]]
PAIR = sk.dag.TaskGraph(ONE, [])
FAR = sk.dag.TaskGraph(ONE, [(0, 1)], [1e200])

CHAIN = sk.dag.TaskGraph(ONE, [(0, 1)], [1.0])
SLOW = sk.dag.TaskGraph.from_work([1.0, 1.0], [1e-280, 1e-280], [(0, 1)])
LONG = sk.dag.TaskGraph([[6e289]], [])


def placed(processor: Any = (0, 0), start: Any = (0, 1), network: Any = None) -> sk.dag.DagSchedule:
    return sk.dag.DagSchedule.from_placement(CHAIN, processor, start, network)


REFUSED: list[tuple[str, Any, type[Exception], str]] = [
    ("negative cost", lambda: sk.dag.TaskGraph([[1, 2], [3, -4]], []), sk.InvalidInputError, "cost[1, 1] = -4.0"),
    ("NaN cost", lambda: sk.dag.TaskGraph([[math.nan]], []), sk.InvalidInputError, "cost[0, 0] = NaN"),
    ("-inf cost", lambda: sk.dag.TaskGraph([[-math.inf]], []), sk.InvalidInputError, "must be >= 0"),
    ("all-inf row", lambda: sk.dag.TaskGraph([[1.0], [math.inf]], []), sk.InvalidInputError, "cost[1] = inf"),
    ("ragged", lambda: sk.dag.TaskGraph([[1, 2], [3]], []), sk.InvalidInputError, "rows differ"),
    ("one dimension", lambda: sk.dag.TaskGraph([1, 2], []), sk.InvalidInputError, "1 dimension,"),
    ("no processors", lambda: sk.dag.TaskGraph(np.zeros((3, 0)), []), sk.InvalidInputError, "at least one processor"),
    ("bool", lambda: sk.dag.TaskGraph([[True]], []), sk.InputTypeError, "not bool"),
    ("text", lambda: sk.dag.TaskGraph([["1"]], []), sk.InputTypeError, "not str"),
    ("None", lambda: sk.dag.TaskGraph(None, []), sk.InputTypeError, "not None"),  # type: ignore[arg-type]
    ("huge cost", lambda: sk.dag.TaskGraph([[1e308], [1e308]], []), sk.InvalidInputError, "exceeds 1e290"),
    ("huge shape", lambda: sk.dag.TaskGraph(np.broadcast_to(1.0, (10**6, 10**6)), []), sk.InvalidInputError, "2**30"),
    ("huge product", lambda: sk.dag.TaskGraph.from_work(np.ones(10**5), np.ones(10**5), []), sk.InvalidInputError, "too many"),
    ("unknown node", lambda: sk.dag.TaskGraph(ONE, [(0, 2)]), sk.InvalidInputError, "edges[0, 1] = 2"),
    ("negative node", lambda: sk.dag.TaskGraph(ONE, [(-1, 1)]), sk.InvalidInputError, "edges[0, 0] = -1"),
    ("duplicate", lambda: sk.dag.TaskGraph(ONE, [(0, 1), (0, 1)]), sk.InvalidInputError, "duplicate of edge 0"),
    ("cycle", lambda: sk.dag.TaskGraph(ONE, [(0, 1), (1, 0)], names=["a", "b"]), sk.CycleError, "0 'a' -> 1 'b' -> 0 'a'"),
    ("self loop", lambda: sk.dag.TaskGraph(ONE, [(1, 1)]), sk.CycleError, "1 -> 1"),
    ("edge columns", lambda: sk.dag.TaskGraph(ONE, [(0, 1, 2)]), sk.InvalidInputError, "3 columns"),
    ("negative data", lambda: sk.dag.TaskGraph(ONE, [(0, 1)], [-1]), sk.InvalidInputError, "data[0] = -1.0"),
    ("infinite data", lambda: sk.dag.TaskGraph(ONE, [(0, 1)], [math.inf]), sk.InvalidInputError, "data[0] = inf"),
    ("data length", lambda: sk.dag.TaskGraph(ONE, [(0, 1)], [1, 2]), sk.InvalidInputError, "length 2, expected 1"),
    ("zero speed", lambda: sk.dag.TaskGraph.from_work([1], [0], []), sk.InvalidInputError, "speed[0] = 0.0"),
    ("infinite work", lambda: sk.dag.TaskGraph.from_work([math.inf], [1], []), sk.InvalidInputError, "work[0] = inf"),
    ("same names", lambda: sk.dag.TaskGraph(ONE, [], names=["a", "a"]), sk.InvalidInputError, "duplicate of names[0]"),
    ("zero bandwidth", lambda: sk.dag.Network(0), sk.InvalidInputError, "bandwidth = 0.0: must be > 0"),
    ("negative bandwidth", lambda: sk.dag.Network([[1, -2], [1, 1]]), sk.InvalidInputError, "bandwidth[0, 1] = -2.0"),
    ("NaN bandwidth", lambda: sk.dag.Network(math.nan), sk.InvalidInputError, "bandwidth"),
    ("tiny bandwidth", lambda: sk.dag.Network(1e-320), sk.InvalidInputError, "reciprocal"),
    ("not square", lambda: sk.dag.Network(np.ones((2, 3))), sk.InvalidInputError, "square"),
    ("infinite latency", lambda: sk.dag.Network(1, math.inf), sk.InvalidInputError, "latency = inf"),
    ("two sizes", lambda: sk.dag.Network(np.ones((2, 2)), np.ones((3, 3))), sk.InvalidInputError, "latency"),
    ("other size", lambda: sk.dag.heft(PAIR, sk.dag.Network(np.ones((3, 3)))), sk.InvalidInputError, "3 rows"),
    ("slow link", lambda: sk.dag.heft(FAR, sk.dag.Network(1e-200)), sk.InvalidInputError, "1e290"),
    ("no graph", lambda: sk.dag.heft(ONE), sk.InputTypeError, "must be a TaskGraph"),  # type: ignore[arg-type]
    ("no network", lambda: sk.dag.heft(PAIR, 3.0), sk.InputTypeError, "must be a Network"),  # type: ignore[arg-type]
    ("unknown rank", lambda: sk.dag.heft(PAIR, rank="mode"), sk.InvalidInputError, "unknown rank"),
    ("NaN now", lambda: sk.dag.heft(PAIR, now=math.nan), sk.InvalidInputError, "now"),
    ("seed", lambda: sk.dag.random(PAIR, seed=-1), sk.InvalidInputError, "seed"),
    ("start", lambda: sk.dag.improve(PAIR, start="best?"), sk.InvalidInputError, "unknown algorithm"),
    ("network of a plan", lambda: placed(network=5), sk.InputTypeError, "must be a Network"),
    ("plan against precedence", lambda: sk.dag.execute_many(placed(start=[5, 0]), [[1, 1]]), sk.InvalidInputError, "before"),
    ("plan on no processor", lambda: sk.dag.execute_many(placed([0, 7]), [[1, 1]]), sk.InvalidInputError, "on processor 7"),
    ("slow draw", lambda: sk.dag.schedule_many(SLOW, factor=[[1e30, 1]]), sk.InvalidInputError, "factor[0] = 1e30"),
    ("slower draw", lambda: sk.dag.execute_many(sk.dag.heft(SLOW), [[1, 1e20]]), sk.InvalidInputError, "factor[1] = 1e20"),
    ("too wide", lambda: sk.dag.fork_join_graph(2**24, 1, stages=2**24), sk.InvalidInputError, "width: makes"),
    ("too many cells", lambda: sk.dag.stencil_graph(2**24, 2**24, 1), sk.InvalidInputError, "width: makes"),
    ("too many columns", lambda: sk.dag.gauss_graph(2**24, 1), sk.InvalidInputError, "size: makes"),
    ("too many tiles", lambda: sk.dag.cholesky_graph(2**24, 1), sk.InvalidInputError, "tiles: makes"),
    ("too many points", lambda: sk.dag.fft_graph(2**24, 1), sk.InvalidInputError, "points: makes"),
    ("too many costs", lambda: sk.dag.layered_graph(2**24, 2**20), sk.InvalidInputError, "num_processors"),
    ("too many edges", lambda: sk.dag.layered_graph(10**6, 1, degree=10**6), sk.InvalidInputError, "degree = 1000000"),
    ("policies", lambda: sk.dag.plot_latency(PAIR, [1.0], policies="frontier"), sk.InputTypeError, "policies"),
    ("late jobs", lambda: sk.dag.simulate_stream(PAIR, release_time=[0, 1e300]), sk.InvalidInputError, "release_time[1] ="),
    ("endless jobs", lambda: sk.dag.simulate_stream(LONG, release_time=[0, 0, 0]), sk.InvalidInputError, "beyond 1e290"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_bad_input_is_refused_by_name_and_place(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, sk.SchedkitError)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("fixed", "text"),
    [
        ({7: (0, 0, 1)}, "fixed[7]: unknown task"),
        ({0: (5, 0, 1)}, "unknown processor 5"),
        ({0: (-1, 0, 1)}, "must be >= 0"),
        ({0: (0, 2, 1)}, "before its start"),
        ({0: (0, math.nan, 1)}, "finite"),
        ({0: (0, 1)}, "(processor, start, end)"),
        ({2: (0, 0, 1)}, "predecessor 0 is not fixed"),
        ({0: (0, 0, 3), 2: (1, 1, 2)}, "before its predecessor 0 ends"),
        ({0: (0, 0, 3), 1: (0, 2, 4)}, "overlaps fixed task 0"),
    ],
)
def test_contradictory_pasts_are_refused(fixed: Any, text: str) -> None:
    graph = sk.dag.TaskGraph([[1, 1]] * 3, [(0, 2)])
    for function in (*sk.dag.ALGORITHMS.values(), sk.dag.improve):
        with pytest.raises(sk.InvalidInputError, match="fixed") as caught:
            function(graph, fixed=fixed)
        assert text in str(caught.value)


def test_empty_and_tiny_problems_are_legal() -> None:
    for graph in (sk.dag.TaskGraph([], []), sk.dag.TaskGraph(np.zeros((0, 3)), []), sk.dag.TaskGraph.from_work([], [1], [])):
        for function in (*sk.dag.ALGORITHMS.values(), sk.dag.improve):
            s = function(graph)
            assert (s.makespan, s.processor.size) == (0.0, 0)
            assert sk.check(graph, s) == []
        assert sk.dag.lower_bound(graph) == 0.0
        assert sk.dag.upward_rank(graph).size == 0
    alone = sk.dag.TaskGraph([[3.0]] * 4, [(0, 3)], [7.0])
    for function in sk.dag.ALGORITHMS.values():
        assert function(alone).makespan == 12.0


def test_a_running_task_without_an_end_takes_what_it_costs() -> None:
    graph = sk.dag.TaskGraph([[4, 8], [1, 1]], [(0, 1)])
    s = sk.dag.heft(graph, fixed={0: (0, -1.0, None)}, now=2.0)
    assert (s.completion_time.tolist(), s.start_time.tolist()) == ([3.0, 4.0], [-1.0, 3.0])
    late = sk.dag.heft(graph, fixed={0: (0, -1.0, None)}, now=5.0)
    assert late.completion_time.tolist() == [5.0, 6.0]


def test_problems_and_results_are_frozen_values() -> None:
    graph = sk.dag.TaskGraph([[4.0, math.inf], [1.0, 1.0]], [(0, 1)], [2.0], names=["a", "b"])
    network = sk.dag.Network([[1, 2], [3, 4]], 0.5)
    s = sk.dag.heft(graph, network)
    for value in (graph, network, s, sk.dag.TaskGraph.from_work([1, 2], [1, 2], [(0, 1)])):
        twin = pickle.loads(pickle.dumps(value))
        assert twin == value
        assert hash(twin) == hash(value)
    with pytest.raises(AttributeError):
        graph.names = ()
    with pytest.raises(ValueError, match="read-only"):
        s.start_time[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        graph.cost[0, 0] = 1.0
    assert s.to_dict()["schema_version"] == 1
    assert sk.check(graph, s.to_dict(), network=network) == []


def test_the_checker_sees_what_is_wrong() -> None:
    graph = sk.dag.TaskGraph([[2.0, 3.0], [4.0, math.inf]], [(0, 1)], [5.0])
    place = sk.dag.DagSchedule.from_placement

    def kinds(s: Any, **options: Any) -> list[str]:
        return [v.kind for v in sk.check(graph, s, **options)]

    assert kinds(place(graph, [0, 0], [0, 2])) == []
    assert kinds(place(graph, [1, 0], [0, 3])) == ["communication"]
    assert kinds(place(graph, [1, 0], [0, 3]), network=sk.dag.Network(math.inf)) == []
    assert kinds(place(graph, [0, 0], [0, 1])) == ["precedence", "machine_overlap"]
    assert kinds(place(graph, [0, 1], [0, 9])) == ["forbidden_processor"]
    assert kinds(place(graph, [0, 9], [0, 9])) == ["unknown_id"]
    assert kinds(place(graph, [0, 0], [0, 2]), now=1.0) == ["before_now"]
    assert kinds(place(graph, [0, 0], [0, 2]), fixed={0: (0, 0.0, 1.5)}) == ["fixed"]
    rows = [{"task": 0, "processor": 0, "start": 0, "end": 2}] * 2
    assert kinds({"tasks": rows}) == ["duplicate", "missing"]
    assert kinds({"tasks": [*rows[:1], {"task": 1, "processor": 0, "start": 2, "end": 7}], "makespan": 6}) == [
        "duration",
        "objective",
    ]


def test_a_start_that_is_feasible_within_the_tolerance_alone_is_searched_from() -> None:
    # At 1e12 times may differ by 4 * 2**-52 * 1e12 = 0.00089: each task starts 0.0005 before the one before it ends.
    graph = sk.dag.TaskGraph([[1e12] * 3] + [[1.0] * 3] * 8, [(0, k) for k in range(1, 9)])
    times = [0.0, *(1e12 - 0.0005 + k * 0.9995 for k in range(8))]
    start = sk.dag.DagSchedule.from_placement(graph, [0] * 9, times)
    assert (start.start_time[1:] < start.completion_time[:-1]).all()
    assert sk.check(graph, start) == []
    for seed in range(3):
        s = sk.dag.improve(graph, start=start, max_evaluations=3000, seed=seed)
        assert s.makespan <= start.makespan
        assert sk.check(graph, s) == []


def test_draws_of_nothing_are_refused_only_where_the_answer_is_too_large() -> None:
    nothing = sk.dag.TaskGraph([], [])
    rows = np.zeros((3, 0))
    calls: list[Any] = [
        lambda factor: sk.dag.schedule_many(nothing, factor=factor),
        lambda factor: sk.dag.execute_many(sk.dag.heft(nothing), factor),
    ]
    for call in calls:
        assert call(rows).tolist() == [0.0] * 3
        with pytest.raises(MemoryError):
            call(np.broadcast_to(rows[:1], (2**50, 0)))


def test_plans_on_unknown_processors_can_be_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("agg")
    for processor in ([0, 99], [-1, 0]):
        s = sk.dag.DagSchedule.from_placement(CHAIN, processor, [0, 5])
        s.plot()
        s.to_chrome_trace(tmp_path / "trace.json")
    wide = sk.dag.DagSchedule.from_placement(CHAIN, [0, 1], [0, 5], sk.dag.Network(np.ones((3, 3))))
    with pytest.raises(sk.InvalidInputError, match="bandwidth has 3 rows"):
        wide.plot()
    never = sk.dag.DagSchedule.from_placement(sk.dag.TaskGraph([[1, math.inf]], []), [1], [0])
    with pytest.raises(sk.InvalidInputError, match="never ends"):
        never.to_chrome_trace(tmp_path / "never.json")


def test_networks_that_are_equal_have_equal_hashes() -> None:
    assert hash(sk.dag.Network(1.0, -0.0)) == hash(sk.dag.Network(1.0, 0.0))
