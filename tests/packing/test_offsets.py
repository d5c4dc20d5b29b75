"""Memory offsets: published instances, oracles by brute force and by CP-SAT, conflicts, hostile input."""

import dataclasses
import itertools
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data import find

BUFFER = st.tuples(st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))


def columns(buffers: list[tuple[int, int, int]]) -> dict[str, Any]:
    """The arguments of `offsets` from rows (start, duration, size)."""
    return {
        "start": [s for s, _, _ in buffers],
        "end": [s + d for s, d, _ in buffers],
        "size": [z for _, _, z in buffers],
    }


def fits(buffers: list[tuple[int, int, int]], peak: int, alignment: int = 1, fixed: dict[int, int] | None = None) -> bool:
    """Whether offsets up to a peak exist, by trying all."""
    placed: list[int] = []

    def place(i: int) -> bool:
        if i == len(buffers):
            return True
        start, duration, size = buffers[i]
        places = [fixed[i]] if fixed and i in fixed else range(0, peak - size + 1, alignment)
        for low in places:
            free = low + size <= peak and all(
                low + size <= placed[j] or placed[j] + buffers[j][2] <= low
                for j in range(i)
                if start < buffers[j][0] + buffers[j][1] and buffers[j][0] < start + duration
            )
            if free:
                placed.append(low)
                if place(i + 1):
                    return True
                placed.pop()
        return False

    return place(0)


@settings(max_examples=60, deadline=None)
@given(st.lists(BUFFER, max_size=6), st.sampled_from([1, 1, 3]), st.booleans())
def test_small_problems_reach_the_least_peak(buffers: list[tuple[int, int, int]], alignment: int, fixes: bool) -> None:
    fixed = {0: 2} if fixes and buffers else None
    r = sk.packing.offsets(**columns(buffers), alignment=alignment, fixed=fixed, max_nodes=100_000)
    assert sk.check(r) == []
    assert r.status == "optimal"
    assert r.peak is not None
    assert fits(buffers, r.peak, alignment, fixed)
    assert r.peak == 0 or not fits(buffers, r.peak - 1, alignment, fixed)


@settings(max_examples=60, deadline=None)
@given(st.lists(BUFFER, min_size=1, max_size=7), st.integers(1, 12))
def test_a_conflict_does_not_fit_and_fits_without_any_one_member(buffers: list[tuple[int, int, int]], capacity: int) -> None:
    r = sk.packing.offsets(**columns(buffers), capacity=capacity, max_nodes=100_000)
    assert sk.check(r) == []
    if fits(buffers, capacity):
        assert r.offset is not None
        assert r.conflict is None
        return
    assert (r.status, r.offset, r.peak) == ("infeasible", None, None)
    assert r.conflict is not None
    members = [buffers[i] for i in r.conflict]
    assert not fits(members, capacity)
    assert all(fits([b for b in members if b is not out], capacity) for out in members)


def cp_sat_peak(buffers: dict[str, Any]) -> int:
    """The least peak by CP-SAT: rectangles that do not overlap."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    model = cp_model.CpModel()
    most = sum(buffers["size"])
    peak = model.new_int_var(0, most, "peak")
    times, spaces = [], []
    for start, end, size in zip(*buffers.values(), strict=True):
        low = model.new_int_var(0, most - size, "")
        model.add(low + size <= peak)
        times.append(model.new_fixed_size_interval_var(start, end - start, ""))
        spaces.append(model.new_fixed_size_interval_var(low, size, ""))
    model.add_no_overlap_2d(times, spaces)
    model.minimize(peak)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    value: float = solver.objective_value
    return round(value)


@pytest.mark.parametrize("seed", range(15))
def test_the_least_peak_is_that_of_cp_sat(seed: int) -> None:
    random = np.random.default_rng(seed)
    buffers = columns([tuple(row) for row in random.integers((0, 1, 1), (12, 8, 9), (9, 3)).tolist()])
    r = sk.packing.offsets(**buffers, max_nodes=1_000_000)
    assert sk.check(r) == []
    assert (r.status, r.peak) == ("optimal", cp_sat_peak(buffers))


@pytest.mark.parametrize("name", ["A", "C", "D", "F", "H", "I", "K"])
def test_minimalloc_instances_fit(name: str) -> None:
    b = sk.packing.read(find("memory", f"{name}.1048576.csv"))
    assert isinstance(b, sk.packing.Buffers)
    r = sk.packing.offsets(b.start, b.end, b.size, capacity=1048576, time_limit=60)
    assert sk.check(r) == []
    assert r.peak is not None
    assert r.peak <= 1048576


@pytest.mark.parametrize(("name", "load"), [("G_1", 3030937746), ("resnet50", 1515472556)])
def test_larger_models_come_close_to_the_load_bound(name: str, load: int) -> None:
    b = sk.packing.read(find("memory", f"{name}.csv.gz"))
    assert isinstance(b, sk.packing.Buffers)
    r = sk.packing.offsets(b.start, b.end, b.size, max_nodes=3000)
    assert sk.check(r) == []
    assert r.lower_bound == load
    assert r.peak is not None
    assert r.peak <= 1.006 * load


def test_the_same_seed_gives_the_same_offsets_and_results_pickle() -> None:
    b = sk.packing.model(120, seed=5)
    runs = [sk.packing.offsets(b.start, b.end, b.size, max_nodes=3000, seed=9) for _ in range(2)]
    assert runs[0].offset is not None
    assert runs[1].offset is not None
    assert np.array_equal(runs[0].offset, runs[1].offset)
    assert pickle.loads(pickle.dumps(runs[0])) == runs[0]
    assert runs[0].to_dict()["kind"] == "offsets"


def test_scaled_sizes_scale_the_peak_and_shifted_times_change_nothing() -> None:
    b = sk.packing.model(80, seed=2)
    plain = sk.packing.offsets(b.start, b.end, b.size, max_nodes=500)
    scaled = sk.packing.offsets(b.start + 17, b.end + 17, b.size * 3, max_nodes=500)
    assert plain.offset is not None
    assert scaled.lower_bound == 3 * plain.lower_bound
    assert sk.check(scaled) == []


def test_a_warm_start_is_never_lost() -> None:
    b = sk.packing.model(150, seed=4)
    first = sk.packing.offsets(b.start, b.end, b.size, max_nodes=20_000)
    again = sk.packing.offsets(b.start, b.end, b.size, max_nodes=0, warm_start=first)
    assert again.peak == first.peak
    with pytest.raises(sk.InvalidInputError, match="warm_start: is not feasible"):
        sk.packing.offsets(b.start, b.end, b.size, warm_start=np.zeros(150, np.int64))


def test_many_buffers_have_a_first_answer() -> None:
    b = sk.packing.model(100_000, depth=50, seed=1)
    r = sk.packing.offsets(b.start, b.end, b.size, time_limit=1)
    assert sk.check(r) == []


def test_fixed_buffers_in_each_others_way_are_the_conflict() -> None:
    r = sk.packing.offsets([0, 1, 5], [2, 3, 6], [4, 4, 4], fixed={0: 0, 1: 2})
    assert r.conflict is not None
    assert (r.status, r.conflict.tolist()) == ("infeasible", [0, 1])
    r = sk.packing.offsets([0, 1], [2, 3], [4, 4], fixed={1: 8}, capacity=11)
    assert r.conflict is not None
    assert r.conflict.tolist() == [1]


def test_the_checker_finds_what_is_wrong() -> None:

    r = sk.packing.offsets([0, 1, 2], [2, 4, 5], [4, 3, 2], capacity=9, alignment=1, fixed={0: 3})

    def kinds(**changed: Any) -> list[str]:
        return [v.kind for v in sk.check(dataclasses.replace(r, **changed))]

    assert kinds() == []
    assert "disjunctive" in kinds(offset=np.array([3, 3, 0]))
    assert "fixed" in kinds(offset=np.array([4, 0, 3]))
    assert "capacity" in kinds(offset=np.array([3, 0, 8]))
    assert "missing" in kinds(offset=np.array([3, 0]))
    assert "objective" in kinds(peak=6)
    assert "objective" in kinds(lower_bound=8)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": [0, 2.5]}, r"start\[1\] = 2.5: must be a whole number"),
        ({"start": [0]}, "end: has length 2, expected 1"),
        ({"size": [1]}, "size: has length 1, expected 2"),
        ({"fixed": {"a": 1}}, "fixed: the key 'a' must be the index of a buffer, not str"),
        ({"fixed": {0: "a"}}, r"fixed\[0\] = 'a': must be a number, not str"),
        ({"end": [1, 1]}, r"end\[1\] = 1: must be greater than start\[1\] = 1"),
        ({"size": [1, 0]}, r"size\[1\] = 0: must be > 0"),
        ({"size": [2**53, 1]}, r"size\[1\] = 1: the sum up to here"),
        ({"size": [True, 1]}, r"size\[0\].*must be a number, not bool"),
        ({"start": [-(2**60), 0]}, r"start\[0\].*within 2\*\*53"),
        ({"alignment": 0}, "alignment = 0: must be >= 1"),
        ({"alignment": 2**53}, r"size\[1\].*rounded up"),
        ({"capacity": -1}, "capacity = -1: must be >= 0"),
        ({"fixed": {5: 0}}, "there is no buffer 5"),
        ({"fixed": {0: -4}}, r"fixed\[0\] = -4: must be >= 0"),
        ({"fixed": [(0, 0)]}, "fixed.*must be a mapping"),
        ({"max_nodes": -1}, "max_nodes = -1"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_bad_input_is_refused_with_its_place(changed: dict[str, Any], message: str) -> None:
    arguments = {"start": [0, 1], "end": [2, 3], "size": [4, 3], **changed}
    with pytest.raises(sk.SchedkitError, match=message):
        sk.packing.offsets(**arguments)


def test_nothing_is_legal_and_a_plot_draws_every_buffer() -> None:
    r = sk.packing.offsets([], [], [])
    assert (r.peak, r.status, r.lower_bound) == (0, "optimal", 0)
    pytest.importorskip("matplotlib")
    ax = sk.packing.offsets([0, 1], [2, 3], [4, 3], capacity=8).plot()
    assert sum(len(c.get_paths()) for c in ax.collections) == 2
    assert sk.packing.offsets([0, 1], [2, 3], [4, 3], capacity=5).plot().collections


def test_all_orders_of_the_same_buffers_have_the_same_peak() -> None:
    buffers = [(0, 3, 2), (1, 4, 3), (2, 2, 1), (4, 3, 4), (0, 6, 1)]
    peaks = {sk.packing.offsets(**columns(list(p)), max_nodes=10_000).peak for p in itertools.permutations(buffers)}
    assert len(peaks) == 1
