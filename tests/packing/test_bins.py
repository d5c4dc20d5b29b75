"""Bin packing against plain versions, brute force and the bounds of the literature."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

from . import oracles

PLAIN = {
    "first_fit": oracles.first_fit,
    "best_fit": oracles.best_fit,
    "first_fit_decreasing": oracles.decreasing(oracles.first_fit),
    "best_fit_decreasing": oracles.decreasing(oracles.best_fit),
    "mffd": oracles.mffd,
}
METHODS: Any = (*PLAIN, "exact")


@st.composite
def items(draw: st.DrawFn) -> tuple[list[Any], Any]:
    """Sizes and a capacity; eighths of integers where they are floats, so that sums are exact."""
    capacity = draw(st.sampled_from([7, 10, 60, 1000, 2**40]))
    largest = draw(st.sampled_from([capacity, max(1, capacity // 2), max(1, capacity // 5)]))
    sizes = draw(st.lists(st.integers(0, largest), max_size=30))
    eighths = draw(st.booleans())
    return ([size / 8 for size in sizes], capacity / 8) if eighths else (sizes, capacity)


@pytest.mark.parametrize("method", PLAIN)
@given(case=items())
def test_bins_are_those_of_a_plain_version(method: Any, case: tuple[list[Any], Any]) -> None:
    sizes, capacity = case
    found = sk.packing.bins(sizes, capacity, method=method)
    assert found.bin.tolist() == PLAIN[method](sizes, capacity)
    assert sk.check(found) == []


@pytest.mark.parametrize("capacity", [4096, 4096.5])
def test_many_lengths_are_packed_as_by_a_plain_version(capacity: float) -> None:
    sizes = np.random.default_rng(1).integers(1, 4097, 3000)
    for method, plain in PLAIN.items():
        found = sk.packing.bins(sizes, capacity, method=method)  # type: ignore[arg-type]
        assert found.bin.tolist() == plain(sizes.tolist(), capacity), method


def test_the_example_on_which_first_fit_decreasing_is_not_optimal() -> None:
    sizes = [51] * 6 + [27] * 6 + [26] * 6 + [23] * 12  # Johnson 1973: 11/9 of the optimum
    assert sk.packing.bins(sizes, 100, method="first_fit_decreasing").num_bins == 11
    found = sk.packing.bins(sizes, 100, method="exact")
    assert (found.num_bins, found.status) == (9, "optimal")
    assert sk.check(found) == []


@given(st.lists(st.integers(0, 12), max_size=9), st.integers(12, 30))
def test_exact_is_the_least_number_of_bins(sizes: list[int], capacity: int) -> None:
    found = sk.packing.bins(sizes, capacity, method="exact", max_nodes=10**7)
    assert (found.num_bins, found.status) == (oracles.least_bins(sizes, capacity), "optimal")
    assert sk.check(found) == []
    for method in METHODS:
        other = sk.packing.bins(sizes, capacity, method=method)
        assert other.lower_bound <= found.num_bins <= other.num_bins


def test_exact_proves_most_random_instances() -> None:
    rng = np.random.default_rng(7)
    statuses = []
    for k in range(60):
        sizes = rng.integers(1, 101, 100)
        found = sk.packing.bins(sizes, [100, 120, 150][k % 3], method="exact", max_nodes=200_000)
        assert sk.check(found) == []
        statuses.append(found.status)
    assert statuses.count("optimal") >= 54


def test_a_budget_gives_equal_answers_and_counts_nodes() -> None:
    sizes = np.random.default_rng(3).integers(150, 351, 60)
    first, second = (sk.packing.bins(sizes, 1000, method="exact", max_nodes=3000) for _ in range(2))
    assert isinstance(first, sk.packing.ExactBinResult)
    assert isinstance(second, sk.packing.ExactBinResult)
    assert first.bin.tolist() == second.bin.tolist()
    assert first.num_nodes == second.num_nodes <= 3000
    assert first.history[-1].lower_bound == first.lower_bound


def test_a_callback_hears_of_improvements_and_its_exception_propagates() -> None:
    seen: list[sk.Improvement] = []
    sizes = np.random.default_rng(3).integers(150, 351, 60)
    found = sk.packing.bins(sizes, 1000, method="exact", max_nodes=10**5, on_improvement=seen.append)
    assert seen
    assert seen[-1].objective == found.num_bins

    def fail(_: sk.Improvement) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sk.packing.bins(sizes, 1000, method="exact", on_improvement=fail)


def test_a_stopped_search_returns_what_it_has() -> None:
    token = sk.CancelToken()
    token.cancel()
    found = sk.packing.bins(np.random.default_rng(3).integers(150, 351, 60), 1000, method="exact", stop=token)
    assert sk.check(found) == []


BAD: dict[str, tuple[dict[str, Any], type[sk.SchedkitError], str]] = {
    "negative": ({"sizes": [1, -2]}, sk.InvalidInputError, "sizes[1] = -2: must be >= 0"),
    "infinite": ({"sizes": [1.0, np.inf]}, sk.InvalidInputError, "sizes[1] = inf: must be"),
    "NaN": ({"sizes": [np.nan]}, sk.InvalidInputError, "sizes[0] = NaN: must be finite and >= 0"),
    "large": ({"sizes": [3, 11, 12]}, sk.InvalidInputError, "sizes[1] = 11: exceeds the capacity 10; 1 more"),
    "sum": ({"sizes": [2**53, 1], "capacity": 2**53}, sk.InvalidInputError, "sizes[1] = 1: the sum up to here exceeds 2**53"),
    "text": ({"sizes": ["a"]}, sk.InputTypeError, "sizes[0]"),
    "bool": ({"sizes": [True]}, sk.InputTypeError, "sizes[0] = True: must be a number, not bool"),
    "matrix": ({"sizes": [[1]]}, sk.InvalidInputError, "sizes: "),
    "no capacity": ({"capacity": 0}, sk.InvalidInputError, "capacity = 0: must be positive and finite"),
    "NaN capacity": ({"capacity": np.nan}, sk.InvalidInputError, "capacity = nan"),
    "endless capacity": ({"capacity": np.inf}, sk.InvalidInputError, "capacity = inf"),
    "capacity beyond": ({"capacity": 2**60}, sk.InvalidInputError, "capacity = 1152921504606846976: must be at most 2**53"),
    "capacity of 71 bits": (
        {"capacity": 2**70},
        sk.InvalidInputError,
        "capacity = 1180591620717411303424: must be at most 2**53",
    ),
    "capacity below": ({"capacity": -(2**70)}, sk.InvalidInputError, "capacity = -1180591620717411303424: must be positive"),
    "large float": ({"capacity": 1e300}, sk.InvalidInputError, "capacity = 1e+300: must be at most 2**53"),
    "method": (
        {"method": "next_fit"},
        sk.InvalidInputError,
        "method = 'next_fit': unknown method, expected one of first_fit, ",
    ),
    "no method": ({"method": 3}, sk.InputTypeError, "method: must be a name, not int"),
    "limit": ({"time_limit": 1}, sk.InvalidInputError, "time_limit: only method 'exact' takes it, not 'best_fit_decreasing'"),
    "floats": ({"sizes": [0.5], "method": "exact"}, sk.InvalidInputError, "sizes: method 'exact' takes integers only"),
    "nodes": ({"max_nodes": -1, "method": "exact"}, sk.InvalidInputError, "max_nodes = -1: must be >= 0"),
    "interrupt": ({"on_interrupt": "x", "method": "exact"}, sk.InvalidInputError, "on_interrupt = 'x'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    options, kind, text = BAD[case]
    arguments = {"sizes": [3, 4], "capacity": 10, **options}
    with pytest.raises(kind) as caught:
        sk.packing.bins(arguments.pop("sizes"), arguments.pop("capacity"), **arguments)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("method", METHODS)
def test_no_items_need_no_bins(method: Any) -> None:
    found = sk.packing.bins([], 5, method=method)
    assert (found.bin.tolist(), found.load.tolist(), found.num_bins, found.lower_bound) == ([], [], 0, 0)
    assert (found.status, found.items(), sk.check(found)) == ("optimal", [], [])


def test_numbers_keep_their_type() -> None:
    assert sk.packing.bins([1, 2], 3).load.dtype == np.int64
    assert sk.packing.bins([1, 2], 3.0).capacity == 3
    assert sk.packing.bins([1, 2], 3.5).load.dtype == np.float64
    assert sk.packing.bins([1.0, 2.0], 3).load.tolist() == [3.0]


def test_results_compare_pickle_and_cannot_be_changed() -> None:
    found = sk.packing.bins([4, 8, 1, 4, 2, 1], 10)
    assert pickle.loads(pickle.dumps(found)) == found
    assert found != sk.packing.bins([4, 8, 1, 4, 2, 1], 10, method="first_fit")
    assert found.size.tolist() == [4, 8, 1, 4, 2, 1]
    with pytest.raises(ValueError, match="read-only"):
        found.bin[0] = 1


WRONG: dict[str, tuple[dict[str, Any], str, tuple[int, ...]]] = {
    "too full": ({"bin": np.zeros(6, int), "load": np.array([20, 0])}, "capacity", (0,)),
    "unknown": ({"bin": np.array([1, 0, 1, 1, 0, 2])}, "unknown_id", (5,)),
    "none": ({"bin": np.array([1, 0, 1, 1, 0, -1])}, "unknown_id", (5,)),
    "missing": ({"bin": np.array([1, 0, 1])}, "missing", ()),
    "load": ({"load": np.array([10, 9])}, "objective", (1,)),
    "bins": ({"num_bins": 3}, "objective", ()),
    "bound": ({"lower_bound": 3}, "objective", ()),
    "status": ({"status": "feasible"}, "objective", ()),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_checker_finds_what_is_wrong(case: str) -> None:
    changes, kind, subject = WRONG[case]
    found = sk.packing.bins([4, 8, 1, 4, 2, 1], 10)
    violations = sk.check(dataclasses.replace(found, **changes))
    assert (kind, subject) in [(v.kind, v.subject) for v in violations]


def test_bins_are_drawn_as_stacked_bars() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    found = sk.packing.bins([4, 8, 1, 4, 2, 1], 10)
    ax = found.plot()
    tops: dict[int, float] = {}
    bars: Any = ax.patches
    for bar in bars:
        b = round(bar.get_x() + bar.get_width() / 2)
        tops[b] = max(tops.get(b, 0.0), bar.get_y() + bar.get_height())
    assert tops == {0: 10, 1: 10}
    assert len(ax.patches) == 6
    assert sk.packing.bins([], 5).plot(ax=ax) is ax
    assert len(sk.packing.bins(np.ones(4000, int), 100).plot().patches) == 40
    pyplot.close("all")


def test_the_check_of_a_packing_takes_no_options() -> None:
    with pytest.raises(sk.InvalidInputError, match="now: has no meaning for a packing"):
        sk.check(sk.packing.bins([1], 2), now=3)
