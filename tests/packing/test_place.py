"""Placement on nodes: the lexicographic optimum by brute force and by CP-SAT, reasons, bounds, hostile input."""

import dataclasses
import itertools
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.packing import cp_sat


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with all features."""
    n, m, d = draw(st.integers(0, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    rows = st.lists(st.integers(0, 6), min_size=d, max_size=d)
    nodes = st.lists(st.integers(0, m - 1), max_size=m)
    return {
        "demand": np.array(draw(st.lists(rows, min_size=n, max_size=n)), dtype=np.int64).reshape(n, d),
        "capacity": draw(st.lists(rows, min_size=m, max_size=m)),
        "priority": draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)),
        "current": draw(st.lists(st.integers(-1, m - 1), min_size=n, max_size=n)),
        "allowed": draw(st.lists(st.none() | nodes, min_size=n, max_size=n)),
        "apart": [list(range(n))] if draw(st.booleans()) and n > 1 else [],
    }


def value(problem: dict[str, Any], node: tuple[int, ...]) -> tuple[Any, ...] | None:
    """Placed items by priority and minus the evictions; None if the placement is not feasible."""
    demand, capacity = problem["demand"], np.array(problem["capacity"])
    used = np.zeros_like(capacity)
    for i, v in enumerate(node):
        if v >= 0:
            used[v] += demand[i]
            if problem["allowed"][i] is not None and v not in problem["allowed"][i]:
                return None
    if (used > capacity).any():
        return None
    for group in problem["apart"]:
        taken = [node[i] for i in group if node[i] >= 0]
        if len(set(taken)) < len(taken):
            return None
    tiers = sorted(set(problem["priority"]), reverse=True)
    placed = tuple(sum(p == q and v >= 0 for q, v in zip(problem["priority"], node, strict=True)) for p in tiers)
    evicted = sum(c >= 0 and c != v for c, v in zip(problem["current"], node, strict=True))
    return (*placed, -evicted)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_small_problems_reach_the_lexicographic_optimum(problem: dict[str, Any]) -> None:
    r = sk.packing.place(**problem, max_nodes=1_000_000)
    assert sk.check(r) == []
    n, m = len(problem["demand"]), len(problem["capacity"])
    values = [value(problem, node) for node in itertools.product(range(-1, m), repeat=n)]
    assert (*r.placed.tolist(), -len(r.evicted)) == max(v for v in values if v is not None)
    assert r.status == "optimal"
    assert r.bound.tolist() == r.placed.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_that_of_cp_sat(seed: int) -> None:
    pytest.importorskip("ortools")
    c = sk.packing.cluster(2, load=1.3, priorities=3, running=0.5, apart=1, seed=seed)
    own = sk.packing.place(**c.arguments(), time_limit=20)
    theirs = sk.packing.place(**c.arguments(), max_nodes=0, exact=True)
    assert sk.check(own) == sk.check(theirs) == []
    assert theirs.status == "optimal"
    best = (theirs.placed.tolist(), -len(theirs.evicted))
    assert (own.placed.tolist(), -len(own.evicted)) <= best
    assert own.status != "optimal" or (own.placed.tolist(), -len(own.evicted)) == best


@pytest.mark.parametrize("seed", range(10))
def test_the_search_is_never_worse_than_the_first_pass_and_within_its_bounds(seed: int) -> None:
    c = sk.packing.cluster(8, load=1.05, running=0.3, apart=2, seed=seed)
    first = sk.packing.place(**c.arguments(), max_nodes=0)
    r = sk.packing.place(**c.arguments(), max_nodes=5000)
    assert sk.check(first) == sk.check(r) == []
    assert r.placed.tolist() >= first.placed.tolist()
    assert r.bound.tolist() >= r.placed.tolist()
    again = sk.packing.place(**c.arguments(), max_nodes=5000)
    assert np.array_equal(again.node, r.node)
    assert pickle.loads(pickle.dumps(r)) == r


def test_a_warm_start_is_kept_or_refused() -> None:
    c = sk.packing.cluster(6, load=1.1, seed=3)
    best = sk.packing.place(**c.arguments(), max_nodes=20_000)
    again = sk.packing.place(**c.arguments(), max_nodes=0, warm_start=best)
    assert again.placed.tolist() == best.placed.tolist()
    with pytest.raises(sk.InvalidInputError, match=r"warm_start\["):
        sk.packing.place([[2], [2]], [[3]], warm_start=[0, 0])


def test_reasons_name_the_nearest_node_and_the_resource() -> None:
    r = sk.packing.place([[4, 1], [3, 3], [9, 1], [1, 1]], [[5, 9], [4, 3]], allowed=[[0], [1], None, []])
    reasons = {u.item: u for u in r.unplaced}
    assert dataclasses.astuple(reasons[2]) == (2, 0, 0, 8, True)
    assert reasons[3].node is None
    r = sk.packing.place([[1], [1]], [[5]], apart=[[0, 1]])
    assert dataclasses.astuple(r.unplaced[0]) == (1, 0, None, 0, False)


def test_higher_priority_displaces_what_runs() -> None:
    r = sk.packing.place([[3], [4]], [[5]], priority=[0, 1], current=[0, -1])
    assert (r.node.tolist(), r.evicted.tolist(), r.tier.tolist()) == ([-1, 0], [0], [1, 0])
    assert r.status == "optimal"


def test_the_checker_finds_what_is_wrong() -> None:
    r = sk.packing.place([[3], [3], [1]], [[4], [4]], apart=[[0, 2]], allowed=[[0], None, None])

    def kinds(node: list[int]) -> set[str]:
        return {v.kind for v in sk.check(dataclasses.replace(r, node=np.array(node)))}

    assert sk.check(r) == []
    assert "capacity" in kinds([0, 0, 1])
    assert "disjunctive" in kinds([0, 1, 0])
    assert "forbidden_processor" in kinds([1, 0, 0])
    assert "unknown_id" in kinds([0, 2, 1])
    assert "missing" in kinds([0, 1])
    assert "objective" in kinds([0, 1, -1])


def test_scores_are_those_of_kubernetes() -> None:
    # README of kube-scheduler-simulator: a pod of 100m CPU and 16 Gi on a node with 4 CPUs and 32 Gi.
    scores = [
        sk.packing.node_scores([100, 16], [[4000, 32]], score=s).tolist() for s in ("least_allocated", "balanced_allocation")
    ]
    assert scores == [[73], [76]]
    assert sk.packing.node_scores([1], [[4], [0]], free=[[2], [0]], score="most_allocated").tolist() == [75, -1]
    with pytest.raises(sk.InvalidInputError, match="score"):
        sk.packing.node_scores([1], [[4]], score="best")  # type: ignore[arg-type]
    with pytest.raises(sk.InvalidInputError, match="free: has 2 rows, expected 1"):
        sk.packing.node_scores([1], [[4]], free=[[1], [1]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"demand": [[1, 2]]}, "demand: has 2 columns, expected 1"),
        ({"demand": [[-1]]}, r"demand\[0, 0\] = -1: must be >= 0"),
        ({"demand": [[1.5]]}, r"demand\[0, 0\] = 1.5: must be a whole number"),
        ({"capacity": [[2**53], [1]]}, r"capacity\[1, 0\] = 1: the sum of the column"),
        ({"priority": [1, 2]}, "priority: has length 2, expected 1"),
        ({"current": [2]}, r"current\[0\] = 2: there is no such node"),
        ({"allowed": [[2]]}, r"allowed\[0, 0\] = 2: there is no such node"),
        ({"allowed": []}, "allowed: has length 0, expected 1"),
        ({"apart": [[1]]}, r"apart\[0, 0\] = 1: there is no such item"),
        ({"apart": [[0, 0]]}, r"apart\[0, 1\] = 0: is given more than once"),
        ({"objective": "cost"}, "objective = 'cost'"),
        ({"exact": 1}, "exact.*True or False"),
        ({"warm_start": [0, 0]}, "warm_start: has length 2, expected 1"),
        ({"warm_start": [-2]}, r"warm_start\[0\]"),
        ({"warm_start": [7]}, r"warm_start\[0\] = 7: there is no such node \(-1 stands for none\)"),
        ({"warm_start": [1], "allowed": [[0]]}, r"warm_start\[0\] = 1: the item may not take this node"),
        (
            {"warm_start": [0], "demand": [[3]]},
            r"warm_start\[0\] = 0: the items up to here need 3 units of resource 0 on node 0, which has 2",
        ),
        (
            {"warm_start": [0, 0], "demand": [[1], [1]], "apart": [[0, 1]]},
            r"warm_start\[1\] = 0: an item before it",
        ),
        ({"allowed": [[1, 1.5]]}, r"allowed\[0, 1\] = 1.5: must be a whole number"),
        ({"allowed": [[7]]}, r"allowed\[0, 0\] = 7: there is no such node"),
        ({"apart": [["a"]]}, r"apart\[0, 0\] = 'a': must be a number"),
    ],
)
def test_bad_input_is_refused_with_its_place(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError, match=message):
        sk.packing.place(**{"demand": [[1]], "capacity": [[2], [2]], **changed})


def test_nothing_is_legal() -> None:
    assert sk.packing.place([], []).status == "optimal"
    assert sk.packing.place([], [[1]]).node.size == 0
    assert sk.packing.place([[1]], []).unplaced[0].node is None


def test_the_chart_shows_what_is_used() -> None:
    pytest.importorskip("matplotlib")
    ax: Any = sk.packing.place([[2, 1], [1, 1]], [[4, 2], [4, 4]], allowed=[[0], [1]]).plot()
    assert [bar.get_height() for bar in ax.patches] == [50, 25, 50, 25]  # resource 0 on both nodes, then resource 1


def worth(result: sk.packing.PlacementResult) -> tuple[list[int], int]:
    """Placed items by priority and minus the evictions."""
    return result.placed.tolist(), -len(result.evicted)


class Interrupted:
    """A stand-in for a run of CP-SAT that ends with a given placement, optimal for its goal or not."""

    def __init__(self, node: list[int], status: str, goal: int) -> None:
        self.node, self.status, self.goal, self.solver = node, status, goal, self
        self.objective_value = self.best_objective_bound = float(goal)

    def wait(self, *_: Any) -> None:
        return None

    def judged(self) -> Any:
        return getattr(pytest.importorskip("ortools.sat.python.cp_model"), self.status)


def improved(monkeypatch: pytest.MonkeyPatch, runs: list[Interrupted], problem: dict[str, Any], begin: list[int]) -> Any:
    """What `improve` makes of placements that CP-SAT returns one after the other."""
    given = iter(runs)
    monkeypatch.setattr(cp_sat, "SolverRun", lambda *_: next(given))
    monkeypatch.setattr(cp_sat.Model, "nodes", lambda _, run: np.array(run.node))
    columns = {name: np.array(problem[name], dtype=np.int64) for name in ("demand", "capacity", "priority", "current")}
    tiers = np.unique(columns["priority"])[::-1]
    judge = cp_sat.Judge.of({**columns, "allowed": [], "apart": []}, tiers)
    progress = cp_sat.Progress(np.array(begin), np.full(tiers.size, len(begin)))
    most = np.array([(columns["priority"] == p).sum() for p in tiers])
    cp_sat.improve({**columns, "allowed": [], "apart": []}, judge, progress, lambda _: most, None, 0, 1, None, lambda _: None)
    return progress


def test_a_better_first_priority_is_kept_and_a_worse_placement_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ortools")
    # Two items of priority 1 and two of priority 0, all of size 1, on two nodes of size 1: two have nodes.
    problem = {"demand": [[1]] * 4, "capacity": [[1], [1]], "priority": [1, 1, 0, 0], "current": [-1] * 4}
    # The first run proves that both are possible; its placement is better although nothing of priority 0 is left.
    better = improved(
        monkeypatch, [Interrupted([0, 1, -1, -1], "OPTIMAL", 2), Interrupted([0] * 4, "UNKNOWN", 0)], problem, [0, -1, 1, -1]
    )
    assert better.node.tolist() == [0, 1, -1, -1]
    # One node is too small for priority 1: one item of it is all, and the run ends with a placement without the other priority.
    problem |= {"demand": [[2], [2], [1], [1]], "capacity": [[2], [1]]}
    for status in ("OPTIMAL", "FEASIBLE"):
        runs = [Interrupted([-1, 0, -1, -1], status, 1), Interrupted([-1, 0, -1, -1], "UNKNOWN", 0)]
        kept = improved(monkeypatch, runs, problem, [0, -1, 1, -1])
        assert kept.node.tolist() == [0, -1, 1, -1]
        assert not kept.is_optimal
        assert kept.bound[0] == 1


@pytest.mark.parametrize("seed", [50001, 50005, 50008])
def test_cp_sat_takes_nothing_away_and_is_in_the_history(seed: int) -> None:
    pytest.importorskip("ortools")
    c = sk.packing.cluster(9, load=1.1, running=0.5, apart=5, seed=seed)
    own = sk.packing.place(**c.arguments(), max_nodes=500)
    seen: list[sk.Improvement] = []
    r = sk.packing.place(**c.arguments(), max_nodes=500, time_limit=0.4, exact=True, on_improvement=seen.append)
    assert sk.check(r) == []
    assert worth(r) >= worth(own) or r.num_nodes < own.num_nodes
    assert r.history == seen
    assert r.history[-1].objective == (r.node < 0).sum()
    assert [row.elapsed for row in seen] == sorted(row.elapsed for row in seen)
    assert [row.budget_used for row in seen] == sorted(row.budget_used for row in seen)


def test_improvements_of_cp_sat_are_reported() -> None:
    pytest.importorskip("ortools")
    c = sk.packing.cluster(3, load=1.3, running=0.5, apart=3, seed=2)
    first = sk.packing.place(**c.arguments(), max_nodes=0)
    r = sk.packing.place(**c.arguments(), max_nodes=0, exact=True)
    assert worth(first) < worth(r)
    assert len(r.history) > len(first.history)
    assert r.history[-1].objective == (r.node < 0).sum()


def test_what_a_callback_raises_ends_the_proof_with_the_result() -> None:
    pytest.importorskip("ortools")
    c = sk.packing.cluster(3, load=1.3, running=0.5, apart=3, seed=2)
    rows: list[sk.Improvement] = []

    def third(row: sk.Improvement) -> None:
        rows.append(row)
        if len(rows) > len(sk.packing.place(**c.arguments(), max_nodes=0).history):
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as raised:
        sk.packing.place(**c.arguments(), max_nodes=0, exact=True, on_improvement=third)
    assert sk.check(raised.value.result) == []  # type: ignore[attr-defined]


def test_a_model_that_takes_too_long_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ortools")
    monkeypatch.setattr(cp_sat, "SolverRun", None)  # would fail if it were called
    c = sk.packing.cluster(100, load=1.2, seed=1)
    r = sk.packing.place(**c.arguments(), time_limit=0.02, exact=True)
    assert (r.status, sk.check(r)) == ("feasible", [])
    stop = sk.CancelToken()
    r = sk.packing.place(**c.arguments(), max_nodes=1, exact=True, stop=stop, on_improvement=lambda _: stop.cancel())
    assert (r.status, sk.check(r)) == ("feasible", [])


@pytest.mark.parametrize("name", ["priority", "current"])
def test_an_empty_column_is_not_a_missing_one(name: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=f"{name}: has length 0, expected 2"):
        sk.packing.place([[1], [2]], [[4]], **{name: []})  # type: ignore[arg-type]
    assert sk.packing.place([], [[4]], **{name: []}).status == "optimal"  # type: ignore[arg-type]


@pytest.mark.parametrize(("option", "kind"), [("return", None), ("raise", KeyboardInterrupt)])
def test_ctrl_c_while_the_model_is_built_keeps_the_best_placement(
    monkeypatch: pytest.MonkeyPatch, option: Any, kind: type[BaseException] | None
) -> None:
    pytest.importorskip("ortools")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cp_sat.Model, "_items", interrupted)
    c = sk.packing.cluster(6, load=1.2, seed=3)
    if kind is None:
        r = sk.packing.place(**c.arguments(), max_nodes=20, exact=True, on_interrupt=option)
    else:
        with pytest.raises(kind) as raised:
            sk.packing.place(**c.arguments(), max_nodes=20, exact=True, on_interrupt=option)
        r = raised.value.result  # type: ignore[attr-defined]
    assert (r.status, sk.check(r)) == ("feasible", [])
    assert worth(r) >= worth(sk.packing.place(**c.arguments(), max_nodes=20))


def test_a_token_that_is_set_before_the_start_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cp_sat, "available", None)  # would fail if it were called
    stop = sk.CancelToken()
    stop.cancel()
    c = sk.packing.cluster(6, load=1.2, seed=3)
    r = sk.packing.place(**c.arguments(), exact=True, stop=stop)
    assert (r.status, sk.check(r)) == ("feasible", [])


def test_the_balance_of_two_resources_is_half_their_difference() -> None:
    # (0.8 - 0.1) / 2 = 0.35; the root of the variance is one unit in the last place less, and 65 would be the result.
    assert sk.packing.node_scores([7, 0], [[10, 10]], free=[[9, 9]], score="balanced_allocation").tolist() == [64]
    # Resource 1 does not count: (1 - 0.32) / 2 = 0.34.
    scores = sk.packing.node_scores([646, 0, 2], [[4000, 0, 10]], free=[[3366, 0, 2]], score="balanced_allocation")
    assert scores.tolist() == [66]


def test_without_resources_each_node_has_a_score() -> None:
    assert sk.packing.node_scores([], np.zeros((3, 0), dtype=np.int64)).tolist() == [0, 0, 0]
