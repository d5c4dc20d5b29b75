"""Every error of a file has its path, and the line of the value to blame.

Lines are counted by hand: each text stands here with its line ends, and a mark for each line that a fault stands on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit import _files, _json

PLATFORM = """{"schedkit": "platform",
 "schema_version": 1,
 "processors": [
  {"name": "small",
   "speed": 1.0},
  {"name": "large",
   "speed": 2.0}
 ],
 "bandwidth": [[1.0, 2.0],
  [3.0, 4.0]],
 "latency": 0.5}
"""
JOBS = """{"schedkit": "jobs",
 "schema_version": 1,
 "release_time": [0,
  3],
 "processing_time": [5,
  1],
 "deadline": [null,
  9],
 "names": ["a",
  "b"]}
"""
PROJECT = """{"schedkit": "project",
 "schema_version": 2,
 "resources": [
  {"name": "crew",
   "capacity": 2,
   "calendars": [{"time": [0, 8],
    "capacity": [2, 0]}]}],
 "activities": [
  {"name": "dig", "duration": 3},
  {"name": "pour",
   "duration": 1,
   "demand": {"crew": 1},
   "predecessors": [
    "dig"]}]}
"""
WFFORMAT = """{"name": "w", "schemaVersion": "1.5",
 "workflow": {
  "specification": {
   "tasks": [
    {"name": "a", "id": "a",
     "parents": [], "children": ["b"], "inputFiles": [],
     "outputFiles": ["x"]},
    {"name": "b", "id": "b",
     "parents": ["a"],
     "children": [], "inputFiles": ["x"], "outputFiles": []}],
   "files": [
    {"id": "x",
     "sizeInBytes": 5}]},
  "execution": {
   "makespanInSeconds": 3,
   "tasks": [
    {"id": "a", "runtimeInSeconds": 1,
     "coreCount": 1},
    {"id": "b",
     "runtimeInSeconds": 2}],
   "machines": [
    {"nodeName": "m",
     "cpu": {"coreCount": 4}}]}}}
"""
STG = """4
0 0 0
1 4 1 0
2 2 1 1
3 3 1 2
4 1 1 3
5 0 1 4
"""
RCP = "3 1\n4\n0 0 1 2\n5 2 1 3\n0 0 0\n"

READERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "platform": (sk.dag.read_platform, PLATFORM),
    "jobs": (sk.online.read_json, JOBS),
    "project": (sk.rcpsp.read, PROJECT),
    "rcp": (sk.rcpsp.read, RCP),
    "stg": (sk.dag.read_stg, STG),
    "wfformat": (sk.dag.read_wfformat, WFFORMAT),
}
#: What is replaced, by what, the line to blame, and words of the message.
CASES: dict[str, tuple[str, str, int, str]] = {
    "platform: kind": ('"platform"', '"project"', 1, 'an object with "schedkit": "platform"'),
    "platform: version": (": 1,", ": 7,", 2, "schema_version 7 is unknown, expected 1"),
    "platform: no version": ('"schema_version": 1,', "", 1, "has no 'schema_version', expected 1"),
    "platform: key": ('"bandwidth"', '"bandwith"', 9, "unknown key 'bandwith', expected one of schedkit"),
    "platform: no processors": ('"processors"', '"comment"', 1, "'processors' must be a list"),
    "platform: speed": ("2.0}", "-1.0}", 7, "processors[1] 'large'.speed = -1.0: must be > 0"),
    "platform: speed null": ("2.0}", "null}", 7, "processors[1] 'large'.speed: must be a number, not null"),
    "platform: speed text": ("2.0}", '"2"}', 7, "processors[1] 'large'.speed = \"2\": must be a number, not text"),
    "platform: no speed": ('"large",\n   "speed": 2.0', '"large"', 6, "processors[1] 'large': has no 'speed'"),
    "platform: key of a processor": (
        '"speed": 2.0',
        '"sped": 2.0',
        7,
        "processors[1] 'large': unknown key 'sped', expected one of name",
    ),
    "platform: repeated key of a processor": ('"speed": 2.0', '"speed": 2.0,\n"speed": 9', 8, "the key 'speed' stands twice"),
    "platform: name twice": ("large", "small", 6, "processors[1].name = 'small': duplicate of processors[0].name"),
    "platform: name": ('"large"', "7", 6, "processors[1]: 'name' must be text, not a number"),
    "platform: processor": ('{"name": "small",\n   "speed": 1.0}', "[]", 4, "processors[0]: must be an object, not a list"),
    "platform: bandwidth": ("3.0", "-3.0", 10, "bandwidth[1, 0] = -3.0"),
    "platform: bandwidth text": ("[[1.0, 2.0],\n  [3.0, 4.0]]", '"fast"', 9, "not text"),
    "platform: latency": ("0.5}", "true}", 11, "not true"),
    "jobs: kind": ('"jobs"', '"project"', 1, 'expected an object with "schedkit": "jobs"'),
    "jobs: list": (JOBS, "\n\n[1]", 3, 'expected an object with "schedkit": "jobs"'),
    "jobs: version": (": 1,", ": 2,", 2, "expected schema_version 1"),
    "jobs: field": ('"deadline"', '"due_date"', 7, "unknown field 'due_date', expected some of release_time"),
    "jobs: no field": ('"release_time": [0,\n  3],', "", 1, "no field 'release_time'"),
    "jobs: value": ("  1]", "  -1]", 6, "processing_time[1] = -1.0 (job 'b'): must be >= 0"),
    "jobs: object": ("  3]", '  {"t": 3}]', 4, 'release_time[1] = {"t": 3}: must be a number, not an object'),
    "jobs: null": ("  3]", "  null]", 4, "release_time[1] = null: must be a number, not null"),
    "jobs: column": ("[5,\n  1]", '{"a": 1}', 5, "processing_time: must be an array of numbers, not an object"),
    "jobs: column of text": ("[5,\n  1]", '"51"', 5, "processing_time: must be an array of numbers, not text"),
    "jobs: name": ('  "b"]', "  true]", 10, "names[1] = true: must be a string, not true"),
    "project: capacity": ('"capacity": 2', '"capacity": -1', 5, "capacity of resource 'crew' = -1: must be >= 0"),
    "project: calendar": ("[2, 0]", "[3, 0]", 7, "calendars[0]: capacity[0] = 3: exceeds the capacity 2"),
    "project: twice": ('    "dig"]', '    "dig",\n    "dig"]', 15, "activity 'pour': predecessor 'dig': is listed twice"),
    "project: cycle": (
        '    "dig"]',
        '    "pour"]',
        14,
        "precedence: the edges form a cycle: activity 'pour' -> activity 'pour'",
    ),
    "project: duration": (
        '1,\n   "demand',
        '"3 days",\n   "demand',
        11,
        "line 11: activity 'pour': duration: expected a whole number, found the text \"3 days\"",
    ),
    "project: no project": ('"schedkit": "project",', "", 14, "not a project in JSON: has no 'schedkit'"),
    "rcp: cycle": ("0 0 0", "0 0 1 2", 4, "the edges form a cycle: job 2 -> job 3 -> job 2"),
    "rcp: comment": (RCP, "# jobs\n3 1\n4\n0 0 1 2\n5 x 1 3\n0 0 0\n", 5, "expected a whole number, found 'x'"),
    "stg: cycle": ("1 4 1 0", "1 4 1 3", 4, "edges: the edges form a cycle: 1 -> 2 -> 3 -> 1"),
    "wfformat: version": ("1.5", "9.5", 1, "schemaVersion '9.5' is unknown"),
    "wfformat: no tasks": ('"tasks": [\n    {"name"', '"others": [\n    {"name"', 3, "specification has no 'tasks'"),
    "wfformat: cycle": ('"children": []', '"children": ["a"]', 6, "the edges form a cycle: 0 'a' -> 1 'b' -> 0 'a'"),
    "wfformat: parent": (
        '"parents": ["a"]',
        '"parents": ["a", "z"]',
        9,
        "specification.tasks[1]: task 'b' names the unknown task 'z'",
    ),
    "wfformat: file": ('"outputFiles": ["x"]', '"outputFiles": ["x",\n"y"]', 8, "'outputFiles' names unknown file 'y'"),
    "wfformat: size": (
        '"sizeInBytes": 5',
        '"sizeInBytes": -5',
        13,
        "specification.files[0] 'x': 'sizeInBytes' must be a finite number >= 0, not -5",
    ),
    "wfformat: misspelt": ('"sizeInBytes"', '"sizeInByte"', 13, "unknown key 'sizeInByte', did you mean 'sizeInBytes'?"),
    "wfformat: no size": (',\n     "sizeInBytes": 5', "", 12, "specification.files[0] 'x' has no 'sizeInBytes'"),
    "wfformat: run": ('{"id": "b",\n     "run', '{"id": "c",\n     "run', 19, "execution.tasks[1]: unknown task 'c'"),
    "wfformat: runtime": ('Seconds": 2}', 'Seconds": "2"}', 20, "'runtimeInSeconds' must be a finite number >= 0, not \"2\""),
    "wfformat: no runtime": (
        ',\n     "runtimeInSeconds": 2',
        "",
        19,
        "the task 'b' has no 'runtimeInSeconds', but others have",
    ),
    "wfformat: no cores": ('"coreCount": 1', '"coreCount": 0', 18, "'coreCount' must be > 0 and at most 2**53, not 0"),
    "wfformat: machine": (
        '"coreCount": 4',
        '"coreCount": null, "count": -4',
        23,
        "machines[0] 'm': 'count' must be a finite number >= 0",
    ),
    "wfformat: task": (
        '"id": "b",\n     "parents"',
        '"id": "a",\n     "parents"',
        8,
        "task id 'a' is a duplicate of specification.tasks[0]",
    ),
    "wfformat: list": ('"parents": ["a"]', '"parents": {}', 9, "'parents' must be a list, not an object"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_the_line_to_blame(case: str, end: str, tmp_path: Path) -> None:
    kind = case.partition(":")[0]
    (read, text), (sound, bad, line, words) = READERS[kind], CASES[case]
    assert text.count(sound) == 1
    path = tmp_path / f"file.{kind}"
    path.write_text(text, newline="")
    read(path)
    path.write_text(text.replace(sound, bad).replace("\n", end), newline="")
    with pytest.raises((sk.FormatError, sk.errors.CycleError)) as caught:
        read(path)
    error: Any = caught.value
    assert (error.path, error.line) == (str(path), line), error
    assert str(error).startswith(f"{path}: line {line}: ")
    assert words in str(error)


def test_cycles_in_foreign_formats_have_their_line(tmp_path: Path) -> None:
    pytest.importorskip("psplib")
    path = tmp_path / "cycle.sch"  # RCPSP/max: two activities and two dummies; the third line of successors closes the cycle
    path.write_text("2 1 0 0\n0 1 1 1 [0]\n1 1 1 2 [1]\n2 1 1 1 [1]\n3 1 0\n0 1 0 0\n1 1 1 1\n2 1 1 1\n3 1 0 0\n2\n")
    with pytest.raises(sk.errors.CycleError) as caught:
        sk.rcpsp.read(path, format="rcpsp_max")
    assert (caught.value.path, caught.value.line) == (str(path), 3)
    assert str(caught.value).startswith(f"{path}: line 3: ")


def test_the_suffix_decides_only_where_the_content_does_not(tmp_path: Path) -> None:
    def message(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(sk.FormatError) as caught:
            sk.rcpsp.read(path)
        return str(caught.value).removeprefix(f"{path}: ")

    assert message("a.json", "4").startswith("line 1: expected a project, which is an object")
    assert message("a.json", " -4 \n").startswith("line 1: expected a project, which is an object")
    assert message("a.json", "jobs").startswith("line 1: expected a project, which is an object")
    assert message("a.rcp", "4").startswith("line 1: the file ends before the number of resources")
    assert message("a.rcp", "jobs 4").startswith("line 1: expected a whole number, found 'jobs'")
    assert "PRECEDENCE RELATIONS" in message("a.sm", "jobs 4")
    for name, text in (
        ("b.rcp", "# three\n" + RCP),
        ("b.json", RCP),
        ("b.rcp", PROJECT),
        ("b.rcp", Path(sk.example_path("migration.sm")).read_text()),
        ("b.rcp", "projects : 1\n" + Path(sk.example_path("migration.sm")).read_text()),
    ):
        (tmp_path / name).write_text(text)
        assert sk.rcpsp.read(tmp_path / name).num_activities >= 2


def test_headings_are_shown_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("Processing_Time,Due_Date,Release Time\n1,2,3\n")
    with pytest.raises(sk.FormatError, match="unknown column 'Release Time', expected some of processing_time"):
        sk.tardiness.read_csv(path)
    path.write_bytes(b"p;d\r1;2\r3;4\r")
    assert sk.tardiness.read_csv(path).processing_time.tolist() == [1, 3]
    path.write_bytes(b'name;p;d\r"a,b";1;2\r"c";3;x\r')
    with pytest.raises(sk.FormatError, match="due_date = 'x' is not a number") as caught:
        sk.tardiness.read_csv(path)
    assert caught.value.line == 3


def test_lines_of_places_in_json(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('\n[1, {"a": "]}",\n "b": [\n2,\n 3]}]')
    document = _json.read(str(path))
    assert document.content == [1, {"a": "]}", "b": [2, 3]}]
    ways: dict[tuple[Any, ...], int] = {
        (): 2,
        (0,): 2,
        (1, "b"): 3,
        (1, "b", 1): 5,
        (1, "b", 2): 3,
        (1, "c"): 2,
        (7,): 2,
        (1, 1): 2,
    }
    assert {way: document.line(*way) for way in ways} == ways
    assert [_files.line_at("a\r\nb\r\r\nc", at) for at in range(8)] == [1, 1, 1, 2, 2, 3, 3, 4]
    for value, noun in ((None, "null"), (False, "false"), ({}, "an object"), ([], "a list"), ("", "text"), (0.5, "a number")):
        assert _json.noun(json.loads(json.dumps(value))) == noun
