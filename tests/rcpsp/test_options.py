"""Optional activities and alternatives: search, proofs and passes against every choice and every start, and CP-SAT."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.rcpsp import cp_sat

from . import options

BRACKET: dict[str, Any] = {
    "duration": [2, 4, 5, 1, 3],
    "demand": [[1], [2], [0], [1], [1]],
    "capacity": [2],
    "precedence": [(0, 1), (1, 3), (2, 3)],
    "alternatives": [[1, 2]],
    "names": ["mould", "cast", "buy", "fit", "paint"],
}


def bracket(**changes: Any) -> sk.rcpsp.Project:
    """A part is cast in a mould, which takes both workers, or bought; then it is fitted. Painting takes one worker."""
    return sk.rcpsp.Project(**{**BRACKET, **changes})


def test_the_example_by_hand() -> None:
    # Cast: mould 0-2 beside paint 0-3, cast 3-7, fit 7-8. Bought: buy 0-5, fit 5-6; mould and paint in the meantime.
    found = sk.rcpsp.solve(bracket(), max_schedules=100)
    assert (found.makespan, found.status, found.lower_bound) == (6, "optimal", 6)
    assert found.schedule is not None
    assert found.schedule.mode.tolist() == [0, -1, 2, 3, 4]
    assert (found.schedule.start_time[1], found.schedule.completion_time[1]) == (-1, -1)
    assert sk.check(bracket(), found.schedule) == []
    assert sk.check(bracket(), found.schedule.to_dict()) == []
    slow = bracket(duration=[2, 4, 9, 1, 3])
    assert sk.rcpsp.solve(slow, max_schedules=100).makespan == 8


def test_nothing_passes_through_what_does_not_run() -> None:
    # 0 -> 1 -> 2, of which 1 does not run: 2 does not wait for 0.
    project = sk.rcpsp.Project([4, 1, 3, 1], [[]] * 4, [], precedence=[(0, 1), (1, 2)], alternatives=[[1, 3]])
    found = sk.rcpsp.solve(project, max_schedules=100)
    assert found.makespan == 4
    assert found.schedule is not None
    assert found.schedule.start_time.tolist() == [0, -1, 0, 0]


def test_an_optional_activity_in_no_group_runs_if_it_has_started() -> None:
    project = sk.rcpsp.Project([4, 3], [[1], [1]], [1], optional=[False, True])
    free = sk.rcpsp.solve(project, max_schedules=10)
    assert (free.makespan, free.status) == (4, "optimal")
    started = sk.rcpsp.solve(project, max_schedules=10, fixed={1: (0, 3)})
    assert started.schedule is not None
    assert (started.makespan, started.schedule.mode.tolist()) == (7, [0, 1])
    assert sk.check(project, started.schedule, fixed={1: (0, 3)}) == []
    assert [v.kind for v in sk.check(project, free.schedule, fixed={1: (0, 3)})] == ["fixed"]


def test_groups_that_share_activities_make_branches() -> None:
    # Either 0 and 1 run, or 2 and 3: one of each of the four pairs.
    project = sk.rcpsp.Project(
        [2, 3, 4, 2], [[1]] * 4, [1], precedence=[(0, 1), (2, 3)], alternatives=[[0, 2], [0, 3], [1, 2], [1, 3]]
    )  # fmt: skip
    found = sk.rcpsp.solve(project, max_schedules=100)
    assert found.schedule is not None
    assert (found.makespan, found.status, found.schedule.mode.tolist()) == (5, "optimal", [0, 1, -1, -1])
    assert sk.rcpsp.serial_sgs(project).mode.tolist() in ([0, 1, -1, -1], [-1, -1, 2, 3])


def test_what_has_started_decides_its_group() -> None:
    begun = {0: (0, 2), 1: (2, 6)}
    found = sk.rcpsp.solve(bracket(), fixed=begun, now=3, max_schedules=100)
    assert found.schedule is not None
    assert (found.schedule.mode[2], found.schedule.start_time[3]) == (-1, 6)
    assert sk.check(bracket(), found.schedule, fixed=begun, now=3) == []
    # It was cast before there was a mould, and no mould can be ready by then.
    late = sk.rcpsp.solve(bracket(), fixed={1: (2, 6)}, now=3, max_schedules=100)
    assert (late.status, [reason.code for reason in late.reasons]) == ("infeasible", ["deadline_missed"])
    both = sk.rcpsp.solve(bracket(precedence=[]), fixed={1: (0, 4), 2: (0, 5)}, max_schedules=100)
    assert (both.status, [(reason.code, reason.activities) for reason in both.reasons]) == (
        "infeasible", [("alternatives", (1, 2))],
    )  # fmt: skip
    assert "2 activities of group 0 of alternatives have started" in both.reasons[0].detail


@pytest.mark.parametrize("seed", range(250))
def test_search_agrees_with_every_choice(seed: int) -> None:
    project = options.made(random.Random(seed))
    expected = options.best(project)
    found = sk.rcpsp.solve(project, max_schedules=300, seed=seed, late=bool(seed % 2))
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal")
    assert sk.rcpsp.lower_bound(project) <= (0 if expected is None else expected) or expected is None
    if expected is None:
        assert found.reasons
        return
    assert sk.check(project, found.schedule) == []
    assert sk.rcpsp.diagnose(project) == []
    assert sk.rcpsp.critical_path(project).length <= expected


@pytest.mark.parametrize("seed", range(80))
def test_search_agrees_with_every_choice_of_modes(seed: int) -> None:
    project = options.made(random.Random(1000 + seed), 4, modes=True)
    expected = options.best(project)
    found = sk.rcpsp.solve(project, max_schedules=300, seed=seed, late=bool(seed % 2))
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal")
    assert found.schedule is None or sk.check(project, found.schedule) == []


@pytest.mark.parametrize("seed", range(80))
def test_activities_that_may_overlap_their_predecessors(seed: int) -> None:
    project = options.made(random.Random(2000 + seed), 4, relations=True)
    expected = options.best(project)
    found = sk.rcpsp.solve(project, max_schedules=300, seed=seed)
    if expected is None:
        assert found.status in {"infeasible", "unknown"}
        return
    assert found.status in {"optimal", "feasible", "unknown"}
    assert found.lower_bound <= expected
    if found.schedule is not None:
        assert found.makespan is not None
        assert sk.check(project, found.schedule) == []
        assert found.makespan >= expected
        assert (found.status == "optimal") <= (found.makespan == expected)


@pytest.mark.parametrize("seed", range(60))
def test_passes_run_what_is_chosen(seed: int) -> None:
    project = options.made(random.Random(3000 + seed), modes=bool(seed % 2))
    for mode in list(options.choices(project))[:4]:
        alone = options.single(project, mode)
        runs = np.array(mode) != -1
        for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
            try:
                schedule = scheme(project, "spt", mode=mode)
            except sk.InfeasibleError:
                with pytest.raises(sk.InfeasibleError):
                    scheme(alone, "spt")
                continue
            assert schedule.start_time[runs].tolist() == scheme(alone, "spt").start_time.tolist()
            assert (schedule.start_time[~runs] == -1).all()
            assert schedule.makespan == scheme(alone, "spt").makespan
            assert sk.check(project, schedule) == []
            better = sk.rcpsp.justify(project, schedule)
            assert sk.check(project, better) == []
            assert better.makespan <= schedule.makespan
            assert sk.rcpsp.ProjectSchedule.from_start_time(project, schedule.start_time, schedule.mode) == schedule
        rows = sk.rcpsp.serial_sgs_many(project, [[0] * len(mode)], mode=mode, starts=True)
        one = sk.rcpsp.serial_sgs_many(alone, [[0] * alone.num_activities], starts=True)
        assert rows.makespan.tolist() == one.makespan.tolist()
        assert rows.start_time is not None
        assert (rows.start_time[0][~runs] == -1).all()


def test_one_pass_takes_what_takes_least_time() -> None:
    assert sk.rcpsp.serial_sgs(bracket()).mode.tolist() == [0, 1, -1, 3, 4]
    assert sk.rcpsp.serial_sgs(bracket(duration=[2, 4, 4, 1, 3])).mode.tolist() == [0, 1, -1, 3, 4]
    assert sk.rcpsp.serial_sgs(bracket(duration=[2, 4, 3, 1, 3])).mode.tolist() == [0, -1, 2, 3, 4]


def test_lateness_counts_activities_that_run() -> None:
    late = bracket(due_date=[None, 0, None, 6, 3], weight=[1, 9, 1, 1, 1])
    for name, value in (("total_tardiness", 0), ("total_weighted_tardiness", 0), ("num_tardy", 0), ("max_lateness", 0)):
        found = sk.rcpsp.solve(late, objective=name, max_schedules=200)
        assert found.schedule is not None
        assert (found.objective, sk.check(late, found.schedule)) == (value, [])
        assert found.schedule.mode[1] == -1
        assert found.schedule.lateness.tolist()[1] == -(2**63 - 1)
    # Cast, it is due at 20; bought, at 0: casting is not late, although buying is faster.
    patient = bracket(due_date=[None, 20, 0, None, None])
    found = sk.rcpsp.solve(patient, objective="total_tardiness", max_schedules=200, late=True)
    assert found.schedule is not None
    assert (found.objective, found.status, found.schedule.mode[2]) == (0, "optimal", -1)
    assert sk.check(patient, found.schedule) == []
    early = sk.rcpsp.solve(patient, objective="max_lateness", max_schedules=200)
    assert early.objective == -14  # cast by 6
    assert early.lower_bound <= -14
    nothing = sk.rcpsp.Project([1, 2], [[], []], [], optional=[False, True], due_date=[None, 5])
    assert sk.rcpsp.solve(nothing, objective="max_lateness", max_schedules=10).objective == 0


def test_a_warm_start_brings_its_choice() -> None:
    cast = sk.rcpsp.serial_sgs(bracket())
    assert (cast.mode.tolist(), cast.start_time[3], cast.makespan) == ([0, 1, -1, 3, 4], 6, 9)  # painted at the end
    for start in (cast, cast.start_time):
        warm = sk.rcpsp.solve(bracket(), warm_start=start, max_schedules=1)
        assert warm.schedule is not None
        assert (warm.schedule.mode.tolist(), warm.makespan) == (cast.mode.tolist(), 9)
    found = sk.rcpsp.solve(bracket(), warm_start=cast, max_schedules=100)
    assert found.schedule is not None
    assert found.moved is not None
    assert {1, 2, 3} <= set(found.moved.tolist())  # bought, fitted at 5 instead of 6
    assert found.total_shift == sum(abs(int(found.schedule.start_time[i] - cast.start_time[i])) for i in (0, 3, 4))


def test_a_budget_alone_decides_the_answer() -> None:
    source = np.random.default_rng(7)
    groups = [[3 * k, 3 * k + 1, 3 * k + 2] for k in range(8)]
    pairs = [(i, j) for k in range(7) for i in groups[k] for j in groups[k + 1] if source.random() < 0.4]
    project = sk.rcpsp.Project(
        source.integers(1, 9, 24), source.integers(0, 5, (24, 2)), [6, 6], precedence=pairs, alternatives=groups
    )  # fmt: skip
    first = sk.rcpsp.solve(project, max_schedules=500, seed=3)
    assert sk.check(project, first.schedule) == []
    for threads in (1, 2):
        again = sk.rcpsp.solve(project, max_schedules=500, seed=3, threads=threads)
        assert (again.schedule, again.num_schedules) == (first.schedule, first.num_schedules)
    assert sk.rcpsp.solve(project, time_limit=0.2, threads=2).makespan is not None


@pytest.mark.parametrize("seed", range(60))
def test_optima_are_those_of_cp_sat(seed: int) -> None:
    pytest.importorskip("ortools")
    source = random.Random(5000 + seed)
    project = options.made(source, 8, modes=seed % 3 == 0)
    fixed: dict[int, tuple[int, int | None]] | None = None
    now = 0
    if seed % 4 == 0:
        fixed, now = {0: (0, source.randint(0, 4))}, source.randint(0, 3)
    run = cp_sat.Run(project, cp_sat.Past(fixed or {}, now), None, None, seed, 1)
    assert run.wait(None, None, lambda *_: None) is None
    answer, own = run.answer(), sk.rcpsp.solve(project, max_schedules=1000, seed=seed, fixed=fixed, now=now)
    if project.activity is None:  # what has started may have another mode in the model
        assert (None if answer.schedule is None else answer.schedule.makespan) == own.makespan
        assert answer.refuted == (own.status == "infeasible")
    assert answer.schedule is None or sk.check(project, answer.schedule, fixed=fixed, now=now) == []
    assert own.schedule is None or sk.check(project, own.schedule, fixed=fixed, now=now) == []


def test_prove_knows_options() -> None:
    pytest.importorskip("ortools")
    found = sk.rcpsp.prove(bracket(), time_limit=5)
    assert (found.makespan, found.status, sk.check(bracket(), found.schedule)) == (6, "optimal", [])


def test_a_larger_project_with_branches() -> None:
    # Twelve branches of two or three activities each, of which one runs at each of four places.
    source = random.Random(11)
    places: list[list[list[int]]] = []
    n = 0
    for _ in range(4):
        branches = []
        for _ in range(3):
            size = source.randint(2, 3)
            branches.append(list(range(n, n + size)))
            n += size
        places.append(branches)
    groups = [
        [i, j, k] for a, b, c in places for i in a for j in b for k in c
    ]  # one of each three: all of a branch run, or none
    chains = [(branch[k], branch[k + 1]) for branches in places for branch in branches for k in range(len(branch) - 1)]
    project = sk.rcpsp.Project(
        [source.randint(1, 9) for _ in range(n)], [[source.randint(1, 3)] for _ in range(n)], [4],
        precedence=chains, alternatives=groups,
    )  # fmt: skip
    found = sk.rcpsp.solve(project, max_schedules=2000)
    assert found.status == "optimal"
    assert found.schedule is not None
    assert sk.check(project, found.schedule) == []
    for branches in places:
        running = [branch for branch in branches if (found.schedule.mode[branch] != -1).all()]
        silent = [branch for branch in branches if (found.schedule.mode[branch] == -1).all()]
        assert (len(running), len(silent)) == (1, 2)


def test_attributes_and_pickles() -> None:
    project = bracket()
    assert project.optional.tolist() == [False, True, True, False, False]
    assert (project.alternatives, project.has_options) == (((1, 2),), True)
    assert pickle.loads(pickle.dumps(project)) == project
    assert bracket(alternatives=[[2, 1]]) == project
    assert bracket(alternatives=[[1, 2]], optional=[True] + [False] * 4) != project
    assert not sk.rcpsp.Project([1], [[]], [], optional=[False]).has_options
    everything = sk.rcpsp.Project([1, 2], [[], []], [], optional=[True, True])
    found = sk.rcpsp.solve(everything)
    assert found.schedule is not None
    assert (found.makespan, found.status, found.schedule.start_time.tolist()) == (0, "optimal", [-1, -1])
    assert sk.check(everything, found.schedule) == []
    assert sk.rcpsp.critical_path(bracket()).earliest_start.tolist() == [0, -1, -1, 0, 0]
