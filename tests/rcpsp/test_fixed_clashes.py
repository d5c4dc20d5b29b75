"""Fixed activities that contradict each other: hand cases, and the independent checker as judge of random ones."""

from __future__ import annotations

import numpy as np
import pytest
import schedkit as sk
from schedkit.rcpsp import Calendar, Project

#: By hand. "wakes": activity 0 is down at 7 and works at 8, when 1 has ended and 2 goes on: 3 units at 8 of a capacity of 2.
#: "period": all three are fixed over [16, 19); the calendar is closed at 16 and 17, so the two that are pausable work at 18.
CASES = {
    "wakes": (
        Project(
            [1] * 3, [[2, 1], [1, 0], [1, 0]], [2, 1], calendars={1: Calendar([0, 8], [0, 1])}, pausable=[True, False, False]
        ),
        {0: (7, 9), 1: (7, 8), 2: (7, 9)},
        (0, 2),
    ),
    "period": (
        Project([1] * 3, [[2]] * 3, [2], calendars={0: Calendar([7, 9], [2, 0], 11)}, pausable=[False, True, True]),
        {0: (16, 19), 1: (16, 19), 2: (16, 17)},
        (0, 1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_activity_that_wakes_beside_others_clashes(name: str) -> None:
    project, fixed, who = CASES[name]
    (reason,) = sk.rcpsp.diagnose(project, fixed=fixed)
    assert (reason.code, tuple(reason.activities)) == ("fixed_clash", who)
    assert sk.rcpsp.solve(project, fixed=fixed).status == "infeasible"
    with pytest.raises(sk.InfeasibleError):
        sk.rcpsp.serial_sgs(project, fixed=fixed)


def everything_fixed(seed: int) -> tuple[Project, dict[int, tuple[int, int]]]:
    random = np.random.default_rng(seed)
    n, period = int(random.integers(2, 5)), int(random.integers(3, 9))
    calendars = [
        Calendar([int(random.integers(0, 9))], [int(random.integers(0, 3))]),
        Calendar([0, int(random.integers(1, period))], [2, int(random.integers(0, 2))], period),
    ]
    project = Project(
        [1] * n,
        random.integers(0, 3, (n, 2)),
        [2, 2],
        calendars={r: calendars[int(random.integers(0, 2))] for r in range(2) if random.random() < 0.7},
        pausable=random.random(n) < 0.6,
    )
    start = random.integers(0, 8, n)
    return project, {i: (int(s), int(s + random.integers(1, 7))) for i, s in enumerate(start)}


def test_a_fixed_past_is_refused_exactly_if_the_checker_refuses_it() -> None:
    verdicts = []
    for seed in range(3000):
        project, fixed = everything_fixed(seed)
        facts = {"start_time": [span[0] for span in fixed.values()], "completion_time": [span[1] for span in fixed.values()]}
        clash = bool(sk.check(project, facts, fixed=fixed))
        assert (sk.rcpsp.solve(project, fixed=fixed, max_schedules=5).status == "infeasible") == clash, seed
        verdicts.append(clash)
    assert 100 < sum(verdicts) < 2900
