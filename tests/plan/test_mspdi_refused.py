"""MS Project XML: what is not supported is refused by name and line, and hostile documents are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

from .mspdi_files import week
from .test_mspdi import LINK, calendar, exception, project, read, task

ASSIGNED = {
    "resources": "<Resource><UID>1</UID><Name>R</Name></Resource>",
    "assignments": "<Assignment><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID></Assignment>",
}
LEVEL = "<OutlineLevel>{}</OutlineLevel>"
TWO_UNITS = ASSIGNED | {"assignments": ASSIGNED["assignments"].replace("</Assignment>", "<Units>2</Units></Assignment>")}
IGNORED = "<CalendarUID>1</CalendarUID><IgnoreResourceCalendar>1</IgnoreResourceCalendar>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (project(task(1, "<ConstraintType>1</ConstraintType>")),
        "task 'T1': the constraint As Late As Possible is not supported"),
        (project(task(1, "<ConstraintType>2</ConstraintType>")), "Must Start On"),
        (project(task(1, "<ConstraintType>3</ConstraintType>")), "Must Finish On"),
        (project(task(1, "<ConstraintType>5</ConstraintType>")), "Start No Later Than"),
        (project(task(1, "<ConstraintType>6</ConstraintType>")), "Finish No Earlier Than"),
        (project(task(1, "<ConstraintType>9</ConstraintType>")), "type 9"),
        (project(task(1, "<ConstraintType>4</ConstraintType>")), "its constraint has no date"),
        (project(task(1) + task(2, LINK.format("<LinkLag>50</LinkLag><LagFormat>19</LagFormat>"))), "percent"),
        (project(task(1) + task(2, LINK.format("<CrossProject>1</CrossProject>"))), "other projects"),
        (project(task(1) + task(2, LINK.format("<Type>4</Type>"))), "expected 0 to 3"),
        (project(task(2, LINK.format(""))), "task 'T2': there is no task UID 1"),
        (project(task(1) + task(1)), "task UID 1 stands more than once"),
        (project(task(1, duration="8h")), "'8h', expected a duration such as PT12H0M0S"),
        (project("<Task><UID>1</UID><Name>T1</Name></Task>"), "task 'T1' has no <Duration>"),
        (project("<Task><UID>x</UID></Task>"), "<UID> of <Task> is 'x', expected a whole number"),
        (project(task(1, "<Active>maybe</Active>")), "expected 0 or 1"),
        (project(task(1, "<CalendarUID>9</CalendarUID>")), "there is no calendar UID 9"),
        (project(task(1, "<DurationFormat>8</DurationFormat>"), **ASSIGNED), "elapsed time"),
        (project(task(1, IGNORED), calendars=calendar(""), **ASSIGNED), "ignores the calendars"),
        (project(task(1, LEVEL.format(1)) + task(2, LEVEL.format(2)), **ASSIGNED), "summary task and has resources"),
        (project(task(1), resources="", assignments=ASSIGNED["assignments"]), "there is no resource UID 1"),
        (project(task(2), **ASSIGNED), "there is no task UID 1"),
        (project(task(1), **{**ASSIGNED, "assignments": ASSIGNED["assignments"].replace("</Res",
        "</Res").replace("</Assignment>", "<Units>2</Units></Assignment>")}), "needs 2 of 'R', which has 1"),
        (project(task(1, "<PercentComplete>50</PercentComplete>")), "percent = 50, but it has no actual_start"),
        (project(task(1), calendars=calendar("", 1) + calendar("", 1)), "calendar UID 1 stands more than once"),
        (project(task(1), calendars="<Calendar><UID>1</UID><BaseCalendarUID>1</BaseCalendarUID></Calendar>"),
        "the base of the calendar"),
        (project(task(1), calendars=calendar("<WeekDays><WeekDay><DayType>8</DayType></WeekDay></WeekDays>")),
        "expected 0 to 7"),
        (project(task(1), calendars=calendar(f"<WeekDays>{week('8-12')}</WeekDays>")),
        "a working time is '8:00', expected a time such as"),
        (project(task(1), calendars=exception("<Type>8</Type>")), "repeats in a way that is not supported"),
        (project(task(1), calendars=exception("", "2026-01-01", "2025-01-01")), "from one day to 100 years"),
        (project(task(1), calendars=exception("", "2026-01-01", "soon")), "expected a date"),
        (project(task(1), "<MinutesPerDay>0</MinutesPerDay>"), "must be positive"),
        (project(task(1)).replace("2026-03-02T08:00:00", "tomorrow"), "start = 'tomorrow': expected a date"),
        (project(task(1)).replace("<StartDate>2026-03-02T08:00:00</StartDate>", ""), "the plan has no start"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_by_name_and_line(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError) as caught:
        read(tmp_path, "\n\n" + content)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'project.xml'}: ")
    assert caught.value.path == str(tmp_path / "project.xml")
    assert caught.value.line in (3, None)


BOMB = "<!DOCTYPE b [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><Project><Name>&b;</Name></Project>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB, "line 1: defines a document type or entities"),
        ("<!DOCTYPE p SYSTEM 'file:///etc/passwd'><Project/>", "document type"),
        ("<Project>&amp;&x;</Project>", "undefined entity"),
        ("<Project>", "no element found"),
        ("<a>" * 100_000, "nested too deeply"),
        ("<project/>", "from GanttProject, export the project as MS Project XML"),
        ("<html/>", "is a page for browsers, expected a plan in CSV, XLSX, JSON or the XML of MS Project"),
        ("<?xml version='1.0' encoding='x-unknown'?><Project/>", "is no XML"),
        (b"<Project>\xff</Project>", "not well-formed"),
        (BOMB.encode("utf-16"), "document type"),
    ],
)
def test_hostile_documents(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match=message):
        read(tmp_path, content)


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    activities: list[dict[str, Any]] = [{"name": "a", "duration": 1}, {"name": "b", "duration": 1, "predecessors": "a+1s"}]
    with pytest.raises(sk.InvalidInputError, match="activity 'b': the lag of the link to 'a' is no whole number of tenths"):
        sk.plan.Plan(start="2026-03-02", activities=activities).write(tmp_path / "p.xml")
