"""Rules against their definitions, the literature's examples and the published instances."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import data
from tests.tardiness import oracles

JOB = st.tuples(st.integers(0, 9), st.integers(-10, 60), st.integers(0, 5))
FLOATS = [0.0, 0.25, 1.0, 2.5, 3.0, 7.0]
PLAIN: dict[str, Callable[..., list[int]]] = {
    "edd": oracles.edd,
    "spt": oracles.spt,
    "mdd": oracles.mdd,
    "psk": oracles.psk,
    "panneerselvam": oracles.panneerselvam,
    "nbr": oracles.nbr,
    "eddc": oracles.eddc,
    "mddc": oracles.mddc,
    "augmented_mdd": lambda p, d: oracles.augmented(p, d, oracles.mdd(p, d)),
    "augmented_mddc": lambda p, d: oracles.augmented(p, d, oracles.mddc(p, d)),
}
WEIGHTED: dict[str, Callable[..., list[int]]] = {
    "atc": lambda p, d, w: oracles.atc(p, d, w, 2.0),
    "wmdd": oracles.wmdd,
    "wspt": lambda p, _, w: oracles.wspt(p, w),
}
RULES = sk.tardiness.RULES


def rule(name: str) -> Callable[..., sk.tardiness.SequenceSchedule]:
    return getattr(sk.tardiness, name)  # type: ignore[no-any-return]


def columns(jobs: list[tuple[int, int, int]]) -> tuple[list[int], list[int], list[int]]:
    return [job[0] for job in jobs], [job[1] for job in jobs], [job[2] for job in jobs]


def test_every_rule_has_an_oracle() -> None:
    assert {*PLAIN, *WEIGHTED} == set(RULES)


@given(st.lists(JOB, max_size=12))
@settings(max_examples=400, deadline=None)
def test_rules_choose_what_their_definitions_choose(jobs: list[tuple[int, int, int]]) -> None:
    p, d, w = columns(jobs)
    instance = sk.tardiness.Instance(p, d)
    for name, oracle in PLAIN.items():
        s = rule(name)(p, d)
        assert s.sequence.tolist() == oracle(p, d), name
        assert s.total_tardiness == oracles.total_tardiness(p, d, s.sequence.tolist())
        assert sk.check(instance, s) == []
    for weights in (w, [FLOATS[k] for k in w]):
        weighted = sk.tardiness.Instance(p, d, weights)
        for name, oracle in WEIGHTED.items():
            s = rule(name)(p, d, weights)
            assert s.sequence.tolist() == oracle(p, d, weights), name
            assert s.total_weighted_tardiness == pytest.approx(
                oracles.total_tardiness(p, d, s.sequence.tolist(), weights), rel=1e-12
            )
            assert sk.check(weighted, s) == []


def test_the_papers_example() -> None:
    p, d = [10, 11, 10, 10, 11, 10], [15, 11, 13, 11, 12, 11]
    s = sk.tardiness.mdd(p, d)
    assert (s.sequence.tolist(), s.total_tardiness) == ([1, 0, 2, 3, 5, 4], 144)
    s = sk.tardiness.mddc(p, d)
    assert (s.sequence.tolist(), s.total_tardiness) == ([3, 5, 2, 0, 1, 4], 141)
    assert oracles.brute_force(p, d) == 141


def read(name: str) -> tuple[Any, Any, Any, list[dict[str, str]]]:
    with np.load(data.find("smtt", f"{name}.npz"), allow_pickle=False) as file:
        p, d, optimal = (file[key].astype(np.int64) for key in ("p", "d", "opt"))
    rows = [row for row in data.table("smtt", "index.csv") if row["set"] == name]
    return p, d, optimal, rows


@pytest.mark.parametrize("name", ["n20a", "n20b", "n20c_normal", "n100", "n200", "n500"])
def test_published_instances(name: str) -> None:
    p, d, _, rows = read(name)
    assert sk.tardiness.edd(p, d).total_tardiness.tolist() == [int(row["edd_tardiness"]) for row in rows]
    assert sk.tardiness.psk(p, d).total_tardiness.tolist() == [int(row["mdd_tardiness"]) for row in rows]


# Percent over the optimum, of the sums and on average, to two digits.
GAPS: dict[str, dict[str, tuple[float, float | None]]] = {
    "n20a": {"mdd": (1.77, 2.25), "eddc": (4.70, 12.11), "mddc": (0.78, 2.36), "nbr": (1.40, None)},
    "n100": {"mdd": (1.38, 1.82), "eddc": (6.17, 25.52), "mddc": (1.29, 1.61), "augmented_mdd": (0.93, None)},
    "n200": {"mdd": (1.40, 1.96), "eddc": (5.35, 77.42), "mddc": (1.35, 1.96), "augmented_mdd": (1.04, None)},
    "n500": {"mdd": (1.37, 1.89), "eddc": (5.64, 40.02), "mddc": (1.31, 1.83)},
}
GAPS["n20a"] |= {"augmented_mdd": (1.03, None), "augmented_mddc": (0.49, None)}
GAPS["n100"]["augmented_mddc"] = (0.89, None)
GAPS["n200"]["augmented_mddc"] = (1.01, None)


@pytest.mark.parametrize("name", GAPS)
def test_published_gaps(name: str) -> None:
    p, d, optimal, _ = read(name)
    positive = optimal > 0
    for rule_name, (of_sums, mean) in GAPS[name].items():
        total = rule(rule_name)(p, d).total_tardiness
        assert 100 * (total.sum() / optimal.sum() - 1) == pytest.approx(of_sums, abs=0.0051), rule_name
        if mean is not None:
            assert 100 * (total[positive] / optimal[positive] - 1).mean() == pytest.approx(mean, abs=0.0051), rule_name


def test_published_weighted_instances() -> None:
    rows = data.table("smtwt", "index.csv")
    for n in (40, 50, 100):
        with np.load(data.find("smtwt", f"wt{n}.npz"), allow_pickle=False) as file:
            p, d, w = (file[key].astype(np.int64) for key in ("p", "d", "w"))
        mine = [row for row in rows if row["set"] == f"wt{n}"]
        assert sk.tardiness.atc(p, d, w).total_weighted_tardiness.tolist() == [
            int(r["atc_k2_weighted_tardiness"]) for r in mine
        ]
        for k, row in enumerate(mine):
            order = sk.tardiness.edd(p[k], d[k]).sequence
            assert sk.tardiness.evaluate(p[k], d[k], order, w[k]).total_weighted_tardiness == int(row["edd_weighted_tardiness"])


def test_a_batch_is_its_instances_for_any_number_of_threads() -> None:
    random = np.random.default_rng(3)
    p, d = random.integers(0, 20, (37, 9)), random.integers(-10, 120, (37, 9))
    w = random.integers(0, 5, (37, 9))
    for name in RULES:
        args = (p, d, w) if name in WEIGHTED else (p, d)
        batches = [rule(name)(*args, threads=threads) for threads in (1, 2, 5, None)]
        assert all(batch == batches[0] for batch in batches)
        for k in range(37):
            single = rule(name)(*(column[k] for column in args))
            assert batches[0][k] == single, name
            assert sk.check(sk.tardiness.Instance(p[k], d[k], args[2][k] if len(args) == 3 else None), batches[0][k]) == []
        assert batches[0].total_tardiness.shape == (37,)
        assert batches[0][-1] == batches[0][36]


def test_empty_batches_and_instances() -> None:
    for name in RULES:
        s = rule(name)([], [])
        assert (s.sequence.shape, s.total_tardiness, s.max_lateness, s.num_tardy) == ((0,), 0, 0, 0)
        assert rule(name)(np.empty((0, 5), np.int64), np.empty((0, 5), np.int64)).sequence.shape == (0, 5)
        assert rule(name)(np.empty((3, 0), np.int64), np.empty((3, 0), np.int64)).total_tardiness.tolist() == [0, 0, 0]


@given(st.lists(JOB, min_size=1, max_size=9), st.integers(1, 1000))
@settings(max_examples=100, deadline=None)
def test_scaling_times_scales_integer_rules(jobs: list[tuple[int, int, int]], factor: int) -> None:
    p, d, _ = columns(jobs)
    for name in ("edd", "spt", "mdd", "psk", "nbr", "eddc", "augmented_mdd"):
        plain, scaled = rule(name)(p, d), rule(name)([factor * x for x in p], [factor * x for x in d])
        assert scaled.sequence.tolist() == plain.sequence.tolist(), name
        assert scaled.total_tardiness == factor * plain.total_tardiness


def test_results_are_frozen_compare_and_travel() -> None:
    s = sk.tardiness.mdd([4, 7, 2], [6, 9, 14])
    with pytest.raises(AttributeError):
        s.total_tardiness = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        s.sequence[0] = 1
    assert pickle.loads(pickle.dumps(s)) == s
    assert s != sk.tardiness.spt([4, 7, 2], [6, 9, 14])
    assert hash(s) == hash(sk.tardiness.mdd([4, 7, 2], [6, 9, 14]))
    content = s.to_dict()
    assert content["schema_version"] == 1
    assert content["sequence"] == [0, 1, 2]
    assert set(content) > {"start_time", "completion_time", "lateness", "tardiness", "total_weighted_tardiness", "num_tardy"}
    assert isinstance(s.total_tardiness, int)
    assert s.to_pandas()["position"].tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="batch"):
        s[0]


def test_a_large_instance_equals_a_sort() -> None:
    random = np.random.default_rng(1)
    p, d = random.integers(0, 100, 300_000), random.integers(-(2**20), 2**24, 300_000)
    s = sk.tardiness.edd(p, d)
    assert np.array_equal(s.sequence, np.lexsort((np.arange(300_000), p, d)))
    completion = np.empty_like(p)
    completion[s.sequence] = np.cumsum(p[s.sequence])
    assert np.array_equal(s.completion_time, completion)
    assert s.total_tardiness == int(np.maximum(completion - d, 0).sum())
    assert np.array_equal(sk.tardiness.wspt(p, d).sequence, np.lexsort((np.arange(300_000), p)))


def test_an_atc_that_looks_no_step_ahead_takes_what_is_late_first() -> None:
    # The smallest k times a mean of 0.2 is 0.
    p, d = [1, 1, *[0] * 8], [5, 0, *[9] * 8]
    for k in (5e-324, 1e-300, 1e-9):
        assert sk.tardiness.atc(p, d, k=k).sequence.tolist() == [*range(2, 10), 1, 0]
    assert sk.tardiness.atc(p, d, k=1e308).sequence.tolist() == [*range(2, 10), 0, 1]


def test_wmdd_puts_jobs_without_weight_behind_the_lightest() -> None:
    s = sk.tardiness.wmdd([3, 3], [1, 1], weight=[0.0, 5e-324])
    assert s.sequence.tolist() == [1, 0]


def test_answers_of_large_batches_share_no_memory_with_later_ones() -> None:
    random = np.random.default_rng(5)
    p, d = random.integers(0, 99, (2, 14_000, 20))  # memory of this size is used again
    small = sk.tardiness.mdd(p[:7], d[:7])
    kept, columns = [], ("sequence", "start_time", "completion_time", "lateness", "tardiness")
    for shift in range(6):
        batch = sk.tardiness.mdd(p, d + shift)
        column = getattr(batch, columns[shift % 5])
        kept.append((column, column.copy()))
        assert not column.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            column[0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            column.flags.writeable = True
        assert (column.dtype, column.shape) == (np.int64, p.shape)
        if shift == 0:
            assert batch == sk.tardiness.mdd(p, d, threads=2)
            assert all((getattr(batch, name)[:7] == getattr(small, name)).all() for name in columns)
            assert pickle.loads(pickle.dumps(batch)) == batch
    assert all((column == copy).all() for column, copy in kept)
