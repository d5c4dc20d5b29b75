"""Proofs for objectives that count from due dates, in projects with modes or alternatives."""

from __future__ import annotations

import random

import pytest
import schedkit as sk

from . import options, time_indexed


def test_a_proof_beyond_earliest_completions() -> None:
    # Both orders take 2 on the fast machine or 5 on the slow one, and are due at 2: alone neither is late.
    project = sk.rcpsp.Project(
        [2, 5, 2, 5], [[1, 0], [0, 1], [1, 0], [0, 1]], [1, 1], activity=[0, 0, 1, 1], due_date=[2, 2], weight=[1, 3]
    )
    for objective, value in (("total_tardiness", 2), ("total_weighted_tardiness", 2), ("num_tardy", 1), ("max_lateness", 2)):
        r = sk.rcpsp.solve(project, objective=objective, max_schedules=300)
        assert (r.status, r.objective, r.lower_bound) == ("optimal", value, value)
        assert sk.check(project, r.schedule) == []


@pytest.mark.parametrize("seed", range(40))
def test_optima_are_proved_and_agree_with_a_model_tick_by_tick(seed: int) -> None:
    pytest.importorskip("ortools")
    source = random.Random(8_000 + seed)
    columns = options.columns(source, 5, modes=seed % 2 == 0)
    columns["lag"] = [max(0, lag) for lag in columns["lag"]]
    n = max(columns.get("activity", range(len(columns["duration"])))) + 1
    columns["due_date"] = [source.randint(0, 7) for _ in range(n)]
    columns["weight"] = [source.choice([0.5, 1.25, 3.0]) if seed % 3 else source.randint(0, 4) for _ in range(n)]
    project = sk.rcpsp.Project(**columns)
    objective = source.choice(["total_tardiness", "num_tardy"] if seed % 3 else ["total_weighted_tardiness", "total_tardiness"])
    found = sk.rcpsp.solve(project, objective=objective, max_schedules=1500, seed=seed)
    expected = time_indexed.value(project, 40, objective)
    assert (found.status, found.objective) == ("infeasible" if expected is None else "optimal", expected)
