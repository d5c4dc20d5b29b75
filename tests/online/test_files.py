"""Traces, tables and JSON: what is read is what was written, and broken files are told by path and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main

SWF = """; Version: 2.2
; a comment
  1 0 5 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1
  2 10 -1 50 1 -1 -1 1 -1 -1 1 1 1 -1 1 -1 -1 -1

  3 20 -1 -1 1 -1 -1 1 70 -1 5 1 1 -1 1 -1 -1 -1
  4 30 0 0 1 -1 -1 1 60 -1 1 1 1 -1 1 -1 -1 -1
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.swf"
    path.write_text(SWF)
    return path


def test_a_trace_becomes_a_stream(trace: Path) -> None:
    with pytest.warns(UserWarning, match="left out 1 job whose submit or run time is unknown"):
        jobs = sk.online.read_swf(trace)
    assert jobs.release_time.tolist() == [0, 10, 30]  # job 3 never ran
    assert jobs.processing_time.tolist() == [100, 50, 0]
    assert jobs.estimate is not None
    assert jobs.estimate.tolist() == [200, 50, 60]
    assert jobs.names == ("1", "2", "4")
    packed = trace.with_suffix(".gz")
    packed.write_bytes(gzip.compress(SWF.encode()))
    with pytest.warns(UserWarning, match="left out 1 job"):
        assert sk.online.read_swf(packed) == jobs


def test_partial_executions_are_pieces_of_one_job(tmp_path: Path) -> None:
    """Status 2, 3, 4 in field 11; sums by hand."""
    path = tmp_path / "pieces.swf"
    line = "{} {} -1 {} 1 -1 -1 1 -1 -1 {}\n"
    path.write_text(line.format(1, 0, 100, 1) + line.format(1, 0, 30, 2) + line.format(1, -1, 70, 3))
    with pytest.warns(UserWarning, match="left out 2 lines of partial executions"):
        jobs = sk.online.read_swf(path)
    assert (jobs.processing_time.tolist(), jobs.names) == ([100], ("1",))
    path.write_bytes(
        b"\xef\xbb\xbf" + (line.format(7, 4, 30, 2) + line.format(8, 5, 9, 1) + line.format(7, -1, 70, 4)).encode()
    )
    jobs = sk.online.read_swf(path)
    assert (jobs.release_time.tolist(), jobs.processing_time.tolist(), jobs.names) == ([4, 5], [100, 9], ("7", "8"))


@pytest.mark.parametrize(
    ("read", "text", "line", "match"),
    [
        (sk.online.read_swf, "; x\n9223372036854775808 0 -1 5\n", 2, "64 bits"),
        (sk.online.read_swf, "1 1700000000000000001 -1 5\n", 1, "more digits"),
        (sk.online.read_swf, "1 1e200 -1 5\n", 1, "1e100"),
        (sk.online.read_csv, "release_time,processing_time\n1,1\n1700000000000000001,2\n", 3, "1700000000000000001"),
        (sk.online.read_csv, "release_time,processing_time\n1,1\n\n2,-2\n", 4, "must be >= 0"),
        (sk.online.read_csv, "release_time,processing_time\n1_0,1\n", 2, "'1_0' is not a finite number"),
        (sk.online.read_csv, "release_time,name\n1,1\n", 1, "found release_time, name"),
        (
            sk.online.read_json,
            '{"schedkit": "jobs", "schema_version": 1,\n"release_time": [0], "processing_time": [1],\n"release_time": [9]}',
            3,
            "twice",
        ),
        (
            sk.online.read_json,
            '{"schedkit": "jobs", "schema_version": 1, "release_time": [1700000000000000001], "processing_time": [1]}',
            1,
            "1700000000000000001",
        ),
        (
            sk.online.read_json,
            '{"schedkit": "jobs", "schema_version": 1,\n "release_time": [0,\n 1],\n "operations": [[1],\n [2,\n -3]]}',
            6,
            "must be >= 0",
        ),
    ],
)
def test_nothing_is_rounded_or_dropped(tmp_path: Path, read: Any, text: str, line: int | None, match: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(sk.FormatError, match=match) as caught:
        read(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_tables_of_other_programs(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(f"Release_Time{mark}PROCESSING_TIME\n0{mark}3\n1{mark}2\n", encoding="utf-8-sig")
    assert sk.online.read_csv(path) == sk.online.Jobs([0, 1], [3, 2])


@pytest.mark.parametrize(
    ("text", "line"), [("1 2 3\n", 1), ("; x\n1 2 3 4\n1 2 x 4\n", 3), ("1 2 3 inf\n", 1), ("\n1 2 3 \xff\n", 2)]
)
def test_broken_traces(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "broken.swf"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(sk.FormatError) as caught:
        sk.online.read_swf(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)


@pytest.mark.parametrize("cut", [4, 15, 30])
def test_broken_gzip(tmp_path: Path, cut: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.gz"
    packed = bytearray(gzip.compress(SWF.encode()))
    path.write_bytes(packed[:cut] + b"\xff" * 20)
    for read in (sk.online.read_swf, sk.online.read_csv, sk.online.read_json):
        with pytest.raises(sk.FormatError, match="gzip"):
            read(path)
    assert main(["simulate", str(path)]) == 2
    assert "gzip" in capsys.readouterr().err


def test_missing_files(tmp_path: Path) -> None:
    for read in (sk.online.read_swf, sk.online.read_csv, sk.online.read_json):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "nothing")


def test_tables(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text('name,release_time,processing_time,weight,deadline\na,0,3,1,9\n\n"b, c",1.5,2,2,inf\n')
    jobs = sk.online.read_csv(path)
    assert jobs == sk.online.Jobs([0, 1.5], [3, 2], weight=[1, 2], deadline=[9, np.inf], names=["a", "b, c"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("release_time\n1\n", 1),
        ("release_time,processing_time,operations\n", 1),
        ("release_time,processing_time,colour\n", 1),
        ("release_time,release_time,processing_time\n", 1),
        ("release_time,processing_time\n1,2\n3\n", 3),
        ("release_time,processing_time\n1,x\n", 2),
    ],
)
def test_broken_tables(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text)
    with pytest.raises(sk.FormatError) as caught:
        sk.online.read_csv(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_cells_keep_every_character(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    names = ["two\nlines", "two\r\nlines", "a\u2028b", "a\x0bb", "a\x1cb", "a\x85b"]
    path.write_bytes("\n".join(["name,release_time,processing_time", *(f'"{name}",0,1' for name in names)]).encode())
    assert sk.online.read_csv(path).names == tuple(names)


def test_a_table_of_impossible_jobs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "negative.csv"
    path.write_text("release_time,processing_time\n0,-1\n")
    with pytest.raises(sk.InvalidInputError, match=r"processing_time\[0\]"):
        sk.online.read_csv(path)


@pytest.mark.parametrize(
    "jobs",
    [
        sk.online.Jobs([], []),
        sk.online.Jobs([0.1, 1], [3, 1e-9], weight=[1, 2], estimate=[3, 3], deadline=[5, np.inf], names=["a", "b"]),
        sk.online.Jobs([1, 0], operations=[[1, 2], [0.3]]),
    ],
)
def test_json_round_trip(tmp_path: Path, jobs: sk.online.Jobs) -> None:
    path = tmp_path / "jobs.json"
    sk.online.write_json(jobs, path)
    assert sk.online.read_json(path) == jobs


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1]",
        '{"schedkit": "project"}',
        '{"schedkit": "jobs", "schema_version": 99, "release_time": []}',
        '{"schedkit": "jobs", "schema_version": 1}',
        '{"schedkit": "jobs", "schema_version": 1, "release_time": [0], "size": [1]}',
        '{"schedkit": "jobs", "schema_version": 1, "release_time": [0], "processing_time": [-1]}',
        '{"schedkit": "jobs", "schema_version": 1, "release_time": [true], "processing_time": [1]}',
        "[" * 100_000,
    ],
)
def test_broken_json(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    with pytest.raises(sk.FormatError) as caught:
        sk.online.read_json(path)
    assert caught.value.path == str(path)


def test_the_command(trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(trace), "--policy", "srpt"]) == 0
    text, notes = capsys.readouterr()
    assert "left out 1 job" in notes
    assert "3 jobs, policy srpt, 1 server" in text
    assert "total flow time   200\n" in text  # job 2 overtakes at 10 and takes 50, job 1 takes 150
    assert main(["simulate", str(trace), "--policy", "fcfs", "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (data["completion_time"], data["lower_bound"]) == ([100, 150, 150], 200.0)
    image = tmp_path / "flow.png"
    assert main(["simulate", str(trace), "-o", str(image)]) == 0
    assert image.stat().st_size > 1000
    assert main(["simulate", str(trace), "--policy", "nonsense"]) == 2
    assert "unknown policy" in capsys.readouterr().err
    assert main(["simulate", str(tmp_path / "no.swf")]) == 2


def test_the_format_is_recognised_by_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, ours = tmp_path / "a", tmp_path / "b"
    table.write_text("release_time,processing_time\n0,3\n1,1\n")
    sk.online.write_json(sk.online.Jobs([0, 1], [3, 1]), ours)
    packed = tmp_path / "c"
    packed.write_bytes(gzip.compress(table.read_bytes()))
    for path in (table, ours, packed):
        assert main(["simulate", str(path)]) == 0
        assert "total flow time   5\n" in capsys.readouterr().out
