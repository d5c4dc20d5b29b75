"""Lengths in texts, read back and counted again: work in working hours, moved dates in days of the calendar.

``SCHEDKIT_INSTANCES=300`` reads the explanations of as many plans; a slice runs by default.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st
from schedkit.plan import lengths, progress

from . import infeasible, meaning

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "40"))
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DATE = r"(\d{4}-\d\d-\d\d \d\d:\d\d)"
PASSED = r"((?:\d+ calendar days? ?)?(?:\d+ hours? ?)?(?:\d+ minutes?)?)"
WORK = r"((?:\d+ working hours?)(?: \d+ minutes?)?|\d+ working minutes?)"
NAME = r"'(a\d+)'"


def length(text: str) -> timedelta:
    """The length that a text without days of the calendar names."""
    words = text.replace("working ", "").split()
    pairs = {unit.rstrip("s"): int(number) for number, unit in zip(words[::2], words[1::2], strict=True)}
    return timedelta(hours=pairs.pop("hour", 0), minutes=pairs.pop("minute", 0), seconds=pairs.pop("second", 0))


def later(since: datetime, text: str) -> datetime:
    """The date that is so much later: first the days of the calendar, then the time that passes."""
    found = re.fullmatch(r"(?:(\d+) calendar days?)? ?(.*)", text)
    assert found is not None
    shown = (since + timedelta(days=int(found[1] or 0))).replace(fold=since.fold)
    return (shown.astimezone(UTC) + length(found[2])).astimezone(since.tzinfo)


def same(a: datetime, b: datetime) -> bool:
    return a.timestamp() == b.timestamp()


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("02:30+01:00", "02:45+01:00", "15 minutes"),
        ("02:30+01:00", "04:00+01:00", "1 hour 30 minutes"),
        ("02:30+02:00", "02:30+01:00", "1 hour"),
        ("02:45+02:00", "02:15+01:00", "30 minutes"),
        ("02:30+02:00", "04:00+01:00", "2 hours 30 minutes"),
    ],
)
def test_moved_dates_know_which_of_two_equal_clock_times_they_are(since: str, until: str, text: str) -> None:
    """On 2026-10-25 clocks in Berlin go back from 03:00+02:00 to 02:00+01:00."""
    first, last = (datetime.fromisoformat(f"2026-10-25 {clock}").astimezone(UTC).astimezone(BERLIN) for clock in (since, until))
    assert lengths.moved(first, last) == text


@given(
    st.one_of(
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
        st.datetimes(datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 3)),
    ),
    st.integers(0, 90 * 86400),
)
def test_moved_dates_are_days_of_the_calendar_and_time_that_passes(first: datetime, seconds: int) -> None:
    since = first.replace(microsecond=0, tzinfo=BERLIN).astimezone(UTC).astimezone(BERLIN)
    until = (since.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(BERLIN)
    text = lengths.moved(since, until)
    assert same(later(since, text), until)
    assert "-" not in text
    hours = re.search(r"(\d+) hour", text)
    assert hours is None or int(hours[1]) <= 24  # 24 on the day that has 25


def test_a_day_on_which_clocks_change_is_a_day() -> None:
    saturday, sunday = datetime(2026, 3, 28, 17, tzinfo=BERLIN), datetime(2026, 3, 29, 17, tzinfo=BERLIN)
    assert lengths.moved(saturday, sunday) == "1 calendar day"
    assert lengths.moved(saturday, sunday + HOUR) == "1 calendar day 1 hour"
    assert lengths.moved(saturday, saturday) == "0 hours"


@given(st.integers(0, 10**7))
def test_lengths_are_read_back(seconds: int) -> None:
    given_length = timedelta(seconds=seconds)
    assert length(lengths.passed(given_length)) == length(lengths.work(given_length)) == given_length
    cell = lengths.in_hours(given_length)
    units = {"h": 3600, "m": 60, "s": 1}
    assert sum(int(part[:-1]) * units[part[-1]] for part in cell.split()) == seconds


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_texts_and_numbers_of_explanations_agree(seed: int) -> None:
    """Plans of Berlin, where clocks change on the sixth day; every length in a text is counted again from the plan."""
    text = json.dumps(infeasible.plan(seed, 3, 8).to_dict()).replace("2026-03-29 02:00", "2026-03-29 03:00")  # clocks skip it
    keys = json.loads(text) | {"timezone": "Europe/Berlin"}
    plan = sk.plan.Plan(**{key: value for key, value in keys.items() if key not in ("schedkit", "schema_version")})
    for reason in plan.explain(max_schedules=5000):
        judge_reason(plan, reason)
        for part in reason.conflict:
            if part.kind == "work":
                (said,) = found(rf"{NAME} takes {WORK}", part.text)
                assert length(said[1]) == activity(plan, part.name).duration
        for change in reason.relaxations:
            judge_change(plan, change)


@pytest.mark.parametrize(
    ("pausable", "there", "missing"), [(True, "8 working hours", 18), (False, "4 working hours in one stretch", 22)]
)
def test_work_that_does_not_fit_into_its_window(pausable: bool, there: str, missing: int) -> None:
    """26 working hours in the 24 hours of a Tuesday, of which eight are open, four before and four after lunch."""
    dig = {"name": "dig", "duration": "26h", "release": "2026-03-24", "deadline": "2026-03-24", "pausable": pausable}
    (reason, *_) = sk.plan.Plan(start="2026-03-23", activities=[dig]).explain()
    assert (reason.code, reason.amount) == ("window_too_short", missing * HOUR)
    assert reason.detail == (
        f"'dig' needs 26 working hours, but there are {there} from 2026-03-24 00:00 to its deadline 2026-03-25 00:00:"
        f" {missing} working hours are missing"
    )


def test_work_whose_deadline_is_before_its_release() -> None:
    dig = {"name": "dig", "duration": "3h", "release": "2026-03-26 09:00", "deadline": "2026-03-24"}
    (reason, *_) = sk.plan.Plan(start="2026-03-23", activities=[dig]).explain()
    assert reason.amount == 3 * HOUR
    late = "may begin at 2026-03-26 09:00 at the earliest, not before its deadline 2026-03-25 00:00"
    assert reason.detail == f"'dig' needs 3 working hours, but {late}: 3 working hours are missing"


def test_a_milestone_whose_release_is_behind_its_deadline() -> None:
    done = {"name": "done", "duration": 0, "release": "2026-03-26 09:00", "deadline": "2026-03-24"}
    (reason, *_) = sk.plan.Plan(start="2026-03-23", activities=[done]).explain()
    assert reason.amount == 33 * HOUR
    assert reason.detail == (
        "'done' ends at 2026-03-26 09:00 at the earliest, 1 calendar day 9 hours after its deadline 2026-03-25 00:00"
    )


def found(pattern: str, text: str) -> list[Sequence[Any]]:
    return [match.groups() for match in re.finditer(pattern, text)]


def activity(plan: sk.plan.Plan, name: str) -> sk.plan.Activity:
    return next(activity for activity in plan.activities if activity.name == name)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def judge_reason(plan: sk.plan.Plan, reason: sk.plan.PlanReason) -> None:
    for end, passed, deadline in found(rf"ends at {DATE} at the earliest, {PASSED} after its deadline {DATE}", reason.detail):
        assert same(later(clock(deadline), passed), clock(end))
        assert reason.amount == clock(end).astimezone(UTC) - clock(deadline).astimezone(UTC)
        assert same(clock(deadline), activity(plan, reason.activities[-1]).deadline or plan.start)
    for name, needed, there, since, until, missing in found(
        rf"{NAME} needs {WORK}, but there are {WORK}(?: in one stretch)? from {DATE} to its deadline {DATE}: {WORK} are",
        reason.detail,
    ):
        one = activity(plan, name)
        assert length(needed) == one.duration == length(there) + length(missing)
        assert length(missing) == reason.amount
        assert length(there) == usable(plan, one, clock(since), clock(until))
    for (short,) in found(rf"is {WORK} too short", reason.detail):
        assert length(short) == reason.amount
    assert (reason.amount is None) or bool(found(rf"{WORK}|{PASSED} after", reason.detail))


def usable(plan: sk.plan.Plan, one: sk.plan.Activity, since: datetime, until: datetime) -> timedelta:
    """The hours in which an activity may work, all of them or the longest stretch, hour by hour."""
    crews = [crew for crew in plan.resources if crew.name in one.resources]
    at, stretch, stretches, total = meaning.naive(since), 0, [0], 0
    while at < meaning.naive(until):
        up = all(meaning.units(plan, crew, at) >= one.resources[crew.name] for crew in crews)
        up = up and (bool(crews) or meaning.is_open(plan, plan.calendar, at))
        stretch = stretch + 1 if up else 0
        total += up
        stretches.append(stretch)
        at += HOUR
    return (total if one.pausable else max(stretches)) * HOUR


def judge_change(plan: sk.plan.Plan, change: sk.plan.Relaxation) -> None:
    for name, value, passed in found(rf"move the deadline of {NAME} to {DATE}, {PASSED} later", change.text):
        assert same(clock(value), change.value)
        deadline = activity(plan, name).deadline
        assert deadline is not None
        assert same(later(deadline, passed), change.value)
    for name, value, passed in found(rf"let {NAME} start from {DATE} on, {PASSED} earlier", change.text):
        assert same(clock(value), change.value)
        assert same(later(change.value, passed), activity(plan, name).release or plan.start)
    for name, value, whole in found(rf"do {NAME} in {WORK} instead of {WORK}", change.text):
        assert length(value) == change.value
        assert length(whole) == timedelta(seconds=float(Fraction(progress.remaining(activity(plan, name)))))
    for (longer,) in found(r"work (\d+ hours?) longer", change.text):
        assert length(longer) == change.value
    known = ("deadline", "release", "duration", "overtime")
    assert change.kind not in known or re.search(r"hours?|day|leave out", change.text)
