"""Bad input: each case gives its documented error, which names the field and the place. Files have a table of their own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import schedkit as sk

INVALID, TYPE, CYCLE = sk.InvalidInputError, sk.InputTypeError, sk.CycleError
NAN, INF = float("nan"), float("inf")
Index = int | tuple[int, ...] | None


class Case(NamedTuple):
    """What is done, and the error it gives: class, field, index, words of the message."""

    call: Callable[[], Any]
    error: type[sk.SchedkitError]
    field: str
    place: Index
    words: str


def project(**changes: Any) -> sk.rcpsp.Project:
    """Three activities on two resources, spoilt in some way."""
    arguments: dict[str, Any] = {
        "duration": [2, 3, 1],
        "demand": [[1, 0], [2, 1], [0, 1]],
        "capacity": [2, 1],
        "successors": [[2], [], []],
        "names": ["dig", "pour", "paint"],
    }
    arguments.update(changes)
    if "precedence" in changes:
        arguments.pop("successors")
    return sk.rcpsp.Project(**arguments)


def of(error: type[sk.SchedkitError], field: str, index: Index, words: str, /, **changes: Any) -> Case:
    return Case(lambda: project(**changes), error, field, index, words)


class Alien:
    """Neither number nor array."""

    def __repr__(self) -> str:
        return "Alien()"


def ring(n: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n)]


PROJECTS = {
    "duration: NaN": of(INVALID, "duration", 1, "must be finite", duration=[2, NAN, 1]),
    "duration: inf": of(INVALID, "duration", 0, "must be finite", duration=[INF, 3, 1]),
    "duration: -inf": of(INVALID, "duration", 2, "must be finite", duration=np.array([2, 3, -INF])),
    "duration: fraction": of(INVALID, "duration", 1, "= 1.5", duration=[2, 1.5, 1]),
    "duration: bool": of(TYPE, "duration", 1, "bool", duration=[2, True, 1]),
    "duration: bool array": of(TYPE, "duration", 0, "bool", duration=np.array([True, False, True])),
    "duration: NumPy bool": of(TYPE, "duration", 2, "bool", duration=[2, 3, np.True_]),
    "duration: None inside": of(TYPE, "duration", 1, "None", duration=[2, None, 1]),
    "duration: None": of(TYPE, "duration", None, "None", duration=None),
    "duration: word": of(TYPE, "duration", None, "str", duration="abc"),
    "duration: bytes": of(TYPE, "duration", None, "bytes", duration=b"abc"),
    "duration: word inside": of(TYPE, "duration", 0, "str", duration=["2", 3, 1]),
    "duration: word array": of(TYPE, "duration", 0, "text", duration=np.array(["2", "3", "1"])),
    "duration: complex": of(TYPE, "duration", 1, "complex", duration=[2, 3j, 1]),
    "duration: complex array": of(TYPE, "duration", 0, "complex", duration=np.array([2, 3, 1j])),
    "duration: dates": of(TYPE, "duration", 0, "datetime", duration=np.array(["2020-01-01"] * 3, dtype="datetime64[D]")),
    "duration: time spans": of(TYPE, "duration", 0, "timedelta", duration=np.array([1, 2, 3], dtype="timedelta64[h]")),
    "duration: alien": of(TYPE, "duration", None, "Alien", duration=Alien()),
    "duration: alien inside": of(TYPE, "duration", 2, "Alien", duration=[1, 2, Alien()]),
    "duration: number": of(TYPE, "duration", None, "int", duration=7),
    "duration: NumPy number": of(INVALID, "duration", None, "0 dimensions", duration=np.int64(7)),
    "duration: set": of(TYPE, "duration", None, "set", duration={1, 2, 3}),
    "duration: dictionary": of(TYPE, "duration", None, "dict", duration={0: 2, 1: 3, 2: 1}),
    "duration: generator": of(TYPE, "duration", None, "an iterator", duration=(d for d in (2, 3, 1))),
    "duration: pandas gap": of(TYPE, "duration", 1, "NAType", duration=pd.Series([2, pd.NA, 1], dtype=object)),
    "duration: pandas NaN": of(INVALID, "duration", 1, "must be finite", duration=pd.Series([2, None, 1])),
    "duration: pandas words": of(TYPE, "duration", 0, "str", duration=pd.Series(["2", "3", "1"])),
    "duration: masked": of(
        TYPE, "duration", None, "masked", duration=np.ma.masked_array([2, 3, 1], np.array([False, True, False]))
    ),
    "duration: records": of(TYPE, "duration", 0, "void", duration=np.zeros(3, dtype=[("a", int)])),
    "duration: matrix": of(INVALID, "duration", None, "2 dimensions", duration=[[2, 3, 1]]),
    "duration: ragged": of(INVALID, "duration", None, "differ in length", duration=[[2], [3, 1]]),
    "duration: number beside list": of(INVALID, "duration", None, "differ in length", duration=[2, [3], 1]),
    "duration: negative": of(INVALID, "duration", 1, "(activity 'pour'): must be >= 0", duration=[2, -3, 1]),
    "duration: several negative": of(INVALID, "duration", 0, "; 2 more", duration=[-2, -3, -1]),
    "duration: beyond int64": of(INVALID, "duration", 0, "64-bit", duration=[2**63, 3, 1]),
    "duration: far beyond int64": of(INVALID, "duration", 2, "64-bit", duration=[1, 3, 10**30]),
    "duration: uint64 beyond int64": of(INVALID, "duration", 1, "64-bit", duration=np.array([1, 2**63, 1], dtype=np.uint64)),
    "duration: inexact float": of(INVALID, "duration", 0, "2**53", duration=[1e17, 3.0, 1.0]),
    "duration: sum": of(INVALID, "duration", 1, "sum up to here exceeds 2**53", duration=[2**53, 1, 0]),
    "duration: sum beyond int64": of(INVALID, "duration", 0, "exceeds 2**53", duration=[2**63 - 1, 2**63 - 1, 2**63 - 1]),
    "duration: too few": of(INVALID, "demand", None, "has 3 rows, expected 2", duration=[2, 3]),
    "demand: vector": of(INVALID, "demand", None, "1 dimension, expected 2", demand=[1, 0, 1]),
    "demand: three dimensions": of(INVALID, "demand", None, "3 dimensions", demand=[[[1, 0], [2, 1], [0, 1]]]),
    "demand: columns": of(INVALID, "demand", None, "has 1 columns, expected 2", demand=[[1], [2], [0]]),
    "demand: rows": of(INVALID, "demand", None, "has 2 rows, expected 3", demand=[[1, 0], [2, 1]]),
    "demand: ragged": of(INVALID, "demand", None, "differ in length", demand=[[1, 0], [2], [0, 1]]),
    "demand: empty": of(INVALID, "demand", None, "has 0 rows, expected 3", demand=[]),
    "demand: negative": of(INVALID, "demand", (2, 0), "(activity 'paint')", demand=[[1, 0], [2, 1], [-1, 1]]),
    "demand: above capacity": of(INVALID, "demand", (1, 1), "exceeds capacity[1] = 1", demand=[[1, 0], [2, 2], [0, 1]]),
    "demand: bool": of(TYPE, "demand", (0, 1), "bool", demand=[[1, False], [2, 1], [0, 1]]),
    "demand: fraction": of(INVALID, "demand", (0, 0), "= 0.5", demand=[[0.5, 0], [2, 1], [0, 1]]),
    "demand: None": of(TYPE, "demand", (2, 1), "None", demand=[[1, 0], [2, 1], [0, None]]),
    "demand: no resources": of(INVALID, "demand", None, "has 2 columns, expected 0", capacity=[]),
    "capacity: negative": of(INVALID, "capacity", 1, "must be >= 0", capacity=[2, -1]),
    "capacity: named": of(INVALID, "capacity", 0, "(resource 'crew')", capacity=[-2, 1], resource_names=["crew", "crane"]),
    "capacity: too large": of(INVALID, "capacity", 0, "2**53", capacity=[2**53 + 1, 1]),
    "capacity: fraction": of(INVALID, "capacity", 0, "= 2.5", capacity=[2.5, 1]),
    "capacity: matrix": of(INVALID, "capacity", None, "2 dimensions", capacity=[[2, 1]]),
    "capacity: None": of(TYPE, "capacity", None, "None", capacity=None),
    "successors: too few": of(INVALID, "successors", None, "has length 2, expected 3", successors=[[2], []]),
    "successors: unknown": of(INVALID, "successors", (0, 1), "0 <= index < 3", successors=[[2, 3], [], []]),
    "successors: negative": of(INVALID, "successors", (1, 0), "= -1", successors=[[2], [-1], []]),
    "successors: duplicate": of(INVALID, "successors", (0, 2), "duplicate", successors=[[1, 2, 1], [], []]),
    "successors: set": of(TYPE, "successors", None, "set", successors={(1,), (2,), ()}),
    "successors: sets inside": of(TYPE, "successors[0]", None, "set", successors=[{1, 2}, [], []]),
    "successors: number": of(TYPE, "successors", None, "int", successors=3),
    "successors: word": of(TYPE, "successors", None, "str", successors="abc"),
    "successors: number inside": of(TYPE, "successors[1]", None, "int", successors=[[2], 2, []]),
    "successors: None inside": of(TYPE, "successors[2]", None, "None", successors=[[2], [], None]),
    "successors: bool": of(TYPE, "successors[0]", 0, "bool", successors=[[True], [], []]),
    "successors: fraction": of(INVALID, "successors[0]", 0, "= 1.5", successors=[[1.5], [], []]),
    "successors and precedence": Case(
        lambda: sk.rcpsp.Project([1], [[]], [], successors=[[]], precedence=[]), INVALID, "precedence", None, "successors"
    ),
    "precedence: unknown": of(INVALID, "precedence", (1, 1), "0 <= index < 3", precedence=[(0, 1), (1, 3)]),
    "precedence: negative": of(INVALID, "precedence", (0, 0), "= -1", precedence=[(-1, 1)]),
    "precedence: beyond 32 bits": of(INVALID, "precedence", (0, 1), "= 4294967297", precedence=[(0, 2**32 + 1)]),
    "precedence: duplicate": of(INVALID, "precedence", 2, "duplicate", precedence=[(0, 1), (0, 2), (0, 1)]),
    "precedence: three columns": of(INVALID, "precedence", None, "3 columns, expected 2", precedence=[(0, 1, 2)]),
    "precedence: vector": of(INVALID, "precedence", None, "1 dimension", precedence=[0, 1]),
    "precedence: bool": of(TYPE, "precedence", (0, 0), "bool", precedence=[(True, 2)]),
    "names: too few": of(INVALID, "names", None, "has length 2, expected 3", names=["dig", "pour"]),
    "names: duplicate": of(INVALID, "names", 2, "duplicate of names[0]", names=["dig", "pour", "dig"]),
    "names: number": of(TYPE, "names", 1, "int", names=["dig", 2, "paint"]),
    "names: no text": of(INVALID, "names", 1, "", names=["dig", "\ud800", "paint"]),
    "names: set": of(TYPE, "names", None, "set", names={"dig", "pour", "paint"}),
    "names: None inside": of(TYPE, "names", 2, "None", names=["dig", "pour", None]),
    "names: word": of(TYPE, "names", None, "str", names="abc"),
    "names: endless": of(TYPE, "names", None, "an iterator", names=itertools.repeat("dig")),
    "resource_names: duplicate": of(INVALID, "resource_names", 1, "duplicate", resource_names=["crew", "crew"]),
    "resource_names: too many": of(INVALID, "resource_names", None, "has length 3, expected 2", resource_names=["a", "b", "c"]),
    "cycle: self loop": of(CYCLE, "precedence", None, "1 'pour' -> 1 'pour'", precedence=[(0, 1), (1, 1)]),
    "cycle: named": of(CYCLE, "precedence", None, "0 'dig' -> 1 'pour' -> 0 'dig'", precedence=[(0, 1), (1, 0)]),
}

GOOD = project()
SCHEDULE = sk.rcpsp.serial_sgs(GOOD)
LONG_BATCH = np.zeros((100, 3))
LONG_BATCH[40, 0] = LONG_BATCH[90, 2] = NAN


def sgs(error: type[sk.SchedkitError], field: str, index: Index, words: str, /, *priority: Any, **options: Any) -> Case:
    return Case(lambda: sk.rcpsp.serial_sgs(GOOD, *priority, **options), error, field, index, words)


def many(error: type[sk.SchedkitError], field: str, index: Index, words: str, /, priority: Any, **options: Any) -> Case:
    return Case(lambda: sk.rcpsp.serial_sgs_many(GOOD, priority, **options), error, field, index, words)


CALLS = {
    "rule: unknown": sgs(INVALID, "priority", None, "lft, lst, mts", "fifo"),
    "rule: upper case": sgs(INVALID, "priority", None, "unknown rule", "LFT"),
    "rule: empty": sgs(INVALID, "priority", None, "unknown rule", ""),
    "rule: parallel": Case(lambda: sk.rcpsp.parallel_sgs(GOOD, "fifo"), INVALID, "priority", None, "'fifo'"),
    "priority: too few": sgs(INVALID, "priority", None, "has length 2, expected 3", [1, 2]),
    "priority: too many": sgs(INVALID, "priority", None, "has length 4, expected 3", [1, 2, 3, 4]),
    "priority: matrix": sgs(INVALID, "priority", None, "2 dimensions", [[1, 2, 3]]),
    "priority: NaN": sgs(INVALID, "priority", 2, "must be finite", [1, 2, NAN]),
    "priority: NaN, array": sgs(INVALID, "priority", 1, "must be finite", np.array([1.0, NAN, 2.0])),
    "priority: inf": sgs(INVALID, "priority", 0, "must be finite", np.array([INF, 1.0, 2.0])),
    "priority: inf, parallel": Case(
        lambda: sk.rcpsp.parallel_sgs(GOOD, [1, 2, -INF]), INVALID, "priority", 2, "must be finite"
    ),
    "priority: None": sgs(TYPE, "priority", None, "None", None),
    "priority: bool": sgs(TYPE, "priority", 0, "bool", [True, 2, 3]),
    "priority: words": sgs(TYPE, "priority", 0, "str", ["a", "b", "c"]),
    "priority: beyond int64": sgs(INVALID, "priority", 1, "64-bit", [1, 2**64, 3]),
    "priority: beyond int64 beside small": sgs(INVALID, "priority", 0, "64-bit", [2**63, 1, 2]),
    "priority: long double": sgs(INVALID, "priority", 1, "must be finite", np.array([1, np.finfo(np.longdouble).max, 2])),
    "rule: no text": sgs(INVALID, "priority", None, "unknown rule", "\ud800"),
    "many: NaN": many(INVALID, "priority", (1, 2), "must be finite", [[1, 2, 3], [1, 2, NAN]]),
    "many: several NaN": many(INVALID, "priority", (0, 1), "; 2 more", np.array([[1, NAN, 3], [INF, 2, NAN]])),
    "many: NaN on two threads": many(INVALID, "priority", (40, 0), "; 1 more", LONG_BATCH, threads=2),
    "many: columns": many(INVALID, "priority", None, "has 2 columns, expected 3", [[1, 2]]),
    "many: columns, array": many(INVALID, "priority", None, "has 4 columns, expected 3", np.zeros((2, 4))),
    "many: vector": many(INVALID, "priority", None, "1 dimension, expected 2", [1, 2, 3]),
    "many: ragged": many(INVALID, "priority", None, "differ in length", [[1, 2, 3], [1, 2]]),
    "many: rule": many(TYPE, "priority", None, "str", "lft"),
    "many: threads 0": many(INVALID, "threads", None, "must be >= 1", [[1, 2, 3]], threads=0),
    "many: threads -1": many(INVALID, "threads", None, "= -1", [[1, 2, 3]], threads=-1),
    "many: threads 1.5": many(INVALID, "threads", None, "whole", [[1, 2, 3]], threads=1.5),
    "many: threads word": many(TYPE, "threads", None, "str", [[1, 2, 3]], threads="all"),
    "many: threads bool": many(TYPE, "threads", None, "bool", [[1, 2, 3]], threads=True),
    "seed: negative": sgs(INVALID, "seed", None, "must be >= 0", "random", seed=-1),
    "seed: too large": sgs(INVALID, "seed", None, "must be <=", "random", seed=2**64),
    "seed: fraction": sgs(INVALID, "seed", None, "= 0.5", "random", seed=0.5),
    "seed: None": sgs(TYPE, "seed", None, "None", "random", seed=None),
    "seed: bool": sgs(TYPE, "seed", None, "bool", "random", seed=True),
    "seed: array": sgs(TYPE, "seed", None, "ndarray", "random", seed=np.array([1, 2])),
    "many: starts word": many(TYPE, "starts", None, "str", [[1, 2, 3]], starts="no"),
    "seed: NaN": sgs(INVALID, "seed", None, "whole", "random", seed=NAN),
    "project: None": Case(lambda: sk.rcpsp.serial_sgs(None), TYPE, "project", None, "None"),  # type: ignore[arg-type]
    "project: list, parallel": Case(lambda: sk.rcpsp.parallel_sgs([1]), TYPE, "project", None, "list"),  # type: ignore[arg-type]
    "project: list, many": Case(
        lambda: sk.rcpsp.serial_sgs_many([1], [[1]]),  # type: ignore[arg-type]
        TYPE,
        "project",
        None,
        "list",
    ),
    "project: word, critical path": Case(
        lambda: sk.rcpsp.critical_path("j30"),  # type: ignore[arg-type]
        TYPE,
        "project",
        None,
        "str",
    ),
    "project: word, lower bound": Case(lambda: sk.rcpsp.lower_bound("j30"), TYPE, "project", None, "str"),  # type: ignore[arg-type]
    "justify: no schedule": Case(lambda: sk.rcpsp.justify(GOOD, [0, 1, 2]), TYPE, "schedule", None, "list"),  # type: ignore[arg-type]
    "justify: another project": Case(
        lambda: sk.rcpsp.justify(sk.rcpsp.Project([1], [[]], []), SCHEDULE), INVALID, "completion_time", None, "expected 1"
    ),
    "start_time: too few": Case(
        lambda: sk.rcpsp.ProjectSchedule.from_start_time(GOOD, [0, 1]), INVALID, "start_time", None, "expected 3"
    ),
    "start_time: fraction": Case(
        lambda: sk.rcpsp.ProjectSchedule.from_start_time(GOOD, [0, 1, 2.5]), INVALID, "start_time", 2, "= 2.5"
    ),
    "start_time: overflow": Case(
        lambda: sk.rcpsp.ProjectSchedule.from_start_time(GOOD, [0, 2**63 - 1, 0]), INVALID, "start_time", 1, "2**53"
    ),
    "start_time: least integer": Case(
        lambda: sk.rcpsp.ProjectSchedule.from_start_time(GOOD, [-(2**63), 0, 0]), INVALID, "start_time", 0, "2**53"
    ),
    "start_time: no project": Case(
        lambda: sk.rcpsp.ProjectSchedule.from_start_time(None, [0]),  # type: ignore[arg-type]
        TYPE,
        "project",
        None,
        "None",
    ),
    "check: a class": Case(
        lambda: sk.check(sk.rcpsp.Project, SCHEDULE),  # type: ignore[arg-type]
        TYPE,
        "problem",
        None,
        "such as a Project, not a class",
    ),
    "check: endless": Case(
        lambda: sk.check(GOOD, {"activities": itertools.repeat({"activity": 0, "start": 0, "end": 1})}),
        TYPE,
        "activities",
        None,
        "an iterator",
    ),
    "fixed: unknown activity": Case(lambda: sk.check(GOOD, SCHEDULE, fixed={3: (0, 1)}), INVALID, "fixed", None, "<= 2"),
    "fixed: negative activity": Case(lambda: sk.check(GOOD, SCHEDULE, fixed={-1: (0, 1)}), INVALID, "fixed", None, ">= 0"),
    "fixed: no pair": Case(lambda: sk.check(GOOD, SCHEDULE, fixed={1: 4}), INVALID, "fixed", 1, "(start, end)"),  # type: ignore[dict-item]
    "fixed: fraction": Case(lambda: sk.check(GOOD, SCHEDULE, fixed={1: (0, 0.5)}), INVALID, "fixed[1].end", None, "= 0.5"),
    "fixed: list": Case(lambda: sk.check(GOOD, SCHEDULE, fixed=[(0, 1)]), TYPE, "fixed", None, "list"),  # type: ignore[arg-type]
    "now: fraction": Case(lambda: sk.check(GOOD, SCHEDULE, now=0.5), INVALID, "now", None, "= 0.5"),
    "now: word": Case(lambda: sk.check(GOOD, SCHEDULE, now="now"), TYPE, "now", None, "str"),  # type: ignore[arg-type]
    "write: no project": Case(lambda: sk.rcpsp.write(None, "x.sm"), TYPE, "project", None, "None"),  # type: ignore[arg-type]
    "write: no path": Case(lambda: sk.rcpsp.write(GOOD, None, format="sm"), TYPE, "path", None, "None"),  # type: ignore[arg-type]
    "read: number": Case(lambda: sk.rcpsp.read(3), TYPE, "path", None, "int"),  # type: ignore[arg-type]
    "read: format number": Case(lambda: sk.rcpsp.read("x", format=3), TYPE, "format", None, "int"),  # type: ignore[arg-type]
    "trace: no path": Case(lambda: SCHEDULE.to_chrome_trace(None), TYPE, "path", None, "None"),  # type: ignore[arg-type]
    "write: unknown format": Case(
        lambda: sk.rcpsp.write(GOOD, "x.rcp"), INVALID, "format", None, "'sm', 'mm', 'sch', 'storage' or 'json'"
    ),
}

CASES = PROJECTS | CALLS


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_by_field_and_place(name: str) -> None:
    case = CASES[name]
    with pytest.raises(sk.SchedkitError) as caught:
        case.call()
    error: Any = caught.value
    message = str(error)
    assert (error.field, error.index) == (case.field, case.place), message
    assert type(error) is case.error
    assert isinstance(error, ValueError) == (case.error is not TYPE)
    assert isinstance(error, TypeError) == (case.error is TYPE)
    place = case.field
    if case.place is not None:
        numbers = case.place if isinstance(case.place, tuple) else (case.place,)
        place += f"[{', '.join(map(str, numbers))}]"
    assert message.startswith(place), message
    assert case.words in message, message


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ([(1, 1)], {1}),
        ([(0, 1), (1, 0)], {0, 1}),
        (ring(5), set(range(5))),
        ([*ring(5), (2, 1)], {1, 2}),
        ([*ring(5), (3, 3), (2, 1)], {3}),
        ([(5, 0), *ring(3), (2, 4), (4, 5)], {0, 1, 2}),
        (ring(1000), set(range(1000))),
        ([*ring(1000), (700, 697)], {697, 698, 699, 700}),
    ],
)
def test_the_shortest_cycle_is_named(edges: list[tuple[int, int]], cycle: set[int]) -> None:
    n = 1 + max(max(pair) for pair in edges)
    with pytest.raises(sk.CycleError) as caught:
        sk.rcpsp.Project([1] * n, [[]] * n, [], precedence=edges)
    found = caught.value.cycle
    assert set(found) == cycle
    assert len(found) == len(cycle)
    assert all(pair in edges for pair in zip(found, [*found[1:], found[0]], strict=True))
    with pytest.raises(sk.CycleError) as again:
        sk.rcpsp.Project([1] * n, [[]] * n, [], successors=[[j for i, j in edges if i == k] for k in range(n)])
    assert again.value.cycle == found


def test_many_activities_behind_a_cycle_do_not_hide_it() -> None:
    n = 100_000
    chain = np.column_stack((np.arange(n - 1), np.arange(1, n)))
    fan = np.column_stack((np.full(n, n), np.arange(n)))
    with pytest.raises(sk.CycleError) as caught:
        sk.rcpsp.Project([1] * (n + 2), [[]] * (n + 2), [], precedence=np.concatenate((chain, fan, [(n, n + 1), (n + 1, n)])))
    assert set(caught.value.cycle) == {n, n + 1}


def test_self_reference_does_not_hang() -> None:
    nested: list[Any] = [1]
    nested.append(nested)
    with pytest.raises(sk.InvalidInputError) as caught:
        sk.rcpsp.Project(nested, [], [])
    assert caught.value.field == "duration"
