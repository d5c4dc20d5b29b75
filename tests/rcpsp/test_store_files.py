"""Files of projects with stores: JSON and the storage format, what they keep, where their faults are; the command line."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.cli import main

from .stores import made


@pytest.mark.parametrize("seed", range(30))
def test_files_and_pickles_keep_the_project(seed: int, tmp_path: Path) -> None:
    columns, project = made(random.Random(9000 + seed), 6)
    assert pickle.loads(pickle.dumps(project)) == project
    n = project.num_activities
    names: dict[str, Any] = {
        "names": [f"a{i}" for i in range(n)],
        "resource_names": [f"r{k}" for k in range(project.num_resources)],
    }
    named = sk.rcpsp.Project(**columns, **names)
    sk.rcpsp.write(named, tmp_path / "project.json")
    text = (tmp_path / "project.json").read_text()
    assert '"schema_version": 5' in text
    assert sk.rcpsp.read(tmp_path / "project.json") == named
    (tmp_path / "old.json").write_text(text.replace('"schema_version": 5', '"schema_version": 4'))
    with pytest.raises(sk.FormatError, match="needs schema_version 5"):
        sk.rcpsp.read(tmp_path / "old.json")


def framed(seed: int) -> sk.rcpsp.Project:
    """A project with dummies at both ends, with nothing but precedence, capacities and stores."""
    columns, _ = made(random.Random(seed), 6, windows=False, lags=False)
    width, stores = len(columns["capacity"]), len(columns["storage"])
    n, nothing = len(columns["duration"]), [[0] * stores]
    return sk.rcpsp.Project(
        [0, *columns["duration"], 0],
        [[0] * width, *columns["demand"], [0] * width],
        columns["capacity"],
        precedence=[*((0, i + 1) for i in range(n)), *((i + 1, n + 1) for i in range(n))],
        storage=[None] * stores,
        initial=columns["initial"],
        taken=[*nothing, *columns["taken"], *nothing],
        given=[*nothing, *columns["given"], *nothing],
    )


def test_files_look_as_documented(tmp_path: Path) -> None:
    project = sk.rcpsp.Project(
        [0, 3, 2, 0],
        [[0], [1], [2], [0]],
        [2],
        successors=[[1, 2], [3], [3], []],
        storage=[None],
        initial=[5],
        taken=[[0], [4], [0], [0]],
        given=[[0], [0], [3], [0]],
        names=["begin", "a", "b", "end"],
        resource_names=["r"],
    )
    sk.rcpsp.write(project, tmp_path / "x.rcp", format="storage")
    text = "4 1 1\n2 5\n0 0 0 0 2 2 3\n3 1 4 0 1 4\n2 2 0 3 1 4\n0 0 0 0 0\n"
    assert (tmp_path / "x.rcp").read_text() == text.replace(" ", "\t")
    sk.rcpsp.write(project, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "schedkit": "project",
        "schema_version": 5,
        "resources": [{"name": "r", "capacity": 2}],
        "activities": [
            {"name": "begin", "duration": 0},
            {"name": "a", "duration": 3, "demand": {"r": 1}, "predecessors": ["begin"], "taken": [4]},
            {"name": "b", "duration": 2, "demand": {"r": 2}, "predecessors": ["begin"], "given": [3]},
            {"name": "end", "duration": 0, "predecessors": ["a", "b"]},
        ],
        "storage": [None],
        "initial": [5],
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_storage_format_keeps_the_project(seed: int, tmp_path: Path) -> None:
    project = framed(seed)
    sk.rcpsp.write(project, tmp_path / "project.rcp", format="storage")
    assert sk.rcpsp.read(tmp_path / "project.rcp", format="storage") == project


FILE = "4 1 1\n2 5\n0 0 9 9 2 2 3\n3 1 4 0 1 4\n2 2 0 3 1 4\n0 0 9 9 0\n"


def test_a_storage_file(tmp_path: Path) -> None:
    (tmp_path / "x.rcp").write_text(FILE.replace("1 4\n2 2", "2 4 4\n2 2"))  # published files list the last dummy repeatedly
    project = sk.rcpsp.read(tmp_path / "x.rcp", format="storage")
    assert project == sk.rcpsp.Project(
        [0, 3, 2, 0],
        [[0], [1], [2], [0]],
        [2],
        precedence=[(0, 1), (0, 2), (1, 3), (2, 3)],
        storage=[None],
        initial=[5],
        taken=[[0], [4], [0], [0]],
        given=[[0], [0], [3], [0]],
    )
    assert sk.rcpsp.solve(project).makespan == 5


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("4 1 1", "4 1 -1", 1, "the number of stores is -1, must be >= 0"),
        ("2 5", "2 -5", 2, "initial of store 1 = -5: must be >= 0"),
        ("2 5", "2", 5, "unknown job 0, expected 1 to 4"),
        ("0 0 9 9 0", "0 0 9", 6, "the file ends before the amount given to store 1 by job 4"),
        ("3 1 4 0", "3 1 -4 0", 4, "job 2: taken of store 1 = -4: must be >= 0"),
        ("2 2 0 3", "2 2 0 -3", 5, "job 3: given of store 1 = -3: must be >= 0"),
        ("2 2 0 3 1 4", "2 2 0 3 1 7", 5, "unknown job 7, expected 1 to 4"),
        ("2 2 0 3 1 4", "2 9 0 3 1 4", 5, "job 3: demand of R1 = 9: exceeds the capacity 2"),
        ("2 2 0 3 1 4", "2 2 0 x 1 4", 5, "expected a whole number, found 'x'"),
        ("0 0 9 9 0", "0 0 9 9 0 7", 6, "unexpected 7 after the last of 4 jobs"),
    ],
)
def test_faults_of_storage_files_are_reported_with_line(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1
    (tmp_path / "x.rcp").write_text(FILE.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "x.rcp", format="storage")
    assert words in str(caught.value)
    assert caught.value.line == line


JSON = """{"schedkit": "project", "schema_version": 5,
"storage": [5, null],
"initial": [1, 2],
"resources": [],
"activities": [
{"name": "a", "duration": 1, "taken": [1, 2]},
{"name": "b", "duration": 1, "given": [0, 3]}]}"""


def test_json_with_stores(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(JSON)
    columns: dict[str, Any] = {"storage": [5, None], "initial": [1, 2], "taken": [[1, 2], [0, 0]], "given": [[0, 0], [0, 3]]}
    assert sk.rcpsp.read(tmp_path / "x.json") == sk.rcpsp.Project(
        [1, 1], [[], []], [], names=["a", "b"], resource_names=[], **columns
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"taken": [1, 2]', '"taken": [1]', 6, "activity 'a': taken has 1 numbers, expected 2"),
        ('"given": [0, 3]', '"given": [0, -3]', 7, "activity 'b': given of store 2 = -3: must be >= 0"),
        ('"given": [0, 3]', '"given": 3', 7, "expected a list of whole numbers, found 3"),
        ('"initial": [1, 2]', '"initial": [1]', None, "initial: has length 1, expected 2"),
        ('"initial": [1, 2]', '"initial": [6, 2]', 3, "initial of store 1 = 6: exceeds storage[0] = 5"),
        ("[5, null]", "[-5, null]", 2, "storage of store 1 = -5: must be >= 0"),
        ("[5, null]", '["5", null]', 2, "storage: expected a whole number"),
        ('"storage": [5, null],', "", 6, "taken has 2 numbers, expected 0"),
        ('schema_version": 5', 'schema_version": 4', 2, "'storage' needs schema_version 5"),
    ],
)
def test_faults_of_json_are_reported_with_line(old: str, new: str, line: int | None, words: str, tmp_path: Path) -> None:
    assert JSON.count(old) == 1
    (tmp_path / "x.json").write_text(JSON.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "x.json")
    assert words in str(caught.value)
    assert caught.value.line == line


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.rcp"
    path.write_text(FILE)
    named = [str(path), "--format", "storage"]
    assert main(["info", *named, "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["storage"], about["initial"]) == ([None], [5])
    assert main(["solve", *named, "--max-schedules", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["objective"] == 5
    (tmp_path / "found.json").write_text(json.dumps(found))
    assert main(["check", *named, "found.json"]) == 0
    # Job 3 gives 3 at 2, so that job 2 can take 6 of 5 + 3 then, but not at once.
    path.write_text(FILE.replace("3 1 4 0", "3 1 6 0"))
    capsys.readouterr()
    (tmp_path / "early.json").write_text(json.dumps({"start_time": [0, 0, 3, 5], "completion_time": [0, 3, 5, 5]}))
    assert main(["check", *named, "early.json", "--json"]) == 1
    assert [v["kind"] for v in json.loads(capsys.readouterr().out)["violations"]] == ["storage"]
    assert main(["solve", *named, "--algorithm", "serial", "--json"]) == 0  # not justified
    assert json.loads(capsys.readouterr().out)["makespan"] == 5
