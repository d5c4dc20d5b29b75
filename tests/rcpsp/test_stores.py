"""Stores: the search, proofs and one pass against every start and CP-SAT, the checker, and published values."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.rcpsp import cp_sat

from tests import data

from .stores import best, made

TANK: dict[str, Any] = {
    "duration": [3, 2, 2, 4],
    "demand": [[1], [1], [1], [1]],
    "capacity": [2],
    "storage": [10],
    "initial": [2],
    "taken": [[0], [8], [4], [0]],
    "given": [[8], [0], [0], [6]],
    "names": ["brew", "bottle", "serve", "brew more"],
}


def tank() -> sk.rcpsp.Project:
    """A tank of 10 holds 2. Two brews fill it with 8 and 6, bottling takes 8, serving takes 4."""
    return sk.rcpsp.Project(**TANK)


def test_the_example_by_hand() -> None:
    # 11 ticks of work take 6 on two machines. Both brews are on at first; 8 more are in the tank at 3, and bottling takes them.
    # The second brew brings the level from 2 to 8 at 4, when its machine is free for serving.
    found = sk.rcpsp.solve(tank(), max_schedules=100)
    assert (found.makespan, found.status) == (6, "optimal")
    assert found.schedule is not None
    assert sk.check(tank(), found.schedule) == []
    assert sk.check(tank(), sk.rcpsp.ProjectSchedule.from_start_time(tank(), [0, 3, 4, 0])) == []


def test_one_pass_lets_those_that_give_go_first() -> None:
    # By priority bottling and serving come first, but there is nothing to take yet.
    s = sk.rcpsp.serial_sgs(tank(), [2, 0, 1, 3])
    assert s.start_time.tolist() == [0, 3, 4, 0]
    # Served first, the tank holds too little to bottle 8, and too much for the second brew.
    rows = sk.rcpsp.serial_sgs_many(tank(), [[2, 0, 1, 3], [0, 3, 1, 2]], starts=True)
    assert rows.makespan.tolist() == [6, -1]
    with pytest.raises(sk.InfeasibleError, match="no place for 2 of the activities within the levels of stores"):
        sk.rcpsp.serial_sgs(tank(), [0, 3, 1, 2])


def test_the_checker_names_store_and_moment() -> None:
    early = sk.rcpsp.ProjectSchedule.from_start_time(tank(), [0, 2, 4, 1])
    found = [v for v in sk.check(tank(), early) if v.kind == "storage"]
    assert [(v.subject, v.detail) for v in found] == [
        ((0, 2), "store 0 holds -6 at 2, less than nothing"),
        ((0, 4), "store 0 holds -2 at 4, less than nothing"),  # one for each stretch of time
    ]
    full = sk.rcpsp.ProjectSchedule.from_start_time(tank(), [0, 5, 7, 0])
    found = [v for v in sk.check(tank(), full) if v.kind == "storage"]
    assert [(v.subject, v.detail) for v in found] == [((0, 4), "store 0 holds 16 at 4, more than its capacity of 10")]


def test_giving_and_taking_at_one_moment_count_together() -> None:
    # The full store could not take 3 more, and the empty one could not give 3; at one moment both happen.
    for storage, initial in ((3, 3), (3, 0)):
        columns: dict[str, Any] = {"storage": [storage], "initial": [initial], "taken": [[0], [3]], "given": [[3], [0]]}
        project = sk.rcpsp.Project([2, 2], [[], []], [], **columns)
        s = sk.rcpsp.ProjectSchedule.from_start_time(project, [0, 2])
        assert sk.check(project, s) == []
    # What takes no time takes and gives at once.
    project = sk.rcpsp.Project([0], [[]], [], storage=[0], taken=[[5]], given=[[5]])
    assert sk.rcpsp.solve(project).makespan == 0


def test_activities_that_wait_for_each_other_have_no_schedule() -> None:
    columns: dict[str, Any] = {"storage": [None, None], "taken": [[1, 0], [0, 1]], "given": [[0, 1], [1, 0]]}
    project = sk.rcpsp.Project([2, 3], [[], []], [], **columns)
    found = sk.rcpsp.solve(project)
    assert (found.status, found.schedule) == ("infeasible", None)
    assert [(reason.code, reason.activities, reason.amount) for reason in found.reasons] == [("storage_level", (0, 1), 1)]
    assert found.reasons[0].detail == (
        "activity 0 takes 1 of store 0, but all that can have been given before leaves 0 at most; "
        "another activity waits as well"
    )
    with pytest.raises(sk.InfeasibleError, match="another activity waits as well"):
        sk.rcpsp.serial_sgs(project)
    # What takes no time gives at the moment at which it takes.
    assert sk.rcpsp.solve(sk.rcpsp.Project([0, 0], [[], []], [], **columns)).makespan == 0
    lent = sk.rcpsp.Project([2, 3], [[], []], [], **columns, initial=[1, 0])
    assert sk.rcpsp.solve(lent).makespan == 5


def test_what_all_take_and_give_together_is_a_reason() -> None:
    project = sk.rcpsp.Project([1, 1], [[], []], [], storage=[9], initial=[3], taken=[[2], [4]], given=[[1], [0]])
    reasons = sk.rcpsp.diagnose(project)
    assert [(reason.code, reason.activities, reason.amount) for reason in reasons] == [("storage_level", (0, 1), 2)]
    assert reasons[0].detail == "store 0 begins with 3, all activities take 6 and give 1: 2 are missing"
    full = sk.rcpsp.Project([1, 1], [[], []], [], storage=[4], initial=[3], given=[[1], [1]])
    found = sk.rcpsp.solve(full)
    assert (found.status, found.reasons[0].detail) == (
        "infeasible",
        "store 0 begins with 3, all activities take 0 and give 2: 1 are beyond its capacity of 4",
    )
    with pytest.raises(sk.InfeasibleError, match="beyond its capacity"):
        sk.rcpsp.serial_sgs(full)


@pytest.mark.parametrize("seed", range(200))
def test_optima_of_small_projects_are_those_of_all_starts(seed: int) -> None:
    columns, project = made(random.Random(seed))
    expected = best(columns)
    found = sk.rcpsp.solve(project, max_schedules=400, seed=seed, late=bool(seed % 2))
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal"), columns
    if found.schedule is None:
        assert found.reasons
        return
    assert found.makespan is not None
    assert sk.check(project, found.schedule) == []
    assert sk.rcpsp.lower_bound(project) <= found.makespan
    assert sk.rcpsp.diagnose(project) == []
    assert bool((sk.rcpsp.critical_path(project).earliest_start <= found.schedule.start_time).all())
    try:
        one = sk.rcpsp.serial_sgs(project, "random", seed=seed)
    except sk.InfeasibleError:
        return
    assert sk.check(project, one) == []
    assert one.makespan >= found.makespan


@pytest.mark.parametrize("seed", range(200, 240))
def test_a_prover_on_a_thread_of_its_own_comes_to_the_same_optimum(seed: int) -> None:
    columns, project = made(random.Random(seed))
    expected = best(columns)
    found = sk.rcpsp.solve(project, time_limit=60, threads=2, seed=seed)
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal"), columns
    assert found.schedule is None or sk.check(project, found.schedule) == []


@pytest.mark.parametrize("seed", range(60))
def test_optima_are_those_of_cp_sat(seed: int) -> None:
    pytest.importorskip("ortools")
    source = random.Random(1000 + seed)
    _, project = made(source, 7)
    fixed, now = None, 0
    if seed % 3 == 0:
        fixed, now = {0: (0, source.randint(0, 4))}, source.randint(0, 3)
    found = sk.rcpsp.solve(project, max_schedules=2000, seed=seed, fixed=fixed, now=now)
    proof = sk.rcpsp.prove(project, seed=seed, fixed=fixed, now=now)
    assert (found.makespan, found.status) == (proof.makespan, proof.status)
    if found.schedule is not None:
        assert sk.check(project, found.schedule, fixed=fixed, now=now) == []


@pytest.mark.parametrize("seed", range(40))
def test_cp_sat_alone_agrees(seed: int) -> None:
    pytest.importorskip("ortools")
    _, project = made(random.Random(3000 + seed), 5)
    run = cp_sat.Run(project, cp_sat.Past({}, 0), None, None, seed, 1)
    assert run.wait(None, None, lambda *_: None) is None
    answer, own = run.answer(), sk.rcpsp.solve(project, max_schedules=500)
    assert (None if answer.schedule is None else answer.schedule.makespan) == own.makespan
    assert answer.refuted == (own.status == "infeasible")
    assert answer.schedule is None or sk.check(project, answer.schedule) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_activity_of_a_late_schedule_can_start_later_alone(seed: int) -> None:
    _, project = made(random.Random(5000 + seed), 5)
    found = sk.rcpsp.solve(project, max_schedules=300, late=True)
    if found.schedule is None:
        return
    for i in range(project.num_activities):
        for later in range(1, 6):
            start = found.schedule.start_time.copy()
            start[i] += later
            moved = sk.rcpsp.ProjectSchedule.from_start_time(project, start)
            assert moved.makespan > found.schedule.makespan or sk.check(project, moved) != [], (i, later)


@pytest.mark.parametrize("seed", range(20))
def test_equal_seeds_give_equal_answers_for_any_threads_and_longer_times(seed: int) -> None:
    columns, project = made(random.Random(7000 + seed), 7, windows=False, lags=False)
    one = sk.rcpsp.solve(project, max_schedules=300, seed=seed)
    two = sk.rcpsp.solve(project, max_schedules=300, seed=seed, threads=2)
    assert (one.schedule, one.num_schedules, one.lower_bound) == (two.schedule, two.num_schedules, two.lower_bound)
    slower = {
        **columns,
        "duration": [7 * ticks for ticks in columns["duration"]],
        "lag": [7 * ticks for ticks in columns["lag"]],
    }
    three = sk.rcpsp.solve(sk.rcpsp.Project(**slower), max_schedules=300, seed=seed)
    assert three.makespan == (None if one.makespan is None else 7 * one.makespan)


PAIR: dict[str, Any] = {
    "duration": [1, 1],
    "demand": [[], []],
    "capacity": [],
    "storage": [5],
    "initial": [1],
    "taken": [[1], [2]],
    "given": [[3], [0]],
}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"storage": [-1]}, "storage[0] = -1: must be >= 0"),
        ({"storage": [2**53 + 1]}, "storage[0] = 9007199254740993: exceeds 2**53"),
        ({"storage": [1.5]}, "storage[0] = 1.5"),
        ({"storage": ["x"]}, "storage"),
        ({"storage": [[5]]}, "storage"),
        ({"storage": 5}, "storage"),
        ({"storage": [True]}, "storage"),
        ({"storage": [5, 5]}, "initial: has length 1, expected 2"),
        ({"storage": None}, "initial: is given without storage, the capacities of the stores"),
        ({"storage": []}, "initial: is given, but storage has no store"),
        ({"initial": [-1]}, "initial[0] = -1: must be >= 0"),
        ({"initial": [6]}, "initial[0] = 6: exceeds storage[0] = 5"),
        ({"initial": [None]}, "initial"),
        ({"initial": [float("nan")]}, "initial[0] = nan"),
        ({"storage": [None], "initial": [2**53 + 1]}, "initial[0] = 9007199254740993: exceeds 2**53"),
        ({"taken": [[1], [-2]]}, "taken[1, 0] = -2: must be >= 0"),
        ({"taken": [[1]]}, "taken: has 1 rows, expected 2"),
        ({"taken": [1, 2]}, "taken"),
        ({"taken": [[1, 1], [2, 2]]}, "taken"),
        ({"given": [[2**53], [1]]}, "given[1, 0] = 1: the sum of the store up to here exceeds 2**53"),
        ({"given": [[0.5], [1]]}, "given[0, 0] = 0.5"),
        ({"activity": [0, 1]}, "storage: cannot be combined with modes yet"),
        (
            {
                "capacity": [1],
                "demand": [[1], [1]],
                "calendars": {0: sk.rcpsp.Calendar([0], [1])},
                "pausable": [True, False],
            },
            "storage: cannot be combined with pausable activities on calendars yet",
        ),
        ({"taken": [[1], [-2]], "names": ["a", "b"]}, "taken[1, 0] = -2 (activity 'b'): must be >= 0"),
    ],
)
def test_bad_input_is_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError) as caught:
        sk.rcpsp.Project(**{**PAIR, **given})
    assert message in str(caught.value)


def test_what_does_not_combine_is_refused_by_name(tmp_path: Path) -> None:
    project = sk.rcpsp.Project(**PAIR)
    with pytest.raises(sk.InvalidInputError, match="parallel scheme never goes back"):
        sk.rcpsp.parallel_sgs(project)
    with pytest.raises(sk.InvalidInputError, match="justification"):
        sk.rcpsp.justify(project, sk.rcpsp.serial_sgs(project))
    for name in ("sm", "sch"):
        with pytest.raises(sk.InvalidInputError, match="storage"):
            sk.rcpsp.write(sk.rcpsp.Project(**PAIR), tmp_path / f"x.{name}")
    with pytest.raises(sk.InvalidInputError, match=r"no place for storage\[0\] = 5"):
        sk.rcpsp.write(sk.rcpsp.Project(**PAIR), tmp_path / "x.rcp", format="storage")


def test_the_fixed_past_empties_and_fills_stores() -> None:
    found = sk.rcpsp.solve(tank(), fixed={0: (-2, 1)}, now=1)
    assert found.schedule is not None
    assert (found.schedule.start_time[0], found.makespan) == (-2, 7)  # 10 are there at 1, but the second brew must wait
    assert sk.check(tank(), found.schedule, fixed={0: (-2, 1)}, now=1) == []
    # Bottling has begun although there was too little: no schedule mends that.
    clash = sk.rcpsp.solve(tank(), fixed={1: (0, 2)}, now=2)
    assert (clash.status, clash.schedule) == ("infeasible", None)


def test_attributes_and_an_empty_project() -> None:
    assert tank().storage is not None
    assert tank().has_stores
    plain = sk.rcpsp.Project([1], [[]], [], storage=[])
    assert (plain.has_stores, plain.storage, plain.initial, plain.taken, plain.given) == (False, None, None, None, None)
    assert plain == sk.rcpsp.Project([1], [[]], [])
    empty = sk.rcpsp.Project([], np.zeros((0, 0)), [], storage=[None, 4])
    assert empty.storage is not None
    assert empty.storage.tolist() == [2**63 - 1, 4]
    assert sk.rcpsp.solve(empty).makespan == 0
    assert tank() != sk.rcpsp.Project(**{**TANK, "initial": [3]})
    defaults = sk.rcpsp.Project([1], [[]], [], storage=[None])
    assert defaults.taken is not None
    assert defaults.initial is not None
    assert (defaults.initial.tolist(), defaults.taken.tolist()) == ([0], [[0]])


def test_charts_and_traces_show_levels(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = sk.rcpsp.solve(tank(), max_schedules=100)
    assert found.schedule is not None
    figure = found.schedule.plot().figure
    assert [axes.get_ylabel() for axes in figure.axes][1:] == ["resource 0", "store 0"]
    found.schedule.to_chrome_trace(tmp_path / "trace.json")
    assert '"store 0"' in (tmp_path / "trace.json").read_text()


@pytest.mark.parametrize("folder", ["KSD15_d_ConsProd", "KSD30_ConsProd", "BL_ConsProd", "Pack_ConsProd"])
def test_published_values(folder: str) -> None:
    base = data.unpacked("storage", "storage.tar.gz")
    known = [row for row in data.table("storage", "bks.csv") if row["instance"].startswith(folder) and row["status"] != "open"]
    infeasible = [row for row in known if row["status"] == "infeasible"]
    for row in [*known[::20][:6], *infeasible[:3]]:
        project = sk.rcpsp.read(base / row["instance"], format="storage")
        found = sk.rcpsp.solve(project, max_schedules=5_000)
        if row["status"] == "infeasible":
            assert found.status in {"infeasible", "unknown"}, row
            continue
        assert found.schedule is not None, row
        assert found.makespan is not None
        assert sk.check(project, found.schedule) == []
        assert found.lower_bound <= int(row["best_known"]) <= found.makespan
        assert found.status != "optimal" or found.makespan == int(row["best_known"]), row
