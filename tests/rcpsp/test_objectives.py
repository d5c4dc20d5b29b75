"""Objectives that count from due dates: by hand, against every schedule, single machines, CP-SAT, and with hostile input."""

from __future__ import annotations

import json
import math
import os
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from . import constrained
from .constrained import NONE, Plain

NAMES = ("total_tardiness", "total_weighted_tardiness", "num_tardy", "max_lateness")
EXAMPLES = int(os.environ.get("SCHEDKIT_EXAMPLES", "20"))
HORIZON = 40
"""Every schedule of a tiny project that is good ends by then, or none is looked for."""


def value(name: str, project: sk.rcpsp.Project, ends: Any) -> Any:
    """The definition of an objective."""
    due = project.due_date.tolist()
    dated = [i for i, d in enumerate(due) if d != NONE]
    weight = [1] * len(due) if project.weight is None else project.weight.tolist()
    late = {i: int(ends[i]) - due[i] for i in dated}
    if name == "max_lateness":
        return max(late.values())
    if name == "num_tardy":
        return sum(late[i] > 0 for i in dated)
    return sum((weight[i] if name == "total_weighted_tardiness" else 1) * max(0, late[i]) for i in dated)


def with_due_dates(project: sk.rcpsp.Project, due: list[int | None], weight: list[float] | None) -> sk.rcpsp.Project:
    """The same project with other data for objectives."""
    columns = {name: getattr(project, name) for name in Plain.__dataclass_fields__}
    columns |= {"lag": project.lag, "relation": project.relation, "precedence": project.precedence}
    columns["calendars"] = dict(project.calendars)
    return sk.rcpsp.Project(**columns, due_date=due, weight=weight)


@st.composite
def dated_projects(draw: Any, kinds: tuple[str, ...] | None = None) -> sk.rcpsp.Project:
    project = draw(constrained.projects(most=4, kinds=kinds))
    n = project.num_activities
    due = draw(st.lists(st.one_of(st.none(), st.integers(-3, 12)), min_size=n, max_size=n))
    if all(d is None for d in due):
        due[draw(st.integers(0, n - 1))] = draw(st.integers(0, 8))
    weight = st.one_of(st.integers(0, 4), st.sampled_from([0.5, 1.25, 2.0]))
    return with_due_dates(project, due, draw(st.one_of(st.none(), st.lists(weight, min_size=n, max_size=n))))


def judge(project: sk.rcpsp.Project, name: str, past: dict[int, Any], now: int) -> None:
    """The search against all schedules of the project."""
    plain = Plain.of(project)
    found = sk.rcpsp.solve(project, objective=name, max_schedules=600, fixed=past, now=now)
    spans = list(constrained.schedules(plain, 16, past, now))
    best = min((value(name, project, [end for _, end in span]) for span in spans), default=None)
    if found.schedule is None:
        assert found.status in ("infeasible", "unknown")
        assert found.status == "unknown" or best is None
        return
    assert sk.check(project, found.schedule, fixed=past, now=now) == []
    assert found.objective == pytest.approx(value(name, project, found.schedule.completion_time))
    assert found.history[-1].objective == pytest.approx(found.objective)
    assert found.objective is not None
    assert found.lower_bound <= found.objective
    if best is not None:
        assert found.objective == pytest.approx(best)
        assert found.status == "optimal"
    late = sk.rcpsp.solve(project, objective=name, max_schedules=600, fixed=past, now=now, late=True)
    assert late.schedule is not None
    assert sk.check(project, late.schedule, fixed=past, now=now) == []
    assert (late.objective, late.makespan, late.status) == (found.objective, found.makespan, found.status)
    assert (late.schedule.start_time >= found.schedule.start_time).all()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_no_schedule_of_a_tiny_project_is_better(name: str, data: st.DataObject) -> None:
    judge(data.draw(dated_projects()), name, {}, 0)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_optima_in_which_successors_come_first_are_found(name: str, data: st.DataObject) -> None:
    judge(data.draw(dated_projects(kinds=("relation", "lag", "calendars"))), name, {}, 0)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_fixed_past_is_kept(name: str, data: st.DataObject) -> None:
    project = data.draw(dated_projects())
    judge(project, name, *data.draw(constrained.pasts(Plain.of(project))))


@pytest.mark.parametrize("name", NAMES)
def test_the_search_goes_on_where_a_calendar_closes_for_good(name: str) -> None:
    """The unit is whole until 3 and from 5 to 14, so many orders leave no place for the last activity."""
    calendars = {0: sk.rcpsp.Calendar([0, 3, 5, 14], [2, 1, 2, 0])}
    order = [(1, 2), (1, 3), (2, 3)]
    project = sk.rcpsp.Project(
        [3, 2, 4, 3], [[2]] * 4, [2], precedence=order, due_date=[None, None, None, 5], calendars=calendars
    )
    judge(project, name, {}, 0)


def test_a_hand_example() -> None:
    """One crew: 4 due at 4, 2 due at 3 and worth 5, 3 without due date."""
    project = sk.rcpsp.Project([4, 2, 3], [[1], [1], [1]], [1], due_date=[4, 3, None], weight=[1, 5, 0])
    found = {name: sk.rcpsp.solve(project, objective=name, max_schedules=50) for name in NAMES}
    assert {name: r.objective for name, r in found.items()} == {
        "total_tardiness": 2, "total_weighted_tardiness": 2, "num_tardy": 1, "max_lateness": 2,
    }  # fmt: skip
    assert all(r.status == "optimal" and r.objective == r.lower_bound for r in found.values())
    s = found["total_weighted_tardiness"].schedule
    assert s is not None
    assert s.completion_time.tolist() == [6, 2, 9]
    assert (s.lateness.tolist(), s.tardiness.tolist()) == ([2, -1, -NONE], [2, 0, 0])
    assert (s.total_tardiness, s.total_weighted_tardiness, s.num_tardy, s.max_lateness, s.max_tardiness) == (2, 2, 1, 2, 2)


def test_late_schedules_use_the_time_until_due_dates() -> None:
    """Two crews, nothing is late; all wait until they are due, and what has no due date for the end."""
    project = sk.rcpsp.Project([2, 3, 9, 1], [[], [], [], []], [], due_date=[6, 5, None, None])
    starts = {
        name: sk.rcpsp.solve(project, objective=name, max_schedules=20, late=True).schedule.start_time.tolist()  # type: ignore[union-attr]
        for name in NAMES
    }
    assert starts["total_tardiness"] == starts["num_tardy"] == [4, 2, 0, 8]
    assert starts["max_lateness"] == [2, 0, 0, 8]  # activity 1 is early by 2 at best, so activity 0 as well


@pytest.mark.parametrize("weighted", [False, True])
def test_projects_of_one_machine_are_sequences(weighted: bool) -> None:
    """Random instances of 10 to 15 jobs, 200 in both cases, against the exact solver of sequences."""
    chance = random.Random(7)
    hits, count = 0, 100
    for _ in range(count):
        n = chance.randint(10, 15)
        p = [chance.randint(1, 20) for _ in range(n)]
        due = [chance.randint(0, int(0.7 * sum(p))) for _ in range(n)]
        weight = [chance.randint(1, 9) for _ in range(n)] if weighted else None
        exact = sk.tardiness.solve_exact(p, due) if weight is None else sk.tardiness.solve_exact_weighted(p, due, weight)
        assert exact.status == "optimal"
        project = sk.rcpsp.Project(p, [[1]] * n, [1], due_date=due, weight=weight)
        name = "total_weighted_tardiness" if weighted else "total_tardiness"
        found = sk.rcpsp.solve(project, objective=name, max_schedules=5000)
        best = exact.total_weighted_tardiness
        assert found.lower_bound <= best <= found.objective <= 1.05 * best + 1
        hits += found.objective == best
    assert hits >= 0.9 * count


@pytest.mark.parametrize("name", ["num_tardy", "max_lateness"])
def test_optimal_rules_of_one_machine_are_met_and_proven(name: str) -> None:
    """Moore's and Jackson's optima: the bound of one resource is exact."""
    chance = random.Random(3)
    for _ in range(40):
        n = chance.randint(5, 30)
        p = [chance.randint(1, 20) for _ in range(n)]
        due = [chance.randint(0, sum(p)) for _ in range(n)]
        if name == "max_lateness":
            best = sk.tardiness.edd(p, due).max_lateness
        else:
            kept: list[int] = []
            for j in sorted(range(n), key=lambda j: due[j]):
                kept.append(p[j])
                if sum(kept) > due[j]:
                    kept.remove(max(kept))
            best = n - len(kept)
        found = sk.rcpsp.solve(sk.rcpsp.Project(p, [[1]] * n, [1], due_date=due), objective=name, max_schedules=3000)
        assert found.lower_bound == best
        assert found.objective <= best + (name == "num_tardy")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 20), st.integers(0, 5)), min_size=1, max_size=30), st.data())
def test_unlimited_capacity_meets_the_bound(jobs: list[tuple[int, int, int]], data: st.DataObject) -> None:
    p, due, weight = zip(*jobs, strict=True)
    pairs = st.tuples(st.integers(0, len(p) - 1), st.integers(0, len(p) - 1))
    edges = {(min(a, b), max(a, b)) for a, b in data.draw(st.lists(pairs, max_size=20)) if a != b}
    project = sk.rcpsp.Project(p, [[]] * len(p), [], precedence=sorted(edges) or None, due_date=due, weight=weight)
    ends = sk.rcpsp.critical_path(project).earliest_finish
    for name in NAMES:
        found = sk.rcpsp.solve(project, objective=name, max_schedules=1)
        assert (found.status, found.objective, found.lower_bound) == ("optimal", *[value(name, project, ends)] * 2)


def random_project(seed: int, n: int) -> sk.rcpsp.Project:
    chance = np.random.default_rng(seed)
    duration, demand = chance.integers(1, 9, n), chance.integers(0, 4, (n, 2))
    edges = [(i, j) for i in range(n) for j in range(i + 1, min(n, i + 6)) if chance.random() < 0.2]
    due = [None if chance.random() < 0.2 else int(d) for d in chance.integers(0, 2 * n, n)]
    return sk.rcpsp.Project(
        duration, demand, [4, 5], precedence=edges or None, due_date=due, weight=chance.integers(0, 10, n)
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_budget_decides_alone_whatever_the_threads(name: str) -> None:
    project = random_project(5, 60)
    answers = [sk.rcpsp.solve(project, objective=name, max_schedules=3000, threads=threads) for threads in (1, 2, 4)]
    assert len({pickle.dumps(a.schedule) for a in answers}) == 1
    assert len({(a.objective, a.lower_bound, a.num_schedules) for a in answers}) == 1
    assert answers[0].num_schedules <= 3000
    values = [found.objective for found in answers[0].history]
    assert values == sorted(values, reverse=True)
    assert values[-1] == answers[0].objective


def test_the_makespan_ignores_due_dates() -> None:
    dated = random_project(2, 30)
    plain = sk.rcpsp.Project(dated.duration, dated.demand, dated.capacity, precedence=dated.precedence)
    mine, theirs = (sk.rcpsp.solve(project, max_schedules=2000) for project in (dated, plain))
    assert mine.schedule is not None
    assert theirs.schedule is not None
    assert mine.schedule.start_time.tolist() == theirs.schedule.start_time.tolist()
    assert (mine.objective, mine.objective_name) == (mine.makespan, "makespan")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limits", [{"max_schedules": 0}, {"time_limit": 0}, {"time_limit": 0.1, "threads": 2}])
def test_every_limit_leaves_a_schedule(name: str, limits: dict[str, Any]) -> None:
    project = random_project(8, 40)
    found = sk.rcpsp.solve(project, objective=name, **limits)
    assert sk.check(project, found.schedule) == []
    assert found.objective == value(name, project, found.schedule.completion_time)  # type: ignore[union-attr]


def test_a_warm_start_is_never_made_worse() -> None:
    project = random_project(9, 40)
    best = sk.rcpsp.solve(project, objective="total_tardiness", max_schedules=5000)
    again = sk.rcpsp.solve(project, objective="total_tardiness", max_schedules=1, warm_start=best.schedule)
    assert again.objective is not None
    assert best.objective is not None
    assert again.objective <= best.objective


def test_hard_windows_are_found_or_refuted_first() -> None:
    tight: dict[str, Any] = {"deadline": [None, 2, 7], "due_date": [1, None, 3]}
    project = sk.rcpsp.Project([3, 2, 2], [[1]] * 3, [1], **tight)
    found = sk.rcpsp.solve(project, objective="total_tardiness", max_schedules=200)
    assert found.objective == 7  # 1 first, then 2 and 0: 1 + 6; or 0 and 2: 4 + 4
    none = sk.rcpsp.Project([3, 2, 2], [[1]] * 3, [1], deadline=[4, 2, 6], due_date=[1, None, 3])
    refuted = sk.rcpsp.solve(none, objective="max_lateness", max_schedules=2000)
    assert (refuted.status, refuted.schedule, refuted.objective) == ("infeasible", None, None)
    assert refuted.reasons


def test_float_weights_add_up_in_order_of_activities() -> None:
    project = sk.rcpsp.Project([2, 2, 2], [[1]] * 3, [1], due_date=[1, 1, 1], weight=[0.1, 0.2, 0.3])
    found = sk.rcpsp.solve(project, objective="total_weighted_tardiness", max_schedules=500)
    assert isinstance(found.objective, float)
    assert found.objective == 0.1 * 5 + 0.2 * 3 + 0.3 * 1
    assert sk.check(project, found.to_dict()) == []
    assert sk.check(project, {**found.schedule.to_dict(), "total_weighted_tardiness": 1.5})[0].kind == "objective"  # type: ignore[union-attr]


def test_the_check_computes_every_objective_again() -> None:
    project = random_project(1, 12)
    found = sk.rcpsp.solve(project, objective="num_tardy", max_schedules=200).to_dict()
    assert sk.check(project, found) == []
    for name in NAMES:
        wrong = {**found, "schedule": {**found["schedule"], name: found["schedule"][name] + 1}}
        assert {v.kind for v in sk.check(project, wrong)} == {"objective"}
    assert {v.kind for v in sk.check(project, {**found, "objective": found["objective"] - 1})} == {"objective"}
    assert {v.kind for v in sk.check(project, {**found, "lower_bound": found["objective"] + 1})} == {"objective"}
    flat = {**found["schedule"], "objective": found["objective"] + 1, "objective_name": "num_tardy"}
    assert {v.kind for v in sk.check(project, flat)} == {"objective"}


# --- columns


def test_columns_survive_files_pickles_and_comparison(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "project.json")
    for weight in (None, [0, 3], [0.5, 2.0], [1, 1]):
        project = sk.rcpsp.Project([1, 2], [[1], [1]], [1], due_date=[None, -4], weight=weight, names=["a", "b"])
        sk.rcpsp.write(project, path)
        for other in (sk.rcpsp.read(path), pickle.loads(pickle.dumps(project))):
            assert other.due_date.tolist() == [NONE, -4]
            assert (other.weight is None) == (weight is None)
            assert weight is None or other.weight.dtype == project.weight.dtype  # type: ignore[union-attr]
        assert pickle.loads(pickle.dumps(project)) == project
        assert project != sk.rcpsp.Project([1, 2], [[1], [1]], [1], due_date=[None, 4], weight=weight, names=["a", "b"])
    assert sk.rcpsp.Project([], [], [], due_date=[], weight=[]) == sk.rcpsp.Project([], [], [])


def test_files_are_refused_by_line(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "schedkit": "project", "schema_version": 2, "resources": [],
        "activities": [{"name": "a", "duration": 1, "due_date": 3, "weight": 1}, {"name": "b", "duration": 1}],
    }  # fmt: skip
    path = tmp_path / "project.json"
    path.write_text(json.dumps(content), "utf-8")
    assert sk.rcpsp.read(path).weight.tolist() == [1, 1]  # type: ignore[union-attr]
    for key, wrong, reason in (
        ("weight", -1, "must be >= 0"),
        ("weight", "heavy", "expected a number"),
        ("weight", True, "expected a number"),
        ("due_date", 1.5, "expected a whole number"),
        ("due_date", 2**60, "within 2**53"),
    ):
        content["activities"][0] = {"name": "a", "duration": 1, "due_date": 3, "weight": 1, key: wrong}
        path.write_text(json.dumps(content, indent=1), "utf-8")
        with pytest.raises(sk.FormatError, match=key) as caught:
            sk.rcpsp.read(path)
        assert reason.split()[-1] in str(caught.value)
        assert caught.value.line is not None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"due_date": [1]}, "due_date: has length 1, expected 2"),
        ({"due_date": [1, 2], "weight": [1]}, "weight: has length 1, expected 2"),
        ({"weight": [1, 2]}, "weight: is given without due_date"),
        ({"due_date": [None, None], "weight": [1, 2]}, "weight: is given without due_date"),
        ({"due_date": [1, 2], "weight": [1, -1]}, r"weight\[1\] = -1: must be >= 0"),
        ({"due_date": [1, 2], "weight": [1, math.nan]}, r"weight\[1\] = NaN: must be finite"),
        ({"due_date": [1, 2], "weight": [math.inf, 1.0]}, r"weight\[0\] = inf.*: must be finite"),
        ({"due_date": [1, 2], "weight": [1e308, 1e308]}, "weight: total weighted tardiness might exceed"),
        ({"due_date": [-(2**53), 2], "weight": [2**40, 1]}, "weight: total weighted tardiness might exceed"),
        ({"due_date": [2**53 + 1, 2]}, r"due_date\[0\] = 9007199254740993: must be within 2\*\*53"),
        ({"due_date": [math.nan, 2]}, r"due_date\[0\] = nan: must not be NaN"),
        ({"due_date": [-math.inf, 2]}, r"due_date\[0\] = -inf: must not be minus infinity"),
        ({"due_date": np.array([True, False])}, "due_date"),
        ({"due_date": [1, 2], "weight": np.array([True, False])}, "weight"),
        ({"due_date": [1, 2.5]}, r"due_date\[1\] = 2.5: must be a whole number"),
    ],
)
def test_hostile_columns_are_refused_by_name(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError, match=message):
        sk.rcpsp.Project([1, 1], [[], []], [], **columns)


def test_extreme_due_dates_do_not_overflow() -> None:
    for due in ([2**53, -(2**53)], [-(2**53), None], [2**53, 2**53]):
        project = sk.rcpsp.Project([3, 4], [[1], [1]], [1], due_date=due)
        for name in NAMES:
            found = sk.rcpsp.solve(project, objective=name, max_schedules=300, late=True)
            assert sk.check(project, found.to_dict()) == []
            assert found.objective == value(name, project, found.schedule.completion_time)  # type: ignore[union-attr]


def test_objectives_are_refused_by_name() -> None:
    project = sk.rcpsp.Project([1], [[]], [])
    with pytest.raises(sk.InvalidInputError, match="objective = 'num_tardy': counts from due dates, but no activity has one"):
        sk.rcpsp.solve(project, objective="num_tardy")
    with pytest.raises(sk.InvalidInputError, match="objective = 'cost': unknown objective, expected one of makespan, total_t"):
        sk.rcpsp.solve(project, objective="cost")
    with pytest.raises(sk.InputTypeError, match="objective"):
        sk.rcpsp.solve(project, objective=3)  # type: ignore[arg-type]
