"""Schedules that start as late as the makespan allows: by hand, against every later start, and after a fixed past."""

from __future__ import annotations

from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from . import constrained, strategies
from .constrained import Plain

KINDS = ("lag", "release_time", "deadline", "calendars", "pausable", "disjunctive")


def scheduled(project: sk.rcpsp.Project, **options: Any) -> sk.rcpsp.ProjectSchedule:
    found = sk.rcpsp.solve(project, max_schedules=10, **options)
    assert found.schedule is not None
    return found.schedule


def test_what_is_not_urgent_waits() -> None:
    """Work of 2 beside work of 5 on other hands, and a third activity behind both."""
    project = sk.rcpsp.Project([2, 5, 1], [[1], [1], [0]], [2], precedence=[[0, 2], [1, 2]])
    assert scheduled(project).start_time.tolist() == [0, 0, 5]
    late = scheduled(project, late=True)
    assert (late.makespan, late.start_time.tolist()) == (6, [3, 0, 5])
    assert sk.check(project, late) == []


def test_deadlines_hold() -> None:
    project = sk.rcpsp.Project([2, 5], [[], []], [], deadline=[4, None])
    assert scheduled(project, late=True).start_time.tolist() == [2, 0]


def moved(project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule, i: int, start: int) -> sk.rcpsp.ProjectSchedule:
    starts = schedule.start_time.copy()
    starts[i] = start
    return sk.rcpsp.ProjectSchedule.from_start_time(project, starts)


def judge(project: sk.rcpsp.Project, past: dict[int, Any], now: int) -> None:
    options: dict[str, Any] = {"max_schedules": 200, "fixed": past, "now": now}
    found, late = sk.rcpsp.solve(project, **options), sk.rcpsp.solve(project, **options, late=True)
    assert (late.status, late.makespan, late.lower_bound) == (found.status, found.makespan, found.lower_bound)
    if found.schedule is None or late.schedule is None or late.makespan is None:
        return
    assert sk.check(project, late.schedule, fixed=past, now=now) == []
    assert (late.schedule.start_time >= found.schedule.start_time).all()
    for i in set(range(project.num_activities)) - set(past):
        for start in range(int(late.schedule.start_time[i]) + 1, late.makespan - int(project.duration[i]) + 1):
            other = moved(project, late.schedule, i, start)
            assert other.makespan > late.makespan or sk.check(project, other, fixed=past, now=now)


@settings(max_examples=150, deadline=None)
@given(constrained.projects(kinds=KINDS))
def test_no_activity_could_start_later_alone(project: sk.rcpsp.Project) -> None:
    judge(project, {}, 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_past_stays(data: st.DataObject) -> None:
    project = data.draw(constrained.projects(kinds=KINDS))
    judge(project, *data.draw(constrained.pasts(Plain.of(project))))


@settings(max_examples=60, deadline=None)
@given(strategies.projects())
def test_plain_projects(project: sk.rcpsp.Project) -> None:
    judge(project, {}, 0)


@settings(max_examples=100, deadline=None)
@given(constrained.projects(kinds=("relation", "lag", "calendars", "deadline")))
def test_activities_that_overlap_start_no_earlier(project: sk.rcpsp.Project) -> None:
    late = sk.rcpsp.solve(project, max_schedules=200, late=True)
    if late.schedule is not None:
        found = sk.rcpsp.solve(project, max_schedules=200)
        assert found.schedule is not None
        assert sk.check(project, late.schedule) == []
        assert late.makespan == found.makespan
        assert (late.schedule.start_time >= found.schedule.start_time).all()


@pytest.mark.parametrize("late", [1, None, "yes"])
def test_late_is_yes_or_no(late: Any) -> None:
    with pytest.raises(sk.InputTypeError, match="late"):
        sk.rcpsp.solve(sk.rcpsp.Project([1], [[]], []), late=late)
