"""Proofs by CP-SAT: published optima, every feature against orders tried one by one, hostile input."""

from __future__ import annotations

import itertools
import os
import threading
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .. import data
from .oracles import is_open

CASES = int(os.environ.get("SCHEDKIT_INSTANCES", "60"))
FT06 = [
    [(2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)],
    [(1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)],
    [(2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)],
    [(1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)],
    [(2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)],
    [(1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)],
]


@pytest.mark.parametrize(("blocking", "optimum"), [(False, 55), ("swap", 63), ("no_swap", 69)])
def test_published_optima_of_ft06(blocking: Any, optimum: int) -> None:
    shop = sk.shop.Shop(FT06, blocking=blocking)
    s = sk.shop.prove(shop, time_limit=120)
    assert (s.status, s.makespan, s.lower_bound) == ("optimal", optimum, optimum)
    assert sk.check(shop, s) == []
    assert s.history[-1].objective == optimum


@pytest.mark.parametrize(("name", "optimum"), [("la03", 808), ("la05", 732)])
def test_published_optima_without_swap(name: str, optimum: int) -> None:
    plain = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    shop = sk.shop.Shop([[choices[0] for choices in job] for job in plain.jobs], blocking="no_swap")
    s = sk.shop.prove(shop, time_limit=300, threads=2)
    assert (s.status, s.makespan) == ("optimal", optimum)
    assert sk.check(shop, s) == []


def random_shop(rng: np.random.Generator) -> sk.shop.Shop:
    """A tiny shop with any mix of features."""
    n, m = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    jobs: list[list[dict[int, int]]] = []
    for _ in range(n):
        kinds = [rng.permutation(m)[: rng.integers(1, min(m, 2) + 1)] for _ in range(rng.integers(0, 3))]
        jobs.append([{int(k): int(rng.integers(0, 5)) for k in kind} for kind in kinds])
    options: dict[str, Any] = {"num_machines": m}
    if rng.random() < 0.4:
        options["release_time"] = rng.integers(0, 5, n)
    if rng.random() < 0.6:
        options["due_date"] = [int(d) if d > 0 else None for d in rng.integers(-3, 10, n)]
    if rng.random() < 0.5:
        options["weight"] = rng.integers(0, 4, n)
    blocking: Any = [False, "swap", "no_swap"][int(rng.integers(0, 3))]
    options["blocking"] = blocking
    options["no_wait"] = not blocking and rng.random() < 0.3
    if rng.random() < 0.4 and blocking != "no_swap":
        options["transport"] = rng.integers(0, 4, (m, m))
    if rng.random() < 0.4:
        options["setup"] = {int(k): rng.integers(0, 4, (n, n)) for k in rng.permutation(m)[: rng.integers(1, m + 1)]}
        options["initial_setup"] = {int(k): rng.integers(0, 4, n) for k in rng.permutation(m)[: rng.integers(0, m + 1)]}
    elif rng.random() < 0.5:
        steps = np.cumsum(rng.integers(1, 5, 4))
        period = int(steps[-1] - steps[0] + rng.integers(1, 4)) if rng.random() < 0.5 else None
        capacity = [*rng.integers(0, 2, 3).tolist(), 1]
        options["calendars"] = {int(rng.integers(0, m)): sk.shop.Calendar(steps, capacity, period=period)}
    return sk.shop.Shop(jobs, **options)


def earliest(shop: sk.shop.Shop, machine: list[int], orders: dict[int, tuple[int, ...]]) -> list[int] | None:
    """The least start times with these machines and orders, by raising times until nothing has to be raised."""
    job, count = shop.job.tolist(), shop.num_operations
    flat = [dict(choices) for row in shop.jobs for choices in row]
    length = [flat[op][machine[op]] for op in range(count)]
    family = list(range(shop.num_jobs)) if shop.family is None else shop.family.tolist()

    def way(op: int) -> int:
        return 0 if shop.transport is None else int(shop.transport[machine[op], machine[op + 1]])

    follows = [op + 1 < count and job[op + 1] == job[op] for op in range(count)]
    start = [int(shop.release_time[j]) for j in job]
    for _ in range(10_000):
        before = list(start)
        for op in range(count):
            if follows[op]:
                start[op + 1] = max(start[op + 1], start[op] + length[op] + way(op))
                if shop.no_wait:
                    start[op] = max(start[op], start[op + 1] - way(op) - length[op])
            calendar = shop.calendars.get(machine[op])
            while not all(is_open(calendar, t) for t in range(start[op], start[op] + length[op])) and start[op] < 300:
                start[op] += 1
        for m, order in orders.items():
            for k, op in enumerate(order):
                ready = int(shop.initial_setup[m][family[job[op]]]) if m in shop.initial_setup else 0
                if k:
                    last = order[k - 1]
                    stays = shop.blocking and follows[last]
                    ready = start[last + 1] - way(last) if stays else start[last] + length[last]
                    ready += int(shop.setup[m][family[job[last]], family[job[op]]]) if m in shop.setup else 0
                start[op] = max(start[op], ready)
        if max(start, default=0) >= 300:
            return None
        if start == before:
            return start
    raise AssertionError("times rise for ever")


def best_values(shop: sk.shop.Shop) -> dict[str, float] | None:
    """The least value of every objective over all machines and orders; None if there is no schedule."""
    flat = [[machine for machine, _ in choices] for row in shop.jobs for choices in row]
    best: dict[str, float] = {}
    for machine in itertools.product(*flat):
        users: dict[int, list[int]] = {}
        for op, m in enumerate(machine):
            users.setdefault(m, []).append(op)
        for orders in itertools.product(*(itertools.permutations(ops) for ops in users.values())):
            start = earliest(shop, list(machine), dict(zip(users, orders, strict=True)))
            if start is None:
                continue
            s = sk.shop.ShopSchedule.from_placement(shop, list(machine), start)
            if sk.check(shop, s):
                continue  # exchanges in a cycle, or moments in another order
            for name in sk.shop.OBJECTIVES:
                best[name] = min(best.get(name, getattr(s, name)), getattr(s, name))
    return best or None


def test_every_mix_of_features_against_every_order() -> None:
    rng = np.random.default_rng(5)
    infeasible = 0
    for _ in range(CASES):
        shop = random_shop(rng)
        best = best_values(shop)
        name = str(rng.choice(sk.shop.OBJECTIVES))
        if best is None:
            infeasible += 1
            with pytest.raises(sk.InfeasibleError):
                sk.shop.prove(shop, name)
            continue
        s = sk.shop.prove(shop, name)
        assert sk.check(shop, s) == []
        assert (s.status, s.objective, s.lower_bound) == ("optimal", best[name], best[name]), (shop.jobs, name)
    assert infeasible < CASES / 4


def test_hostile_input() -> None:
    shop = sk.shop.Shop(FT06)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"objective": "makespam"}, "unknown objective, expected one of makespan"),
        ({"time_limit": -1}, "time_limit"),
        ({"threads": 0}, "threads"),
        ({"seed": -1}, "seed"),
        ({"on_interrupt": "stop"}, "on_interrupt"),
        ({"warm_start": sk.shop.dispatch(sk.shop.Shop(FT06[:2]))}, "warm_start"),
    ]
    for options, words in refused:
        with pytest.raises(sk.SchedkitError, match=words):
            sk.shop.prove(shop, **options)
    with pytest.raises(sk.InvalidInputError, match="weight: must be integers"):
        sk.shop.prove(sk.shop.Shop([[(0, 1)]], weight=[0.5]), "total_weighted_flow_time")
    with pytest.raises(sk.InputTypeError, match="must be a Shop"):
        sk.shop.prove(None)  # type: ignore[arg-type]
    with pytest.raises(sk.InvalidInputError, match="too often for CP-SAT"):
        sk.shop.prove(sk.shop.Shop([[(0, 1), (1, 200_000)]], calendars={0: sk.shop.Calendar([0, 1], [0, 1], period=2)}))
    with pytest.raises(sk.InvalidInputError, match="too late for CP-SAT"):
        sk.shop.prove(sk.shop.Shop([[(0, 2**52)]]), "num_tardy")


def test_a_shop_without_work() -> None:
    empty: list[list[list[tuple[int, int]]]] = [[], [[], []]]
    for jobs in empty:
        s = sk.shop.prove(sk.shop.Shop(jobs))
        assert (s.makespan, s.status, s.history[-1].objective) == (0, "optimal", 0)


def test_a_token_and_a_callback_end_it() -> None:
    rng = np.random.default_rng(3)
    shop = sk.shop.Shop([[(int(m), int(rng.integers(1, 99))) for m in rng.permutation(15)] for _ in range(15)])
    stop = sk.CancelToken()
    timer = threading.Timer(2.0, stop.cancel)
    timer.start()
    s = sk.shop.prove(shop, time_limit=100, stop=stop)
    timer.join()
    assert s.status == "feasible"
    assert s.runtime < 60
    assert sk.check(shop, s) == []

    def interrupt(_: sk.Improvement) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:
        sk.shop.prove(shop, time_limit=3, on_improvement=interrupt)
    assert sk.check(shop, raised.value.result) == []  # type: ignore[attr-defined]
    assert sk.check(shop, sk.shop.prove(shop, time_limit=3, on_improvement=interrupt, on_interrupt="return")) == []
