"""Dispatching: published values, a slow oracle, relations, and bad input."""

from __future__ import annotations

import csv
import os
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests import data
from tests.shop import oracles

EXAMPLES = int(os.environ.get("SCHEDKIT_EXAMPLES", "200"))

#: Two independent programs: makespans of active and non-delay schedules.
GOLDENS = {
    "ft06": {"spt": (94, 88), "mwkr": (67, 61), "mopnr": (60, 59)},
    "ft10": {"spt": (1429, 1074), "mwkr": (1178, 1108), "mopnr": (1215, 1163)},
    "la01": {"spt": (1185, 751), "mwkr": (735, 735), "mopnr": (846, 763)},
    "la03": {"spt": (795, 672), "mwkr": (713, 696), "mopnr": (747, 726)},
    "la05": {"spt": (977, 610), "mwkr": (621, 593), "mopnr": (610, 593)},
}

#: The same programs: mean gap to the best known values of the twenty Taillard instances, in percent.
MEAN_GAPS = {
    "active": {"spt": 67.5, "lpt": 51.0, "mwkr": 26.3, "lwkr": 77.7, "mopnr": 25.0, "fifo": 25.6, "edd": 73.9},
    "non_delay": {"spt": 28.9, "lpt": 43.4, "mwkr": 20.2, "lwkr": 46.2, "mopnr": 19.6, "fifo": 25.6, "edd": 40.9},
}


def checked(shop: sk.shop.Shop, *arguments: Any, **options: Any) -> sk.shop.ShopSchedule:
    schedule = sk.shop.dispatch(shop, *arguments, **options)
    assert sk.check(shop, schedule, fixed=options.get("fixed"), now=options.get("now")) == []
    return schedule


@pytest.mark.parametrize("name", GOLDENS)
def test_published_instances_have_the_makespans_of_two_other_programs(name: str) -> None:
    shop = sk.shop.read(data.find("jobshop", "instances", f"{name}.txt"))
    for rule, expected in GOLDENS[name].items():
        assert (checked(shop, rule).makespan, checked(shop, rule, "non_delay").makespan) == expected


@pytest.mark.parametrize("scheme", MEAN_GAPS)
def test_rules_have_their_known_mean_gaps(scheme: Any) -> None:
    with data.find("jobshop", "bks.csv").open(newline="") as file:
        best = {row["instance"]: int(row["upper_bound"]) for row in csv.DictReader(file) if row["instance"].startswith("ta")}
    assert len(best) == 20
    shops = {name: sk.shop.read(data.find("jobshop", "instances", f"{name}.txt")) for name in best}
    for rule, expected in MEAN_GAPS[scheme].items():
        gaps = [checked(shop, rule, scheme).makespan / best[name] - 1 for name, shop in shops.items()]
        assert round(100 * float(np.mean(gaps)), 1) == expected, rule


def test_every_rule_agrees_with_a_slow_program_on_random_shops() -> None:
    rng = np.random.default_rng(20)
    rules = [rule for rule in sk.shop.RULES if rule != "random"]
    for _ in range(EXAMPLES):
        shop = oracles.random_shop(rng)
        numbers = rng.integers(0, 4, shop.num_operations) / (2 if rng.random() < 0.5 else 1)
        for rule in (*rules, numbers):
            for scheme in ("active", "non_delay"):
                s = checked(shop, rule, scheme)
                runs = list(zip(s.machine.tolist(), s.start_time.tolist(), s.completion_time.tolist(), strict=True))
                assert runs == oracles.dispatch(shop, rule, scheme), (shop.jobs, rule, scheme)


def test_every_rule_agrees_with_a_slow_program_on_shops_of_many_jobs() -> None:
    rng = np.random.default_rng(22)
    for _ in range(max(EXAMPLES // 100, 1)):
        n, m = int(rng.integers(129, 160)), int(rng.integers(1, 9))
        jobs = [[(int(rng.integers(0, m)), int(rng.integers(0, 7))) for _ in range(rng.integers(0, 3))] for _ in range(n)]
        options: dict[str, Any] = {"num_machines": m, "release_time": rng.integers(0, 30, n), "weight": rng.integers(0, 5, n)}
        if rng.random() < 0.5:
            options["transport"] = rng.integers(0, 5, (m, m))
        shop = sk.shop.Shop(jobs, due_date=rng.integers(-9, 400, n), **options)
        for rule in (*(rule for rule in sk.shop.RULES if rule != "random"), rng.integers(0, 9, shop.num_operations)):
            for scheme in ("active", "non_delay"):
                s = checked(shop, rule, scheme)
                runs = list(zip(s.machine.tolist(), s.start_time.tolist(), s.completion_time.tolist(), strict=True))
                assert runs == oracles.dispatch(shop, rule, scheme), (shop.jobs, rule, scheme)


def test_dispatching_goes_on_behind_the_past() -> None:
    rng = np.random.default_rng(21)
    for _ in range(EXAMPLES):
        shop = oracles.random_shop(rng)
        plan = checked(shop, "mwkr")
        now = int(rng.integers(0, 20))
        begun = np.flatnonzero(plan.start_time < now).tolist()
        fixed = {k: (int(plan.machine[k]), int(plan.start_time[k]), int(plan.completion_time[k])) for k in begun}
        for scheme in ("active", "non_delay"):
            s = checked(shop, "spt", scheme, fixed=fixed, now=now)
            runs = list(zip(s.machine.tolist(), s.start_time.tolist(), s.completion_time.tolist(), strict=True))
            assert runs == oracles.dispatch(shop, "spt", scheme, fixed, now)
        columns = ([row[k] for row in fixed.values()] for k in range(3))
        machine, start, end = columns
        assert checked(shop, "spt", fixed=sk.Fixed(begun, start, end, machine), now=now) == checked(
            shop, "spt", fixed=fixed, now=now
        )


def test_the_rule_random_depends_on_the_seed_alone() -> None:
    shop = sk.shop.Shop([[(k % 3, 1 + k % 4), ((k + 1) % 3, 2)] for k in range(12)])
    starts = [checked(shop, "random", seed=seed).start_time.tolist() for seed in range(8)]
    assert starts == [checked(shop, "random", seed=seed).start_time.tolist() for seed in range(8)]
    assert len({tuple(s) for s in starts}) > 1


def test_scaled_times_give_the_scaled_schedule() -> None:
    rng = np.random.default_rng(5)
    jobs = [[(int(m), int(d)) for m, d in zip(rng.permutation(4), rng.integers(1, 20, 4), strict=True)] for _ in range(9)]
    large = [[(m, 1000 * d) for m, d in job] for job in jobs]
    due_date = rng.integers(20, 200, 9)
    for rule in ("spt", "mwkr", "fifo", "edd", "slack", "cr"):
        small = checked(sk.shop.Shop(jobs, due_date=due_date), rule)
        scaled = checked(sk.shop.Shop(large, due_date=1000 * due_date), rule)
        assert (1000 * small.start_time).tolist() == scaled.start_time.tolist()


def test_batches_agree_with_single_schedules() -> None:
    rng = np.random.default_rng(8)
    shop = oracles.random_shop(rng)
    while shop.num_operations < 8:
        shop = oracles.random_shop(rng)
    for priority in (rng.integers(0, 9, (20, shop.num_operations)), rng.random((20, shop.num_operations))):
        for objective in sk.shop.OBJECTIVES:
            many = sk.shop.dispatch_many(shop, priority, "non_delay", objective=objective)
            single = [getattr(checked(shop, row, "non_delay"), objective) for row in priority]
            assert many.objective.tolist() == single
    assert sk.shop.dispatch_many(shop, np.empty((0, shop.num_operations))).objective.shape == (0,)


ONE = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])
BAD: dict[str, tuple[Any, type[sk.SchedkitError], str]] = {
    "rule": (
        lambda: sk.shop.dispatch(ONE, "wspt"),
        sk.InvalidInputError,
        "rule = 'wspt': unknown rule, expected one of spt, lpt",
    ),
    "scheme": (lambda: sk.shop.dispatch(ONE, "spt", "semi"), sk.InvalidInputError, "scheme = 'semi': unknown scheme"),  # type: ignore[arg-type]
    "too few numbers": (lambda: sk.shop.dispatch(ONE, [1, 2]), sk.InvalidInputError, "rule: has length 2, expected 3"),
    "NaN": (lambda: sk.shop.dispatch(ONE, [1, float("nan"), 2]), sk.InvalidInputError, "rule[1] = NaN: must be finite"),
    "no shop": (lambda: sk.shop.dispatch([[(0, 1)]]), sk.InputTypeError, "shop: must be a Shop, not list"),  # type: ignore[arg-type]
    "columns": (lambda: sk.shop.dispatch_many(ONE, [[1, 2]]), sk.InvalidInputError, "priority: has 2 columns, expected 3"),
    "objective": (
        lambda: sk.shop.dispatch_many(ONE, [[1, 2, 3]], objective="cost"),
        sk.InvalidInputError,
        "objective = 'cost'",
    ),
    "past": (lambda: sk.shop.dispatch(ONE, fixed={1: (1, 0, 2)}), sk.InvalidInputError, "operation 0 of job 0 is not fixed"),
    "machine of the past": (
        lambda: sk.shop.dispatch(ONE, fixed={0: (1, 0, 2)}),
        sk.InvalidInputError,
        "cannot run on machine 1",
    ),
    "blocking": (
        lambda: sk.shop.dispatch(sk.shop.Shop([[(0, 1)]], blocking="swap")),
        sk.InvalidInputError,
        "blocking: dispatching does not schedule blocking shops",
    ),
    "no_wait": (
        lambda: sk.shop.dispatch(sk.shop.Shop([[(0, 1)]], no_wait=True)),
        sk.InvalidInputError,
        "no_wait: dispatching does not schedule shops without waiting",
    ),
    "closed": (
        lambda: sk.shop.dispatch(sk.shop.Shop([[(0, 9)]], calendars={0: sk.shop.Calendar([0, 8], [1, 0], 24)})),
        sk.InfeasibleError,
        "operation 0 of job 0 never finds machine 0 open for as long as it takes",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    call, kind, text = BAD[case]
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)


def test_empty_shops_have_empty_schedules() -> None:
    for shop in (sk.shop.Shop([]), sk.shop.Shop([[], []], num_machines=2)):
        s = checked(shop)
        assert (s.makespan, s.total_flow_time, s.max_lateness) == (0, 0, 0)
