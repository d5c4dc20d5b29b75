"""Datetimes at the edge: exact both ways, whatever clocks do."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

BERLIN, KOLKATA, HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}


def axis(zone: Any = UTC, tick: timedelta = MINUTE, start: datetime = datetime(2026, 1, 5)) -> sk.TimeAxis:
    return sk.TimeAxis(start.replace(tzinfo=zone), tick)


def test_a_day_has_23_hours_in_spring_and_25_in_autumn() -> None:
    berlin = axis(BERLIN, HOUR)
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)):
        noon = datetime.combine(day, time(12), BERLIN)
        assert berlin.to_ticks(noon) - berlin.to_ticks(noon - timedelta(days=1)) == hours


def test_a_fold_is_two_moments_and_a_gap_is_none() -> None:
    berlin = axis(BERLIN)
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    first, second = berlin.to_ticks([twice, twice.replace(fold=1)]).tolist()
    assert second - first == 60
    shown = berlin.to_datetime([first, second])
    assert [(when.hour, when.minute, when.fold) for when in shown] == [(2, 30, 0), (2, 30, 1)]
    assert berlin.to_ticks(shown).tolist() == [first, second]
    for fold in (0, 1):
        with pytest.raises(sk.InvalidInputError, match="clocks jump over it in Europe/Berlin") as caught:
            berlin.to_ticks([datetime(2026, 3, 29, 2, 30, fold=fold, tzinfo=BERLIN)])
        assert (caught.value.field, caught.value.index) == ("when", 0)
    with pytest.raises(sk.InvalidInputError, match="clocks jump"):
        sk.TimeAxis(datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN), HOUR)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)).map(lambda when: when.replace(second=0, microsecond=0)),
    st.sampled_from([UTC, BERLIN, KOLKATA, HOWE, ZoneInfo("America/St_Johns"), timezone(timedelta(hours=-3.5))]),
    st.booleans(),
)
def test_there_and_back_is_the_same_moment(when: datetime, zone: Any, fold: bool) -> None:
    tokyo = axis(ZoneInfo("Asia/Tokyo"))
    moment = when.replace(tzinfo=zone, fold=int(fold))
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        return  # clocks jumped over it
    tick = tokyo.to_ticks(moment)
    back = tokyo.to_datetime(tick)
    assert back.timestamp() == moment.timestamp()
    assert back.utcoffset() == timedelta(hours=9)
    assert (moment.timestamp() - tokyo.origin.timestamp()) / 60 == tick


def test_rounding_is_asked_for() -> None:
    hours = axis(tick=HOUR)
    when = datetime(2026, 1, 4, 22, 30, tzinfo=UTC)
    assert (hours.to_ticks(when, rounding="down"), hours.to_ticks(when, rounding="up")) == (-2, -1)
    assert hours.to_ticks(when - 30 * MINUTE, rounding="up") == -2
    with pytest.raises(sk.InvalidInputError, match="between two ticks of 1 hour, 22:00 and 23:00"):
        hours.to_ticks(when)


def test_lengths_of_time() -> None:
    quarters = axis(tick=15 * MINUTE)
    assert (quarters.duration(2 * HOUR), quarters.to_timedelta(9)) == (8, 2 * HOUR + 15 * MINUTE)
    with pytest.raises(sk.InvalidInputError, match="no whole number of ticks"):
        quarters.duration(20 * MINUTE)


def test_an_axis_is_a_value() -> None:
    berlin = axis(BERLIN)
    assert pickle.loads(pickle.dumps(berlin)) == berlin
    assert berlin != axis(BERLIN, HOUR)
    assert berlin.to_ticks([]).dtype == np.int64
    assert berlin.to_datetime([]) == []
    assert berlin.to_datetime(int(np.int64(0))) == berlin.origin


DAY = timedelta(days=1)
# Zone, and a day near which its clocks do something: forward, back, by half an hour or two hours, at midnight, a day left out.
CHANGES = [
    ("UTC", "2026-03-29"), ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Europe/London", "2026-10-25"),
    ("America/New_York", "2026-03-08"), ("America/Los_Angeles", "2026-11-01"), ("America/St_Johns", "2026-03-08"),
    ("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04"), ("Australia/Adelaide", "2026-10-04"),
    ("Asia/Kolkata", "2026-03-29"), ("Asia/Kathmandu", "2026-03-29"), ("Pacific/Chatham", "2026-04-05"),
    ("Pacific/Chatham", "2026-09-27"), ("Antarctica/Troll", "2026-03-29"), ("Africa/Cairo", "2026-04-24"),
    ("Asia/Beirut", "2026-03-29"), ("America/Havana", "2026-11-01"), ("America/Havana", "2026-03-08"),
    ("America/Sao_Paulo", "2018-11-04"), ("America/Santiago", "2026-09-06"), ("Africa/Casablanca", "2026-02-15"),
    ("Asia/Gaza", "2026-03-28"), ("America/Scoresbysund", "2025-03-30"), ("Pacific/Apia", "2011-12-30"),
    ("Asia/Tehran", "2022-03-22"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "near"), CHANGES, ids=str)
def test_a_day_tick_is_a_day_of_the_calendar(name: str, near: str) -> None:
    """By the calendar alone: tick k is the first moment of the k-th date after the origin's."""
    zone, first = ZoneInfo(name), date.fromisoformat(near) - timedelta(days=5)
    days = axis(zone, DAY, datetime.combine(first, time(0)))
    lengths = set()
    for k in range(-3, 12):
        begin, end = days.to_datetime([k, k + 1])
        day = first + timedelta(days=k)
        if name == "Pacific/Apia" and day == date(2011, 12, 30):
            assert begin == end  # the day that Samoa left out is no time at all
            continue
        assert begin.date() == day
        before = (begin.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
        # Where midnight comes twice, the day begins with the first of the two.
        assert before.date() < day or (begin.hour, begin.minute, begin.fold) == (0, 0, 0)
        assert days.to_ticks(begin) == k
        middle = (begin.astimezone(UTC) + (end.astimezone(UTC) - begin.astimezone(UTC)) / 2).astimezone(zone)
        assert (days.to_ticks(middle, rounding="down"), days.to_ticks(middle, rounding="up")) == (k, k + 1)
        lengths.add((end.astimezone(UTC) - begin.astimezone(UTC)) / HOUR)
    moved = {"UTC", "Asia/Kolkata", "Asia/Kathmandu"}
    assert lengths == {24} if name in moved else 24 in lengths and (len(lengths) == 2 or name == "Pacific/Apia")


def test_days_across_clock_changes_by_hand() -> None:
    berlin = axis(BERLIN, DAY, datetime(2026, 3, 28))
    assert berlin.to_ticks([datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN)]).tolist() == [1, 2]
    assert berlin.to_ticks(datetime(2027, 3, 28, tzinfo=BERLIN)) == 365
    assert berlin.to_datetime(365) == datetime(2027, 3, 28, tzinfo=BERLIN)
    assert berlin.duration(timedelta(weeks=2)) == 14
    weeks = axis(BERLIN, timedelta(weeks=1), datetime(2026, 3, 2, 6))
    assert [f"{when:%d %H}" for when in weeks.to_datetime([3, 4, 5])] == ["23 06", "30 06", "06 06"]
    assert weeks.to_ticks(datetime(2026, 3, 30, 5, 59, tzinfo=BERLIN), rounding="down") == 3


@pytest.mark.parametrize(("name", "near"), CHANGES, ids=str)
def test_working_days_need_no_hours(name: str, near: str) -> None:
    zone, first = ZoneInfo(name), date.fromisoformat(near) - timedelta(days=10)
    days = axis(zone, DAY, datetime.combine(first, time(0)))
    week = {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    holiday = first + timedelta(days=4)
    until = datetime.combine(first + timedelta(days=20), time(0), zone)
    calendar = days.working_hours(week, until=until, holidays=[holiday])
    for k in range(20):
        day = first + timedelta(days=k)
        if not (name == "Pacific/Apia" and day == date(2011, 12, 30)):
            assert level(calendar, k) == (day.weekday() < 5 and day != holiday), day


def test_what_is_off_the_tick_is_named_with_its_day_and_hours() -> None:
    hours, until = axis(BERLIN, HOUR), datetime(2026, 2, 1, tzinfo=BERLIN)
    with pytest.raises(sk.InvalidInputError) as caught:
        hours.working_hours({"mon": [("08:30", "12:00")]}, until=until)
    assert str(caught.value) == (
        "weekly['mon'] (08:30 to 12:00): Monday, 2026-01-05, 08:30 is not on a tick: "
        "it lies between two ticks of 1 hour, 08:00 and 09:00"
    )
    with pytest.raises(sk.InvalidInputError, match=r"weekly\['mon'\] \(22:00 to 06:15\): Tuesday, 2026-01-06, 06:15 is not"):
        hours.working_hours({"mon": [("22:00", "06:15")]}, until=until)
    with pytest.raises(sk.InvalidInputError, match=r"exceptions\[2026-01-06\] \(09:45 to 10:00\): Tuesday, 2026-01-06, 09:45"):
        hours.working_hours({}, until=until, exceptions={date(2026, 1, 6): [("09:45", "10:00")]})
    days = axis(BERLIN, DAY, datetime(2026, 3, 27))
    with pytest.raises(
        sk.InvalidInputError, match=r"when\[1\] = 2026-03-30T08:00:00\+02:00: .* two ticks of 1 day, 00:00 and 2026-"
    ):
        days.to_ticks([datetime(2026, 3, 30, tzinfo=BERLIN), datetime(2026, 3, 30, 8, tzinfo=BERLIN)])
    with pytest.raises(sk.InvalidInputError, match="length = 90 minutes: is no whole number of ticks of 1 hour"):
        hours.duration(90 * MINUTE)


# --- working hours


def is_open(when: datetime, weekly: dict[str, Any], exceptions: dict[date, Any]) -> bool:
    """Whether the clocks show working hours, by their words alone."""
    for days_ago in (0, 1):
        day = when.date() - timedelta(days=days_ago)
        for first, last in exceptions.get(day, weekly.get(f"{day:%a}".lower(), ())):
            a, b = (int(text[:2]) * 60 + int(text[3:]) for text in (first, last))
            b += 1440 if b <= a else 0
            if a <= when.hour * 60 + when.minute + 1440 * days_ago < b:
                return True
    return False


def level(calendar: Any, tick: int) -> int:
    """The capacity of a calendar at a tick, by walking its steps."""
    at = tick if calendar.period is None else tick % calendar.period
    return next(
        int(units) for start, units in reversed(list(zip(calendar.time, calendar.capacity, strict=True))) if start <= at
    )


NIGHTS = {
    "fri": [("22:00", "06:00")],
    "sat": [("22:00", "02:30"), ("23:00", "01:00")],
    "sun": [("02:00", "03:00"), ("00:00", "24:00")],
}


@pytest.mark.parametrize("weekly", [WEEK, NIGHTS, {"sat": [("02:15", "02:45")], "sun": [("01:30", "02:30")]}, {}], ids=str)
@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23), date(2026, 7, 3)], ids=str)
@pytest.mark.parametrize("zone", [BERLIN, HOWE, KOLKATA, UTC], ids=str)
def test_open_is_when_the_clocks_show_working_hours(zone: Any, day: date, weekly: dict[str, Any]) -> None:
    days = axis(zone, 15 * MINUTE, datetime.combine(day, time(0)))
    holidays, exceptions = [day + timedelta(days=3)], {day + timedelta(days=4): [("05:00", "06:15")]}
    until = datetime.combine(day + timedelta(days=11), time(7), zone)
    calendar = days.working_hours(weekly, until=until, holidays=holidays, exceptions=exceptions, capacity=3)
    special: dict[date, Any] = {holidays[0]: [], **exceptions}
    end = days.to_ticks(until)
    for tick in range(end):
        assert level(calendar, tick) == 3 * is_open(days.to_datetime(tick), weekly, special), days.to_datetime(tick)
    assert level(calendar, end) == level(calendar, end + 10**6) == 0
    assert all(a != b for a, b in itertools.pairwise(calendar.capacity))  # no step that changes nothing


@pytest.mark.parametrize("weekly", [WEEK, NIGHTS, {}, {"mon": [("00:00", "00:00")]}], ids=str)
@pytest.mark.parametrize("start", [datetime(2026, 1, 5), datetime(2026, 1, 4, 23, 15), datetime(2026, 1, 9, 23)], ids=str)
def test_where_clocks_stay_the_week_is_a_period(start: datetime, weekly: dict[str, Any]) -> None:
    for zone in (UTC, timezone(timedelta(hours=5.5)), ZoneInfo("Etc/GMT+3")):
        days = axis(zone, 15 * MINUTE, start)
        calendar = days.working_hours(weekly)
        assert calendar.period == 7 * 24 * 4
        for tick in range(0, 3 * calendar.period, 1):
            assert level(calendar, tick) == is_open(days.to_datetime(tick), weekly, {})


def test_a_year_of_working_hours_is_as_long_in_every_zone() -> None:
    berlin = axis(BERLIN, HOUR, datetime(2026, 1, 5))
    calendar = berlin.working_hours(WEEK, until=datetime(2027, 1, 4, tzinfo=BERLIN))
    lengths = np.diff(calendar.time)[np.asarray(calendar.capacity)[:-1] > 0]
    assert lengths.sum() == 52 * 5 * 8
    assert calendar.time[1] == 8  # the summer half begins an hour earlier in ticks
    assert berlin.to_datetime(int(calendar.time[-1])) == datetime(2027, 1, 1, 17, tzinfo=BERLIN)


def test_clocks_change_at_the_same_moment_for_an_origin_between_two_seconds() -> None:
    days = axis(BERLIN, timedelta(milliseconds=500), datetime(2026, 3, 28, 0, 0, 0, 500_000))
    until = datetime(2026, 3, 30, tzinfo=BERLIN)
    calendar = days.working_hours({"sun": [("03:00", "04:00")]}, until=until)
    hours = [f"{days.to_datetime(t):%H:%M:%S.%f}" for t in calendar.time[1:].tolist()]
    assert hours == ["03:00:00.000000", "04:00:00.000000"]


INVALID, TYPE = sk.InvalidInputError, sk.InputTypeError
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BAD: dict[str, tuple[Callable[[], Any], type[sk.SchedkitError], str, str]] = {
    "origin: naive": (lambda: sk.TimeAxis(datetime(2026, 1, 5), HOUR), INVALID, "origin", "aware"),
    "origin: date": (lambda: sk.TimeAxis(date(2026, 1, 5), HOUR), TYPE, "origin", "date"),  # type: ignore[arg-type]
    "origin: None": (lambda: sk.TimeAxis(None, HOUR), TYPE, "origin", "None"),  # type: ignore[arg-type]
    "origin: NumPy": (lambda: sk.TimeAxis(np.datetime64("2026-01-05"), HOUR), TYPE, "origin", "datetime64"),  # type: ignore[arg-type]
    "origin: year 1": (lambda: sk.TimeAxis(datetime.min.replace(tzinfo=KOLKATA), HOUR), INVALID, "origin", "years"),
    "origin: missing": (lambda: sk.TimeAxis(pd.NaT, HOUR), INVALID, "origin", "no moment"),  # type: ignore[arg-type]
    "when: missing": (lambda: axis().to_ticks([NOON, pd.NaT]), INVALID, "when", "when[1]"),  # type: ignore[list-item]
    "until: the end of years": (
        lambda: axis(BERLIN, start=datetime(9999, 12, 1)).working_hours(WEEK, until=datetime.max.replace(tzinfo=UTC)),
        INVALID, "until", "years",
    ),
    "no week left": (lambda: axis(start=datetime(9999, 12, 28)).working_hours(WEEK), INVALID, "until", "years"),
    "tick: 0": (lambda: axis(tick=0 * HOUR), INVALID, "tick", "> 0"),
    "tick: negative": (lambda: axis(tick=-HOUR), INVALID, "tick", "> 0"),
    "tick: number": (lambda: axis(tick=60), TYPE, "tick", "int"),  # type: ignore[arg-type]
    "when: naive": (lambda: axis().to_ticks([NOON, datetime(2026, 1, 5)]), INVALID, "when", "when[1]"),
    "when: text": (lambda: axis().to_ticks("2026-01-05"), TYPE, "when", "str"),  # type: ignore[arg-type]
    "when: number inside": (lambda: axis().to_ticks([3]), TYPE, "when", "when[0]"),  # type: ignore[list-item]
    "when: generator": (lambda: axis().to_ticks(x for x in [NOON]), TYPE, "when", "an iterator"),  # type: ignore[call-overload]
    "rounding": (lambda: axis().to_ticks(NOON, rounding="near"), INVALID, "rounding", "exact, down, up"),
    "tick beyond the years": (lambda: axis().to_datetime([0, 2**53]), INVALID, "tick", "tick[1]"),
    "tick beyond anything": (lambda: axis().to_datetime(-(2**63)), INVALID, "tick", "years"),
    "tick: fraction": (lambda: axis().to_datetime(1.5), INVALID, "tick", "whole"),  # type: ignore[call-overload]
    "length: number": (lambda: axis().duration(5), TYPE, "length", "int"),  # type: ignore[arg-type]
    "ticks: too many": (lambda: axis().to_timedelta(2**62), INVALID, "ticks", "timedelta"),
    "weekly: unknown day": (lambda: axis().working_hours({"monday": []}), INVALID, "weekly", "mon, tue"),
    "weekly: list": (lambda: axis().working_hours([]), TYPE, "weekly", "list"),  # type: ignore[arg-type]
    "weekly: no time": (lambda: axis().working_hours({"mon": [("8", "25:00")]}), INVALID, "weekly['mon']", "time of day"),
    "weekly: no pair": (lambda: axis().working_hours({"mon": ["08:00"]}), INVALID, "weekly['mon']", "pairs"),  # type: ignore[list-item]
    "weekly: number": (lambda: axis().working_hours({"mon": [(8, 12)]}), TYPE, "weekly['mon']", "int"),  # type: ignore[list-item]
    "weekly: zone": (
        lambda: axis().working_hours({"mon": [(time(8, tzinfo=UTC), time(9))]}), INVALID, "weekly['mon']", "tzinfo",
    ),
    "weekly: between ticks": (lambda: axis(tick=HOUR).working_hours({"mon": [("08:30", "12:00")]}), INVALID, "weekly", "tick"),
    "until: needed": (lambda: axis(BERLIN).working_hours(WEEK), INVALID, "until", "clocks change"),
    "until: needed with holidays": (
        lambda: axis().working_hours(WEEK, holidays=[date(2026, 1, 6)]), INVALID, "until", "do not repeat",
    ),
    "until: early": (lambda: axis().working_hours(WEEK, until=NOON - 14 * HOUR), INVALID, "until", "before"),
    "until: naive": (lambda: axis().working_hours(WEEK, until=datetime(2027, 1, 1)), INVALID, "until", "aware"),
    "holidays: datetime": (lambda: axis().working_hours(WEEK, until=NOON, holidays=[NOON]), TYPE, "holidays", "datetime"),
    "holidays: text": (lambda: axis().working_hours(WEEK, until=NOON, holidays="x"), TYPE, "holidays", "str"),  # type: ignore[arg-type]
    "exceptions: list": (lambda: axis().working_hours(WEEK, until=NOON, exceptions=[]), TYPE, "exceptions", "list"),  # type: ignore[arg-type]
    "capacity: negative": (lambda: axis().working_hours(WEEK, capacity=-1), INVALID, "capacity", ">= 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    call, error, field, words = BAD[name]
    with pytest.raises(error) as caught:
        call()
    assert caught.value.field == field  # type: ignore[attr-defined]
    assert words in str(caught.value)
