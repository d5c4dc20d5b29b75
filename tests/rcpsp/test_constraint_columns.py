"""The columns of constraints: they come back, pickle, compare by content, and are refused by name and place."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk

Project, Calendar = sk.rcpsp.Project, sk.rcpsp.Calendar


def full() -> sk.rcpsp.Project:
    """Every constraint at once."""
    return Project(
        [2, 3, 1],
        [[1, 0], [2, 1], [0, 1]],
        [2, 1],
        precedence=[[0, 2], [1, 2]],
        lag=[1, 2],
        release_time=[None, 3, 0],
        deadline=[9, None, float("inf")],
        calendars={"crew": Calendar([0, 8], [2, 1], period=10), 1: [Calendar([5], [0]), Calendar([7], [1])]},
        pausable=[True, False, 1],
        disjunctive=[[0, 1], (2, 1)],
        resource_names=["crew", "crane"],
    )


def test_columns_come_back_and_pickle() -> None:
    project = full()
    assert project.lag.tolist() == [1, 2]
    assert project.release_time.tolist() == [0, 3, 0]
    assert project.deadline.tolist() == [9, sk.rcpsp.NO_DEADLINE, sk.rcpsp.NO_DEADLINE]
    assert project.calendars[0] == Calendar([0, 8], [2, 1], 10)
    assert isinstance(project.calendars[1], tuple)
    assert project.pausable.tolist() == [True, False, True]
    assert project.disjunctive == ((0, 1), (2, 1))
    again = pickle.loads(pickle.dumps(project))
    assert again == project
    assert hash(again) == hash(project)
    assert project != Project(project.duration, project.demand, project.capacity, precedence=project.precedence)


def test_the_order_of_pairs_and_groups_is_not_content() -> None:
    a = Project([1, 1, 1], [[]] * 3, [], precedence=[[0, 1], [0, 2]], lag=[3, 4], disjunctive=[[0, 1], [1, 2]])
    b = Project([1, 1, 1], [[]] * 3, [], precedence=[[0, 2], [0, 1]], lag=[4, 3], disjunctive=[[2, 1], [1, 0]])
    c = Project([1, 1, 1], [[]] * 3, [], precedence=[[0, 2], [0, 1]], lag=[3, 4], disjunctive=[[2, 1], [1, 0]])
    assert a == b
    assert hash(a) == hash(b)
    assert a != c


def spoilt(**changes: Any) -> Callable[[], Any]:
    arguments: dict[str, Any] = {"duration": [2, 3], "demand": [[1], [2]], "capacity": [2], "precedence": [[0, 1]], **changes}
    return lambda: Project(**arguments)


def planned(**past: Any) -> Callable[[], Any]:
    return lambda: sk.rcpsp.solve(spoilt()(), max_schedules=1, **past)


INVALID, TYPE = sk.InvalidInputError, sk.InputTypeError
NAN = float("nan")
BAD: list[tuple[Callable[[], Any], type[sk.SchedkitError], str, Any, str]] = [
    (spoilt(lag=[1, 2]), INVALID, "lag", None, "has length 2, expected 1"),
    (spoilt(lag=[]), INVALID, "lag", None, "has length 0, expected 1"),
    (spoilt(lag=[-(2**60)]), INVALID, "lag", 0, "2**53"),
    (spoilt(lag=[1.5]), INVALID, "lag", 0, "must be a whole number"),
    (spoilt(lag=[True]), TYPE, "lag", 0, "not bool"),
    (spoilt(lag=[2**53]), INVALID, "release_time", 0, "2**53"),
    (spoilt(lag=[2**62]), INVALID, "lag", 0, "2**53"),
    (spoilt(release_time=[0]), INVALID, "release_time", None, "has length 1, expected 2"),
    (spoilt(release_time=[0, -1]), INVALID, "release_time", 1, "must be >= 0"),
    (spoilt(release_time=[0, NAN]), INVALID, "release_time", 1, "must be finite"),
    (spoilt(release_time=[0, -float("inf")]), INVALID, "release_time", 1, "must be finite"),
    (spoilt(release_time=[0, float("inf")]), INVALID, "release_time", 1, "must be finite"),
    (spoilt(release_time=np.ma.masked), TYPE, "release_time", None, "masked"),
    (spoilt(deadline=np.ma.array([5.0, 6.0], mask=[True, False])), TYPE, "deadline", None, "masked"),
    (spoilt(release_time=["soon", 0]), TYPE, "release_time", 0, "not str"),
    (spoilt(release_time=[2**53, 0]), INVALID, "release_time", 0, "2**53"),
    (spoilt(deadline=[5, -1]), INVALID, "deadline", 1, "must be >= 0"),
    (spoilt(deadline=[2**60, 1]), INVALID, "deadline", 0, "exceeds 2**53"),
    (spoilt(deadline=[[5, 6]]), INVALID, "deadline", None, "dimensions"),
    (spoilt(deadline=7), TYPE, "deadline", None, "array of numbers"),
    (spoilt(calendars=[Calendar([0], [1])]), TYPE, "calendars", None, "must map resources"),
    (spoilt(calendars={1: Calendar([0], [1])}), INVALID, "calendars", None, "unknown resource"),
    (spoilt(calendars={"crew": Calendar([0], [1])}), INVALID, "calendars", None, "unknown resource"),
    (spoilt(calendars={0: [0, 1]}), TYPE, "calendars", 0, "must be a Calendar"),
    (spoilt(calendars={0: None}), TYPE, "calendars", 0, "must be a Calendar"),
    (spoilt(calendars={True: Calendar([0], [1])}), TYPE, "calendars", None, "not bool"),
    (spoilt(calendars={0: Calendar([0, 4], [2, 3])}), INVALID, "calendars[0].capacity", 1, "exceeds capacity[0] = 2"),
    (spoilt(pausable=[True]), INVALID, "pausable", None, "has length 1, expected 2"),
    (spoilt(pausable=[0, 2]), INVALID, "pausable", 1, "must be True or False"),
    (spoilt(pausable=["no", "yes"]), TYPE, "pausable", 0, "not str"),
    (spoilt(pausable=True), TYPE, "pausable", None, "list of True and False"),
    (spoilt(disjunctive=[[0]]), INVALID, "disjunctive", 0, "needs two"),
    (spoilt(disjunctive=[[]]), INVALID, "disjunctive", 0, "needs two"),
    (spoilt(disjunctive=[[0, 1], [1, 1]]), INVALID, "disjunctive", (1, 1), "twice"),
    (spoilt(disjunctive=[[0, 2]]), INVALID, "disjunctive", (0, 1), "unknown index"),
    (spoilt(disjunctive=[[0, -1]]), INVALID, "disjunctive", (0, 1), "unknown index"),
    (spoilt(disjunctive=[0, 1]), TYPE, "disjunctive[0]", None, "array of numbers"),
    (spoilt(disjunctive={0: 1}), TYPE, "disjunctive", None, "list of groups"),
    (lambda: Calendar([0, 1], [1]), INVALID, "capacity", None, "has length 1, expected 2"),
    (lambda: Calendar([1, 1], [1, 0]), INVALID, "time", 1, "later"),
    (lambda: Calendar([0], [-1]), INVALID, "capacity", 0, "must be >= 0"),
    (lambda: Calendar([0.5], [1]), INVALID, "time", 0, "whole number"),
    (lambda: Calendar([2**62], [1]), INVALID, "time", 0, "2**53"),
    (lambda: Calendar([0, 7], [1, 0], 7), INVALID, "period", None, "must exceed"),
    (lambda: Calendar([0], [1], 0), INVALID, "period", None, "between 1 and"),
    (lambda: Calendar([0], [1], True), TYPE, "period", None, "not bool"),
    (
        lambda: Calendar({}, [1]),  # type: ignore[arg-type]
        TYPE,
        "time",
        None,
        "array of numbers",
    ),
    (planned(fixed=[(0, 1)]), TYPE, "fixed", None, "must map activities"),
    (planned(fixed={2: (0, 1)}), INVALID, "fixed[2]", None, "unknown activity"),
    (planned(fixed={0: (0, 1, 2)}), INVALID, "fixed", 0, "must be (start, end)"),
    (planned(fixed={0: (3, 1)}), INVALID, "fixed[0]", None, "before its start"),
    (planned(fixed={0: ("a", 1)}), TYPE, "fixed[0].start", None, "not str"),
    (planned(fixed={0: (0, 2**60)}), INVALID, "fixed[0]", None, "2**53"),
    (planned(now=2**53 - 4), INVALID, "now", None, "left to do"),
    (planned(fixed={0: (0, 2**53)}), INVALID, "fixed[0]", None, "left to do"),
    (planned(now=None), TYPE, "now", None, "not None"),
    (planned(now=2**60), INVALID, "now", None, "2**53"),
    (planned(now=0.5), INVALID, "now", None, "whole number"),
]


@pytest.mark.parametrize("case", BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_by_name_and_place(case: tuple[Callable[[], Any], type[sk.SchedkitError], str, Any, str]) -> None:
    call, error, field, index, words = case
    with pytest.raises(sk.SchedkitError) as caught:
        call()
    assert type(caught.value) is error, caught.value
    assert (getattr(caught.value, "field", None), getattr(caught.value, "index", None)) == (field, index), caught.value
    assert words in str(caught.value)
