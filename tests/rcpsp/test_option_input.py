"""Optional activities: what is refused, what violates a project, files, charts and the command line."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.cli import main

from . import options
from .test_options import BRACKET, bracket

# --- the checker

GOOD = {"start_time": [0, -1, 0, 5, 0], "completion_time": [2, -1, 5, 6, 3]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"mode": [0, -1, 2, 3, 4]}, []),
        ({"start_time": [0, 3, 0, 7, 0], "completion_time": [2, 7, 5, 8, 3]}, [("alternative", (0,))]),
        ({"start_time": [0, -1, -1, 5, 0], "completion_time": [2, -1, -1, 6, 3]}, [("alternative", (0,))]),
        ({"start_time": [0, -1, 0, 5, -1], "completion_time": [2, -1, 5, 6, -1]}, [("missing", (4,))]),
        ({"start_time": [0, 3, -1, 6, 0], "completion_time": [2, 7, -1, 7, 3]}, [("precedence", (1, 3)), ("capacity", (0, 6))]),
        ({"start_time": [0, -1, 0, 4, 0], "completion_time": [2, -1, 5, 5, 3]}, [("precedence", (2, 3))]),
        ({"mode": [0, -1, 2, 3, 0]}, [("mode", (4,))]),
        ({"start_time": [0, -1, 0, 5, 0], "completion_time": [2, 3, 5, 6, 3]},
         [("alternative", (0,)), ("before_now", (1,)), ("precedence", (0, 1)), ("capacity", (0, 0))]),
        ({"makespan": 7}, [("objective", ())]),
    ],
)  # fmt: skip
def test_violations(changes: dict[str, Any], expected: list[tuple[str, tuple[int, ...]]]) -> None:
    found = [(v.kind, v.subject) for v in sk.check(bracket(), {**GOOD, **changes})]
    assert sorted(found) == sorted(expected)


def test_entries_without_an_optional_activity() -> None:
    entries = [{"activity": name, "start": GOOD["start_time"][i], "end": GOOD["completion_time"][i]}
               for i, name in enumerate(BRACKET["names"])]  # fmt: skip
    bought = [entry for entry in entries if entry["activity"] != "cast"]
    assert sk.check(bracket(), {"activities": bought}) == []
    neither = [entry for entry in bought if entry["activity"] != "buy"]
    assert [v.detail for v in sk.check(bracket(), {"activities": neither})] == [
        "none of group 0 of alternatives runs, exactly one must"
    ]
    cast = [*bought, {"activity": "cast", "start": 6, "end": 10}]
    assert [v.detail for v in sk.check(bracket(precedence=[]), {"activities": cast})] == [
        "activity 'cast', activity 'buy' of group 0 of alternatives run, exactly one must"
    ]


@pytest.mark.parametrize("seed", range(200))
def test_a_claim_is_judged_as_that_of_the_project_of_what_runs(seed: int) -> None:
    source = random.Random(seed)
    project = options.made(source)
    mode = [-1 if project.optional[i] and source.random() < 0.5 else i for i in range(project.num_activities)]
    alone = options.single(project, mode)
    kept = [i for i, row in enumerate(mode) if row != -1]
    start = [source.randint(0, 6) for _ in kept]
    claim = sk.rcpsp.ProjectSchedule.from_start_time(alone, start)
    times = dict(zip(kept, start, strict=True))
    whole = sk.rcpsp.ProjectSchedule.from_start_time(project, [times.get(i, -1) for i in range(project.num_activities)])
    assert (whole.mode.tolist(), whole.makespan) == (mode, claim.makespan)
    expected = sorted((v.kind, v.subject[:1] if v.kind == "capacity" else ()) for v in sk.check(alone, claim))
    broken = sum(sum(mode[i] != -1 for i in group) != 1 for group in project.alternatives)
    found = [(v.kind, v.subject[:1] if v.kind == "capacity" else ()) for v in sk.check(project, whole)]
    assert sorted(found) == sorted([*expected, *[("alternative", ())] * broken])


# --- input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optional": [True]}, "optional: has length 1, expected 5"),
        ({"optional": [2, 0, 0, 0, 0]}, "optional[0] = 2"),
        ({"optional": "x"}, "optional"),
        ({"alternatives": [[]]}, "alternatives[0] = []: a group needs an activity"),
        ({"alternatives": [[1, 5]]}, "alternatives[0, 1] = 5: unknown index, expected 0 <= index < 5"),
        ({"alternatives": [[1, 2], [-1]]}, "alternatives[1, 0] = -1: unknown index"),
        ({"alternatives": [[1, 2, 1]]}, "alternatives[0, 2] = 1: stands twice in its group"),
        ({"alternatives": [[1.5]]}, "alternatives[0][0] = 1.5"),
        ({"alternatives": 3}, "alternatives"),
        ({"alternatives": [[True]]}, "alternatives[0]"),
        ({"max_lag": [None, 3, None]}, "alternatives: cannot be combined with max_lag yet"),
        ({"storage": [3]}, "alternatives: cannot be combined with storage yet"),
        ({"storage": [3], "alternatives": None, "optional": [True] * 5}, "optional: cannot be combined with storage yet"),
        ({"precedence": [(1, 2), (2, 1)]}, "precedence"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.SchedkitError) as caught:
        bracket(**changes)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ([-1, 1, -1, 3, 4], "mode[0] = -1 (activity 'mould'): is no mode of activity 0"),
        ([0, 2, -1, 3, 4], "mode[1] = 2 (activity 'cast'): is no mode of activity 1"),
        ([0, -2, 2, 3, 4], "mode[1] = -2 (activity 'cast'): is no mode of activity 1"),
        ([0, 1], "mode: has length 2, expected 5"),
    ],
)
def test_modes_that_are_none_are_refused(mode: list[int], message: str) -> None:
    for make in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        with pytest.raises(sk.InvalidInputError) as caught:
            make(bracket(), mode=mode)
        assert message in str(caught.value)


def test_a_start_of_what_does_not_run_is_refused() -> None:
    with pytest.raises(sk.InvalidInputError, match=r"start_time\[1\] = 3: must be -1, because the activity does not run"):
        sk.rcpsp.ProjectSchedule.from_start_time(bracket(), [0, 3, 0, 5, 0], [0, -1, 2, 3, 4])


# --- files

FILE = """{"schedkit": "project", "schema_version": 6, "resources": [],
"activities": [
{"name": "a", "duration": 2},
{"name": "b", "duration": 3, "predecessors": ["a"]},
{"name": "c", "duration": 1, "optional": true}],
"alternatives": [["a", "b"]]}"""


def test_json_with_options(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(FILE)
    read = sk.rcpsp.read(tmp_path / "x.json")
    assert read == sk.rcpsp.Project(
        [2, 3, 1], [[]] * 3, [], precedence=[(0, 1)], optional=[False, False, True], alternatives=[[0, 1]],
        names=["a", "b", "c"], resource_names=[],
    )  # fmt: skip
    assert read.optional.tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"optional": true', '"optional": 1', 5, "activity 'c': optional: expected true or false, found 1"),
        ('["a", "b"]]', '["a", "x"]]', 6, "alternatives[0] names the unknown activity 'x'"),
        ('["a", "b"]]', '["a", "a"]]', 6, "alternatives[0] names 'a' twice"),
        ('["a", "b"]]', "[]]", 6, "alternatives[0]: a group needs an activity"),
        ('"alternatives": [["a", "b"]]', '"alternatives": "a"', 6, "expected a list of groups"),
        ('schema_version": 6', 'schema_version": 5', 5, "'optional' needs schema_version 6"),
        ('schema_version": 6', 'schema_version": 1', 5, "'optional' needs schema_version 6"),
    ],
)
def test_faults_of_json_are_reported_with_line(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1
    (tmp_path / "x.json").write_text(FILE.replace(old, new))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "x.json")
    assert words in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize("seed", range(30))
def test_files_keep_the_project(seed: int, tmp_path: Path) -> None:
    found = options.columns(random.Random(seed), 6, modes=bool(seed % 2))
    n = sk.rcpsp.Project(**found).num_activities
    project = sk.rcpsp.Project(
        **found, names=[f"a{i}" for i in range(n)], resource_names=[f"r{k}" for k in range(len(found["capacity"]))]
    )
    sk.rcpsp.write(project, tmp_path / "project.json")
    read = sk.rcpsp.read(tmp_path / "project.json")
    assert (read.optional.tolist(), read.alternatives) == (project.optional.tolist(), project.alternatives)
    assert ('"schema_version": 6' in (tmp_path / "project.json").read_text()) == project.has_options
    if project.has_options:
        for name in ("sm", "sch", "mm"):
            with pytest.raises(sk.InvalidInputError):
                sk.rcpsp.write(project, tmp_path / f"x.{name}")


def test_older_versions_are_written_where_they_suffice(tmp_path: Path) -> None:
    for version, changes in ((1, {}), (2, {"deadline": [9] * 5}), (4, {"max_lag": [9] * 3}), (5, {"storage": [None]})):
        project = bracket(**{"alternatives": None, **changes})
        sk.rcpsp.write(project, tmp_path / "x.json")
        assert json.loads((tmp_path / "x.json").read_text())["schema_version"] == version
        assert sk.rcpsp.read(tmp_path / "x.json").num_activities == 5


# --- charts, traces and the command line


def test_charts_and_traces_show_what_runs(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    schedule = sk.rcpsp.serial_sgs(bracket(), mode=[0, -1, 2, 3, 4])
    figure = schedule.plot().figure
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["mould", "paint", "buy", "fit"]
    schedule.to_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert sorted(event["name"] for event in events if event["ph"] == "X") == ["buy", "fit", "mould", "paint"]


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sk.rcpsp.write(bracket(), "x.json")
    assert main(["info", "x.json", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["optional"], about["alternatives"]) == (2, 1)
    assert main(["solve", "x.json", "--max-schedules", "50"]) == 0
    text = capsys.readouterr().out
    assert "makespan 6" in text
    assert "not run: cast" in text
    assert main(["solve", "x.json", "--max-schedules", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mode"] == [0, -1, 2, 3, 4]
    Path("found.json").write_text(json.dumps(found))
    assert main(["check", "x.json", "found.json"]) == 0
    assert main(["solve", "x.json", "--algorithm", "parallel", "--json"]) == 0
    found["start_time"][2] = found["completion_time"][2] = found["mode"][2] = -1
    Path("neither.json").write_text(json.dumps(found))
    capsys.readouterr()
    assert main(["check", "x.json", "neither.json", "--json"]) == 1
    assert "alternative" in [v["kind"] for v in json.loads(capsys.readouterr().out)["violations"]]
    pytest.importorskip("matplotlib")
    entries = [{"activity": name, "start": start, "end": end} for name, start, end in
               zip(BRACKET["names"], GOOD["start_time"], GOOD["completion_time"], strict=True) if start >= 0]  # fmt: skip
    Path("entries.json").write_text(json.dumps({"activities": entries}))
    assert main(["gantt", "x.json", "--schedule", "entries.json", "--output", "x.png"]) == 0
    assert Path("x.png").stat().st_size > 0
