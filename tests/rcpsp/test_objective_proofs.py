"""Proofs of objectives that count from due dates: optima of CP-SAT for small projects of all kinds, by a model of its own."""

from __future__ import annotations

import random

import pytest
import schedkit as sk

from .dated import KINDS, cp_sat, project

NAMES = tuple(name for name in sk.rcpsp.OBJECTIVES if name != "makespan")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_optima_are_those_of_cp_sat(kind: str, name: str, seed: int) -> None:
    pytest.importorskip("ortools.sat.python.cp_model")
    given = project(kind, seed)
    found = sk.rcpsp.solve(given, objective=name, max_schedules=200_000)
    assert found.status == "optimal"
    assert found.objective is not None
    assert sk.check(given, found.schedule) == []
    best, is_proven = cp_sat(given, name, 60, 1)
    assert best == found.objective or (not is_proven and (best is None or best > found.objective))


@pytest.mark.parametrize("weight", [[0.1, 0.7, 0.3], [0.1, 1 / 3, 2**0.5]])
def test_float_weights_are_proven_up_to_rounding(weight: list[float]) -> None:
    """On one machine with all due at 0, heavier work for its length comes first (Smith 1956)."""
    chance = random.Random(5)
    duration = [chance.randint(1, 9) for _ in range(7)]
    weights = [weight[i % 3] for i in range(7)]
    given = sk.rcpsp.Project(duration, [[1]] * 7, [1], due_date=[0] * 7, weight=weights)
    found = sk.rcpsp.solve(given, objective="total_weighted_tardiness", max_schedules=5000)
    clock, best = 0, 0.0
    for i in sorted(range(7), key=lambda i: duration[i] / weights[i]):
        clock += duration[i]
        best += weights[i] * clock
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_huge_due_dates_and_weights_are_kept_or_left_unproven(name: str) -> None:
    far, n = 2**52, 6
    given = sk.rcpsp.Project(
        [3, 5, 2, 4, 1, 6], [[1]] * n, [1], due_date=[-far, 4, far, 9, None, 2], weight=[1, 2**9, 0, 3, 1, 7]
    )
    found = sk.rcpsp.solve(given, objective=name, max_schedules=3000)
    assert sk.check(given, found.schedule) == []
    assert found.objective is not None
    assert found.lower_bound <= found.objective
