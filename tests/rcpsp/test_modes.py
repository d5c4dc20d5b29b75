"""Activities with several modes: schemes, search and proofs."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from schedkit.rcpsp import cp_sat

from tests import data

from . import multi_mode
from .multi_mode import small

QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(multi_mode.projects())
def test_with_two_threads_and_without_the_prover(project: sk.rcpsp.Project) -> None:
    best = multi_mode.best_makespan(project, horizon(project))
    both = sk.rcpsp.solve(project, time_limit=60, threads=2)
    assert (both.makespan, both.status) == (best, "infeasible" if best is None else "optimal")
    assert both.schedule is None or sk.check(project, both.schedule) == []
    alone = sk.rcpsp.solve(project, max_schedules=200, prover=False)
    if alone.makespan is not None and best is not None:
        assert alone.lower_bound <= best <= alone.makespan
        assert alone.status != "optimal" or alone.makespan == best
        assert sk.check(project, alone.schedule) == []
    else:
        assert best is None or alone.status == "unknown"


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

    made = ModeModel(cp_model, project, ({}, {}), 0, None, None)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(made.model)
    return int(solver.objective_value) if status == cp_model.OPTIMAL else None


@pytest.mark.parametrize(("mode", "expected"), [({}, None), ({0: 0}, None), ({0: 1}, 4)])
def test_cp_sat_alone_keeps_the_mode_of_what_has_started(mode: dict[int, int], expected: int | None) -> None:
    """Both modes of activity 0 last 3; the first one, which counts without a name, needs more of the stock than there is."""
    pytest.importorskip("ortools")
    project = sk.rcpsp.Project([3, 3, 1], [[1]] * 3, [1], activity=[0, 0, 1], nonrenewable=[1], consumption=[[2], [0], [0]])
    run = cp_sat.Run(project, cp_sat.Past({0: (0, 3)}, 1, mode), None, None, 0, 1)
    assert run.wait(None, None, lambda *_: None) is None
    schedule = run.answer().schedule
    assert (None if schedule is None else schedule.makespan) == expected
    named: dict[int, Any] = {0: (0, 3, *mode.values())}
    found = sk.rcpsp.prove(project, fixed=named, now=1)
    assert (found.makespan, found.status) == (expected, "infeasible" if expected is None else "optimal")


def test_prove_knows_modes() -> None:
    pytest.importorskip("ortools")
    project = small(due_date=[9, 9])
    r = sk.rcpsp.prove(project, time_limit=5)
    assert (r.makespan, r.status, sk.check(project, r.schedule)) == (5, "optimal", [])
