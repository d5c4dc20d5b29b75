"""Moves between nodes: brute force, single moves in turn, bounds, hostile input."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st


def fragments(cluster: dict[str, Any], node: tuple[int, ...]) -> float | None:
    """The value of a placement; None if a node holds too much."""
    free = np.array(cluster["capacity"])
    spread = cluster.get("spread") or [False] * len(node)
    for i, v in enumerate(node):
        if v >= 0 and spread[i]:
            free[v] -= np.array(cluster["demand"][i]) // 2
            free[v + 1] -= np.array(cluster["demand"][i]) // 2
        elif v >= 0:
            free[v] -= cluster["demand"][i]
    if (free < 0).any():
        return None
    total = int(free[:, 0].sum())
    return int((free[:, 0] % cluster["block"]).sum()) / total if total else 0.0


def reachable(cluster: dict[str, Any], moves: int) -> set[tuple[int, ...]]:
    """All placements after at most so many moves, each of which fits."""
    found = {tuple(cluster["current"])}
    for _ in range(moves):
        for node in sorted(found):
            for i in range(len(node)):
                for v in range(len(cluster["capacity"])):
                    moved = (*node[:i], v, *node[i + 1 :])
                    halves = cluster.get("spread") and cluster["spread"][i] and v % 2 == 1
                    if node[i] >= 0 and not halves and fragments(cluster, moved) is not None:
                        found.add(moved)
    return found


@st.composite
def clusters(draw: st.DrawFn) -> dict[str, Any]:
    """Small clusters whose items fit."""
    n, m = draw(st.integers(0, 4)), draw(st.sampled_from([1, 2, 2, 3, 4]))
    demand = [draw(st.tuples(st.integers(0, 6), st.integers(0, 4))) for _ in range(n)]
    current = [draw(st.integers(-1, m - 1)) for _ in range(n)]
    capacity = np.array([draw(st.tuples(st.integers(0, 9), st.integers(0, 6))) for _ in range(m)])
    spread = draw(st.none() | st.lists(st.booleans(), min_size=n, max_size=n)) if m == 2 else None
    for i, v in enumerate(current):
        if spread is not None and spread[i]:
            current[i], demand[i] = min(v, 0), (2 * demand[i][0], 2 * demand[i][1])
            capacity += np.array(demand[i]) // 2 if v >= 0 else 0
        elif v >= 0:
            capacity[v] += demand[i]
    return {
        "demand": np.array(demand, dtype=np.int64).reshape(n, 2),
        "capacity": capacity,
        "current": current,
        "block": draw(st.integers(1, 5)),
        "spread": spread,
    }


@settings(max_examples=100, deadline=None)
@given(clusters(), st.integers(0, 3))
def test_small_clusters_reach_the_least_value(cluster: dict[str, Any], moves: int) -> None:
    r = sk.packing.repack(**cluster, max_moves=moves, max_nodes=1_000_000)
    assert sk.check(r) == []
    assert r.value == min(v for node in reachable(cluster, moves) if (v := fragments(cluster, node)) is not None)
    assert (r.status, r.bound) == ("optimal", r.value)
    assert sk.packing.repack(**cluster, max_moves=moves, max_nodes=0).bound <= r.value


def in_turn(cluster: dict[str, Any], moves: int) -> float:
    """The value after the best single moves in turn, ties by item, then by node."""
    node = tuple(cluster["current"])
    for _ in range(moves):
        before = fragments(cluster, node)
        choices = [
            (value, i, v)
            for i in range(len(node))
            for v in range(len(cluster["capacity"]))
            if v != node[i] and (value := fragments(cluster, (*node[:i], v, *node[i + 1 :]))) is not None
        ]
        value, i, v = min(choices)
        if before is None or value >= before:
            break
        node = (*node[:i], v, *node[i + 1 :])
    result = fragments(cluster, node)
    assert result is not None
    return result


@pytest.mark.parametrize("seed", range(4))
def test_the_answer_is_never_worse_than_single_moves_in_turn(seed: int) -> None:
    random = np.random.default_rng(seed)
    demand = np.column_stack((random.choice([1, 2, 4, 8], 40), random.choice([2, 4, 8], 40)))
    current = random.integers(0, 12, 40)
    capacity = np.full((12, 2), 20)
    np.add.at(capacity, current, demand)
    cluster = {"demand": demand, "capacity": capacity, "current": current.tolist(), "block": 16}
    first = sk.packing.repack(**cluster, max_moves=5, max_nodes=0)
    r = sk.packing.repack(**cluster, max_moves=5, max_nodes=300)
    assert sk.check(first) == sk.check(r) == []
    assert first.value == in_turn(cluster, 5)
    assert r.bound <= r.value <= first.value


def rescheduling(seed: int, items: int, nodes: int) -> dict[str, Any]:
    """Virtual machines on nodes with 88 processors, as in the setting of VM rescheduling."""
    random = np.random.default_rng(seed)
    units = random.choice([1, 2, 4, 8, 16, 22, 32], items)
    demand = np.column_stack((units, units * random.choice([2, 4], items)))
    free, current = np.tile([88, 256], (nodes, 1)), np.full(items, -1)
    for i in range(items):
        for v in random.permutation(nodes):
            if (demand[i] <= free[v]).all():
                current[i], free[v] = v, free[v] - demand[i]
                break
    return {"demand": demand, "capacity": np.tile([88, 256], (nodes, 1)), "current": current}


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_tighter_than_the_simple_ones_on_the_published_size(seed: int) -> None:
    cluster, moves = rescheduling(seed, 2089, 279), 50
    first = sk.packing.repack(**cluster, max_moves=moves, max_nodes=0)
    r = sk.packing.repack(**cluster, max_moves=moves, max_nodes=1)
    assert sk.check(first) == sk.check(r) == []
    here = cluster["current"] >= 0
    free = np.array(cluster["capacity"])
    np.subtract.at(free, cluster["current"][here], cluster["demand"][here])
    rest, total = np.sort(free[:, 0] % 16)[::-1], free[:, 0].sum()
    two_nodes_a_move = (rest.sum() - rest[: 2 * moves].sum()) / total
    one_block_a_move = (rest.sum() - 16 * moves) / total
    assert max(two_nodes_a_move, one_block_a_move) < r.bound <= r.value < first.value
    assert r.value - r.bound <= 0.1 * (first.value - two_nodes_a_move)


def test_an_item_is_spread_over_the_halves_of_a_machine() -> None:
    halves: dict[str, Any] = {
        "demand": [[16, 8], [4, 2]],
        "capacity": [[16, 8]] * 4,
        "current": [0, 2],
        "spread": [True, False],
    }
    r = sk.packing.repack(**halves, max_moves=1)
    assert sk.check(r) == []
    assert (r.moves.tolist(), r.value, r.status) == ([[0, 0, 2]], 12 / 44, "optimal")
    wrong = dataclasses.replace(r, moves=np.array([[0, 0, 1]]))
    assert {v.kind for v in sk.check(wrong)} == {"unknown_id"}
    assert {v.kind for v in sk.check(dataclasses.replace(r, moves=np.array([[1, 2, 0]])))} == {"objective"}


def test_the_checker_finds_what_is_wrong() -> None:
    r = sk.packing.repack([[4], [12], [4]], [[16], [16], [32]], [0, 1, 2], max_moves=1)

    def kinds(moves: list[list[int]]) -> set[str]:
        return {v.kind for v in sk.check(dataclasses.replace(r, moves=np.array(moves)))}

    assert sk.check(r) == []
    assert "fixed" in kinds([[0, 1, 2]])
    assert "capacity" in kinds([[1, 1, 0], [0, 0, 1]])
    assert "unknown_id" in kinds([[7, 0, 1]])
    assert "objective" in kinds([[0, 0, 2]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"demand": [[5]]}, r"current\[0\] = 0: the items up to here need 5 units of resource 0 on node 0, which has 4"),
        ({"demand": [[-1]]}, r"demand\[0, 0\] = -1"),
        ({"current": [3]}, r"current\[0\] = 3: there is no such node"),
        ({"current": []}, "current: has length 0, expected 1"),
        ({"max_moves": -1}, "max_moves = -1"),
        ({"block": 0}, "block = 0"),
        ({"objective": "load"}, "objective = 'load'"),
        ({"spread": [True, False]}, "spread: has length 2, expected 1"),
        ({"spread": [2]}, r"spread\[0\] = 2: must be True or False"),
        ({"spread": [True]}, "capacity: has 1 rows, expected an even number"),
        ({"spread": [True], "capacity": [[4], [4]]}, r"demand\[0, 0\] = 1: must be even"),
        ({"spread": [True], "capacity": [[4], [4]], "demand": [[2]], "current": [1]}, r"current\[0\] = 1: must be even"),
        ({"demand": [[]], "capacity": [[]]}, "capacity: has no resources"),
    ],
)
def test_bad_input_is_refused_with_its_place(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError, match=message):
        sk.packing.repack(**{"demand": [[1]], "capacity": [[4]], "current": [0], "max_moves": 1, **changed})
