"""Plans in ticks: open time by clocks looked at one by one and by `TimeAxis.working_hours`, ticks and ends counted by hand."""

from __future__ import annotations

import random
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st
from schedkit.plan.open_time import common
from schedkit.plan.working_times import WorkClock, WorkingTimes, working_times

from . import meaning
from .strategies import DAYS, HOURS, calendars, keys

HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
WORK = {"name": "dig", "duration": "1d 4h"}

#: Zone, a day on which its clocks change, and how long that day is, in hours; from the tables of the time zone database.
CHANGES = [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Europe/London", "2026-03-29", 23),
    ("America/New_York", "2026-03-08", 23), ("America/New_York", "2026-11-01", 25), ("America/Los_Angeles", "2026-11-01", 25),
    ("America/St_Johns", "2026-03-08", 23), ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ("Australia/Adelaide", "2026-10-04", 23), ("Australia/Sydney", "2026-04-05", 25), ("Pacific/Auckland", "2026-09-27", 23),
    ("Pacific/Chatham", "2026-04-05", 25), ("Pacific/Chatham", "2026-09-27", 23), ("Antarctica/Troll", "2026-03-29", 22),
    ("Africa/Cairo", "2026-04-24", 23), ("Asia/Beirut", "2026-03-29", 23), ("America/Havana", "2026-11-01", 25),
    ("America/Santiago", "2026-09-06", 23), ("Asia/Gaza", "2026-03-28", 23), ("America/Sao_Paulo", "2018-11-04", 23),
    ("Asia/Tehran", "2022-03-22", 23), ("Asia/Kolkata", "2026-03-29", 24), ("Asia/Kathmandu", "2026-03-29", 24),
    ("Asia/Jerusalem", "2026-03-27", 23), ("Europe/Lisbon", "2026-10-25", 25),
]  # fmt: skip


def plan(**keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": "2026-03-23", "activities": [WORK], **keys})


def clocks(times: WorkingTimes, intervals: np.ndarray) -> list[str]:
    return [f"{a:%a %d.%m. %H:%M}-{b:%H:%M}" for a, b in zip(*map(times.axis.to_datetime, intervals.T), strict=True)]


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES, ids=str)
def test_a_day_off_is_the_whole_local_day(zone: str, day: str, hours: float) -> None:
    """The holiday of a calendar that is open otherwise, an outage and a deadline by date end with the day, however long."""
    on = date.fromisoformat(day)
    holiday = {"name": "but one day", "weekly": {"mon-sun": "24h"}, "exceptions": {day: "closed"}}
    found = plan(
        start=on - 3 * DAY,
        timezone=zone,
        calendars=[holiday],
        resources=[{"name": "crew", "outages": [{"from": day, "to": day}], "calendar": "always"}],
        activities=[{**WORK, "calendar": "but one day", "deadline": day, "release": day}],
    )
    times = working_times(found)
    (first, second) = times.opens("but one day")
    assert (second[0] - first[1]) * times.axis.tick == hours * HOUR
    begin, end = times.moment(int(first[1])), times.moment(int(second[0]))
    assert (begin.date(), end.date()) == (on, on + DAY)
    assert (begin - timedelta(microseconds=1)).astimezone(UTC).astimezone(ZoneInfo(zone)).date() <= on
    assert (end.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == on
    (activity,) = found.activities
    assert activity.release is not None
    assert activity.deadline is not None
    assert [times.tick(activity.release), times.tick(activity.deadline)] == [first[1], second[0]]
    outage = times.of_resource("crew")[-1]
    assert outage.time.tolist() == [0, first[1], second[0]]
    assert outage.capacity.tolist() == [1, 0, 1]


ZONES = sorted(
    {zone for zone, _, _ in CHANGES} | {"UTC", "Asia/Yangon", "America/Caracas", "Pacific/Apia", "Africa/Casablanca"}
)


@st.composite
def plans(draw: st.DrawFn) -> sk.plan.Plan:
    zone, day, _ = draw(st.sampled_from(CHANGES))
    start = date.fromisoformat(day) - draw(st.integers(0, 20)) * DAY
    several = draw(calendars(["a", "b"]))
    for calendar in several:
        days = draw(st.lists(st.integers(0, 40), max_size=3, unique=True))
        calendar["exceptions"] = {str(start + k * DAY): draw(st.sampled_from(HOURS)) for k in days}
    activities = [WORK | {"name": calendar["name"], "calendar": calendar["name"]} for calendar in several]
    return plan(start=start, timezone=zone, calendars=several, activities=activities)


@given(plans(), st.integers(0, 2**32))
def test_a_moment_is_open_if_the_clocks_show_working_hours(found: sk.plan.Plan, seed: int) -> None:
    times = working_times(found)
    start = times.axis.origin.astimezone(UTC)
    steps = min(times.horizon * times.axis.tick // QUARTER, 96 * 60)
    for name in ("a", "b"):
        opens = times.opens(name)
        assert (opens[:, 0] < opens[:, 1]).all()
        assert (opens[1:, 0] > opens[:-1, 1]).all()
        for k in random.Random(seed).sample(range(steps), 200):
            moment = start + k * QUARTER
            tick = (moment - start) // times.axis.tick
            is_open = bool(np.searchsorted(opens.ravel(), tick, "right") % 2)
            clock = moment.astimezone(found.start.tzinfo).replace(tzinfo=None)
            assert is_open == meaning.is_open(found, name, clock), (name, clock)


@given(plans())
def test_open_time_is_that_of_working_hours(found: sk.plan.Plan) -> None:
    times = working_times(found)
    until = times.axis.to_datetime(times.horizon)
    for calendar in found.calendars:
        weekly = {day: [_pair(*span) for span in spans] for day, spans in zip(DAYS, calendar.weekly, strict=True)}
        exceptions = {day: [_pair(*span) for span in spans] for day, spans in calendar.exceptions.items()}
        if any(end - begin > 86400 for spans in (*calendar.weekly, *calendar.exceptions.values()) for begin, end in spans):
            continue  # a pair of clock times lasts for 24 hours at most
        expected = times.axis.working_hours(weekly, until=until, exceptions=exceptions)
        unrolled = _unrolled(times, calendar.name)
        assert unrolled == (expected.time.tolist(), expected.capacity.tolist())


def _pair(begin: int, end: int) -> tuple[str, str]:
    shown = [f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in (begin, end if end == 86400 else end % 86400)]
    return shown[0], shown[1]


def _unrolled(times: WorkingTimes, name: str) -> tuple[list[int], list[int]]:
    time, level = [0], [0]
    for begin, end in times.opens(name).tolist():
        if begin == 0:
            level[0] = 1
        else:
            time, level = [*time, begin], [*level, 1]
        time, level = [*time, end], [*level, 0]
    return time, level


def test_a_working_week_by_hand() -> None:
    times = working_times(plan(timezone="Europe/Berlin"))
    assert (times.axis.tick, times.start, times.ticks(12 * HOUR)) == (HOUR, 0, 12)
    assert clocks(times, times.opens("standard")[8:12]) == [
        "Fri 27.03. 08:00-12:00", "Fri 27.03. 13:00-17:00", "Mon 30.03. 08:00-12:00", "Mon 30.03. 13:00-17:00",
    ]  # fmt: skip
    weekend = times.opens("standard")[9:11]
    assert weekend[1, 0] - weekend[0, 1] == 62  # not 63: clocks are put forward


@pytest.mark.parametrize(("start", "hours"), [("2026-03-27", 7), ("2026-10-23", 9), ("2026-06-05", 8)])
def test_night_shifts(start: str, hours: int) -> None:
    night = {"name": "night", "weekly": {"sat": "22:00-06:00"}}
    times = working_times(plan(start=start, timezone="Europe/Berlin", calendars=[night], calendar="night"))
    begin, end = times.opens("night")[0].tolist()
    assert f"{times.moment(begin):%a %H:%M}-{times.moment(end):%a %H:%M}" == "Sat 22:00-Sun 06:00"
    assert (end - begin) * times.axis.tick == hours * HOUR


def test_a_night_shift_ends_on_the_holiday_before_which_it_began() -> None:
    night = {"name": "night", "weekly": {"mon-sun": "22:00-06:00"}, "exceptions": {"2026-03-25": "closed"}}
    times = working_times(plan(calendars=[night], calendar="night"))
    assert clocks(times, times.opens("night")[:5]) == [
        "Mon 23.03. 00:00-06:00", "Mon 23.03. 22:00-06:00", "Tue 24.03. 22:00-06:00", "Thu 26.03. 22:00-06:00",
        "Fri 27.03. 22:00-06:00",
    ]  # fmt: skip


def test_crews_that_follow_the_sun() -> None:
    """Three shifts on the clocks of one zone: someone works at any time, nobody at the same time, also when clocks change."""
    shifts = {"europe": "08:00-16:00", "america": "16:00-24:00", "asia": "00:00-08:00"}
    crews = [{"name": name, "weekly": {"mon-sun": hours}} for name, hours in shifts.items()]
    work = [{"name": name, "duration": "40d", "calendar": name} for name in shifts]
    times = working_times(plan(start="2026-10-01", timezone="Europe/London", calendars=crews, activities=work))
    opens = [times.opens(name) for name in shifts]
    assert sum(int((span[:, 1] - span[:, 0]).sum()) for span in opens) == times.horizon
    for k, name in enumerate(shifts):
        assert not len(common(opens[k], opens[k - 1])), name
    lengths = np.unique(times.opens("asia")[:-1, 1] - times.opens("asia")[:-1, 0])
    assert lengths.tolist() == [8, 9]  # the night on which clocks are put back


@pytest.mark.parametrize(
    ("content", "minutes"),
    [
        ({}, 60),  # 08:00, 12:00, 13:00, 17:00; 12 h
        ({"activities": [WORK | {"duration": "90m"}]}, 30),
        ({"activities": [WORK | {"duration": "8h"}], "calendar": "always"}, 8 * 60),
        ({"activities": [], "calendar": "always"}, 720),
        ({"activities": [WORK, {"name": "b", "duration": "4h", "predecessors": "dig SS+20m"}]}, 20),
        ({"activities": [WORK | {"deadline": "2026-04-01 09:45"}]}, 15),
        ({"now": "2026-03-23 10:07"}, 1),
        ({"calendars": [{"name": "unused", "weekly": {"mon": "08:01-09:00"}}]}, 60),
        ({"resources": [{"name": "crew", "outages": [{"from": "2026-03-23 10:10", "to": "2026-03-24"}]}]}, 10),
        ({"timezone": "Asia/Kathmandu", "activities": [WORK | {"release": "2026-03-24 08:00Z"}]}, 15),  # five hours 45 ahead
        ({"timezone": "Asia/Kolkata", "activities": [WORK | {"release": "2026-03-24 08:00Z"}]}, 30),
        ({"timezone": "Australia/Lord_Howe"}, 30),  # clocks are put back by half an hour on 5 April
        ({"timezone": "Australia/Lord_Howe", "start": "2026-05-04"}, 60),
        ({"start": "2026-03-23 07:40"}, 20),
    ],
)
def test_the_tick_is_the_greatest_common_divisor(content: dict[str, Any], minutes: int) -> None:
    assert working_times(plan(**content)).axis.tick == timedelta(minutes=minutes)


@given(keys())
def test_everything_lies_on_ticks(content: dict[str, Any]) -> None:
    found = sk.plan.Plan(**content)
    times = working_times(found)
    moments = [
        found.start,
        *(o.start for r in found.resources for o in r.outages),
        *(o.end for r in found.resources for o in r.outages),
    ]
    for activity in found.activities:
        moments += [
            m for m in (activity.release, activity.deadline, activity.due, activity.actual_start, activity.actual_end) if m
        ]
        times.ticks(activity.duration)
        for link in activity.predecessors:
            times.ticks(link.lag)
        assert times.remaining(activity) * times.axis.tick >= timedelta(seconds=float(meaning.left(activity))) - timedelta(
            microseconds=1
        )
        assert (times.remaining(activity) - 1) * times.axis.tick < timedelta(seconds=float(meaning.left(activity)))
    for moment in moments:
        assert meaning.naive(times.moment(times.axis.to_ticks(moment))) == meaning.naive(moment)
    assert times.start >= 0
    own = sk.plan.Plan(**content | {"tick": times.axis.tick})  # accepted, because it divides everything
    assert working_times(own).axis == times.axis


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"tick": "5h"}, "duration.*12 hours is no whole number of ticks of 5 hours"),
        (
            {"tick": "1h", "activities": [WORK | {"release": "2026-03-24 08:30"}]},
            "release.*08:30 does not lie on ticks of 1 hour",
        ),
        (
            {"tick": "1h", "activities": [WORK, {"name": "b", "duration": 0, "predecessors": "dig+30m"}]},
            "predecessors.*30 minutes",
        ),
        ({"tick": "1h", "timezone": "Australia/Lord_Howe"}, "calendar 'standard' opens or closes at 2026-04-06 08:00"),
        ({"tick": "6h"}, "calendar 'standard' opens or closes at 2026-03-23 08:00"),
        ({"tick": "1d"}, "shorter than 24 hours"),
        ({"tick": 0}, "longer than 0"),
    ],
)
def test_a_tick_of_the_plan_divides_everything(content: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=message):
        plan(**content)


def test_facts_between_ticks_are_rounded_up() -> None:
    fact = {"actual_start": "2026-03-23 08:07", "percent": 10}
    times = working_times(plan(tick="1h", now="2026-03-24 10:01", activities=[WORK | fact]))
    (activity,) = times._plan.activities
    assert activity.actual_start is not None
    assert (times.now, times.tick(activity.actual_start), times.remaining(activity)) == (35, 9, 11)  # of 12 h 1.2 are done


def test_the_axis_begins_with_the_first_fact() -> None:
    times = working_times(plan(now="2026-03-25", activities=[WORK | {"actual_start": "2026-03-20 08:00"}]))
    assert times.axis.origin.isoformat() == "2026-03-20T08:00:00+00:00"
    assert times.start == 64
    early = plan(now="2026-03-25", tick="1h", activities=[WORK | {"actual_start": "2026-03-20 08:07"}])
    times = working_times(early)
    assert times.axis.origin.isoformat() == "2026-03-20T08:00:00+00:00"  # on a tick of the plan
    assert early.activities[0].actual_start is not None
    assert (times.start, times.tick(early.activities[0].actual_start)) == (64, 1)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 70), st.integers(-40, 40))
def test_work_clocks(lengths: list[int], tick: int, work: int) -> None:
    """By counting open ticks one by one."""
    ends = np.cumsum(lengths)[: len(lengths) // 2 * 2].reshape(-1, 2)
    clock = WorkClock(ends)
    is_open = np.zeros(200, dtype=bool)
    for begin, end in ends:
        is_open[begin:end] = True
    before = np.concatenate(([0], np.cumsum(is_open)))
    assert [clock.reading(k) for k in range(200)] == before[:200].tolist()
    found = clock.after(tick, work)
    target = before[tick] + work
    if work == 0:
        assert found == tick
    elif 0 < target <= before[-1]:
        assert found == np.flatnonzero(before >= target)[0]
    elif target > before[-1]:
        assert found is None
    else:
        assert found is not None
        assert found <= 0  # all open ticks are no more than the lead


@given(keys(progress=False), st.integers(0, 2**32))
def test_calendars_of_resources_have_the_units_that_are_there(content: dict[str, Any], seed: int) -> None:
    found = sk.plan.Plan(**content | {"timezone": "UTC"})
    times, numbers = working_times(found), random.Random(seed)
    for resource in found.resources:
        several = times.of_resource(resource.name)
        for _ in range(100):
            tick = numbers.randrange(min(times.horizon, 10**6))
            clock = times.moment(tick).replace(tzinfo=None)
            level = min([resource.capacity, *(_level(calendar, tick) for calendar in several)])
            assert level == meaning.units(found, resource, clock), clock


def _level(calendar: sk.rcpsp.Calendar, tick: int) -> int:
    phase = tick if calendar.period is None else (tick - int(calendar.time[0])) % calendar.period + int(calendar.time[0])
    return int(calendar.capacity[np.searchsorted(calendar.time, phase, "right") - 1])


def test_a_week_repeats_where_clocks_never_change() -> None:
    times = working_times(plan())
    calendar = times.calendar("standard", 3)
    assert calendar is not None
    assert (calendar.period, calendar.time.tolist()[:4], calendar.capacity.tolist()[:4]) == (168, [0, 8, 12, 13], [0, 3, 0, 3])
    assert times.calendar("standard") is not None
    assert working_times(plan(calendar="always")).calendar("always") is None
    closed = working_times(plan(calendars=[{"name": "never"}], calendar="never")).calendar("never")
    assert closed == sk.rcpsp.Calendar([0], [0])
    summer = working_times(plan(timezone="Europe/Berlin")).calendar("standard")
    assert summer is not None
    assert summer.period is None


def test_starts_and_ends_in_dates() -> None:
    """Work begins at the first open moment and ends when the hours close, not when they open again; by hand."""
    found = plan(
        timezone="Europe/Berlin", start="2026-03-26", resources=[{"name": "crew"}], activities=[WORK | {"resources": "crew"}]
    )
    times = working_times(found)
    project = sk.rcpsp.Project([times.ticks(12 * HOUR)], [[1]], [1], calendars={0: times.of_resource("crew")}, pausable=[True])
    schedule = sk.rcpsp.serial_sgs(project)
    assert sk.check(project, schedule) == []
    assert f"{times.moment(int(schedule.start_time[0])):%a %d.%m. %H:%M}" == "Thu 26.03. 08:00"
    assert f"{times.moment(int(schedule.completion_time[0])):%a %d.%m. %H:%M}" == "Fri 27.03. 12:00"


def test_which_calendars_must_be_open() -> None:
    """The activity's own and those of its resources; that of the plan if it has neither, and for resources without one."""
    found = plan(
        calendar="office",
        calendars=[{"name": "office"}, {"name": "night"}],
        resources=[{"name": "crew"}, {"name": "guard", "calendar": "night"}],
        activities=[
            WORK | {"name": "neither"},
            WORK | {"name": "own", "calendar": "always"},
            WORK | {"name": "crew", "resources": "crew"},
            WORK | {"name": "guard", "resources": "guard"},
            WORK | {"name": "all", "resources": "guard; crew", "calendar": "always"},
        ],
    )
    times = working_times(found)
    assert {activity.name: times.calendars_of(activity) for activity in found.activities} == {
        "neither": ("office",),
        "own": ("always",),
        "crew": ("office",),
        "guard": ("night",),
        "all": ("always", "night", "office"),
    }
