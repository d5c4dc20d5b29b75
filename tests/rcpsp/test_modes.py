"""Activities with several modes: data, files, schemes, search and proofs."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from schedkit.cli import main

from tests import data

from . import multi_mode

SMALL: dict[str, Any] = {
    "duration": [2, 5, 3, 1],
    "demand": [[2], [1], [1], [2]],
    "capacity": [2],
    "activity": [0, 0, 1, 1],
    "nonrenewable": [5],
    "consumption": [[4], [0], [0], [2]],
}
"""Two activities in two modes: fast and dear, or slow and cheap."""
QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def small(**changes: Any) -> sk.rcpsp.Project:
    return sk.rcpsp.Project(**{**SMALL, **changes})


def horizon(project: sk.rcpsp.Project) -> int:
    """A time by which some schedule ends, if there is one."""
    return int(project.duration.sum() + np.maximum(project.lag, 0).sum() + project.release_time.max(initial=0)) + 6


def test_rows_are_modes() -> None:
    project = small()
    assert (project.num_activities, project.duration.shape, project.demand.shape) == (2, (4,), (4, 1))
    assert repr(project) == "Project(activities=2, modes=4, resources=1, precedence=0)"
    assert pickle.loads(pickle.dumps(project)) == project
    assert small(nonrenewable=[6]) != project
    assert sk.rcpsp.Project([1], [[]], []).activity is None


def test_the_best_modes_by_hand() -> None:
    # Both fast modes together consume 6 of 5. Fast 0 beside slow 1 do not fit side by side: 2 + 3; slow 0 beside slow 1: 5;
    # slow 0 and fast 1 one after the other: 6.
    r = sk.rcpsp.solve(small(), max_schedules=100)
    assert (r.status, r.makespan, r.lower_bound) == ("optimal", 5, 5)
    assert sk.check(small(), r.schedule) == []
    rich = sk.rcpsp.solve(small(nonrenewable=[6]), max_schedules=100)
    assert rich.schedule is not None
    assert (rich.makespan, rich.schedule.mode.tolist()) == (3, [0, 3])


def test_stocks_that_never_suffice_are_a_reason() -> None:
    poor = small(consumption=[[4], [3], [3], [4]])
    r = sk.rcpsp.solve(poor)
    assert (r.status, r.schedule, [(reason.code, reason.amount) for reason in r.reasons]) == (
        "infeasible", None, [("stock_exceeded", 1)],
    )  # fmt: skip
    assert [reason.code for reason in sk.rcpsp.diagnose(poor)] == ["stock_exceeded"]
    with pytest.raises(sk.InfeasibleError, match="consume at least 6 of stock 0, which holds 5"):
        sk.rcpsp.serial_sgs(poor)


def test_two_stocks_that_suffice_alone_but_not_together() -> None:
    tight = sk.rcpsp.Project(
        [1, 1, 1, 1],
        [[], [], [], []],
        [],
        activity=[0, 0, 1, 1],
        nonrenewable=[3, 3],
        consumption=[[3, 0], [0, 3], [1, 1], [1, 2]],
    )
    assert list(multi_mode.combinations(tight)) == []
    r = sk.rcpsp.solve(tight, max_schedules=1000)
    assert (r.status, [reason.code for reason in r.reasons]) == ("infeasible", ["exhausted"])


@QUICK
@given(multi_mode.projects())
def test_search_agrees_with_every_combination_of_modes(project: sk.rcpsp.Project) -> None:
    best = multi_mode.best_makespan(project, horizon(project))
    r = sk.rcpsp.solve(project, max_schedules=300)
    if best is None:
        assert r.status == "infeasible", r
        return
    assert (r.status, r.makespan, r.lower_bound) == ("optimal", best, best)
    assert sk.check(project, r.schedule) == []
    assert sk.rcpsp.lower_bound(project) <= best


@QUICK
@given(multi_mode.projects(most=3, kinds=("relation", "deadline")))
def test_activities_that_may_overlap_their_predecessors(project: sk.rcpsp.Project) -> None:
    best = multi_mode.best_makespan(project, horizon(project) + 6)
    r = sk.rcpsp.solve(project, max_schedules=300)
    if best is None:
        assert r.status in {"infeasible", "unknown"}
        return
    assert r.status in {"optimal", "feasible", "unknown"}
    assert r.lower_bound <= best
    if r.schedule is not None:
        assert sk.check(project, r.schedule) == []
        assert r.makespan is not None
        assert r.makespan >= best
        assert (r.status == "optimal") <= (r.makespan == best)


@QUICK
@given(multi_mode.projects(kinds=()))
def test_schemes_run_in_given_modes(project: sk.rcpsp.Project) -> None:
    for rows, single in list(multi_mode.combinations(project))[:3]:
        for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
            schedule = scheme(project, mode=rows)
            assert schedule.start_time.tolist() == scheme(single).start_time.tolist()
            assert schedule.mode.tolist() == rows
            assert sk.check(project, schedule) == []
            better = sk.rcpsp.justify(project, schedule)
            assert (better.mode.tolist(), sk.check(project, better)) == (rows, [])
            assert better.makespan <= schedule.makespan
        assert sk.rcpsp.serial_sgs_many(project, [[0] * single.num_activities], mode=rows).makespan.tolist() == [
            sk.rcpsp.serial_sgs(single, [0] * single.num_activities).makespan
        ]


@QUICK
@given(multi_mode.projects(kinds=()))
def test_one_pass_finds_modes_wherever_there_are_some(project: sk.rcpsp.Project) -> None:
    possible = next(multi_mode.combinations(project), None) is not None
    if possible:
        assert sk.check(project, sk.rcpsp.serial_sgs(project)) == []
    else:
        with pytest.raises(sk.InfeasibleError):
            sk.rcpsp.serial_sgs(project)


def test_late_keeps_makespan_and_modes() -> None:
    project = small(nonrenewable=[6], duration=[2, 5, 3, 1], capacity=[4])
    early = sk.rcpsp.solve(project, max_schedules=100)
    late = sk.rcpsp.solve(project, max_schedules=100, late=True)
    assert early.schedule is not None
    assert late.schedule is not None
    assert late.makespan == early.makespan == 2
    assert late.schedule.start_time.tolist() == [0, 1]
    assert sk.check(project, late.schedule) == []


def test_what_has_started_keeps_its_mode() -> None:
    project = small(nonrenewable=[6])
    r = sk.rcpsp.solve(project, fixed={0: (0, 5, 1)}, now=1, max_schedules=100)
    assert r.schedule is not None
    assert r.schedule.mode.tolist()[0] == 1
    assert r.schedule.completion_time.tolist()[0] == 5
    assert r.makespan == 5
    assert sk.check(project, r.schedule, fixed={0: (0, 5)}, now=1) == []


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((0, 5, 2), r"fixed\[0\].mode = 2: is no mode of activity 0"),
        ((0, 5, 9), r"fixed\[0\].mode = 9: must be <= 3"),
        ((0, 5, -1), "must be >= 0"),
    ],
)
def test_modes_of_the_past_are_checked(span: tuple[int, int, int], message: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=message):
        sk.rcpsp.solve(small(), fixed={0: span})


def test_the_planned_end_of_a_mode_that_is_named() -> None:
    r = sk.rcpsp.solve(small(nonrenewable=[6]), fixed={0: (0, None, 1)}, max_schedules=100)
    assert r.schedule is not None
    assert r.schedule.completion_time.tolist()[0] == 5


def test_objectives_that_count_from_due_dates() -> None:
    project = small(due_date=[2, 4], nonrenewable=[6])
    r = sk.rcpsp.solve(project, objective="total_tardiness", max_schedules=200)
    assert r.schedule is not None
    assert (r.objective, r.status, sk.check(project, r.schedule)) == (0, "optimal", [])
    poor = sk.rcpsp.solve(small(due_date=[2, 2]), objective="total_tardiness", max_schedules=200)
    # Fast 0, then slow 1: 0 + 3; both slow, side by side: 3 + 1; fast 1, then slow 0: 4.
    assert poor.objective == 3


def test_a_budget_alone_decides_the_answer() -> None:
    rng = np.random.default_rng(5)
    owner = np.repeat(np.arange(12), 3)
    project = sk.rcpsp.Project(
        rng.integers(1, 9, 36), rng.integers(0, 5, (36, 2)), [6, 6], activity=owner, nonrenewable=[40],
        consumption=rng.integers(0, 8, (36, 1)), precedence=[(i, i + 3) for i in range(9)],
    )  # fmt: skip
    first = sk.rcpsp.solve(project, max_schedules=500, seed=3)
    for threads in (1, 2):
        again = sk.rcpsp.solve(project, max_schedules=500, seed=3, threads=threads)
        assert again.schedule == first.schedule
        assert again.num_schedules == first.num_schedules
    assert sk.check(project, first.schedule) == []
    warm = sk.rcpsp.solve(project, max_schedules=1, warm_start=first.schedule)
    assert warm.makespan is not None
    assert first.makespan is not None
    assert warm.makespan <= first.makespan


# --- the checker


@pytest.mark.parametrize(
    ("mode", "start", "end", "expected"),
    [
        ([0, 2], [0, 2], [2, 5], []),
        ([0, 3], [0, 2], [2, 3], ["stock"]),
        ([2, 2], [0, 2], [2, 5], ["mode"]),
        ([0, 9], [0, 2], [2, 5], ["mode"]),
        ([1, 2], [0, 2], [2, 5], ["duration"]),
        ([0, 2], [0, 1], [2, 4], ["capacity"]),
    ],
)
def test_violations_of_modes(mode: list[int], start: list[int], end: list[int], expected: list[str]) -> None:
    claim = {"start_time": start, "completion_time": end, "mode": mode}
    assert [v.kind for v in sk.check(small(), claim)] == expected
    entries = [{"activity": i, "start": start[i], "end": end[i], "mode": mode[i]} for i in range(2)]
    assert [v.kind for v in sk.check(small(), {"activities": entries})] == expected


def test_a_schedule_without_modes_says_nothing_of_them() -> None:
    claim = {"start_time": [0, 2], "completion_time": [2, 5]}
    assert [v.kind for v in sk.check(small(), claim)] == ["mode", "mode"]
    assert [v.subject for v in sk.check(small(), claim)] == [(0,), (1,)]
    alone = sk.rcpsp.Project([2], [[1]], [1], nonrenewable=[1], consumption=[[2]])
    stock = sk.check(alone, {"start_time": [0], "completion_time": [2]})
    assert [(v.kind, v.subject, v.detail) for v in stock] == [("stock", (0,), "the modes consume 2 of stock 0, which holds 1")]
    with pytest.raises(sk.InvalidInputError, match="mode: must be given"):
        sk.rcpsp.ProjectSchedule.from_start_time(small(), [0, 2])
    made = sk.rcpsp.ProjectSchedule.from_start_time(small(), [0, 2], [0, 2])
    assert (made.completion_time.tolist(), sk.check(small(), made.to_dict())) == ([2, 5], [])


# --- input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activity": [0, 0, 1]}, "activity: has length 3, expected 4"),
        ({"activity": [0, 0, 2, 2]}, "activity: no row is a mode of activity 1"),
        ({"activity": [0, 0, -1, 1]}, "activity[2] = -1: must be >= 0"),
        ({"activity": [0, 0, 1, 7]}, "activity[3] = 7: unknown activity"),
        ({"duration": [2, -5, 3, 1]}, "duration[1] = -5: must be >= 0"),
        ({"demand": [[3], [3], [1], [2]]}, "demand[0, 0] = 3: no mode of activity 0 fits: exceeds capacity[0] = 2"),
        ({"nonrenewable": [-1]}, "nonrenewable[0] = -1: must be >= 0"),
        ({"consumption": [[4], [0], [-1], [2]]}, "consumption[2, 0] = -1: must be >= 0"),
        ({"consumption": [[4], [0], [1]]}, "consumption: has 3 rows, expected 4"),
        ({"nonrenewable": None}, "consumption: is given without nonrenewable"),
    ],
)
def test_modes_are_checked_by_name_and_position(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.InvalidInputError) as caught:
        small(**changes)
    assert str(caught.value).startswith(message)


def test_a_mode_that_does_not_fit_is_never_chosen() -> None:
    project = small(demand=[[3], [1], [1], [2]], nonrenewable=[9])
    r = sk.rcpsp.solve(project, max_schedules=100)
    assert r.schedule is not None
    assert r.schedule.mode.tolist()[0] == 1
    with pytest.raises(sk.InvalidInputError, match="demand"):
        sk.rcpsp.serial_sgs(project, mode=[0, 2])


@pytest.mark.parametrize(("mode", "index"), [([1, 1], 1), ([-1, 2], 0), ([0, 4], 1)])
def test_modes_of_other_activities_are_refused(mode: list[int], index: int) -> None:
    with pytest.raises(sk.InvalidInputError, match=f"is no mode of activity {index}"):
        sk.rcpsp.serial_sgs(small(), mode=mode)
    with pytest.raises(sk.InvalidInputError, match="the project has no modes"):
        sk.rcpsp.serial_sgs(sk.rcpsp.Project([1], [[]], []), mode=[0])


@pytest.mark.parametrize(
    ("field", "given"),
    [("calendars", {0: sk.rcpsp.Calendar([0], [2])}), ("disjunctive", [[0, 1]])],
)
def test_what_does_not_combine_is_refused_by_name(field: str, given: Any) -> None:
    project = small(**{field: given})
    with pytest.raises(sk.InvalidInputError, match=f"{field}: cannot be combined"):
        sk.rcpsp.solve(project)
    assert sk.check(project, sk.rcpsp.serial_sgs(project)) == []  # in given modes everything combines


# --- files


def test_files_keep_modes(tmp_path: Path) -> None:
    project = small(precedence=[(0, 1)], lag=[2], names=["dig", "pour"], resource_names=["crew"])
    path = tmp_path / "modes.json"
    sk.rcpsp.write(project, path)
    content = json.loads(path.read_text())
    assert (content["schema_version"], content["nonrenewable"]) == (3, [5])
    assert content["activities"][0]["modes"][0] == {"duration": 2, "demand": {"crew": 2}, "consumption": [4]}
    assert sk.rcpsp.read(path) == project
    plain = small(precedence=[(0, 1)])
    sk.rcpsp.write(plain, tmp_path / "modes.mm")
    assert sk.rcpsp.read(tmp_path / "modes.mm") == plain
    with pytest.raises(sk.InvalidInputError, match="has no place for lag"):
        sk.rcpsp.write(project, tmp_path / "modes.mm")
    with pytest.raises(sk.InvalidInputError, match="has no place for modes"):
        sk.rcpsp.write(plain, tmp_path / "modes.sm")
    with pytest.raises(sk.InvalidInputError, match="is for projects with modes"):
        sk.rcpsp.write(sk.rcpsp.Project([1], [[]], []), tmp_path / "plain.mm")


MM = """\
jobs (incl. supersource/sink ):  2
  - renewable                 :  1   R
  - nonrenewable              :  1   N
  - doubly constrained        :  0   D
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        2          1           2
   2        2          0
************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
------------------------
  1      1     2       2    4
         2     5       1    0
  2      1     3       1    0
         2     1       2    2
************************
 RESOURCE AVAILABILITIES
  R 1  N 1
   2    5
************************
"""


def test_both_spellings_of_multi_mode_files(tmp_path: Path) -> None:
    path = tmp_path / "two.mm"
    for text in (MM, MM.replace("RESOURCE AVAILABILITIES", "RESOURCEAVAILABILITIES:")):
        path.write_text(text)
        assert sk.rcpsp.read(path) == small(precedence=[(0, 1)])
        assert sk.rcpsp.read(path, format="mm") == small(precedence=[(0, 1)])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("         2     5", "         3     5", 14, "expected mode 2 of job 1, found 3"),
        ("       1    0\n  2 ", "       1    0    7\n  2 ", 14, "job 1 has 3 demands, expected 2"),
        ("   2        2          0", "   2        0          0", 8, "job 2 has 0 modes"),
        ("   2    5\n", "   2\n", 20, "1 capacities, expected 2"),
        ("doubly constrained        :  0", "doubly constrained        :  1", 4, "doubly constrained resources"),
        ("     5       1    0", "     5       1   -3", 14, "job 1, mode 2: consumption of stock 1 = -3: must be >= 0"),
        ("     5       1    0", "    -5       1    0", 14, "job 1, mode 2: duration = -5: must be >= 0"),
    ],
)
def test_faults_in_multi_mode_files(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert MM.count(old) == 1, old
    path = tmp_path / "bad.mm"
    path.write_text(MM.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(path)
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)


MODES = """\
{"schedkit": "project", "schema_version": 3, "resources": [{"name": "crew", "capacity": 2}], "nonrenewable": [5],
 "activities": [
  {"name": "a",
   "modes": [{"duration": 2, "demand": {"crew": 2}, "consumption": [4]},
    {"duration": 5}]}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"schema_version": 3', '"schema_version": 2', 1, "'nonrenewable' needs schema_version 3"),
        ("[4]", "[4, 4]", 4, "activity 'a': modes[0]: consumption has 2 numbers, expected 1"),
        ('{"crew": 2}', '{"boat": 2}', 4, "the unknown resource 'boat'"),
        ('"duration": 5', '"duration": -5', 5, "activity 'a': modes[1]: duration = -5: must be >= 0"),
        ('"name": "a",', '"name": "a", "duration": 4,', 5, "has modes and 'duration'"),
        ('{"duration": 5}', "{}", 5, "modes[1]: has no 'duration'"),
    ],
)
def test_faults_in_our_files(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(MODES)
    assert sk.rcpsp.read(path).duration.tolist() == [2, 5]
    path.write_text(MODES.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(path)
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)


def test_the_command_line_knows_modes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, made = tmp_path / "two.mm", tmp_path / "schedule.json"
    path.write_text(MM)
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modes"] == 4
    assert main(["solve", str(path), "--max-schedules", "50", "--json"]) == 0
    made.write_text(out := capsys.readouterr().out)
    assert (json.loads(out)["makespan"], json.loads(out)["mode"]) == (5, [0, 2])
    assert main(["check", str(path), str(made)]) == 0
    assert main(["solve", str(path), "--max-schedules", "50"]) == 0
    assert "mode" in capsys.readouterr().out
    picture = tmp_path / "two.png"
    assert main(["gantt", str(path), "--schedule", str(made), "-o", str(picture)]) == 0
    assert picture.stat().st_size > 0


# --- shared instances


def test_small_benchmarks_are_solved_to_proven_optima() -> None:
    rows = {row["file"]: row for row in data.table("mmrcpsp", "bks.csv")}
    files = data.files(("mmrcpsp", "psplib_mm_sample.tar.gz"), ".mm")
    chosen = sorted(name for name in files if name.startswith("j10"))[::4]
    assert chosen
    for name in chosen:
        project = sk.rcpsp.read(files[name])
        r = sk.rcpsp.solve(project, max_schedules=20_000)
        assert (name, r.status, r.makespan) == (name, "optimal", int(rows[name]["upper_bound"]))
        assert sk.check(project, r.schedule) == []


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(multi_mode.projects(most=6, kinds=("relation", "lag", "release_time", "deadline")))
def test_search_agrees_with_cp_sat(project: sk.rcpsp.Project) -> None:
    pytest.importorskip("ortools")
    ours = sk.rcpsp.solve(project, max_schedules=300)
    theirs = model_alone(project)
    if theirs is None:
        assert ours.status in {"infeasible", "unknown"}
    elif ours.status == "optimal":
        assert ours.makespan == theirs
    else:
        assert ours.lower_bound <= theirs


def model_alone(project: sk.rcpsp.Project) -> int | None:
    """The optimum by the CP-SAT model, without anything from the search."""
    from ortools.sat.python import cp_model  # noqa: PLC0415
    from schedkit.rcpsp.cp_sat_modes import ModeModel  # noqa: PLC0415

    made = ModeModel(cp_model, project, {}, 0, None, None)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(made.model)
    return int(solver.objective_value) if status == cp_model.OPTIMAL else None


def test_prove_knows_modes() -> None:
    pytest.importorskip("ortools")
    project = small(due_date=[9, 9])
    r = sk.rcpsp.prove(project, time_limit=5)
    assert (r.makespan, r.status, sk.check(project, r.schedule)) == (5, "optimal", [])
