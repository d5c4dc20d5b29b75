"""Soft deadlines, and progress out of sequence: dates by hand, and all orders of small plans. 2026-03-23 is a Monday."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from . import meaning
from .solving import CREW, plan, rows, solved

HOUR = timedelta(hours=1)


def late(found: sk.plan.Plan, **options: Any) -> sk.plan.PlanSolution:
    """The schedule with soft deadlines, which breaks deadlines alone, and those where the table says so."""
    r = found.solve(soft_deadlines=True, **{"max_schedules": 2000, **options})
    missed = {
        row["name"] for row, a in zip(r.table(), found.activities, strict=False) if a.deadline and row["end"] > a.deadline
    }
    violations = sk.check(found, r) if r.end is not None else []
    assert {violation.kind for violation in violations} <= {"deadline"}
    assert {found.activities[violation.subject[0]].name for violation in violations} == missed
    return r


def test_the_largest_miss_is_as_small_as_possible() -> None:
    """One crew, two days of work each until Tuesday and Wednesday: the first is on time, the second a day late, not both."""
    r = late(
        plan(
            {"name": "dig", "duration": "2d", "resources": "crew", "deadline": "2026-03-25"},
            {"name": "paint", "duration": "2d", "resources": "crew", "deadline": "2026-03-24"},
            resources=[CREW],
        )
    )
    assert rows(r) == [("dig", "Wed 25 08:00", "Thu 26 17:00"), ("paint", "Mon 23 08:00", "Tue 24 17:00")]
    assert [row["late"] for row in r.table()] == [17 * HOUR, 0 * HOUR]
    assert r.status == "optimal"


def test_a_plan_that_keeps_its_deadlines_is_scheduled_as_ever() -> None:
    found = plan({"name": "dig", "duration": "2d", "deadline": "2026-03-24"}, {"name": "pour", "duration": "1d"})
    assert rows(late(found)) == rows(solved(found))
    assert late(found).status == "optimal"


def test_other_rules_stay_hard() -> None:
    r = late(plan({"name": "cut", "duration": "5h", "pausable": False, "deadline": "2026-03-24"}))
    assert (r.status, r.end, len(r.reasons)) == ("infeasible", None, 1)
    assert late(plan({"name": "m", "duration": 0, "deadline": "2026-03-20"})).table()[0]["late"] == 48 * HOUR


def test_without_deadlines_and_activities() -> None:
    assert rows(late(plan({"name": "dig", "duration": "1d"}))) == [("dig", "Mon 23 08:00", "Mon 23 17:00")]
    assert late(plan()).status == "optimal"
    assert (
        late(plan({"name": "dig", "duration": "2d", "deadline": "2026-03-23"}), max_schedules=None, time_limit=0).end
        is not None
    )


def test_soft_deadlines_are_true_or_false() -> None:
    with pytest.raises(sk.InputTypeError, match="soft_deadlines = 1: must be True or False"):
        plan().solve(soft_deadlines=1)  # type: ignore[arg-type]


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_no_order_misses_deadlines_by_less(seed: int) -> None:
    """Brute force: all orders of up to five activities, hour by hour."""
    draw = random.Random(seed)
    number = draw.randint(1, 5)
    activities = [
        {
            "name": f"a{k}",
            "duration": draw.choice([1, 2, 4, 7]),
            "predecessors": [f"a{i}" for i in range(k) if draw.random() < 0.25],
            "resources": draw.choice([{"crew": 1}, {"crew": 2}]),
            "deadline": f"2026-03-{draw.randint(22, 24)}" if draw.random() < 0.6 else None,
        }
        for k in range(number)
    ]
    found = plan(*activities, resources=[{"name": "crew", "capacity": 2}], timezone="UTC")
    orders = [ends for order in itertools.permutations(range(number)) if (ends := _ends(found, order)) is not None]
    best = min(_miss(found, ends) for ends in orders)
    r = late(found, max_schedules=20_000)
    assert _miss(found, {row["name"]: meaning.naive(row["end"]) for row in r.table()}) == best
    assert r.status == "optimal"


def _ends(free: sk.plan.Plan, order: tuple[int, ...]) -> dict[str, datetime] | None:
    """The ends of activities placed in an order, each at its earliest hour; None if the order contradicts the links."""
    left: dict[datetime, int] = {}
    found: dict[str, datetime] = {}
    for k in order:
        activity = free.activities[k]
        if any(link.name not in found for link in activity.predecessors):
            return None
        at = max([meaning.naive(free.start), *(found[link.name] for link in activity.predecessors)])
        units, work = activity.resources["crew"], int(activity.duration / HOUR)
        hours = [at + h * HOUR for h in range(24 * 14) if meaning.is_open(free, "standard", at + h * HOUR)]
        spans = (hours[first : first + work] for first in range(len(hours)))
        span = next(span for span in spans if all(left.get(hour, 2) >= units for hour in span))
        left |= {hour: left.get(hour, 2) - units for hour in span}
        found[activity.name] = span[-1] + HOUR
    return found


def _miss(found: sk.plan.Plan, ends: dict[str, datetime]) -> timedelta:
    return max([ends[a.name] - meaning.naive(a.deadline) for a in found.activities if a.deadline] + [timedelta(0)])


def test_progress_out_of_sequence_is_reported() -> None:
    """pour began although dig has not ended, look before the lag of a day had passed; cure waited as it should."""
    found = plan(
        {"name": "dig", "duration": "2d"},
        {"name": "pour", "duration": "1d", "predecessors": "dig"},
        {"name": "measure", "duration": "4h"},
        {"name": "look", "duration": "2d", "predecessors": "measure FS+1d"},
        {"name": "cure", "duration": "2d", "predecessors": "measure"},
    )
    news: dict[str, dict[str, Any]] = {
        "dig": {"actual_start": "2026-03-23 08:00", "percent": 10},
        "pour": {"actual_start": "2026-03-23 10:00", "percent": 10},
        "measure": {"actual_start": "2026-03-23 08:00", "actual_end": "2026-03-23 12:00"},
        "look": {"actual_start": "2026-03-24 10:00", "percent": 10},
        "cure": {"actual_start": "2026-03-23 13:00", "percent": 10},
    }
    r = solved(found.update(news, now="2026-03-24 12:00"))
    assert [(warning.code, warning.activities) for warning in r.warnings] == [
        ("out_of_sequence", ("dig", "pour")),
        ("out_of_sequence", ("measure", "look")),
    ]
    assert [warning.detail for warning in r.warnings] == [
        "'pour' started at 2026-03-23 10:00, although it waits for 'dig', which has not ended yet",
        "'look' started at 2026-03-24 10:00, although it waits for 'measure' (FS + 8 working hours), which ended at"
        " 2026-03-23 12:00",
    ]
    assert r.to_dict()["warnings"][0]["activities"] == ["dig", "pour"]
    assert r.reasons == []


def test_work_that_was_done_after_its_deadline() -> None:
    """Dig ended on Wednesday at 9:00, 33 hours after the end of Monday; what is done on time or has no deadline is not told."""
    found = plan(
        {"name": "dig", "duration": "2d", "deadline": "2026-03-23"},
        {"name": "look", "duration": "1d", "deadline": "2026-03-23"},
        {"name": "pour", "duration": "1d", "predecessors": "dig"},
    )
    news = {"dig": {"actual_end": "2026-03-25 09:00"}, "look": {"actual_end": "2026-03-24 00:00"}}
    later = found.update(news, now="2026-03-25 10:00")
    r = later.solve(max_schedules=100)
    assert (r.status, sk.check(later, r)) == ("optimal", [])
    (warning,) = r.warnings
    assert (warning.code, warning.activities) == ("deadline_missed", ("dig",))
    late = "1 calendar day 9 hours after its deadline 2026-03-24 00:00"
    assert warning.detail == f"'dig' ended at 2026-03-25 09:00, {late}"
    assert r.table()[0]["start"] is None


@pytest.mark.parametrize(
    ("link", "facts", "reported"),
    [
        ("a", {"a": ("08", "12"), "b": ("12", None)}, False),
        ("a", {"a": ("08", "12"), "b": ("11", None)}, True),
        ("a", {"a": (None, "12"), "b": ("12", "14")}, False),
        ("a FS+2h", {"a": ("08", "12"), "b": ("14", None)}, True),
        ("a FS+2eh", {"a": ("08", "12"), "b": ("14", None)}, False),
        ("a", {"b": ("12", "14")}, True),
        ("a", {"a": ("08", None)}, False),
        ("a SF-1h", {"a": ("08", "09"), "b": ("00", "00")}, False),
        ("a SF-1eh", {"a": ("08", "09"), "b": ("00", "00")}, True),
        ("a FF-1h", {"a": ("08", "10"), "b": ("00", "08")}, True),
        ("a FF-2h", {"a": ("08", "10"), "b": ("00", "00")}, False),
        ("a SF-2h", {"a": ("14", None), "b": ("08", "12")}, False),
        ("a SF-2h", {"a": ("14", None), "b": ("08", "10")}, True),
        # Of a, which goes on at 16:00, eight hours are left, until Tuesday at 16:00.
        ("a FS-8h", {"a": ("15", None), "b": ("15", None)}, True),
        ("a FS-9h", {"a": ("15", None), "b": ("15", None)}, False),
        ("a FS-25eh", {"a": ("15", None), "b": ("15", None)}, False),
        ("a FS-24eh", {"a": ("15", None), "b": ("15", None)}, True),
        ("a FF-2d", {"b": ("08", "12")}, False),
        ("a FF-1d", {"b": ("08", "12")}, True),
        ("a SS-4h", {"b": ("08", None)}, True),
        ("a SS-8h", {"b": ("08", None)}, False),
    ],
)
def test_what_is_out_of_sequence(link: str, facts: dict[str, tuple[str | None, str | None]], reported: bool) -> None:
    """Two working hours after 12:00 have passed at 15:00, because the lunch break does not count.

    No working time lies between midnight and 08:00, and one hour between 12:00 and 14:00.
    """
    found = plan({"name": "a", "duration": "1d"}, {"name": "b", "duration": "1d", "predecessors": link})
    news = {
        name: {key: f"2026-03-23 {hour}:00" for key, hour in zip(("actual_start", "actual_end"), hours, strict=True) if hour}
        for name, hours in facts.items()
    }
    r = solved(found.update(news, now="2026-03-23 16:00"))
    assert [warning.activities for warning in r.warnings] == [("a", "b")] * reported


@pytest.mark.parametrize("deadline", [None, "2026-03-22"])
@pytest.mark.parametrize(("left", "link", "began"), [("0h", "a", "16"), ("1h", "a FS-1h", "16"), ("0h", "a FF+0h", "16")])
def test_what_begins_when_its_predecessor_ends_is_in_sequence(left: str, link: str, began: str, deadline: str | None) -> None:
    """Nothing, or an hour, is left of a at 16:00, so it ends at 16:00, or at 17:00; b began at 16:00, or ended then."""
    found = plan(
        {"name": "a", "duration": "1d"},
        {"name": "b", "duration": "1d", "predecessors": link},
        {"name": "c", "duration": "1h", "deadline": deadline},
    )
    news = {
        "a": {"actual_start": "2026-03-23 08:00", "remaining": left},
        "b": {"actual_start": f"2026-03-23 {began}:00"} | ({"actual_end": "2026-03-23 16:00"} if "FF" in link else {}),
    }
    r = solved(found.update(news, now="2026-03-23 16:00"))
    assert (r.status, r.warnings) == ("infeasible" if deadline else "optimal", [])
    early = found.update({**news, "b": {"actual_start": "2026-03-23 15:00"}}, now="2026-03-23 16:00")
    expected = [] if "FF" in link else [("out_of_sequence", ("a", "b"))]
    assert [(warning.code, warning.activities) for warning in solved(early).warnings] == expected


@pytest.mark.parametrize("later", [False, True])
def test_a_start_that_is_not_known_is_reported_where_a_lag_counts_from_the_end(later: bool) -> None:
    """The lag of a day behind the end of a, Monday 12:00, ends on Tuesday 12:00; on Wednesday it has passed anyway."""
    found = plan({"name": "a", "duration": "1d"}, {"name": "b", "duration": "1h", "predecessors": "a SS+1d"})
    now = "2026-03-25" if later else "2026-03-23 13:00"
    r = solved(found.update({"a": {"actual_end": "2026-03-23 12:00"}}, now=now))
    assert f"{r.table()[1]['start']:%a %H:%M}" == ("Wed 08:00" if later else "Tue 13:00")
    words = "'a' ended at 2026-03-23 12:00, and its start is not known: 'b', which waits for 'a' (SS + 8 working hours), counts"
    expected = [] if later else [("start_unknown", ("a", "b"), f"{words} from that end")]
    assert [(warning.code, warning.activities, warning.detail) for warning in r.warnings] == expected
