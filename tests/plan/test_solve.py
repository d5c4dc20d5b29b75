"""Schedules of plans: dates counted by hand, random plans by a forward pass and by all orders."""

from __future__ import annotations

import itertools
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.plan import model

from . import meaning, samples
from .strategies import keys

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def plan(*activities: dict[str, Any], **keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": "2026-03-23", "timezone": "Europe/Berlin", "activities": activities, **keys})


def solved(found: sk.plan.Plan, **options: Any) -> sk.plan.PlanSolution:
    """The solution, whose schedule is judged in dates and in ticks."""
    r = found.solve(**{"max_schedules": 500, **options})
    if r.table():
        assert sk.check(found, r) == []
        assert sk.check(found, r.to_dict()) == []
        made = model.model(found)
        assert r._schedule is not None
        assert sk.check(made.project, r._schedule, fixed=made.fixed, now=made.now) == []
    return r


def rows(r: sk.plan.PlanSolution) -> list[tuple[str, str, str]]:
    shown = [(row["name"], row["start"], row["end"]) for row in r.table()]
    return [(name, f"{start:%a %d %H:%M}", f"{end:%a %d %H:%M}") for name, start, end in shown]


CREW = {"name": "crew"}


def test_work_pauses_over_night_lunch_and_weekend() -> None:
    """2026-03-27 is a Friday; 29 March has 23 hours, which no working hour notices."""
    r = solved(
        plan({"name": "dig", "duration": "12h"}, {"name": "pour", "duration": "1w", "predecessors": "dig"}, start="2026-03-26")
    )
    assert rows(r) == [("dig", "Thu 26 08:00", "Fri 27 12:00"), ("pour", "Fri 27 13:00", "Fri 03 12:00")]
    assert (r.status, r.end, r.lower_bound) == ("optimal", datetime(2026, 4, 3, 12, tzinfo=BERLIN), r.end)
    assert r.critical == ["dig", "pour"]


def test_lags_count_working_time_and_elapsed_time() -> None:
    """From Monday 17:00: four hours of work end Tuesday 12:00, four hours that pass end at night."""
    r = solved(
        plan(
            {"name": "dig", "duration": "1d"},
            {"name": "work", "duration": "1h", "predecessors": "dig FS+4h"},
            {"name": "pass", "duration": "1h", "predecessors": "dig FS+4eh"},
            {"name": "day", "duration": "1h", "predecessors": "dig FS+1ed"},
            {"name": "always", "duration": "1h", "predecessors": "dig FS+4h", "calendar": "always"},
            {"name": "done", "duration": 0, "predecessors": "dig FS+4h"},
        )
    )
    assert rows(r)[1:] == [
        ("work", "Tue 24 13:00", "Tue 24 14:00"),
        ("pass", "Tue 24 08:00", "Tue 24 09:00"),
        ("day", "Wed 25 08:00", "Wed 25 09:00"),
        ("always", "Tue 24 12:00", "Tue 24 13:00"),
        ("done", "Tue 24 12:00", "Tue 24 12:00"),
    ]


def test_lags_count_the_calendar_of_the_plan_whatever_the_crews_work() -> None:
    """The night shift ends Tuesday 06:00; two hours of the plan's day end at 10:00; the night shift goes on at 22:00."""
    night = {"name": "night", "weekly": {"mon-fri": "22:00-06:00"}}
    r = solved(
        plan(
            {"name": "dig", "duration": "8h", "resources": "crew"},
            {"name": "look", "duration": "1h", "predecessors": "dig FS+2h"},
            {"name": "pour", "duration": "1h", "predecessors": "dig FS+2h", "resources": "crew"},
            calendars=[night],
            resources=[{"name": "crew", "calendar": "night"}],
        )
    )
    assert rows(r) == [
        ("dig", "Mon 23 22:00", "Tue 24 06:00"),
        ("look", "Tue 24 10:00", "Tue 24 11:00"),
        ("pour", "Tue 24 22:00", "Tue 24 23:00"),
    ]


def test_milestones_stand_where_their_last_predecessor_ends() -> None:
    r = solved(
        plan(
            {"name": "begin", "duration": 0},
            {"name": "dig", "duration": "1d", "predecessors": "begin"},
            {"name": "dug", "duration": 0, "predecessors": "dig"},
            {"name": "later", "duration": 0, "release": "2026-03-24 20:00"},
        )
    )
    assert rows(r) == [
        ("begin", "Mon 23 00:00", "Mon 23 00:00"),
        ("dig", "Mon 23 08:00", "Mon 23 17:00"),
        ("dug", "Mon 23 17:00", "Mon 23 17:00"),
        ("later", "Tue 24 20:00", "Tue 24 20:00"),
    ]


def test_what_is_not_pausable_waits_for_a_stretch() -> None:
    r = solved(
        plan(
            {"name": "cut", "duration": "2h", "release": "2026-03-23 10:30", "pausable": False},
            {"name": "saw", "duration": "2h", "release": "2026-03-23 10:30"},
        )
    )
    assert rows(r) == [("cut", "Mon 23 13:00", "Mon 23 15:00"), ("saw", "Mon 23 10:30", "Mon 23 13:30")]


def test_own_calendars_and_outages() -> None:
    """The crane is away on Tuesday; one of two workers on Wednesday morning, which denies only who needs both."""
    r = solved(
        plan(
            {"name": "lift", "duration": "12h", "resources": "crane"},
            {"name": "pair", "duration": "20h", "resources": "crew[2]"},
            {"name": "one", "duration": "3h", "release": "2026-03-25", "resources": "mates"},
            {"name": "saturday", "duration": "1h", "calendar": "sat"},
            calendars=[{"name": "sat", "weekly": {"sat": "9:00-10:00"}}],
            resources=[
                {"name": "crane", "outages": [{"from": "2026-03-24", "to": "2026-03-24"}]},
                {"name": "crew", "capacity": 2, "outages": [{"from": "2026-03-25", "to": "2026-03-25 12:00", "capacity": 1}]},
                {"name": "mates", "capacity": 2, "outages": [{"from": "2026-03-25", "to": "2026-03-25 12:00", "capacity": 1}]},
            ],
        )
    )
    assert rows(r) == [
        ("lift", "Mon 23 08:00", "Wed 25 12:00"),
        ("pair", "Mon 23 08:00", "Wed 25 17:00"),
        ("one", "Wed 25 08:00", "Wed 25 11:00"),
        ("saturday", "Sat 28 09:00", "Sat 28 10:00"),
    ]


def test_the_deciding_chain_goes_through_shared_resources() -> None:
    """dig and paint share the crew; measure, which is long but not that long, does not decide."""
    r = solved(
        plan(
            {"name": "dig", "duration": "2d", "resources": "crew", "deadline": "2026-03-24"},
            {"name": "measure", "duration": "3d"},
            {"name": "paint", "duration": "2d", "resources": "crew"},
            {"name": "dry", "duration": "1d", "predecessors": "paint"},
            {"name": "end", "duration": 0, "predecessors": "dry; dig; measure"},
            resources=[CREW],
        )
    )
    assert r.critical == ["dig", "paint", "dry", "end"]
    assert [row["name"] for row in r.table() if row["critical"]] == r.critical
    assert r.end == datetime(2026, 3, 27, 17, tzinfo=BERLIN)


def test_lateness_is_soft_and_deadlines_are_hard() -> None:
    late = solved(plan({"name": "dig", "duration": "12h", "due": "2026-03-23"}))
    assert late.table()[0]["late"] == 12 * HOUR  # Tuesday 12:00 after Monday 24:00
    r = solved(plan({"name": "dig", "duration": "12h", "deadline": "2026-03-23"}))
    assert (r.status, r.end, r.lower_bound, r.table(), r.critical) == ("infeasible", None, None, [], [])
    (reason,) = r.reasons
    assert reason.activities == ("dig",)
    assert "'dig'" in reason.detail
    assert "2026-03-24 00:00" in reason.detail


def test_reasons_name_the_chain_and_the_resource() -> None:
    chain = solved(
        plan(
            {"name": "dig", "duration": "1d"},
            {"name": "pour", "duration": "1d", "predecessors": "dig FS+1d", "deadline": "2026-03-24"},
        )
    )
    assert chain.reasons[0].detail == ("'pour' ends at least 17h late for its deadline 2026-03-25 00:00, along 'dig' -> 'pour'")
    three = [{"name": name, "duration": "1d", "resources": "crew", "deadline": "2026-03-24"} for name in "abc"]
    crew = solved(plan(*three, resources=[CREW]))
    assert crew.reasons[0].resources == ("crew",)
    assert crew.reasons[0].amount == 8 * HOUR
    assert "'crew' is 8h of work too short for 'a', 'b', 'c'" in crew.reasons[0].detail
    never = solved(plan({"name": "dig", "duration": "5h", "pausable": False}))
    assert (never.status, never.reasons[0].code) == ("infeasible", "no_common_time")
    assert never.reasons[0].detail == "'dig' never gets open time of its calendar for as long as it needs"


def test_reasons_about_calendars_that_close_for_good() -> None:
    """Two hours on Monday are all; a lag of four hours never passes, and nothing of three hours fits."""
    once = {"name": "once", "exceptions": {"2026-03-23": "8:00-10:00"}}
    a, crew = {"name": "a", "duration": "1h"}, {"resources": "crew"}
    for activities, detail in (
        ([a, {**a, "name": "b", "calendar": "always", "predecessors": "a FS+4h"}], "the lag of 4h behind 'a' never passes"),
        ([{**a, "duration": "3h"}], "'a' never gets open time of its calendar for as long as it needs"),
        ([{**a, **crew}, {"name": "b", "duration": "2h", **crew}], "'crew' is 1h of work too short for 'a', 'b'"),
        ([{**a, "deadline": "2026-03-20"}], "the deadline 2026-03-21 00:00 of 'a' is before the plan starts"),
        ([{"name": "m", "duration": 0, "deadline": "2026-03-20"}], "of 'm' is before the plan starts"),
    ):
        r = solved(plan(*activities, calendar="once", calendars=[once], resources=[CREW]))
        assert r.status == "infeasible"
        assert detail in r.reasons[0].detail


def test_plans_without_activities_and_without_work() -> None:
    r = solved(plan())
    assert (r.status, r.end, r.table(), r.critical) == ("optimal", datetime(2026, 3, 23, tzinfo=BERLIN), [], [])
    assert rows(solved(plan({"name": "go", "duration": 0}))) == [("go", "Mon 23 00:00", "Mon 23 00:00")]


@pytest.mark.parametrize(
    ("predecessors", "message"),
    [
        (
            "a FS-3h",
            r"activities\[1\].predecessors = 'a' \(activity 'b'\): a lead in working time behind a milestone, or behind",
        ),
        ("a SF-1h", "a lead in working time behind a milestone"),
        ("a FF-1h", "a lead in working time behind a milestone"),
    ],
)
def test_long_leads_in_working_time_behind_milestones_are_refused(predecessors: str, message: str) -> None:
    found = plan({"name": "a", "duration": 0}, {"name": "b", "duration": 1, "predecessors": predecessors})
    with pytest.raises(sk.InvalidInputError, match=message):
        found.solve()


def test_leads_in_working_time_reach_back_over_nights_and_to_the_start() -> None:
    work = {"name": "a", "duration": "3d"}  # Monday to Wednesday
    for lead, start in (
        ("1d", "Wed 25 08:00"),
        ("2d", "Tue 24 08:00"),
        ("12h", "Tue 24 13:00"),
        ("3d", "Mon 23 08:00"),
        ("9d", "Mon 23 08:00"),
    ):
        found = plan(work, {"name": "b", "duration": "5d", "predecessors": f"a FS-{lead}"})
        assert rows(solved(found))[1][1] == start
        ends = plan(work, {"name": "b", "duration": "1d", "predecessors": f"a FF-{lead}"})
        assert solved(ends).status == "optimal"
    always = [{"name": "b", "duration": 1, "calendar": "always", "predecessors": "a FS-1d"}]
    assert rows(solved(plan(work, *always)))[1][1] == "Tue 24 17:00"  # from there no more than 8 hours remain
    starts = plan(
        work, {"name": "c", "duration": "2d", "predecessors": "a"}, {"name": "b", "duration": 1, "predecessors": "c SS-6h"}
    )
    assert rows(solved(starts))[2][1] == "Wed 25 10:00"


def test_options_are_those_of_projects() -> None:
    found = plan({"name": "a", "duration": 1})
    with pytest.raises(sk.InvalidInputError, match="objective = 'cost': unknown, expected one of makespan, total_tardiness"):
        found.solve(objective="cost")
    with pytest.raises(sk.InvalidInputError, match="time_limit"):
        found.solve(time_limit=-1)
    token = sk.CancelToken()
    token.cancel()
    assert found.solve(stop=token, time_limit=60).table()[0]["name"] == "a"


def test_tables_are_written(tmp_path: Path) -> None:
    r = solved(
        plan(
            {"name": "Grube", "duration": "12h", "resources": "crew[2]; crane", "due": "2026-03-23"},
            resources=[{"name": "crew", "capacity": 2}, {"name": "crane"}],
        )
    )
    expected = ["Grube", "2026-03-23 08:00", "2026-03-24 12:00", "crew[2]; crane", "yes", "12h"]
    r.write(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == "name,start,end,resources,critical,late\n" + ",".join(expected) + "\n"
    r.write(tmp_path / "table.xlsx")
    (header, row) = openpyxl.load_workbook(tmp_path / "table.xlsx").active.values
    assert (list(header), list(row)) == (["name", "start", "end", "resources", "critical", "late"], expected)
    r.write(str(tmp_path / "table.json"))
    content = json.loads((tmp_path / "table.json").read_text())
    assert content == r.to_dict()
    assert content["activities"][0]["end"] == "2026-03-24T12:00:00+01:00"
    assert content["activities"][0]["late"] == 12
    with pytest.raises(sk.InvalidInputError, match=r"expected one of \.csv, \.xlsx, \.json"):
        r.write(tmp_path / "table.txt")


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_without_competition_the_schedule_is_the_forward_pass(seed: int) -> None:
    """Minute by minute, by the plain definitions of `meaning`, under two calendars and lags of both kinds."""
    draw = random.Random(seed)
    activities = []
    for k in range(draw.randint(1, 6)):
        before = [f"a{i} FS+{draw.choice([0, 1, 3, 9])}{draw.choice(['h', 'eh'])}" for i in range(k) if draw.random() < 0.5]
        activities.append(
            {
                "name": f"a{k}",
                "duration": draw.choice([0, 1, 3, 9, 20]),
                "predecessors": before,
                "calendar": draw.choice([None, "night", "always"]),
                "release": draw.choice([None, f"2026-03-{draw.randint(23, 26)} {draw.randint(0, 23)}:00"]),
            }
        )
    night = {"name": "night", "weekly": {"mon,wed,thu,fri": "22:00-03:00", "tue": "10:00-12:00"}}
    found = plan(*activities, calendars=[night], timezone="UTC")
    r = solved(found, max_schedules=50)
    expected = meaning.forward_pass(found)
    assert {row["name"]: (meaning.naive(row["start"]), meaning.naive(row["end"])) for row in r.table()} == expected
    assert r.status == "optimal"


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_no_order_ends_earlier(seed: int) -> None:
    """Brute force: the serial scheme, hour by hour, for all orders of up to five activities under different calendars."""
    draw = random.Random(seed)
    number = draw.randint(1, 5)
    resources = [
        {"name": "crew", "capacity": 2, "outages": [{"from": "2026-03-24 10:00", "to": "2026-03-25", "capacity": 1}]},
        {"name": "late", "calendar": "late"},
    ]
    activities = [
        {
            "name": f"a{k}",
            "duration": draw.choice([1, 2, 4, 7]),
            "predecessors": [f"a{i}" for i in range(k) if draw.random() < 0.25],
            "resources": draw.choice([{"crew": 1}, {"crew": 2}, {"late": 1}, {"crew": 1, "late": 1}]),
            "pausable": draw.random() < 0.6,
        }
        for k in range(number)
    ]
    late = {"name": "late", "weekly": {"mon-fri": "10:00-12:00 14:00-20:00"}}
    found = plan(*activities, calendars=[late], resources=resources, timezone="UTC")
    r = solved(found, max_schedules=100_000)
    best = min(filter(None, (_serial(found, order) for order in itertools.permutations(range(number)))), default=None)
    if best is None:
        assert r.status == "infeasible"
    else:
        assert r.status == "optimal"
        assert meaning.naive(r.end or found.start) == best
        _require_tight(found, r)


def _require_tight(found: sk.plan.Plan, r: sk.plan.PlanSolution) -> None:
    """Each activity of the chain starts at the first hour that calendars allow after the one before, the first after the start.

    The exception is an activity that goes on while a unit comes back after the outage, which the other one needs.
    """
    table = {row["name"]: (meaning.naive(row["start"]), meaning.naive(row["end"])) for row in r.table()}
    activities = {activity.name: activity for activity in found.activities}
    whole = next(crew for crew in found.resources if crew.name == "crew").outages[0].end
    assert table[r.critical[-1]][1] == meaning.naive(r.end or found.start)
    since = meaning.naive(found.start)
    for name in r.critical:
        start, end = table[name]
        since = since if start >= since else meaning.naive(whole)
        assert start >= since
        while since < start:
            assert not _may_start(found, activities[name], since), (name, since)
            since += HOUR
        since = end


def _may_start(found: sk.plan.Plan, activity: sk.plan.Activity, at: datetime) -> bool:
    hours = 1 if activity.pausable else int(activity.duration / HOUR)
    crews = [crew for crew in found.resources if crew.name in activity.resources]
    times = [at + k * HOUR for k in range(hours)]
    return all(meaning.units(found, crew, when) >= activity.resources[crew.name] for crew in crews for when in times)


def _serial(found: sk.plan.Plan, order: tuple[int, ...]) -> datetime | None:
    """When a list of activities ends, each placed at its earliest hour; None if it contradicts the links or never fits."""
    first, most = meaning.naive(found.start), 24 * 14
    hours = [first + k * HOUR for k in range(most)]
    crews = {resource.name: resource for resource in found.resources}
    left = {name: [meaning.units(found, crew, at) for at in hours] for name, crew in crews.items()}
    whole = {name: list(units) for name, units in left.items()}
    ends: dict[str, int] = {}
    for k in order:
        activity = found.activities[k]
        if any(link.name not in ends for link in activity.predecessors):
            return None
        up = [all(whole[name][h] >= units for name, units in activity.resources.items()) for h in range(most)]
        work = int(activity.duration / HOUR)
        for start in range(max([0, *(ends[link.name] for link in activity.predecessors)]), most):
            taken = [h for h in range(start, most) if up[h]][:work]
            if len(taken) < work or taken[0] != start or (not activity.pausable and taken[-1] != start + work - 1):
                continue
            if all(left[name][h] >= units for name, units in activity.resources.items() for h in taken):
                for name, units in activity.resources.items():
                    for h in taken:
                        left[name][h] -= units
                ends[activity.name] = taken[-1] + 1
                break
        else:
            return None
    return first + max(ends.values()) * HOUR


@settings(max_examples=60)
@given(keys())
def test_schedules_of_all_plans_keep_every_rule(content: dict[str, Any]) -> None:
    """Random plans with outages, progress, time zones; each schedule passes both judges, each chain holds together."""
    try:
        r = solved(found := sk.plan.Plan(**content), max_schedules=200)
    except sk.InvalidInputError as error:
        if "a lead in working time behind a milestone" not in str(error):
            raise
        for activity in content["activities"]:
            for link in activity["predecessors"]:
                link["lag"] = str(link["lag"]).replace("-", "+")
        r = solved(found := sk.plan.Plan(**content), max_schedules=200)
    assert (r.status == "infeasible") == bool(r.reasons)
    if r.end is not None:
        table = {row["name"]: row for row in r.table()}
        assert r.lower_bound is not None
        if table:
            assert r.end.timestamp() == max(row["end"].timestamp() for row in table.values())
            assert table[r.critical[-1]]["end"].timestamp() == r.end.timestamp()
        for before, after in itertools.pairwise(r.critical):
            linked = any(link.name == before for a in found.activities if a.name == after for link in a.predecessors)
            assert linked or set(table[before]["resources"]) & set(table[after]["resources"])


def test_improvements_are_reported_in_dates() -> None:
    found: list[sk.plan.PlanImprovement] = []
    made = samples.migration()
    r = made.solve(max_schedules=200, on_improvement=found.append)
    assert found
    assert found[-1].end == r.end
    assert [report.elapsed for report in found] == sorted(report.elapsed for report in found)
    assert r.lower_bound is not None
    for report in found:
        assert report.end is None or report.end >= (r.end or report.end)
        assert report.lower_bound <= r.lower_bound
        assert report.lower_bound.tzinfo is made.start.tzinfo
    with pytest.raises(sk.InputTypeError, match="on_improvement"):
        made.solve(on_improvement=3)  # type: ignore[arg-type]


def test_a_data_frame_has_a_row_for_each_activity() -> None:
    r = plan({"name": "dig", "duration": "2d"}, {"name": "pour", "duration": "1h", "predecessors": "dig"}).solve()
    frame = r.to_pandas()
    assert list(frame.columns) == ["name", "start", "end", "resources", "critical", "late"]
    assert frame.to_dict("records") == r.table()
    assert frame.index.name == "activity"


def test_deadlines_before_the_start_are_named_beside_leads() -> None:
    work = {"name": "a", "duration": "3d", "deadline": "2026-03-20"}
    r = solved(plan(work, {"name": "b", "duration": 1, "predecessors": "a FS-2d"}))
    assert r.status == "infeasible"
    assert "the deadline 2026-03-21 00:00 of 'a' is before the plan starts" in r.reasons[0].detail
