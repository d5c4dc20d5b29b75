"""Bad files: each gives `FormatError` with path and line, at once, whatever the file declares."""

from __future__ import annotations

import contextlib
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

from tests.rcpsp.texts import JSON, RCP, SM, TEXTS


def swap(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


# What is changed, the line to blame (None: the whole file), words of the message.
SPOILT: dict[str, tuple[str, int | None, str]] = {
    "sm: 10**9 jobs": (swap(SM, "sink ):  3", "sink ):  1000000000"), 10, "PRECEDENCE"),
    "sm: 10**30 jobs": (swap(SM, "sink ):  3", f"sink ):  {10**30}"), 1, "beyond 64 bits"),
    "sm: negative jobs": (swap(SM, "sink ):  3", "sink ):  -3"), 1, ">= 0"),
    "sm: no number of jobs": (swap(SM, "sink ):  3", "sink ):"), 1, "number"),
    "sm: 10**9 resources": (swap(SM, ":  2   R", ":  1000000000   R"), 13, "1000000000"),
    "sm: no jobs line": (SM.split("\n", 1)[1], 4, "jobs"),
    "sm: no resources line": (SM.replace("  - renewable                 :  2   R\n", ""), 4, "renewable"),
    "sm: nonrenewable resources": (swap(SM, ":  0   N", ":  2   N"), 13, "job 1 has 2 demands, expected 4"),
    "sm: several modes": (
        swap(SM, "   2        1          0", "   2        3          0"),
        15,
        "expected mode 2 of job 2, found 3",
    ),
    "sm: jobs out of order": (swap(SM, "   2        1          0", "   3        1          0"), 8, "expected job 2"),
    "sm: too few successors": (swap(SM, "1          2           2   3", "1          2           2"), 7, "1 follow"),
    "sm: too many successors": (swap(SM, "1          2           2   3", "1          1           2   3"), 7, "2 follow"),
    "sm: negative count": (swap(SM, "1          2           2   3", "1         -2           2   3"), 7, ">= 0"),
    "sm: unknown successor": (swap(SM, "2           2   3", "2           2   4"), 7, "unknown job 4"),
    "sm: successor 0": (swap(SM, "2           2   3", "2           0   3"), 7, "unknown job 0"),
    "sm: duplicate successor": (
        swap(SM, "2           2   3", "2           2   2"),
        7,
        "job 1: successor job 2: is listed twice",
    ),
    "sm: a word for a number": (swap(SM, "2           2   3", "2           2   x"), 7, "'x'"),
    "sm: a fraction": (swap(SM, "  2      1     3 ", "  2      1     3.5 "), 14, "'3.5'"),
    "sm: beyond int64": (swap(SM, "  2      1     3 ", f"  2      1     {2**63} "), 14, str(2**63)),
    "sm: negative duration": (swap(SM, "  2      1     3 ", "  2      1    -3 "), 14, "job 2: duration = -3: must be >= 0"),
    "sm: sum of durations": (
        swap(SM, "  2      1     3 ", f"  2      1     {2**53} "),
        14,
        "job 2: duration = 9007199254740992: the sum up to here exceeds 2**53",
    ),
    "sm: demand above capacity": (
        swap(SM, "3        2    1", "3        3    1"),
        14,
        "job 2: demand of R1 = 3: exceeds the capacity 2",
    ),
    "sm: too few demands": (swap(SM, "3        2    1", "3        2"), 14, "1 demands, expected 2"),
    "sm: too many demands": (swap(SM, "3        2    1", "3        2    1    1"), 14, "3 demands, expected 2"),
    "sm: too few capacities": (swap(SM, "R 2\n    2    1\n", "R 2\n    2\n"), 18, "1 capacities, expected 2"),
    "sm: negative capacity": (swap(SM, "R 2\n    2    1\n", "R 2\n    2    -1\n"), 18, "capacity of R2 = -1: must be >= 0"),
    "sm: text at the end": (SM + "that was all\n", 19, "that was all"),
    "sm: prose": ("Dear reader,\nthis is a letter.\n", None, "PRECEDENCE RELATIONS"),
    "rcp: 10**9 activities": (swap(RCP, "3 2\n", "1000000000 2\n"), 5, "job 4 of 1000000000"),
    "rcp: 10**9 resources": (swap(RCP, "3 2\n", "3 1000000000\n"), 5, "1000000000"),
    "rcp: 10**9 successors": (swap(RCP, "2 1 0 2 2 3", "2 1 0 1000000000 2 3"), 4, "expected 1 to 3"),
    "rcp: negative activities": ("-3 2\n2 1\n", 1, ">= 0"),
    "rcp: unknown successor": (swap(RCP, "2 2 3", "2 2 4"), 3, "unknown job 4"),
    "rcp: a word": (swap(RCP, "2 2 3", "2 2 x"), 3, "'x'"),
    "rcp: too much": (RCP + "5\n", 6, "unexpected 5"),
    "rcp: demand above capacity": (swap(RCP, "3 2 1 0", "3 3 1 0"), 4, "job 2: demand of R1 = 3: exceeds the capacity 2"),
    "rcp: only a number": ("12", 1, "ends before"),
    "json: 10**9 elements promised": (
        '{"schedkit": "project", "schema_version": 1, "activities": ' + "[" * 900,
        1,
        "activities[0]: expected an object",
    ),
    "json: deep nesting": ("[" * 900 + "]" * 900, 1, "project"),
    "json: another kind": (swap(JSON, '"project"', '"graph"'), 1, "expected 'schedkit': 'project', found the text 'graph'"),
    "json: another version": (
        swap(JSON, '"schema_version": 1', '"schema_version": 7'),
        1,
        "expected schema_version 1 to 6, found 7",
    ),
    "json: no activities": ('{"schedkit": "project", "schema_version": 1}', 1, "activities"),
    "json: unknown key": (
        swap(JSON, '"duration": 3', '"duration": 3, "mode": 1'),
        5,
        "activity 'pour': unknown key 'mode', expected one of name, duration, demand",
    ),
    "json: key twice": (
        swap(JSON, '"duration": 3', '"duration": 3, "duration": 4'),
        5,
        "activity 'pour': the key 'duration' stands twice",
    ),
    "json: resource twice in one demand": (
        swap(JSON, '"crew": 2', '"crew": 2, "crew": 1'),
        5,
        "activity 'pour': demand: the key 'crew' stands twice",
    ),
    "json: fraction": (
        swap(JSON, '"duration": 3', '"duration": 3.5'),
        5,
        "activity 'pour': duration: expected a whole number, found 3.5",
    ),
    "json: word": (
        swap(JSON, '"duration": 3', '"duration": "3"'),
        5,
        "activity 'pour': duration: expected a whole number, found the text '3'",
    ),
    "json: bool": (
        swap(JSON, '"duration": 3', '"duration": true'),
        5,
        "activity 'pour': duration: expected a whole number, found true",
    ),
    "json: null": (
        swap(JSON, '"duration": 3', '"duration": null'),
        5,
        "activity 'pour': duration: expected a whole number, found null",
    ),
    "json: NaN": (
        swap(JSON, '"duration": 3', '"duration": NaN'),
        5,
        "activity 'pour': duration: expected a whole number, found NaN",
    ),
    "json: beyond int64": (swap(JSON, '"duration": 3', f'"duration": {2**63}'), 5, str(2**63)),
    "json: negative": (swap(JSON, '"duration": 3', '"duration": -3'), 5, "activity 'pour': duration = -3: must be >= 0"),
    "json: demand above capacity": (
        swap(JSON, '"crew": 2', '"crew": 3'),
        5,
        "activity 'pour': demand of resource 'crew' = 3: exceeds the capacity 2",
    ),
    "json: unknown resource": (swap(JSON, '"crew": 2', '"crow": 2'), 5, "activity 'pour' names the unknown resource 'crow'"),
    "json: unknown predecessor": (
        swap(JSON, '1}, "predecessors": ["dig"]},', '1}, "predecessors": ["dog"]},'),
        5,
        "activity 'pour' names the unknown predecessor 'dog'",
    ),
    "json: two of one name": (swap(JSON, '"name": "paint"', '"name": "pour"'), 6, "both named 'pour'"),
    "json: two resources of one name": (swap(JSON, '"name": "crane"', '"name": "crew"'), 2, "both named 'crew'"),
    "json: text at the end": (JSON + "that was all", 8, "expected the end of the file"),
}


@pytest.fixture(autouse=True)
def _no_memory_to_waste() -> Iterator[None]:
    """What a file promises must not be allocated: 10**9 of anything would not fit."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def refused(path: Path, **options: Any) -> sk.FormatError:
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(path, **options)
    error = caught.value
    assert type(error) is sk.FormatError
    assert isinstance(error, ValueError)
    assert error.path == str(path)
    assert str(error).startswith(str(path))
    assert error.line is None or f"line {error.line}" in str(error)
    return error


@pytest.mark.parametrize("suffix", TEXTS)
def test_the_texts_are_sound_before_they_are_spoilt(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "project"
    path.write_text(TEXTS[suffix])
    project = sk.rcpsp.read(path)
    assert project.duration.tolist() == [2, 3, 1]
    assert project.demand.tolist() == [[1, 0], [2, 1], [0, 1]]
    assert project.precedence.tolist() == [[0, 1], [0, 2]]
    assert sk.rcpsp.read(path, format=suffix) == project


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_file_is_refused_by_path_and_line(name: str, tmp_path: Path) -> None:
    text, line, words = SPOILT[name]
    path = tmp_path / f"spoilt.{name.split(':', maxsplit=1)[0]}"
    path.write_text(text)
    error = refused(path, format=name.split(":", maxsplit=1)[0])
    assert error.line == line, str(error)
    assert words in str(error).replace('"', "'"), str(error)
    assert len(str(error)) < 400 + len(str(path))


@pytest.mark.parametrize("suffix", TEXTS)
def test_a_file_that_ends_too_early(suffix: str, tmp_path: Path) -> None:
    """Cut at every line and inside every line: an error, or for lucky cuts the same kind of project; never anything else."""
    path = tmp_path / f"cut.{suffix}"
    text = TEXTS[suffix].rstrip()
    for cut in range(1, len(text)):
        path.write_text(text[:cut])
        try:
            project = sk.rcpsp.read(path, format=suffix)
        except sk.InvalidInputError:
            continue
        assert cut > len(text) - 3, text[:cut]  # the last number lost a digit
        assert project.num_activities == 3
    lines = TEXTS[suffix].splitlines(keepends=True)
    for count in range(len(lines)):
        path.write_text("".join(lines[:count]))
        refused(path, format=suffix)


@pytest.mark.parametrize("suffix", TEXTS)
def test_lost_lines(suffix: str, tmp_path: Path) -> None:
    """Each line left out, each line twice."""
    path = tmp_path / f"lost.{suffix}"
    lines = TEXTS[suffix].splitlines(keepends=True)
    for k in range(len(lines)):
        for changed in (lines[:k] + lines[k + 1 :], lines[: k + 1] + lines[k:]):
            path.write_text("".join(changed))
            with contextlib.suppress(sk.FormatError):
                assert sk.rcpsp.read(path, format=suffix).num_activities <= 3


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "empty"),
        (b"  \n\t\n", None, "empty"),
        (b"\0" * 1000, 1, "NUL"),
        (bytes(range(256)) * 4, 1, "NUL"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 100, 1, "NUL"),
        (b"\x1f\x8b\x08\x00" * 10, None, "gzip"),
        (b"3 2\n2 1\n\xff\n", 3, "UTF-8"),
        ("3 2\n2 1\n".encode("utf-16"), 1, "UTF-16"),
        (b"{" * 1000, 1, "JSON"),
        (b"9" * 1000 + b" 1", 1, "whole number"),
    ],
)
@pytest.mark.parametrize("name", ["x.sm", "x.rcp", "x.json", "x"])
def test_what_is_no_project_at_all(name: str, content: bytes, line: int | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(path)
    assert error.line == line
    assert words in str(error)


@pytest.mark.parametrize(
    "content", [b"-" * 1000, b"*\n" * 1000, b"hello", "\u201c{}\u201d".encode(), b"null", b"[1, 2]", b'"x"']
)
@pytest.mark.parametrize("name", ["x.sm", "x.json", "X.JSON", "x"])
def test_what_is_called_json_or_starts_like_it_is_not_called_psplib(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(path)
    if name.lower().endswith(".json") or content[:1] in b'["':
        assert error.line == 1
        assert 'expected a project, which is an object with "schedkit": "project", found' in str(error)
    else:
        assert "PRECEDENCE RELATIONS" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            '"lag": {"dig": 4}',
            f'"lag": {{"dig": {-(2**60)}}}',
            6,
            f"activity 'pour': lag after activity 'dig' = {-(2**60)}: the sum",
        ),
        ('"lag": {"dig": 4}', '"lag": {"dig": 0.5}', 6, "activity 'pour': lag 'dig': expected a whole number, found 0.5"),
        ('"lag": {"dig": 4}', '"lag": {"inspect": 4}', 6, "activity 'pour' has a lag to 'inspect', which is no predecessor"),
        ('"lag": {"dig": 4}', '"lag": {"dig": 4, "dig": 5}', 6, "activity 'pour': lag: the key 'dig' stands twice"),
        (
            '"predecessors": ["dig"]',
            '"predecessors": ["dig", "dig"]',
            6,
            "activity 'pour': predecessor 'dig': is listed twice",
        ),
        ('"release_time": 8', '"release_time": -8', 5, "activity 'dig': release_time = -8: must be >= 0"),
        ('"deadline": 40', '"deadline": -40', 5, "activity 'dig': deadline = -40: must be >= 0"),
        ('"deadline": 40', '"deadline": "soon"', 5, "activity 'dig': deadline: expected a whole number, found the text"),
        ('"pausable": true', '"pausable": 1', 5, "activity 'dig': pausable: expected true or false, found 1"),
        (
            '"capacity": [2, 0]',
            '"capacity": [3, 0]',
            3,
            "resource 'crew': calendars[0]: capacity[0] = 3: exceeds the capacity 2",
        ),
        ('"capacity": [2, 0]', '"capacity": [2, -1]', 3, "resource 'crew': a calendar: capacity[1] = -1: must be >= 0"),
        ('"time": [8, 16]', '"time": [16, 8]', 3, "resource 'crew': a calendar: time[1] = 8: must be later than time[0] = 16"),
        ('"period": 24', '"period": 4', 3, "resource 'crew': a calendar: period = 4"),
        ('["pour", "inspect"]', '["pour", "pour"]', 9, "disjunctive[0] names 'pour' twice"),
        ('["pour", "inspect"]', '["pour", "inspct"]', 9, "disjunctive[0] names the unknown activity 'inspct'"),
        ('["pour", "inspect"]', '["pour"]', 9, "disjunctive[0]: a group needs two activities"),
        ('"name": "inspect", ', "", 7, "activities[2]: has no 'name'"),
        ('{"name": "inspect", "duration": 1}', '["inspect", 1]', 7, "activities[2]: expected an object, found a list"),
        ('"schema_version": 2', '"schema_version": 1', 3, "'calendars' needs schema_version 2"),
    ],
)
def test_every_value_of_our_json_is_named_with_line_and_owner(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    text = """\
{"schedkit": "project", "schema_version": 2,
 "resources": [
  {"name": "crew", "capacity": 2, "calendars": [{"time": [8, 16], "capacity": [2, 0], "period": 24}]}],
 "activities": [
  {"name": "dig", "duration": 3, "demand": {"crew": 2}, "release_time": 8, "deadline": 40, "pausable": true},
  {"name": "pour", "duration": 1, "demand": {"crew": 1}, "predecessors": ["dig"], "lag": {"dig": 4}},
  {"name": "inspect", "duration": 1}],
 "disjunctive": [
  ["pour", "inspect"]]}
"""
    path = tmp_path / "project.json"
    path.write_text(text)
    assert sk.rcpsp.read(path).lag.tolist() == [4]
    path.write_text(swap(text, old, new))
    error = refused(path)
    assert (error.line, words in str(error)) == (line, True), str(error)


def test_every_key_of_our_json_may_stand_but_once(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    full = sk.rcpsp.Project(
        [1, 1], [[1], [1]], [1], precedence=[(0, 1)], relation=["SS"], lag=[1], release_time=[1, 1], deadline=[5, 9],
        pausable=[True, True], calendars={0: sk.rcpsp.Calendar([0, 3], [1, 0], 7)}, disjunctive=[[0, 1]],
    )  # fmt: skip
    sk.rcpsp.write(full, path)
    text = path.read_text()
    keys = re.findall(r'"(\w+)":', text)
    assert len(set(keys)) >= 17
    for match in re.finditer(r'"(\w+)": ("[^"]*"|-?\w+|\[[^\[\]{}]*\]|{[^{}]*})', text):
        path.write_text(f"{text[: match.start()]}{match.group()}, {text[match.start() :]}")
        error = refused(path)
        assert f"the key '{match.group(1)}' stands twice" in str(error), str(error)
        assert error.line == text.count("\n", 0, match.start()) + match.group().count("\n") + 1


def test_one_format_read_as_another(tmp_path: Path) -> None:
    path = tmp_path / "project"
    for suffix, text in TEXTS.items():
        path.write_text(text)
        for other in TEXTS.keys() - {suffix}:
            refused(path, format=other)
    with pytest.raises(
        sk.InvalidInputError, match=r"unknown format, expected one of sm, mm, rcp, storage, sch, .*, mslib$"
    ) as caught:
        sk.rcpsp.read(path, format="xml")
    assert caught.value.field == "format"


@pytest.mark.parametrize(
    ("suffix", "old", "new", "cycle"),
    [
        ("sm", "   2        1          0", "   2        1          1   1", {0, 1}),
        ("sm", "   3        1          0", "   3        1          1   3", {2}),
        ("rcp", "3 2 1 0\n", "3 2 1 1 1\n", {0, 1}),
        ("json", '"demand": {"crew": 1}', '"demand": {"crew": 1}, "predecessors": ["paint"]', {0, 2}),
    ],
)
def test_cycles_are_named(suffix: str, old: str, new: str, cycle: set[int], tmp_path: Path) -> None:
    path = tmp_path / f"cycle.{suffix}"
    path.write_text(swap(TEXTS[suffix], old, new))
    with pytest.raises(sk.CycleError) as caught:
        sk.rcpsp.read(path)
    assert set(caught.value.cycle) == cycle
    assert str(path) in str(caught.value)
    if suffix == "json":
        assert "'paint'" in str(caught.value)
