"""The checker: real schedules pass, and every single way of breaking one is seen and named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk

Plain = dict[str, Any]


@pytest.fixture(name="project", scope="module")
def _project() -> sk.rcpsp.Project:
    return sk.rcpsp.read(sk.example_path("migration.json"))


@pytest.fixture(name="schedule", scope="module")
def _schedule(project: sk.rcpsp.Project) -> sk.rcpsp.ProjectSchedule:
    return sk.rcpsp.serial_sgs(project)


def entries(project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule) -> Plain:
    """The schedule by names, as somebody else might write it."""
    columns = (project.names or (), schedule.start_time.tolist(), schedule.completion_time.tolist())
    rows = [{"activity": name, "start": start, "end": end} for name, start, end in zip(*columns, strict=True)]
    return {"activities": rows, "makespan": schedule.makespan}


def row(plain: Plain, name: str) -> Plain:
    return next(entry for entry in plain["activities"] if entry["activity"] == name)


def shift(plain: Plain, name: str, by: int) -> None:
    row(plain, name)["start"] += by
    row(plain, name)["end"] += by


def all_early(plain: Plain) -> None:
    for entry in plain["activities"]:
        shift(plain, entry["activity"], -1)
    plain["makespan"] -= 1


def late(plain: Plain, name: str, by: int) -> None:
    """Behind everything, so that nothing but order can be wrong."""
    entry = row(plain, name)
    length = entry["end"] - entry["start"]
    entry["start"] = max(other["end"] for other in plain["activities"]) + by
    entry["end"] = entry["start"] + length
    plain["makespan"] = entry["end"]


def first_half(plain: Plain) -> None:
    plain["activities"] = plain["activities"][:30]
    plain.pop("makespan")


# Every way of breaking the schedule, with the kinds of violation it must give and no others.
BREAKS: dict[str, tuple[Callable[[Plain], Any], set[str]]] = {
    "an activity is missing": (lambda s: s["activities"].pop(20), {"missing"}),
    "the first one is missing": (lambda s: s["activities"].pop(0), {"missing"}),
    "the last one is missing": (lambda s: s["activities"].pop(), {"missing"}),
    "half of them are missing": (first_half, {"missing"}),
    "everything is missing": (lambda s: s.update(activities=[]), {"missing", "objective"}),
    "one is listed twice": (lambda s: s["activities"].append(s["activities"][5]), {"duplicate"}),
    "one is listed twice at different times": (
        lambda s: s["activities"].append({"activity": "install racks", "start": 900, "end": 930}),
        {"duplicate"},
    ),
    "one is listed by name and by index": (
        lambda s: s["activities"].append({"activity": 12, "start": 48, "end": 78}),
        {"duplicate"},
    ),
    "an unknown name": (
        lambda s: s["activities"].append({"activity": "lunch", "start": 0, "end": 1}),
        {"unknown_id"},
    ),
    "a misspelt name": (lambda s: row(s, "install racks").update(activity="instal racks"), {"unknown_id", "missing"}),
    "an index too large": (lambda s: s["activities"].append({"activity": 61, "start": 0, "end": 1}), {"unknown_id"}),
    "a negative index": (lambda s: s["activities"].append({"activity": -1, "start": 0, "end": 1}), {"unknown_id"}),
    "one ends early": (
        lambda s: row(s, "plan the move waves").update(end=row(s, "plan the move waves")["end"] - 1),
        {"duration"},
    ),
    "the last one takes time": (lambda s: row(s, "decommissioning sign-off").update(end=536), {"duration", "objective"}),
    "one ends before it starts": (
        lambda s: row(s, "hand back the carrier links").update(end=row(s, "hand back the carrier links")["start"] - 8),
        {"duration"},
    ),
    "one does not take time": (
        lambda s: row(s, "order carrier links").update(end=row(s, "order carrier links")["start"]),
        {"duration"},
    ),
    "the makespan is too small": (lambda s: s.update(makespan=s["makespan"] - 1), {"objective"}),
    "the makespan is too large": (lambda s: s.update(makespan=s["makespan"] + 1), {"objective"}),
    "the makespan is zero": (lambda s: s.update(makespan=0), {"objective"}),
    "the start is a tick early": (lambda s: shift(s, "kick-off", -1), {"before_now"}),
    "all is a tick early": (
        all_early,
        {"before_now"},
    ),
    "the kick-off is a tick late": (lambda s: shift(s, "kick-off", 1), {"precedence"}),
    "the sign-off is a tick early": (lambda s: shift(s, "decommissioning sign-off", -1), {"precedence"}),
    "an order is placed after delivery": (lambda s: late(s, "order storage arrays", 5), {"precedence"}),
    "a wave starts a tick before its replication ends": (
        lambda s: late(s, "wave 3, databases: replicate the data", 0),
        {"precedence"},
    ),
    "two pieces of work on one change window": (
        lambda s: shift(s, "wave 5, archive and backup: acceptance test", -40),
        {"capacity", "precedence"},
    ),
}


def test_real_schedules_pass_in_every_form(project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule) -> None:
    plain = entries(project, schedule)
    shuffled = {"activities": plain["activities"][::-1]}
    for claim in (schedule, schedule.to_dict(), plain, shuffled):
        assert sk.check(project, claim) == []


@pytest.mark.parametrize("how", BREAKS)
def test_one_break_is_seen(how: str, project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule) -> None:
    plain = copy.deepcopy(entries(project, schedule))
    spoil, kinds = BREAKS[how]
    spoil(plain)
    found = sk.check(project, plain)
    assert {violation.kind for violation in found} == kinds
    assert all(violation.detail for violation in found)


def test_every_activity_a_tick_early_or_long_is_seen(project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule) -> None:
    """The schedule is active: whatever moves left alone breaks something."""
    for i in range(project.num_activities):
        start = schedule.start_time.copy()
        start[i] -= 1
        kinds = {v.kind for v in sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start))}
        assert kinds
        assert kinds <= {"before_now", "precedence", "capacity"}
        end = schedule.completion_time.copy()
        end[i] += 1
        kinds = {v.kind for v in sk.check(project, {"start_time": schedule.start_time, "completion_time": end})}
        assert "duration" in kinds


@pytest.mark.parametrize("moment", [0, 1, 2, 3])
def test_one_unit_too_much_for_one_tick(moment: int) -> None:
    """Four one-tick activities beside a long one; a fifth unit at one moment is one too many."""
    project = sk.rcpsp.Project([4, 1, 1, 1, 1, 1], [[2, 3], [1, 0], [1, 0], [1, 0], [1, 0], [1, 0]], [3, 3])
    start = np.array([0, 0, 1, 2, 3, 4])
    assert sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start)) == []
    start[5] = moment
    (violation,) = sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start))
    assert (violation.kind, violation.subject) == ("capacity", (0, moment))
    assert "4" in violation.detail
    assert "3" in violation.detail


def test_a_capacity_lowered_by_one_is_seen(project: sk.rcpsp.Project, schedule: sk.rcpsp.ProjectSchedule) -> None:
    for resource, name in enumerate(project.resource_names or ()):
        peak = max(
            int(project.demand[(schedule.start_time <= t) & (t < schedule.completion_time), resource].sum())
            for t in schedule.start_time.tolist()
        )
        assert peak == project.capacity[resource], name
        demand = project.demand.copy()
        demand[demand[:, resource] == peak, resource] -= 1
        capacity = project.capacity.copy()
        capacity[resource] -= 1
        tight = sk.rcpsp.Project(project.duration, demand, capacity, precedence=project.precedence)
        used = [
            int(demand[(schedule.start_time <= t) & (t < schedule.completion_time), resource].sum())
            for t in schedule.start_time.tolist()
        ]
        found = sk.check(tight, schedule)
        assert {v.kind for v in found} == ({"capacity"} if max(used) == peak else set())
        assert {v.subject[0] for v in found} <= {resource}


def test_subjects_say_who() -> None:
    project = sk.rcpsp.Project([2, 3, 1], [[1], [1], [1]], [1], successors=[[2], [], []])
    found = sk.check(project, {"start_time": [0, 2, 1], "completion_time": [2, 5, 2], "makespan": 6})
    assert [(v.kind, v.subject) for v in found] == [("precedence", (0, 2)), ("capacity", (0, 1)), ("objective", ())]
    found = sk.check(project, {"activities": [{"activity": 1, "start": -4, "end": -2}, {"activity": 9, "start": 0, "end": 1}]})
    expected = [("unknown_id", (9,)), ("missing", (0,)), ("missing", (2,)), ("duration", (1,)), ("before_now", (1,))]
    assert [(v.kind, v.subject) for v in found] == expected


def test_an_unknown_index_is_not_taken_for_a_name() -> None:
    project = sk.rcpsp.Project([2], [[]], [], names=["dig"])
    entries = [{"activity": "dig", "start": 0, "end": 2}, {"activity": -1, "start": 0, "end": 1}]
    (violation,) = sk.check(project, {"activities": entries})
    assert (violation.kind, violation.subject) == ("unknown_id", (-1,))
    assert "there is no activity -1" in violation.detail


def test_unknown_names_are_shown() -> None:
    project = sk.rcpsp.Project([2, 3], [[1], [1]], [1], names=["dig", "pour"])
    entries = [{"activity": name, "start": start, "end": end} for name, start, end in (("dig", 0, 2), ("lunch", 2, 5))]
    found = sk.check(project, {"activities": entries})
    assert [v.kind for v in found] == ["unknown_id", "missing"]
    assert "'lunch'" in found[0].detail


def test_the_past_is_kept_and_nothing_new_starts_in_it() -> None:
    project = sk.rcpsp.Project([2, 3, 1], [[1], [1], [1]], [1], successors=[[2], [], []])
    on_time = {"activities": [{"activity": i, "start": s, "end": e} for i, s, e in ((0, 0, 2), (1, 3, 6), (2, 2, 3))]}
    assert sk.check(project, on_time) == []
    assert sk.check(project, on_time, fixed={0: (0, 2)}, now=2) == []
    assert [v.kind for v in sk.check(project, on_time, now=1)] == ["before_now"]
    assert [v.kind for v in sk.check(project, on_time, fixed={0: (0, 2), 2: (2, 3)}, now=4)] == ["before_now"]
    assert [(v.kind, v.subject) for v in sk.check(project, on_time, fixed={0: (0, 1)})] == [("fixed", (0,))]
    assert [(v.kind, v.subject) for v in sk.check(project, on_time, fixed={1: (4, 7)})] == [("fixed", (1,))]
    longer = {"activities": [{"activity": i, "start": s, "end": e} for i, s, e in ((0, -1, 2), (1, 3, 6), (2, 2, 3))]}
    assert sk.check(project, longer, fixed={0: (-1, 2)}) == []  # it took longer than planned, and began before time zero
    assert {v.kind for v in sk.check(project, longer)} == {"duration", "before_now"}
    assert sk.check(project, on_time, fixed={np.int64(0): (np.int64(0), 2.0)}) == []  # type: ignore[dict-item]


def test_extreme_numbers_are_judged_exactly() -> None:
    project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    far = {"start_time": [2**63 - 1, -(2**63)], "completion_time": [-(2**63), 2**63 - 1], "makespan": 0}
    assert {v.kind for v in sk.check(project, far)} == {"duration", "before_now", "objective"}
    big = sk.rcpsp.Project([2**52, 2**52], [[2**53], [1]], [2**53])
    overlap = {"start_time": [0, 2**52 - 1], "completion_time": [2**52, 2**53 - 1]}
    assert [(v.kind, v.subject) for v in sk.check(big, overlap)] == [("capacity", (0, 2**52 - 1))]


@pytest.mark.parametrize(
    ("claim", "error", "field"),
    [
        (None, sk.InputTypeError, "schedule"),
        (17, sk.InputTypeError, "schedule"),
        ([0, 2], sk.InputTypeError, "schedule"),
        ({}, sk.InvalidInputError, "schedule"),
        ({"start_time": [0, 2]}, sk.InvalidInputError, "schedule"),
        ({"start_time": [0, 2], "completion_time": [2]}, sk.InvalidInputError, "completion_time"),
        ({"start_time": [0, 0.5], "completion_time": [2, 5]}, sk.InvalidInputError, "start_time"),
        ({"start_time": [0, None], "completion_time": [2, 5]}, sk.InputTypeError, "start_time"),
        ({"activities": "all"}, sk.InputTypeError, "activities"),
        ({"activities": None}, sk.InputTypeError, "activities"),
        ({"activities": [3]}, sk.InputTypeError, "activities[0]"),
        ({"activities": [{"activity": 0, "start": 0}]}, sk.InvalidInputError, "activities[0]"),
        ({"activities": [{"activity": None, "start": 0, "end": 2}]}, sk.InputTypeError, "activities[0].activity"),
        ({"activities": [{"activity": 0, "start": "0", "end": 2}]}, sk.InputTypeError, "activities[0].start"),
        ({"activities": [{"activity": 0, "start": 0, "end": 2.5}]}, sk.InvalidInputError, "activities[0].end"),
        ({"activities": [{"activity": 0, "start": 0, "end": 2**70}]}, sk.InvalidInputError, "activities[0].end"),
        ({"activities": [], "makespan": "long"}, sk.InputTypeError, "makespan"),
    ],
)
def test_what_is_no_schedule_is_refused(claim: Any, error: type[sk.SchedkitError], field: str) -> None:
    project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    with pytest.raises(error) as caught:
        sk.check(project, claim)
    assert getattr(caught.value, "field", None) == field
    assert field in str(caught.value)


def test_what_is_no_problem_is_refused(schedule: sk.rcpsp.ProjectSchedule) -> None:
    with pytest.raises(sk.InputTypeError) as caught:
        sk.check([1, 2], schedule)  # type: ignore[arg-type]
    assert caught.value.field == "problem"


def test_a_schedule_of_another_project_is_seen(project: sk.rcpsp.Project) -> None:
    other = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    assert {v.kind for v in sk.check(project, sk.rcpsp.serial_sgs(other))} >= {"missing"}
    assert {v.kind for v in sk.check(other, sk.rcpsp.serial_sgs(project))} >= {"unknown_id"}
