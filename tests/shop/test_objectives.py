"""The search for every objective, with setups, transport and calendars: against CP-SAT, and what it promises."""

from __future__ import annotations

import contextlib
import os
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .test_prove import best_values, random_shop

CASES = int(os.environ.get("SCHEDKIT_INSTANCES", "20"))


def searched(shop: sk.shop.Shop, objective: str, **options: Any) -> sk.shop.ShopSolution:
    """A checked search whose claims fit together."""
    s = sk.shop.solve(shop, objective, **options)
    assert sk.check(shop, s) == []
    assert s.objective == getattr(s, objective) >= s.lower_bound
    assert s.objective_name == objective
    assert (s.status == "optimal") == (s.objective == s.lower_bound)
    assert s.history[-1].objective == s.objective
    return s


def test_tiny_shops_reach_the_optimum_of_cp_sat() -> None:
    rng = np.random.default_rng(21)
    seen = 0
    while seen < CASES:
        shop = random_shop(rng)
        if shop.blocking or shop.no_wait:
            continue
        seen += 1
        for objective in sk.shop.OBJECTIVES:
            s = searched(shop, objective, max_moves=3_000)
            assert s.objective == sk.shop.prove(shop, objective).objective, (shop.jobs, objective)


def test_blocking_and_no_waiting_go_with_every_feature() -> None:
    rng = np.random.default_rng(22)
    seen, best, refused = 0, 0, 0
    while seen < CASES:
        shop = random_shop(rng)
        if not (shop.blocking or shop.no_wait):
            continue
        seen += 1
        values = best_values(shop)
        for objective in sk.shop.OBJECTIVES:
            if values is None:
                with pytest.raises((sk.InfeasibleError, sk.InvalidInputError), match=r"operation|setups|never"):
                    sk.shop.solve(shop, objective, max_moves=1_000)
                continue
            refused += 1
            with contextlib.suppress(sk.InvalidInputError):  # alone no job passes, but one may if others run between
                s = searched(shop, objective, max_moves=1_000)
                refused -= 1
                assert s.objective >= values[objective] >= s.lower_bound
                best += s.objective == values[objective]
    assert best > 0.8 * CASES * len(sk.shop.OBJECTIVES)  # some have no schedule
    assert refused < 0.1 * CASES * len(sk.shop.OBJECTIVES)


def due_shop(seed: int) -> sk.shop.Shop:
    """Ten jobs on five machines with due dates at 1.3 of their work, and weights 4, 2 and 1."""
    rng = np.random.default_rng(seed)
    jobs = [[(int(m), int(rng.integers(1, 99))) for m in rng.permutation(5)] for _ in range(10)]
    due = [int(1.3 * sum(d for _, d in job)) for job in jobs]
    return sk.shop.Shop(jobs, due_date=due, weight=[4] * 2 + [2] * 6 + [1] * 2)


def test_budgets_decide_the_answer_and_longer_is_no_worse() -> None:
    shop = due_shop(1)
    short = searched(shop, "total_weighted_tardiness", max_moves=2_000, seed=3)
    again = searched(shop, "total_weighted_tardiness", max_moves=2_000, seed=3, threads=2)
    assert short.start_time.tolist() == again.start_time.tolist()
    assert short.num_moves <= 2_000
    longer = searched(shop, "total_weighted_tardiness", max_moves=50_000, seed=3)
    assert longer.objective <= short.objective <= sk.shop.dispatch(shop, "atc", "non_delay").total_weighted_tardiness
    warm = searched(shop, "total_weighted_tardiness", max_moves=0, warm_start=longer)
    assert warm.objective == longer.objective
    assert pickle.loads(pickle.dumps(longer)) == longer


def test_limits_tokens_and_callbacks() -> None:
    shop = due_shop(2)
    token = sk.CancelToken()
    token.cancel()
    assert searched(shop, "total_tardiness", stop=token).num_moves == 0
    assert searched(shop, "total_tardiness", time_limit=0.1, threads=2).num_moves > 0
    seen: list[float] = []
    s = searched(shop, "total_tardiness", max_moves=5_000, on_improvement=lambda step: seen.append(step.objective))
    assert seen == [step.objective for step in s.history]

    def fail(step: sk.Improvement) -> None:
        raise RuntimeError(str(step.objective))

    with pytest.raises(RuntimeError):
        sk.shop.solve(shop, "total_tardiness", max_moves=5_000, on_improvement=fail)


def test_float_weights_and_shops_without_work() -> None:
    shop = sk.shop.Shop([[(0, 2)], [(0, 3)]], weight=[0.5, 2.5], due_date=[0, 0])
    s = searched(shop, "total_weighted_tardiness", max_moves=100)
    assert s.objective == 0.5 * 5 + 2.5 * 3
    for objective in sk.shop.OBJECTIVES:
        assert searched(sk.shop.Shop([[], []], release_time=[3, 4]), objective).status == "optimal"


def test_machines_that_never_open_are_a_reason() -> None:
    shop = sk.shop.Shop([[(0, 5)]], calendars={0: sk.shop.Calendar([0, 3], [1, 0], period=6)})
    with pytest.raises(sk.InfeasibleError, match="never finds machine 0 open"):
        sk.shop.solve(shop)
