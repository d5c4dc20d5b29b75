"""Rolling horizons: every schedule passes the check, pasts stay, budgets repeat, long shops gain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk


def flexible(rng: np.random.Generator, jobs: int, operations: int, machines: int) -> sk.shop.Shop:
    def operation() -> dict[int, int]:
        chosen = rng.permutation(machines)[: rng.integers(1, 4)]
        return {int(m): int(rng.integers(0, 20)) for m in chosen}

    release = rng.integers(0, 30, jobs)
    routes = [[operation() for _ in range(rng.integers(0, operations + 1))] for _ in range(jobs)]
    return sk.shop.Shop(routes, num_machines=machines, release_time=release)


@pytest.mark.parametrize("seed", range(30))
def test_every_schedule_passes_and_repeats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shop = flexible(rng, int(rng.integers(0, 9)), 6, 4)
    window = int(rng.integers(1, 20))
    step = int(rng.integers(1, window + 1))
    first = sk.shop.roll(shop, window, step, max_moves=3000, seed=seed)
    again = sk.shop.roll(shop, window, step, max_moves=3000, seed=seed)
    assert sk.check(shop, first) == []
    assert first.start_time.tolist() == again.start_time.tolist()
    assert first.lower_bound <= first.makespan
    assert first.status in ("feasible", "optimal")
    assert [i.objective for i in first.history] == sorted({i.objective for i in first.history}, reverse=True)
    best_rule = min(sk.shop.dispatch(shop, rule, "non_delay").makespan for rule in ("mopnr", "mwkr", "spt"))
    assert first.makespan <= best_rule


@pytest.mark.parametrize("seed", range(30))
def test_a_running_shop_keeps_what_has_begun(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shop = flexible(rng, 6, 6, 3)
    plan = sk.shop.roll(shop, 10, 5, max_moves=1000)
    now = int(rng.integers(0, plan.makespan + 1))
    begun: dict[int, Any] = {}
    for i in np.flatnonzero(plan.start_time < now).tolist():
        end = int(plan.completion_time[i])
        begun[i] = (int(plan.machine[i]), int(plan.start_time[i]), end if end < now or rng.random() < 0.5 else None)
    found = sk.shop.roll(shop, 10, 5, fixed=begun, now=now, max_moves=1000)
    assert sk.check(shop, found, fixed=begun, now=now) == []
    assert found.lower_bound <= found.makespan
    assert found.makespan <= sk.shop.dispatch(shop, "mopnr", "non_delay", fixed=begun, now=now).makespan


def test_long_shops_start_from_balanced_machines() -> None:
    rng = np.random.default_rng(2)

    def operation() -> dict[int, int]:
        usual, chosen = rng.integers(10, 100), rng.permutation(10)[: rng.integers(3, 6)]
        return {int(m): int(usual * rng.integers(80, 121) / 100) for m in chosen}

    shop = sk.shop.Shop([[operation() for _ in range(20)] for _ in range(30)])
    found = sk.shop.solve(shop, max_moves=20_000, seed=1)
    assert sk.check(shop, found) == []
    # Dispatching takes slow machines: more than a twelfth above the bound, where the search is less than a twentieth above.
    rules = min(sk.shop.dispatch(shop, rule, "non_delay").makespan for rule in sk.shop.RULES)
    assert rules > 1.08 * found.lower_bound
    assert found.makespan < 1.05 * found.lower_bound
    assert sk.shop.solve(shop, max_moves=20_000, seed=1).start_time.tolist() == found.start_time.tolist()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"window": 0}, "window = 0: must be >= 1"),
    ({"step": 101}, "step = 101: must be >= 1 and at most the window"),
    ({"window": 3}, "step = 50: must be >= 1 and at most the window"),
    ({"window": 2.5}, "window = 2.5: must be a whole number"),
    ({"window": True}, "window = True: must be a number, not bool"),
    ({"now": 2**60}, "now = 1152921504606846976: must be within 2**53 of 0"),
    ({"fixed": {9: (0, 0, None)}}, "fixed[9]: there is no such operation"),
    ({"max_moves": -1}, "max_moves = -1: must be >= 0"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_options_are_refused(options: dict[str, Any], message: str) -> None:
    shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.shop.roll(shop, **options)
    assert message in str(caught.value)


def test_shops_that_the_search_does_not_know_are_refused() -> None:
    with pytest.raises(sk.InvalidInputError, match="the search knows routes"):
        sk.shop.roll(sk.shop.Shop([[(0, 3)]], no_wait=True))


def test_callbacks_and_tokens_stop_a_roll_with_a_whole_schedule() -> None:
    shop = flexible(np.random.default_rng(1), 30, 20, 5)
    token = sk.CancelToken()
    seen: list[float] = []

    def watch(improvement: Any) -> None:
        seen.append(improvement.objective)
        token.cancel()

    found = sk.shop.roll(shop, time_limit=30, on_improvement=watch, stop=token)
    assert sk.check(shop, found) == []
    assert seen == [found.makespan]
    with pytest.raises(ZeroDivisionError):
        sk.shop.roll(shop, time_limit=30, on_improvement=lambda _: 1 // 0)
