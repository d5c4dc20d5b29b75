"""Writing and reading projects."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

from tests.rcpsp.instances import SETS, benchmark
from tests.rcpsp.strategies import projects

SM = """\
************************************************************************
file with basedata            : HAND.BAS
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  5
horizon                       :  9
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      3      0        6        2        6
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           5
   4        1          1           5
   5        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     4       3    0
  3      1     3       1    2
  4      1     2       2    2
  5      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    3    2
************************************************************************
"""
RCP = "5 2\n3 2\n\n0 0 0 2 2 3\n4 3 0 1 4\n3 1 2 1 5\n2 2 2 1 5\n0 0 0 0\n"


def columns(project: sk.rcpsp.Project) -> tuple[object, ...]:
    """What a project says, whatever the order of its edges."""
    edges = sorted(map(tuple, project.precedence.tolist()))
    return (project.duration.tolist(), project.demand.tolist(), project.capacity.tolist(), edges)


@pytest.fixture(name="folder", scope="module")
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="schedkit-"))


def round_trip(project: sk.rcpsp.Project, folder: Path, suffix: str) -> sk.rcpsp.Project:
    path = folder / f"project.{suffix}"
    sk.rcpsp.write(project, path)
    return sk.rcpsp.read(path)


def named(project: sk.rcpsp.Project, names: list[str], resource_names: list[str]) -> sk.rcpsp.Project:
    return sk.rcpsp.Project(
        project.duration,
        project.demand,
        project.capacity,
        precedence=project.precedence,
        names=names,
        resource_names=resource_names,
    )


def test_psplib_and_patterson_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "hand.sm").write_text(SM)
    (tmp_path / "hand.rcp").write_text(RCP)
    psplib, patterson = sk.rcpsp.read(tmp_path / "hand.sm"), sk.rcpsp.read(tmp_path / "hand.rcp")
    assert psplib == patterson
    assert psplib.duration.tolist() == [0, 4, 3, 2, 0]
    assert psplib.demand.tolist() == [[0, 0], [3, 0], [1, 2], [2, 2], [0, 0]]
    assert psplib.capacity.tolist() == [3, 2]
    assert psplib.precedence.tolist() == [[0, 1], [0, 2], [1, 3], [2, 4], [3, 4]]
    assert psplib.names is psplib.resource_names is None


SPELLINGS: dict[str, list[tuple[str, str]]] = {
    "headings without blanks": [("  R 1  R 2\n    3", "  R1   R2\n    3"), ("duration  R 1  R 2", "duration  R1  R2")],
    "headings above the capacities": [("  R 1  R 2\n    3", "  resource   crew   crane\n  units available:\n    3")],
    "names as headings": [("  R 1  R 2\n    3", "  Crew  Crane\n    3")],
    "no headings": [("  R 1  R 2\n    3", "    3"), ("jobnr.    #modes  #successors   successors\n", "")],
    "comments on rows": [("2   3\n", "2   3  # start\n"), ("3    0\n", "3    0 # dig\n"), ("    3    2\n", "    3    2#all\n")],
    "lines of comments": [("   2        1", "# the second\n   2        1"), ("    3    2", "# units\n    3    2")],
    "renewable resources": [("  - renewable                 :  2   R", "renewable resources: 2")],
    "number of renewable resources": [("  - renewable                 :  2   R", "number of renewable resources : 2")],
    "number of jobs": [("jobs (incl. supersource/sink ):  5", "Number of Jobs: 5")],
    "titles in other letters": [
        ("PRECEDENCE RELATIONS:", "Precedence relations"), ("RESOURCEAVAILABILITIES:", "RESOURCE AVAILABILITIES:"),
        ("REQUESTS/DURATIONS:", "Requests / Durations:"),
    ],
    "no rulers": [("*" * 72 + "\n", ""), ("-" * 72 + "\n", "")],
    "rulers of equals signs": [("*" * 72, "=" * 60)],
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_published_psplib_files(name: str, tmp_path: Path) -> None:
    text = SM
    for old, new in SPELLINGS[name]:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "plain.sm").write_text(SM)
    (tmp_path / "other.SM").write_text(text)
    assert sk.rcpsp.read(tmp_path / "other.SM") == sk.rcpsp.read(tmp_path / "plain.sm")


def test_suffixes_may_be_in_capitals(tmp_path: Path) -> None:
    project = sk.rcpsp.Project([1, 2], [[1], [1]], [1], names=["a", "b"], resource_names=["r"])
    for name in ("A.SM", "a.JSON", "a.Json"):
        sk.rcpsp.write(project, tmp_path / name)
        assert columns(sk.rcpsp.read(tmp_path / name)) == columns(project)


def test_line_ends_are_white_space_in_patterson_files(tmp_path: Path) -> None:
    (tmp_path / "lines.rcp").write_text(RCP)
    (tmp_path / "stream.rcp").write_text(" ".join(RCP.split()))
    (tmp_path / "column.rcp").write_text("\n".join(RCP.split()))
    expected = sk.rcpsp.read(tmp_path / "lines.rcp")
    assert expected == sk.rcpsp.read(tmp_path / "stream.rcp") == sk.rcpsp.read(tmp_path / "column.rcp")


@given(project=projects())
def test_write_then_read(project: sk.rcpsp.Project, folder: Path) -> None:
    for suffix in ("sm", "json"):
        back = round_trip(project, folder, suffix)
        assert columns(back) == columns(project)
        assert columns(round_trip(back, folder, suffix)) == columns(project)
        schedule = sk.rcpsp.serial_sgs(project)
        assert sk.rcpsp.serial_sgs(back).start_time.tolist() == schedule.start_time.tolist()
        assert sk.check(back, schedule) == []


@given(project=projects())
def test_what_was_written_equals_what_is_read(project: sk.rcpsp.Project, folder: Path) -> None:
    n, width = project.num_activities, project.num_resources
    assert round_trip(project, folder, "sm") == project
    project = named(project, [f"a{i}" for i in range(n)], [f"r{i}" for i in range(width)])
    assert round_trip(project, folder, "json") == project


@given(project=projects(), data=st.data())
def test_any_name_survives(project: sk.rcpsp.Project, data: st.DataObject, folder: Path) -> None:
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    names = data.draw(st.lists(text, min_size=project.num_activities, max_size=project.num_activities, unique=True))
    resource_names = data.draw(st.lists(text, min_size=project.num_resources, max_size=project.num_resources, unique=True))
    project = named(project, names, resource_names)
    back = round_trip(project, folder, "json")
    assert columns(back) == columns(project)
    assert back.names == tuple(names)
    assert back.resource_names == tuple(resource_names)


def test_activities_without_names_are_called_by_index(tmp_path: Path) -> None:
    back = round_trip(sk.rcpsp.Project([1, 2], [[1], [1]], [1], successors=[[1], []]), tmp_path, "json")
    assert back.names == ("0", "1")
    assert back.resource_names == ("0",)


def test_our_json_is_what_the_documentation_says(tmp_path: Path) -> None:
    project = sk.rcpsp.Project(
        [3, 1], [[2, 0], [1, 1]], [2, 1], successors=[[1], []], names=["dig", "pour"], resource_names=["crew", "crane"]
    )
    sk.rcpsp.write(project, tmp_path / "two.json")
    assert json.loads((tmp_path / "two.json").read_text()) == {
        "schedkit": "project",
        "schema_version": 1,
        "resources": [{"name": "crew", "capacity": 2}, {"name": "crane", "capacity": 1}],
        "activities": [
            {"name": "dig", "duration": 3, "demand": {"crew": 2}},
            {"name": "pour", "duration": 1, "demand": {"crew": 1, "crane": 1}, "predecessors": ["dig"]},
        ],
    }


def test_content_decides_on_reading_and_the_suffix_on_writing(tmp_path: Path) -> None:
    project = sk.rcpsp.Project([1, 2], [[1], [1]], [1])
    for kind in ("sm", "json"):
        path = tmp_path / f"{kind}.txt"
        with pytest.raises(sk.InvalidInputError, match="'sm', 'mm', 'sch', 'storage' or 'json'"):
            sk.rcpsp.write(project, path)
        assert not path.exists()
        sk.rcpsp.write(project, path, format=kind)
        assert columns(sk.rcpsp.read(path)) == columns(project)


def test_writing_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sk.rcpsp.write(sk.rcpsp.Project([1], [[]], []), tmp_path / "no" / "such.sm")


@pytest.mark.parametrize("name", SETS)
def test_benchmark_files_survive(name: str, tmp_path: Path) -> None:
    for file, project in list(benchmark(name).items())[::7]:
        assert round_trip(project, tmp_path, "sm") == project, file
        assert columns(round_trip(project, tmp_path, "json")) == columns(project), file


def test_wide_numbers_stay_apart(tmp_path: Path) -> None:
    project = sk.rcpsp.Project([2**52, 10**6, 0], np.full((3, 2), 10**12), [10**12, 2**53], precedence=[(2, 0)])
    for suffix in ("sm", "json"):
        assert columns(round_trip(project, tmp_path, suffix)) == columns(project)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are text")
def test_a_path_need_not_be_text(tmp_path: Path) -> None:
    for name in (b"\xff.sm", b"\xff.json"):
        path = os.path.join(os.fsencode(tmp_path), name)
        with pytest.raises(FileNotFoundError) as caught:
            sk.rcpsp.read(os.fsdecode(path))
        assert caught.value.filename == os.fsdecode(path)
        project = sk.rcpsp.read(sk.example_path("migration.sm"))
        sk.rcpsp.write(project, os.fsdecode(path))
        assert sk.rcpsp.read(os.fsdecode(path)).duration.tolist() == project.duration.tolist()
