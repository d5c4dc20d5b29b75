"""Formats that the psplib package reads: what can be said is read, what cannot is refused by its name."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
    assert dict(zip(map(tuple, project.precedence.tolist()), project.lag.tolist(), strict=True)) == {(0, 1): 0, (1, 2): 2}
    assert sk.rcpsp.serial_sgs(project).makespan == 5


def test_minimum_lags_shorter_than_the_work_are_counted_from_the_start(tmp_path: Path) -> None:
    project = sk.rcpsp.read(write(tmp_path, LAGS.format(delay=1)), format="rcpsp_max")
    rows = zip(map(tuple, project.precedence.tolist()), project.relation, project.lag.tolist(), strict=True)
    assert set(rows) == {((0, 1), "FS", 0), ((1, 2), "SS", 1)}
    assert sk.rcpsp.serial_sgs(project).makespan == 3


def test_negative_lags_are_maximal_lags_of_the_opposite_pair(tmp_path: Path) -> None:
    project = sk.rcpsp.read(write(tmp_path, LAGS.format(delay=-4)), format="rcpsp_max")
    assert project.precedence.tolist() == [[0, 1], [2, 1]]
    assert project.max_lag.tolist() == [2**63 - 1, 4]


def test_numbers_that_no_project_has_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match=r"line 6: activity 1: demand of R1 = 9: exceeds the capacity 2$") as caught:
        sk.rcpsp.read(write(tmp_path, LAGS.format(delay=5).replace("1 1 3 1", "1 1 3 9")), format="rcpsp_max")
    assert caught.value.path == str(tmp_path / "project.txt")


BRANCHES = "2 1\n2\n1 1 1 2\n1 1 0\n0 0 0\n1\n{count} 2\n1 1\n1 2\n"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mplib", MPLIB.replace("3 0\n1\n0 0 1", f"{10**18} 0\n1\n0 0 1", 1)),
        ("mplib", MPLIB.replace("3 5\n", f"{10**18} 5\n")),
        ("aslib", BRANCHES.format(count=10**18)),
    ],
)
def test_memory_follows_the_content_of_a_file_not_its_header(kind: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(sk.FormatError, match=r"only \d+ lines follow|more than 10|promises more than it holds"):
        sk.rcpsp.read(write(tmp_path, text), format=kind)
    with pytest.raises(sk.FormatError, match="optional"):  # what is promised is there, and refused by its name
        sk.rcpsp.read(write(tmp_path, BRANCHES.format(count=1)), format="aslib")


PS = "3 2 0\n4 4\n0 0 0\n1 1 1\n1 1\n3 1 2\n1 1 2\n1 2\n0 0 0\n0\n0\n"
MS = """\
* project
3 2 2 1
20
0
0 1 2
4 1 3
0 0
* workforce
1 0
0 1
* levels
1 0
0 1
* requirements
0 0
1 0
0 0
"""
SOUND = {
    "rcpsp_max": LAGS.format(delay=5), "mplib": MPLIB, "rcpsp_ps": PS, "aslib": BRANCHES.format(count=1), "mslib": MS,
}  # fmt: skip
REFUSED = {"rcpsp_ps": "optional or selects others", "aslib": "optional or selects others", "mslib": "resources have skills"}


def outcome(path: Path, kind: str) -> sk.rcpsp.Project | sk.FormatError | sk.CycleError:
    """A project, or one of the two errors that files may have, in words; anything else escapes."""
    try:
        return sk.rcpsp.read(path, format=kind)
    except (sk.FormatError, sk.CycleError) as error:
        text = str(error)
        assert text.startswith(f"{path}: ")
        for word in ("Error(", "StopIteration", "Traceback", "unpack", "invalid literal", "None", "psplib.", "int()"):
            assert word not in text, text
        told = error.line is None or f"line {error.line}: " in text if isinstance(error, sk.FormatError) else True
        if not told or (isinstance(error, sk.FormatError) and error.path != str(path)):
            raise AssertionError(text) from error
        return error


@pytest.mark.parametrize("kind", SOUND)
def test_the_texts_are_sound_before_they_are_spoilt(kind: str, tmp_path: Path) -> None:
    found = outcome(write(tmp_path, SOUND[kind]), kind)
    if kind in REFUSED:
        assert isinstance(found, sk.FormatError)
        assert REFUSED[kind] in str(found)
    else:
        assert isinstance(found, sk.rcpsp.Project)
        assert sk.check(found, sk.rcpsp.serial_sgs(found)) == []


@pytest.mark.parametrize("kind", SOUND)
def test_no_word_is_taken_for_a_number(kind: str, tmp_path: Path) -> None:
    """Each number exchanged for something that is none: the line that holds it is blamed, and the word is shown."""
    lines = SOUND[kind].splitlines()
    skipped = {
        "rcpsp_max": {1},  # of its first line only two numbers count
        "mplib": {5, 10},
        "aslib": set(),
        "mslib": {1, 3, 4, 8, 11, 12, 13, 14},
    }
    for k, line in enumerate(lines):
        if k + 1 in skipped.get(kind, ()):
            continue
        words = line.split()
        for w in range(len(words)):
            for bad in ("4.5", "x", "1_0", "\uff15", "nan", "0x10", "1e3"):
                if kind == "mplib" and ":" in words[w]:
                    continue
                if kind == "aslib" and k == 4 and bad in ("4.5", "1e3"):
                    continue  # shares are fractions
                new = " ".join([*words[:w], f"[{bad}]" if words[w].startswith("[") else bad, *words[w + 1 :]])
                path = write(tmp_path, "\n".join([*lines[:k], new, *lines[k + 1 :]]))
                found = outcome(path, kind)
                assert isinstance(found, sk.FormatError), new
                assert found.line == k + 1, str(found)
                assert bad in str(found) or "numbers" in str(found), str(found)


@pytest.mark.parametrize("kind", SOUND)
def test_a_file_that_ends_too_early(kind: str, tmp_path: Path) -> None:
    text = SOUND[kind].rstrip()
    for cut in range(len(text)):
        outcome(write(tmp_path, text[:cut]), kind)
    lines = text.splitlines(keepends=True)
    for count in range(len(lines)):
        found = outcome(write(tmp_path, "".join(lines[:count])), kind)
        assert isinstance(found, sk.FormatError), count
        assert ("ends before" in str(found) or "follow" in str(found)) == (count > 0), str(found)


@pytest.mark.parametrize("kind", SOUND)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spoilt_files_are_read_or_refused_in_words(kind: str, data: st.DataObject, tmp_path: Path) -> None:
    """Words exchanged, doubled and dropped; lines doubled, dropped and moved."""
    lines = [line.split() for line in SOUND[kind].splitlines()]
    word = st.sampled_from(
        ["-1", "0", "1", "2", "3", "7", "99", str(10**9), str(10**18), str(10**30), "4.0", "x", "1:9", "[3]", "-", ""]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        k = data.draw(st.integers(0, len(lines) - 1))
        if data.draw(st.booleans()) and lines[k]:
            w = data.draw(st.integers(0, len(lines[k]) - 1))
            lines[k] = [*lines[k][:w], *data.draw(st.lists(word, max_size=2)), *lines[k][w + 1 :]]
        else:
            other = lines[data.draw(st.integers(0, len(lines) - 1))]
            lines[k : k + 1] = data.draw(st.sampled_from([[], [lines[k], lines[k]], [other], [other, lines[k]]])) or [[]]
    found = outcome(write(tmp_path, "\n".join(map(" ".join, lines))), kind)
    if isinstance(found, sk.rcpsp.Project):
        assert sk.check(found, sk.rcpsp.serial_sgs(found)) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "words"),
    [
        ("mplib", "3 0\n", "3 0 7\n", 4, "expected activities and release date of project 1, 2 numbers, found 3"),
        ("mplib", "1:2", "1:9", 6, "unknown activity '1:9'"),
        ("mplib", "2 4 1 2:3", "2 5 1 2:3", 12, "activity 2:2: demand of R1 = 5: exceeds the capacity 4"),
        ("rcpsp_max", "1 1 3 1", "1 1 3", 6, "the line ends before demand 1"),
        ("rcpsp_max", "1 1 1 2 [5]", "1 1 1 2", 3, "the line ends before the lag to activity 2"),
    ],
)
def test_faults_are_reported_with_line_and_in_the_words_of_the_file(
    kind: str, old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    assert SOUND[kind].count(old) == 1
    found = outcome(write(tmp_path, SOUND[kind].replace(old, new)), kind)
    assert isinstance(found, sk.FormatError)
    assert (found.line, words in str(found)) == (line, True), str(found)


@pytest.mark.parametrize("kind", SOUND)
def test_spellings_of_other_systems(kind: str, tmp_path: Path) -> None:
    expected = outcome(write(tmp_path, SOUND[kind]), kind)
    texts = (SOUND[kind].replace("\n", " \r\n"), "\ufeff" + SOUND[kind], SOUND[kind].rstrip(), "\n\n" + SOUND[kind])
    for text in texts:
        path = tmp_path / "project.txt"
        for content in (text.encode(), gzip.compress(text.encode())):
            path.write_bytes(content)
            found = outcome(path, kind)
            if isinstance(expected, sk.rcpsp.Project):
                assert found == expected
            else:
                assert str(found).rsplit(": ", 1)[1] == str(expected).rsplit(": ", 1)[1]


@pytest.mark.parametrize("kind", ["rcpsp_max", "mplib", "rcpsp_ps", "aslib", "mslib"])
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


def test_the_package_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psplib", None)
    with pytest.raises(sk.SchedkitError, match=r"pip install 'schedkit\[formats\]'"):
        sk.rcpsp.read(write(tmp_path, MPLIB), format="mplib")
