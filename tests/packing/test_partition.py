"""Partition against plain versions, brute force, CP-SAT and theorems."""

from __future__ import annotations

import dataclasses
import itertools
import os
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st
from schedkit.packing.bin_packing import BIN_METHODS
from schedkit.packing.partitioning import PARTITION_METHODS

from . import oracles

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "100"))
METHODS: Any = ("lpt", "multifit", "karmarkar_karp", "exact")
SIZES = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**9)), max_size=14)
FEW = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**6)), max_size=9)
partition = sk.packing.partition


@given(SIZES, st.integers(1, 7))
def test_differencing_is_that_of_a_plain_version(sizes: list[int], k: int) -> None:
    found = partition(sizes, k)
    loads = oracles.karmarkar_karp(sizes, k) or [0] * k
    assert found.load.tolist() == loads  # bins are numbered by load
    assert sk.check(found) == []


def test_differencing_of_many_items_is_that_of_a_plain_version() -> None:
    rng = np.random.default_rng(2)
    for k in (2, 5, 64):
        sizes = rng.integers(1, 10**6, 400)
        assert partition(sizes, k).load.tolist() == oracles.karmarkar_karp(sizes.tolist(), k)
        floats = rng.lognormal(0, 1, 400)
        assert partition(floats, k).load == pytest.approx(oracles.karmarkar_karp(floats.tolist(), k), rel=1e-12)


@given(SIZES, st.integers(1, 7), st.integers(0, 5))
def test_longest_first_is_that_of_a_plain_version(sizes: list[int], k: int, more: int) -> None:
    assert partition(sizes, k, method="lpt").bin.tolist() == oracles.longest_first(sizes, k)
    most = max(1, -(-len(sizes) // k) + more)
    assert partition(sizes, k, method="lpt", max_count=most).bin.tolist() == oracles.longest_first(sizes, k, most)


@given(st.lists(st.integers(0, 20), max_size=12), st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0]), min_size=1, max_size=6))
def test_unlike_speeds_are_those_of_a_plain_version(sizes: list[int], speeds: list[float]) -> None:
    found = partition(sizes, len(speeds), method="lpt", speeds=speeds)
    assert found.bin.tolist() == oracles.longest_first(sizes, len(speeds), speeds=speeds)
    assert sk.check(found) == []


@given(FEW, st.integers(1, 4), st.integers(0, 3))
def test_exact_is_the_best_of_all_partitions(sizes: list[int], k: int, more: int) -> None:
    most = max(1, -(-len(sizes) // k) + more)
    for options in ({}, {"equal_count": True}, {"max_count": most}):
        found = partition(sizes, k, method="exact", max_nodes=10**7, **options)
        assert (found.max_load, found.status) == (oracles.least_max_load(sizes, k, **options), "optimal")
        assert sk.check(found) == []
        for method in METHODS[:3]:
            if method != "multifit" or "equal_count" not in options:
                other = partition(sizes, k, method=method, **options)
                assert other.lower_bound <= found.max_load <= other.max_load
                assert sk.check(other) == []


def test_exact_equals_cp_sat() -> None:
    model_of = pytest.importorskip("ortools.sat.python.cp_model")
    rng = np.random.default_rng(4)
    for _ in range(INSTANCES):
        n, k = int(rng.integers(1, 13)), int(rng.integers(1, 5))
        sizes = rng.integers(0, int(rng.choice([6, 100])), n).tolist()
        model = model_of.CpModel()
        inside = [[model.new_bool_var("") for _ in range(k)] for _ in range(n)]
        largest = model.new_int_var(0, sum(sizes), "")
        for row in inside:
            model.add_exactly_one(row)
        for b in range(k):
            model.add(sum(size * row[b] for size, row in zip(sizes, inside, strict=True)) <= largest)
        model.minimize(largest)
        solver = model_of.CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(model) == model_of.OPTIMAL
        assert partition(sizes, k, method="exact", max_nodes=10**7).max_load == solver.value(largest)


def test_exact_equals_brute_force_on_many() -> None:
    rng = np.random.default_rng(5)
    for _ in range(INSTANCES):
        n, k = int(rng.integers(0, 9)), int(rng.integers(1, 5))
        sizes = rng.integers(0, int(rng.choice([4, 30, 10**6])), n).tolist()
        assert partition(sizes, k, method="exact", max_nodes=10**7).max_load == oracles.least_max_load(sizes, k)


def test_the_worst_case_of_longest_first() -> None:
    sizes = [5, 5, 4, 4, 3, 3, 3]  # Graham 1969 for three bins: 4/3 - 1/9 times the least
    assert partition(sizes, 3, method="lpt").max_load == 11
    assert partition(sizes, 3, method="exact").max_load == 9


@given(SIZES, st.integers(1, 7))
def test_guarantees_hold(sizes: list[int], k: int) -> None:
    least = partition(sizes, k, method="exact", max_nodes=20_000).lower_bound
    if least == partition(sizes, k, method="exact", max_nodes=20_000).max_load:
        assert partition(sizes, k, method="lpt").max_load * 3 * k <= (4 * k - 1) * least
        assert partition(sizes, k, method="multifit").max_load * 11 <= 13 * least
    assert partition(sizes, k, method="multifit").max_load <= partition(sizes, k, method="lpt").max_load


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 9))
def test_equal_counts_differ_by_one_at_most(sizes: list[int], k: int) -> None:
    for method in ("lpt", "karmarkar_karp"):
        found = partition(sizes, k, method=method, equal_count=True)
        count = np.bincount(found.bin, minlength=k)
        assert count.max() - count.min() <= 1
        assert len(sizes) < k or count.min() >= 1
        assert sk.check(found) == []


@given(SIZES, st.integers(1, 6), st.integers(1, 1000))
def test_scaling_sizes_scales_loads(sizes: list[int], k: int, factor: int) -> None:
    for method in METHODS[:3]:
        one, other = partition(sizes, k, method=method), partition([size * factor for size in sizes], k, method=method)
        if method != "multifit":  # whose search halves other intervals
            assert [load * factor for load in one.load.tolist()] == other.load.tolist()


def test_more_bins_than_items() -> None:
    for method in METHODS:
        found = partition([5, 3], 4, method=method)
        assert sorted(found.load.tolist()) == [0, 0, 3, 5]
        assert (found.max_load, found.status) == (5, "optimal")
        none = partition([], 3, method=method)
        assert (none.bin.tolist(), none.load.tolist(), none.max_load, none.status) == ([], [0, 0, 0], 0, "optimal")


BAD: dict[str, tuple[dict[str, Any], type[sk.SchedkitError], str]] = {
    "negative": ({"sizes": [1, -2]}, sk.InvalidInputError, "sizes[1] = -2: must be >= 0"),
    "NaN": ({"sizes": [1.0, np.nan]}, sk.InvalidInputError, "sizes[1] = NaN: must be finite and >= 0"),
    "no bins": ({"k": 0}, sk.InvalidInputError, "k = 0: must be >= 1"),
    "half a bin": ({"k": 1.5}, sk.InvalidInputError, "k = 1.5"),
    "bins": ({"k": "2"}, sk.InputTypeError, "k"),
    "method": ({"method": "greedy"}, sk.InvalidInputError, "method = 'greedy': unknown method, expected one of lpt, multifit"),
    "count": ({"max_count": 1}, sk.InvalidInputError, "max_count = 1: 2 bins of at most 1 items hold 2 items, not 3"),
    "equal": ({"equal_count": 1}, sk.InputTypeError, "equal_count = 1: must be True or False, not int"),
    "equal, multifit": (
        {"equal_count": True, "method": "multifit"},
        sk.InvalidInputError,
        "equal_count: method 'multifit' takes no equal counts",
    ),
    "speeds": ({"speeds": [1, 2]}, sk.InvalidInputError, "speeds: only method 'lpt' takes speeds"),
    "speeds, exact": ({"speeds": [1, 2], "method": "exact"}, sk.InvalidInputError, "speeds: only method 'lpt' takes speeds"),
    "speed": ({"speeds": [1, 0], "method": "lpt"}, sk.InvalidInputError, "speeds[1] = 0.0: must be positive and finite"),
    "endless": ({"speeds": [1, np.inf], "method": "lpt"}, sk.InvalidInputError, "speeds[1] = inf: must be positive and finite"),
    "few speeds": ({"speeds": [1], "method": "lpt"}, sk.InvalidInputError, "speeds: has length 1, expected 2"),
    "floats": ({"sizes": [0.5], "method": "exact"}, sk.InvalidInputError, "sizes: method 'exact' takes integers only"),
    "nodes": ({"max_nodes": 5}, sk.InvalidInputError, "max_nodes: only method 'exact' takes it, not 'karmarkar_karp'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    options, kind, text = BAD[case]
    arguments = {"sizes": [3, 4, 5], "k": 2, **options}
    with pytest.raises(kind) as caught:
        partition(arguments.pop("sizes"), arguments.pop("k"), **arguments)
    assert str(caught.value).startswith(text)


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str, tuple[int, ...]]] = {
    "load": ({}, {"load": np.array([16, 15])}, "objective", (1,)),
    "largest": ({}, {"max_load": 15}, "objective", ()),
    "bound": ({}, {"lower_bound": 17}, "objective", ()),
    "status": ({}, {"status": "optimal"}, "objective", ()),
    "unknown": ({}, {"bin": np.array([0, 1, 1, 0, 5])}, "unknown_id", (4,)),
    "missing": ({}, {"bin": np.array([0, 1])}, "missing", ()),
    "count": ({"max_count": 3}, {"bin": np.zeros(5, int)}, "capacity", (0,)),
    "counts": ({"equal_count": True}, {"bin": np.zeros(5, int)}, "capacity", (0,)),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_checker_finds_what_is_wrong(case: str) -> None:
    options, changes, kind, subject = WRONG[case]
    found = partition([8, 7, 6, 5, 4], 2, **options)
    assert sk.check(found) == []
    violations = sk.check(dataclasses.replace(found, **changes))
    assert (kind, subject) in [(v.kind, v.subject) for v in violations]


def test_a_partition_is_drawn_with_its_bound() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    ax = partition([8, 7, 6, 5, 4], 2).plot()
    assert len(ax.patches) == 5
    assert ax.lines[0].get_ydata()[0] == 15  # type: ignore[index]
    pyplot.close("all")


@pytest.mark.parametrize("method", ["lpt", "karmarkar_karp"])
def test_the_guarantee_without_counts(method: str) -> None:
    # 4/3 - 1/(3 k) times the least; for two bins 7/6, so that the least load is not always reached.
    random = np.random.default_rng(8)
    above = 0
    for _ in range(300):
        k = int(random.integers(2, 4))
        sizes = random.integers(1, 40, int(random.integers(2, 9))).tolist()
        found = sk.packing.partition(sizes, k, method=method).max_load  # type: ignore[arg-type]
        best = min(
            max(sum(size for size, b in zip(sizes, bins, strict=True) if b == c) for c in range(k))
            for bins in itertools.product(range(k), repeat=len(sizes))
        )
        assert 3 * k * found <= (4 * k - 1) * best
        above += k == 2 and found > best
    assert above > 0


def test_karmarkar_karp_is_not_always_optimal_for_two_bins() -> None:
    sizes = [341, 722, 84, 484, 271, 678, 101, 339, 195]
    assert sk.packing.partition(sizes, 2).max_load == 1613
    assert sk.packing.partition(sizes, 2, method="exact").max_load == 1611


def test_rounding_alone_does_not_keep_a_bound_from_a_value() -> None:
    p = sk.packing.partition([1, 2], 2, method="lpt", speeds=[1, 2])
    assert (p.max_load, p.lower_bound, p.status, sk.check(p)) == (1.0, 1.0, "optimal", [])
    q = sk.packing.replicate([1, 2], 2)
    assert (q.max_load, q.lower_bound, sk.check(q)) == (3.0, 3.0, [])


PACKING: Any = sk.packing


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: PACKING.partition([1], 1, method="kk"),
            "method = 'kk': unknown method, expected one of lpt, .*, exact$",
        ),
        (
            lambda: PACKING.bins([1], 1, method="kk"),
            "method = 'kk': unknown method, expected one of .*, mffd, exact$",
        ),
        (lambda: PACKING.partition([3, 1], 2, on_interrupt="x"), "on_interrupt = 'x': expected 'raise' or 'return'"),
        (lambda: PACKING.bins([3, 1], 4, on_interrupt=1), "on_interrupt"),
        (
            lambda: PACKING.bins([3, 1], 4, on_interrupt="return"),
            "on_interrupt: only method 'exact' takes it",
        ),
        (lambda: PACKING.bins([3, 1], 4, method="exact", on_interrupt="x"), "on_interrupt"),
        (lambda: PACKING.replicate([-1, 2], 2), r"load\[0\] = -1: must be finite and >= 0"),
        (lambda: PACKING.replicate([[1, 2], [1, -3]], 2), r"load\[1, 1\] = -3: must be"),
        (lambda: PACKING.replicate([-1.5, 2], 2), r"load\[0\] = -1.5: must be"),
        (lambda: PACKING.replicate(np.array(["a"]), 2), r"load\[0\] = 'a': must hold numbers, not text"),
    ],
)
def test_messages_name_what_was_written_and_all_choices(call: Any, message: str) -> None:
    with pytest.raises(sk.SchedkitError, match=message):
        call()


def test_all_named_methods_are_known() -> None:
    for method in PARTITION_METHODS:
        assert sk.packing.partition([3, 2, 1], 2, method=method).max_load == 3  # type: ignore[arg-type]
    for method in BIN_METHODS:
        assert sk.packing.bins([3, 2, 1], 3, method=method).num_bins == 2  # type: ignore[arg-type]


def test_the_chart_with_speeds_shows_times() -> None:
    pytest.importorskip("matplotlib")
    p = sk.packing.partition([6, 4, 2], 2, method="lpt", speeds=[2, 1])
    ax: Any = p.plot()
    tops: dict[int, float] = {}
    for bar in ax.patches:
        b = round(bar.get_x() + bar.get_width() / 2)
        tops[b] = max(tops.get(b, 0.0), bar.get_y() + bar.get_height())
    assert tops == pytest.approx({b: load / speed for b, (load, speed) in enumerate(zip(p.load.tolist(), (2, 1), strict=True))})
    assert max(tops.values()) == pytest.approx(p.max_load)
    assert [line.get_ydata()[0] for line in ax.lines] == [p.lower_bound]
    assert all(tick == round(tick) for tick in ax.get_xticks())
