"""The fast code against slow, obvious code on random small projects."""

from __future__ import annotations

import random

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rcpsp import oracles
from tests.rcpsp.oracles import Plain
from tests.rcpsp.strategies import CAPACITIES, DURATIONS, priorities, projects

KERNELS = [(durations, capacities) for durations in DURATIONS for capacities in CAPACITIES]


@given(projects())
def test_critical_path(project: sk.rcpsp.Project) -> None:
    times, expected = sk.rcpsp.critical_path(project), oracles.critical_path(Plain.of(project))
    for name, column in expected.items():
        assert getattr(times, name).tolist() == column
    assert times.length == max(expected["latest_finish"], default=0)


@pytest.mark.parametrize("rule", [rule for rule in sk.rcpsp.RULES if rule != "random"])
@given(data=st.data())
@settings(max_examples=40)
def test_priority_rules(rule: str, data: st.DataObject) -> None:
    project = data.draw(projects())
    plain = Plain.of(project)
    values = oracles.rule(plain, rule)
    serial, parallel = sk.rcpsp.serial_sgs(project, rule), sk.rcpsp.parallel_sgs(project, rule)
    assert serial.start_time.tolist() == oracles.serial_sgs(plain, values)
    assert parallel.start_time.tolist() == oracles.parallel_sgs(plain, values)
    assert serial == sk.rcpsp.serial_sgs(project, values)
    assert parallel == sk.rcpsp.parallel_sgs(project, values)


@pytest.mark.parametrize(("durations", "capacities"), KERNELS)
@given(data=st.data())
@settings(max_examples=60)
def test_schedule_generation_and_justification(durations: str, capacities: str, data: st.DataObject) -> None:
    """Every combination of time scale and capacity size, because each may have its own kernel."""
    project = data.draw(projects(durations=durations, capacities=capacities))
    priority = data.draw(priorities(project.num_activities))
    plain = Plain.of(project)
    serial, parallel = sk.rcpsp.serial_sgs(project, priority), sk.rcpsp.parallel_sgs(project, priority)
    assert serial.start_time.tolist() == oracles.serial_sgs(plain, priority)
    assert parallel.start_time.tolist() == oracles.parallel_sgs(plain, priority)
    for schedule in (serial, parallel):
        better = sk.rcpsp.justify(project, schedule)
        assert better.start_time.tolist() == oracles.justify(plain, schedule.start_time.tolist())
        assert better.makespan <= schedule.makespan
        assert sk.check(project, schedule) == sk.check(project, better) == []
        assert schedule.makespan == oracles.makespan(plain, schedule.start_time.tolist())


@given(project=projects(most=5, durations="short"), data=st.data())
def test_the_checker_knows_feasible_from_infeasible(project: sk.rcpsp.Project, data: st.DataObject) -> None:
    n = project.num_activities
    start = data.draw(st.lists(st.integers(-1, 12), min_size=n, max_size=n))
    found = sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start))
    assert (found == []) == oracles.feasible(Plain.of(project), start)


@pytest.mark.parametrize("seed", range(15))
def test_larger_projects(seed: int) -> None:
    """More activities than a machine word has bits, more predecessors than fit a row, any mean duration."""
    rng = np.random.default_rng(seed)
    n, width = int(rng.integers(20, 100)), int(rng.integers(1, 6))
    edges = np.argwhere(np.triu(rng.random((n, n)) < rng.choice([0.01, 0.05, 0.2]), 1))
    capacity = rng.integers(1, rng.choice([5, 300]), width)
    project = sk.rcpsp.Project(
        rng.integers(0, rng.choice([3, 12, 50, 90]), n),
        rng.integers(0, capacity + 1, (n, width)) * (rng.random((n, width)) < 0.5),
        capacity,
        precedence=rng.permutation(n)[edges],
    )
    plain = Plain.of(project)
    for priority in (rng.integers(0, n, n), rng.permutation(n), rng.normal(size=n)):
        for scheme, oracle in ((sk.rcpsp.serial_sgs, oracles.serial_sgs), (sk.rcpsp.parallel_sgs, oracles.parallel_sgs)):
            schedule = scheme(project, priority)
            assert schedule.start_time.tolist() == oracle(plain, priority.tolist())
            better = sk.rcpsp.justify(project, schedule)
            assert better.start_time.tolist() == oracles.justify(plain, schedule.start_time.tolist())
            assert sk.check(project, schedule) == sk.check(project, better) == []


@pytest.mark.parametrize("n", [63, 64, 65, 4095, 4096, 4097, 10_000])
def test_many_eligible_activities_are_taken_in_order(n: int) -> None:
    """One machine and no precedence: the schedule is the sorted priority."""
    project = sk.rcpsp.Project([1] * n, [[1]] * n, [1])
    rng = np.random.default_rng(n)
    for priority in (rng.normal(size=n), rng.integers(0, 50, n), rng.permutation(n)):
        expected = np.empty(n, dtype=np.int64)
        expected[np.argsort(priority, kind="stable")] = np.arange(n)
        assert (sk.rcpsp.serial_sgs(project, priority).start_time == expected).all()
        assert (sk.rcpsp.parallel_sgs(project, priority).start_time == expected).all()


@given(projects(most=6, durations="short"))
@settings(max_examples=30)
def test_brute_force_over_all_activity_lists(project: sk.rcpsp.Project) -> None:
    """Every list gives the oracle's schedule, and the best list the optimum found without any schedule generation."""
    plain = Plain.of(project)
    rows = np.array([oracles.ranks(order) for order in oracles.activity_lists(plain)], dtype=np.int64)
    batch = sk.rcpsp.serial_sgs_many(project, rows, starts=True)
    assert batch.start_time is not None
    assert len(rows) == len(batch.makespan) >= 1
    for ranks, start, makespan in zip(rows, batch.start_time.tolist(), batch.makespan.tolist(), strict=True):
        assert start == oracles.serial_sgs(plain, ranks.tolist())
        assert makespan == oracles.makespan(plain, start)
        assert (
            sk.check(project, {"start_time": start, "completion_time": np.add(start, project.duration), "makespan": makespan})
            == []
        )
    best = oracles.optimum(plain)
    assert batch.makespan.min() == best
    assert sk.rcpsp.critical_path(project).length <= sk.rcpsp.lower_bound(project) <= best


@given(project=projects(), threads=st.sampled_from([1, 2, 3]), seed=st.integers(0, 2**32))
def test_batches_equal_single_calls(project: sk.rcpsp.Project, threads: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = project.num_activities
    ties = rng.integers(-2, 3, (5, n))
    permutations = rng.permuted(np.tile(np.arange(n), (5, 1)), axis=1)
    # Rows of every kind in one batch: what one row leaves behind must not reach the next.
    integers = np.concatenate((ties, permutations, ties * 2**40)).astype(np.int64)
    floats = np.concatenate((rng.normal(size=(5, n)), ties / 3, permutations.astype(np.float64), -np.abs(ties) * 0.0))
    for rows in (integers, floats):
        expected = [sk.rcpsp.serial_sgs(project, row) for row in rows]
        for starts in (False, True):
            batch = sk.rcpsp.serial_sgs_many(project, rows, threads=threads, starts=starts)
            assert batch.makespan.tolist() == [schedule.makespan for schedule in expected]
            assert (batch.start_time is not None) == starts
            if batch.start_time is not None:
                assert batch.start_time.tolist() == [schedule.start_time.tolist() for schedule in expected]


@given(project=projects(), factor=st.sampled_from([2, 7, 1000, 10**6]), seed=st.integers(0, 2**32))
def test_scaling_all_times_scales_the_schedule(project: sk.rcpsp.Project, factor: int, seed: int) -> None:
    scaled = sk.rcpsp.Project(project.duration * factor, project.demand, project.capacity, precedence=project.precedence)
    priority = random.Random(seed).choices(range(4), k=project.num_activities)
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        before, after = scheme(project, priority), scheme(scaled, priority)
        assert (before.start_time * factor).tolist() == after.start_time.tolist()
        better = sk.rcpsp.justify(project, before).start_time * factor
        assert better.tolist() == sk.rcpsp.justify(scaled, after).start_time.tolist()
    assert sk.rcpsp.critical_path(scaled).length == factor * sk.rcpsp.critical_path(project).length


@given(project=projects(), seed=st.integers(0, 2**32))
def test_nearly_common_divisors_choose_another_kernel_but_not_another_schedule(project: sk.rcpsp.Project, seed: int) -> None:
    """One lonely activity with an odd duration takes the common divisor away; the others keep their times."""
    n, width = project.num_activities, project.num_resources
    duration = np.append(project.duration * 1000, 1)
    demand = np.vstack((project.demand, np.zeros((1, width), dtype=np.int64)))
    mixed = sk.rcpsp.Project(duration, demand, project.capacity, precedence=project.precedence)
    priority = random.Random(seed).choices(range(4), k=n)
    before = sk.rcpsp.serial_sgs(project, priority)
    after = sk.rcpsp.serial_sgs(mixed, [*priority, 9])
    assert (before.start_time * 1000).tolist() == after.start_time.tolist()[:n]


@given(project=projects(), data=st.data())
def test_relabelling_activities_relabels_the_schedule(project: sk.rcpsp.Project, data: st.DataObject) -> None:
    n = project.num_activities
    new = np.array(data.draw(st.permutations(range(n))), dtype=np.int64)  # activity i becomes new[i]
    old = np.argsort(new)
    relabelled = sk.rcpsp.Project(
        project.duration[old], project.demand[old], project.capacity, precedence=new[project.precedence] if n else None
    )
    priority = np.array(data.draw(st.permutations(range(n))), dtype=np.int64)  # no ties: those go by index
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        expected = scheme(project, priority).start_time[old]
        assert scheme(relabelled, priority[old]).start_time.tolist() == expected.tolist()


@given(project=projects(), data=st.data())
def test_the_order_of_resources_and_edges_does_not_matter(project: sk.rcpsp.Project, data: st.DataObject) -> None:
    resources = data.draw(st.permutations(range(project.num_resources)))
    edges = data.draw(st.permutations(project.precedence.tolist()))
    other = sk.rcpsp.Project(project.duration, project.demand[:, resources], project.capacity[resources], precedence=edges)
    for rule in ("lft", "mts", "grpw"):
        expected = sk.rcpsp.serial_sgs(project, rule)
        assert sk.rcpsp.serial_sgs(other, rule).start_time.tolist() == expected.start_time.tolist()
        better = sk.rcpsp.justify(project, expected).start_time.tolist()
        assert sk.rcpsp.justify(other, sk.rcpsp.serial_sgs(other, rule)).start_time.tolist() == better
    assert sk.rcpsp.lower_bound(other) == sk.rcpsp.lower_bound(project)


@given(projects(), st.integers(0, 2**64 - 1))
def test_random_rule_is_a_permutation_that_the_seed_decides(project: sk.rcpsp.Project, seed: int) -> None:
    first = sk.rcpsp.serial_sgs(project, "random", seed=seed)
    assert first == sk.rcpsp.serial_sgs(project, "random", seed=seed)
    assert sk.check(project, first) == []


def test_random_rule_reaches_many_schedules() -> None:
    project = sk.rcpsp.Project([1, 2, 3, 4], [[1]] * 4, [1])
    seen = {tuple(sk.rcpsp.serial_sgs(project, "random", seed=seed).start_time.tolist()) for seed in range(400)}
    assert len(seen) == 24
