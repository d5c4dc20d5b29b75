"""The frozen past as columns."""

from __future__ import annotations

import pytest
import schedkit as sk


def test_it_is_the_mapping_that_it_stands_for() -> None:
    assert dict(sk.Fixed([3, 1], [0, 5])) == {3: (0, None), 1: (5, None)}
    assert dict(sk.Fixed([3], [0.5], [2.0], processor=[1])) == {3: (1, 0.5, 2.0)}
    assert len(sk.Fixed([], [])) == 0
    with pytest.raises(KeyError):
        sk.Fixed([1], [2])[2]


def test_projects_and_task_graphs_take_it() -> None:
    project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    plan = {"start_time": [-1, 4], "completion_time": [1, 7]}
    assert sk.check(project, plan, fixed=sk.Fixed([0], [-1]), now=0) == []
    assert [v.kind for v in sk.check(project, plan, fixed=sk.Fixed([0], [-2]), now=0)] == ["fixed"]
    graph = sk.dag.TaskGraph([[2.0, 4.0], [3.0, 1.0]], [[0, 1]])
    past = sk.Fixed([0], [0.0], [5.0], processor=[1])
    schedule = sk.dag.heft(graph, fixed=past, now=1.0)
    assert (schedule.processor[0], schedule.completion_time[0], schedule.start_time[1]) == (1, 5.0, 5.0)
    assert sk.check(graph, schedule, fixed=past, now=1.0) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (([0, 0], [1, 2]), "index"),
        (([0], [1, 2]), "start"),
        (([0], [1], [1, 2]), "end"),
        (([0], [1], None, [1, 2]), "processor"),
        (([0.5], [1]), "index"),
    ],
)
def test_bad_columns_are_named(arguments: tuple[object, ...], field: str) -> None:
    with pytest.raises(sk.InvalidInputError) as caught:
        sk.Fixed(*arguments)  # type: ignore[arg-type]
    assert caught.value.field == field
