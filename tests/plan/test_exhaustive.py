"""Random small plans against all schedules, hour by hour: ends, late starts, slack, and whether there is a schedule at all.

``SCHEDKIT_INSTANCES=300`` compares as many plans, as many busy ones, as many urgent ones, and a third as many over changes of
the clocks; a slice runs by default.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
import schedkit as sk

from . import exhaustive, plan_hours, random_plans

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "24"))
QUIET = (random_plans.QUIET,)
CASES: list[tuple[int, tuple[tuple[str, str], ...], str]] = [(seed, QUIET, "usual") for seed in range(INSTANCES)]
CASES += [(seed, QUIET, "busy") for seed in range(INSTANCES)]
CASES += [(seed, QUIET, "urgent") for seed in range(5000, 5000 + INSTANCES)]
CASES += [(seed, random_plans.CHANGES, "usual") for seed in range(1050, 1050 + INSTANCES // 3)]
CASES += [(seed, QUIET, "usual") for seed in (26, 32, 42, 45, 202, 223)]
CASES += [(seed, random_plans.CHANGES, "usual") for seed in (1062, 1078, 1090)]
"""Random plans, then those in which something was wrong once."""


@pytest.mark.parametrize(("seed", "places", "kind"), CASES)
def test_plans_are_those_of_the_judge(seed: int, places: tuple[tuple[str, str], ...], kind: str) -> None:
    """The end is the least one where that is proven. No activity can start earlier, or later in a late schedule, alone."""
    plan = random_plans.random_plan(seed, places, busy=kind != "usual", urgent=kind == "urgent")
    judge = exhaustive.Judge(plan)

    def spans(rows: list[dict[str, Any]], start: str = "start", end: str = "end") -> plan_hours.Spans:
        return {row["name"]: (None if row[start] is None else judge.hour(row[start]), judge.hour(row[end])) for row in rows}

    r = plan.solve(max_schedules=3000)
    assert (plan.explain(max_schedules=2000) == []) == (r.end is not None)
    with contextlib.suppress(exhaustive.TooManyError):
        assert judge.exists({}) == (r.end is not None)
    if r.end is None:
        assert r.status == "infeasible"
        return
    end, early = judge.hour(r.end), spans(r.table())
    late = plan.solve(max_schedules=3000, late=True)
    latest = spans(r.slack(), "latest_start", "latest_end")
    assert sk.check(plan, r) == sk.check(plan, late) == []
    assert late.end == r.end
    assert all(row["slack"] >= 0 * plan_hours.HOUR for row in r.slack())
    try:
        ruled = None if judge.turns is not None else early
    except exhaustive.TooManyError:
        ruled = early
    assert judge.keeps(early, end, ruled)
    assert ruled is not None or list(judge.earlier(early, end)) == []
    for later in (spans(late.table()), latest):
        assert judge.keeps(later, end, early)
        assert list(judge.later(later, end, early)) == []
    if ruled is None:
        with contextlib.suppress(exhaustive.TooManyError):
            judge.steps = 0
            least = judge.least_end(end)
            assert least is not None
            assert judge.hour(r.lower_bound) <= least <= end
            assert r.status != "optimal" or least == end
