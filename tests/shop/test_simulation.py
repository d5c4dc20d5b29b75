"""The simulation: a slow program that goes tick by tick, the checker, relations between runs, and bad input."""

from __future__ import annotations

import os
import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests.shop import oracles
from tests.shop.plain_simulation import Simulation

EXAMPLES = int(os.environ.get("SCHEDKIT_EXAMPLES", "300"))
RULES = ("spt", "mwkr", "lopnr", "fifo", "edd", "cr")


def simulated(shop: sk.shop.Shop, *arguments: Any, **options: Any) -> sk.shop.ShopSimulation:
    r = sk.shop.simulate(shop, *arguments, **options)
    assert sk.check(shop, r) == []
    return r


def columns(r: sk.shop.ShopSchedule) -> list[tuple[int, int, int]]:
    return list(zip(r.machine.tolist(), r.start_time.tolist(), r.completion_time.tolist(), strict=True))


def random_shop(rng: np.random.Generator) -> sk.shop.Shop:
    """A shop that can be simulated: without calendars and `no_wait`, and blocking without setups and transport."""
    while True:
        shop = oracles.random_shop(rng)
        instant = any(d == 0 for job in shop.jobs for choices in job for _, d in choices)
        if shop.calendars or (shop.setup and instant):  # the checker does not know the order of operations at one moment
            continue
        if shop.setup or shop.transport is not None or rng.random() < 0.4:
            return shop
        jobs = [[dict(choices) for choices in job] for job in shop.jobs]
        kind: Any = "swap" if instant else ["swap", "no_swap"][rng.integers(0, 2)]
        options = {"release_time": shop.release_time, "due_date": shop.due_date, "num_machines": shop.num_machines}
        return sk.shop.Shop(jobs, blocking=kind, **options)  # type: ignore[arg-type]


def random_rows(rng: np.random.Generator, shop: sk.shop.Shop) -> list[tuple[int, int, int]]:
    rows = []
    for _ in range(rng.integers(0, 8)):
        start = int(rng.integers(-2, 40))
        rows.append((int(rng.integers(0, shop.num_machines)), start, start + int(rng.integers(1, 9))))
    return rows


def test_simulations_agree_with_a_slow_program_on_random_shops() -> None:
    rng = np.random.default_rng(30)
    kinds = set()
    for k in range(EXAMPLES):
        shop, restart = random_shop(rng), bool(rng.random() < 0.5)
        rows = random_rows(rng, shop)
        numbers = rng.integers(0, 4, shop.num_operations)
        for rule in (RULES[k % len(RULES)], numbers):
            r = simulated(shop, rule, breakdowns=rows or None, interrupted="restart" if restart else "resume")
            assert columns(r) == Simulation(shop, rule, rows, restart).run(), (shop.jobs, shop.blocking, rule, rows, restart)
            kinds.add((shop.blocking, restart, bool(((r.completion_time - r.start_time) > 6).any())))
    assert len(kinds) >= (12 if EXAMPLES >= 4000 else 10), "kinds of shops are interrupted or not"


def test_without_breakdowns_it_is_non_delay_dispatching() -> None:
    rng = np.random.default_rng(31)
    for _ in range(EXAMPLES // 3 or 1):
        shop = random_shop(rng)
        if not shop.blocking and not shop.is_flexible:
            rules: list[Any] = [*sk.shop.RULES, rng.random(shop.num_operations)]
            for rule in rules:
                assert columns(simulated(shop, rule)) == columns(sk.shop.dispatch(shop, rule, "non_delay"))


def test_nothing_is_known_of_breakdowns_to_come() -> None:
    rng = np.random.default_rng(32)
    for _ in range(EXAMPLES // 3 or 1):
        shop, moment = random_shop(rng), int(rng.integers(0, 20))
        rows = random_rows(rng, shop)
        before = simulated(shop, "spt", breakdowns=[row for row in rows if row[1] < moment] or None)
        after = simulated(shop, "spt", breakdowns=rows or None)
        early = [k for k, start in enumerate(before.start_time.tolist()) if start < moment]
        assert early == [k for k, start in enumerate(after.start_time.tolist()) if start < moment]
        assert (before.machine[early] == after.machine[early]).all()
        assert (before.start_time[early] == after.start_time[early]).all()


@pytest.mark.parametrize("blocking", [False, "swap", "no_swap"])
def test_random_breakdowns_depend_on_the_seed_alone(blocking: Any) -> None:
    jobs = [[((j + 2 * k) % 5, 3 + (7 * j + 5 * k) % 11) for k in range(5)] for j in range(9)]
    shop = sk.shop.Shop(jobs, blocking=blocking)
    drawn = (sk.shop.Breakdowns(4, mean_uptime=20), sk.shop.Breakdowns(4, probability=0.4))
    runs = [
        simulated(shop, breakdowns=b, seed=seed, interrupted=i) for b in drawn for seed in (1, 2) for i in ("resume", "restart")
    ]
    again = [
        simulated(shop, breakdowns=b, seed=seed, interrupted=i) for b in drawn for seed in (1, 2) for i in ("resume", "restart")
    ]
    assert runs == again
    assert len({r.start_time.tobytes() for r in runs}) > 4
    for r in runs:
        rows = np.column_stack([r.down_machine, r.down_start, r.down_end])
        given = simulated(shop, breakdowns=rows, interrupted=r.interrupted)
        assert columns(given) == columns(r)
    by_time = [set(zip(r.down_machine.tolist(), r.down_start.tolist(), r.down_end.tolist(), strict=True)) for r in runs[:2]]
    assert by_time[0] <= by_time[1] or by_time[1] <= by_time[0], "breakdowns by time do not depend on the work"


def test_an_operation_is_interrupted_as_often_as_the_probability_says() -> None:
    shop = sk.shop.Shop([[(j, 10)] for j in range(4000)])
    for probability in (0.0, 0.25, 1.0):
        r = simulated(shop, breakdowns=sk.shop.Breakdowns(5, probability=probability))
        hit = r.completion_time - r.start_time > 10
        assert hit.sum() == r.down_start.size
        assert abs(hit.mean() - probability) < 0.03  # four standard deviations
        assert ((r.down_start > 0) & (r.down_start < 10)).all()


def test_the_checker_knows_what_a_breakdown_changes() -> None:
    shop = sk.shop.Shop([[(0, 4)], [(0, 2)]])
    r = simulated(shop, "lpt", breakdowns=[(0, 3, 5)])
    assert columns(r) == [(0, 0, 6), (0, 6, 8)]
    claim = {"machine": [0, 0], "start_time": [0, 6], "completion_time": [6, 8]}
    down = {"down_machine": [0], "down_start": [3], "down_end": [5]}
    assert sk.check(shop, claim | down) == []
    assert sk.check(shop, r.to_dict()) == []
    assert [v.kind for v in sk.check(shop, claim)] == ["duration"]
    assert [v.kind for v in sk.check(shop, claim | down | {"interrupted": "restart"})] == ["duration"]
    late = claim | {"start_time": [0, 3], "completion_time": [3, 5]}
    assert sorted(v.kind for v in sk.check(shop, late | down)) == ["downtime", "duration"]
    assert [v.kind for v in sk.check(shop, claim | down | {"down_end": [6]})] == ["duration"]
    with pytest.raises(sk.InvalidInputError, match="interrupted = 'wait': expected 'resume' or 'restart'"):
        sk.check(shop, claim | {"interrupted": "wait"})
    with pytest.raises(sk.InvalidInputError, match="down_end: has length 0, expected 1"):
        sk.check(shop, claim | {"down_machine": [0], "down_start": [0]})


def test_results_are_values() -> None:
    shop = sk.shop.Shop([[(0, 4), (1, 3)], [(1, 2), (0, 5)]])
    r = simulated(shop, breakdowns=sk.shop.Breakdowns(2.5, mean_uptime=3), seed=4)
    assert pickle.loads(pickle.dumps(r)) == r
    assert r.to_dict()["down_start"] == r.down_start.tolist()
    assert not r.down_start.flags.writeable
    assert pickle.loads(pickle.dumps(sk.shop.Breakdowns(2, probability=1))) == sk.shop.Breakdowns(2.0, probability=1.0)


def test_empty_shops_are_over_at_once() -> None:
    for shop in (sk.shop.Shop([]), sk.shop.Shop([[], []], num_machines=2), sk.shop.Shop([[]], num_machines=1, blocking="swap")):
        r = simulated(shop, breakdowns=sk.shop.Breakdowns(2, mean_uptime=1))
        assert (r.makespan, r.down_start.size) == (0, 0)


ONE = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])
CALENDAR = {0: sk.shop.Calendar([0, 8], [1, 0], 24)}
BAD: dict[str, tuple[Any, str]] = {
    "rule": (lambda: sk.shop.simulate(ONE, "wspt"), "rule = 'wspt': unknown rule, expected one of spt, lpt"),
    "numbers": (lambda: sk.shop.simulate(ONE, [1, 2]), "rule: has length 2, expected 3"),
    "interrupted": (
        lambda: sk.shop.simulate(ONE, interrupted="wait"),  # type: ignore[arg-type]
        "interrupted = 'wait': unknown kind of interruption, expected one of resume, restart",
    ),
    "machine": (lambda: sk.shop.simulate(ONE, breakdowns=[(2, 0, 1)]), "breakdowns[0, 0] = 2: there is no such machine"),
    "times": (
        lambda: sk.shop.simulate(ONE, breakdowns=[(0, 4, 5), (0, 3, 3)]),
        "breakdowns[1, 2] = 3: the machine must run again",
    ),
    "columns": (lambda: sk.shop.simulate(ONE, breakdowns=[(0, 4)]), "breakdowns: "),
    "far": (lambda: sk.shop.simulate(ONE, breakdowns=[(0, 0, 2**60)]), "breakdowns[0, 2] = 1152921504606846976"),
    "mean": (lambda: sk.shop.Breakdowns(0, mean_uptime=1), "mean_repair = 0: must be > 0 and at most 2**53"),
    "uptime": (lambda: sk.shop.Breakdowns(1, mean_uptime=float("nan")), "mean_uptime"),
    "probability": (lambda: sk.shop.Breakdowns(1, probability=1.5), "probability = 1.5: must be from 0 to 1"),
    "none of them": (lambda: sk.shop.Breakdowns(1), "breakdowns: expected exactly one of mean_uptime and probability"),
    "both": (lambda: sk.shop.Breakdowns(1, mean_uptime=1, probability=0.5), "breakdowns: expected exactly one of"),
    "seed": (lambda: sk.shop.simulate(ONE, seed=-1), "seed = -1"),
    "no_wait": (
        lambda: sk.shop.simulate(sk.shop.Shop([[(0, 1)]], no_wait=True)),
        "no_wait: shops without waiting are not simulated",
    ),
    "calendars": (lambda: sk.shop.simulate(sk.shop.Shop([[(0, 1)]], calendars=CALENDAR)), "calendars: are not simulated"),
    "transport": (
        lambda: sk.shop.simulate(sk.shop.Shop([[(0, 1)]], transport=[[0]], blocking="swap")),
        "transport: is not simulated with blocking",
    ),
    "setup": (
        lambda: sk.shop.simulate(sk.shop.Shop([[(0, 1)]], setup=[[[0]]], blocking="swap")),
        "setup: is not simulated with blocking",
    ),
    "too short": (
        lambda: sk.shop.simulate(
            sk.shop.Shop([[(0, 1000)]]), breakdowns=sk.shop.Breakdowns(1, mean_uptime=1), interrupted="restart"
        ),
        "breakdowns: more than 10000000 happen before all operations are complete",
    ),
    "repair": (
        lambda: sk.shop.simulate(ONE, breakdowns=sk.shop.Breakdowns(2.0**53, mean_uptime=1), seed=1),
        "mean_repair = 9007199254740992.0: a repair ends after 2**53",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str) -> None:
    call, text = BAD[case]
    with pytest.raises(sk.InvalidInputError) as caught:
        call()
    assert text in str(caught.value)
