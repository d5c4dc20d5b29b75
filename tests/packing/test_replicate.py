"""Replication against the published example, the stated rule, and bounds."""

from __future__ import annotations

import dataclasses
import itertools
import os
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from . import oracles

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "100"))
LOAD = [[90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]]
PUBLISHED = [[5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1], [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1]]
replicate = sk.packing.replicate


def test_the_published_example() -> None:
    found = replicate(LOAD, 16, groups=4, nodes=2, devices=8)
    assert found.expert.tolist() == PUBLISHED
    assert found.device.tolist() == [slot // 2 for slot in range(16)]
    assert found.replica_count.tolist() == [[row.count(e) for e in range(12)] for row in PUBLISHED]
    assert sk.check(found) == []
    for load, row in zip(LOAD, PUBLISHED, strict=True):
        alone = replicate(load, 16, 4, 2, 8)
        assert alone.expert.tolist() == row
        assert isinstance(alone.max_load, float)
        assert sk.check(alone) == []


def test_slots_are_those_of_the_stated_rule() -> None:
    rng = np.random.default_rng(1)
    for k in range(INSTANCES):
        load = [rng.lognormal(0, 1, 256), rng.random(256), rng.gamma(0.5, 1, 256)][k % 3]
        found = replicate(load, 288, 8, 4, 32)
        assert found.expert.tolist() == oracles.eplb(load.tolist(), 288, 8, 4, 32)


@pytest.mark.parametrize(
    ("experts", "replicas", "groups", "nodes", "devices"),
    [
        (12, 12, 1, 1, 1),
        (12, 12, 4, 2, 4),
        (12, 16, 3, 2, 8),
        (8, 8, 8, 8, 8),
        (6, 24, 2, 2, 4),
        (4, 60, 4, 2, 6),
        (5, 7, 1, 1, 7),
    ],
)
def test_other_layouts_follow_the_rule(experts: int, replicas: int, groups: int, nodes: int, devices: int) -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        load = rng.permutation(experts * 7)[:experts] + rng.random(experts)
        found = replicate(load, replicas, groups, nodes, devices)
        assert found.expert.tolist() == oracles.eplb(load.tolist(), replicas, groups, nodes, devices)
        better = replicate(load, replicas, groups, nodes, devices, "balanced")
        assert sk.check(found) == sk.check(better) == []
        assert better.lower_bound <= better.max_load <= found.max_load


def test_balanced_is_never_worse_and_gains_where_the_bound_allows_it() -> None:
    rng = np.random.default_rng(3)
    gains = []
    for k in range(INSTANCES):
        load = rng.random(256) if k % 2 else rng.lognormal(0, 1, 256)
        layout = [(288, 8, 4, 32), (320, 1, 1, 64), (320, 8, 4, 40)][k % 3]
        one, other = replicate(load, *layout), replicate(load, *layout, "balanced")
        assert sk.check(other) == []
        assert one.lower_bound <= other.max_load <= one.max_load
        if one.max_load >= 1.01 * one.lower_bound:
            gains.append(1 - other.max_load / one.max_load)
    assert gains
    assert np.mean(gains) >= 0.01


def test_the_bound_holds_for_all_replications_of_small_layouts() -> None:
    rng = np.random.default_rng(4)
    for _ in range(10):
        load = rng.integers(1, 20, 4).astype(float)
        least = min(
            max(sum(load[e] / slots.count(e) for e in slots[d : d + 2]) for d in (0, 2, 4))
            for slots in itertools.product(range(4), repeat=6)
            if set(slots) == set(range(4))
        )
        found = replicate(load, 6, devices=3, method="balanced")
        assert found.lower_bound <= least + 1e-9
        assert least <= found.max_load + 1e-9


def test_layers_are_independent_and_may_be_none() -> None:
    load = np.random.default_rng(5).random((3, 8))
    found = replicate(load, 12, 2, 2, 4)
    for layer in range(3):
        alone = replicate(load[layer], 12, 2, 2, 4)
        assert found.expert[layer].tolist() == alone.expert.tolist()
        assert found.max_load[layer] == alone.max_load
    none = replicate(np.empty((0, 8)), 12, 2, 2, 4)
    assert none.expert.shape == (0, 12)
    assert sk.check(none) == []


BAD: dict[str, tuple[dict[str, Any], type[sk.SchedkitError], str]] = {
    "negative": ({"load": [1, -2]}, sk.InvalidInputError, "load[1] = -2: must be finite and >= 0"),
    "negative, layers": ({"load": [[1, 2], [-3, 4]]}, sk.InvalidInputError, "load[1, 0] = -3: must be finite and >= 0"),
    "infinite": ({"load": [1, np.inf]}, sk.InvalidInputError, "load[1] = inf: must"),
    "too large": ({"load": [1e300, 1]}, sk.InvalidInputError, "load: the sum exceeds what a 32-bit float holds"),
    "no experts": ({"load": []}, sk.InvalidInputError, "load: has no experts"),
    "few replicas": ({"replicas": 1}, sk.InvalidInputError, "replicas = 1: must be at least the number of experts, 2"),
    "devices": ({"replicas": 5, "devices": 2}, sk.InvalidInputError, "replicas = 5: must be a multiple of devices = 2"),
    "nodes": ({"replicas": 6, "devices": 3, "nodes": 2}, sk.InvalidInputError, "devices = 3: must be a multiple of nodes = 2"),
    "groups": ({"groups": 3}, sk.InvalidInputError, "groups = 3: must divide the number of experts, 2"),
    "no device": ({"devices": 0}, sk.InvalidInputError, "devices = 0: must be >= 1"),
    "method": ({"method": "best"}, sk.InvalidInputError, "method = 'best': unknown method, expected one of eplb, balanced"),
    "text": ({"load": "abc"}, sk.InputTypeError, "load"),
    "no layers, devices": (
        {"load": np.empty((0, 2)), "devices": 8},
        sk.InvalidInputError,
        "replicas = 4: must be a multiple of devices = 8",
    ),
    "no layers, no experts": ({"load": np.empty((0, 0))}, sk.InvalidInputError, "load: has no experts"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    options, kind, text = BAD[case]
    arguments = {"load": [1.0, 2.0], "replicas": 4, **options}
    with pytest.raises(kind) as caught:
        replicate(arguments.pop("load"), arguments.pop("replicas"), **arguments)
    assert str(caught.value).startswith(text)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"expert": np.array([[*PUBLISHED[0][:15], 12]])}, "unknown_id"),
    "missing": ({"expert": np.array([[5] * 16])}, "missing"),
    "count": ({"replica_count": np.ones((1, 12), int)}, "objective"),
    "load": ({"max_load": np.array([150.0])}, "objective"),
    "bound": ({"lower_bound": np.array([160.0])}, "objective"),
    "node": (
        {"expert": np.array([PUBLISHED[0][8:10] + PUBLISHED[0][2:8] + PUBLISHED[0][:2] + PUBLISHED[0][10:]])},
        "forbidden_processor",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_checker_finds_what_is_wrong(case: str) -> None:
    changes, kind = WRONG[case]
    violations = sk.check(dataclasses.replace(replicate(LOAD[:1], 16, 4, 2, 8), **changes))
    assert kind in [v.kind for v in violations]


def test_the_chart_shows_the_load_of_each_device() -> None:
    pytest.importorskip("matplotlib")
    ax: Any = sk.packing.replicate([4.0, 2.0, 2.0], 4, devices=2).plot()
    assert [bar.get_height() for bar in ax.patches] == [4, 4]
    assert sk.packing.replicate([[4.0, 2.0], [1.0, 3.0]], 4, devices=2).plot().get_xlabel() == "device"
