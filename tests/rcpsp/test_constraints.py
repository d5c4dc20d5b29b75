"""Planning under constraints: enumeration on small projects, hand examples of every rule, reasons, re-planning."""

from __future__ import annotations

import pickle
import time
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rcpsp import constrained
from tests.rcpsp.constrained import Plain

Project, Calendar = sk.rcpsp.Project, sk.rcpsp.Calendar
HORIZON = 30
MIXES = [*[(kind,) for kind in constrained.KINDS], None]


def judge(project: sk.rcpsp.Project, best: int | None, fixed: dict[int, tuple[int, int]], now: int) -> None:
    """The search says what enumeration says; one pass is feasible or says why not."""
    past: dict[str, Any] = {"fixed": fixed, "now": now}
    r = sk.rcpsp.solve(project, max_schedules=2000, **past)
    if r.status == "infeasible":
        assert best is None
        assert (r.schedule, r.makespan, r.lower_bound) == (None, None, 0)
        assert r.reasons
    else:
        assert r.schedule is not None, r
        assert sk.check(project, r.schedule, **past) == []
        makespan = r.schedule.makespan
        assert makespan == best or (best is None and makespan > HORIZON) or r.status == "feasible"
        assert best is None or r.lower_bound <= best <= makespan
        assert [(told.objective, told.lower_bound) for told in r.history[-1:]] == [(makespan, r.lower_bound)]
    if sk.rcpsp.diagnose(project, **past):
        assert r.status == "infeasible"
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        for rule in ("lft", "random"):
            schedule = one_pass(scheme, project, rule, **past)
            if isinstance(schedule, list):
                assert r.status == "infeasible" or [reason.code for reason in schedule] == ["pass_failed"]
                continue
            assert sk.check(project, schedule, **past) == []
            if not fixed and now == 0:
                justified = sk.rcpsp.justify(project, schedule)
                assert sk.check(project, justified) == []
                assert justified.makespan <= schedule.makespan


def one_pass(scheme: Any, *arguments: Any, **past: Any) -> sk.rcpsp.ProjectSchedule | list[sk.Reason]:
    """A schedule, or why there is none."""
    try:
        return scheme(*arguments, **past)  # type: ignore[no-any-return]
    except sk.InfeasibleError as error:
        return error.reasons


@pytest.mark.parametrize("kinds", MIXES, ids=lambda kinds: "mixed" if kinds is None else kinds[0])
def test_search_agrees_with_enumeration(kinds: tuple[str, ...] | None) -> None:
    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(constrained.projects(most=4, kinds=kinds))
    def agree(project: sk.rcpsp.Project) -> None:
        judge(project, constrained.best_makespan(Plain.of(project), HORIZON), {}, 0)

    agree()


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_so_it_does_after_a_fixed_past(data: st.DataObject) -> None:
    project = data.draw(constrained.projects(most=4))
    plain = Plain.of(project)
    fixed, now = data.draw(constrained.pasts(plain))
    judge(project, constrained.best_makespan(plain, HORIZON, fixed, now), fixed, now)


# --- hand examples


def test_lags_count_from_completion_to_start() -> None:
    project = Project([2, 3], [[], []], [], precedence=[[0, 1]], lag=[4])
    assert sk.rcpsp.serial_sgs(project).start_time.tolist() == [0, 6]
    assert sk.rcpsp.critical_path(project).length == 9
    assert sk.rcpsp.lower_bound(project) == 9


def test_an_activity_that_cannot_pause_waits_for_a_long_enough_day() -> None:
    day = Calendar([8, 12, 13, 17], [1, 0, 1, 0], period=24)
    project = Project([3, 2], [[1], [1]], [1], calendars={0: day})
    assert sk.rcpsp.serial_sgs(project, "fcfs").start_time.tolist() == [8, 13]
    pauses = Project([3, 3], [[1], [1]], [1], calendars={0: day}, pausable=[True, True])
    s = sk.rcpsp.serial_sgs(pauses, "fcfs")
    assert (s.start_time.tolist(), s.completion_time.tolist()) == ([8, 11], [11, 15])


def test_whoever_pauses_lets_go_of_its_resources_but_not_of_its_group() -> None:
    closed = Calendar([2, 6], [0, 1])
    arguments: dict[str, Any] = {
        "duration": [4, 3],
        "demand": [[1, 1], [0, 1]],
        "capacity": [1, 1],
        "calendars": {0: closed},
        "pausable": [True, False],
    }
    s = sk.rcpsp.serial_sgs(Project(**arguments), "fcfs")
    assert (s.start_time.tolist(), s.completion_time.tolist()) == ([0, 2], [8, 5])
    grouped = sk.rcpsp.serial_sgs(Project(**arguments, disjunctive=[[0, 1]]), "fcfs")
    assert grouped.start_time.tolist() == [0, 8]


def test_of_several_calendars_the_least_counts() -> None:
    weekly, holiday = Calendar([0, 5], [1, 0], period=7), Calendar([7, 9], [0, 1])
    project = Project([5], [[1]], [1], calendars={0: [weekly, holiday]}, release_time=[1])
    assert sk.rcpsp.serial_sgs(project).start_time.tolist() == [14]


def test_a_fixed_past_stays_and_its_ends_count() -> None:
    project = Project([2, 2, 2], [[1], [1], [1]], [1], successors=[[1], [], []])
    s = sk.rcpsp.serial_sgs(project, fixed={0: (0, 5)}, now=3)
    assert s.start_time.tolist() == [0, 5, 7]
    assert s.completion_time.tolist() == [5, 7, 9]
    booked = sk.rcpsp.serial_sgs(project, fixed={2: (1, 3)})  # an appointment in the future
    assert booked.start_time.tolist() == [3, 5, 1]


# --- reasons


def one(project: sk.rcpsp.Project, **past: Any) -> sk.Reason:
    """The only reason; search and schemes give it too."""
    (reason,) = sk.rcpsp.diagnose(project, **past)
    r = sk.rcpsp.solve(project, **past)
    assert (r.status, r.schedule, r.reasons) == ("infeasible", None, [reason])
    with pytest.raises(sk.InfeasibleError) as caught:
        sk.rcpsp.serial_sgs(project, **past)
    assert caught.value.reasons == [reason]
    assert reason.detail in str(caught.value)
    assert pickle.loads(pickle.dumps(reason)) == reason
    return reason


def test_a_window_that_is_shorter_than_the_duration() -> None:
    reason = one(Project([5], [[]], [], release_time=[3], deadline=[6]))
    assert (reason.code, reason.activities, reason.amount) == ("window_too_short", (0,), 2)


def test_demand_above_the_calendar_at_all_times() -> None:
    reason = one(Project([1, 2], [[1, 0], [1, 2]], [1, 2], calendars={1: Calendar([0, 4], [0, 1], period=8)}))
    assert (reason.code, reason.activities, reason.resources, reason.amount) == ("demand_above_calendar", (1,), (1,), None)


def test_calendars_that_never_meet() -> None:
    early, late = Calendar([0, 4], [1, 0], period=8), Calendar([0, 4], [0, 1], period=8)
    reason = one(Project([1], [[1, 1]], [1, 1], calendars={0: early, 1: late}, pausable=[True]))
    assert (reason.code, reason.activities, reason.resources) == ("no_common_time", (0,), (0, 1))


def test_a_deadline_missed_along_a_chain() -> None:
    reason = one(
        Project([2, 3, 4, 1], [[]] * 4, [], precedence=[[3, 1], [0, 1], [1, 2]], lag=[0, 1, 0], deadline=[None, None, 8, 9])
    )
    assert (reason.code, reason.activities, reason.amount) == ("deadline_missed", (0, 1, 2), 2)


@pytest.mark.parametrize(
    ("extra", "fixed"),
    [
        ({"precedence": [[0, 1]]}, {0: (0, 3), 1: (2, 4)}),
        ({"disjunctive": [[1, 0]]}, {0: (0, 3), 1: (2, 4)}),
        ({"demand": [[2], [2], [0]]}, {0: (0, 3), 1: (2, 4)}),
    ],
)
def test_fixed_activities_that_clash_are_both_named(extra: dict[str, Any], fixed: dict[int, tuple[int, int]]) -> None:
    arguments = {"duration": [2, 2, 1], "demand": [[1], [1], [1]], "capacity": [3], **extra}
    reason = one(Project(**arguments), fixed=fixed, now=5)
    assert (reason.code, sorted(reason.activities)) == ("fixed_clash", [0, 1])


def test_what_only_a_search_can_prove() -> None:
    # No two of them run together, so they take 6 ticks; their work, 12, would fit into 3 * 5.
    project = Project([2, 2, 2], [[2], [2], [2]], [3], deadline=[5, 5, 5])
    assert sk.rcpsp.diagnose(project) == []
    r = sk.rcpsp.solve(project)
    assert (r.status, [reason.code for reason in r.reasons]) == ("infeasible", ["exhausted"])


def test_a_near_miss_comes_with_its_violations() -> None:
    project = Project([2, 2, 2], [[2], [2], [2]], [3], deadline=[5, 5, 5])
    r = sk.rcpsp.solve(project, max_schedules=1)
    assert (r.status, r.schedule, r.makespan, r.reasons) == ("unknown", None, None, [])
    assert r.near_miss is not None
    assert [v.kind for v in r.violations] == ["deadline"]
    assert r.violations == sk.check(project, r.near_miss)


def test_a_pass_that_fails_says_so_without_calling_the_project_infeasible() -> None:
    project = Project([2, 3], [[1], [1]], [1], deadline=[None, 3])
    with pytest.raises(sk.InfeasibleError) as caught:
        sk.rcpsp.serial_sgs(project, "fcfs")
    (reason,) = caught.value.reasons
    assert (reason.code, reason.activities, reason.amount) == ("pass_failed", (1,), 2)
    assert sk.rcpsp.serial_sgs(project, "lpt").start_time.tolist() == [3, 0]
    batch = sk.rcpsp.serial_sgs_many(project, [[0, 1], [1, 0]], starts=True)
    assert batch.makespan.tolist() == [-1, 5]
    assert batch.start_time is not None
    assert batch.start_time.tolist() == [[-1, -1], [3, 0]]


# --- re-planning, scale, determinism


def random_project(seed: int, n: int = 60) -> tuple[sk.rcpsp.Project, dict[str, Any]]:
    """A project without constraints, and its columns."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {
        "duration": rng.integers(1, 10, n),
        "demand": rng.integers(0, 5, (n, 3)),
        "capacity": [10, 10, 10],
        "precedence": sorted({(int(rng.integers(0, j)), j) for j in range(1, n)}),
    }
    return Project(**columns), columns


@pytest.mark.parametrize("seed", range(5))
def test_replanning_after_a_machine_is_lost_says_what_moved(seed: int) -> None:
    before, columns = random_project(seed)
    plan = sk.rcpsp.solve(before, max_schedules=200).schedule
    assert plan is not None
    now = int(np.sort(plan.completion_time)[18])
    done = plan.start_time < now
    fixed = sk.Fixed(
        np.flatnonzero(done), plan.start_time[done], plan.completion_time[done] + 1 * (plan.completion_time[done] > now)
    )
    after = Project(**columns, calendars={0: Calendar([now], [7])})
    r = sk.rcpsp.solve(after, fixed=fixed, now=now, warm_start=plan, max_schedules=500)
    assert r.schedule is not None
    assert sk.check(after, r.schedule, fixed=fixed, now=now) == []
    changed = np.flatnonzero((r.schedule.start_time != plan.start_time) & ~done)
    assert r.moved is not None
    assert r.moved.tolist() == changed.tolist()
    assert r.total_shift == int(np.abs(r.schedule.start_time - plan.start_time)[changed].sum())
    assert sk.rcpsp.solve(after, fixed=fixed, now=now, max_schedules=50).moved is None


@pytest.mark.parametrize("seed", range(10))
def test_the_tick_does_not_matter(seed: int) -> None:
    _, columns = random_project(seed, n=40)

    def scaled(k: int) -> sk.rcpsp.Project:
        week = Calendar(np.array([0, 40]) * k, [10, 0], period=56 * k)
        return Project(**{**columns, "duration": columns["duration"] * k}, calendars={0: week}, pausable=[True] * 40)

    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        one, many = (sk.rcpsp.justify(scaled(k), scheme(scaled(k), "random", seed=seed)) for k in (1, 3600))
        assert (one.start_time * 3600 == many.start_time).all()


def test_equal_seeds_give_equal_answers_for_any_threads() -> None:
    _, columns = random_project(3)
    plan = sk.rcpsp.serial_sgs(Project(**columns))
    project = Project(**columns, deadline=plan.completion_time + 4, disjunctive=[[1, 2], [5, 9, 11]])
    runs = [sk.rcpsp.solve(project, max_schedules=300, seed=7, threads=threads) for threads in (1, 2, None)]
    assert len({(run.status, run.makespan, run.num_schedules, run.schedule) for run in runs}) == 1
    assert runs[0].num_schedules <= 300


def test_limits_and_cancellation_hold() -> None:
    _, columns = random_project(4)
    project = Project(**columns, calendars={0: Calendar([0, 30], [10, 6], period=40)})
    begun = time.perf_counter()
    assert sk.rcpsp.solve(project, time_limit=0.1).status in {"feasible", "optimal"}
    assert time.perf_counter() - begun < 5
    token = sk.CancelToken()
    token.cancel()
    assert sk.rcpsp.solve(project, stop=token).runtime < 5


def test_a_present_before_time_0_is_as_good_as_any() -> None:
    project = Project([3, 2], [[1], [1]], [1], deadline=[1, None], release_time=[0, 2])
    s = sk.rcpsp.solve(project, now=-4)
    assert s.schedule is not None
    assert (s.status, s.schedule.start_time.tolist()) == ("optimal", [-4, 2])
    assert sk.check(project, s.schedule, now=-4) == []


BLINK = Calendar([0, 1], [1, 0], period=2)
"""Every other tick, for ever."""


@pytest.mark.parametrize(
    "arguments",
    [
        {"duration": [1, 1], "release_time": [0, 2**40]},
        {"duration": [2**21, 1], "pausable": [True, False]},
        {"duration": [1, 1], "release_time": [0, 2**40], "deadline": [2**41, 2**41]},
    ],
    ids=["far release", "long pauses", "far window"],
)
def test_what_lies_beyond_all_steps_follows_one_by_one(arguments: dict[str, Any]) -> None:
    project = Project(**arguments, demand=[[1], [1]], capacity=[1], calendars={0: BLINK})
    r = sk.rcpsp.solve(project, max_schedules=50)
    assert r.status in {"feasible", "optimal"}, r.reasons
    assert r.schedule is not None
    assert sk.check(project, r.schedule) == []
    early = Project(**{**arguments, "deadline": [3, 1000]}, demand=[[1], [1]], capacity=[1], calendars={0: BLINK})
    assert sk.rcpsp.solve(early, max_schedules=50).status == "infeasible"


def test_what_no_order_fits_in_before_the_resource_closes_for_ever() -> None:
    # 6 units of work, 5 ticks.
    project = Project([3, 3], [[1], [1]], [1], calendars={0: Calendar([5], [0])})
    r = sk.rcpsp.solve(project)
    assert (r.status, [reason.code for reason in r.reasons]) == ("infeasible", ["too_much_work"])


def test_fixed_activities_that_pause_in_turns_for_ages_are_judged_at_once() -> None:
    ages = 2**50
    arguments: dict[str, Any] = {
        "duration": [ages // 2] * 2,
        "demand": [[1, 0, 1], [0, 1, 1]],
        "capacity": [1, 1, 1],
        "pausable": [True, True],
    }
    odd = Calendar([0, 1], [0, 1], period=2)
    fixed = {0: (0, ages), 1: (0, ages)}
    turns = Project(**arguments, calendars={0: BLINK, 1: odd})
    assert sk.rcpsp.diagnose(turns, fixed=fixed) == []
    meets = Project(**arguments, calendars={0: BLINK, 1: [odd, Calendar([0, ages // 2], [0, 1])]})
    assert sk.rcpsp.diagnose(meets, fixed=fixed) == []
    late = Project(**arguments, calendars={0: [BLINK, Calendar([-1, 0, ages // 2], [1, 0, 1])], 1: BLINK})
    (reason,) = sk.rcpsp.diagnose(late, fixed=fixed)
    assert (reason.code, sorted(reason.activities)) == ("fixed_clash", [0, 1])
    assert f"at {ages // 2}," in reason.detail


def test_claims_beyond_all_patience_are_refused() -> None:
    primes = (1009, 1013, 1019, 1021, 1031)
    demand = [[int(r == i) for r in range(5)] + [1] for i in range(5)]
    ages = 2**45
    calendars = {r: Calendar([0, 1], [1, 0], period=prime) for r, prime in enumerate(primes)}
    project = Project([ages // 4] * 5, demand, [1] * 5 + [4], pausable=[True] * 5, calendars=calendars)
    claim = {"start_time": [0] * 5, "completion_time": [ages] * 5}
    with pytest.raises(sk.InvalidInputError, match="calendar steps"):
        sk.check(project, claim)
    (error,) = sk.rcpsp.ramp.judge(project, claim)
    assert error.kind == "parse_error"


def test_a_planned_end_that_never_comes_must_be_given() -> None:
    project = Project([2, 2], [[1], [1]], [1], pausable=[True, False], calendars={0: Calendar([0, 3], [1, 0])})
    with pytest.raises(sk.InvalidInputError, match=r"fixed\[0\]: never completes if it starts at 2"):
        sk.rcpsp.solve(project, fixed={0: (2, None)})
    r = sk.rcpsp.solve(project, fixed={0: (2, 9)})
    assert r.schedule is not None
    assert sk.check(project, r.schedule, fixed={0: (2, 9)}) == []


def test_endless_calendars_do_not_hang() -> None:
    with pytest.raises(sk.InfeasibleError):
        sk.rcpsp.serial_sgs(Project([2], [[1]], [1], calendars={0: BLINK}))
    far = Project([1], [[1]], [1], calendars={0: BLINK}, release_time=[2**50 + 1])
    assert sk.rcpsp.serial_sgs(far).start_time.tolist() == [2**50 + 2]
    long = Project([2**40], [[1]], [1], calendars={0: BLINK}, pausable=[True])
    assert sk.rcpsp.critical_path(long).length == 2**41 - 1
    with pytest.raises(sk.InfeasibleError, match="within a million openings"):
        sk.rcpsp.serial_sgs(long)
