"""The CP-SAT model by itself against trying everything; `prove` would hide what `solve` has found already."""

from __future__ import annotations

from typing import Any

import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schedkit.rcpsp import cp_sat

from tests.rcpsp import constrained
from tests.rcpsp.constrained import Plain

pytest.importorskip("ortools")

HORIZON = 14
"""How long schedules may be that are tried; where the solver finds none at all, longer ones are tried."""
FAR = 40

relaxed = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


def modelled(project: sk.rcpsp.Project, past: constrained.Past, now: int, **known: Any) -> cp_sat.Answer:
    """What the solver says without any help from `solve`."""
    spans: dict[int, tuple[int, int | None]] = {i: (start, end) for i, (start, end) in past.items()}
    run = cp_sat.Run(project, cp_sat.Past(spans, now), known.get("best"), known.get("lower_bound"), 0, 1)
    assert run.wait(None, None, lambda *_: None) is None
    return run.answer()


def agrees(project: sk.rcpsp.Project, past: constrained.Past, now: int) -> None:
    plain = Plain.of(project)
    answer = modelled(project, past, now)
    best = constrained.best_makespan(plain, HORIZON, past, now)
    assert answer.refuted == (answer.schedule is None)
    if answer.schedule is None:
        assert best is None
        assert next(constrained.schedules(plain, FAR, past, now), None) is None
        return
    assert sk.check(project, answer.schedule, fixed=past, now=now) == []
    assert answer.lower_bound == answer.schedule.makespan
    assert answer.schedule.makespan == best if best is not None else answer.schedule.makespan > HORIZON
    # Once more within its own makespan, as `prove` asks: the bound is reached again, no more and no less.
    again = modelled(project, past, now, best=answer.schedule, lower_bound=answer.lower_bound)
    assert again.schedule is not None
    assert again.schedule.makespan == again.lower_bound == answer.lower_bound


MIXES = {**{kind: (kind,) for kind in constrained.KINDS}, "all": constrained.KINDS, "any": None}


@pytest.mark.parametrize("mix", MIXES)
def test_the_model_agrees_with_trying_everything(mix: str) -> None:
    @relaxed
    @given(constrained.projects(kinds=MIXES[mix]))
    def holds(project: sk.rcpsp.Project) -> None:
        agrees(project, {}, 0)

    holds()


@st.composite
def appointments(draw: Any, plain: Plain) -> tuple[dict[int, constrained.Span], int]:
    """Activities that are fixed in the past or in the future, up to three of them; some contradict each other."""
    now = draw(st.integers(-2, 5))
    who = draw(st.sets(st.integers(0, plain.n - 1), max_size=3))
    starts = {i: draw(st.integers(-2, 9)) for i in sorted(who)}
    return {i: (start, start + draw(st.sampled_from([plain.duration[i], 0, 1, 2, 4]))) for i, start in starts.items()}, now


@pytest.mark.parametrize("mix", MIXES)
def test_the_model_agrees_around_appointments(mix: str) -> None:
    @relaxed
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        project = data.draw(constrained.projects(kinds=MIXES[mix]))
        agrees(project, *data.draw(appointments(Plain.of(project))))

    holds()


@pytest.mark.parametrize("mix", MIXES)
def test_the_model_agrees_after_a_fixed_past(mix: str) -> None:
    @relaxed
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        project = data.draw(constrained.projects(kinds=MIXES[mix]))
        agrees(project, *data.draw(constrained.pasts(Plain.of(project))))

    holds()


def times(factor: int, plain: Plain, offset: list[int]) -> sk.rcpsp.Project:
    """The same project in a finer tick, its deadlines a little later, but not by a tick of the coarse kind."""
    deadline = [None if d == constrained.NONE else factor * d + k for d, k in zip(plain.deadline, offset, strict=True)]
    groups = {
        r: [sk.rcpsp.Calendar([factor * t for t in time], units, period and factor * period) for time, units, period in several]
        for r, several in plain.calendars.items()
    }
    return sk.rcpsp.Project(
        [factor * d for d in plain.duration],
        plain.demand,
        plain.capacity,
        precedence=[(i, j) for i, j, _, _ in plain.precedence],
        relation=[relation for _, _, relation, _ in plain.precedence],
        lag=[factor * lag for *_, lag in plain.precedence],
        release_time=[factor * r for r in plain.release_time],
        deadline=deadline,
        calendars=groups,
        pausable=plain.pausable,
        disjunctive=plain.disjunctive,
    )


@relaxed
@given(st.data())
def test_finer_ticks_change_nothing(data: st.DataObject) -> None:
    project = data.draw(constrained.projects())
    plain = Plain.of(project)
    fine = times(6, plain, data.draw(st.lists(st.integers(0, 5), min_size=plain.n, max_size=plain.n)))
    coarse, found = modelled(project, {}, 0), modelled(fine, {}, 0)
    assert found.refuted == coarse.refuted
    if coarse.schedule is not None:
        assert found.schedule is not None
        assert sk.check(fine, found.schedule) == []
        assert found.schedule.makespan == found.lower_bound == 6 * coarse.schedule.makespan


def test_a_free_activity_ends_before_a_fixed_successor_begins() -> None:
    # Activities 0 and 1 share a machine, and 0 must be done 1 before activity 2 begins at 3. By hand: 0 at 0, 1 at 2.
    project = sk.rcpsp.Project([2, 2, 1], [[1], [1], [0]], [1], precedence=[(0, 2)], lag=[1])
    answer = modelled(project, {2: (3, 4)}, 0)
    assert answer.schedule is not None
    assert answer.schedule.start_time.tolist() == [0, 2, 3]
    assert modelled(project, {2: (2, 3)}, 0).refuted  # 0 would have to begin at -1


def test_lags_run_on_from_the_past() -> None:
    # Activity 0 ended at 2, and 1 starts 3 later: at 5, though the present is 4 and all that lies ahead is a multiple of 3.
    answer = modelled(sk.rcpsp.Project([2, 3], [[], []], [], precedence=[(0, 1)], lag=[3]), {0: (1, 2)}, 4)
    assert answer.schedule is not None
    assert answer.schedule.start_time.tolist() == [1, 5]


def test_what_is_fixed_may_exceed_a_calendar() -> None:
    # One of two units is lost from 0 to 4, while a fixed activity holds both until 3: legal, and nothing is left until then.
    lost = sk.rcpsp.Calendar([0, 4], [1, 2])
    project = sk.rcpsp.Project([6, 1], [[2], [1]], [2], calendars={0: lost})
    answer = modelled(project, {0: (-3, 3)}, 0)
    assert answer.schedule is not None
    assert answer.schedule.start_time.tolist() == [-3, 3]  # one unit is open from 3 on
    assert answer.schedule.completion_time.tolist() == [3, 4]


def test_a_fixed_span_of_length_0_blocks_no_activity() -> None:
    project = sk.rcpsp.Project([3, 2], [[], []], [], disjunctive=[(0, 1)])
    answer = modelled(project, {1: (1, 1)}, 0)
    assert answer.schedule is not None
    assert answer.schedule.makespan == answer.lower_bound == 3


def test_fixed_ends_are_kept_and_count_beyond_deadlines() -> None:
    # Planned 2, took 9, and ends beyond every deadline: the makespan is 9, whatever the free activity does by its deadline 5.
    project = sk.rcpsp.Project([2, 3], [[1], [0]], [1], deadline=[5, 5])
    answer = modelled(project, {0: (0, 9)}, 0)
    assert answer.schedule is not None
    assert answer.schedule.completion_time.tolist()[0] == answer.schedule.makespan == answer.lower_bound == 9


def test_makespans_may_be_negative() -> None:
    answer = modelled(sk.rcpsp.Project([2, 1], [[1], [1]], [1]), {0: (-9, -7)}, -6)
    assert answer.schedule is not None
    assert answer.schedule.makespan == answer.lower_bound == -5  # from -6 on


def test_refutations_count_beside_activities_without_deadline() -> None:
    # By hand: a shift of eight hours holds one job of five, so nine jobs need nine days, and hour 192 is the end of the eighth.
    day = sk.rcpsp.Calendar([8, 16], [1, 0], 24)
    project = sk.rcpsp.Project([5] * 10, [[1]] * 10, [1], calendars={0: day}, deadline=[*[192] * 9, None])
    assert modelled(project, {}, 0).refuted
    assert sk.rcpsp.prove(project, time_limit=20).status == "infeasible"


def test_the_horizon_is_long_enough_where_one_round_offers_one_start() -> None:
    # Both resources are open together for one tick in 35, first at 34 (34 % 5 == 4, 34 % 7 == 6).
    calendars = {0: sk.rcpsp.Calendar([0, 4], [0, 1], 5), 1: sk.rcpsp.Calendar([0, 6], [0, 1], 7)}
    project = sk.rcpsp.Project([1, 1, 2], [[1, 1]] * 3, [1, 1], calendars=calendars, pausable=[False, False, True])
    answer = modelled(project, {}, 0)
    assert answer.schedule is not None
    assert answer.schedule.makespan == answer.lower_bound == 35 * 4


def test_horizons_too_long_for_the_model_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedkit.rcpsp.situation.MOST_STEPS", 22)
    day = sk.rcpsp.Calendar([8, 16], [1, 0], 24)
    for deadline, refuted in [(None, False), (120, True)]:
        project = sk.rcpsp.Project([5] * 7, [[1]] * 7, [1], calendars={0: day}, deadline=[*[120] * 6, deadline])
        answer = modelled(project, {}, 0)
        assert answer.schedule is None
        assert answer.refuted == refuted
