"""Schedules of plans: dates counted by hand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import schedkit as sk

from . import samples
from .solving import BERLIN, CREW, HOUR, plan, rows, solved


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
    late = "'pour' ends at 2026-03-25 17:00 at the earliest, 17 hours after its deadline 2026-03-25 00:00"
    assert chain.reasons[0].detail == f"{late}, along 'dig' -> 'pour' alone"
    three = [{"name": name, "duration": "1d", "resources": "crew", "deadline": "2026-03-24"} for name in "abc"]
    crew = solved(plan(*three, resources=[CREW]))
    assert crew.reasons[0].resources == ("crew",)
    assert crew.reasons[0].amount == 8 * HOUR
    assert "'crew' is 8 working hours too short for 'a', 'b', 'c'" in crew.reasons[0].detail
    never = solved(plan({"name": "dig", "duration": "5h", "pausable": False}))
    assert (never.status, never.reasons[0].code) == ("infeasible", "no_common_time")
    assert never.reasons[0].detail == "'dig' never gets open time of its calendar for as long as it needs"


def test_reasons_about_calendars_that_close_for_good() -> None:
    """Two hours on Monday are all; a lag of four hours never passes, and nothing of three hours fits."""
    once = {"name": "once", "exceptions": {"2026-03-23": "8:00-10:00"}}
    a, crew = {"name": "a", "duration": "1h"}, {"resources": "crew"}
    after = {**a, "name": "b", "calendar": "always", "predecessors": "a FS+4h"}
    for activities, detail in (
        ([a, after], "the lag of 4 working hours behind 'a' never passes"),
        ([{**a, "duration": "3h"}], "'a' never gets open time of its calendar for as long as it needs"),
        ([{**a, **crew}, {"name": "b", "duration": "2h", **crew}], "'crew' is 1 working hour too short for 'a', 'b'"),
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
