"""Activities with several modes: files and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.cli import main

from .multi_mode import small

# --- files


def test_files_keep_modes(tmp_path: Path) -> None:
    project = small(precedence=[(0, 1)], lag=[2], names=["dig", "pour"], resource_names=["crew"])
    path = tmp_path / "modes.json"
    sk.rcpsp.write(project, path)
    content = json.loads(path.read_text())
    assert (content["schema_version"], content["nonrenewable"]) == (3, [5])
    assert content["activities"][0]["modes"][0] == {"duration": 2, "demand": {"crew": 2}, "consumption": [4]}
    assert sk.rcpsp.read(path) == project
    plain = small(precedence=[(0, 1)])
    sk.rcpsp.write(plain, tmp_path / "modes.mm")
    assert sk.rcpsp.read(tmp_path / "modes.mm") == plain
    with pytest.raises(sk.InvalidInputError, match="has no place for lag"):
        sk.rcpsp.write(project, tmp_path / "modes.mm")
    with pytest.raises(sk.InvalidInputError, match="has no place for modes"):
        sk.rcpsp.write(plain, tmp_path / "modes.sm")
    with pytest.raises(sk.InvalidInputError, match="is for projects with modes"):
        sk.rcpsp.write(sk.rcpsp.Project([1], [[]], []), tmp_path / "plain.mm")


MM = """\
jobs (incl. supersource/sink ):  2
  - renewable                 :  1   R
  - nonrenewable              :  1   N
  - doubly constrained        :  0   D
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        2          1           2
   2        2          0
************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
------------------------
  1      1     2       2    4
         2     5       1    0
  2      1     3       1    0
         2     1       2    2
************************
 RESOURCE AVAILABILITIES
  R 1  N 1
   2    5
************************
"""


def test_both_spellings_of_multi_mode_files(tmp_path: Path) -> None:
    path = tmp_path / "two.mm"
    for text in (MM, MM.replace("RESOURCE AVAILABILITIES", "RESOURCEAVAILABILITIES:")):
        path.write_text(text)
        assert sk.rcpsp.read(path) == small(precedence=[(0, 1)])
        assert sk.rcpsp.read(path, format="mm") == small(precedence=[(0, 1)])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("         2     5", "         3     5", 14, "expected mode 2 of job 1, found 3"),
        ("       1    0\n  2 ", "       1    0    7\n  2 ", 14, "job 1 has 3 demands, expected 2"),
        ("   2        2          0", "   2        0          0", 8, "job 2 has 0 modes"),
        ("   2    5\n", "   2\n", 20, "1 capacities, expected 2"),
        ("doubly constrained        :  0", "doubly constrained        :  1", 4, "doubly constrained resources"),
        ("     5       1    0", "     5       1   -3", 14, "job 1, mode 2: consumption of stock 1 = -3: must be >= 0"),
        ("     5       1    0", "    -5       1    0", 14, "job 1, mode 2: duration = -5: must be >= 0"),
    ],
)
def test_faults_in_multi_mode_files(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert MM.count(old) == 1, old
    path = tmp_path / "bad.mm"
    path.write_text(MM.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(path)
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)


MODES = """\
{"schedkit": "project", "schema_version": 3, "resources": [{"name": "crew", "capacity": 2}], "nonrenewable": [5],
 "activities": [
  {"name": "a",
   "modes": [{"duration": 2, "demand": {"crew": 2}, "consumption": [4]},
    {"duration": 5}]}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"schema_version": 3', '"schema_version": 2', 1, "'nonrenewable' needs schema_version 3"),
        ("[4]", "[4, 4]", 4, "activity 'a': modes[0]: consumption has 2 numbers, expected 1"),
        ('{"crew": 2}', '{"boat": 2}', 4, "the unknown resource 'boat'"),
        ('"duration": 5', '"duration": -5', 5, "activity 'a': modes[1]: duration = -5: must be >= 0"),
        ('"name": "a",', '"name": "a", "duration": 4,', 5, "has modes and 'duration'"),
        ('{"duration": 5}', "{}", 5, "modes[1]: has no 'duration'"),
    ],
)
def test_faults_in_our_files(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(MODES)
    assert sk.rcpsp.read(path).duration.tolist() == [2, 5]
    path.write_text(MODES.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(path)
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)


def test_the_command_line_knows_modes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, made = tmp_path / "two.mm", tmp_path / "schedule.json"
    path.write_text(MM)
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modes"] == 4
    assert main(["solve", str(path), "--max-schedules", "50", "--json"]) == 0
    made.write_text(out := capsys.readouterr().out)
    assert (json.loads(out)["makespan"], json.loads(out)["mode"]) == (5, [0, 2])
    assert main(["check", str(path), str(made)]) == 0
    assert main(["solve", str(path), "--max-schedules", "50"]) == 0
    assert "mode" in capsys.readouterr().out
    picture = tmp_path / "two.png"
    assert main(["gantt", str(path), "--schedule", str(made), "-o", str(picture)]) == 0
    assert picture.stat().st_size > 0
