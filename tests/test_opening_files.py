"""What every reader accepts and refuses alike, whatever its format."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit import _files, _json
from schedkit._text import printable, short
from schedkit.cli.output import read_schedule
from schedkit.rcpsp.ramp.files import read_answers

_PLAN = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "4h"}])
ORLIB = "3 2\n1 5\n2 3\n"
SOUND: dict[str, tuple[Callable[[Any], Any], str]] = {
    "sm": (sk.rcpsp.read, Path(sk.example_path("migration.sm")).read_text()),
    "json": (sk.rcpsp.read, Path(sk.example_path("migration.json")).read_text()),
    "rcp": (sk.rcpsp.read, "3 2\n2 1\n2 1 0 2 2 3\n3 2 1 0\n1 0 1 0\n"),
    "orlib": (lambda path: sk.tardiness.read_orlib(path, 2), ORLIB),
    "schedule": (
        lambda path: read_schedule(str(path)),
        '{"schedkit": "schedule",\n "start_time": [0], "completion_time": [1]}\n',
    ),
    "swf": (sk.online.read_swf, "; two jobs\n1 0 -1 5 1 -1 -1 1 9\n2 3 -1 1 1 -1 -1 1 9\n"),
    "jobs.csv": (sk.online.read_csv, "release_time,processing_time,name\n0,5,a\n3,1,b\n"),
    "jobs.json": (
        sk.online.read_json,
        '{"schedkit": "jobs", "schema_version": 1,\n "release_time": [0, 3], "processing_time": [5, 1]}\n',
    ),
    "stg": (lambda path: sk.dag.read_stg(path).to_dict(), Path(sk.example_path("tiny.stg")).read_text()),
    "wf.json": (lambda path: sk.dag.read_wfformat(path).to_dict(), Path(sk.example_path("tiny.wfformat.json")).read_text()),
    "platform.json": (
        lambda path: repr(sk.dag.read_platform(path)),
        '{"schedkit": "platform", "schema_version": 1,\n "processors": [{"name": "cpu", "speed": 1.0}]}\n',
    ),
    "jsp": (sk.shop.read, "2 2\n0 3 1 2\n1 4 0 2\n"),
    "fjs": (sk.shop.read, "2 2\n1 2 1 3 2 4\n1 1 2 2\n"),
    "shop.json": (
        sk.shop.read,
        '{"schedkit": "shop", "schema_version": 1,\n "num_machines": 1, "jobs": [[[0, 3]]]}\n',
    ),
    "tardiness.csv": (sk.tardiness.read_csv, "name,p,d\ncut,4,6\nbend,7,9\n"),
    "plan.csv": (sk.plan.read, "[plan]\nkey,value\nstart,2026-03-25\nname,x\n[activities]\nname,duration\ndig,4h\n"),
    "plan.json": (
        sk.plan.read,
        '{"schedkit": "plan", "schema_version": 1, "name": "x",\n "start": "2026-03-25", "activities": []}\n',
    ),
    "progress.csv": (lambda path: _PLAN.update(path, now="2026-03-26"), "name,percent,actual_start\ndig,50,2026-03-25\n"),
    "answers.json": (read_answers, '{"seed0_level001":\n "yes"}\n'),
}


@pytest.fixture(name="sample", params=SOUND)
def _sample(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Callable[[Any], Any], str, Path]:
    return (*SOUND[request.param], tmp_path / f"file.{request.param}")


Sample = tuple[Callable[[Any], Any], str, Path]


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", " \t\n").encode(),
        lambda text: text.rstrip().encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text.encode("utf-8-sig")) + b"\0" * 20,
        lambda text: gzip.compress(text[:20].encode()) + gzip.compress(text[20:].encode()),
    ],
    ids=["mark", "CR LF", "CR", "trailing blanks", "no last line end", "gzip", "gzip, mark, padding", "two members"],
)
def test_spellings_of_other_systems(sample: Sample, spell: Callable[[str], bytes]) -> None:
    read, text, path = sample
    path.write_text(text)
    expected = read(path)
    path.write_bytes(spell(text))
    assert read(path) == expected


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"\xff\xfe1\x00", 1, "is text in UTF-16, save it as UTF-8"),
        (b"\xfe\xff\x001", 1, "is text in UTF-16, save it as UTF-8"),
        ("1".encode("utf-32"), 1, "is text in UTF-32, save it as UTF-8"),
        (b"1 2\n\n3 \xe9 4\n", 3, "byte 0xe9 is not UTF-8"),
        (b"1 2\r\r\n3 \xe9 4\r", 3, "byte 0xe9 is not UTF-8"),
        (b"1 2\n\0\n", 2, "NUL byte"),
        (gzip.compress(b"1 2 3" * 99)[:-9], None, "broken gzip file"),
        (gzip.compress(b"1 2 3") + b"more", None, "broken gzip file: something else follows"),
        (b"\x1f\x8b", None, "broken gzip file"),
    ],
    ids=["utf-16", "utf-16 big", "utf-32", "latin-1", "latin-1 CR", "nul", "cut gzip", "gzip and more", "start of gzip"],
)
def test_what_is_no_text_is_named(sample: Sample, content: bytes, line: int | None, words: str) -> None:
    read, _, path = sample
    if read is sk.online.read_swf and b"\xe9" in content:
        pytest.skip("comments of traces may be in any encoding, each line of numbers is judged")
    path.write_bytes(content)
    with pytest.raises(sk.FormatError) as caught:
        read(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_nothing_is_read_without_end(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    read, _, path = sample
    monkeypatch.setattr(_files, "MOST_BYTES", 2**22)
    path.write_bytes(gzip.compress(b" " * 2**23))
    assert path.stat().st_size < 2**14  # a bomb
    with pytest.raises(sk.FormatError, match="holds more than 4 MB"):
        read(path)
    with path.open("wb") as file:
        file.truncate(2**23)
    with pytest.raises(sk.FormatError, match="holds more than 4 MB"):
        read(path)
    if sys.platform == "linux":
        for device in ("/dev/zero", "/dev/null", "/dev/random"):
            with pytest.raises(sk.FormatError, match="is a device, not a file"):
                read(device)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_to_its_end_and_no_further(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    read, text, path = sample
    path.write_text(text)
    expected = read(path)
    path.unlink()
    os.mkfifo(path)

    def feed(content: bytes) -> None:
        try:
            with path.open("wb") as file:
                for _ in range(1 if content.strip() else 64):
                    file.write(content)
        except BrokenPipeError:
            pass  # the reader has had enough

    for content in (text.encode(), b" " * 2**17):
        writer = threading.Thread(target=feed, args=(content,))
        writer.start()
        if content.strip():
            assert read(path) == expected
        else:
            monkeypatch.setattr(_files, "MOST_BYTES", 2**22)
            with pytest.raises(sk.FormatError, match="holds more than 4 MB"):
                read(path)
        writer.join()


def test_folders_absent_and_forbidden_files_are_errors_of_the_system(sample: Sample) -> None:
    read, text, path = sample
    with pytest.raises(FileNotFoundError, match="No such file") as caught:
        read(path)
    assert str(caught.value.filename) == str(path)
    if read is read_answers:
        return  # a folder of answers is what it may be given
    with pytest.raises(IsADirectoryError):
        read(path.parent)
    path.write_text(text)
    path.chmod(0)
    if not os.access(path, os.R_OK):  # root may read everything
        with pytest.raises(PermissionError):
            read(path)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


@pytest.mark.parametrize("word", ["1_0", "\uff15", "\u0661", "0x10", "1e3", "nan", "inf", "4.5", "--1", "1,5", "\u22121"])
def test_what_python_takes_for_a_number_is_none_in_a_file(word: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    for text, line, read in (
        ("3 2\n2 1\n2 1 0 2 2 3\n3 @ 1 0\n1 0 1 0\n", 4, lambda: sk.rcpsp.read(path, format="rcp")),
        (SOUND["sm"][1].replace("RESOURCEAVAILABILITIES:", "RESOURCEAVAILABILITIES:\n 1 @"), None, lambda: sk.rcpsp.read(path)),
        ("3 2\n@ 5\n2 3\n", 2, lambda: sk.tardiness.read_orlib(path, 2)),
    ):
        path.write_text(text.replace("@", word), encoding="utf-8")
        with pytest.raises(sk.FormatError) as caught:
            read()
        assert word in str(caught.value)
        assert f"line {line or caught.value.line}: expected a whole number, found" in str(caught.value)


def test_a_sign_is_part_of_a_number(tmp_path: Path) -> None:
    path = tmp_path / "file.rcp"
    path.write_text("+2 1\n+4\n+0 0 1 2\n+5 2 0\n")
    assert sk.rcpsp.read(path).duration.tolist() == [0, 5]
    path.write_text("-1 1\n")
    with pytest.raises(sk.FormatError, match="line 1: the number of activities is -1, must be >= 0"):
        sk.rcpsp.read(path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, "the key 'a' stands twice in one object"),
        ('{"x": [{"b": 1, "b": 2}]}', 1, "the key 'b' stands twice"),
        ('{"a":\n NaN}', 2, "NaN is not a number in JSON"),
        ('{"a":\n -Infinity}', 2, "-Infinity is not a number in JSON"),
        ('{"a": 1,\n}', 2, "is not JSON"),
        ("[" * 100_000, None, "nested too deeply"),
        ('["9", \n' + "9" * 6000 + "]", 2, "thousands of digits"),
        # The key and the word stand elsewhere too, as a value, in a text, and in another object.
        ('[{"b": 1},\n {"b": "b", "c": {"b": 0},\n "b": 1}]', 3, "the key 'b' stands twice"),
        ('{"a": 1, "x": {"c": 1,\n "c": 2},\n "a": 3}', 2, "the key 'c' stands twice"),
        ('["NaN", "Infinity \\" -Infinity",\n\n NaN]', 3, "NaN is not a number in JSON"),
        ('{"a": 1,\r"b": 1,\r\n"a": 2}', 3, "the key 'a' stands twice"),
        ("[1,\r2,\r 3", 3, "is not JSON: Expecting ',' delimiter at column 3"),
        ("", None, "is empty"),
        ("  \n", None, "is empty"),
    ],
)
def test_json_that_would_lose_something_is_refused(text: str, line: int | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(sk.FormatError) as caught:
        _json.read(str(path))
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)


def test_answers_and_witnesses_are_opened_like_all_files(tmp_path: Path) -> None:
    (instance,) = sk.rcpsp.ramp.generate(6, 1)
    sk.rcpsp.ramp.write_instances([instance], tmp_path)
    witness = tmp_path / f"{instance.name}.witness.json"
    content = witness.read_text()
    witness.write_bytes(gzip.compress(content.encode("utf-8-sig")))
    assert sk.rcpsp.ramp.read_instances(tmp_path) == [instance]
    for bad, words in (
        ("[]", "is not a witness"),
        ("{}", "expected an object with 'start_time'"),
        ('{"start_time": [0.5]}', "whole number"),
    ):
        witness.write_text(bad)
        with pytest.raises(sk.FormatError, match=words):
            sk.rcpsp.ramp.read_instances(tmp_path)
    doubled = json.dumps({"start_time": [0]})[:-1] + ', "start_time": [1]}'
    witness.write_text(doubled)
    with pytest.raises(sk.FormatError, match="stands twice"):
        sk.rcpsp.ramp.read_instances(tmp_path)
    shutil.rmtree(tmp_path)


def test_text_is_made_harmless_and_left_alone_otherwise() -> None:
    for plain in ("", "caf\u00e9 \u4e2d", "\u0915\u094d\u200d\u0937", "a\u00a0b", "\U0001f468\u200d\U0001f469"):
        assert printable(plain) == plain
    assert printable("\x1b[2Jx\x07\r\n\x7f\x9b") == "\\x1b[2Jx\\x07\\r\\n\\x7f\\x9b"
    assert printable("a\u202eb\u2028c\ud800") == "a\\u202eb\\u2028c\\ud800"
    assert short(list(range(9))) == "[0, 1, ...] (9 items)"
    assert short((1,)) == "(1,)"
