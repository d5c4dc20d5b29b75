"""Input of every legal kind: empty, strided, big-endian, of any width, read-only, from other libraries."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import schedkit as sk

DURATION, DEMAND, CAPACITY, EDGES = [2, 3, 1, 4], [[1, 0], [2, 1], [0, 1], [1, 1]], [2, 1], [[0, 2], [1, 3]]
EXPECTED = sk.rcpsp.Project(DURATION, DEMAND, CAPACITY, precedence=EDGES)


def strided(values: Any) -> Any:
    wide = np.zeros(tuple(2 * k for k in np.shape(values)), dtype=np.int64)
    view = wide[tuple(slice(None, None, 2) for _ in wide.shape)]
    view[...] = values
    return view


def readonly(values: Any) -> Any:
    copy = np.array(values)
    copy.flags.writeable = False
    return copy


FORMS: dict[str, Callable[[Any], Any]] = {
    "int8": lambda v: np.array(v, dtype=np.int8),
    "int32": lambda v: np.array(v, dtype=np.int32),
    "uint8": lambda v: np.array(v, dtype=np.uint8),
    "uint64": lambda v: np.array(v, dtype=np.uint64),
    "big-endian": lambda v: np.array(v, dtype=">i8"),
    "big-endian float": lambda v: np.array(v, dtype=">f8"),
    "float16": lambda v: np.array(v, dtype=np.float16),
    "float32": lambda v: np.array(v, dtype=np.float32),
    "float64": lambda v: np.array(v, dtype=np.float64),
    "long double": lambda v: np.array(v, dtype=np.longdouble),
    "objects": lambda v: np.array(v, dtype=object),
    "Fortran order": lambda v: np.asfortranarray(np.array(v)),
    "strided": strided,
    "reversed": lambda v: np.array(v)[::-1].copy()[::-1],
    "read-only": readonly,
    "tuples": lambda v: tuple(tuple(row) if isinstance(row, list) else row for row in v),
    "NumPy scalars": lambda v: [list(map(np.int32, row)) if isinstance(row, list) else np.int32(row) for row in v],
    "whole floats": lambda v: [list(map(float, row)) if isinstance(row, list) else float(row) for row in v],
    "mixed": lambda v: [[float(row[0]), *row[1:]] if isinstance(row, list) else row for row in v],
    "list of arrays": lambda v: [np.array(row, dtype=np.int16) if isinstance(row, list) else row for row in v],
    "pandas": lambda v: pd.Series(v) if isinstance(v[0], int) else pd.DataFrame(v),
    "pandas Int64": lambda v: pd.Series(v, dtype="Int64") if isinstance(v[0], int) else pd.DataFrame(v, dtype="Int64"),
    "buffer": lambda v: array.array("q", v) if isinstance(v[0], int) else v,
    "memoryview": lambda v: np.array(v, dtype=np.int64).data,
    "subclass": lambda v: np.array(v).view(Vector),
}


class Vector(np.ndarray[Any, Any]):
    """Somebody's own array."""


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_project(form: str) -> None:
    make = FORMS[form]
    project = sk.rcpsp.Project(make(DURATION), make(DEMAND), make(CAPACITY), precedence=make(EDGES))
    assert project == EXPECTED
    assert hash(project) == hash(EXPECTED)
    assert all(type(c) is np.ndarray and c.dtype == np.int64 for c in (project.duration, project.demand, project.capacity))
    rows = make([[3, 1, 2, 0], [0, 1, 2, 3]])
    batch = sk.rcpsp.serial_sgs_many(project, rows, starts=True)
    assert batch == sk.rcpsp.serial_sgs_many(EXPECTED, [[3, 1, 2, 0], [0, 1, 2, 3]], starts=True)
    assert sk.rcpsp.serial_sgs(project, make([3, 1, 2, 0])) == sk.rcpsp.serial_sgs(EXPECTED, [3, 1, 2, 0])
    assert sk.rcpsp.ProjectSchedule.from_start_time(project, make([0, 2, 2, 5])).makespan == 9


@pytest.mark.parametrize("kind", [object, np.float32, ">f8", np.longdouble])
def test_fractions_are_priorities_in_every_type(kind: Any) -> None:
    row: Any = np.array([0.75, 0.25, 0.5, 0.0]).astype(kind)
    expected = sk.rcpsp.serial_sgs(EXPECTED, [3, 1, 2, 0])
    assert sk.rcpsp.serial_sgs(EXPECTED, row) == expected
    assert sk.rcpsp.serial_sgs_many(EXPECTED, row[None, :]).makespan.tolist() == [expected.makespan]


def test_large_integers_in_priorities_are_never_rounded() -> None:
    project = sk.rcpsp.Project([1, 1, 1], [[1]] * 3, [1])
    big = [2**53 + 1, 2**53, 0]
    forms = (big, np.array(big), np.array(big, dtype=np.uint64), np.array(big, dtype=object), [2**53 + 1, 2**53, 0.5])
    for values in forms:
        try:
            found = sk.rcpsp.serial_sgs(project, values).start_time.tolist()
        except sk.InvalidInputError:
            continue  # an honest answer too
        assert found == [2, 1, 0]


def test_whole_numbers_of_any_type_are_integers() -> None:
    int8: Any = np.int8(1)
    assert sk.rcpsp.Project([2.0], [[1.0]], [1.0], successors=[[]]) == sk.rcpsp.Project([2], [[1]], [1])
    assert sk.rcpsp.serial_sgs(EXPECTED, "random", seed=7.0) == sk.rcpsp.serial_sgs(EXPECTED, "random", seed=7)  # type: ignore[arg-type]
    assert sk.rcpsp.serial_sgs_many(EXPECTED, [[0, 1, 2, 3]], threads=int8).makespan.shape == (1,)
    assert sk.rcpsp.serial_sgs_many(EXPECTED, [[0, 1, 2, 3]], threads=None).makespan.shape == (1,)


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1, np.uint64(2**64 - 1), np.int8(3)])
def test_every_seed(seed: int) -> None:
    assert sk.check(EXPECTED, sk.rcpsp.serial_sgs(EXPECTED, "random", seed=seed)) == []


@pytest.mark.parametrize("width", [0, 2])
def test_the_empty_project(width: int) -> None:
    capacity = list(range(width))
    forms: list[Any] = [[], np.empty((0, width))]
    for demand in forms:
        project = sk.rcpsp.Project([], demand, capacity, successors=[], names=[])
        assert (project.num_activities, project.num_resources) == (0, width)
        assert project.precedence.shape == (0, 2)
        assert project.demand.shape == (0, width)
        times = sk.rcpsp.critical_path(project)
        assert (times.length, times.slack.shape, sk.rcpsp.lower_bound(project)) == (0, (0,), 0)
        for schedule in (
            sk.rcpsp.serial_sgs(project),
            sk.rcpsp.parallel_sgs(project, []),
            sk.rcpsp.serial_sgs(project, "random"),
        ):
            assert (schedule.makespan, schedule.start_time.shape) == (0, (0,))
            assert sk.check(project, schedule) == []
            assert sk.rcpsp.justify(project, schedule) == schedule
        assert sk.check(project, {"activities": []}) == []


@pytest.mark.parametrize("starts", [False, True])
@pytest.mark.parametrize("threads", [1, 2, None])
def test_the_empty_batch(starts: bool, threads: int | None) -> None:
    forms: list[Any] = [[], np.empty((0, 4)), np.empty((0, 4), dtype=np.int64)]
    for rows in forms:
        batch = sk.rcpsp.serial_sgs_many(EXPECTED, rows, threads=threads, starts=starts)
        assert batch.makespan.shape == (0,)
        assert (batch.start_time is None) == (not starts)
        assert batch.start_time is None or batch.start_time.shape == (0, 4)


@pytest.mark.parametrize("starts", [False, True])
def test_batches_of_the_empty_project(starts: bool) -> None:
    batch = sk.rcpsp.serial_sgs_many(sk.rcpsp.Project([], [], []), np.empty((3, 0)), starts=starts)
    assert batch.makespan.tolist() == [0, 0, 0]
    assert batch.start_time is None or batch.start_time.shape == (3, 0)


@pytest.mark.parametrize("rows", [10**15, 2**59])
def test_more_rows_of_nothing_than_memory_holds(rows: int) -> None:
    with pytest.raises(MemoryError):
        sk.rcpsp.serial_sgs_many(sk.rcpsp.Project([], [], []), np.empty((rows, 0)))


def test_no_resources_leave_the_critical_path() -> None:
    project = sk.rcpsp.Project([2, 3, 1], [[], [], []], [], successors=[[2], [], []])
    for schedule in (sk.rcpsp.serial_sgs(project), sk.rcpsp.parallel_sgs(project)):
        assert schedule.start_time.tolist() == [0, 0, 2]
    assert project == sk.rcpsp.Project([2, 3, 1], np.empty((3, 0)), [], precedence=[(0, 2)])


def test_activities_of_no_duration_use_nothing() -> None:
    project = sk.rcpsp.Project([0, 0, 5, 0], [[1], [1], [1], [1]], [1], successors=[[], [], [3], []])
    for schedule in (sk.rcpsp.serial_sgs(project), sk.rcpsp.parallel_sgs(project)):
        assert schedule.start_time.tolist() == [0, 0, 0, 5]
        assert sk.check(project, schedule) == []


def test_the_longest_legal_times() -> None:
    project = sk.rcpsp.Project([2**52, 2**52 - 1, 1], [[2**53], [2**53], [1]], [2**53], successors=[[1], [2], []])
    for schedule in (sk.rcpsp.serial_sgs(project), sk.rcpsp.parallel_sgs(project)):
        assert schedule.makespan == 2**53 == sk.rcpsp.lower_bound(project)
        assert sk.check(project, schedule) == []
        assert sk.rcpsp.justify(project, schedule) == schedule


def test_many_resources() -> None:
    project = sk.rcpsp.Project([3, 3], np.eye(200, dtype=np.int64)[[7, 7]] * 9, [9] * 200)
    for schedule in (sk.rcpsp.serial_sgs(project), sk.rcpsp.parallel_sgs(project)):
        assert schedule.start_time.tolist() == [0, 3]
        assert sk.check(project, schedule) == []


def test_many_activities() -> None:
    n = 20_000
    project = sk.rcpsp.Project([1] * n, [[1]] * n, [2], precedence=np.column_stack((np.arange(n - 1), np.arange(1, n))))
    assert sk.rcpsp.serial_sgs(project, "mts").makespan == sk.rcpsp.parallel_sgs(project).makespan == n
    assert sk.check(project, sk.rcpsp.justify(project, sk.rcpsp.serial_sgs(project, "random"))) == []


def test_what_the_caller_does_to_the_arrays_afterwards_does_not_matter() -> None:
    duration, demand, capacity, edges = (np.array(v, dtype=np.int64) for v in (DURATION, DEMAND, CAPACITY, EDGES))
    project = sk.rcpsp.Project(duration, demand, capacity, precedence=edges)
    start = np.array([0, 2, 2, 5], dtype=np.int64)
    schedule = sk.rcpsp.ProjectSchedule.from_start_time(project, start)
    for column in (duration, demand, capacity, edges, start):
        column.fill(-7)
    assert project == EXPECTED
    assert schedule.start_time.tolist() == [0, 2, 2, 5]
