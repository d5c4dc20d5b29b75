"""Modes and alternatives together with calendars, pauses and disjunctive groups."""

from __future__ import annotations

import random
from typing import Any

import pytest
import schedkit as sk

from . import test_mixed, time_indexed

OBJECTIVES = ("total_tardiness", "total_weighted_tardiness", "num_tardy", "max_lateness")


def test_either_of_two_teams_in_its_working_hours() -> None:
    # Team 0 works 0-4 of each 8 hours, team 1 works 4-8; two tasks of 3 hours, the second one follows the first one.
    hours = {0: sk.rcpsp.Calendar([0, 4], [1, 0], period=8), 1: sk.rcpsp.Calendar([0, 4], [0, 1], period=8)}
    project = sk.rcpsp.Project(
        [3, 3, 3, 3],
        [[1, 0], [0, 1], [1, 0], [0, 1]],
        [1, 1],
        activity=[0, 0, 1, 1],
        calendars=hours,
        precedence=[(0, 1)],
    )
    r = sk.rcpsp.solve(project, max_schedules=200)
    assert r.schedule is not None
    # The first team does the first task at 0-3, the other team the second one at 4-7.
    assert (r.status, r.makespan, r.schedule.mode.tolist(), r.schedule.start_time.tolist()) == ("optimal", 7, [0, 3], [0, 4])
    assert sk.check(project, r.schedule) == []


def test_a_pause_may_pay_for_a_slower_mode() -> None:
    # One worker works 0-4 and 6-10, two work 6-8 alone. The fast mode needs both: 6-8. The slow one pauses: 0-4, 6-7.
    project = sk.rcpsp.Project(
        [2, 5],
        [[2], [1]],
        [2],
        activity=[0, 0],
        calendars={0: sk.rcpsp.Calendar([0, 4, 6, 8, 10], [1, 0, 2, 1, 0])},
        pausable=[True],
    )
    r = sk.rcpsp.solve(project, max_schedules=100)
    assert r.schedule is not None
    assert (r.makespan, r.schedule.mode.tolist(), r.schedule.completion_time.tolist()) == (7, [1], [7])
    assert sk.check(project, r.schedule) == []


def test_a_group_keeps_modes_apart() -> None:
    # Each of two tasks takes 3, or 2 with the only crane; never both at once.
    columns: dict[str, Any] = {"duration": [3, 2, 3, 2], "demand": [[0], [1], [0], [1]], "capacity": [1]}
    project = sk.rcpsp.Project(**columns, activity=[0, 0, 1, 1], disjunctive=[[0, 1]])
    r = sk.rcpsp.solve(project, max_schedules=200)
    assert (r.status, r.makespan) == ("optimal", 4)
    assert sk.check(project, r.schedule) == []


def test_calendars_that_close_for_good_leave_no_mode() -> None:
    project = sk.rcpsp.Project(
        [4, 5, 4, 5], [[1]] * 4, [1], activity=[0, 0, 1, 1], calendars={0: sk.rcpsp.Calendar([0, 7], [1, 0])}
    )
    r = sk.rcpsp.solve(project, max_schedules=50)
    assert r.status == "infeasible"
    assert r.reasons[0].resources == (0,)
    assert [reason.code for reason in sk.rcpsp.diagnose(project)] == [reason.code for reason in r.reasons]


def test_what_no_calendar_lets_run_is_left_out() -> None:
    # Casting takes 3 hours without a break, but the furnace is never on for longer than 2; the part is bought.
    project = sk.rcpsp.Project(
        [3, 6], [[1], [0]], [1], alternatives=[[0, 1]], calendars={0: sk.rcpsp.Calendar([0, 2], [1, 0], period=4)}
    )
    r = sk.rcpsp.solve(project, max_schedules=50)
    assert r.schedule is not None
    assert (r.makespan, r.schedule.mode.tolist()) == (6, [-1, 1])


@pytest.mark.parametrize("seed", range(60))
def test_objectives_agree_with_a_model_tick_by_tick(seed: int) -> None:
    pytest.importorskip("ortools")
    source = random.Random(4_000 + seed)
    columns, past = test_mixed.drawn(source)
    while not ({"calendars", "disjunctive"} & set(columns) and {"activity", "alternatives"} & set(columns)):
        columns, past = test_mixed.drawn(source)
    for other in ("storage", "initial", "taken", "given", "max_lag"):
        columns.pop(other, None)
    n = max(columns.get("activity", range(len(columns["duration"])))) + 1
    columns["due_date"] = [source.randint(0, 8) for _ in range(n)]
    columns["weight"] = [source.randint(0, 4) for _ in range(n)]
    project = sk.rcpsp.Project(**columns)
    objective = source.choice(OBJECTIVES)
    found = sk.rcpsp.solve(project, objective=objective, max_schedules=400, seed=seed, **past)
    expected = time_indexed.value(project, 40, objective, past.get("fixed"), past.get("now", 0))
    if found.schedule is None:
        assert expected is None
        return
    assert sk.check(project, found.schedule, **past) == []
    assert expected is not None
    assert found.objective is not None
    assert found.lower_bound <= expected <= found.objective
    assert found.status != "optimal" or found.objective == expected
