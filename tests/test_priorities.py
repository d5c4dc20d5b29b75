"""Numbers for engines without a hook."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.integrations.priorities import integer_priorities, write_plan


@pytest.mark.parametrize("levels", [[], [1.5], [3.0, 3.0], [0.1, 7.0, 0.1, 2.0], [1e300, -1e300, 0.0]])
def test_order_and_ties_are_kept(levels: list[float]) -> None:
    found = integer_priorities(levels, lowest=-5)
    for a, p in zip(levels, found, strict=True):
        for b, q in zip(levels, found, strict=True):
            assert (a < b) == (p < q)
    assert sorted(set(found.tolist())) == list(range(-5, -5 + len(set(levels))))


def test_a_narrow_range_is_shared_evenly() -> None:
    levels = np.random.default_rng(0).permutation(1000).astype(float)
    found = integer_priorities(levels, lowest=1, highest=10)
    assert np.bincount(found).tolist() == [0] + [100] * 10
    assert (np.diff(found[np.argsort(levels)]) >= 0).all()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"level": [float("nan")]}, "level"),
        ({"highest": -1}, "highest"),
        ({"lowest": 0.5}, "lowest"),
        ({"level": "ab"}, "level"),
    ],
)
def test_bad_input(arguments: dict[str, Any], field: str) -> None:
    given = {"level": [1.0], **arguments}
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        integer_priorities(given.pop("level"), **given)
    assert caught.value.field == field


def test_a_plan_that_is_read_back_is_the_schedule(tmp_path: Path) -> None:
    graph = sk.dag.TaskGraph([[0.1, 0.3], [0.7, 0.2], [0.3, 0.3]], [(0, 2)], [0.05], names=["a", 'b,"', "c"])
    schedule = sk.dag.heft(graph)
    write_plan(tmp_path / "plan.csv", graph, schedule)
    with open(tmp_path / "plan.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["name"] for row in rows) == ["a", 'b,"', "c"]
    assert [int(row["priority"]) for row in rows] == [2, 1, 0]
    by_task = sorted(rows, key=lambda row: int(row["task"]))
    again = sk.dag.DagSchedule.from_placement(
        graph, [int(row["processor"]) for row in by_task], [float(row["start"]) for row in by_task]
    )
    assert sk.check(graph, again) == []
    assert again.start_time.tolist() == schedule.start_time.tolist()
    with pytest.raises(sk.InvalidInputError, match="expected 1"):
        write_plan(tmp_path / "x", sk.dag.TaskGraph([[1.0]], []), schedule)
