"""Small random projects that mix all kinds of constraints: those that combine against CP-SAT, all others are refused by name.

``SCHEDKIT_INSTANCES=20000`` compares as many projects; a slice runs by default.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk
from schedkit.rcpsp import cp_sat

pytest.importorskip("ortools")

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "120"))
FIELDS = ("calendars", "pausable", "disjunctive", "max_lag", "storage", "optional", "alternatives", "activity", "nonrenewable")
"""What does not combine with everything."""


def drawn(source: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of a project, and what has happened before."""
    n = source.randint(1, 4)
    width = source.randint(0, 2)
    capacity = [source.randint(1, 3) for _ in range(width)]
    owner = list(range(n))

    def has(share: float) -> bool:
        return source.random() < share

    found: dict[str, Any] = {}
    if has(0.4):
        owner = sorted([*owner, *(source.randrange(n) for _ in range(2))])
        found |= {"activity": owner, "nonrenewable": [source.randint(n, 3 * n)]}
        found["consumption"] = [[source.randint(0, 3)] for _ in owner]
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if has(0.35)]
    found |= {
        "duration": [source.randint(0, 3) for _ in owner],
        "demand": [[source.randint(0, units) for units in capacity] for _ in owner],
        "capacity": capacity,
        "precedence": pairs,
        "lag": [source.randint(-1, 2) for _ in pairs],
    }
    if has(0.4):
        found["relation"] = [source.choice(["FS", "SS", "FF", "SF"]) for _ in pairs]
    if pairs and has(0.2):
        found["max_lag"] = [source.choice([None, low + source.randint(0, 3)]) for low in found["lag"]]
    if has(0.2):
        found |= {"storage": [source.randint(2, 5)], "initial": [source.randint(0, 2)]}
        found |= {name: [[source.randint(0, 2)] for _ in range(n)] for name in ("taken", "given")}
    if has(0.25):
        found["optional"] = [has(0.3) for _ in range(n)]
        found["alternatives"] = [sorted(source.sample(range(n), source.randint(1, min(3, n))))]
    if has(0.3):
        found["release_time"] = [source.choice([0, 0, 1, 3]) for _ in range(n)]
    if has(0.3):
        found["deadline"] = [source.choice([None, None, 6, 9]) for _ in range(n)]
    if width and has(0.2):
        period = source.randint(4, 6)
        closed = source.randint(1, period - 3)
        found["calendars"] = {0: sk.rcpsp.Calendar([0, closed], [0, capacity[0]], period=period)}
        found["pausable"] = [has(0.4) for _ in range(n)]
    if n > 1 and has(0.15):
        found["disjunctive"] = [sorted(source.sample(range(n), 2))]
    past: dict[str, Any] = {"fixed": {0: (0, source.randint(0, 3))}, "now": source.randint(0, 3)} if has(0.15) else {}
    return found, past


def unless_refused(columns: dict[str, Any], call: Callable[[], Any]) -> Any:
    """What the call gives, or None if it refuses a field that was given, by name."""
    try:
        return call()
    except sk.InvalidInputError as error:
        if not any(name in str(error) for name in FIELDS if name in columns):
            raise
        return None


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_what_combines_agrees_with_cp_sat(seed: int) -> None:
    source = random.Random(90_000 + seed)
    columns, past = drawn(source)
    late = source.random() < 0.3
    try:
        project = unless_refused(columns, lambda: sk.rcpsp.Project(**columns))
    except sk.CycleError:
        assert "max_lag" in columns or min(columns["lag"]) < 0
        return
    if project is None:
        return
    found = unless_refused(columns, lambda: sk.rcpsp.solve(project, max_schedules=600, seed=seed, late=late, **past))
    if found is None:
        return
    if found.schedule is not None:
        assert sk.check(project, found.schedule, **past) == [], columns
    before = cp_sat.Past(past.get("fixed", {}), past.get("now", 0))
    run = cp_sat.Run(project, before, None, None, seed, 1)
    assert run.wait(None, None, lambda *_: None) is None
    answer = run.answer()
    expected = None if answer.schedule is None else answer.schedule.makespan
    if answer.schedule is not None:
        assert sk.check(project, answer.schedule, **past) == [], columns
    if found.status == "infeasible":
        assert expected is None, columns
        return
    if expected is not None:
        assert found.lower_bound <= expected, columns
        assert found.status != "optimal" or found.makespan == expected, columns
    else:
        assert found.schedule is None, columns
