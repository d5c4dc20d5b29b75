"""Maximal lags and stores together with calendars and objectives that count from due dates."""

from __future__ import annotations

import random

import pytest
import schedkit as sk
from schedkit.rcpsp import cp_sat

from . import max_lags, stores, time_indexed

OBJECTIVES = ("makespan", "total_tardiness", "total_weighted_tardiness", "num_tardy", "max_lateness")


def test_a_maximal_lag_over_a_night() -> None:
    # The machine works 0-4 of each 10 hours. Painting must begin within 2 hours of the 3 hours of grinding, and takes 3 hours:
    # not on the same day, and the night takes 6; so nothing helps.
    columns = {"duration": [3, 3], "demand": [[1], [1]], "capacity": [1], "precedence": [(0, 1)], "lag": [0]}
    day = {0: sk.rcpsp.Calendar([0, 4], [1, 0], period=10)}
    never = sk.rcpsp.solve(sk.rcpsp.Project(**columns, max_lag=[2], calendars=day), max_schedules=200)  # type: ignore[arg-type]
    assert never.status == "infeasible"
    # With 6 hours, grinding waits for the end of the day: 1-4, and painting begins in the morning: 10-13.
    r = sk.rcpsp.solve(sk.rcpsp.Project(**columns, max_lag=[6], calendars=day), max_schedules=200)  # type: ignore[arg-type]
    assert r.schedule is not None
    assert (r.status, r.makespan, r.schedule.start_time.tolist()) == ("optimal", 13, [1, 10])


def test_a_store_that_is_filled_in_working_hours() -> None:
    # Brewing fills the empty tank in 2 of the hours 0-3 of each 6; two bottlings take a brew each.
    project = sk.rcpsp.Project(
        [2, 2, 1, 1],
        [[1], [1], [0], [0]],
        [1],
        storage=[1],
        taken=[[0], [0], [1], [1]],
        given=[[1], [1], [0], [0]],
        calendars={0: sk.rcpsp.Calendar([0, 3], [1, 0], period=6)},
    )
    r = sk.rcpsp.solve(project, max_schedules=500)
    # 0-2, 6-8, the last bottling at 8-9.
    assert (r.status, r.makespan) == ("optimal", 9)
    assert sk.check(project, r.schedule) == []


def test_due_dates_decide_who_gets_the_store_first() -> None:
    # One unit is there, the second one comes at 5; the heavy order is served first, although it is the longer one.
    project = sk.rcpsp.Project(
        [5, 2, 3],
        [[]] * 3,
        [],
        storage=[2],
        initial=[1],
        taken=[[0], [1], [1]],
        given=[[1], [0], [0]],
        due_date=[None, 2, 3],
        weight=[0, 1.5, 2.5],
    )
    r = sk.rcpsp.solve(project, objective="total_weighted_tardiness", max_schedules=500)
    assert r.objective == 1.5 * 5
    assert r.schedule is not None
    assert r.schedule.start_time.tolist() == [0, 5, 0]
    late = sk.rcpsp.solve(project, objective="num_tardy", late=True, max_schedules=500)
    assert late.objective == 1
    assert sk.check(project, late.schedule) == []


@pytest.mark.parametrize("seed", range(80))
def test_mixes_agree_with_a_model_tick_by_tick(seed: int) -> None:
    pytest.importorskip("ortools")
    source = random.Random(7_000 + seed)
    while True:
        columns = source.choice([max_lags, stores]).columns(source, 4)
        n, width = len(columns["duration"]), len(columns["capacity"])
        if width and source.random() < 0.8:
            period = source.randint(4, 7)
            closed = source.randint(1, period - 3)
            columns["calendars"] = {0: sk.rcpsp.Calendar([0, closed], [0, columns["capacity"][0]], period=period)}
        columns["due_date"] = [source.choice([None, source.randint(0, 9)]) for _ in range(n - 1)] + [source.randint(0, 9)]
        columns["weight"] = [source.randint(0, 4) for _ in range(n)]
        try:
            project = sk.rcpsp.Project(**columns)
        except sk.CycleError:
            continue
        if project.has_max_lags or project.has_stores:
            break
    objective = source.choice(OBJECTIVES)
    late = source.random() < 0.3
    found = sk.rcpsp.solve(project, objective=objective, max_schedules=500, seed=seed, late=late)
    expected = time_indexed.value(project, 45, objective)
    if found.schedule is None:
        assert expected is None
        return
    assert sk.check(project, found.schedule) == []
    assert expected is not None
    assert found.objective is not None
    assert found.lower_bound <= expected <= found.objective
    assert found.status != "optimal" or found.objective == expected
    if objective == "makespan":
        run = cp_sat.Run(project, cp_sat.Past({}, 0), None, None, seed, 1)
        assert run.wait(None, None, lambda *_: None) is None
        theirs = run.answer().schedule
        assert theirs is not None
        assert theirs.makespan == expected
        assert sk.check(project, theirs) == []
