"""The command line: exit codes, one line on standard error, JSON everywhere."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.cli import main

EXAMPLE = sk.example_path("migration.json")
EMPTY = '{"schedkit": "project", "schema_version": 1, "activities": []}'
COMMANDS = {
    "solve": ["solve", "--max-schedules", "500"],
    "solve, late": ["solve", "--max-schedules", "500", "--late"],
    "solve, in time": ["solve", "--time-limit", "0.1", "--threads", "2"],
    "solve, parallel": ["solve", "--algorithm", "parallel", "--rule", "random", "--seed", "7", "--no-justify"],
    "info": ["info"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", ["migration.json", "migration.sm"])
@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_object(command: str, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *options = COMMANDS[command]
    assert main([name, sk.example_path(example), *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    project = sk.rcpsp.read(sk.example_path(example))
    assert found["lower_bound"] >= sk.rcpsp.lower_bound(project)
    if name == "solve":
        assert sk.check(project, found) == []


def test_solve_prints_makespan_bound_and_a_row_for_each_activity(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", EXAMPLE, "--max-schedules", "500"]) == 0
    first, header, *rows = capsys.readouterr().out.splitlines()
    project = sk.rcpsp.read(EXAMPLE)
    assert first.endswith(f"lower bound {sk.rcpsp.lower_bound(project)}, feasible")
    assert header.split() == ["start", "end", "activity", "holds"]
    assert len(rows) == project.num_activities  # not folded: other programs read this
    assert all(any(name in row for row in rows) for name in project.names or ())


def test_progress_goes_to_a_terminal_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["solve", EXAMPLE, "--max-schedules", "500", "--json"]) == 0
    silent, err = capsys.readouterr()
    assert err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["solve", EXAMPLE, "--max-schedules", "500", "--json"]) == 0
    out, err = capsys.readouterr()
    history = json.loads(out)["history"]
    assert [row["objective"] for row in history] == [row["objective"] for row in json.loads(silent)["history"]]
    lines = err.split("\r")[1:]
    assert len(lines) == len(history)
    for line, row in zip(lines, history, strict=True):
        assert f"makespan {row['objective']}  lower bound {row['lower_bound']}  schedules {row['budget_used']}" in line
    assert err.endswith("\n")


@pytest.mark.parametrize(
    ("options", "status", "codes"),
    [
        ([], "infeasible", ["exhausted"]),
        (["--max-schedules", "1"], "unknown", []),
        (["--algorithm", "serial"], "unknown", ["pass_failed"]),
    ],
    ids=["proven", "too short", "one pass"],
)
def test_no_schedule_is_data_too(
    options: list[str], status: str, codes: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sk.rcpsp.write(sk.rcpsp.Project([2, 2, 2], [[2]] * 3, [3], deadline=[5, 5, 5]), folder / "tight.json")
    assert main(["solve", "tight.json", "--json", *options]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["status"], found["schedule"]) == (status, None)
    assert [reason["code"] for reason in found["reasons"]] == codes
    assert len(err.splitlines()) == 1


def test_the_readme_shows_what_the_demo_prints(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = text[text.index("Moving a data centre ends") :].split("```")[0].splitlines()
    make = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    command = next(line for line in make.splitlines() if "migration.csv" in line).split()
    example = command.index("python/schedkit/examples/migration.csv")
    main([*command[1:example], sk.example_path("migration.csv"), *command[example + 1 :]])
    rows = capsys.readouterr().out.splitlines()
    cut = shown.index("...")
    assert shown[:cut] == rows[:cut]
    assert shown[cut + 1 :] == rows[cut + 1 - len(shown) :]
    assert len(shown) > 5
    steps = [line for line in text.splitlines() if line.startswith(("installing tools", "compiling the Rust core"))]
    assert len(steps) == 4
    assert all(line in make.replace("$(VENV)", ".venv") for line in steps)


def test_solve_check_and_gantt_work_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["solve", EXAMPLE, "--max-schedules", "500", "--json"])
    text = capsys.readouterr().out
    plan = json.loads(text)
    (folder / "plan.json").write_text(text, encoding="utf-8")
    (folder / "marked.json").write_text(text, encoding="utf-8-sig")
    for file in ("plan.json", "marked.json"):
        assert main(["check", EXAMPLE, file, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"feasible": True, "violations": []}
    project = sk.rcpsp.read(EXAMPLE)
    rows = zip(project.names or (), plan["start_time"], plan["completion_time"], strict=True)
    entries = [{"activity": name, "start": start, "end": end} for name, start, end in rows]
    (folder / "names.json").write_text(json.dumps({"activities": entries}), encoding="utf-8")
    assert main(["check", EXAMPLE, "names.json"]) == 0
    assert main(["gantt", EXAMPLE, "--schedule", "names.json", "-o", "plan"]) == 0
    assert capsys.readouterr().out == f"feasible\nwrote plan.png (makespan {plan['makespan']})\n"
    assert (folder / "plan.png").read_bytes().startswith(b"\x89PNG")
    (folder / "broken.json").write_text(json.dumps({"activities": entries[1:]}), encoding="utf-8")
    assert main(["check", EXAMPLE, "broken.json", "--json"]) == 1
    assert [v["kind"] for v in json.loads(capsys.readouterr().out)["violations"]] == ["missing"]
    assert main(["gantt", EXAMPLE, "--schedule", "broken.json"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


SCHEDULES: dict[str, str | bytes] = {
    "no object": "[]",
    "nothing": "{}",
    "empty file": "",
    "not closed": '{"start_time": [1',
    "a project": EMPTY,
    "words": '{"start_time": "x", "completion_time": [1]}',
    "null": '{"start_time": [null], "completion_time": [1]}',
    "infinite": '{"start_time": [1e400], "completion_time": [1]}',
    "endless digits": '{"start_time": [' + "9" * 6000 + '], "completion_time": [1]}',
    "endless brackets": "[" * 100_000,
    "no text": b"\xff\xfe\x00",
    "columns differ": '{"start_time": [0], "completion_time": []}',
    "entries: an object": '{"activities": {"a": 1}}',
    "entries: a number": '{"activities": [3]}',
    "entries: no end": '{"activities": [{"activity": 0, "start": 0}]}',
    "entries: a list": '{"activities": [{"activity": [0], "start": 0, "end": 1}]}',
    "makespan: a list": '{"start_time": [0], "completion_time": [0], "makespan": [1]}',
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("command", ["check", "gantt"])
def test_what_is_no_schedule_is_refused_in_one_line(
    command: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCHEDULES[name]
    (folder / "bad.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    option = [] if command == "check" else ["--schedule"]
    assert main([command, EXAMPLE, *option, "bad.json"]) == 2
    assert_one_line(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", "nowhere.sm"],
        ["solve", "."],
        ["solve", ""],
        ["solve", __file__],
        ["solve", EXAMPLE, "--format", "sm"],
        ["solve", EXAMPLE, "--seed", "-1"],
        ["solve", EXAMPLE, "--time-limit", "-1"],
        ["solve", EXAMPLE, "--threads", "0"],
        ["check", EXAMPLE, "nowhere.json"],
        ["gantt", EXAMPLE, "-o", "nowhere/plan.png"],
        ["gantt", EXAMPLE, "-o", "plan.nothing"],
        ["gantt", EXAMPLE, "-o", ""],
    ],
    ids=" ".join,
)
def test_bad_arguments_give_one_line(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert_one_line(capsys)


@pytest.mark.parametrize(
    "arguments",
    [[], ["nothing"], ["solve"], ["check", EXAMPLE], ["solve", EXAMPLE, "--seed", "1.5"], ["solve", EXAMPLE, "--rule", "x"]],
    ids=" ".join,
)
def test_bad_usage_gives_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert_one_line(capsys)


def assert_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith("schedkit: ")
    assert found.err.count("\n") == 1


def test_the_empty_project(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty.json").write_text(EMPTY)
    assert main(["solve", "empty.json"]) == 0
    assert main(["info", "empty.json"]) == 0
    assert main(["gantt", "empty.json"]) == 0
    assert capsys.readouterr().err == ""


def test_a_terminal_without_the_letters_is_no_obstacle(folder: Path) -> None:
    activities: list[dict[str, Any]] = [{"name": "\u4e2d \N{EN DASH} caf\N{LATIN SMALL LETTER E WITH ACUTE}", "duration": 2}]
    text = json.dumps({**json.loads(EMPTY), "activities": activities})
    (folder / "letters.json").write_text(text)
    (folder / "half.json").write_text('{"activities": [{"activity": "\\ud800", "start": 0, "end": 1}]}')
    for arguments, code in ((["solve", "letters.json"], 0), (["check", "letters.json", "half.json"], 1)):
        done = subprocess.run(
            [sys.executable, "-m", "schedkit", *arguments],
            env=os.environ | {"PYTHONIOENCODING": "ascii"},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (code, b"")
        assert b"\\u" in done.stdout


def test_a_reader_that_goes_away_is_no_news(folder: Path) -> None:
    """As `| head` does: nothing on standard error, and the code of a program that a closed pipe has ended."""
    large = sk.rcpsp.Project([1] * 20000, [[]] * 20000, [], names=[f"activity number {i}" for i in range(20000)])
    sk.rcpsp.write(large, folder / "large.json")
    for options in ([], ["--json"]):
        command = [sys.executable, "-m", "schedkit", "solve", "large.json", "--algorithm", "serial", "--no-justify", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert running.stdout.read(10)
            running.stdout.close()
            assert running.stderr.read() == b""
            assert running.wait(60) == 141


def test_names_do_not_command_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["\x1b[31mred", "b\rc", "\u202eleft"]
    project = sk.rcpsp.Project([1, 2, 3], [[1]] * 3, [1], names=names, resource_names=["\x1b]0;title\x07"])
    sk.rcpsp.write(project, folder / "names.json")
    assert main(["solve", "names.json", "--max-schedules", "10"]) == 0
    out, err = capsys.readouterr()
    for text in ("\\x1b[31mred", "b\\rc", "\\u202eleft", "\\x1b]0;title\\x07"):
        assert text in out
    assert (out.replace("\n", "").isprintable(), err) == (True, "")
    text = (folder / "names.json").read_text().replace('"duration": 2', '"duration": -2')
    (folder / "bad\x1b[0m.json").write_text(text)
    assert main(["solve", "bad\x1b[0m.json"]) == 2
    err = capsys.readouterr().err
    assert err.rstrip("\n").isprintable()
    assert "activity 'b\\rc': duration = -2: must be >= 0" in err
    assert main(["gantt", "names.json", "-o", "names.svg"]) == 0
    assert "\x1b" not in (folder / "names.svg").read_text()


def test_workflows_are_recognised_by_content_and_by_suffixes_in_capitals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stg, wf = (Path(sk.example_path(name)).read_bytes() for name in ("tiny.stg", "tiny.wfformat.json"))
    project = Path(EXAMPLE).read_bytes()
    for name, content in {"A.STG": stg, "w.JSON": wf, "w.gz": gzip.compress(wf), "p.json.gz": gzip.compress(project)}.items():
        (folder / name).write_bytes(content)
        assert main(["info", name]) == 0
        assert ("tasks" in capsys.readouterr().out) == (name != "p.json.gz")


@pytest.mark.skipif(sys.platform != "linux", reason="the devices are named so there")
def test_devices_and_pipes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["info", "/dev/zero"], ["check", EXAMPLE, "/dev/zero"]):
        assert main(arguments) == 2
        assert "is a device, not a file" in capsys.readouterr().err
    done = subprocess.run(
        [sys.executable, "-m", "schedkit", "info", "/dev/stdin"],
        input=Path(EXAMPLE).read_bytes(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
