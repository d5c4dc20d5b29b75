"""The commands on plans: what they print and write, exit codes, one line on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.cli import main

PLAN = """\
[plan]
key,value
name,Shed
start,2026-03-23
timezone,Europe/Berlin
[activities]
name,duration,predecessors,due
dig,12h,,
pour,4h,dig,2026-03-23
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.csv").write_text(PLAN)
    return tmp_path


def test_solve_prints_dates_and_writes_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """12 hours from Monday 8:00 end on Tuesday at noon; pour ends at 17:00, 17 hours after Monday's end."""
    assert main(["plan", "solve", "plan.csv", "-o", "out/new"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Shed ends 2026-03-24 17:00, optimal",
        "start             end               activity  critical  late",
        "2026-03-23 08:00  2026-03-24 12:00  dig       yes",
        "2026-03-24 13:00  2026-03-24 17:00  pour      yes       17:00:00",
        "wrote out/new/table.csv",
    ]
    assert (folder / "out/new/table.csv").read_text().splitlines() == [
        "name,start,end,resources,critical,late",
        "dig,2026-03-23 08:00,2026-03-24 12:00,,yes,0h",
        "pour,2026-03-24 13:00,2026-03-24 17:00,,yes,17h",
    ]


def test_solve_prints_json_that_passes_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "solve", "plan.csv", "--json", "--max-schedules", "100", "--seed", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["end"] == "2026-03-24T17:00:00+01:00"
    assert sk.check(sk.plan.read(folder / "plan.csv"), found) == []


def test_start_and_zone_of_a_table_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "alone.csv").write_text("name,duration\ndig,1d\n")
    assert main(["plan", "solve", "alone.csv", "--start", "2026-03-27", "--timezone", "Asia/Kolkata", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["end"] == "2026-03-27T17:00:00+05:30"
    assert main(["plan", "solve", "alone.csv"]) == 2
    assert "the plan has no start" in capsys.readouterr().err


def test_no_schedule_gives_its_reasons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    arguments = ["plan", "solve", "late.csv", "--start", "2026-03-27"]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("schedkit: no schedule exists: 'dig' ")
    assert "2026-03-28 00:00" in error
    assert main([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "infeasible"


def test_update_writes_the_new_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "news.csv").write_text("name,actual_start,percent\ndig,2026-03-23 10:00,50\n")
    assert main(["plan", "update", "plan.csv", "news.csv", "--now", "2026-03-24", "-o", "new.json"]) == 0
    assert capsys.readouterr().out == "wrote new.json: 0 done, 1 under way, 1 not begun\n"
    old, new = sk.plan.read(folder / "plan.csv"), sk.plan.read(folder / "new.json")
    assert new == old.update({"dig": {"actual_start": "2026-03-23 10:00", "percent": 50}}, now="2026-03-24")
    assert main(["plan", "solve", "new.json"]) == 0
    assert "2026-03-23 10:00  2026-03-24 15:00  dig" in capsys.readouterr().out  # six hours from Tuesday 08:00


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "missing.csv"], "missing.csv: No such file"),
        (["solve", "plan.csv", "-o", "plan.csv"], "plan.csv: File exists"),
        (["solve", "plan.csv", "--time-limit", "-1"], "time_limit"),
        (["update", "plan.csv", "plan.csv", "--now", "2026-03-24", "-o", "new.json"], "plan.csv"),
        (["update", "plan.csv", "news.csv", "--now", "soon", "-o", "new.json"], "now = 'soon': expected a date"),
        (["update", "plan.csv", "news.csv", "--now", "2026-03-24", "-o", "new.doc"], "the suffix decides on the format"),
    ],
)
def test_bad_input_gives_one_line(arguments: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "news.csv").write_text("name,percent\ndig,0\n")
    assert main(["plan", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("schedkit: ")
    assert error.count("\n") == 1
    assert message in error
    assert not (folder / "new.json").exists()
