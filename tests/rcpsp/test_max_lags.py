"""Maximal time lags: the search, proofs and one pass against every start, the checker, and published values."""

from __future__ import annotations

import pickle
import random
from pathlib import Path

import numpy as np
import pytest
import schedkit as sk

from .max_lags import best, made


def example(max_lag: int | None = 3) -> sk.rcpsp.Project:
    """Concrete must be poured at most `max_lag` after it was mixed; a delivery keeps the only crane busy for 4."""
    return sk.rcpsp.Project(
        [2, 4, 2],
        [[1], [1], [1]],
        [1],
        precedence=[(0, 2), (1, 2)],
        lag=[1, 0],
        max_lag=[max_lag, None],
        names=["mix", "deliver", "pour"],
    )


def test_the_example_by_hand() -> None:
    # Mixing first leaves 4 between the end of mixing and pouring, so that the delivery comes first: 4 + 2 + 1 + 2.
    found = sk.rcpsp.solve(example(), max_schedules=100)
    assert (found.makespan, found.status) == (9, "optimal")
    assert found.schedule is not None
    assert found.schedule.start_time.tolist() == [4, 0, 7]
    assert sk.check(example(), found.schedule) == []
    assert sk.rcpsp.solve(example(4), max_schedules=100).makespan == 8
    assert sk.rcpsp.solve(example(None), max_schedules=100).makespan == 8


def test_one_pass_takes_activities_out_again() -> None:
    # Mixing first by priority: pouring would come too late, so mixing is taken out and starts later.
    s = sk.rcpsp.serial_sgs(example(), [0, 1, 2])
    assert s.start_time.tolist() == [4, 0, 7]
    rows = sk.rcpsp.serial_sgs_many(example(), [[0, 1, 2], [1, 0, 2]], starts=True)
    assert rows.makespan.tolist() == [9, 9]


def test_all_four_relations() -> None:
    for relation, start in (("FS", 5), ("SS", 3), ("FF", 3), ("SF", 1)):
        # The second activity lasts 2, its event comes exactly 3 after that of the first, which lasts 2 from 0 on.
        project = sk.rcpsp.Project([2, 2], [[], []], [], precedence=[(0, 1)], relation=[relation], lag=[3], max_lag=[3])
        found = sk.rcpsp.solve(project)
        assert found.schedule is not None
        assert found.schedule.start_time.tolist() == [0, start], relation
        late = sk.rcpsp.ProjectSchedule.from_start_time(project, [0, start + 1])
        early = sk.rcpsp.ProjectSchedule.from_start_time(project, [0, start - 1])
        assert [(v.kind, v.subject) for v in sk.check(project, late)] == [("max_lag", (0, 1))]
        assert [v.kind for v in sk.check(project, early)] in (["lag"], ["precedence"])


def test_a_positive_cycle_names_its_lags() -> None:
    with pytest.raises(sk.CycleError) as caught:
        sk.rcpsp.Project(
            [2, 1, 1],
            [[]] * 3,
            [],
            precedence=[(0, 1), (1, 2), (0, 2)],
            relation=["FS", "SS", "SS"],
            lag=[1, 2, None],
            max_lag=[None, None, 4],
            names=["a", "b", "c"],
        )
    assert str(caught.value) == (
        "max_lag: the lags form a positive cycle, 1 too long: "
        "0 'a' (FS lag 1) -> 1 'b' (SS lag 2) -> 2 'c' (SS max_lag 4) -> 0 'a'"
    )
    assert caught.value.cycle == [0, 1, 2]


def test_infeasible_by_resources_is_proved() -> None:
    # Both must run at once, and only one can.
    project = sk.rcpsp.Project([2, 2], [[1], [1]], [1], precedence=[(0, 1)], relation=["SS"], lag=[None], max_lag=[1])
    assert sk.rcpsp.solve(project).status == "optimal"  # the second one first
    both = sk.rcpsp.Project(
        [2, 2], [[1], [1]], [1], precedence=[(0, 1), (1, 0)], relation=["SS", "SS"], lag=[None, None], max_lag=[1, 1]
    )
    found = sk.rcpsp.solve(both)
    assert (found.status, found.schedule, found.reasons[0].code) == ("infeasible", None, "exhausted")
    with pytest.raises(sk.InfeasibleError):
        sk.rcpsp.serial_sgs(both)


@pytest.mark.parametrize("seed", range(300))
def test_optima_of_small_projects_are_those_of_all_starts(seed: int) -> None:
    source = random.Random(seed)
    columns, project = made(source)
    if project is None:
        assert best(columns, 24) is None
        return
    expected = best(columns, 24)
    found = sk.rcpsp.solve(project, max_schedules=300, seed=seed, late=bool(seed % 2))
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal"), columns
    if found.schedule is None:
        assert found.reasons
        return
    assert found.makespan is not None
    assert sk.check(project, found.schedule) == []
    assert sk.rcpsp.lower_bound(project) <= found.makespan
    assert sk.rcpsp.diagnose(project) == []
    path = sk.rcpsp.critical_path(project)
    assert bool((path.earliest_start <= found.schedule.start_time).all())
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
    if project is None:
        return
    fixed, now = None, 0
    if seed % 3 == 0:
        fixed, now = {0: (0, source.randint(0, 4))}, source.randint(0, 3)
    found = sk.rcpsp.solve(project, max_schedules=2000, seed=seed, fixed=fixed, now=now)
    proof = sk.rcpsp.prove(project, seed=seed, fixed=fixed, now=now)
    assert (found.makespan, found.status) == (proof.makespan, proof.status)
    if found.schedule is not None:
        assert sk.check(project, found.schedule, fixed=fixed, now=now) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_activity_of_a_late_schedule_can_start_later_alone(seed: int) -> None:
    _, project = made(random.Random(5000 + seed), 5)
    if project is None:
        return
    found = sk.rcpsp.solve(project, max_schedules=300, late=True)
    if found.schedule is None:
        return
    for i in range(project.num_activities):
        for later in range(1, 6):
            start = found.schedule.start_time.copy()
            start[i] += later
            moved = sk.rcpsp.ProjectSchedule.from_start_time(project, start)
            assert moved.makespan > found.schedule.makespan or sk.check(project, moved) != [], (i, later)


@pytest.mark.parametrize("seed", range(300, 340))
def test_a_prover_on_a_thread_of_its_own_comes_to_the_same_optimum(seed: int) -> None:
    columns, project = made(random.Random(seed))
    if project is None:
        return
    expected = best(columns, 24)
    found = sk.rcpsp.solve(project, time_limit=60, threads=2, seed=seed)
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal"), columns
    assert found.schedule is None or sk.check(project, found.schedule) == []


@pytest.mark.parametrize("seed", range(60))
def test_without_the_prover_nothing_false_is_claimed(seed: int) -> None:
    columns, project = made(random.Random(seed))
    if project is None:
        return
    expected = best(columns, 24)
    found = sk.rcpsp.solve(project, max_schedules=200, seed=seed, prover=False)
    if expected is None:
        assert found.status in ("infeasible", "unknown")
        return
    assert found.status != "infeasible"
    assert found.lower_bound <= expected
    if found.schedule is not None:
        assert sk.check(project, found.schedule) == []
        assert found.makespan is not None
        assert found.makespan >= expected
        assert found.status != "optimal" or found.makespan == expected


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_seeds_give_equal_answers_for_any_threads(threads: int) -> None:
    projects = (made(random.Random(seed), 7)[1] for seed in range(100))
    project = next(project for project in projects if project is not None)
    one = sk.rcpsp.solve(project, max_schedules=500, seed=3)
    two = sk.rcpsp.solve(project, max_schedules=500, seed=3, threads=threads)
    assert one.schedule == two.schedule
    assert (one.num_schedules, one.lower_bound) == (two.num_schedules, two.lower_bound)


@pytest.mark.parametrize("seed", range(40))
def test_files_and_pickles_keep_the_project(seed: int, tmp_path: Path) -> None:
    columns, project = made(random.Random(9000 + seed), 6)
    if project is None:
        return
    assert pickle.loads(pickle.dumps(project)) == project
    n = project.num_activities
    named = sk.rcpsp.Project(
        **columns, names=[f"a{i}" for i in range(n)], resource_names=[f"r{k}" for k in range(project.num_resources)]
    )
    sk.rcpsp.write(named, tmp_path / "project.json")
    text = (tmp_path / "project.json").read_text()
    assert '"schema_version": 4' in text
    assert sk.rcpsp.read(tmp_path / "project.json") == named
    (tmp_path / "old.json").write_text(text.replace('"schema_version": 4', '"schema_version": 3'))
    with pytest.raises(sk.FormatError, match="'max_lag' needs schema_version 4"):
        sk.rcpsp.read(tmp_path / "old.json")
    # A file of ProGen/max has dummies at both ends, and no windows.
    duration, demand = (
        [0, *columns["duration"], 0],
        [[0] * project.num_resources, *columns["demand"], [0] * project.num_resources],
    )
    framed = sk.rcpsp.Project(
        duration,
        demand,
        columns["capacity"],
        precedence=[(i + 1, j + 1) for i, j in columns["precedence"]],
        **{key: columns[key] for key in ("relation", "lag", "max_lag")},
    )
    sk.rcpsp.write(framed, tmp_path / "project.sch")
    back = sk.rcpsp.read(tmp_path / "project.sch")
    mine, theirs = (sk.rcpsp.solve(p, max_schedules=300) for p in (framed, back))
    assert (mine.makespan, mine.status) == (theirs.makespan, theirs.status)
    if mine.schedule is not None:
        assert sk.check(back, sk.rcpsp.ProjectSchedule.from_start_time(back, mine.schedule.start_time)) == []


def test_a_file_of_progen_max(tmp_path: Path) -> None:
    (tmp_path / "x.sch").write_text(
        "2\t1\t0\t0\n0\t1\t2\t1\t2\t[0]\t[0]\n1\t1\t1\t2\t[3]\n2\t1\t2\t1\t3\t[-4]\t[2]\n3\t1\t0\n"
        "0\t1\t0\t0\n1\t1\t2\t1\n2\t1\t2\t1\n3\t1\t0\t0\n1\n"
    )
    project = sk.rcpsp.read(tmp_path / "x.sch")
    assert project == sk.rcpsp.Project(
        [0, 2, 2, 0],
        [[0], [1], [1], [0]],
        [1],
        precedence=[(0, 1), (0, 2), (1, 2), (2, 3)],
        lag=[0, 0, 1, 0],
        max_lag=[None, None, 2, None],
    )
    assert sk.rcpsp.solve(project).makespan == 5


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("[-4]", "-4", 4, "in brackets, found '-4'"),
        ("[3]", "[3", 3, "in brackets"),
        ("1\t1\t1\t2", "1\t2\t1\t2", 3, "the number of modes is 2, expected 1"),
        ("2\t1\t2\t1\t3", "2\t1\t2\t1\t4", 4, "unknown activity 4, expected 0 to 3"),
        ("2\t1\t2\t1\n", "2\t1\t2\t9\n", 8, "activity 2: demand of R1 = 9: exceeds the capacity 1"),
        ("[3]", "[99999999999999999999]", 3, "expected the lag to activity 2"),
        ("[3]", "[5]", 4, "positive cycle"),
    ],
)
def test_faults_of_files_are_reported_with_line(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    text = (
        "2\t1\t0\t0\n0\t1\t2\t1\t2\t[0]\t[0]\n1\t1\t1\t2\t[3]\n2\t1\t2\t1\t3\t[-4]\t[2]\n3\t1\t0\n"
        "0\t1\t0\t0\n1\t1\t2\t1\n2\t1\t2\t1\n3\t1\t0\t0\n1\n"
    )
    assert text.count(old) == 1
    (tmp_path / "x.sch").write_text(text.replace(old, new))
    with pytest.raises((sk.FormatError, sk.CycleError)) as caught:
        sk.rcpsp.read(tmp_path / "x.sch")
    assert words in str(caught.value)
    assert words == "positive cycle" or getattr(caught.value, "line", None) == line


PAIR = {"duration": [1, 1], "demand": [[], []], "capacity": [], "precedence": [(0, 1)]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_lag": [1, 2]}, "max_lag: has length 2, expected 1"),
        ({"max_lag": [1.5]}, "max_lag[0] = 1.5"),
        ({"max_lag": [True]}, "max_lag"),
        ({"max_lag": ["x"]}, "max_lag"),
        ({"max_lag": [float("nan")]}, "max_lag[0] = nan"),
        ({"max_lag": [2**53 + 1]}, "max_lag[0] = 9007199254740993: the sum of sizes up to here exceeds 2**53"),
        ({"max_lag": [-(2**53) - 1]}, "max_lag[0] = -9007199254740993: the sum of sizes"),
        ({"lag": [None]}, "lag[0] = None: is None, so the pair needs a max_lag"),
        (
            {"lag": [3], "max_lag": [2]},
            "max_lag: the lags form a positive cycle, 1 too long: 0 (FS lag 3) -> 1 (FS max_lag 2) -> 0",
        ),
        ({"max_lag": [1], "activity": [0, 1]}, "max_lag: cannot be combined with modes yet"),
        (
            {
                "max_lag": [1],
                "capacity": [1],
                "demand": [[1], [1]],
                "calendars": {0: sk.rcpsp.Calendar([0], [1])},
                "pausable": [True, False],
            },
            "max_lag: cannot be combined with pausable activities on calendars yet",
        ),
    ],
)
def test_bad_input_is_refused_by_name(given: dict[str, object], message: str) -> None:
    with pytest.raises(sk.SchedkitError) as caught:
        sk.rcpsp.Project(**{**PAIR, **given})  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_what_does_not_combine_is_refused_by_name() -> None:
    project = sk.rcpsp.Project([1, 1], [[], []], [], precedence=[(0, 1)], max_lag=[3])
    with pytest.raises(sk.InvalidInputError, match="parallel scheme never goes back"):
        sk.rcpsp.parallel_sgs(project)
    with pytest.raises(sk.InvalidInputError, match="justification"):
        sk.rcpsp.justify(project, sk.rcpsp.serial_sgs(project))


def test_the_fixed_past_binds_both_ways() -> None:
    project = example()
    found = sk.rcpsp.solve(project, fixed={0: (0, 2)}, now=2)
    assert found.status == "infeasible"  # the delivery takes until 6, and pouring may wait until 5 only
    found = sk.rcpsp.solve(project, fixed={0: (0, 2), 1: (-4, 0)}, now=2)
    assert found.schedule is not None
    assert found.schedule.start_time.tolist() == [0, -4, 3]
    clash = sk.rcpsp.solve(project, fixed={0: (0, 2), 1: (-4, 0), 2: (9, 11)}, now=12)
    assert [reason.code for reason in clash.reasons] == ["fixed_clash"]
    assert "farther apart than their FS max_lag of 3" in clash.reasons[0].detail


def test_lags_and_windows_that_leave_no_time_are_reasons() -> None:
    project = sk.rcpsp.Project([1, 1], [[], []], [], precedence=[(0, 1)], max_lag=[2], release_time=[0, 9], deadline=[5, None])
    found = sk.rcpsp.solve(project)
    assert (found.status, [reason.code for reason in found.reasons]) == ("infeasible", ["deadline_missed"])
    assert [reason.code for reason in sk.rcpsp.diagnose(project)] == ["deadline_missed"]


def test_an_empty_project_and_attributes() -> None:
    empty = sk.rcpsp.Project([], np.zeros((0, 0)), [], precedence=np.zeros((0, 2)), max_lag=[])
    assert sk.rcpsp.solve(empty).makespan == 0
    project = example()
    assert project.max_lag.tolist() == [3, 2**63 - 1]
    assert project.lag.tolist() == [1, 0]
