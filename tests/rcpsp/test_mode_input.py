"""Activities with several modes: what is refused, and what violates a project."""

from __future__ import annotations

from typing import Any

import pytest
import schedkit as sk

from .multi_mode import small

# --- the checker


@pytest.mark.parametrize(
    ("mode", "start", "end", "expected"),
    [
        ([0, 2], [0, 2], [2, 5], []),
        ([0, 3], [0, 2], [2, 3], ["stock"]),
        ([2, 2], [0, 2], [2, 5], ["mode"]),
        ([0, 9], [0, 2], [2, 5], ["mode"]),
        ([1, 2], [0, 2], [2, 5], ["duration"]),
        ([0, 2], [0, 1], [2, 4], ["capacity"]),
    ],
)
def test_violations_of_modes(mode: list[int], start: list[int], end: list[int], expected: list[str]) -> None:
    claim = {"start_time": start, "completion_time": end, "mode": mode}
    assert [v.kind for v in sk.check(small(), claim)] == expected
    entries = [{"activity": i, "start": start[i], "end": end[i], "mode": mode[i]} for i in range(2)]
    assert [v.kind for v in sk.check(small(), {"activities": entries})] == expected


def test_a_schedule_without_modes_says_nothing_of_them() -> None:
    claim = {"start_time": [0, 2], "completion_time": [2, 5]}
    assert [v.kind for v in sk.check(small(), claim)] == ["mode", "mode"]
    assert [v.subject for v in sk.check(small(), claim)] == [(0,), (1,)]
    alone = sk.rcpsp.Project([2], [[1]], [1], nonrenewable=[1], consumption=[[2]])
    stock = sk.check(alone, {"start_time": [0], "completion_time": [2]})
    assert [(v.kind, v.subject, v.detail) for v in stock] == [("stock", (0,), "the modes consume 2 of stock 0, which holds 1")]
    with pytest.raises(sk.InvalidInputError, match="mode: must be given"):
        sk.rcpsp.ProjectSchedule.from_start_time(small(), [0, 2])
    made = sk.rcpsp.ProjectSchedule.from_start_time(small(), [0, 2], [0, 2])
    assert (made.completion_time.tolist(), sk.check(small(), made.to_dict())) == ([2, 5], [])


# --- input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activity": [0, 0, 1]}, "activity: has length 3, expected 4"),
        ({"activity": [0, 0, 2, 2]}, "activity: no row is a mode of activity 1"),
        ({"activity": [0, 0, -1, 1]}, "activity[2] = -1: must be >= 0"),
        ({"activity": [0, 0, 1, 7]}, "activity[3] = 7: unknown activity"),
        ({"duration": [2, -5, 3, 1]}, "duration[1] = -5: must be >= 0"),
        ({"demand": [[3], [3], [1], [2]]}, "demand[0, 0] = 3: no mode of activity 0 fits: exceeds capacity[0] = 2"),
        ({"nonrenewable": [-1]}, "nonrenewable[0] = -1: must be >= 0"),
        ({"consumption": [[4], [0], [-1], [2]]}, "consumption[2, 0] = -1: must be >= 0"),
        ({"consumption": [[4], [0], [1]]}, "consumption: has 3 rows, expected 4"),
        ({"nonrenewable": None}, "consumption: is given without nonrenewable"),
    ],
)
def test_modes_are_checked_by_name_and_position(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.InvalidInputError) as caught:
        small(**changes)
    assert str(caught.value).startswith(message)


def test_a_mode_that_does_not_fit_is_never_chosen() -> None:
    project = small(demand=[[3], [1], [1], [2]], nonrenewable=[9])
    r = sk.rcpsp.solve(project, max_schedules=100)
    assert r.schedule is not None
    assert r.schedule.mode.tolist()[0] == 1
    with pytest.raises(sk.InvalidInputError, match="demand"):
        sk.rcpsp.serial_sgs(project, mode=[0, 2])


@pytest.mark.parametrize(("mode", "index"), [([1, 1], 1), ([-1, 2], 0), ([0, 4], 1)])
def test_modes_of_other_activities_are_refused(mode: list[int], index: int) -> None:
    with pytest.raises(sk.InvalidInputError, match=f"is no mode of activity {index}"):
        sk.rcpsp.serial_sgs(small(), mode=mode)
    with pytest.raises(sk.InvalidInputError, match="the project has no modes"):
        sk.rcpsp.serial_sgs(sk.rcpsp.Project([1], [[]], []), mode=[0])
