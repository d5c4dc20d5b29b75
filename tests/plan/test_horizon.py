"""The horizon of plans: work in any order ends before it, by simulation on the open intervals."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.plan.horizon import Week
from schedkit.plan.open_time import common
from schedkit.plan.working_times import WorkingTimes, working_times

from .strategies import keys

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORK = {"name": "dig", "duration": "1d 4h"}


def plan(**keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": "2026-03-23", "activities": [WORK], **keys})


@settings(max_examples=60)
@given(keys(), st.integers(0, 2**32))
def test_work_in_any_order_ends_before_the_horizon(content: dict[str, Any], seed: int) -> None:
    """One activity after another, each after its longest lag, simulated on the open intervals."""
    found = sk.plan.Plan(**content)
    times = working_times(found)
    order = [activity for activity in found.activities if activity.actual_end is None]
    random.Random(seed).shuffle(order)
    at = _last_date(found, times)
    for activity in order:
        clock, waits = times.clock(found.calendar), [at]
        for link in activity.predecessors:
            if link.lag > timedelta(0):
                lag = times.ticks(link.lag)
                waits.append(at + lag if link.elapsed else clock.after(at, lag) or at)
        opens = np.array([[0, times.horizon]])
        for name in times.calendars_of(activity):
            opens = common(opens, times.opens(name))
        end = _worked(opens.tolist(), max(waits), times.remaining(activity), activity.pausable)
        at = max(waits) if end is None else end
    assert at <= times.horizon


def _last_date(found: sk.plan.Plan, times: WorkingTimes) -> int:
    moments = [found.start, *([found.now] if found.now else []), *(o.end for r in found.resources for o in r.outages)]
    moments += [m for a in found.activities for m in (a.release, a.actual_start) if m]
    moments += [datetime.combine(day + DAY, time(6), UTC) for calendar in found.calendars for day in calendar.exceptions]
    return max(times.axis.to_ticks(moment, rounding="up") for moment in moments)


def _worked(opens: list[list[int]], at: int, work: int, pausable: bool) -> int | None:
    """When work that begins no earlier than a tick is done; None if there is no open time for it in an ordinary week."""
    for begin, end in opens:
        first = max(begin, at)
        if not pausable and end - first >= work:
            return first + work
        if pausable and end > first:
            if end - first >= work:
                return first + work
            work -= end - first
    return at if not work else None


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.integers(1, 40), st.booleans())
def test_the_longest_time_that_work_takes(pattern: list[bool], work: int, pausable: bool) -> None:
    """By trying every beginning: in a week of twelve periods of 14 hours, work in periods."""
    period = 14 * 3600
    week = Week([np.array([[k * period, (k + 1) * period] for k in range(12) if pattern[k]], dtype=np.int64).reshape(-1, 2)])
    found = week.longest(work * period, pausable=pausable) / period
    if not any(pattern) or (not pausable and not all(pattern) and "1" * work not in "".join("01"[k] for k in pattern) * 2):
        assert found == 0
        return
    times = []
    for begin in range(12):
        at, done = begin, 0
        while done < work:
            done = done + 1 if pattern[at % 12] else done if pausable else 0
            at += 1
        times.append(at - begin)
    if pausable or all(pattern):
        assert found == max(times)
    else:
        assert found == max(times) + 1  # work that has to begin within a period waits from just after its beginning


def test_a_long_plan_ends_before_the_horizon() -> None:
    """Work for Mondays and for Thursdays in turn: each piece waits for half a week, 60 pieces take 30 weeks."""
    days = {"mon": "Monday", "thu": "Thursday"}
    several = [{"name": name, "weekly": {day: "08:00-12:00"}} for day, name in days.items()]
    work = [{"name": str(k), "duration": "3h", "pausable": False, "calendar": list(days.values())[k % 2]} for k in range(60)]
    times = working_times(plan(calendars=several, activities=work, calendar="always"))
    assert 30 * 168 <= times.horizon * times.axis.tick / HOUR <= 80 * 168


def test_what_can_never_be_done_adds_nothing_to_the_horizon() -> None:
    short = working_times(plan()).horizon
    never = working_times(plan(activities=[WORK, {"name": "long", "duration": "5h", "pausable": False}])).horizon
    assert never == short


def test_a_plan_beyond_the_calendar_is_refused() -> None:
    words = (
        "activities: the plan could last beyond the year 9900, expected earlier dates, or shorter work and lags; those of '7'"
    )
    with pytest.raises(sk.InvalidInputError, match=words):
        plan(tick="1h", activities=[{"name": str(k), "duration": f"{9000 + (k == 7)}w"} for k in range(60)])


def test_work_of_more_shifts_than_are_written_out_is_refused() -> None:
    """Two shifts on each of 199,999 days are fewer than 400,000; around the clock there is one."""
    with pytest.raises(sk.InvalidInputError, match=r"activities\[0\].duration \(activity 'a'\): .* more than 400,000 shifts"):
        plan(activities=[{"name": "a", "duration": "200001d"}]).solve(max_schedules=10)
    assert plan(activities=[{"name": "a", "duration": "20000d"}]).solve(max_schedules=10).status == "optimal"
    always = plan(calendar="always", activities=[{"name": "a", "duration": "800000d"}])
    assert always.solve(max_schedules=10).status == "optimal"


@settings(max_examples=100, deadline=None)
@given(*[st.lists(st.integers(0, 30), max_size=10)] * 2)
def test_the_intersection_of_open_time_by_its_moments(first: list[int], second: list[int]) -> None:
    def union(ends: list[int]) -> Any:
        found = sorted(set(ends))[: len(set(ends)) // 2 * 2]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def moments(of: Any) -> set[int]:
        return {at for begin, end in of.tolist() for at in range(begin, end)}

    both = common(union(first), union(second))
    assert moments(both) == moments(union(first)) & moments(union(second))
    assert all(end < begin for (_, end), (begin, _) in itertools.pairwise(both.tolist()))
