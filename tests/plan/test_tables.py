"""CSV, XLSX and JSON files: what planners write, and where errors are said to be."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

HOUR = timedelta(hours=1)
START = "2026-03-25"


def read(folder: Path, content: str | bytes, name: str = "plan.csv", **options: Any) -> sk.plan.Plan:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return sk.plan.read(path, **options)


BLOCKS = """\
[plan];;
Key;Value;
Name;Umbau Süd;
start;2026-03-25;
Time zone;Europe/Berlin;
now;;
hours per day;7,5;

[Calendars]
calendar;days;hours
early;mon-thu;06:00-14:00
early;fri;"06:00-09:00 09:30-12:00"
early;2026-04-02..2026-04-06;closed
early;sat;

[resources]
Name;Capacity;Calendar
crane;;
crew;3;early

[outages]
resource;from;to;capacity
crew;2026-04-13;2026-04-17;1
crane;2026-03-26 08:00;2026-03-26 12:00;

[activities]
NAME;Dura_tion;predecessors;resources;Actual Start
dig;1d 4h;;crew[2];
"pour; no";2;dig FS+1ed;crane
"""


def test_a_file_with_blocks_of_a_european_spreadsheet(tmp_path: Path) -> None:
    text = BLOCKS.replace('"pour; no"', "pour")
    for content in (
        text,
        "\ufeff" + text,
        "sep=;\n" + text,
        text.replace("\n", "\r\n"),
        text.replace(";", "\t").replace("7.5", "7,5"),
    ):
        plan = read(tmp_path, content)
        assert (plan.name, plan.timezone, plan.hours_per_day, plan.now) == ("Umbau Süd", "Europe/Berlin", 7.5, None)
        (early,) = plan.calendars
        assert early.weekly[3:6] == (((21600, 50400),), ((21600, 32400), (34200, 43200)), ())
        assert list(early.exceptions) == [date(2026, 4, day) for day in (2, 3, 4, 5, 6)]
        assert [(r.name, r.capacity, r.calendar) for r in plan.resources] == [("crane", 1, None), ("crew", 3, "early")]
        (half,) = plan.resources[0].outages
        assert (half.end - half.start, half.capacity) == (4 * HOUR, 0)
        assert plan.resources[1].outages[0].end.isoformat() == "2026-04-18T00:00:00+02:00"  # dates that end are whole days
        assert [(a.name, a.duration) for a in plan.activities] == [("dig", 11.5 * HOUR), ("pour", 2 * HOUR)]
    with pytest.raises(sk.FormatError, match=r"line 29: name = 'pour; no': must not hold a semicolon"):
        read(tmp_path, BLOCKS)


def test_a_table_of_activities_alone(tmp_path: Path) -> None:
    plan = read(tmp_path, "name,duration\ndig,4h\n", "Umbau.csv", start=date(2026, 3, 25), timezone="Asia/Kolkata")
    assert (plan.name, plan.timezone, plan.start.isoformat()) == ("Umbau", "Asia/Kolkata", "2026-03-25T00:00:00+05:30")
    packed = gzip.compress(b"name\tduration\ndig\t4h\n")
    assert read(tmp_path, packed, "Umbau.CSV.gz", start=START).activities == plan.activities
    assert read(tmp_path, "name;duration\ndig;4h\n", "[plan].csv", start=START).name == "plan"  # no name for a plan


def test_what_the_file_says_goes_before_the_arguments(tmp_path: Path) -> None:
    text = "[plan]\nkey,value\nstart,2026-03-25\ntimezone,Europe/Berlin\n[activities]\nname,duration\ndig,4h\n"
    plan = read(tmp_path, text, start="2027-01-01", timezone="UTC")
    assert plan.start.isoformat() == "2026-03-25T00:00:00+01:00"


CSV = "[plan]\nkey,value\nstart,2026-03-25\n"
TABLE = "[activities]\nname,duration\n"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("name,duration\ndig,4h\n", None, "the plan has no start; give it in the file, or as read(path, start=)"),
        ("", None, "has no table: expected a header with columns such as name, duration, predecessors, resources"),
        (CSV + "[resources]\nname\ncrew\n", None, "has no block [activities]"),
        (CSV + "[actvities]\nname,duration\n" + TABLE, 4,
        "unknown block [actvities], expected some of [plan], [calendars], [resources]"),
        (CSV + TABLE + TABLE, 6, "the block [activities] stands more than once"),
        ("note\n" + CSV + TABLE, 1, "stands before the first block"),
        (CSV + "foo,1\n" + TABLE, 4, "unknown key 'foo', expected some of name, start, timezone, calendar, tick, now"),
        (CSV + "start,2026-03-26\n" + TABLE, 4, "the key start stands more than once"),
        (CSV + "timezone,Europe/Berln\n" + TABLE, 4, "timezone = 'Europe/Berln': is no time zone"),
        (CSV + "calendar,nights\n" + TABLE, 4,
        "calendar = 'nights': there is no such calendar, expected one of always, standard"),
        (CSV + "[activities]\nname,duration,colour\ndig,4h,red\n", 5,
        "unknown column 'colour', expected some of name, duration, predecessors"),
        (CSV + "[activities]\nname,duration,Dur ation\ndig,4h,4h\n", 5, "the column duration stands more than once"),
        (CSV + "[activities]\nname\ndig\n", 5, "no column duration; found name"),
        (CSV + TABLE + "dig,4h,red\n", 6, "the cell 'red' stands in column 3, which has no header"),
        (CSV + TABLE + "dig,4h\n,2h\n", 7, "must have a name"),
        (CSV + TABLE + "dig\n", 6, "a duration is required"),
        (CSV + TABLE + "dig,4h\n\n\nx,4q\n", 9, "duration = '4q' (activity 'x'): expected a duration such as 90m"),
        (CSV + TABLE + 'dig,4h\n"a\nb",1\n', 7, "holds the character U+000A"),
        (CSV + TABLE + '"dig,4h\n', 6, "a quotation mark in the row that begins here is never closed"),
        (CSV + TABLE + "dig,4h\ndig,3h\n", 7, "activity 'dig': the name is given more than once"),
        (CSV + "[activities]\nname,duration,predecessors\ndig,4h,dag SS\n", 6,
        "predecessors = 'dag SS' (activity 'dig'): there is no activity 'dag'; is it 'dig'?"),
        (CSV + "[activities]\nname,duration,pausable\na,4h,perhaps\n", 6,
        "pausable = 'perhaps' (activity 'a'): expected yes or no"),
        (CSV + "[activities]\nname,duration,release\na,4h,25.03.2026\n", 6,
        "release = '25.03.2026' (activity 'a'): expected a date such as"),
        (CSV + "[activities]\nname,duration,weight\na,4h,-1\n", 6, "must not be negative"),
        (CSV + "[activities]\nname,duration,percent\na,4h,101\n", 6, "must be <= 100"),
        (CSV + "[resources]\nname,capacity\ncrew,two\n" + TABLE, 6, "capacity = 'two' (resource 'crew'): is not a number"),
        (CSV + "[resources]\nname\ncrew\n[outages]\nresource,from,to\nx,2026-01-01,2026-01-02\n" + TABLE, 9,
        "there is no resource 'x'"),
        (CSV + "[resources]\nname\ncrew\n[outages]\nresource,from,to\ncrew,2026-01-01,soon\n" + TABLE, 9,
        "to = 'soon' (resource 'crew'): expected a date"),
        (CSV + "[resources]\nname\ncrew\n[outages]\nresource,from,to\ncrew,2026-01-01,\n" + TABLE, 9, "an outage has a to"),
        (CSV + "[calendars]\ncalendar,days,hours\nx,mon,8-12\nx,mon-fri,8-9\n" + TABLE, 7,
        "calendar 'x': mon has hours on line 6 already"),
        (CSV + "[calendars]\ncalendar,days,hours\nx,moon,8-12\n" + TABLE, 6,
        "days = 'moon' (calendar 'x'): expected days such as"),
        (CSV + "[calendars]\ncalendar,days,hours\nx,mon,8-27\n" + TABLE, 6,
        "hours = '8-27' (calendar 'x'): is no time of day"),
        (CSV + "[calendars]\ncalendar,days,hours\nx,,8-12\n" + TABLE, 6, "a row has a calendar and days"),
    ],
)  # fmt: skip
def test_errors_of_csv_name_the_line(content: str, line: int | None, message: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError) as caught:
        read(tmp_path, content)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'plan.csv'}: {'' if line is None else f'line {line}: '}")
    assert (caught.value.path, caught.value.line) == (str(tmp_path / "plan.csv"), line)


def test_a_cycle_in_a_file_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(sk.CycleError, match=r"plan\.csv: line 6: .*activities wait for each other: a -> b -> a") as caught:
        read(tmp_path, CSV + "[activities]\nname,duration,predecessors\na,4h,b\nb,1,a\n")
    assert caught.value.cycle == [0, 1]


def test_other_files_are_refused(tmp_path: Path) -> None:
    for content, message in (
        (b"\xd0\xcf\x11\xe0rest", "save it as .xlsx, or from MS Project as .xml"),
        ("name,duration\ndäg,4h\n".encode("latin-1"), "line 2: byte 0xe4 is not UTF-8"),
        ("name,duration\n".encode("utf-16"), "is text in UTF-16"),
        (b"name,dura\0tion", "NUL byte"),
    ):
        with pytest.raises(sk.FormatError, match=message):
            read(tmp_path, content)
    with pytest.raises(FileNotFoundError):
        sk.plan.read(tmp_path / "nowhere.csv")
    for options, message in (
        ({"start": "soon"}, "start = 'soon'"),
        ({"timezone": "Mars"}, "timezone = 'Mars'"),
        ({"format": "mpp"}, "format = 'mpp'"),
    ):
        with pytest.raises(sk.InvalidInputError, match=message):
            read(tmp_path, "name,duration\n", **options)


def test_texts_that_no_cell_holds(tmp_path: Path) -> None:
    activities: list[dict[str, Any]] = [{"name": f"activity number {k} of many", "duration": 1} for k in range(6000)]
    activities.append({"name": "end", "duration": 0, "predecessors": [a["name"] for a in activities]})
    plan = sk.plan.Plan(start=START, activities=activities)
    for suffix, most in (("xlsx", 32767), ("csv", 131072)):
        with pytest.raises(sk.InvalidInputError, match=f"predecessors of 'end' has more than {most} characters"):
            plan.write(tmp_path / f"plan.{suffix}")
    plan.write(tmp_path / "plan.json")
    assert sk.plan.read(tmp_path / "plan.json") == plan


JSON = '{"schedkit": "plan",\n "schema_version": 1,\n "start": "2026-03-25",\n'


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("{}", 1, 'expected an object with "schedkit": "plan"'),
        ('{"schedkit": "project"}', 1, 'expected an object with "schedkit": "plan"'),
        ('{"schedkit": "plan",\n"schema_version": 2}', 2, "expected schema_version 1"),
        ("{", 1, "is not JSON"),
        (JSON + '"foo": 1}', 4, "unknown key 'foo' of a plan, expected some of name, start"),
        (JSON + '"start": "2026-03-26"}', 4, "the key 'start' stands twice"),
        (JSON + '"timezone": 5}', 4, "timezone = 5: must be the name of a time zone"),
        (JSON + '"activities": [\n{"name": "a", "duration": 1},\n{"name": "b"}]}', 6, "activity 'b': a duration is required"),
        (JSON + '"activities": [\n{"name": "a",\n"duration": "4q"}]}', 6, "duration = '4q' (activity 'a')"),
        (JSON + '"activities": [\n{"name": "a", "duration": 1, "colour": "red"}]}', 5, "unknown key 'colour' of an activity"),
        (JSON + '"activities": {}}', 4, "activities = {}: must be a list"),
        (JSON + '"resources": [{"name": "a",\n"outages": [\n{"from": "2026-01-01", "to": "x"}]}]}', 6, "to = 'x'"),
        (JSON + '"calendars": [{"name": "a", "weekly":\n{"mon":\n"8-27"}}]}', 6, "is no time of day"),
    ],
)
def test_errors_of_json_name_the_line(content: str, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError) as caught:
        read(tmp_path, content, "plan.json")
    assert message in str(caught.value)
    assert caught.value.line == line


def test_the_json_of_the_documentation(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "schedkit": "plan", "schema_version": 1, "name": "n", "start": "2026-03-25", "timezone": "Europe/Berlin",
        "calendar": "office", "tick": "15m", "hours_per_day": 8, "days_per_week": 5,
        "calendars": [{"name": "office", "weekly": {"mon": "08:00-12:00 13:00-17:00"},
        "exceptions": {"2026-04-02": "closed"}}],
        "resources": [{"name": "crane", "capacity": 2, "calendar": None, "outages": [{"from": "2026-03-26",
        "to": "2026-03-26", "capacity": 1}]}],
        "activities": [
            {"name": "a", "duration": "4h", "resources": {"crane": 1}, "pausable": True},
            {"name": "b", "duration": "4h", "predecessors": "a SS+4h"},
            {"name": "c", "duration": "4h", "predecessors": [{"name": "a", "type": "FF", "lag": "-1ed"}, "b"]},
        ],
    }  # fmt: skip
    plan = read(tmp_path, json.dumps(content), "x.json")
    assert plan.tick == timedelta(minutes=15)
    assert [(link.name, link.type, link.lag, link.elapsed) for link in plan.activities[2].predecessors] == [
        ("a", "FF", -24 * HOUR, True), ("b", "FS", timedelta(0), False),
    ]  # fmt: skip
    del content["schedkit"], content["schema_version"]
    assert sk.plan.Plan(**content) == plan
