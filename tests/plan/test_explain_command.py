"""The commands ``plan explain`` and ``plan compare``, and what ``plan solve`` says about lateness and progress."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.cli import main

from .test_command import folder

__all__ = ["folder"]


def test_explain_prints_reasons_and_help(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve hours from Friday on do not fit before its end: Monday noon is the earliest deadline, four hours are missing."""
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    arguments = ["plan", "explain", "late.csv", "--start", "2026-03-27", "--max-schedules", "500"]
    assert main(arguments) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1. 'dig' ends at 2026-03-30 12:00 at the earliest, 2 calendar days 12 hours after its deadline 2026-03-28 00:00",
        "   these cannot go together:",
        "   - 'dig' ends by 2026-03-28 00:00",
        "   - 'dig' takes 12 working hours",
        "   - the hours of calendar 'standard'",
        "   any of these changes would help:",
        "   - move the deadline of 'dig' to 2026-03-30 12:00, 2 calendar days 12 hours later; no earlier one would do",
        "   - work 4 hours longer on each working day of calendar 'standard'; fewer hours would not do",
        "   - do 'dig' in 8 working hours instead of 12 working hours; more would be too long",
    ]
    assert main([*arguments, "--json"]) == 1
    (reason,) = json.loads(capsys.readouterr().out)["reasons"]
    assert reason["relaxations"][0]["value"] == "2026-03-30T12:00:00+00:00"
    assert reason["irreducible"] is True


def test_explain_has_no_reasons_for_a_plan_with_a_schedule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "explain", "plan.csv"]) == 0
    assert capsys.readouterr().out == "Shed: nothing speaks against a schedule\n"
    assert main(["plan", "explain", "plan.csv", "--json", "--time-limit", "5"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "Shed", "reasons": []}


def test_late_schedules_what_misses_a_deadline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    assert main(["plan", "solve", "late.csv", "--start", "2026-03-27", "--soft-deadlines"]) == 0
    assert "2026-03-30 12:00  dig       yes       60h" in capsys.readouterr().out


def test_notes_about_progress_out_of_sequence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "news.csv").write_text("name,actual_start,percent\npour,2026-03-23 10:00,50\n")
    assert main(["plan", "update", "plan.csv", "news.csv", "--now", "2026-03-24", "-o", "new.json"]) == 0
    assert main(["plan", "solve", "new.json"]) == 0
    note = "note: 'pour' started at 2026-03-23 10:00, although it waits for 'dig'"
    assert note in capsys.readouterr().out
    r = sk.plan.read("new.json").solve()
    r.write("before.csv")
    assert main(["plan", "compare", "new.json", "before.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(note)
    r.to_html("new.html")
    assert "<li>&#x27;pour&#x27; started at 2026-03-23 10:00, although it waits" in (folder / "new.html").read_text("utf-8")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json"])
def test_compare_reads_the_schedule_that_solve_has_written(
    suffix: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four hours of dig are left on Tuesday at 13:00, when it should have ended at noon."""
    sk.plan.read(folder / "plan.csv").solve().write(f"before.{suffix}")
    (folder / "news.csv").write_text("name,actual_start,remaining\ndig,2026-03-23 08:00,4h\n")
    assert main(["plan", "update", "plan.csv", "news.csv", "--now", "2026-03-24 13:00", "-o", "new.json"]) == 0
    capsys.readouterr()
    assert main(["plan", "compare", "new.json", f"before.{suffix}"]) == 0
    cells = capsys.readouterr().out.splitlines()[2].split(maxsplit=9)
    dates = ["2026-03-23", "2026-03-24", "2026-03-23", "2026-03-24"]
    assert (cells[0], cells[1:9:2], cells[2:9:2], cells[9]) == ("dig", dates, ["08:00", "17:00", "08:00", "12:00"], "+5 hours")
    assert main(["plan", "compare", "new.json", f"before.{suffix}", "--json"]) == 0
    dig, pour = json.loads(capsys.readouterr().out)["activities"]
    assert (dig["start_shift"], dig["end_shift"], pour["end_shift"]) == (0, 5, 19)
    assert (dig["baseline_end"], dig["end"]) == ("2026-03-24T12:00:00+01:00", "2026-03-24T17:00:00+01:00")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("b.csv", "name,start,end\ndig,soon,\n", "b.csv: line 2: start = 'soon' (activity 'dig'): expected a date"),
        ("b.csv", "name,start,end\ndig,,\ndig,,\n", "b.csv: line 3: the activity 'dig' stands on two rows"),
        ("b.csv", "name,start,end\n,2026-03-23,\n", "b.csv: line 2: the row names no activity"),
        ("b.csv", "name,first\n", "unknown column 'first'"),
        ("b.csv", "", "b.csv: has no table"),
        ("b.json", "{}", "is no schedule of a plan"),
        ("b.json", '{"kind": "plan_solution", "activities": [{"start": 1}]}', "every activity has a name"),
        (
            "b.json",
            '{"kind": "plan_solution", "activities": [{"name": "a", "start": "x"}]}',
            "start = 'x' (activity 'a'): expected a date",
        ),
        (
            "b.json",
            '{"kind": "plan_solution", "activities": [{"name": "a"}, {"name": "a"}]}',
            "'a' stands there more than once",
        ),
    ],
)
def test_compare_refuses_what_is_no_schedule(
    name: str, text: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text)
    assert main(["plan", "compare", "plan.csv", name]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_compare_without_a_schedule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    sk.plan.read(folder / "plan.csv").solve().write("before.csv")
    arguments = ["plan", "compare", "late.csv", "before.csv", "--start", "2026-03-27"]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("schedkit: no schedule exists: 'dig' ")
    assert error.count("\n") == 1
    assert main([*arguments, "--json"]) == 1
    out, again = capsys.readouterr()
    found = json.loads(out)
    assert (found["status"], found["activities"], found["reasons"][0]["activities"]) == ("infeasible", [], ["dig"])
    assert again == error


def test_a_schedule_of_another_plan_is_refused_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = sk.plan.Plan(start="2026-03-23", activities=[{"name": "paint", "duration": "2d"}]).solve()
    other.write("other.csv")
    assert main(["plan", "compare", "plan.csv", "other.csv"]) == 2
    words = "is a schedule of 'paint', and the plan has none of them, but 'dig', 'pour'"
    assert words in capsys.readouterr().err
    with pytest.raises(sk.InvalidInputError, match=f"baseline: {words}"):
        sk.plan.read("plan.csv").solve().compare(other)


@pytest.mark.parametrize("verb", ["explain", "solve"])
def test_a_closed_pipe_is_quiet(verb: str, folder: Path) -> None:
    """The reader has gone before the command prints: nothing is on standard error, the exit code tells."""
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    file = ["late.csv", "--start", "2026-03-27"] if verb == "explain" else ["plan.csv"]
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from schedkit.cli import main; raise SystemExit(main())", "plan", verb, *file]
    done = subprocess.run(command, cwd=folder, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_milestone_that_has_started_counts_as_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "m.csv").write_text("name,duration\npermit,0\ndig,1d\n")
    (folder / "news.csv").write_text("name,actual_start\npermit,2026-03-23 10:00\n")
    options = ["--start", "2026-03-23", "--now", "2026-03-23 12:00"]
    assert main(["plan", "update", "m.csv", "news.csv", "-o", "new.json", *options]) == 0
    assert capsys.readouterr().out == "wrote new.json: 1 done, 0 under way, 1 not begun\n"
