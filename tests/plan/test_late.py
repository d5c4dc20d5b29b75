"""Plans that start everything as late as possible: by hand, and against the schedule that starts everything early."""

from __future__ import annotations

from typing import Any

import schedkit as sk
from hypothesis import given, settings

from . import strategies


def test_what_is_not_urgent_waits() -> None:
    """Two crews: a day of painting may wait until the second day of digging."""
    plan = sk.plan.Plan(
        start="2026-03-23",
        resources=[{"name": "diggers"}, {"name": "painters"}],
        activities=[
            {"name": "dig", "duration": "2d", "resources": "diggers"},
            {"name": "paint", "duration": "4h", "resources": "painters"},
        ],
    )
    early, late = plan.solve(max_schedules=100), plan.solve(max_schedules=100, late=True)
    assert sk.check(plan, late) == []
    assert [f"{row['start']:%a %H:%M}" for row in early.table()] == ["Mon 08:00", "Mon 08:00"]
    assert [f"{row['start']:%a %H:%M}" for row in late.table()] == ["Mon 08:00", "Tue 13:00"]
    assert (late.end, late.critical) == (early.end, ["dig"])


@settings(max_examples=60, deadline=None)
@given(strategies.schedulable())
def test_nothing_starts_earlier_and_the_end_stays(content: dict[str, Any]) -> None:
    plan = sk.plan.Plan(**content)
    early, late = plan.solve(max_schedules=100), plan.solve(max_schedules=100, late=True)
    assert (early.status, early.end) == (late.status, late.end)
    if early.table():
        assert sk.check(plan, late) == []
        for before, after in zip(early.table(), late.table(), strict=True):
            assert before["start"] is None or after["start"] >= before["start"]
