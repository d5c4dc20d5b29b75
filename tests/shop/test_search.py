"""The search: published optima, CP-SAT as second opinion, bounds, limits, determinism and bad input."""

from __future__ import annotations

import os
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests import data
from tests.shop.test_prove import best_values

EXAMPLES = int(os.environ.get("SCHEDKIT_EXAMPLES", "40")) // 4 or 1
SHOP = sk.shop.Shop([[(0, 3), (1, 2), (2, 2)], [(0, 2), (2, 1), (1, 4)], [(1, 4), (2, 3)]])


def searched(shop: sk.shop.Shop, **options: Any) -> sk.shop.ShopSolution:
    s = sk.shop.solve(shop, **options)
    assert sk.check(shop, s) == []
    assert s.lower_bound <= s.makespan == s.objective
    assert (s.status == "optimal") == (s.lower_bound == s.makespan)
    steps = [(step.objective, -step.lower_bound) for step in s.history]
    assert steps == sorted(set(steps), reverse=True)  # each has a better schedule or a higher bound
    assert all(step.lower_bound <= s.lower_bound for step in s.history)
    return s


def random_shop(rng: np.random.Generator, shortest: int = 0) -> sk.shop.Shop:
    """A job shop with release times; jobs may come back to a machine."""
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    jobs = [
        [(int(rng.integers(0, m)), int(rng.integers(shortest, 9))) for _ in range(rng.integers(0, m + 2))] for _ in range(n)
    ]
    return sk.shop.Shop(jobs, num_machines=m, release_time=rng.integers(0, 8, n) if rng.random() < 0.5 else None)


def random_flexible(rng: np.random.Generator) -> sk.shop.Shop:
    """A flexible shop with release times."""
    n, m = int(rng.integers(1, 6)), int(rng.integers(2, 5))
    jobs = [
        [
            {int(k): int(rng.integers(0, 9)) for k in rng.permutation(m)[: rng.integers(1, m + 1)]}
            for _ in range(rng.integers(0, 4))
        ]
        for _ in range(n)
    ]
    return sk.shop.Shop(jobs, num_machines=m, release_time=rng.integers(0, 8, n) if rng.random() < 0.5 else None)


def optimum(shop: sk.shop.Shop) -> int:
    """The least makespan, by CP-SAT."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    model = cp_model.CpModel()
    horizon = int(shop.release_time.max(initial=0)) + sum(max(d for _, d in choices) for job in shop.jobs for choices in job)
    on_machine: dict[int, list[Any]] = {}
    end = model.new_int_var(0, horizon, "makespan")
    for j, job in enumerate(shop.jobs):
        ready: Any = int(shop.release_time[j])
        for k, choices in enumerate(job):
            start = model.new_int_var(0, horizon, f"start {j} {k}")
            model.add(start >= ready)
            taken = [model.new_bool_var(f"{j} {k} on {machine}") for machine, _ in choices]
            model.add_exactly_one(taken)
            for (machine, duration), here in zip(choices, taken, strict=True):
                interval = model.new_optional_fixed_size_interval_var(start, duration, here, f"{j} {k} {machine}")
                on_machine.setdefault(machine, []).append(interval)
            ready = start + sum(duration * here for (_, duration), here in zip(choices, taken, strict=True))
        if job:
            model.add(end >= ready)
    for intervals in on_machine.values():
        model.add_no_overlap(intervals)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    value: float = solver.objective_value
    return round(value)


def test_random_shops_reach_the_optimum_of_cp_sat() -> None:
    rng = np.random.default_rng(11)
    for _ in range(EXAMPLES):
        shop = random_shop(rng)
        s = searched(shop, max_moves=20_000)
        assert s.lower_bound <= optimum(shop) == s.makespan, shop.jobs


def test_random_flexible_shops_reach_the_optimum_of_cp_sat() -> None:
    rng = np.random.default_rng(12)
    for _ in range(EXAMPLES):
        shop = random_flexible(rng)
        s = searched(shop, max_moves=20_000)
        assert s.lower_bound <= optimum(shop) == s.makespan, shop.jobs


@pytest.mark.parametrize(
    ("name", "best"), [("kacem1", 11), ("kacem3", 7), ("la01_edata", 609), ("la06_vdata", 799), ("mk01", 40)]
)
def test_published_optima_of_flexible_shops_are_reached(name: str, best: int) -> None:
    shop = sk.shop.read(data.find("fjsp", "instances", f"{name}.txt"))
    assert searched(shop, max_moves=1_000_000, seed=1).makespan == best


def test_no_search_is_below_a_published_bound_of_a_flexible_shop() -> None:
    for row in data.table("fjsp", "bks.csv"):
        shop = sk.shop.read(data.find("fjsp", "instances", f"{row['instance']}.txt"))
        s = searched(shop, max_moves=2_000)
        assert s.makespan >= int(row["lower_bound"])
        assert s.lower_bound <= int(row["upper_bound"])


@pytest.mark.parametrize(("name", "best"), [("ft06", 55), ("ft10", 930), ("la01", 666), ("la19", 842), ("la23", 1032)])
def test_published_optima_are_reached(name: str, best: int) -> None:
    shop = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    assert searched(shop, max_moves=3_000_000, seed=1).makespan == best


@pytest.mark.parametrize(
    ("name", "best"),
    [("ft06", 55), ("ft10", 930), ("ft20", 1165), ("la03", 597), ("la17", 784), ("la19", 842), ("abz5", 1234), ("orb02", 888)],
)
def test_published_optima_are_proved(name: str, best: int) -> None:
    shop = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    s = searched(shop, max_moves=20_000_000, seed=1)
    assert (s.status, s.makespan, s.lower_bound) == ("optimal", best, best)


@pytest.mark.parametrize(
    ("name", "best"), [("mk01", 40), ("mk02", 26), ("mk04", 60), ("la11_edata", 1103), ("la16_edata", 892)]
)
def test_published_optima_of_flexible_shops_are_proved(name: str, best: int) -> None:
    """Their first lower bounds are less than the optima."""
    shop = sk.shop.read(data.find("fjsp", "instances", f"{name}.txt"))
    assert sk.shop.lower_bound(shop) < best
    s = searched(shop, max_moves=5_000_000, seed=1)
    assert (s.status, s.makespan, s.lower_bound) == ("optimal", best, best)


@pytest.mark.parametrize(("name", "best"), [("la37", 1397), ("la39", 1233), ("ta01", 1231)])
def test_long_proofs_end_at_published_optima(name: str, best: int) -> None:
    """Shops of 15 jobs and 15 machines, where learned clauses are applied again and again."""
    shop = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    for seed in range(2):
        s = searched(shop, time_limit=60.0, threads=2, seed=seed)
        assert s.lower_bound <= best <= s.makespan
        assert (s.status, s.makespan) == ("optimal", best)


def test_random_shops_are_proved_as_cp_sat_does() -> None:
    rng = np.random.default_rng(13)
    for _ in range(EXAMPLES):
        n, m = int(rng.integers(4, 8)), int(rng.integers(3, 6))
        jobs = [[(int(k), int(rng.integers(0, 30))) for k in rng.permutation(m)] for _ in range(n)]
        release_time = rng.integers(0, 60, n) if rng.random() < 0.5 else None
        shop = sk.shop.Shop(jobs, num_machines=m, release_time=release_time)
        proof = sk.shop.prove(shop)
        assert proof.status == "optimal"
        for options in ({"max_moves": 2_000_000}, {"time_limit": 60.0, "threads": 2}):
            s = searched(shop, **options)
            assert (s.status, s.makespan) == ("optimal", optimum(shop)), jobs


def test_a_small_budget_proves_nothing_false() -> None:
    rng = np.random.default_rng(14)
    for _ in range(10 * EXAMPLES):
        shop = random_shop(rng)
        best = searched(shop, max_moves=100_000)
        assert best.status == "optimal"
        for max_moves in (1, 20, 400):
            s = searched(shop, max_moves=max_moves)
            assert s.lower_bound <= best.makespan <= s.makespan
            assert s.num_moves <= max_moves


def test_no_search_is_below_a_published_bound() -> None:
    for row in data.table("jobshop", "bks.csv"):
        shop = sk.shop.read(data.find("jobshop", "instances", f"{row['instance']}.txt"))
        s = searched(shop, max_moves=2_000)
        assert s.makespan >= int(row["lower_bound"])
        assert int(row["trivial_lb"]) <= s.lower_bound <= int(row["upper_bound"])


def test_equal_seeds_and_budgets_give_equal_answers_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(2)
    shop = sk.shop.Shop([[(int(m), int(rng.integers(1, 50))) for m in rng.permutation(6)] for _ in range(10)])
    first = searched(shop, max_moves=30_000, seed=5)
    for threads in (1, 2, None):
        again = searched(shop, max_moves=30_000, seed=5, threads=threads)
        assert (again.start_time == first.start_time).all()
        assert again.num_moves == first.num_moves <= 30_000


def test_a_warm_start_is_never_made_worse() -> None:
    shop = sk.shop.read(data.find("jobshop", "instances", "ft10.txt"))
    good = searched(shop, max_moves=200_000)
    assert searched(shop, max_moves=0, warm_start=good).makespan == good.makespan
    with pytest.raises(sk.InvalidInputError, match="warm_start: has 100 operations, expected 8"):
        sk.shop.solve(SHOP, warm_start=good)
    wrong = sk.shop.ShopSchedule.from_placement(shop, good.machine, np.zeros(100, int))
    with pytest.raises(sk.InvalidInputError, match="warm_start: is not feasible"):
        sk.shop.solve(shop, warm_start=wrong)


def test_limits_callbacks_and_tokens_end_the_search() -> None:
    shop = sk.shop.read(data.find("jobshop", "instances", "ta41.txt"))
    token = sk.CancelToken()
    token.cancel()
    assert searched(shop, stop=token).num_moves == 0
    assert searched(shop, time_limit=0).num_moves == 0
    assert searched(shop, time_limit=0.05, threads=2).num_moves > 0
    seen: list[float] = []
    s = searched(shop, max_moves=5_000, on_improvement=lambda step: seen.append(step.objective))
    assert seen == [step.objective for step in s.history]

    def fail(step: sk.Improvement) -> None:
        raise RuntimeError(str(step.objective))

    with pytest.raises(RuntimeError):
        sk.shop.solve(shop, max_moves=5_000, on_improvement=fail)


FT06 = data.find("jobshop", "instances", "ft06.txt")
#: Optima with exchange of machines and without it, proved by CP-SAT.
BLOCKING = {"swap": 63, "no_swap": 69}


@pytest.mark.parametrize("blocking", BLOCKING)
def test_blocking_shops_reach_proved_optima(blocking: Any) -> None:
    shop = sk.shop.Shop([[dict(choices) for choices in job] for job in sk.shop.read(FT06).jobs], blocking=blocking)
    s = searched(shop, max_moves=300_000)
    assert (s.status, s.makespan) == ("optimal", BLOCKING[blocking])
    assert searched(shop, max_moves=100, warm_start=s).makespan == s.makespan


#: Optima of shops of 10 jobs and 5 machines, proved by CP-SAT.
LAWRENCE = [("la01", "swap", 793), ("la03", "swap", 715), ("la05", "swap", 664)]
LAWRENCE += [("la01", "no_swap", 881), ("la03", "no_swap", 808), ("la05", "no_swap", 732)]


@pytest.mark.parametrize(("name", "blocking", "optimum"), LAWRENCE)
def test_blocking_shops_of_ten_jobs_reach_proved_optima(name: str, blocking: Any, optimum: int) -> None:
    plain = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    shop = sk.shop.Shop([[dict(choices) for choices in job] for job in plain.jobs], blocking=blocking)
    first = searched(shop, max_moves=6_000_000)
    assert (first.status, first.makespan) == ("optimal", optimum)
    short = [searched(shop, max_moves=30_000, threads=threads) for threads in (1, 2)]
    steps = [[(step.objective, step.lower_bound, step.budget_used) for step in s.history] for s in short]
    assert steps[0] == steps[1]
    assert np.array_equal(short[0].start_time, short[1].start_time)


def test_blocking_shops_are_never_below_a_published_bound() -> None:
    for row in data.table("jobshop", "blocking_bounds.csv"):
        plain = sk.shop.read(data.find("jobshop", "instances", f"{row['instance']}.txt"))
        shop = sk.shop.Shop([[dict(choices) for choices in job] for job in plain.jobs], blocking="swap")
        s = searched(shop, max_moves=20_000)
        assert s.makespan >= int(row["lower_bound"])
        assert s.lower_bound <= int(row["best_known"])


def test_blocking_and_setups_are_proved_as_cp_sat_does() -> None:
    """Setups are drawn at random, so that a third operation between two others may take less time than their setup."""
    pytest.importorskip("ortools")
    rng = np.random.default_rng(15)
    for example in range(3 * EXAMPLES):
        n, m = int(rng.integers(3, 6)), int(rng.integers(2, 5))
        jobs = [[(int(k), int(rng.integers(1, 20))) for k in rng.permutation(m)] for _ in range(n)]
        release_time = rng.integers(0, 40, n)
        if example % 3 < 2:
            shop = sk.shop.Shop(jobs, release_time=release_time, blocking=("swap", "no_swap")[example % 3])
        else:
            shop = sk.shop.Shop(
                jobs,
                release_time=release_time,
                setup={0: rng.integers(0, 40, (n, n)), 1: rng.integers(0, 10, (n, n))},
                initial_setup={1: rng.integers(0, 30, n)},
                transport=rng.integers(0, 9, (m, m)),
            )
        proof = sk.shop.prove(shop)
        assert proof.status == "optimal"
        for options in ({"max_moves": 2_000_000}, {"time_limit": 60.0, "threads": 2}):
            s = searched(shop, **options)
            assert (s.status, s.makespan) == ("optimal", proof.makespan), shop.jobs


def test_blocking_shops_agree_with_trying_every_order() -> None:
    rng = np.random.default_rng(31)
    reached = total = 0
    for _ in range(20 * EXAMPLES):
        n, m = int(rng.integers(1, 4)), int(rng.integers(2, 4))
        jobs = [
            [
                {int(k): int(rng.integers(1, 6)) for k in rng.permutation(m)[: rng.integers(1, 3)]}
                for _ in range(rng.integers(0, 3))
            ]
            for _ in range(n)
        ]
        due_date, weight = rng.integers(0, 12, n), rng.integers(0, 4, n)
        release_time = rng.integers(0, 4, n)
        for blocking in ("swap", "no_swap"):
            shop = sk.shop.Shop(
                jobs, num_machines=m, blocking=blocking, release_time=release_time, due_date=due_date, weight=weight
            )
            best = best_values(shop)
            assert best is not None
            for objective in ("makespan", "total_weighted_tardiness"):
                s = sk.shop.solve(shop, objective, max_moves=1_000)
                assert sk.check(shop, s) == []
                assert s.lower_bound <= best[objective] <= s.objective == getattr(s, objective)
                reached, total = reached + (s.objective == best[objective]), total + 1
    assert reached >= 0.95 * total


def test_solutions_pickle_and_empty_shops_are_solved() -> None:
    s = searched(SHOP, max_moves=1_000)
    assert pickle.loads(pickle.dumps(s)) == s
    assert s.to_dict()["kind"] == "shop_search"
    for shop in (sk.shop.Shop([]), sk.shop.Shop([[], []], release_time=[3, 4])):
        assert searched(shop).status == "optimal"


BAD: dict[str, tuple[Any, type[sk.SchedkitError], str]] = {
    "objective": (lambda: sk.shop.solve(SHOP, "cost"), sk.InvalidInputError, "objective = 'cost': unknown objective"),
    "budget": (lambda: sk.shop.solve(SHOP, max_moves=-1), sk.InvalidInputError, "max_moves"),
    "closed": (
        lambda: sk.shop.solve(sk.shop.Shop([[(0, 2)]], no_wait=True, calendars={0: sk.shop.Calendar([0, 1], [1, 0])})),
        sk.InfeasibleError,
        "operation 0 of job 0 never finds machine 0 open for as long as it takes",
    ),
    "closed between": (
        lambda: sk.shop.solve(
            sk.shop.Shop([[(0, 1), (1, 1), (0, 1)]], no_wait=True, calendars={0: sk.shop.Calendar([0, 1], [1, 0], period=4)})
        ),
        sk.InfeasibleError,
        "job 0 never passes without waiting while its machines are open",
    ),
    "setups of its own": (
        lambda: sk.shop.solve(sk.shop.Shop([[(0, 1), (0, 1)]], blocking="swap", setup={0: [[1]]}, names=["a"])),
        sk.InvalidInputError,
        "setups between its own operations do not let job 'a' pass alone, whichever machines it takes; prove may find",
    ),
    "closed too soon": (
        lambda: sk.shop.solve(
            sk.shop.Shop([[(1, 9)], [(0, 2)]], no_wait=True, calendars={0: sk.shop.Calendar([0, 5], [1, 0])})
        ),
        sk.InvalidInputError,
        "calendars close before all have passed; prove may find a schedule",
    ),
    "warm start": (lambda: sk.shop.solve(SHOP, warm_start=[1]), sk.InputTypeError, "must be a ShopSchedule"),  # type: ignore[arg-type]
    "bound": (lambda: sk.shop.lower_bound(3), sk.InputTypeError, "must be a Shop"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    call, kind, text = BAD[case]
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)
