"""Formats that the psplib package reads: what can be said is read, what cannot is refused by its name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.cli import main

pytest.importorskip("psplib")

MPLIB = """2
1
4
3 0
1
0 0 1 1:2
3 2 1 1:3
0 0 0
3 5
1
0 0 1 2:2
2 4 1 2:3
0 0 0
"""

LAGS = """1 1 0 0
0 1 1 1 [0]
1 1 1 2 [{delay}]
2 1 0
0 1 0 0
1 1 3 1
2 1 0 0
2
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "project.txt"
    path.write_text(text)
    return path


def test_several_projects_become_one_with_release_times(tmp_path: Path) -> None:
    project = sk.rcpsp.read(write(tmp_path, MPLIB), format="mplib")
    assert project.duration.tolist() == [0, 3, 0, 0, 2, 0]
    assert project.release_time.tolist() == [0, 0, 0, 5, 5, 5]
    assert project.precedence.tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]
    found = sk.rcpsp.solve(project, max_schedules=100)
    assert (found.makespan, found.status) == (7, "optimal")
    assert found.schedule is not None
    assert sk.check(project, found.schedule) == []


def test_minimum_lags_are_counted_from_the_completion(tmp_path: Path) -> None:
    project = sk.rcpsp.read(write(tmp_path, LAGS.format(delay=5)), format="rcpsp_max")
    assert project.lag.tolist() == [0, 2]
    assert sk.rcpsp.serial_sgs(project).makespan == 5


@pytest.mark.parametrize(("delay", "feature"), [(-4, "maximum time lag"), (1, "may start before activity 1 has completed")])
def test_lags_without_a_counterpart_are_refused(delay: int, feature: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match=feature):
        sk.rcpsp.read(write(tmp_path, LAGS.format(delay=delay)), format="rcpsp_max")


def test_numbers_that_no_project_has_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match=r"project\.txt: demand\[1, 0\] = 9: exceeds capacity\[0\] = 2") as caught:
        sk.rcpsp.read(write(tmp_path, LAGS.format(delay=5).replace("1 1 3 1", "1 1 3 9")), format="rcpsp_max")
    assert caught.value.path == str(tmp_path / "project.txt")


def test_a_lost_successor_is_missed(tmp_path: Path) -> None:
    project = sk.rcpsp.Project([1, 2, 3], [[1], [1], [1]], [2], precedence=[(0, 1), (0, 2)])
    path = tmp_path / "project.sm"
    sk.rcpsp.write(project, path)
    assert sk.rcpsp.read(path, format="mm").precedence.tolist() == [[0, 1], [0, 2]]
    lines = path.read_text().splitlines()
    first = next(k for k, line in enumerate(lines) if "PRECEDENCE" in line) + 2
    lines[first] = lines[first].rsplit(maxsplit=1)[0]
    path.write_text("\n".join(lines))
    with pytest.raises(sk.FormatError, match="job 1 declares 2 successors, 1 follow"):
        sk.rcpsp.read(path, format="mm")


BRANCHES = "2 1\n2\n1 1 1 2\n1 1 0\n0 0 0\n1\n{count} 2\n1 1\n1 2\n"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mplib", MPLIB.replace("3 0\n1\n0 0 1", f"{10**18} 0\n1\n0 0 1", 1)),
        ("mplib", MPLIB.replace("3 5\n", f"{10**18} 5\n")),
        ("aslib", BRANCHES.format(count=10**18)),
    ],
)
def test_room_is_made_for_what_a_file_holds_not_for_what_it_promises(kind: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match="promises more than it holds"):
        sk.rcpsp.read(write(tmp_path, text), format=kind)
    with pytest.raises(sk.FormatError, match="optional"):  # what is promised is there, and refused by its name
        sk.rcpsp.read(write(tmp_path, BRANCHES.format(count=1)), format="aslib")


@pytest.mark.parametrize("kind", ["mm", "rcpsp_max", "mplib", "rcpsp_ps", "aslib", "mslib"])
@pytest.mark.parametrize("text", ["", "1", "a b c\n", "3\n" * 40])
def test_anything_else_is_a_format_error(kind: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError):
        sk.rcpsp.read(write(tmp_path, text), format=kind)
    with pytest.raises(FileNotFoundError):
        sk.rcpsp.read(tmp_path / "none", format=kind)


def test_the_command_reads_them_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write(tmp_path, LAGS.format(delay=5)))
    assert main(["solve", file, "--format", "rcpsp_max", "--max-schedules", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["makespan"] == 5
    assert main(["info", file, "--format", "mm"]) == 2
    assert "not a file in the format mm" in capsys.readouterr().err


def test_the_package_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psplib", None)
    with pytest.raises(sk.SchedkitError, match=r"pip install 'schedkit\[formats\]'"):
        sk.rcpsp.read(write(tmp_path, MPLIB), format="mplib")
