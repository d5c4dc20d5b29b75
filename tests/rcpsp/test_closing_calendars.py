"""Calendars that close for good: what they ever give is a bound, held against hand calculation and CP-SAT."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main
from schedkit.rcpsp import Calendar, Project

from tests.rcpsp.constrained import Plain

PROJECTS = 60
"""Projects compared with CP-SAT; the comparison has been run with 5,000 of them."""


def reason_of(project: Project) -> sk.Reason:
    """The one reason that diagnosis, search and one-pass methods agree on."""
    (reason,) = sk.rcpsp.diagnose(project)
    r = sk.rcpsp.solve(project, time_limit=5)
    assert (r.status, r.reasons, r.schedule, r.near_miss) == ("infeasible", [reason], None, None)
    assert r.runtime < 1
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        with pytest.raises(sk.InfeasibleError) as failure:
            scheme(project)
        assert failure.value.reasons == [reason]
    return reason


@pytest.mark.parametrize(
    ("arguments", "resource", "amount"),
    [
        # 40 ticks of work, 36 open.
        ({"duration": [4] * 10, "demand": [[1]] * 10, "capacity": [1], "calendars": {0: Calendar([0, 36], [1, 0])}}, 0, 4),
        # 10 * 4 * 2 units of work; only the 38 ticks with capacity 2 serve, and they give 76.
        ({"duration": [4] * 10, "demand": [[2]] * 10, "capacity": [2], "calendars": {0: Calendar([38], [1])}}, 0, 4),
        # The same where the calendar is that of another resource that all of them demand.
        (
            {"duration": [4] * 10, "demand": [[1, 1]] * 10, "capacity": [1, 9], "calendars": {1: Calendar([0, 36], [9, 0])}},
            0,
            4,
        ),
        # Pausable: 36 ticks of work, 32 open.
        (
            {
                "duration": [4] * 9,
                "demand": [[1]] * 9,
                "capacity": [1],
                "calendars": {0: Calendar([0, 10, 20, 42], [1, 0, 1, 0])},
                "pausable": [True] * 9,
            },
            0,
            4,
        ),
        # Not pausable: two fit into the first 10 ticks and six into the other 26, which gives 32 for 36.
        (
            {
                "duration": [4] * 9,
                "demand": [[1]] * 9,
                "capacity": [1],
                "calendars": {0: Calendar([0, 10, 20, 46], [1, 0, 1, 0])},
            },
            0,
            4,
        ),
        # Deadlines: of the first 20 ticks five activities of 5 need 25.
        ({"duration": [5] * 6, "demand": [[1]] * 6, "capacity": [1], "deadline": [20] * 5 + [None]}, 0, 5),
        # From release at 10 on: three of 4 within 10 ticks.
        (
            {
                "duration": [4] * 4,
                "demand": [[1]] * 4,
                "capacity": [1],
                "release_time": [0, 10, 10, 10],
                "deadline": [None, 20, 20, 20],
            },
            0,
            2,
        ),
        # Two windows of capacity 2 among long times of 1: 40 units for 80.
        (
            {
                "duration": [4] * 10,
                "demand": [[2]] * 10,
                "capacity": [2],
                "calendars": {0: Calendar([0, 10, 1000, 1010], [2, 1, 2, 1])},
            },
            0,
            40,
        ),
    ],
    ids=["plain", "drop", "shared", "pausable", "rigid", "deadlines", "release", "levels"],
)
def test_more_work_than_there_will_ever_be_time_for(arguments: dict[str, Any], resource: int, amount: int) -> None:
    reason = reason_of(Project(**arguments))
    assert (reason.code, reason.resources, reason.amount) == ("too_much_work", (resource,), amount)


def test_a_group_is_as_tight_as_a_resource() -> None:
    names = [f"exam {k}" for k in range(10)]
    project = Project(
        [4] * 10, [[1]] * 10, [10], disjunctive=[list(range(10))], calendars={0: Calendar([0, 36], [10, 0])}, names=names
    )
    reason = reason_of(project)
    assert (reason.code, reason.activities, reason.resources, reason.amount) == ("too_much_work", tuple(range(10)), (), 4)
    assert "'exam 0'" in reason.detail


def test_reasons_name_activities_and_resources() -> None:
    project = Project(
        [4, 4], [[1], [1]], [1], names=["dig", "pour"], resource_names=["crew"], calendars={"crew": Calendar([0, 7], [1, 0])}
    )
    assert reason_of(project).detail == (
        "activities 'dig', 'pour' need 8 units of work of resource 'crew' from 0 to 7, which leaves 7 for them"
    )
    late = Project([2, 3], [[], []], [], precedence=[(0, 1)], deadline=[None, 4], names=["dig", "pour"])
    assert reason_of(late).detail == (
        "activity 'pour' completes at 5 at the earliest, 1 after its deadline 4, along 'dig' -> 'pour'"
    )


def test_eleven_half_days_in_a_week_of_ten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monday = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    axis = sk.TimeAxis(monday, dt.timedelta(hours=1))
    week = axis.working_hours(
        {day: [("08:00", "16:00")] for day in ("mon", "tue", "wed", "thu", "fri")}, until=monday + dt.timedelta(7)
    )
    project = Project([4] * 11, [[1]] * 11, [1], calendars={0: week})
    assert reason_of(project).amount == 4
    sk.rcpsp.write(project, tmp_path / "week.json")
    assert main(["solve", str(tmp_path / "week.json"), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], [reason["code"] for reason in answer["reasons"]]) == ("infeasible", ["too_much_work"])
    fits = Project([4] * 10, [[1]] * 10, [1], calendars={0: week})
    r = sk.rcpsp.solve(fits, time_limit=5)
    assert r.schedule is not None
    assert sk.check(fits, r.schedule) == []


def random_project(seed: int, *, pausable: bool) -> Project:
    """Some activities, and one or two resources whose calendars end closed or lowered."""
    rng = np.random.default_rng(seed)
    n, width = int(rng.integers(2, 11)), int(rng.integers(1, 3))
    capacity = rng.integers(1, 4, width)
    duration = rng.integers(0, 6, n)
    demand = rng.integers(0, capacity + 1, (n, width))
    calendars = {}
    for r in range(width):
        if r == 0 or rng.random() < 0.5:
            work = int((duration * demand[:, r]).sum()) // int(capacity[r]) + 2
            steps = np.sort(rng.choice(np.arange(1, 3 * work + 8), size=int(rng.integers(1, 5)), replace=False))
            levels = rng.integers(0, capacity[r] + 1, steps.size)
            levels[-1] = rng.integers(0, capacity[r])
            calendars[r] = Calendar(steps, levels)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.12]
    lag = rng.integers(0, 3, len(pairs)) if rng.random() < 0.5 else None
    relation = None
    if rng.random() < 0.3:
        relation = rng.choice(["FS", "SS", "FF", "SF"], size=len(pairs)).tolist()
        lag = rng.integers(-4, 5, len(pairs))
    release = rng.integers(0, 6, n) if rng.random() < 0.3 else None
    groups = [rng.choice(n, size=2, replace=False).tolist()] if rng.random() < 0.3 else None
    pauses = rng.random(n) < 0.4 if pausable else None
    return Project(
        duration,
        demand,
        capacity,
        precedence=pairs,
        relation=relation,
        lag=lag,
        release_time=release,
        calendars=calendars,
        disjunctive=groups,
        pausable=pauses,
    )


def ever_given(project: Project, r: int) -> int:
    """Units times ticks that a calendar gives from time 0 on, beyond all work if it does not close; tick by tick."""
    calendar = project.calendars[r]
    assert isinstance(calendar, Calendar)
    if calendar.capacity[-1] > 0:
        return 2**62
    levels = [int(project.capacity[r])] * int(calendar.time[0])
    for k in range(calendar.time.size - 1):
        levels += [int(calendar.capacity[k])] * int(calendar.time[k + 1] - calendar.time[k])
    return sum(levels)


def optimum(project: Project) -> int | None:
    """The least makespan by CP-SAT, one variable for each activity and start; None if there is no schedule."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    plain = Plain.of(project)
    steps = [int(calendar.time[-1]) for calendar in project.calendars.values() if isinstance(calendar, Calendar)]
    ready = max([0, *plain.release_time])
    horizon = max(steps) + ready + sum(plain.duration) + sum(abs(lag) for *_, lag in plain.precedence) + 1
    model = cp_model.CpModel()
    makespan = model.new_int_var(0, horizon, "makespan")
    use: dict[tuple[int, int], list[Any]] = {}
    together: dict[tuple[int, int], list[Any]] = {}
    start, end = [], []
    for i in range(plain.n):
        ends = {s: plain.completion(i, s, horizon) for s in range(plain.release_time[i], horizon + 1)}
        runs = {s: (e, model.new_bool_var("")) for s, e in ends.items() if e is not None and e <= horizon}
        model.add_exactly_one(x for _, x in runs.values())
        start.append(sum(s * x for s, (_, x) in runs.items()))
        end.append(sum(e * x for e, x in runs.values()))
        model.add(makespan >= end[i])
        for s, (e, x) in runs.items():
            for t in range(s, e):
                if plain.denied(i, t) is None:
                    for r, units in enumerate(plain.demand[i]):
                        use.setdefault((r, t), []).append(units * x)
                for g, group in enumerate(plain.disjunctive):
                    if i in group:
                        together.setdefault((g, t), []).append(x)
    for (r, t), terms in use.items():
        model.add(sum(terms) <= plain.level(r, t))
    for terms in together.values():
        model.add(sum(terms) <= 1)
    event = {"S": start, "F": end}
    for i, j, relation, lag in plain.precedence:
        model.add(event[relation[1]][j] >= event[relation[0]][i] + lag)
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # otherwise it leaves a handler with which Ctrl-C kills the process
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def agrees(project: Project) -> str:
    """Compares with what the calendars give and with CP-SAT; returns the status."""
    r = sk.rcpsp.solve(project, max_schedules=3000)
    for resource in project.calendars:
        work = int((project.duration * project.demand[:, resource]).sum())
        if work > ever_given(project, resource):
            assert r.status == "infeasible", "more work than the calendar ever gives"
    if r.near_miss is not None:
        made = r.near_miss
        planned = sk.rcpsp.ProjectSchedule.from_start_time(project, made.start_time)
        assert (planned.completion_time == made.completion_time).all()
        assert r.violations
        pausing = {violation.subject[0] for violation in r.violations if violation.kind == "duration"}
        assert project.pausable[sorted(pausing)].all()  # closed for good, such an activity never completes
        assert {violation.kind for violation in r.violations} <= {"downtime", "capacity", "disjunctive", "duration"}
    best = optimum(project)
    if r.schedule is not None:
        assert sk.check(project, r.schedule) == []
        assert best is not None
        assert r.lower_bound <= best <= r.schedule.makespan
        assert r.status != "optimal" or best == r.makespan
    else:
        assert best is None
    return r.status


@pytest.mark.parametrize("pausable", [False, True], ids=["rigid", "pausable"])
def test_random_projects_agree_with_cp_sat(*, pausable: bool) -> None:
    found = [agrees(random_project(seed, pausable=pausable)) for seed in range(PROJECTS)]
    assert found.count("infeasible") > PROJECTS // 10
    assert found.count("optimal") > PROJECTS // 4
