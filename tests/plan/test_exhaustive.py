"""Random small plans against all schedules, hour by hour: ends, late starts, slack, and whether there is a schedule at all.

``SCHEDKIT_INSTANCES=300`` compares as many plans, and a third as many over changes of the clocks; a slice runs by default.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
import schedkit as sk

from . import exhaustive

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "24"))
CASES: list[tuple[int, tuple[tuple[str, str], ...]]] = [(seed, (exhaustive.QUIET,)) for seed in range(INSTANCES)]
CASES += [(seed, exhaustive.CHANGES) for seed in range(1050, 1050 + INSTANCES // 3)]
CASES += [(seed, (exhaustive.QUIET,)) for seed in (26, 32, 42, 45, 202, 223)]
CASES += [(seed, exhaustive.CHANGES) for seed in (1062, 1078, 1090)]
"""Random plans, then those in which something was wrong once."""
MOST_HOURS = 30
"""After which a plan without a schedule needs none to be found."""


@pytest.mark.parametrize(("seed", "places"), CASES)
def test_plans_are_those_of_the_judge(seed: int, places: tuple[tuple[str, str], ...]) -> None:
    """The end is the least one where that is proven. No activity can start earlier, or later in a late schedule, alone."""
    plan = exhaustive.random_plan(seed, places)
    judge = exhaustive.Judge(plan)

    def spans(rows: list[dict[str, Any]], start: str = "start", end: str = "end") -> exhaustive.Spans:
        return {row["name"]: (None if row[start] is None else judge.hour(row[start]), judge.hour(row[end])) for row in rows}

    r = plan.solve(max_schedules=3000)
    assert (plan.explain(max_schedules=2000) == []) == (r.end is not None)
    if r.end is None:
        assert r.status == "infeasible"
        with contextlib.suppress(exhaustive.TooManyError):
            assert judge.least_end(MOST_HOURS) is None
        return
    end, early = judge.hour(r.end), spans(r.table())
    assert sk.check(plan, r) == []
    assert judge.keeps(early, end)
    assert list(judge.earlier(early, end)) == []
    with contextlib.suppress(exhaustive.TooManyError):
        least = judge.least_end(end)
        assert least is not None
        assert judge.hour(r.lower_bound) <= least <= end
        assert r.status != "optimal" or least == end
    late = plan.solve(max_schedules=3000, late=True)
    assert sk.check(plan, late) == []
    assert late.end == r.end
    assert judge.keeps(spans(late.table()), end)
    assert list(judge.later(spans(late.table()), end)) == []
    latest = spans(r.slack(), "latest_start", "latest_end")
    assert judge.keeps(latest, end, latest=True)
    assert list(judge.later(latest, end, latest=True)) == []
