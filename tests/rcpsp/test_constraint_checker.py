"""The checker on every kind of constraint: it agrees with looking at every tick, and sees every violation that is planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schedkit as sk
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.rcpsp import constrained
from tests.rcpsp.constrained import Plain


def found(project: sk.rcpsp.Project, start: list[int], end: list[int], **past: Any) -> set[tuple[Any, ...]]:
    """What the checker says: kind and subject; of overloads the first moment for each resource."""
    rows = sk.check(project, {"start_time": start, "completion_time": end}, **past)
    seen = {(v.kind, *v.subject) for v in rows if v.kind != "capacity"}
    first: dict[int, int] = {}
    for v in rows:
        if v.kind == "capacity":
            first[v.subject[0]] = min(v.subject[1], first.get(v.subject[0], v.subject[1]))
    return seen | {("capacity", r, t) for r, t in first.items()}


@settings(max_examples=500, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_it_agrees_with_looking_at_every_tick(data: st.DataObject) -> None:
    project = data.draw(constrained.projects(most=5))
    plain = Plain.of(project)
    start, end = [], []
    for i in range(plain.n):
        s = data.draw(st.integers(-2, 14))
        planned = plain.completion(i, s)
        spans = [s + plain.duration[i], s + plain.duration[i] + 1] + ([planned] * 3 if planned is not None else [])
        start.append(s)
        end.append(data.draw(st.sampled_from(spans)))
    past, now = data.draw(constrained.pasts(plain)) if data.draw(st.booleans()) else ({}, 0)
    for i, span in past.items():
        if data.draw(st.integers(0, 4)):
            start[i], end[i] = span
    assert found(project, start, end, fixed=past, now=now) == constrained.violations(plain, start, end, past, now)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_what_enumeration_finds_is_feasible(data: st.DataObject) -> None:
    project = data.draw(constrained.projects())
    plain = Plain.of(project)
    past, now = data.draw(constrained.pasts(plain)) if data.draw(st.booleans()) else ({}, 0)
    schedule = next(constrained.schedules(plain, 14, past, now), None)
    assume(schedule is not None)
    assert schedule is not None
    start, end = map(list, zip(*schedule, strict=True))
    assert found(project, start, end, fixed=past, now=now) == set()


KINDS = ("duration", "before_now", "precedence", "lag", "release", "deadline", "capacity", "downtime", "disjunctive")


def moves(plain: Plain, i: int) -> Iterator[tuple[int, int]]:
    """Other runs for an activity: at any time as it would run then, or ending at the wrong time."""
    for s in range(-2, 15):
        planned = plain.completion(i, s)
        end = s + plain.duration[i] if planned is None else planned
        yield from ((s, end), (s, end + 1), (s, max(s, end - 1)))


@pytest.mark.parametrize("kinds", [(kind,) for kind in constrained.KINDS] + [constrained.KINDS], ids="+".join)
def test_every_single_violation_planted_in_a_feasible_schedule_is_seen(kinds: tuple[str, ...]) -> None:
    """Every activity of a feasible schedule is moved everywhere; moves that break one rule alone are counted by rule."""
    planted: Counter[str] = Counter()

    @settings(max_examples=120, suppress_health_check=list(HealthCheck), deadline=None, database=None, derandomize=True)
    @given(constrained.projects(kinds=kinds))
    def plant(project: sk.rcpsp.Project) -> None:
        plain = Plain.of(project)
        schedule = next(constrained.schedules(plain, 12), None)
        assume(schedule is not None)
        assert schedule is not None
        for i in range(plain.n):
            start, end = map(list, zip(*schedule, strict=True))
            for first, last in moves(plain, i):
                start[i], end[i] = first, last
                broken = constrained.violations(plain, start, end)
                assert found(project, start, end) == broken
                if len({kind for kind, *_ in broken}) == 1:
                    planted[next(iter(broken))[0]] += 1

    plant()
    expected = {"duration", "before_now", "capacity"} | ({"precedence"} if "relation" not in kinds else set())
    expected |= {"lag"} if {"relation", "lag"} & set(kinds) else set()
    expected |= {"release"} if "release_time" in kinds else set()
    expected |= {"deadline"} if "deadline" in kinds else set()
    expected |= {"downtime"} if {"calendars", "pausable"} & set(kinds) else set()
    expected |= {"disjunctive"} if "disjunctive" in kinds else set()
    assert {kind for kind in KINDS if planted[kind] >= 5} >= expected, planted
