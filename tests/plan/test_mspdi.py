"""MS Project XML: files in the form of three programs with their dates, links, progress and what the format does not hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import schedkit as sk

from . import meaning
from .mspdi_files import FILES

HOUR = timedelta(hours=1)
LINK = "<PredecessorLink><PredecessorUID>1</PredecessorUID>{}</PredecessorLink>"
NAMESPACE = "{http://schemas.microsoft.com/project}"


def read(folder: Path, text: str | bytes, **options: Any) -> sk.plan.Plan:
    path = folder / "project.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return sk.plan.read(path, **options)


def project(tasks: str = "", head: str = "", calendars: str = "", resources: str = "", assignments: str = "") -> str:
    """A project that starts on Monday, 2 March 2026, 08:00."""
    return (
        f"<Project><Name>p</Name><StartDate>2026-03-02T08:00:00</StartDate>{head}<Calendars>{calendars}</Calendars>"
        f"<Tasks>{tasks}</Tasks><Resources>{resources}</Resources><Assignments>{assignments}</Assignments></Project>"
    )


def task(uid: int, content: str = "", duration: str = "PT8H0M0S", name: str | None = None) -> str:
    return f"<Task><UID>{uid}</UID><Name>{name or f'T{uid}'}</Name><Duration>{duration}</Duration>{content}</Task>"


@pytest.mark.parametrize("program", FILES)
def test_dates_are_those_that_the_program_printed(program: str, tmp_path: Path) -> None:
    plan = read(tmp_path, FILES[program])
    found = meaning.forward_pass(plan)
    printed = {}
    for element in ElementTree.fromstring(FILES[program].partition("\n")[2]).iter(f"{NAMESPACE}Task"):
        start, end = (element.findtext(f"{NAMESPACE}{name}") for name in ("Start", "Finish"))
        if start is not None and end is not None:
            printed[element.findtext(f"{NAMESPACE}UID")] = (datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert list(found.values()) == list(printed.values())
    plan.write(tmp_path / "again.xml")  # what is written has the same dates
    assert meaning.forward_pass(sk.plan.read(tmp_path / "again.xml")) == found


def test_a_file_of_ms_project(tmp_path: Path) -> None:
    plan = read(tmp_path, FILES["MS Project"], timezone="Europe/Berlin")
    assert (plan.name, plan.calendar, plan.hours_per_day, plan.days_per_week) == ("bridge.xml", "Standard", 8, 5)
    assert plan.start.isoformat() == "2026-03-30T08:00:00+02:00"
    assert [a.name for a in plan.activities] == ["Dig", "Foundation / Pour", "Pour", "Done"]
    assert [(r.name, r.capacity, r.calendar) for r in plan.resources] == [("Crew", 2, None), ("Crane", 1, "Crane")]
    dig, pour, later, done = plan.activities
    assert (dict(dig.resources), dict(pour.resources), dict(later.resources)) == ({"Crew": 2}, {"Crane": 1}, {})
    links = [(link.name, link.type, link.lag, link.elapsed) for link in later.predecessors]
    assert links == [("Dig", "FS", 8 * HOUR, False), ("Foundation / Pour", "FS", 8 * HOUR, False)]
    assert [(link.name, link.lag, link.elapsed) for link in done.predecessors] == [("Pour", 72 * HOUR, True)]
    assert (later.release, later.due) == (
        datetime(2026, 4, 9, 13, tzinfo=plan.start.tzinfo),
        datetime(2026, 4, 10, 17, tzinfo=plan.start.tzinfo),
    )
    standard, crane = plan.calendars
    assert sorted(standard.exceptions) == [date(2026, 4, day) for day in (3, 4, 5, 6)]
    assert (crane.weekly[0], crane.weekly[1], crane.exceptions) == ((), standard.weekly[1], standard.exceptions)
    assert all((a.actual_start, a.percent, a.remaining) == (None, None, None) for a in plan.activities)


def test_a_file_of_project_libre(tmp_path: Path) -> None:
    plan = read(tmp_path, FILES["ProjectLibre"])
    assert [a.name for a in plan.activities] == ["Strip, clean", "Paint by night", "Dry", "Inspect"]
    assert (plan.resources[0].capacity, dict(plan.activities[0].resources)) == (150, {"Painter": 50})  # in hundredths
    assert [a.calendar for a in plan.activities] == [None, "Night Shift", "always", None]
    assert [c.name for c in plan.calendars] == ["Standard", "24 Hours", "Night Shift"]
    assert plan.calendars[1].weekly == (((0, 86400),),) * 7


def test_a_file_of_gantt_project(tmp_path: Path) -> None:
    plan = read(tmp_path, FILES["GanttProject"])
    assert [a.name for a in plan.activities] == ["Write", "Draw", "Teach"]
    assert [link.name for link in plan.activities[2].predecessors] == ["Write", "Draw"]
    assert [c.name for c in plan.calendars] == ["Calendar 1"]
    assert sorted(plan.calendars[0].exceptions) == [date(2026, 9, 9)]
    (away,) = [outage for resource in plan.resources for outage in resource.outages]  # 14 and 15 September
    assert (meaning.naive(away.start), meaning.naive(away.end)) == (datetime(2026, 9, 14), datetime(2026, 9, 16))


@pytest.mark.parametrize(
    ("form", "lag", "expected"),
    [
        (3, 600, (HOUR, False)), (5, 600, (HOUR, False)), (7, 4800, (8 * HOUR, False)), (9, 24000, (40 * HOUR, False)),
        (4, 600, (HOUR, True)), (6, 600, (HOUR, True)), (8, 14400, (24 * HOUR, True)), (10, 100800, (168 * HOUR, True)),
        (12, 600, (HOUR, True)), (39, -4800, (-8 * HOUR, False)), (40, 14400, (24 * HOUR, True)),
        (7, 1, (timedelta(seconds=6), False)),
        (8, 0, (timedelta(0), False)),
    ],
)  # fmt: skip
def test_lags(form: int, lag: int, expected: tuple[timedelta, bool], tmp_path: Path) -> None:
    link = LINK.format(f"<LinkLag>{lag}</LinkLag><LagFormat>{form}</LagFormat>")
    plan = read(tmp_path, project(task(1) + task(2, link)))
    (found,) = plan.activities[1].predecessors
    assert (found.type, found.lag, found.elapsed) == ("FS", *expected)


@pytest.mark.parametrize(("number", "kind"), [(0, "FF"), (1, "FS"), (2, "SF"), (3, "SS")])
def test_types_of_links(number: int, kind: str, tmp_path: Path) -> None:
    link = f"<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>{number}</Type></PredecessorLink>"
    plan = read(tmp_path, project(task(1) + task(2, link)))
    assert plan.activities[1].predecessors[0].type == kind


def test_constraints_of_tasks_and_of_the_summaries_above(tmp_path: Path) -> None:
    def constraint(kind: int, when: str) -> str:
        return f"<ConstraintType>{kind}</ConstraintType><ConstraintDate>{when}</ConstraintDate>"

    tasks = (
        task(1, "<OutlineLevel>1</OutlineLevel><Deadline>2026-03-20T17:00:00</Deadline>" + constraint(4, "2026-03-05T08:00:00"))
        + task(2, "<OutlineLevel>2</OutlineLevel>" + constraint(7, "2026-03-13T17:00:00"))
        + task(
            3, "<OutlineLevel>2</OutlineLevel><Deadline>2026-03-18T17:00:00</Deadline>" + constraint(4, "2026-03-09T08:00:00")
        )
        + task(4, "<OutlineLevel>1</OutlineLevel>" + constraint(7, "2026-03-06T00:00:00"))
    )
    plan = read(tmp_path, project(tasks))
    dates = [
        [None if when is None else f"{when:%d.%m. %H:%M}" for when in (a.release, a.deadline, a.due)] for a in plan.activities
    ]
    assert dates == [
        ["05.03. 08:00", "13.03. 17:00", "20.03. 17:00"],
        ["09.03. 08:00", None, "18.03. 17:00"],
        [None, "06.03. 00:00", None],
    ]


def test_progress(tmp_path: Path) -> None:
    start, end = "<ActualStart>2026-03-02T08:00:00</ActualStart>", "<ActualFinish>2026-03-02T17:00:00</ActualFinish>"
    tasks = [
        task(1, f"<PercentComplete>100</PercentComplete>{start}{end}<RemainingDuration>PT0H0M0S</RemainingDuration>"),
        task(2, f"<PercentComplete>25</PercentComplete>{start}<RemainingDuration>PT6H0M0S</RemainingDuration>"),
        task(3, f"<PercentComplete>33</PercentComplete>{start}<RemainingDuration>PT5H20M0S</RemainingDuration>"),
        task(
            4,
            "<PercentComplete>0</PercentComplete><ActualStart>NA</ActualStart><RemainingDuration>PT8H0M0S</RemainingDuration>",
        ),
    ]
    plan = read(tmp_path, project("".join(tasks)))
    found = [(a.percent, a.remaining, a.actual_start is not None, a.actual_end is not None) for a in plan.activities]
    assert found == [
        (None, None, True, True),
        (25, None, True, False),
        (33, timedelta(hours=5, minutes=20), True, False),
        (None, None, False, False),
    ]
    assert plan.now is None


def test_the_present_is_the_status_date(tmp_path: Path) -> None:
    plan = sk.plan.Plan(start="2026-03-02", activities=[{"name": "dig", "duration": "2d"}])
    later = plan.update({"dig": {"actual_start": "2026-03-02 08:00", "percent": 50}}, now="2026-03-03 10:00")
    later.write(tmp_path / "later.xml")
    assert "<StatusDate>2026-03-03T10:00:00</StatusDate>" in (tmp_path / "later.xml").read_text()
    found = sk.plan.read(tmp_path / "later.xml")
    assert found.now == later.now
    assert found.solve().end == later.solve().end


def test_a_status_date_before_the_progress_is_left_out(tmp_path: Path) -> None:
    done = task(1, "<ActualStart>2026-03-02T08:00:00</ActualStart><ActualFinish>2026-03-04T17:00:00</ActualFinish>")
    text = project(done, head="<StatusDate>2026-03-03T17:00:00</StatusDate>")
    with pytest.warns(UserWarning, match=r"left out the status date 2026-03-03T17:00:00, because actual_end of 'T1' is later"):
        assert read(tmp_path, text).now is None


def test_what_xml_does_not_hold_is_named(tmp_path: Path) -> None:
    plan = sk.plan.Plan(
        start="2026-10-19",
        timezone="Europe/Berlin",
        tick="15m",
        activities=[
            {"name": "lift", "duration": "2h", "pausable": False, "weight": 2},
            {"name": "move", "duration": "2h", "release": "2026-10-25 02:30+01:00"},
            {"name": "dig", "duration": "2d", "actual_start": "2026-10-19 08:00", "percent": 12.5},
        ],
    )
    with pytest.warns(UserWarning, match="the XML of MS Project does not hold") as caught:
        plan.write(tmp_path / "plan.xml")
    (warning,) = caught
    assert warning.filename == __file__
    assert str(warning.message).partition("does not hold ")[2].split("; ") == [
        "timezone (read the file with timezone='Europe/Berlin')",
        "tick",
        "pausable of 'lift'",
        "weight of 'lift'",
        "fractions of percent of 'dig'",
        "dates at the second occurrence of their clock times of 'move'",
    ]


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize(
    ("first", "last", "torn"),
    [
        ("2026-10-25 00:00", "2026-10-25 02:30+02:00", (True, False)),
        ("2026-10-25 00:00", "2026-10-25 02:30+01:00", (True, True)),
        ("2026-10-25 02:30+02:00", "2026-10-25 06:00", (True, False)),
        ("2026-10-25 02:30+01:00", "2026-10-25 06:00", (True, True)),
        ("2026-10-25 02:00+02:00", "2026-10-25 02:00+01:00", (True, True)),
        ("2026-10-25 00:00", "2026-10-25 02:00+02:00", (False, False)),
        ("2026-10-25 02:00+01:00", "2026-10-25 06:00", (True, True)),
        ("2026-10-25 03:00", "2026-10-25 05:00", (False, False)),
    ],
)
def test_outages_whose_ends_are_lost_are_named(
    tmp_path: Path, first: str, last: str, torn: tuple[bool, bool], left: int
) -> None:
    """Clocks show the hour from 02:00 on two times: a whole outage closes it both times, the end of a part is the first one."""

    def plan(work: str) -> sk.plan.Plan:
        outage = {"from": first, "to": last, "capacity": left}
        activity = {"name": "a", "duration": work, "resources": "crew[2]"}
        crew = {"name": "crew", "capacity": 2, "outages": [outage]}
        return sk.plan.Plan(
            start="2026-10-24 22:00", timezone="Europe/Berlin", calendar="always", resources=[crew], activities=[activity]
        )

    same = []
    for halves in range(6, 16):
        given = plan(f"{30 * halves}m")
        with pytest.warns(UserWarning, match="does not hold") as caught:
            given.write(tmp_path / "plan.xml")
        words = str(caught[0].message).partition("does not hold ")[2].split("; ")[1:]
        assert words == ["ends of outages at clock times that occur two times of 'crew'"] * torn[left > 0]
        ends = [
            found.solve(max_schedules=1).end for found in (given, sk.plan.read(tmp_path / "plan.xml", timezone="Europe/Berlin"))
        ]
        same.append(ends[0] == ends[1])
    assert all(same) == (not torn[left > 0])


def calendar(content: str, uid: int = 1) -> str:
    return f"<Calendar><UID>{uid}</UID><Name>C{uid}</Name><IsBaseCalendar>1</IsBaseCalendar>{content}</Calendar>"


def exception(content: str, first: str = "2026-01-01", last: str = "2027-12-31") -> str:
    period = f"<TimePeriod><FromDate>{first}T00:00:00</FromDate><ToDate>{last}T23:59:00</ToDate></TimePeriod>"
    return calendar(f"<Exceptions><Exception>{period}{content}<DayWorking>0</DayWorking></Exception></Exceptions>")


def test_names_that_several_tasks_share(tmp_path: Path) -> None:
    level = "<OutlineLevel>{}</OutlineLevel>"
    tasks = (
        task(1, level.format(1), name="A") + task(2, level.format(2), name="B") + task(3, level.format(3), name="x")
        + task(4, level.format(3), name="x") + task(5, level.format(1), name="x") + task(6, level.format(1), name="A / B / x")
        + task(7, level.format(1), name="&#10;") + task(8, level.format(1), name="[resources]")
    )  # fmt: skip
    plan = read(tmp_path, project(tasks))
    names = [a.name for a in plan.activities]
    assert names == ["A / B / x (3)", "A / B / x (4)", "x", "A / B / x", "Task 7", "(resources)"]


def test_other_encodings_of_xml(tmp_path: Path) -> None:
    text = project(task(1, name="Gründung"))
    for encoding in ("utf-8-sig", "utf-16"):
        assert read(tmp_path, text.encode(encoding)).activities[0].name == "Gründung"
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?>" + text
    assert read(tmp_path, latin.encode("latin-1")).activities[0].name == "Gründung"


def test_a_summary_without_tasks_is_an_activity(tmp_path: Path) -> None:
    link = LINK.format("")
    plan = read(tmp_path, project(task(1, "<Summary>1</Summary>") + task(2, "<Summary>0</Summary>" + link)))
    assert [(a.name, [other.name for other in a.predecessors]) for a in plan.activities] == [("T1", []), ("T2", ["T1"])]


def test_a_release_and_a_deadline_are_kept_together(tmp_path: Path) -> None:
    """MS Project has one constraint for each task; the deadline goes into a field of its own."""
    activity = {"name": "a", "duration": 1, "release": "2026-03-03", "deadline": "2026-03-09"}
    plan = sk.plan.Plan(start="2026-03-02", activities=[activity])
    plan.write(tmp_path / "p.xml")
    assert sk.plan.read(tmp_path / "p.xml").activities == plan.activities
    text = (tmp_path / "p.xml").read_text("utf-8").replace("schedkit deadline", "somebody else's date")
    assert read(tmp_path, text).activities[0].deadline is None
