"""Progress of plans, in Python and in tables, and comparison with a baseline; expected values are counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import schedkit as sk
from schedkit.plan import files_baseline, progress
from schedkit.plan.comparison import shifts

BERLIN = ZoneInfo("Europe/Berlin")
PLAN = sk.plan.Plan(
    start="2026-03-23",
    timezone="Europe/Berlin",
    activities=[
        {"name": "dig", "duration": "2d"},
        {"name": "pour", "duration": "1d", "predecessors": "dig"},
        {"name": "cure", "duration": "4h", "predecessors": "pour", "due": "2026-04-01"},
    ],
)
NOW = "2026-03-25 10:00"


def left(plan: sk.plan.Plan) -> list[float]:
    """The hours that are left of each activity."""
    return [float(progress.remaining(activity) / 3600) for activity in plan.activities]


def test_what_is_done_under_way_and_not_begun() -> None:
    news: dict[str, dict[str, Any]] = {
        "dig": {"actual_start": "2026-03-23 08:00", "actual_end": "2026-03-24 15:00"},
        "pour": {"actual_start": "2026-03-25 08:00", "percent": 25},
    }
    plan = PLAN.update(news, now=NOW)
    assert plan.now == datetime(2026, 3, 25, 10, tzinfo=BERLIN)
    assert left(plan) == [0, 6, 4]
    assert PLAN.now is None
    assert left(PLAN) == [16, 8, 4]
    assert plan.activities[0].actual_end == datetime(2026, 3, 24, 15, tzinfo=BERLIN)
    assert [a.predecessors for a in plan.activities] == [a.predecessors for a in PLAN.activities]


def test_remaining_goes_before_percent() -> None:
    start = {"actual_start": "2026-03-23 08:00"}
    assert left(PLAN.update({"dig": {**start, "percent": 50, "remaining": "3d"}}, now=NOW))[0] == 24
    assert left(PLAN.update({"dig": {**start}}, now=NOW))[0] == 16
    assert progress.remaining(PLAN.update({"dig": {**start, "percent": 33.3}}, now=NOW).activities[0]) == Fraction(
        57600 * 667, 1000
    )


def test_news_replaces_what_it_contradicts() -> None:
    plan = PLAN.update({"dig": {"actual_start": "2026-03-23 08:00", "remaining": "3d"}}, now="2026-03-24")
    assert left(plan)[0] == 24
    assert left(plan.update({}, now=NOW))[0] == 24
    later = plan.update({"dig": {"percent": 75}}, now=NOW)
    assert (left(later)[0], later.activities[0].remaining) == (4, None)
    again = later.update({"dig": {"remaining": 1}}, now=NOW)
    assert (left(again)[0], again.activities[0].percent) == (1, None)
    done = again.update({"dig": {"actual_end": "2026-03-25 09:00"}}, now=NOW)
    assert (left(done)[0], done.activities[0].remaining, done.activities[0].percent) == (0, None, None)
    assert done.activities[0].actual_start is not None
    assert left(done.update({"dig": {"actual_end": None, "actual_start": None}}, now=NOW))[0] == 16


def test_work_out_of_sequence_is_recorded() -> None:
    plan = PLAN.update({"cure": {"actual_start": "2026-03-24 08:00", "percent": 50}}, now=NOW)
    assert left(plan) == [16, 8, 2]


def test_dates_without_time() -> None:
    plan = PLAN.update({"dig": {"actual_start": "2026-03-23", "actual_end": "2026-03-24"}}, now="2026-03-25")
    dig = plan.activities[0]
    assert dig.actual_start == datetime(2026, 3, 23, tzinfo=BERLIN)
    assert dig.actual_end == plan.now == datetime(2026, 3, 25, tzinfo=BERLIN)  # the end of the 24th


@pytest.mark.parametrize(
    ("news", "message"),
    [
        ({"digg": {"percent": 1}}, r"progress\[0\] \(activity 'digg'\): there is no such activity; is it 'dig'\?"),
        ({"dig": {"done": 1}}, "unknown key 'done', expected some of percent, remaining, actual_start, actual_end"),
        ({"dig": {"percent": 20}}, "'dig'.*percent = 20, but it has no actual_start: give the date on which it began"),
        ({"dig": {"percent": 100}}, "'dig'.*percent = 100, but it has no actual_end: give the date on which it ended"),
        ({"dig": {"remaining": "1d"}}, "remaining differs from the duration, but it has no actual_start"),
        ({"dig": {"actual_start": "2026-03-26"}}, "actual_start is after now, which is 2026-03-25 10:00"),
        ({"dig": {"actual_start": "2026-03-23", "actual_end": "2026-03-25"}}, "actual_end is after now"),
        ({"dig": {"actual_start": "2026-03-24", "actual_end": "2026-03-23 08:00"}}, "actual_end is before actual_start"),
        (
            {"dig": {"actual_start": "2026-03-24", "actual_end": "2026-03-24", "remaining": 1}},
            "an actual_end and work remaining",
        ),
        ({"dig": {"actual_start": "2026-03-24", "percent": 120}}, r"percent = 120 \(activity 'dig'\): must be <= 100"),
        ({"dig": {"actual_start": "today"}}, r"actual_start = 'today' \(activity 'dig'\): expected a date"),
        ({"dig": 5}, "maps names of activities to mappings"),
        ({5: {}}, "maps names of activities to mappings"),
        (5, "must be a mapping of names to mappings, or the path of a table, not int"),
    ],
)
def test_progress_that_makes_no_sense(news: Any, message: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError), match=message):
        PLAN.update(news, now=NOW)


def test_now_is_required() -> None:
    with pytest.raises(sk.InvalidInputError, match="now: is required"):
        PLAN.update({})
    with pytest.raises(sk.InvalidInputError, match="now = 'soon': expected a date"):
        PLAN.update({}, now="soon")


TABLE = """\
Name;Percent;Remaining;Actual start;Actual end
dig;100 %;;2026-03-23 08:00;2026-03-24 15:00
pour;25;;2026-03-25 08:00;
cure;;;;
"""


def test_tables_of_progress(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    expected = PLAN.update(
        {
            "dig": {"actual_start": "2026-03-23 08:00", "actual_end": "2026-03-24 15:00", "percent": 100},
            "pour": {"actual_start": "2026-03-25 08:00", "percent": 25},
        },
        now=NOW,
    )
    for text in (TABLE, "\ufeff[progress]\n" + TABLE, TABLE.replace(";", ",")):
        path.write_text(text, "utf-8")
        assert PLAN.update(path, now=NOW) == expected
        assert PLAN.update(str(path), now=NOW) == expected
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "percent", "actual start", "actual_end"])
    sheet.append(["dig", 1, datetime(2026, 3, 23, 8), datetime(2026, 3, 24, 15)])
    sheet.append(["pour", 0.25, datetime(2026, 3, 25, 8)])
    for cell in ("B2", "B3"):
        sheet[cell].number_format = "0%"
    book.save(tmp_path / "progress.xlsx")
    assert PLAN.update(tmp_path / "progress.xlsx", now=NOW) == expected


def test_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("name,percent,actual_start\ndig,,\n", "utf-8")
    plan = PLAN.update({"dig": {"actual_start": "2026-03-23", "percent": 50}}, now=NOW)
    assert plan.update(path, now=NOW) == plan


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "name,percent,done\ndig,1,1\n",
            1,
            "unknown column 'done', expected some of name, percent, remaining, actual_start, actual_end",
        ),
        (
            "name,percent,actual_start\ndig,1,2026-03-23\ndog,1,2026-03-23\n",
            3,
            "activity 'dog': there is no such activity; is it 'dig'?",
        ),
        ("name,percent,actual_start\ndig,x,2026-03-23\n", 2, "percent = 'x' (activity 'dig'): is not a number"),
        ("name,percent\npour,0\ndig,10\n", 3, "activity 'dig': percent = 10, but it has no actual_start"),
        ("name,percent\ndig,0\ndig,0\n", 3, "the activity 'dig' stands on two rows"),
        ("name,percent\n,5\n", 2, "the row names no activity"),
        ("[activities]\nname,percent\n", None, "is a plan, expected a table of progress"),
        ("", None, "has no table"),
    ],
)
def test_errors_of_tables_name_the_line(text: str, line: int | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(sk.FormatError) as caught:
        PLAN.update(path, now=NOW)
    assert message in str(caught.value)
    assert (caught.value.path, caught.value.line) == (str(path), line)
    with pytest.raises(FileNotFoundError):
        PLAN.update(tmp_path / "nowhere.csv", now=NOW)


def test_what_has_moved_since_the_baseline() -> None:
    def row(name: str, start: str, end: str) -> dict[str, Any]:
        return {
            "name": name,
            "start": datetime.fromisoformat(start).replace(tzinfo=BERLIN),
            "end": datetime.fromisoformat(end).replace(tzinfo=BERLIN),
        }

    baseline = [
        row("a", "2026-03-27 08:00", "2026-03-27 17:00"),
        row("b", "2026-03-30 08:00", "2026-03-30 12:00"),
        row("gone", "2026-03-27 08:00", "2026-03-27 08:00"),
    ]
    table = [
        row("b", "2026-03-27 08:00", "2026-03-30 12:00"),
        row("a", "2026-03-30 08:00", "2026-03-30 17:00"),
        row("new", "2026-03-27 08:00", "2026-03-27 08:00"),
    ]
    found = shifts(table, baseline)
    assert [r["name"] for r in found] == ["b", "a", "new", "gone"]
    assert list(found[0]) == ["name", "start", "end", "baseline_start", "baseline_end", "start_shift", "end_shift"]
    # Clocks are put forward on 29 March: three days on the calendar are 71 hours.
    hours = [[None if r[key] is None else r[key] / timedelta(hours=1) for key in ("start_shift", "end_shift")] for r in found]
    assert hours == [[-71, 0], [71, 71], [None, None], [None, None]]
    assert (found[2]["baseline_start"], found[3]["end"]) == (None, None)


@pytest.mark.parametrize(
    ("end", "hint"),
    [("2026-03-24", True), ("2026-03-25 00:00", True), ("2026-03-24 16:00", False)],
)
def test_a_date_without_time_counts_to_the_end_of_its_day(end: str, hint: bool) -> None:
    news = {"dig": {"actual_start": "2026-03-23", "actual_end": end}}
    with pytest.raises(sk.InvalidInputError, match="actual_end is after now, which is 2026-03-24 15:00") as caught:
        PLAN.update(news, now="2026-03-24 15:00")
    assert str(caught.value).endswith("; a date without a time counts to the end of the day, so give the time") == hint


@pytest.mark.parametrize(
    ("duration", "news", "end"),
    [
        ("1h", {"percent": 50}, "09:30"),
        ("1h", {"remaining": "30m"}, "09:30"),
        ("1h", {"percent": 75}, "09:15"),
        ("2h", {"percent": 33.3}, "10:21"),  # 80.04 minutes are rounded up to 81
        ("1h", {}, "10:00"),
    ],
)
def test_what_percent_leaves_is_rounded_up_to_minutes(duration: str, news: dict[str, Any], end: str) -> None:
    plan = sk.plan.Plan(start="2026-03-23", activities=[{"name": "a", "duration": duration}])
    plan = plan.update({"a": {"actual_start": "2026-03-23 08:00", **news}}, now="2026-03-23 09:00")
    r = plan.solve()
    assert sk.check(plan, r) == []
    assert r.end is not None
    assert f"{r.end:%Y-%m-%d %H:%M}" == f"2026-03-23 {end}"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "UTC"])
def test_a_schedule_is_read_back_where_clocks_are_put_back(zone: str, suffix: str, tmp_path: Path) -> None:
    start = "2026-04-05" if "Howe" in zone else "2026-10-25"
    work: list[dict[str, Any]] = [
        {"name": f"a{k}", "duration": "30m", "predecessors": f"a{k - 1}" if k else ""} for k in range(8)
    ]
    r = sk.plan.Plan(start=start, timezone=zone, calendar="always", activities=work).solve()
    path = tmp_path / f"table{suffix}"
    r.write(path)
    rows = files_baseline.read(path, ZoneInfo(zone))
    moved = shifts(r.table(), rows)
    assert len(rows) == 8
    assert {row[key] for row in moved for key in ("start_shift", "end_shift")} == {timedelta(0)}


def test_times_that_occur_two_times_are_written_with_their_offset(tmp_path: Path) -> None:
    work = [{"name": "a", "duration": "2h"}, {"name": "b", "duration": "1h", "predecessors": "a"}]
    plan = sk.plan.Plan(start="2026-10-25", timezone="Europe/Berlin", calendar="always", activities=work)
    plan.solve().write(tmp_path / "table.csv")
    _, a, b = (line.split(",") for line in (tmp_path / "table.csv").read_text().splitlines())
    assert a[1:3] == ["2026-10-25 00:00", "2026-10-25 02:00+02:00"]
    assert b[1:3] == ["2026-10-25 02:00+02:00", "2026-10-25 02:00+01:00"]


def test_an_earlier_now_gives_a_warning(tmp_path: Path) -> None:
    later, table = PLAN.update({}, now=NOW), tmp_path / "p.csv"
    table.write_text("name,percent\ndig,0\n")
    news: tuple[Any, ...] = ({}, table)
    for progress_of in news:
        with pytest.warns(UserWarning, match=r"now = Tue 2026-03-24 10:00: is before .* was Wed 2026-03-25 10:00") as caught:
            assert later.update(progress_of, now="2026-03-24 10:00").now == datetime(2026, 3, 24, 10, tzinfo=BERLIN)
        assert [warning.filename for warning in caught] == [__file__]
    assert later.update({}, now=NOW) == later


MILESTONES = sk.plan.Plan(
    start="2026-03-23",
    activities=[
        {"name": "permit", "duration": 0},
        {"name": "dig", "duration": "1d", "predecessors": "permit FS+4h"},
    ],
)


def test_a_milestone_that_has_started_is_done() -> None:
    """Four working hours behind Monday 10:00 have passed at 15:00."""
    plan = MILESTONES.update({"permit": {"actual_start": "2026-03-23 10:00"}}, now="2026-03-23 12:00")
    permit = plan.activities[0]
    assert permit.actual_end == permit.actual_start
    r = plan.solve()
    assert sk.check(plan, r) == []
    assert [f"{row['start']:%H:%M} {row['end']:%H:%M}" for row in r.table()] == ["10:00 10:00", "15:00 15:00"]
    assert r.warnings == []
    written = sk.plan.Plan(**{k: v for k, v in plan.to_dict().items() if k not in ("schedkit", "schema_version")})
    assert written == plan


def test_news_of_a_milestone_that_has_started() -> None:
    plan = MILESTONES.update({"permit": {"actual_start": "2026-03-23"}}, now="2026-03-25")
    later = plan.update({"permit": {"actual_start": "2026-03-24 09:00"}}, now="2026-03-25")
    for end in (None, "2026-03-24 10:00"):
        permit = later.update({"permit": {} if end is None else {"actual_end": end}}, now="2026-03-25").activities[0]
        assert f"{permit.actual_start:%d %H:%M}" == "24 09:00"
        assert f"{permit.actual_end:%d %H:%M}" == ("24 09:00" if end is None else "24 10:00")
    assert later.update({"permit": {"actual_start": None}}, now="2026-03-25").activities[0] == MILESTONES.activities[0]
    under_way = plan.update({"permit": {"actual_start": "2026-03-24 09:00", "remaining": "2h"}}, now="2026-03-25")
    assert under_way.activities[0].actual_end is None
    assert f"{under_way.solve().table()[0]['end']:%d %H:%M}" == "25 10:00"
