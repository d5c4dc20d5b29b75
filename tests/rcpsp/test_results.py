"""Problems and results as objects: immutable, comparable, picklable, exportable."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import schedkit as sk

PROJECT = sk.rcpsp.Project(
    [2, 3, 1],
    [[1], [2], [1]],
    [2],
    successors=[[2], [], []],
    names=["dig", "pour", "paint"],
    resource_names=["crew"],
)
SCHEDULE = sk.rcpsp.serial_sgs(PROJECT)
BATCH = sk.rcpsp.serial_sgs_many(PROJECT, [[0, 1, 2], [2, 1, 0]], starts=True)
TIMES = sk.rcpsp.critical_path(PROJECT)
OBJECTS: dict[str, Any] = {"project": PROJECT, "schedule": SCHEDULE, "batch": BATCH, "critical path": TIMES}
RESULTS = {name: value for name, value in OBJECTS.items() if name != "project"}


def arrays(thing: Any) -> dict[str, np.ndarray[Any, Any]]:
    values = {name: getattr(thing, name) for name in dir(thing) if not name.startswith("_")}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def copies(thing: Any) -> list[Any]:
    pickled = [pickle.loads(pickle.dumps(thing, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    return [*pickled, copy.copy(thing), copy.deepcopy(thing), copy.deepcopy([thing])[0]]


@pytest.mark.parametrize("name", OBJECTS)
def test_nothing_can_be_changed(name: str) -> None:
    for thing in (OBJECTS[name], *copies(OBJECTS[name])):
        columns = arrays(thing)
        assert columns
        for column, array in columns.items():
            assert array.dtype == (np.bool_ if column in ("optional", "pausable") else np.int64), column
            assert array.flags.c_contiguous, column
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
            with pytest.raises((AttributeError, TypeError)):
                setattr(thing, column, array.copy())
            with pytest.raises((AttributeError, TypeError)):
                delattr(thing, column)
        with pytest.raises((AttributeError, TypeError)):
            thing.something_new = 1


@pytest.mark.parametrize("name", OBJECTS)
def test_read_only_stays_read_only(name: str) -> None:
    """No way back through a flag or a base array."""
    for thing in (OBJECTS[name], *copies(OBJECTS[name])):
        for column, array in arrays(thing).items():
            base: Any = array
            while isinstance(base, np.ndarray):
                assert not base.flags.writeable, column
                base = base.base


@pytest.mark.parametrize("name", OBJECTS)
def test_copies_are_equal(name: str) -> None:
    thing = OBJECTS[name]
    for other in copies(thing):
        assert type(other) is type(thing)
        assert other == thing
        assert hash(other) == hash(thing)
        assert repr(other) == repr(thing)


def test_what_differs_is_not_equal() -> None:
    base: dict[str, Any] = {
        "duration": [2, 3],
        "demand": [[1], [2]],
        "capacity": [2],
        "precedence": [(0, 1)],
        "names": ["a", "b"],
        "resource_names": ["r"],
    }
    changes = {
        "duration": [2, 4],
        "demand": [[1], [1]],
        "capacity": [3],
        "precedence": [],
        "names": ["a", "c"],
        "resource_names": None,
    }
    project = sk.rcpsp.Project(**base)
    for field, value in changes.items():
        assert sk.rcpsp.Project(**base | {field: value}) != project, field
    assert sk.rcpsp.ProjectSchedule.from_start_time(PROJECT, [0, 2, 6]) != SCHEDULE
    assert sk.rcpsp.serial_sgs_many(PROJECT, [[0, 1, 2], [2, 1, 0]]) != BATCH
    for thing in OBJECTS.values():
        assert thing != 7
        assert thing != None  # noqa: E711
        assert sum(thing == other for other in OBJECTS.values()) == 1


def test_the_order_of_edges_is_not_content() -> None:
    edges = [(0, 2), (0, 1), (1, 2)]
    project, other = (sk.rcpsp.Project([1, 1, 1], [[]] * 3, [], precedence=rows) for rows in (edges, edges[::-1]))
    assert project == other
    assert hash(project) == hash(other)


@pytest.mark.parametrize("name", RESULTS)
def test_plain_data_goes_through_json(name: str) -> None:
    result = RESULTS[name]
    plain = result.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["schedkit"] == "schedule"
    assert plain["schema_version"] == 1
    for field in dataclasses.fields(result):
        if not field.name.startswith("_"):
            value = getattr(result, field.name)
            assert plain[field.name] == (value.tolist() if isinstance(value, np.ndarray) else value)
    plain.clear()
    assert result.to_dict() != {}


def test_plain_data_is_a_schedule_again() -> None:
    plain = json.loads(json.dumps(SCHEDULE.to_dict()))
    assert sk.check(PROJECT, plain) == []
    assert sk.rcpsp.ProjectSchedule.from_start_time(PROJECT, plain["start_time"]) == SCHEDULE


def test_scalars_are_pythons() -> None:
    assert type(SCHEDULE.makespan) is int
    assert type(TIMES.length) is int
    assert type(sk.rcpsp.lower_bound(PROJECT)) is int
    assert type(PROJECT.num_activities) is int
    assert type(PROJECT.num_resources) is int
    outside = sk.rcpsp.ProjectSchedule.from_start_time(PROJECT, np.array([0, 2, 5], dtype=np.int8))
    assert type(outside.makespan) is int


def test_a_foreign_schedule_is_completed_but_not_checked() -> None:
    schedule = sk.rcpsp.ProjectSchedule.from_start_time(PROJECT, [-1, 0, 0])
    assert schedule.start_time.tolist() == [-1, 0, 0]
    assert schedule.completion_time.tolist() == [1, 3, 1]
    assert schedule.makespan == 3
    assert schedule.project is PROJECT
    assert {v.kind for v in sk.check(PROJECT, schedule)} == {"before_now", "precedence", "capacity"}


def test_justification_takes_any_schedule_of_the_right_size() -> None:
    for start in ([0, 0, 0], [-5, -9, -(2**52)], [2**52, 0, 7]):
        schedule = sk.rcpsp.justify(PROJECT, sk.rcpsp.ProjectSchedule.from_start_time(PROJECT, start))
        assert sk.check(PROJECT, schedule) == []


def test_tables() -> None:
    frame = SCHEDULE.to_pandas()
    assert list(frame.columns) == ["name", "start_time", "completion_time"]
    assert frame.index.name == "activity"
    assert frame["name"].tolist() == ["dig", "pour", "paint"]
    assert frame["start_time"].tolist() == SCHEDULE.start_time.tolist()
    frame.loc[0, "start_time"] = 99  # the frame is the caller's, the schedule is not
    assert SCHEDULE.start_time[0] != 99
    assert isinstance(TIMES.to_pandas(), pd.DataFrame)
    assert TIMES.to_pandas().shape == (3, 6)
    nameless = sk.rcpsp.serial_sgs(sk.rcpsp.Project([1], [[]], []))
    assert list(nameless.to_pandas().columns) == ["start_time", "completion_time"]


def test_texts_of_objects() -> None:
    assert repr(PROJECT) == "Project(activities=3, resources=1, precedence=1)"
    assert "makespan=6" in repr(SCHEDULE)
    assert "Project" not in repr(SCHEDULE).replace("ProjectSchedule", "")


@pytest.mark.parametrize(
    "error",
    [
        sk.InvalidInputError("text", field="duration", index=(1, 2), value=-3),
        sk.InputTypeError("text", field="duration", index=1, value="x"),
        sk.CycleError("text", cycle=[1, 2], field="precedence"),
        sk.FormatError("text", path="a.sm", line=3),
        sk.UnknownKeyError("text", field="key", value="x"),
        sk.InfeasibleError("text", reasons=["window"]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_travel_between_processes(error: sk.SchedkitError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error) == "text"
    assert vars(back) == vars(error)


def test_violations_are_plain_values() -> None:
    (violation,) = sk.check(PROJECT, {"start_time": [0, 2, 4], "completion_time": [2, 5, 5]})
    assert pickle.loads(pickle.dumps(violation)) == violation == copy.deepcopy(violation)
    assert violation.kind == "capacity"
    assert violation.subject == (0, 4)
    assert all(type(number) is int for number in violation.subject)
    with pytest.raises(dataclasses.FrozenInstanceError):
        violation.kind = "fine"  # type: ignore[misc]
