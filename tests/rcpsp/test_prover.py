"""The prover inside `solve`: constraints and pasts do not switch it off, and what it proves is so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rcpsp import constrained
from tests.rcpsp.constrained import Plain

WEEK = sk.rcpsp.Calendar([24 * day + hour for day in range(5) for hour in (8, 16)], [3, 0] * 5, 168)


def random_plan(seed: int, n: int, longest: int = 16, **constraints: Any) -> sk.rcpsp.Project:
    """Three resources of three units, some precedence."""
    random = np.random.default_rng(seed)
    demand = random.integers(0, 3, (n, 3)) * (random.random((n, 3)) < 0.6)
    demand[demand.sum(axis=1) == 0, 0] = 1
    edges = sorted({(int(min(pair)), int(max(pair))) for pair in random.integers(0, n, (n, 2)) if pair[0] != pair[1]})
    lag = [0] * len(edges)
    if constraints.pop("one_lag", False):
        lag[0] = 1
    return sk.rcpsp.Project(random.integers(1, longest + 1, n), demand, [3] * 3, precedence=edges, lag=lag, **constraints)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("threads", [1, 2])
def test_pauses_that_all_share_are_no_harder_than_none(seed: int, threads: int) -> None:
    # Working hours without nights are the same problem: the makespan is the hour at which so many of them are worked.
    project = random_plan(seed, 30, calendars=dict.fromkeys(range(3), WEEK), pausable=[True] * 30)
    plain, found = (sk.rcpsp.solve(p, time_limit=30, threads=threads) for p in (random_plan(seed, 30), project))
    assert plain.status == found.status == "optimal"
    assert plain.makespan is not None
    weeks, rest = divmod(plain.makespan - 1, 40)
    assert found.makespan == found.lower_bound == 168 * weeks + 24 * (rest // 8) + 8 + rest % 8 + 1
    assert found.schedule is not None
    assert sk.check(project, found.schedule) == []


@pytest.mark.parametrize("seed", range(4))
def test_one_lag_does_not_switch_the_prover_off(seed: int) -> None:
    exact = pytest.importorskip("ortools") and sk.rcpsp.prove(random_plan(seed, 10, one_lag=True))
    found = sk.rcpsp.solve(random_plan(seed, 10, one_lag=True), time_limit=20)
    assert (found.status, found.makespan) == ("optimal", exact.makespan)
    assert found.runtime < 10


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_a_second_is_enough_for_tiny_projects(data: st.DataObject) -> None:
    """Everything is decided, whatever the mix of constraints and past, and as enumeration has it."""
    project = data.draw(constrained.projects())
    plain = Plain.of(project)
    past, now = data.draw(constrained.pasts(plain)) if data.draw(st.booleans()) else ({}, 0)
    found = sk.rcpsp.solve(project, time_limit=20, fixed=past, now=now)
    best = constrained.best_makespan(plain, 14, past, now)
    assert found.status in {"optimal", "infeasible"}
    if found.schedule is None:
        assert best is None
        assert next(constrained.schedules(plain, 40, past, now), None) is None
    else:
        assert sk.check(project, found.schedule, fixed=past, now=now) == []
        assert found.makespan is not None
        assert found.makespan == best if best is not None else found.makespan > 14


def test_a_budget_gives_the_same_answer_for_any_number_of_threads() -> None:
    project = random_plan(7, 40, calendars=dict.fromkeys(range(3), WEEK), pausable=[True] * 40)
    answers = [sk.rcpsp.solve(project, max_schedules=2000, seed=3, threads=threads) for threads in (1, 2, 4)]
    assert len({(a.makespan, a.lower_bound, a.num_schedules, a.status) for a in answers}) == 1
    assert all(np.array_equal(a.schedule.start_time, answers[0].schedule.start_time) for a in answers if a.schedule)  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(6))
def test_destructive_bounds_hold_in_open_time(seed: int) -> None:
    project = random_plan(seed, 12, 8, calendars={0: WEEK, 1: sk.rcpsp.Calendar([30, 50], [1, 3])}, pausable=[True, False] * 6)
    plain, raised = (sk.rcpsp.lower_bound(project, destructive=destructive) for destructive in (False, True))
    found = sk.rcpsp.solve(project, time_limit=20)
    assert found.status == "optimal"
    assert found.makespan is not None
    assert plain <= raised <= found.makespan
