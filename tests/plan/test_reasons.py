"""The words of reasons and refusals: they are true, name all that they are about, and tell what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.plan import conflict_parts, explanation

from .test_turns import ends, plan, work

AT_SIX = {"actual_start": "2026-03-25 06:00"}


@pytest.mark.parametrize(
    ("activities", "names", "words"),
    [
        (
            [
                {"name": "a", "duration": 4, **AT_SIX},
                {"name": "b", "duration": 2, "predecessors": "a", "deadline": "2026-03-25 13:00"},
            ],
            ("a", "b"),
            "'b' ends at 2026-03-25 14:00 at the earliest, 1 hour after its deadline 2026-03-25 13:00, along 'a' -> 'b' alone",
        ),
        (
            [
                {"name": "a", "duration": 4, **AT_SIX},
                {"name": "m", "duration": 0, "predecessors": "a SS+5h", "deadline": "2026-03-25 10:00"},
            ],
            ("a", "m"),
            "'m' ends at 2026-03-25 11:00 at the earliest, 1 hour after its deadline 2026-03-25 10:00, along 'a' -> 'm' alone",
        ),
        (
            [
                {"name": "a", "duration": 4, **AT_SIX},
                {"name": "b", "duration": 2, "predecessors": "a SS+5h", "deadline": "2026-03-25 12:00"},
            ],
            ("a", "b"),
            "'b' needs 2 working hours, but there is 1 working hour from 2026-03-25 11:00, behind 'a', to its deadline"
            " 2026-03-25 12:00: 1 working hour is missing",
        ),
        (
            [
                {"name": "a", "duration": 4, "actual_end": "2026-03-25 06:00"},
                {"name": "b", "duration": 2, "predecessors": "a FS+5h"},
                {"name": "c", "duration": 2, "predecessors": "b", "deadline": "2026-03-25 12:00"},
            ],
            ("a", "b", "c"),
            "'c' ends at 2026-03-25 15:00 at the earliest, 3 hours after its deadline 2026-03-25 12:00, along"
            " 'a' -> 'b' -> 'c' alone",
        ),
        (
            [{"name": "z", "duration": 1, "deadline": "2026-03-25 08:30"}],
            ("z",),
            "'z' needs 1 working hour, but there are 30 working minutes from 2026-03-25 08:00 to its deadline"
            " 2026-03-25 08:30: 30 working minutes are missing",
        ),
    ],
)
def test_a_reason_counts_what_has_happened_and_names_it(
    activities: list[dict[str, Any]], names: tuple[str, ...], words: str
) -> None:
    """What has begun or ended before is part of the chain, and of the list of activities."""
    found = plan(*activities)
    (reason,) = found.solve(max_schedules=100).reasons
    assert (reason.activities, reason.detail) == (names, words)
    (explained,) = found.explain(max_schedules=100)
    assert (explained.activities, explained.detail) == (names, words)


@pytest.mark.parametrize(
    ("calendars", "words"),
    [
        (
            {"day": "closed", "night": "22:00-24:00"},
            "'a' never gets 1 of 'crew' for as long as it needs: calendar 'day' is never open",
        ),
        (
            {"day": "08:00-10:00", "night": "22:00-24:00"},
            "'a' never gets 1 of 'crew' for as long as it needs: calendars 'day' and 'night' are never open together",
        ),
    ],
)
def test_calendars_that_are_never_open_are_named(calendars: dict[str, str], words: str) -> None:
    activity = {"name": "a", "duration": 1, "resources": "crew", "calendar": "night"}
    known = [{"name": name, "weekly": {"mon-sun": hours}} for name, hours in calendars.items()]
    found = plan(activity, resources=[{"name": "crew", "calendar": "day"}], calendars=known)
    assert [reason.detail for reason in found.solve(max_schedules=100).reasons] == [words]


def test_all_activities_that_a_conflict_names_are_listed() -> None:
    """The link to a, which is done, is the only part that names it."""
    found = plan({"name": "a", "duration": 4, "actual_end": "2026-03-25 06:00"}, work("b", 2, "a FS+5h"), work("c", 1, "b SS"))
    reason = explanation._uncounted(conflict_parts.parts_of(found))
    assert reason.activities == ("a", "b", "c")
    assert all(repr(name) in reason.detail for name in reason.activities)


def test_work_that_goes_on_at_once_has_no_warning() -> None:
    """a goes on at once, until noon; a lead in working time makes ticks begin before the plan."""
    found = plan(
        work("x", 2, crew=False),
        work("a", 4, "x FF-1h", begun=6, crew=False),
        calendar="week",
        calendars=[{"name": "week", "weekly": {"mon-fri": "24h"}}],
    )
    r = found.solve(max_schedules=100)
    assert ends(r.table())["a"] == "25 12:00"
    assert r.warnings == []


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"predecessors": "a, b"}, "semicolons separate names in lists, write 'a; b'"),
        ({"predecessors": "a SS+1h, b"}, "semicolons separate names in lists, write 'a SS+1h; b'"),
        ({"resources": "crew, van"}, "semicolons separate names in lists, write 'crew; van'"),
        ({"predecessors": "a ES"}, "'ES' behind 'a' is no type of link, expected one of FS (its start after the end)"),
        ({"predecessors": "a ES+2h"}, "'ES' behind 'a' is no type of link"),
        ({"predecessors": "a, nothing"}, "there is no activity 'a, nothing'"),
        ({"calendar": "standart"}, "there is no such calendar, expected one of always, standard; is it 'standard'?"),
        ({"durration": 4}, "is it 'duration'?"),
        ({"percent": 0.5, **AT_SIX}, "percent = 0.5 (activity 'c'): is it 50 percent? Write 50 then, or 0.5% if less"),
        ({"percent": "0,25", **AT_SIX}, "percent = '0,25' (activity 'c'): is it 25 percent? Write 25 then, or 0.25% if less"),
    ],
)
def test_refusals_say_what_may_be_meant(keys: dict[str, Any], words: str) -> None:
    activities = [{"name": "a", "duration": 1}, {"name": "b", "duration": 1}, {"name": "c", "duration": 1, **keys}]
    with pytest.raises(sk.InvalidInputError) as caught:
        plan(*activities, resources=[{"name": "crew"}, {"name": "van"}])
    assert words in str(caught.value)


def test_less_than_one_percent_has_a_sign(tmp_path: Path) -> None:
    found = plan({"name": "a", "duration": 100, "percent": "0.1%", **AT_SIX})
    assert found.activities[0].percent == 0.1
    assert (
        sk.plan.Plan(**{key: getattr(found, key) for key in ("start", "now", "calendar", "resources", "activities")}) == found
    )
    for suffix in ("csv", "json", "xlsx"):
        found.write(tmp_path / f"plan.{suffix}")
        assert sk.plan.read(tmp_path / f"plan.{suffix}") == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name;duration;percnt\na;1;1\n", "line 1: unknown column 'percnt'"),
        ("name;duration\na;1.500\n", "line 2: duration = '1.500': is ambiguous: write 1500, or 1,5"),
        ("sep=;\nname;duration\na;1.500m\n", "line 3: duration = '1.500m': is ambiguous: write 1500, or 1,5"),
        (
            "[plan]\nkey;value\nstart;2026-03-25\ncalender;x\n[activities]\nname;duration\na;1\n",
            "line 4: unknown key 'calender'",
        ),
        (
            '{"schedkit": "plan",\n"schema_version": 1,\n"start": "2026-03-25",\n"calender": "x"}',
            "line 4: unknown key 'calender'",
        ),
        (
            '{"schedkit": "plan",\n"schema_version": 1,\n"activities": [\n{"name": "a",\n"durations": 2}]}',
            "line 5: activity 'a': unknown key 'durations'",
        ),
    ],
)
def test_files_are_refused_with_line_and_hint(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / ("plan.json" if text.startswith("{") else "plan.csv")
    path.write_text(text)
    with pytest.raises(sk.FormatError) as caught:
        sk.plan.read(path, start="2026-03-25")
    assert words in str(caught.value)
    assert "unknown" not in words or "; is it " in str(caught.value)


def test_a_point_stays_a_point_where_commas_separate_cells(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("name,duration\na,1.500\n")
    (activity,) = sk.plan.read(tmp_path / "plan.csv", start="2026-03-25").activities
    assert activity.duration.total_seconds() == 5400


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "b.csv",
            "name,start,end\na,2026-03-25,2026-03-25\nb,2026-03-25,2026-13-01\n",
            "line 3: end = '2026-13-01' (activity 'b'): is no date",
        ),
        (
            "b.json",
            '{"kind": "plan_solution", "activities": [{"name": "a", "start": null,\n"end": "soon"}]}',
            "line 2: end = 'soon' (activity 'a'): expected a date",
        ),
    ],
)
def test_a_baseline_is_refused_with_column_and_value(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(sk.FormatError) as caught:
        plan(work("a", 1)).solve(max_schedules=10).compare(tmp_path / name)
    assert words in str(caught.value)
