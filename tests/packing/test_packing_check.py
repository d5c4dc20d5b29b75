"""`schedkit.check` finds what is changed in results of packing: each field of each kind, one at a time."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk

P = sk.packing


def partitioned() -> Any:
    return P.partition([3, 3, 2, 2, 2], 2, method="lpt")


def with_speeds() -> Any:
    return P.partition([5, 3, 1], 2, method="lpt", speeds=[2, 1])


def placed() -> Any:
    """Five items of size 2 on two nodes of size 3 and 2; the first one runs on a node that a more important one takes."""
    return P.place([[2]] * 5, [[3], [2]], priority=[0, 5, 5, 0, 0], current=[0, -1, -1, -1, -1])


def stays() -> Any:
    """One item that keeps its node: nothing better is possible."""
    return P.place([[2]], [[3]], current=[0])


def unbounded() -> Any:
    """One of two items has a node, and the bound says nothing."""
    return dataclasses.replace(P.place([[2], [2]], [[3]]), status="feasible", bound=np.array([2]))


def repacked() -> Any:
    return P.repack([[4], [12], [4]], [[16], [16], [32]], [0, 1, 2], max_moves=1)


def unproven() -> Any:
    """Two fragments of four, which one move cannot win back, with a bound that says nothing."""
    return dataclasses.replace(P.repack([[3], [3]], [[4], [4]], [0, 1], max_moves=0, block=4), status="feasible", bound=0.0)


def replicated() -> Any:
    return P.replicate([4, 3, 2, 1], 6, devices=2)


def layered() -> Any:
    return P.replicate([[4, 3, 2, 1], [1, 1, 1, 1]], 6, devices=2)


def refuted() -> Any:
    """Buffers 1, 2 and 3 are alive together and need 9 of 8 units."""
    return P.offsets([0, 1, 2, 3], [2, 4, 5, 6], [4, 3, 2, 4], capacity=8)


def refuted_by_alignment() -> Any:
    """Four units at 0 leave the other one the offset 6, and one unit at 0 leaves it the offset 3: 7 of 5 units."""
    return P.offsets([3, 1, 0], [6, 3, 2], [1, 1, 4], alignment=3, fixed={0: 2}, capacity=5)


def offset() -> Any:
    return P.offsets([0, 1], [2, 3], [4, 3])


MAKERS = (
    partitioned,
    with_speeds,
    placed,
    stays,
    unbounded,
    repacked,
    unproven,
    replicated,
    layered,
    refuted,
    refuted_by_alignment,
    offset,
)


@pytest.mark.parametrize("make", MAKERS)
def test_right_answers_pass(make: Callable[[], Any]) -> None:
    assert sk.check(make()) == []


@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (partitioned, {"load": np.array([7, 5, 0])}),
        (partitioned, {"load": np.array([12])}),
        (with_speeds, {"load": np.array([6])}),
        (with_speeds, {"load": np.array([6, 3, 0])}),
        (stays, {"status": "feasible"}),
        (unbounded, {"status": "optimal"}),
        (placed, {"bound": np.array([3, 0])}),
        (placed, {"bound": np.array([1, 3])}),
        (placed, {"bound": np.array([2, 1])}),
        (placed, {"bound": np.array([2])}),
        (placed, {"placed": np.array([2])}),
        (placed, {"tier": np.array([5, 0, -1])}),
        (repacked, {"status": "feasible"}),
        (unproven, {"status": "optimal"}),
        (replicated, {"device": np.array([0, 0, 1, 0, 1, 1])}),
        (replicated, {"device": np.array([0, 0, 0, 1, 1])}),
        (replicated, {"replica_count": np.array([2, 2, 1])}),
        (replicated, {"max_load": np.array([5.0])}),
        (layered, {"max_load": np.array([5.0])}),
        (layered, {"lower_bound": np.array([5.0, 2.0, 2.0])}),
        (layered, {"replica_count": np.array([[2, 2, 1, 1]])}),
        (layered, {"expert": np.array([[0, 1, 2, 3, 0, 1]])}),
        (refuted, {"status": "unknown"}),
        (refuted, {"status": "unknown", "conflict": None}),
        (refuted, {"lower_bound": 8}),
        (refuted, {"conflict": np.array([], dtype=np.int64)}),
        (refuted, {"conflict": np.array([1, 2, 2, 3])}),
        (refuted, {"conflict": np.array([1, 2, 7])}),
        (refuted, {"conflict": np.array([-1, 1, 2, 3])}),
        (refuted, {"conflict": np.array([1, 2])}),
        (refuted, {"conflict": np.array([0, 1, 2, 3])}),
        (refuted_by_alignment, {"status": "unknown", "conflict": None}),
        (refuted_by_alignment, {"conflict": np.array([0, 1, 2])}),
        (refuted_by_alignment, {"conflict": np.array([1])}),
        (offset, {"conflict": np.array([0, 1])}),
        (offset, {"status": "unknown"}),
        (offset, {"offset": None, "peak": None, "status": "unknown"}),
        (offset, {"offset": None, "peak": None, "status": "infeasible"}),
    ],
)
def test_a_changed_field_is_found(make: Callable[[], Any], changed: dict[str, Any]) -> None:
    right = make()
    for name, value in changed.items():
        assert not np.array_equal(np.asarray(getattr(right, name)), np.asarray(value))
    assert sk.check(dataclasses.replace(right, **changed)) != []


@pytest.mark.parametrize("seed", range(40))
def test_conflicts_of_the_search_pass_and_others_do_not(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 7))
    start = random.integers(0, 5, n)
    end, size = start + random.integers(1, 5, n), random.integers(1, 6, n)
    fixed = {0: int(random.integers(0, 6))} if seed % 3 == 0 else None
    r = P.offsets(start, end, size, alignment=1 + seed % 4, fixed=fixed, capacity=int(random.integers(3, 9)))
    assert r.status in ("feasible", "optimal", "infeasible")
    assert sk.check(r) == []
    if r.conflict is not None and len(r.conflict) > 1:
        assert sk.check(dataclasses.replace(r, conflict=r.conflict[1:])) != []
