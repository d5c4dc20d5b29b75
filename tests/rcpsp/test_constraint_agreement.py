"""Schemes and search under constraints against trying everything, on tiny projects of every kind and mix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rcpsp import constrained
from tests.rcpsp.constrained import Plain

HORIZON = 14
"""Enumeration looks no further; what it does not find may still exist beyond."""

MIXES = {**{kind: (kind,) for kind in constrained.KINDS}, "all": constrained.KINDS, "any": None}
relaxed = settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)


def solved(project: sk.rcpsp.Project, **past: Any) -> sk.rcpsp.ProjectSolution:
    """What the search finds with a budget that is ample for a few activities."""
    return sk.rcpsp.solve(project, max_schedules=3000, **past)


def agrees(project: sk.rcpsp.Project, past: constrained.Past, now: int) -> None:
    """The search finds a schedule where there is one, none is shorter than the shortest, and what it calls infeasible is."""
    plain = Plain.of(project)
    best = constrained.best_makespan(plain, HORIZON, past, now)
    found = solved(project, fixed=past, now=now)
    if found.schedule is not None:
        assert sk.check(project, found.schedule, fixed=past, now=now) == []
        assert found.status in {"optimal", "feasible"}
        assert found.makespan == found.schedule.makespan
        assert found.lower_bound <= found.schedule.makespan
    if best is None:
        assert found.schedule is None or found.schedule.makespan > HORIZON
    else:
        assert found.schedule is not None, f"the best schedule has makespan {best}, found {found.status}: {found.reasons}"
        assert found.schedule.makespan >= best
        assert found.status != "optimal" or found.schedule.makespan == best
        assert found.lower_bound <= best
        assert sk.rcpsp.diagnose(project, fixed=past, now=now) == []
    assert (found.status == "infeasible") == bool(found.reasons)
    if found.status == "unknown":
        assert found.near_miss is None or found.violations


@pytest.mark.parametrize("mix", MIXES)
def test_search_agrees_with_trying_everything(mix: str) -> None:
    @relaxed
    @given(constrained.projects(kinds=MIXES[mix]))
    def holds(project: sk.rcpsp.Project) -> None:
        agrees(project, {}, 0)

    holds()


@pytest.mark.parametrize("mix", MIXES)
def test_search_agrees_after_a_fixed_past(mix: str) -> None:
    @relaxed
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        project = data.draw(constrained.projects(kinds=MIXES[mix]))
        agrees(project, *data.draw(constrained.pasts(Plain.of(project))))

    holds()


@pytest.mark.parametrize("scheme", [sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs], ids=["serial", "parallel"])
@pytest.mark.parametrize("mix", MIXES)
def test_what_one_pass_makes_is_feasible(mix: str, scheme: Callable[..., sk.rcpsp.ProjectSchedule]) -> None:
    """A pass may miss a deadline, a fixed successor, the last moment before a calendar closes; else it finds what there is."""

    @relaxed
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        project = data.draw(constrained.projects(kinds=MIXES[mix]))
        plain = Plain.of(project)
        past, now = data.draw(constrained.pasts(plain)) if data.draw(st.booleans()) else ({}, 0)
        rule = data.draw(st.sampled_from(sk.rcpsp.RULES))
        try:
            schedule = scheme(project, rule, fixed=past, now=now)
        except sk.InfeasibleError:
            reopen = all(period is not None for group in plain.calendars.values() for *_, period in group)
            if not past and reopen and min(plain.deadline) == constrained.NONE:
                assert constrained.best_makespan(plain, HORIZON, past, now) is None
            return
        assert sk.check(project, schedule, fixed=past, now=now) == []
        best = constrained.best_makespan(plain, min(HORIZON, schedule.makespan), past, now)
        assert best is not None or schedule.makespan > HORIZON

    holds()


def test_batches_and_justification_keep_constraints() -> None:
    @relaxed
    @given(constrained.projects(), st.integers(0, 2**32))
    def holds(project: sk.rcpsp.Project, seed: int) -> None:
        plain = Plain.of(project)
        rows = [[(seed >> (3 * i + k)) % 7 for i in range(plain.n)] for k in range(3)]
        batch = sk.rcpsp.serial_sgs_many(project, rows, starts=True)
        assert batch.start_time is not None
        for row, makespan, start in zip(rows, batch.makespan.tolist(), batch.start_time, strict=True):
            try:
                alone = sk.rcpsp.serial_sgs(project, row)
            except sk.InfeasibleError:
                assert makespan == -1
                continue
            assert (makespan, start.tolist()) == (alone.makespan, alone.start_time.tolist())
            better = sk.rcpsp.justify(project, alone)
            assert sk.check(project, better) == []
            assert better.makespan <= alone.makespan

    holds()
