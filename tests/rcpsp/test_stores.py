"""Stores: the search, proofs and one pass against every start and CP-SAT, the checker, files, and published values."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main
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


@pytest.mark.parametrize("seed", range(30))
def test_files_and_pickles_keep_the_project(seed: int, tmp_path: Path) -> None:
    columns, project = made(random.Random(9000 + seed), 6)
    assert pickle.loads(pickle.dumps(project)) == project
    n = project.num_activities
    names: dict[str, Any] = {
        "names": [f"a{i}" for i in range(n)],
        "resource_names": [f"r{k}" for k in range(project.num_resources)],
    }
    named = sk.rcpsp.Project(**columns, **names)
    sk.rcpsp.write(named, tmp_path / "project.json")
    text = (tmp_path / "project.json").read_text()
    assert '"schema_version": 5' in text
    assert sk.rcpsp.read(tmp_path / "project.json") == named
    (tmp_path / "old.json").write_text(text.replace('"schema_version": 5', '"schema_version": 4'))
    with pytest.raises(sk.FormatError, match="needs schema_version 5"):
        sk.rcpsp.read(tmp_path / "old.json")


def framed(seed: int) -> sk.rcpsp.Project:
    """A project with dummies at both ends, with nothing but precedence, capacities and stores."""
    columns, _ = made(random.Random(seed), 6, windows=False, lags=False)
    width, stores = len(columns["capacity"]), len(columns["storage"])
    n, nothing = len(columns["duration"]), [[0] * stores]
    return sk.rcpsp.Project(
        [0, *columns["duration"], 0],
        [[0] * width, *columns["demand"], [0] * width],
        columns["capacity"],
        precedence=[*((0, i + 1) for i in range(n)), *((i + 1, n + 1) for i in range(n))],
        storage=[None] * stores,
        initial=columns["initial"],
        taken=[*nothing, *columns["taken"], *nothing],
        given=[*nothing, *columns["given"], *nothing],
    )


def test_files_look_as_documented(tmp_path: Path) -> None:
    project = sk.rcpsp.Project(
        [0, 3, 2, 0],
        [[0], [1], [2], [0]],
        [2],
        successors=[[1, 2], [3], [3], []],
        storage=[None],
        initial=[5],
        taken=[[0], [4], [0], [0]],
        given=[[0], [0], [3], [0]],
        names=["begin", "a", "b", "end"],
        resource_names=["r"],
    )
    sk.rcpsp.write(project, tmp_path / "x.rcp", format="storage")
    text = "4 1 1\n2 5\n0 0 0 0 2 2 3\n3 1 4 0 1 4\n2 2 0 3 1 4\n0 0 0 0 0\n"
    assert (tmp_path / "x.rcp").read_text() == text.replace(" ", "\t")
    sk.rcpsp.write(project, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "schedkit": "project",
        "schema_version": 5,
        "resources": [{"name": "r", "capacity": 2}],
        "activities": [
            {"name": "begin", "duration": 0},
            {"name": "a", "duration": 3, "demand": {"r": 1}, "predecessors": ["begin"], "taken": [4]},
            {"name": "b", "duration": 2, "demand": {"r": 2}, "predecessors": ["begin"], "given": [3]},
            {"name": "end", "duration": 0, "predecessors": ["a", "b"]},
        ],
        "storage": [None],
        "initial": [5],
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_storage_format_keeps_the_project(seed: int, tmp_path: Path) -> None:
    project = framed(seed)
    sk.rcpsp.write(project, tmp_path / "project.rcp", format="storage")
    assert sk.rcpsp.read(tmp_path / "project.rcp", format="storage") == project


FILE = "4 1 1\n2 5\n0 0 9 9 2 2 3\n3 1 4 0 1 4\n2 2 0 3 1 4\n0 0 9 9 0\n"


def test_a_storage_file(tmp_path: Path) -> None:
    (tmp_path / "x.rcp").write_text(FILE.replace("1 4\n2 2", "2 4 4\n2 2"))  # published files list the last dummy repeatedly
    project = sk.rcpsp.read(tmp_path / "x.rcp", format="storage")
    assert project == sk.rcpsp.Project(
        [0, 3, 2, 0],
        [[0], [1], [2], [0]],
        [2],
        precedence=[(0, 1), (0, 2), (1, 3), (2, 3)],
        storage=[None],
        initial=[5],
        taken=[[0], [4], [0], [0]],
        given=[[0], [0], [3], [0]],
    )
    assert sk.rcpsp.solve(project).makespan == 5


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("4 1 1", "4 1 -1", 1, "the number of stores is -1, must be >= 0"),
        ("2 5", "2 -5", 2, "initial of store 1 = -5: must be >= 0"),
        ("2 5", "2", 5, "unknown job 0, expected 1 to 4"),
        ("0 0 9 9 0", "0 0 9", 6, "the file ends before the amount given to store 1 by job 4"),
        ("3 1 4 0", "3 1 -4 0", 4, "job 2: taken of store 1 = -4: must be >= 0"),
        ("2 2 0 3", "2 2 0 -3", 5, "job 3: given of store 1 = -3: must be >= 0"),
        ("2 2 0 3 1 4", "2 2 0 3 1 7", 5, "unknown job 7, expected 1 to 4"),
        ("2 2 0 3 1 4", "2 9 0 3 1 4", 5, "job 3: demand of R1 = 9: exceeds the capacity 2"),
        ("2 2 0 3 1 4", "2 2 0 x 1 4", 5, "expected a whole number, found 'x'"),
        ("0 0 9 9 0", "0 0 9 9 0 7", 6, "unexpected 7 after the last of 4 jobs"),
    ],
)
def test_faults_of_storage_files_are_reported_with_line(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1
    (tmp_path / "x.rcp").write_text(FILE.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "x.rcp", format="storage")
    assert words in str(caught.value)
    assert caught.value.line == line


JSON = """{"schedkit": "project", "schema_version": 5,
"storage": [5, null],
"initial": [1, 2],
"resources": [],
"activities": [
{"name": "a", "duration": 1, "taken": [1, 2]},
{"name": "b", "duration": 1, "given": [0, 3]}]}"""


def test_json_with_stores(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(JSON)
    columns: dict[str, Any] = {"storage": [5, None], "initial": [1, 2], "taken": [[1, 2], [0, 0]], "given": [[0, 0], [0, 3]]}
    assert sk.rcpsp.read(tmp_path / "x.json") == sk.rcpsp.Project(
        [1, 1], [[], []], [], names=["a", "b"], resource_names=[], **columns
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"taken": [1, 2]', '"taken": [1]', 6, "activity 'a': taken has 1 numbers, expected 2"),
        ('"given": [0, 3]', '"given": [0, -3]', 7, "activity 'b': given of store 2 = -3: must be >= 0"),
        ('"given": [0, 3]', '"given": 3', 7, "expected a list of whole numbers, found 3"),
        ('"initial": [1, 2]', '"initial": [1]', None, "initial: has length 1, expected 2"),
        ('"initial": [1, 2]', '"initial": [6, 2]', 3, "initial of store 1 = 6: exceeds storage[0] = 5"),
        ("[5, null]", "[-5, null]", 2, "storage of store 1 = -5: must be >= 0"),
        ("[5, null]", '["5", null]', 2, "storage: expected a whole number"),
        ('"storage": [5, null],', "", 6, "taken has 2 numbers, expected 0"),
        ('schema_version": 5', 'schema_version": 4', 2, "'storage' needs schema_version 5"),
    ],
)
def test_faults_of_json_are_reported_with_line(old: str, new: str, line: int | None, words: str, tmp_path: Path) -> None:
    assert JSON.count(old) == 1
    (tmp_path / "x.json").write_text(JSON.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "x.json")
    assert words in str(caught.value)
    assert caught.value.line == line


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
            {"capacity": [1], "demand": [[1], [1]], "calendars": {0: sk.rcpsp.Calendar([0], [1])}},
            "storage: cannot be combined with calendars yet",
        ),
        ({"taken": [[1], [-2]], "names": ["a", "b"]}, "taken[1, 0] = -2 (activity 'b'): must be >= 0"),
    ],
)
def test_bad_input_is_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError) as caught:
        sk.rcpsp.Project(**{**PAIR, **given})
    assert message in str(caught.value)


def test_what_does_not_combine_is_refused_by_name(tmp_path: Path) -> None:
    project = sk.rcpsp.Project(**PAIR, due_date=[1, 1])
    with pytest.raises(sk.InvalidInputError, match="parallel scheme never goes back"):
        sk.rcpsp.parallel_sgs(project)
    with pytest.raises(sk.InvalidInputError, match="cannot be combined with storage yet"):
        sk.rcpsp.solve(project, objective="total_tardiness")
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


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.rcp"
    path.write_text(FILE)
    named = [str(path), "--format", "storage"]
    assert main(["info", *named, "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["storage"], about["initial"]) == ([None], [5])
    assert main(["solve", *named, "--max-schedules", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["objective"] == 5
    (tmp_path / "found.json").write_text(json.dumps(found))
    assert main(["check", *named, "found.json"]) == 0
    # Job 3 gives 3 at 2, so that job 2 can take 6 of 5 + 3 then, but not at once.
    path.write_text(FILE.replace("3 1 4 0", "3 1 6 0"))
    capsys.readouterr()
    (tmp_path / "early.json").write_text(json.dumps({"start_time": [0, 0, 3, 5], "completion_time": [0, 3, 5, 5]}))
    assert main(["check", *named, "early.json", "--json"]) == 1
    assert [v["kind"] for v in json.loads(capsys.readouterr().out)["violations"]] == ["storage"]
    assert main(["solve", *named, "--algorithm", "serial", "--json"]) == 0  # not justified
    assert json.loads(capsys.readouterr().out)["makespan"] == 5
