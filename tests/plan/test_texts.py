"""Durations, lags, dates, hours, days, links and units as planners write them; expected values are counted by hand."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import schedkit as sk
from hypothesis import example, given
from hypothesis import strategies as st
from schedkit.plan import dates, hours, links
from schedkit.plan._refusal import UnreadableError
from schedkit.plan.durations import Units
from schedkit.plan.elements import Link

from .strategies import NAMES

DAY = Units()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", 90 * MINUTE), ("4h", 4 * HOUR), ("2d", 16 * HOUR), ("1w", 40 * HOUR), ("1d 4h", 12 * HOUR),
        ("1d4h", 12 * HOUR),
        ("1.5d", 12 * HOUR), ("1,5 d", 12 * HOUR), (" 2 Days ", 16 * HOUR), ("1 wk 3 hrs 30 mins", 43 * HOUR + 30 * MINUTE),
        ("30s", timedelta(seconds=30)), ("4", 4 * HOUR), (4, 4 * HOUR), (1.1, 66 * MINUTE), (0, timedelta()),
        ("0d", timedelta()),
        (np.int64(3), 3 * HOUR), (np.float32(0.5), HOUR / 2), (timedelta(minutes=7), 7 * MINUTE),
        ("1.125h", timedelta(seconds=4050)),
    ],
)  # fmt: skip
def test_durations(text: Any, expected: timedelta) -> None:
    assert DAY.duration(text) == expected


def test_days_and_weeks_are_those_of_the_plan() -> None:
    short = Units(7.5, 4)
    assert (short.duration("1d"), short.duration("1w")) == (7.5 * HOUR, 30 * HOUR)
    assert (short.lag("+1ed"), short.lag("1ew")) == ((24 * HOUR, True), (168 * HOUR, True))  # elapsed time knows no plan
    assert Units(7.5, 16 / 3).duration("3w") == 120 * HOUR  # 40 hours a week in days of 7.5


@pytest.mark.parametrize(
    "text",
    ["", " ", "4x", "h", "d4", "4h!", "-4h", "4 h h", "1e3", "1,500h", "0.0001", "inf", "nan", "1_0", "٤h", "4.h",
     "1h1", "9" * 50, "1h" * 500],
)  # fmt: skip
def test_texts_that_are_no_durations(text: str) -> None:
    with pytest.raises(UnreadableError):
        DAY.duration(text)


@pytest.mark.parametrize(
    "value", [True, None, [], "1ed", -1, float("nan"), float("inf"), timedelta(-1), timedelta(microseconds=1)]
)
def test_values_that_are_no_durations(value: Any) -> None:
    with pytest.raises(UnreadableError):
        DAY.duration(value)


@given(st.integers(0, 10**7), st.sampled_from([8, 7.5, 24, 0.25]), st.booleans())
def test_lags_are_read_as_they_were_written(seconds: int, per_day: float, elapsed: bool) -> None:
    units, length = Units(per_day, 5), timedelta(seconds=seconds)
    assert units.duration(units.text(length)) == length
    for lag in (length, -length):
        assert units.lag(units.lag_text(lag, elapsed=elapsed)) == (lag, elapsed)


def test_canonical_texts() -> None:
    texts = [DAY.text(length) for length in (12 * HOUR, 90 * MINUTE, 40 * HOUR, timedelta(), timedelta(seconds=61))]
    assert texts == ["1d 4h", "1h 30m", "5d", "0h", "1m 1s"]
    assert (DAY.lag_text(36 * HOUR, elapsed=True), DAY.lag_text(-2 * HOUR)) == ("+1ed 12eh", "-2h")


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "zone", "end", "expected"),
    [
        ("2026-03-25", BERLIN, False, "2026-03-24T23:00"), ("2026-03-25", BERLIN, True, "2026-03-25T23:00"),
        ("2026-3-5", UTC, False, "2026-03-05T00:00"), ("2026-03-25T10:00Z", BERLIN, True, "2026-03-25T10:00"),
        ("2026-03-25 10:00", BERLIN, True, "2026-03-25T09:00"),
        ("2026-03-25 10:00 +05:45", BERLIN, False, "2026-03-25T04:15"),
        ("2026-03-25 24:00", UTC, False, "2026-03-26T00:00"), (date(2026, 3, 29), BERLIN, True, "2026-03-29T22:00"),
        ("2026-10-25 02:30", BERLIN, False, "2026-10-25T00:30"),
        ("2026-10-25 02:30+01:00", BERLIN, False, "2026-10-25T01:30"),
        (datetime(2026, 10, 25, 2, 30, fold=1), BERLIN, False, "2026-10-25T01:30"),
        # Clocks jump over midnight: the day begins an hour later.
        ("2026-09-06", ZoneInfo("America/Santiago"), False, "2026-09-06T04:00"),
        ("2026-04-23", ZoneInfo("Africa/Cairo"), True, "2026-04-23T22:00"),
        (datetime(2026, 3, 25, 10, tzinfo=ZoneInfo("Asia/Kathmandu")), BERLIN, False, "2026-03-25T04:15"),
    ],
)  # fmt: skip
def test_dates(value: Any, zone: Any, end: bool, expected: str) -> None:
    found = dates.moment(value, zone, end=end)
    assert id(found.tzinfo) == id(zone)
    assert found.astimezone(UTC).isoformat(timespec="minutes") == expected + "+00:00"
    for last in (False, True):
        assert dates.same(dates.moment(dates.text(found, end=last), zone, end=last), found)


def test_texts_of_dates_are_short() -> None:
    midnight = dates.moment("2026-03-26", BERLIN)
    assert (dates.text(midnight), dates.text(midnight, end=True)) == ("2026-03-26", "2026-03-25")
    assert dates.text(dates.moment("2026-03-26T09:05:07", BERLIN)) == "2026-03-26 09:05:07"
    assert dates.text(dates.moment("2026-10-25 02:30+01:00", BERLIN)) == "2026-10-25 02:30+01:00"


@pytest.mark.parametrize(
    "value",
    ["", "soon", "25.03.2026", "03/25/2026", "2026-13-01", "2026-02-29", "2026-03-25 25:00", "2026-03-25 24:01",
     "2026-03-29 02:30",
     "0000-01-01", "2026-W12-3", "20260325", "2026-03-25 10", 5, None, True, datetime(2026, 3, 29, 2, 30),
     datetime(2026, 1, 1, 0, 0, 0, 5)],
)  # fmt: skip
def test_values_that_are_no_dates(value: Any) -> None:
    with pytest.raises(UnreadableError):
        dates.moment(value, BERLIN)


def test_dates_at_the_ends_of_time() -> None:
    with pytest.raises(UnreadableError, match="9999"):
        dates.moment("9999-12-31", UTC, end=True)
    with pytest.raises(UnreadableError, match="9999"):
        dates.moment("0001-01-01", BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-12:00 13:00-17:00", ((8, 12), (13, 17))), ("8-12,13-17", ((8, 12), (13, 17))), ("24h", ((0, 24),)),
        ("closed", ()),
        ("", ()), (None, ()), ("22:00-06:00", ((22, 30),)), ("06:00-06:00", ((6, 30),)), ("00:00-24:00", ((0, 24),)),
        ("10:00-11:00; 11:00\u201312:00", ((10, 12),)), ("00:00-06:00 06:00-06:00", ((0, 30),)), ("20:00-24:00", ((20, 24),)),
    ],
)  # fmt: skip
def test_hours(text: Any, expected: Any) -> None:
    spans = hours.spans(text)
    assert spans == tuple((3600 * a, 3600 * b) for a, b in expected)
    assert hours.spans(hours.text(spans)) == spans


@pytest.mark.parametrize("text", ["8", "8-25", "08:60-09:00", "24:00-08:00", "24:30-25", "08:00-12:00x", "24h 8-9", "offen", 5])
def test_texts_that_are_no_hours(text: Any) -> None:
    with pytest.raises(UnreadableError):
        hours.spans(text)


def test_days() -> None:
    assert hours.days("mon-fri") == ([0, 1, 2, 3, 4], [])
    assert hours.days("Sat, Sunday") == ([5, 6], [])
    assert hours.days("fri - mon") == ([4, 5, 6, 0], [])
    assert hours.days("2026-04-02..2026-04-04") == ([], [date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 4)])
    assert hours.days("sat 2026-04-02") == ([5], [date(2026, 4, 2)])
    assert hours.days(date(2026, 4, 2)) == ([], [date(2026, 4, 2)])


@pytest.mark.parametrize(
    "text",
    ["", "montag", "mon-", "mon-tue-wed", "mon,mon", "2026-04-31", "2026-04-05..2026-04-01", "2026-01-01..2226-01-01", 5],
)
def test_texts_that_are_no_days(text: Any) -> None:
    with pytest.raises(UnreadableError):
        hours.days(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", [Link("A")]), ("A; B SS+4h", [Link("A"), Link("B", "SS", 4 * HOUR)]), ("A FS-2h", [Link("A", "FS", -2 * HOUR)]),
        ("A+1ed", [Link("A", "FS", 24 * HOUR, True)]), ("A ff", [Link("A", "FF")]),
        ("A SF + 1d 4h", [Link("A", "SF", 12 * HOUR)]),
        ("A\u22122h", [Link("A", "FS", -2 * HOUR)]), ("pre-check+2d", [Link("pre-check", "FS", 16 * HOUR)]),
        ("pour SS", [Link("pour SS")]), ("pour SS SS", [Link("pour SS", "SS")]),
        ("pour SS+4h", [Link("pour", "SS", 4 * HOUR)]),
        ("pour SS FS+4h", [Link("pour SS", "FS", 4 * HOUR)]), ("A SS; A FF", [Link("A", "SS"), Link("A", "FF")]),
        (" ; A;", [Link("A")]),
        ([{"name": "A", "type": "ss", "lag": "1ed"}, "B"], [Link("A", "SS", 24 * HOUR, True), Link("B")]),
        ([{"name": "A", "lag": -2}], [Link("A", "FS", -2 * HOUR)]),
        ([Link("A", "FF", HOUR, True)], [Link("A", "FF", HOUR, True)]),
    ],
)  # fmt: skip
def test_predecessors(text: Any, expected: list[Link]) -> None:
    names = {"A", "B", "pour", "pour SS", "pre-check"}
    assert links.predecessors(text, names, DAY) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C", "there is no activity 'C'"), ("a", "is it 'A'"), ("A FS+50%", "percent"), ("A FS+soon", "the lag"),
        ("A; A FS", "more than once"),
        ("A FS+1d 1ed", "mixes"), ({"name": "A"}, "list"), ([{"name": "A", "types": "SS"}], "unknown key 'types'"),
        ([{"name": "A", "type": "XY"}], "no type"), ([5], "expected predecessors"), ([{"type": "SS"}], "name"),
    ],
)  # fmt: skip
def test_texts_that_are_no_predecessors(text: Any, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        links.predecessors(text, {"A", "B"}, DAY)


@given(
    st.lists(NAMES, min_size=1, max_size=8, unique=True),
    st.sampled_from(["FS", "SS", "FF", "SF"]),
    st.integers(-50, 50),
    st.booleans(),
    st.integers(1, 9),
)
@example(["Pour", "Pour SS", "Pour SS+0h", "Pour FS", "Pour FS+0h"], "SS", 0, False, 1)
@example(["A", "A FS+4h", "A FS +4h"], "FS", 4, False, 1)
@example(["crane", "crane[2]", "crane[2][2]", "crane[ 2]"], "FS", 0, False, 2)
def test_links_to_names_that_look_like_links(names: list[str], kind: str, lag: int, elapsed: bool, units: int) -> None:
    link = Link(names[0], kind, lag * HOUR, elapsed and lag != 0)
    assert links.predecessors([links.link_text(link, names, DAY)], names, DAY) == (link,)
    held = dict.fromkeys(names, units)
    assert links.resources(links.resources_text(held, names), names) == held


def test_resources() -> None:
    names = {"crane", "crew", "rig[2]"}
    assert links.resources("crane[2]; crew", names) == {"crane": 2, "crew": 1}
    assert links.resources("rig[2]; crane [ 3 ]", names) == {"rig[2]": 1, "crane": 3}
    assert links.resources({"crane": 2.0, "crew": np.int64(1)}, names) == {"crane": 2, "crew": 1}
    for bad in (
        "hoist",
        "crane[0]",
        "crane[-1]",
        "crane[1.5]",
        "crane; crane[2]",
        {"crane": 0},
        {"crane": True},
        {"crane": 0.5},
        5,
        {5: 1},
    ):
        with pytest.raises(UnreadableError):
            links.resources(bad, names)


def test_long_texts_take_no_time() -> None:
    for text in ("+" + "1" * 4000 + "x", "A " * 2000, "A FS" + " " * 3990 + "x", "[" * 4000, "-1" * 2000):
        with pytest.raises(UnreadableError):
            links.predecessors([text], {"A"}, DAY)
        with pytest.raises((UnreadableError, sk.SchedkitError)):
            links.resources(text, {"A"})


@pytest.mark.parametrize(
    ("zone", "moment", "text"),
    [
        ("Europe/Berlin", "2026-10-25T00:30", "2026-10-25 02:30+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30", "2026-10-25 02:30+01:00"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25 03:00"),
        ("Europe/Berlin", "2026-03-29T01:00", "2026-03-29 03:00"),
        ("America/New_York", "2026-11-01T05:00:30", "2026-11-01 01:00:30-04:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00", "2026-04-05 01:30+10:30"),
        ("UTC", "2026-10-25T00:30", "2026-10-25 00:30"),
    ],
)
def test_shown_dates_have_their_offset_where_clocks_show_the_time_again(zone: str, moment: str, text: str) -> None:
    when = datetime.fromisoformat(f"{moment}+00:00").astimezone(dates.zone(zone))
    assert dates.shown(when) == text
    assert dates.with_weekday(when) == f"{when:%a} {text}"
    assert dates.moment(text, dates.zone(zone)).timestamp() == when.timestamp()


BACK: dict[str, Any] = {"start": "2026-10-25 01:00", "timezone": "Europe/Berlin", "calendar": "always"}


def test_texts_tell_the_hours_apart_that_clocks_show_two_times() -> None:
    """An hour of dig ends at 02:00+02:00, which clocks show again as 02:00+01:00; look cannot begin before 02:15+01:00."""
    work: list[dict[str, Any]] = [
        {"name": "dig", "duration": "1h", "deadline": "2026-10-25 01:30"},
        {"name": "look", "duration": "1h", "resources": "crew", "deadline": "2026-10-25 02:15+01:00", "pausable": False},
    ]
    outage = {"from": "2026-10-25 01:15", "to": "2026-10-25 02:15+01:00"}
    plan = sk.plan.Plan(**BACK, activities=work, resources=[{"name": "crew", "outages": [outage]}])
    found = plan.explain(max_schedules=500)
    texts = "\n".join(text for r in found for text in (r.detail, *r.help, *(part.text for part in r.conflict)))
    for words in (
        "move the deadline of 'dig' to 2026-10-25 02:00+02:00, 30 minutes later",
        "move the deadline of 'look' to 2026-10-25 03:15, 1 hour later",
        "'look' ends by 2026-10-25 02:15+01:00",
        "do without the outage of 'crew' from 2026-10-25 01:15 to 2026-10-25 02:15+01:00",
    ):
        assert words in texts, words


def test_warnings_tell_the_hours_apart_that_clocks_show_two_times() -> None:
    work = [{"name": "dig", "duration": "1h", "deadline": "2026-10-25 02:30+02:00"}]
    plan = sk.plan.Plan(**BACK, activities=work)
    news = {"dig": {"actual_start": "2026-10-25 01:00", "actual_end": "2026-10-25 02:30+01:00"}}
    (warning,) = plan.update(news, now="2026-10-25 04:00").solve().warnings
    late = "1 hour after its deadline 2026-10-25 02:30+02:00"
    assert warning.detail == f"'dig' ended at 2026-10-25 02:30+01:00, {late}"


def test_the_gap_over_a_change_of_the_clocks_is_the_time_that_passes() -> None:
    plan = sk.plan.Plan(**BACK, activities=[{"name": "dig", "duration": "1h"}])
    ends = [datetime.fromisoformat(f"2026-10-25 {clock}").astimezone(BERLIN) for clock in ("02:30+02:00", "04:00+01:00")]
    r = dataclasses.replace(plan.solve(), lower_bound=ends[0], objective=ends[1], end=ends[1])
    assert r.gap == timedelta(hours=2, minutes=30)
