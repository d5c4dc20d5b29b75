"""The commands on plans: what they print and write, exit codes, one line on standard error."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.cli import main, plan_output

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
        "2026-03-24 13:00  2026-03-24 17:00  pour      yes       17h",
        "wrote out/new/table.csv",
        "wrote out/new/plan.html, for browsers",
        "wrote out/new/gantt.png",
    ]
    assert sorted(path.name for path in (folder / "out/new").iterdir()) == ["gantt.png", "plan.html", "table.csv"]
    assert (folder / "out/new/gantt.png").read_bytes().startswith(b"\x89PNG")
    assert "Ends <strong>Tue 2026-03-24 17:00</strong>" in (folder / "out/new/plan.html").read_text("utf-8")
    assert (folder / "out/new/table.csv").read_text().splitlines() == [
        "name,start,end,resources,critical,late",
        "dig,2026-03-23 08:00,2026-03-24 12:00,,yes,0h",
        "pour,2026-03-24 13:00,2026-03-24 17:00,,yes,17h",
    ]


def test_without_a_schedule_the_folder_has_the_page_that_tells_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tight.csv").write_text("name,duration,deadline\ndig,3d,2026-03-24\n")
    assert main(["plan", "solve", "tight.csv", "--start", "2026-03-23", "-o", "out"]) == 1
    assert capsys.readouterr().out == "wrote out/plan.html, which tells why\n"
    assert [path.name for path in (folder / "out").iterdir()] == ["plan.html"]
    assert "move the deadline of &#x27;dig&#x27; to 2026-03-25 17:00" in (folder / "out/plan.html").read_text("utf-8")


def test_without_a_schedule_that_of_an_earlier_plan_goes(folder: Path) -> None:
    """What the command writes is removed, what the user has put there stays."""
    assert main(["plan", "solve", "plan.csv", "-o", "out"]) == 0
    (folder / "out/mine.txt").write_text("mine")
    (folder / "out/gantt-2.png").write_bytes((folder / "out/gantt.png").read_bytes())
    (folder / "late.csv").write_text("name,duration,deadline\ndig,12h,2026-03-27\n")
    assert main(["plan", "solve", "late.csv", "--start", "2026-03-27", "-o", "out"]) == 1
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["mine.txt", "plan.html"]


def test_what_fails_leaves_no_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "solve", "plan.csv", "-o", "out", "--objective", "total_tardiness", "--time-limit", "-1"]) == 2
    assert main(["plan", "solve", "plan.csv", "-o", "plan.csv/out"]) == 2
    assert capsys.readouterr().err.splitlines()[1] == f"schedkit: {folder / 'plan.csv'}: is a file, expected a folder"
    assert not (folder / "out").exists()


def test_long_charts_have_pages_and_old_pages_go(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"activity {k},1h\n" for k in range(60))
    (folder / "long.csv").write_text(f"name,duration\n{rows}")
    arguments = ["plan", "solve", "long.csv", "--start", "2026-03-23", "-o", "out", "--max-schedules", "1"]
    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "wrote out/gantt.png to gantt-2.png"
    assert (folder / "out/gantt-2.png").exists()
    (folder / "long.csv").write_text("name,duration\ndig,1h\n")
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "optimal"
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["gantt.png", "plan.html", "table.csv"]


def test_very_long_charts_say_what_is_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(plan_output, "_draw", lambda r, page, path: drawn.append(page))
    rows = "".join(f"activity {k},1h\n" for k in range(401))
    (folder / "long.csv").write_text(f"name,duration\n{rows}")
    assert main(["plan", "solve", "long.csv", "--start", "2026-03-23", "-o", "out", "--max-schedules", "1"]) == 0
    expected = "wrote out/gantt.png to gantt-8.png, the first 8 of 9 pages; plan.html shows all"
    assert capsys.readouterr().out.splitlines()[-1] == expected
    assert drawn == [1, 2, 3, 4, 5, 6, 7, 8]


def test_without_matplotlib_the_rest_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["plan", "solve", "plan.csv", "-o", "out"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("left out gantt.png: drawing needs matplotlib: pip install")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["plan.html", "table.csv"]


@pytest.mark.filterwarnings("error")
def test_letters_that_the_font_lacks_are_mentioned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "plan.csv").write_text(PLAN.replace("dig", "調査"), "utf-8")
    assert main(["plan", "solve", "plan.csv", "-o", "out"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "wrote out/gantt.png (letters that the font of matplotlib lacks are boxes)"
    assert err == ""


def test_progress_is_shown_on_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["plan", "solve", "plan.csv"]) == 0
    err = capsys.readouterr().err
    assert "ends 2026-03-24 17:00  not before 2026-03-24 17:00" in err
    assert err.endswith("\n")


def test_a_closed_pipe_is_quiet(folder: Path) -> None:
    """As `| head -1` does: nothing on standard error, and the code of a program that a closed pipe has ended."""
    rows = "".join(f"activity {k} with a long name so that the output is larger than a pipe holds,1h\n" for k in range(2000))
    (folder / "long.csv").write_text(f"name,duration\n{rows}")
    command = [sys.executable, "-m", "schedkit", "plan", "solve", "long.csv", "--start", "2026-03-23", "--max-schedules", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"long ends")
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(timeout=60) == 141


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
        (
            ["solve", "plan.csv", "-o", "plan.csv"],
            "plan.csv: is a file, expected a folder\n",
        ),
        (["solve", "plan.csv", "--time-limit", "-1"], "--time-limit = -1.0: must be >= 0"),
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


def test_update_keeps_the_present_in_xml_and_names_what_is_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "news.csv").write_text("name,actual_start\ndig,2026-03-23 08:00\n")
    assert main(["plan", "update", "plan.csv", "news.csv", "--now", "2026-03-24 08:00", "-o", "new.xml"]) == 0
    said = "new.xml: the XML of MS Project does not hold timezone (read the file with --timezone Europe/Berlin)"
    assert capsys.readouterr().err.splitlines() == [f"schedkit: {said}"]
    assert str(sk.plan.read("new.xml", timezone="Europe/Berlin").now) == "2026-03-24 08:00:00+01:00"


def test_clock_times_that_occur_two_times_have_their_offset(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On 2026-10-25 the hour after 02:00 occurs two times in Berlin; each activity lasts an hour."""
    head = "[plan]\nkey,value\nname,Night\nstart,2026-10-25 01:00\ntimezone,Europe/Berlin\ncalendar,always\n"
    (folder / "night.csv").write_text(f"{head}[activities]\nname,duration,predecessors\na,1h,\nb,1h,a\nc,1h,b\n")
    assert main(["plan", "solve", "night.csv", "-o", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[2:5]] == [
        ["2026-10-25", "01:00", "2026-10-25", "02:00+02:00"],
        ["2026-10-25", "02:00+02:00", "2026-10-25", "02:00+01:00"],
        ["2026-10-25", "02:00+01:00", "2026-10-25", "03:00"],
    ]
    page = (folder / "out/plan.html").read_text("utf-8")
    for clock in ("02:00+02:00", "02:00+01:00"):
        assert page.count(f"<span>Sun 2026-10-25</span> {clock}") == 2
    assert main(["plan", "compare", "night.csv", "out/table.csv"]) == 0
    assert capsys.readouterr().out.count("2026-10-25 02:00+01:00") == 4
