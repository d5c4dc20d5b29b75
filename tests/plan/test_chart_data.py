"""What charts draw: work, load and closed time against a second by second count; periods on the clocks of zones."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.plan import chart_data, dates, periods, plot

from . import samples
from .strategies import ZONES, schedulable

QUARTER = 900


def drawn(r: sk.plan.PlanSolution, baseline: sk.plan.PlanSolution | None = None) -> chart_data.ChartData:
    return plot.drawn(r, baseline)


def second(*fields: int) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def test_an_example_by_hand() -> None:
    """Friday 15:00 to 17:00 and Monday 8:00 to 9:00 with two of three, of which an outage leaves two on Friday."""
    plan = sk.plan.Plan(
        start="2026-01-09 15:00",
        resources=[{"name": "crew", "capacity": 3, "outages": [{"from": "2026-01-09", "to": "2026-01-09", "capacity": 2}]}],
        activities=[{"name": "dig", "duration": "3h", "resources": "crew[2]", "due": "2026-01-12 08:00"}],
    )
    data = drawn(plan.solve())
    (bar,), (use,) = data.bars, data.resources
    friday, monday = second(2026, 1, 9), second(2026, 1, 12)
    assert bar.pieces.tolist() == [[friday + 15 * 3600, friday + 17 * 3600], [monday + 8 * 3600, monday + 9 * 3600]]
    assert (bar.begin, bar.end, bar.late, bar.critical) == (friday + 15 * 3600, monday + 9 * 3600, 3600, True)
    edges = [friday, friday + 86400, monday, monday + 86400]
    assert use.used.sums(edges).tolist() == [4 * 3600, 0, 2 * 3600]
    assert use.available.sums(edges)[:2].tolist() == [2 * 2 * 3600, 0]  # from the start of the plan on
    assert use.available.sums(edges)[2] == 3 * 8 * 3600
    assert (data.first, data.last) == (friday + 15 * 3600, monday + 9 * 3600)


def test_deadlines_behind_the_end_are_in_the_picture_if_they_are_near() -> None:
    """One day from Monday 08:00 to 17:00: nine hours, so a deadline up to 18 hours behind the end is drawn."""
    for deadline, last in (("2026-03-24 11:00", second(2026, 3, 24, 11)), ("2026-03-24 12:00", second(2026, 3, 23, 17))):
        dig = {"name": "dig", "duration": "1d", "deadline": deadline}
        data = drawn(sk.plan.Plan(start="2026-03-23 08:00", activities=[dig]).solve())
        assert data.last == last
        assert data.edge >= data.last + 86400


def test_hours_are_known_behind_the_horizon_of_the_search() -> None:
    """Five weeks of work in ticks of two hours, with a deadline behind the horizon; the edge is behind the change of clocks."""
    even = {"name": "even", "weekly": {"mon-fri": "08:00-12:00 14:00-18:00"}}
    dig = {"name": "dig", "duration": "20d", "resources": "crew", "deadline": "2026-10-09"}
    plan = sk.plan.Plan(
        start="2026-08-03",
        timezone="Europe/Berlin",
        tick="2h",
        calendar="even",
        calendars=[even],
        resources=[{"name": "crew", "capacity": 2}],
        activities=[dig],
    )
    data = drawn(plan.solve())
    (use,), (opens,) = data.resources, data.hours
    assert data.last == second(2026, 10, 9, 22)  # midnight in Berlin
    monday = second(2026, 11, 2) - 3600
    assert data.edge >= monday + 86400
    assert use.available.sums([monday, monday + 86400]).tolist() == [2 * 8 * 3600]
    assert [monday + 8 * 3600, monday + 12 * 3600] in opens.tolist()


def test_progress_splits_bars() -> None:
    plan, baseline = samples.under_way()
    r = plan.solve(max_schedules=200)
    assert sk.check(plan, r) == []
    data = drawn(r, baseline)
    bars = {bar.activity.name: bar for bar in data.bars}
    cabling = bars["lay structured cabling"]
    assert (cabling.done, cabling.resumes is not None and cabling.resumes >= (data.now or 0)) == (False, True)
    assert bars["survey the network"].done
    assert {bar.baseline for bar in data.bars if bar.activity.name == "decommissioning sign-off"} == {
        (round(row["start"].timestamp()), round(row["end"].timestamp()))
        for row in baseline.table()
        if row["name"] == "decommissioning sign-off"
    }
    assert [data.bars[k].activity.name for k in data.chain] == r.critical


@pytest.mark.parametrize("now", ["2026-03-25 08:00", None])
def test_work_that_waits_is_not_drawn_as_work(now: str | None) -> None:
    """a began at 06:00, is known at 08:00 (b ended then), and goes on at 12:00, because x ends at 16:00."""
    plan = sk.plan.Plan(
        start="2026-03-25",
        now=now,
        calendar="always",
        resources=[{"name": "crew"}],
        activities=[
            {"name": "b", "duration": "1h", "actual_end": "2026-03-25 08:00"},
            {"name": "x", "duration": "8h"},
            {"name": "a", "duration": "4h", "resources": "crew", "predecessors": "x FF", "actual_start": "2026-03-25 06:00"},
        ],
    )
    data = drawn(plan.solve(max_schedules=100))
    bar, hour = data.bars[2], 3600
    midnight = second(2026, 3, 25)
    assert [[(at - midnight) / hour for at in piece] for piece in bar.pieces.tolist()] == [[6, 8], [12, 16]]
    assert (bar.happened, bar.resumes) == (midnight + 8 * hour, midnight + 12 * hour)
    (use,) = data.resources
    assert use.used.sums([midnight + at * hour for at in (6, 8, 12, 16)]).tolist() == [2 * hour, 0, 4 * hour]


@given(keys=schedulable())
@settings(max_examples=60)
def test_bars_and_load_are_those_of_the_schedule(keys: dict[str, Any]) -> None:
    """Work adds up to the duration, lies in open hours, and never takes more units than there are."""
    plan = sk.plan.Plan(**keys)
    r = plan.solve(max_schedules=20)
    if r.end is None:
        with pytest.raises(sk.SchedkitError, match="no schedule to draw"):
            r.plot()
        return
    data = drawn(r)
    left: dict[str, float] = {resource.name: 0 for resource in plan.resources}
    for bar, row in zip(data.bars, r.table(), strict=True):
        activity = bar.activity
        assert bar.end == round(row["end"].timestamp())
        lengths = [end - begin for begin, end in bar.pieces.tolist()]
        assert all(length > 0 for length in lengths)
        assert all(bar.begin <= begin and end <= bar.end for begin, end in bar.pieces.tolist())
        if activity.actual_start is None and activity.actual_end is None:
            work = activity.duration if activity.percent is None and activity.remaining is None else None
            if work is not None:
                assert sum(lengths) == work.total_seconds()
            hours = data.hours[bar.hours].tolist()
            for begin, end in bar.pieces.tolist():
                assert any(opening <= begin and end <= closing for opening, closing in hours)
                for name, units in activity.resources.items():
                    left[name] += units * (end - begin)
    for use in data.resources:
        (everything,) = use.used.sums([data.first - 1, data.last + 1])
        facts = any(use.name in a.resources and (a.actual_start or a.actual_end) for a in plan.activities)
        assert everything >= left[use.name] if facts else everything == left[use.name]
        if not facts:
            for at, units in zip(use.used.time.tolist(), use.used.value.tolist(), strict=True):
                assert units <= use.available.sums([at, at + 1])[0]


@given(
    st.sampled_from(ZONES), st.sampled_from(periods.PERIODS), st.integers(0, 365 * 96), st.integers(0, 400), st.integers(1, 40)
)
def test_periods_begin_where_the_clocks_say(name: str, period: periods.Period, quarter: int, day: int, count: int) -> None:
    zone = dates.zone(name)
    first = second(2026, 1, 1) + quarter * QUARTER
    last = first + day * 3600 if period.name == "hour" else first + count * period.length
    found = periods.starts(period, first, last, zone)
    assert found == sorted(set(found))
    assert found[0] <= first < (found[1] if len(found) > 1 else math.inf)
    assert found[-1] > last
    for moment in found:
        clock = datetime.fromtimestamp(moment, UTC).astimezone(zone)
        before = (datetime.fromtimestamp(moment, UTC) - timedelta(seconds=1)).astimezone(zone)
        if period.name == "hour":
            continue
        assert before.date() < clock.date()
        assert {
            "day": True,
            "week": clock.weekday() == 0,
            "month": clock.day == 1 and (clock.month - 1) % period.count == 0,
            "year": (clock.month, clock.day) == (1, 1),
        }[period.name]


def test_hours_follow_each_other_over_a_change_of_the_clocks() -> None:
    """2026-03-29 has 23 hours in Berlin; six hours after midnight the clocks show 7:00."""
    zone = dates.zone("Europe/Berlin")
    found = periods.starts(periods.PERIODS[1], second(2026, 3, 28, 23), second(2026, 3, 29, 23), zone)
    clocks = [datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in found]
    assert [f"{clock:%d %H:%M}" for clock in clocks] == ["29 00:00", "29 07:00", "29 13:00", "29 19:00", "30 00:00", "30 06:00"]


def test_a_midnight_that_clocks_skip() -> None:
    """In Santiago 2026-09-06 begins at 1:00."""
    zone = dates.zone("America/Santiago")
    found = periods.starts(periods.PERIODS[2], second(2026, 9, 5, 12), second(2026, 9, 7, 12), zone)
    clocks = [datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in found]
    assert [f"{clock:%d %H:%M}" for clock in clocks] == ["05 00:00", "06 01:00", "07 00:00", "08 00:00"]


@pytest.mark.parametrize(
    ("when", "shown", "last"),
    [
        ("2026-03-25 10:00", "Wed 2026-03-25 10:00", "Wed 2026-03-25 10:00"),
        ("2026-03-26 00:00", "Thu 2026-03-26 00:00", "Wed 2026-03-25"),
        ("2026-03-25 10:00:30", "Wed 2026-03-25 10:00:30", "Wed 2026-03-25 10:00:30"),
    ],
)
def test_dates_for_readers(when: str, shown: str, last: str) -> None:
    moment = dates.moment(when, dates.zone("Europe/Berlin"))
    assert (dates.with_weekday(moment), dates.until(moment)) == (shown, last)


def test_the_finest_period_of_which_not_too_many_fit() -> None:
    day = 86400
    assert [periods.finest(0, round(days * day), 22).name for days in (0.5, 5, 20, 100, 600, 1500, 9000)] == [
        *("hour", "hour", "day", "week", "month", "month", "year"),
    ]
    assert periods.finest(0, day, 22, at_least="day").name == "day"
