"""MS Project XML: calendars, exceptions and availability, and which of them become outages."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import schedkit as sk

from . import meaning
from .mspdi_files import week
from .test_mspdi import calendar, exception, project, read, task


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # Each day; each third day; Mondays and Fridays of every second week; 1 May; the 31st every second month.
        ("<Type>1</Type><Occurrences>730</Occurrences>", ["2026-01-01", "2026-01-02", "2026-01-03"]),
        ("<Type>7</Type><Period>3</Period>", ["2026-01-01", "2026-01-04", "2026-01-07"]),
        ("<Type>6</Type><Period>2</Period><DaysOfWeek>34</DaysOfWeek>", ["2026-01-02", "2026-01-12", "2026-01-16"]),
        ("<Type>2</Type><Month>4</Month><MonthDay>1</MonthDay>", ["2026-05-01", "2027-05-01"]),
        ("<Type>4</Type><Period>2</Period><MonthDay>31</MonthDay>", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        # The fourth Thursday of November; the last Monday of each month; the first Sunday of January.
        (
            "<Type>3</Type><Month>10</Month><MonthItem>7</MonthItem><MonthPosition>3</MonthPosition>",
            ["2026-11-26", "2027-11-25"],
        ),
        ("<Type>5</Type><MonthItem>4</MonthItem><MonthPosition>4</MonthPosition>", ["2026-01-26", "2026-02-23", "2026-03-30"]),
        (
            "<Type>3</Type><Month>0</Month><MonthItem>3</MonthItem><MonthPosition>0</MonthPosition>",
            ["2026-01-04", "2027-01-03"],
        ),
        ("<Type>2</Type><Month>11</Month><MonthDay>25</MonthDay><Occurrences>1</Occurrences>", ["2026-12-25"]),
    ],
)
def test_exceptions_that_repeat(content: str, expected: list[str], tmp_path: Path) -> None:
    plan = read(tmp_path, project(task(1), "<CalendarUID>1</CalendarUID>", exception(content)))
    found = [day.isoformat() for day in sorted(plan.calendars[0].exceptions)]
    assert found[: len(expected)] == expected
    if len(expected) < 3:
        assert len(found) == len(expected)


def test_work_weeks_and_working_exceptions(tmp_path: Path) -> None:
    weeks = (
        "<WorkWeeks><WorkWeek><TimePeriod><FromDate>2026-07-01T00:00:00</FromDate><ToDate>2026-07-31T00:00:00</ToDate></TimePeriod>"
        f"<Name>Summer</Name><WeekDays>{week('06:00-14:00', (1, 2, 7))}</WeekDays></WorkWeek></WorkWeeks>"
    )
    saturday = (
        "<Exceptions><Exception><TimePeriod><FromDate>2026-07-04T00:00:00</FromDate><ToDate>2026-07-04T23:59:00</ToDate></TimePeriod>"
        "<Type>1</Type><DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>22:00:00</FromTime><ToTime>02:00:00</ToTime>"
        "</WorkingTime></WorkingTimes></Exception></Exceptions>"
    )
    plan = read(
        tmp_path, project(task(1), "<CalendarUID>1</CalendarUID>", calendar(f"<WeekDays>{week()}</WeekDays>{saturday}{weeks}"))
    )
    exceptions = plan.calendars[0].exceptions
    assert exceptions[date(2026, 7, 1)] == ((6 * 3600, 14 * 3600),)
    assert exceptions[date(2026, 7, 6)] == ()  # a Monday
    assert exceptions[date(2026, 7, 4)] == ((22 * 3600, 26 * 3600),)
    assert len(exceptions) == 31


def test_a_calendar_that_says_nothing_is_the_standard_one(tmp_path: Path) -> None:
    bare = "<Calendar><UID>7</UID><Name>standard</Name></Calendar>"
    plan = read(tmp_path, project(task(1), "<CalendarUID>7</CalendarUID>", bare))
    assert (plan.calendar, plan.calendars) == ("standard", ())
    assert read(tmp_path, project(task(1))).calendar == "standard"


def test_availability_that_changes_becomes_outages(tmp_path: Path) -> None:
    def period(first: str, last: str, units: float) -> str:
        return (
            f"<AvailabilityPeriod><AvailableFrom>{first}</AvailableFrom><AvailableTo>{last}</AvailableTo>"
            f"<AvailableUnits>{units}</AvailableUnits></AvailabilityPeriod>"
        )

    rows = (
        period("1984-01-01T00:00:00", "2026-03-08T23:59:00", 2)
        + period("2026-03-09T00:00:00", "2026-03-15T23:59:00", 1)
        + period("2026-03-23T00:00:00", "2049-12-31T23:59:00", 3)
    )
    periods = f"<AvailabilityPeriods>{rows}</AvailabilityPeriods>"
    resource = f"<Resource><UID>1</UID><Name>R</Name><MaxUnits>2</MaxUnits>{periods}</Resource>"
    plan = read(tmp_path, project(task(1), resources=resource))
    (found,) = plan.resources
    assert found.capacity == 3
    assert [(f"{o.start:%Y-%m-%d}", f"{o.end:%Y-%m-%d}", o.capacity) for o in found.outages] == [
        ("1984-01-01", "2026-03-09", 2), ("2026-03-09", "2026-03-16", 1), ("2026-03-16", "2026-03-23", 0),
    ]  # fmt: skip


def test_night_shifts_are_cut_at_midnight(tmp_path: Path) -> None:
    """A night without work leaves the morning of its date, to which the shift before belongs, and takes the next morning."""
    night = {"name": "night", "weekly": {"mon-sun": "22:00-06:00"}, "exceptions": {"2026-03-04": "closed"}}
    plan = sk.plan.Plan(start="2026-03-02", calendar="night", calendars=[night], activities=[{"name": "a", "duration": "1h"}])
    plan.write(tmp_path / "p.xml")
    (found,) = sk.plan.read(tmp_path / "p.xml").calendars
    assert set(found.weekly) == {((0, 6 * 3600), (22 * 3600, 24 * 3600))}
    assert found.exceptions == {date(2026, 3, 4): ((0, 6 * 3600),), date(2026, 3, 5): ((22 * 3600, 24 * 3600),)}


CLOSED_TUESDAY = "<TimePeriod><FromDate>2026-03-24T00:00:00</FromDate><ToDate>2026-03-24T23:59:00</ToDate></TimePeriod>"


def test_calendars_that_only_close_more_are_read_as_outages(tmp_path: Path) -> None:
    """A lead in working time behind work with such a resource can be kept, before the file and behind it."""
    outages = [
        {"from": "2026-03-24", "to": "2026-03-25"},
        {"from": "2026-03-26 10:00", "to": "2026-03-26 15:00"},
        {"from": "2026-03-27 08:00", "to": "2026-03-27 12:00", "capacity": 1},
    ]
    late = {"name": "late", "weekly": {"mon-fri": "20:00-04:00"}}
    plan = sk.plan.Plan(
        start="2026-03-23",
        calendars=[late],
        resources=[
            {"name": "crew", "capacity": 2, "outages": outages},
            {"name": "guard", "calendar": "late", "outages": outages[:1]},
        ],
        activities=[
            {"name": "dig", "duration": "2d", "resources": "crew"},
            {"name": "look", "duration": "4h", "predecessors": "dig FF-2h"},
            {"name": "watch", "duration": "2d", "resources": "guard"},
        ],
    )
    plan.write(tmp_path / "p.xml")
    found = sk.plan.read(tmp_path / "p.xml")
    crew, guard = found.resources
    assert (crew.calendar, guard.calendar) == (None, "late")
    whole, *parts = crew.outages
    assert (meaning.naive(whole.start), meaning.naive(whole.end)) == (datetime(2026, 3, 24), datetime(2026, 3, 26))
    morning = (datetime(2026, 3, 26, 10), datetime(2026, 3, 26, 12), 0)
    afternoon = (datetime(2026, 3, 26, 13), datetime(2026, 3, 26, 15), 0)
    half = (datetime(2026, 3, 27, 8), datetime(2026, 3, 27, 12), 1)
    assert [(meaning.naive(o.start), meaning.naive(o.end), o.capacity) for o in parts] == [morning, afternoon, half]
    assert "crew" not in [calendar.name for calendar in found.calendars]
    assert [row["end"] for row in found.solve().table()] == [row["end"] for row in plan.solve().table()]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"<Exceptions><Exception>{CLOSED_TUESDAY}<DayWorking>0</DayWorking></Exception></Exceptions>", None),
        (
            f"<Exceptions><Exception>{CLOSED_TUESDAY}<DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>06:00:00"
            "</FromTime><ToTime>12:00:00</ToTime></WorkingTime></WorkingTimes></Exception></Exceptions>",
            "C2",
        ),
        ("<WeekDays><WeekDay><DayType>2</DayType><DayWorking>0</DayWorking></WeekDay></WeekDays>", "C2"),
    ],
)
def test_calendars_that_open_at_other_hours_stay_calendars(content: str, name: str | None, tmp_path: Path) -> None:
    base = "<Calendar><UID>1</UID><Name>standard</Name><IsBaseCalendar>1</IsBaseCalendar></Calendar>"
    own = "<Calendar><UID>2</UID><Name>C2</Name><IsBaseCalendar>0</IsBaseCalendar><BaseCalendarUID>1</BaseCalendarUID>"
    resource = "<Resource><UID>1</UID><Name>R</Name><CalendarUID>2</CalendarUID></Resource>"
    head = "<CalendarUID>1</CalendarUID>"
    plan = read(tmp_path, project(task(1), head, f"{base}{own}{content}</Calendar>", resource))
    assert (plan.resources[0].calendar, bool(plan.resources[0].outages)) == (name, name is None)
    text = project(task(1, "<CalendarUID>2</CalendarUID>"), head, f"{base}{own}{content}</Calendar>", resource)
    assert [c.name for c in read(tmp_path, text).calendars] == ["C2"]
