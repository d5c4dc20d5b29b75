"""Explanations of random plans without a schedule, judged by a model that shares no code with the library.

``SCHEDKIT_INSTANCES=300`` explains as many plans; a slice runs by default. A third of them has 20 to 60 activities.
"""

from __future__ import annotations

import functools
import os
from datetime import timedelta

import pytest
import schedkit as sk
from schedkit.plan import conflict_parts

from . import infeasible, start_indexed

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "9"))
HOURS = 24 * 28
HOUR = timedelta(hours=1)


@functools.lru_cache(maxsize=3)
def plans(size: str) -> list[sk.plan.Plan]:
    if size in ("typed", "milestones"):
        return infeasible.plans(INSTANCES * 2 // 3, 3, 7, types=True, milestones=size == "milestones")
    return infeasible.plans(INSTANCES * 2 // 3, 3, 10) if size == "small" else infeasible.plans(INSTANCES // 3, 20, 60)


CASES = [(size, k) for size in ("small", "typed", "milestones") for k in range(INSTANCES * 2 // 3)]
CASES += [("large", k) for k in range(INSTANCES // 3)]


@pytest.mark.parametrize(("size", "k"), CASES)
def test_every_conflict_is_irreducible_and_every_relaxation_works(size: str, k: int) -> None:
    plan = plans(size)[k]
    reasons = plan.explain(max_schedules=20_000)
    assert reasons
    for reason in reasons:
        assert reason.irreducible
        assert reason.relaxations
        assert {part.text for part in reason.conflict} <= {part.text for part in conflict_parts.parts_of(plan)}
        assert not start_indexed.feasible(plan, HOURS, reason.conflict)
        for part in reason.conflict:
            assert start_indexed.feasible(plan, HOURS, [other for other in reason.conflict if other != part]), part
    first = [reason.relaxations[0] for reason in reasons]
    for j, reason in enumerate(reasons):
        for relaxation in reason.relaxations:
            assert (len(reasons) == 1) <= (relaxation.resolves == "all")
            context = plan if relaxation.resolves == "all" else applied(plan, first[:j] + first[j + 1 :])
            assert works(relaxation.apply(context)), relaxation.text
            less = one_less(relaxation)
            if less is not None and relaxation.least:
                assert not works(less.apply(applied(plan, first[:j] + first[j + 1 :]))), relaxation.text


def works(plan: sk.plan.Plan) -> bool:
    """Whether a plan has a schedule, which is checked; the model confirms that a small plan has none."""
    r = plan.solve(max_schedules=20_000)
    assert r.status != "unknown"
    if r.end is None:
        assert len(plan.activities) > 10 or not start_indexed.feasible(plan, HOURS)
        return False
    assert sk.check(plan, r) == []
    return True


def applied(plan: sk.plan.Plan, relaxations: list[sk.plan.Relaxation]) -> sk.plan.Plan:
    for relaxation in relaxations:
        plan = relaxation.apply(plan)
    return plan


def one_less(relaxation: sk.plan.Relaxation) -> sk.plan.Relaxation | None:
    """The same kind of relaxation, an hour or a unit less; None if there is no less."""
    if relaxation.kind in ("deadline", "overtime", "release", "duration"):
        sign = 1 if relaxation.kind in ("release", "duration") else -1
        return changed(relaxation, relaxation.value + sign * HOUR)
    return changed(relaxation, relaxation.value - 1) if relaxation.kind == "capacity" else None


def changed(relaxation: sk.plan.Relaxation, value: object) -> sk.plan.Relaxation:
    return sk.plan.Relaxation(relaxation.kind, relaxation.name, value, relaxation.least, relaxation.resolves, relaxation.text)
