"""XLSX files: cells of spreadsheets, and where errors are said to be."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import schedkit as sk

from .test_tables import HOUR, START, read


def workbook(folder: Path, sheets: dict[str, list[list[Any]]], **options: Any) -> sk.plan.Plan:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / "plan.xlsx")
    return sk.plan.read(folder / "plan.xlsx", **options)


def test_a_workbook_with_the_cells_of_a_spreadsheet(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Any]]] = {
        "Plan": [["key", "value"], ["start", datetime(2026, 3, 25)], ["hours per day", 7.5], ["name", 2026]],
        "Notes": [["anything"], ["goes"]],
        "calendars": [["calendar", "days", "hours"], ["early", "mon-fri", "06:00-14:00"], ["early", date(2026, 4, 3), None]],
        "resources": [["name", "capacity"], [7, 2.0]],
        "outages": [["resource", "from", "to"], [7, datetime(2026, 4, 13), datetime(2026, 4, 13, 12)]],
        "activities": [
            [None, None],
            ["Name", "Duration", "Predecessors", "Resources", "Pausable", "Due", "Release", "Deadline", "Weight"],
            [1, 4, None, "7[2]", True, date(2026, 4, 30), datetime(2026, 3, 26, 9, 59, 59, 999_998), None, 0.5],
            [],
            ["b", time(4, 30), 1, 7, False, None, None, datetime(2026, 5, 1), 2],
            ["=c", timedelta(hours=30), "1; b SS+4h", None, "yes", None, None, None, None],
        ],
    }
    plan = workbook(tmp_path, {**sheets, "activities": [row for row in sheets["activities"] if row != ["=c"]][:5]})
    assert (plan.name, plan.start.isoformat(), plan.hours_per_day) == ("2026", "2026-03-25T00:00:00+00:00", 7.5)
    assert list(plan.calendars[0].exceptions) == [date(2026, 4, 3)]
    assert (plan.resources[0].name, plan.resources[0].capacity) == ("7", 2)
    assert plan.resources[0].outages[0].end.isoformat() == "2026-04-13T12:00:00+00:00"
    one, b = plan.activities
    assert (one.name, one.duration, dict(one.resources), one.pausable, one.weight) == ("1", 4 * HOUR, {"7": 2}, True, 0.5)
    assert one.due is not None
    assert one.release is not None
    assert (one.due.isoformat(), one.release.isoformat()) == ("2026-05-01T00:00:00+00:00", "2026-03-26T10:00:00+00:00")
    assert (b.duration, [link.name for link in b.predecessors], b.pausable, b.weight) == (4.5 * HOUR, ["1"], False, 2)
    assert b.deadline is not None
    assert b.deadline.isoformat() == "2026-05-02T00:00:00+00:00"  # a cell at 00:00 is a date without time


def test_percent_cells_and_formulas(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "duration", "percent", "actual_start"])
    sheet.append(["a", "4h", 0.375, datetime(2026, 3, 25, 8)])
    sheet["C2"].number_format = "0.0%"
    book.save(tmp_path / "plan.xlsx")
    plan = sk.plan.read(tmp_path / "plan.xlsx", start=START)  # the only sheet may have any name
    assert plan.activities[0].percent == 37.5
    sheet["B2"] = "=2+2"
    book.save(tmp_path / "plan.xlsx")
    with pytest.raises(sk.FormatError, match="sheet 'Sheet', row 2: the cell B2 is a formula without a stored value"):
        sk.plan.read(tmp_path / "plan.xlsx", start=START)
    stored = _with_stored_value(tmp_path / "plan.xlsx", "<v></v>", "<v>4</v>")
    assert read(tmp_path, stored, "plan.xlsx", start=START).activities == plan.activities
    sheet["B2"] = "#REF!"
    sheet["B2"].data_type = "e"
    book.save(tmp_path / "plan.xlsx")
    with pytest.raises(sk.FormatError, match="row 2: the cell B2 holds the error #REF!"):
        sk.plan.read(tmp_path / "plan.xlsx", start=START)


def _with_stored_value(path: Path, old: str, new: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(file, "w") as target:
        for entry in source.infolist():
            content = source.read(entry).decode()
            if entry.filename.endswith("sheet1.xml"):
                assert old in content or "<v />" in content
                content = content.replace(old, new).replace("<v />", new)
            target.writestr(entry.filename, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        (
            {"activities": [["name", "duration"], ["a", "4h"], ["b", "4q"]]},
            "sheet 'activities', row 3: duration = '4q' (activity 'b')",
        ),
        ({"Activities": [["name", "duration", "x y"], ["a", "4h", 1]]}, "sheet 'Activities', row 1: unknown column 'x y'"),
        ({"activities": [["name", "duration"], ["a", "4h", 1]]}, "sheet 'activities', row 2: the cell '1' stands in column 3"),
        ({"tasks": [["name", "duration"]], "people": []}, "has no sheet 'activities'; found 'tasks', 'people'"),
        ({"activities": []}, "sheet 'activities': has no table"),
        (
            {"activities": [["name", "duration"]], "Acti_vities": []},
            "the sheets 'activities' and 'Acti_vities' have the same name",
        ),
        (
            {"activities": [["name", "duration"]], "plan": [["key", "value"], ["start", "soon"]]},
            "sheet 'plan', row 2: start = 'soon'",
        ),
        ({"activities": [["name", "duration", "due"], ["a", 1, 46000]]}, "row 2: due = 46000 (activity 'a'): expected a date"),
        (
            {"activities": [["name", "duration"]], "calendars": [["calendar", "days"], ["x", "mon"], ["x", "mon"]]},
            "sheet 'calendars', row 3: calendar 'x': mon has hours on row 2 already",
        ),
        (
            {
                "activities": [["name", "duration"]],
                "resources": [["name"], ["x"]],
                "outages": [["resource", "from", "to"], ["y", START, START]],
            },
            "sheet 'outages', row 2: there is no resource 'y'",
        ),
    ],
)
def test_errors_of_workbooks_name_the_sheet_and_the_row(
    sheets: dict[str, list[list[Any]]], message: str, tmp_path: Path
) -> None:
    with pytest.raises(sk.FormatError) as caught:
        workbook(tmp_path, sheets, start=None if "plan" in sheets else START)
    assert message in str(caught.value)
    assert caught.value.path == str(tmp_path / "plan.xlsx")


def test_hostile_workbooks(tmp_path: Path) -> None:
    workbook(tmp_path, {"activities": [["name", "duration"], ["a", 1]]}, start=START)
    good = (tmp_path / "plan.xlsx").read_bytes()
    for content in (b"PK\x03\x04", good[:300], good[:-40], _with_stored_value(tmp_path / "plan.xlsx", "<row", "<raw")):
        with pytest.raises(sk.FormatError, match=r"is no XLSX file that can be read|has no sheet"):
            read(tmp_path, content, "bad.xlsx", start=START)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("xl/workbook.xml", "<!DOCTYPE b [<!ENTITY a 'ha'>]><workbook>&a;</workbook>")
    with pytest.raises(sk.FormatError, match=r"xl/workbook\.xml defines a document type"):
        read(tmp_path, bomb.getvalue(), "bomb.xlsx", start=START)
    far = openpyxl.Workbook()
    far.active.append(["name", "duration"])
    far.active.append(["a", 1])
    far.active["XFD1048576"] = " "
    far.save(tmp_path / "far.xlsx")
    assert len(sk.plan.read(tmp_path / "far.xlsx", start=START).activities) == 1


def test_without_openpyxl_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = workbook(tmp_path, {"activities": [["name", "duration"], ["a", 1]]}, start=START)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for call in (lambda: plan.write(tmp_path / "again.xlsx"), lambda: sk.plan.read(tmp_path / "plan.xlsx", start=START)):
        with pytest.raises(sk.SchedkitError, match=r"pip install 'schedkit\[sheets\]'"):
            call()
    assert not (tmp_path / "again.xlsx").exists()
