"""Lower bounds and proofs: never above the optimum, and equal to it where a proof is claimed."""

from __future__ import annotations

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import data
from tests.rcpsp import oracles
from tests.rcpsp.oracles import Plain
from tests.rcpsp.strategies import projects


def published(set_name: str, every: int) -> list[tuple[sk.rcpsp.Project, dict[str, str]]]:
    rows = [row for row in data.table("psplib", "bks.csv") if row["set"] == set_name]
    files = data.files(("psplib", f"{set_name}.tar.gz"), ".sm")
    return [(sk.rcpsp.read(files[row["file"]]), row) for row in rows[::every]]


@pytest.mark.parametrize("set_name", ["j30", "j60", "j90", "j120"])
def test_bounds_of_published_instances(set_name: str) -> None:
    higher = 0
    for project, row in published(set_name, 3):
        plain, destructive = sk.rcpsp.lower_bound(project), sk.rcpsp.lower_bound(project, destructive=True)
        assert int(row["cpm_lb"]) <= plain <= destructive <= int(row["upper_bound"]), row["file"]
        higher += destructive > plain
    assert higher > 10


@given(projects(most=5, durations="short"), st.sampled_from([1, 2]))
@settings(max_examples=60)
def test_proofs_end_at_the_optimum_found_by_enumeration(project: sk.rcpsp.Project, threads: int) -> None:
    best = oracles.optimum(Plain.of(project))
    solution = sk.rcpsp.solve(project, time_limit=20, threads=threads)
    assert sk.check(project, solution.schedule) == []
    assert (solution.status, solution.lower_bound, solution.makespan) == ("optimal", best, best)
    assert sk.rcpsp.lower_bound(project) <= sk.rcpsp.lower_bound(project, destructive=True) <= best


@pytest.mark.parametrize("threads", [1, 2])
def test_published_optima_are_proved(threads: int) -> None:
    for project, row in published("j30", 24):
        solution = sk.rcpsp.solve(project, time_limit=20, threads=threads)
        assert sk.check(project, solution.schedule) == []
        assert (solution.status, solution.makespan) == ("optimal", int(row["upper_bound"])), row["file"]
        assert solution.history[-1].lower_bound == solution.makespan


def test_the_proof_is_the_same_for_any_threads_where_a_budget_limits_it() -> None:
    project = sk.rcpsp.read(sk.example_path("migration.json"))
    found = [sk.rcpsp.solve(project, max_schedules=150_000, threads=threads) for threads in (1, 2)]
    told = [[(i.objective, i.lower_bound, i.budget_used) for i in solution.history] for solution in found]
    assert told[0] == told[1]
    assert found[0].schedule == found[1].schedule
    assert found[0].num_schedules == found[1].num_schedules <= 150_000


def test_destructive_is_a_flag() -> None:
    with pytest.raises(sk.InputTypeError, match="destructive"):
        sk.rcpsp.lower_bound(sk.rcpsp.Project([1], [[]], []), destructive=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("objective", sk.rcpsp.OBJECTIVES)
def test_closed_time_does_no_work(objective: str) -> None:
    """Five activities of one day of eight hours, for one crew: the last one ends at 17:00 of the fifth day."""
    shift = sk.rcpsp.Calendar([9, 17], [1, 0], period=24)
    project = sk.rcpsp.Project([8] * 5, [[1]] * 5, [1], calendars={0: shift}, due_date=[24] * 5)
    found = sk.rcpsp.solve(project, objective=objective, max_schedules=1)
    ends = [17 + 24 * day for day in range(5)]
    late = [max(0, end - 24) for end in ends]
    best = {"makespan": ends[-1], "num_tardy": 4, "max_lateness": late[-1]}.get(objective, sum(late))
    assert (found.status, found.objective, found.lower_bound) == ("optimal", best, best)
    assert sk.rcpsp.lower_bound(project) == ends[-1]


def test_time_counts_as_open_only_if_some_user_may_work() -> None:
    """The resource is always there, but both activities wait for a permit that is given on every second day."""
    permit = sk.rcpsp.Calendar([0, 1], [1, 0], period=2)
    project = sk.rcpsp.Project([1] * 6, [[1, 1]] * 6, [1, 1], calendars={1: permit})
    assert sk.rcpsp.lower_bound(project) == 11
    mixed = sk.rcpsp.Project([1] * 6, [[1, 1]] * 3 + [[1, 0]] * 3, [1, 1], calendars={1: permit})
    assert sk.rcpsp.lower_bound(mixed) == 6
