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
