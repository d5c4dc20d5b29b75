"""Exact and local search from Python: proofs, limits, cancellation, signals, published optima."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import data
from tests.tardiness import oracles
from tests.tardiness.test_rules import read

JOB = st.tuples(st.integers(0, 9), st.integers(-5, 40), st.integers(0, 4))
HARD = sk.tardiness.potts_van_wassenhove(700, 0.2, 0.6, seed=3)


@given(st.lists(JOB, max_size=7))
@settings(max_examples=150, deadline=None)
def test_exact_methods_reach_the_optimum(jobs: list[tuple[int, int, int]]) -> None:
    p, d, w = ([job[k] for job in jobs] for k in range(3))
    s = sk.tardiness.solve_exact(p, d)
    assert (s.total_tardiness, s.lower_bound, s.status) == (oracles.brute_force(p, d), s.total_tardiness, "optimal")
    assert sk.check(sk.tardiness.Instance(p, d), s) == []
    floats = [x * 0.1 for x in w]
    for weights in (w, floats):
        s = sk.tardiness.solve_exact_weighted(p, d, weights)
        assert s.total_weighted_tardiness == pytest.approx(oracles.brute_force(p, d, weights), rel=1e-12, abs=1e-12)
        assert s.status == "optimal"
        assert sk.check(sk.tardiness.Instance(p, d, weights), s) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 60)), max_size=10))
@settings(max_examples=100, deadline=None)
def test_exact_equals_subsets(jobs: list[tuple[int, int]]) -> None:
    p, d = ([job[k] for job in jobs] for k in range(2))
    assert sk.tardiness.solve_exact(p, d).total_tardiness == oracles.subset_dp(p, d)


@pytest.mark.parametrize("name", ["n20a", "n20b", "n20c_normal", "n100", "n200"])
def test_published_optima_are_proved(name: str) -> None:
    p, d, optimal, _ = read(name)
    for k, optimum in enumerate(optimal):
        s = sk.tardiness.solve_exact(p[k], d[k])
        assert (s.total_tardiness, s.status) == (optimum, "optimal"), k
        assert oracles.total_tardiness(p[k], d[k], s.sequence.tolist()) == optimum


def test_published_optima_of_500_jobs() -> None:
    p, d, optimal, _ = read("n500")
    for k in range(0, 100, 9):
        s = sk.tardiness.solve_exact(p[k], d[k], max_nodes=200_000)
        assert s.lower_bound <= optimal[k] <= s.total_tardiness
        assert s.status == ("optimal" if s.total_tardiness == s.lower_bound else "feasible")


def test_local_search_on_published_weighted_instances() -> None:
    with np.load(data.find("smtwt", "wt40.npz"), allow_pickle=False) as file:
        p, d, w, best = (file[key].astype(np.int64) for key in ("p", "d", "w", "best"))
    for k in range(0, 75, 4):
        s = sk.tardiness.improve(p[k], d[k], w[k], "atc", max_moves=20_000)
        assert s.total_weighted_tardiness == best[k]
        assert s.lower_bound <= best[k]
        assert sk.check(sk.tardiness.Instance(p[k], d[k], w[k]), s) == []


def test_equal_seeds_give_equal_answers_for_any_threads() -> None:
    instance = sk.tardiness.potts_van_wassenhove(60, 0.4, 0.6, weighted=True, seed=5)
    columns = instance.processing_time, instance.due_date, instance.weight
    first, *others = [sk.tardiness.improve(*columns, max_moves=600, seed=9, threads=threads) for threads in (1, 2, 3, None)]
    for other in others:
        assert np.array_equal(first.sequence, other.sequence)
        assert first.num_moves == other.num_moves
    assert first.num_moves <= 600 + 4 * 60
    different = sk.tardiness.improve(*columns, max_moves=600, seed=10)
    assert different.total_weighted_tardiness >= first.lower_bound


def test_history_starts_at_the_start_and_falls() -> None:
    instance = sk.tardiness.potts_van_wassenhove(60, 0.4, 0.6, weighted=True, seed=5)
    seen: list[sk.Improvement] = []
    s = sk.tardiness.improve(
        instance.processing_time, instance.due_date, instance.weight, "edd", max_moves=300, on_improvement=seen.append
    )
    start = sk.tardiness.evaluate(
        instance.processing_time,
        instance.due_date,
        sk.tardiness.edd(instance.processing_time, instance.due_date).sequence,
        instance.weight,
    )
    objectives = [step.objective for step in s.history]
    assert objectives[0] == start.total_weighted_tardiness
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] == s.total_weighted_tardiness
    assert seen == s.history


def test_a_warm_start_is_used_if_it_is_better() -> None:
    p, d = HARD.processing_time, HARD.due_date
    best = sk.tardiness.improve(p, d, max_moves=10)
    again = sk.tardiness.improve(p, d, start="edd", warm_start=best, max_moves=0)
    assert np.array_equal(again.sequence, best.sequence)
    worse = sk.tardiness.improve(p, d, start=best, warm_start=sk.tardiness.edd(p, d).sequence, max_moves=0)
    assert np.array_equal(worse.sequence, best.sequence)


@pytest.mark.parametrize("limit", [0.0, 0.05])
def test_time_limits_hold(limit: float) -> None:
    p, d = HARD.processing_time, HARD.due_date
    for method in (sk.tardiness.improve, sk.tardiness.solve_exact):
        s = method(p, d, time_limit=limit)
        assert s.status == "feasible"
        assert s.lower_bound <= s.total_tardiness
        assert sk.check(HARD, s) == []


@pytest.mark.parametrize(("n", "tf"), [(20_000, 0.4), (20_000, 1.0), (60_000, 0.6), (60_000, 0.8)])
def test_far_too_many_jobs_for_a_proof_end(n: int, tf: float) -> None:
    jobs = sk.tardiness.potts_van_wassenhove(n, 0.6, tf, seed=3)
    s = sk.tardiness.solve_exact(jobs.processing_time, jobs.due_date, time_limit=0.2)
    assert s.status == "feasible"
    assert s.lower_bound < s.total_tardiness
    assert s.num_nodes >= 0
    assert sk.check(jobs, s) == []


def test_exceptions_of_the_callback_propagate() -> None:
    def fail(_: sk.Improvement) -> None:
        raise RuntimeError("enough")

    for method in (sk.tardiness.improve, sk.tardiness.solve_exact):
        with pytest.raises(RuntimeError, match="enough"):
            method(HARD.processing_time, HARD.due_date, on_improvement=fail)


def test_cancellation_before_and_during() -> None:
    token = sk.CancelToken()
    token.cancel()
    assert sk.tardiness.solve_exact(HARD.processing_time, HARD.due_date, stop=token).num_nodes == 0
    token = sk.CancelToken()
    timer = threading.Timer(0.1, token.cancel)
    timer.start()
    s = sk.tardiness.improve(HARD.processing_time, HARD.due_date, max_moves=2**62, stop=token, threads=2)
    assert s.status == "feasible"
    timer.join()


def again_and_again(call: Callable[[], object]) -> None:
    while True:
        call()


@pytest.mark.parametrize("method", ["improve", "solve_exact", "solve_exact_weighted"])
def test_interrupts_bring_the_best_so_far(method: str) -> None:
    n = 24 if method == "solve_exact_weighted" else 700
    p, d = HARD.processing_time[:n], HARD.due_date[:n]
    options: dict[str, Any] = {"max_moves": 2**62} if method == "improve" else {}

    def interrupt() -> None:
        time.sleep(0.15)
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            again_and_again(lambda: getattr(sk.tardiness, method)(p, d, **options))
    finally:
        thread.join()
    result = getattr(caught.value, "result", None)
    assert result is None or sk.check(sk.tardiness.Instance(p, d), result) == []


def test_little_memory_gives_the_same_optimum() -> None:
    instance = sk.tardiness.potts_van_wassenhove(60, 0.2, 0.6, seed=1)
    rich = sk.tardiness.solve_exact(instance.processing_time, instance.due_date)
    poor = sk.tardiness.solve_exact(instance.processing_time, instance.due_date, memory_limit=0)
    assert (rich.total_tardiness, rich.status) == (poor.total_tardiness, poor.status)


def test_rules_that_take_long_hear_signals() -> None:
    p, d = np.tile(HARD.processing_time, 3000), np.tile(HARD.due_date, 3000)  # hours for a quadratic rule

    def interrupt() -> None:
        time.sleep(0.15)
        signal.raise_signal(signal.SIGINT)

    for call in (lambda: sk.tardiness.wmdd(p, d), lambda: sk.tardiness.wmdd([p, p], [d, d], threads=2)):
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                again_and_again(call)
        finally:
            thread.join()


def test_a_start_that_takes_too_long_is_cut_short() -> None:
    jobs = sk.tardiness.potts_van_wassenhove(300_000, 0.4, 0.6, weighted=True, seed=4)  # hours for a quadratic rule
    columns = jobs.processing_time, jobs.due_date, jobs.weight
    cancelled = sk.CancelToken()
    cancelled.cancel()
    for options in ({"time_limit": 0.1}, {"time_limit": 0.0}, {"stop": cancelled, "max_moves": 5}):
        s = sk.tardiness.improve(*columns, "atc", **options)
        assert s.status == "feasible"
        assert sk.check(jobs, s) == []
    short = sk.tardiness.potts_van_wassenhove(300, 0.4, 0.6, weighted=True, seed=4)
    columns = short.processing_time, short.due_date, short.weight
    for rule in sk.tardiness.RULES:
        s = sk.tardiness.improve(*columns, rule, max_moves=0)
        run = getattr(sk.tardiness, rule)
        assert np.array_equal(s.sequence, run(*columns[: 3 if rule in ("atc", "wmdd", "wspt") else 2]).sequence)
