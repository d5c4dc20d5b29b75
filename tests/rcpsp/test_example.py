"""The example that ships with the package."""

from __future__ import annotations

import numpy as np
import pytest
import schedkit as sk


def test_both_files_hold_the_same_project() -> None:
    named, plain = (sk.rcpsp.read(sk.example_path(f"migration.{suffix}")) for suffix in ("json", "sm"))
    for column in ("duration", "demand", "capacity"):
        np.testing.assert_array_equal(getattr(named, column), getattr(plain, column))
    assert sorted(map(tuple, named.precedence.tolist())) == sorted(map(tuple, plain.precedence.tolist()))
    assert named.names is not None
    assert named.resource_names == ("network engineers", "storage engineers", "movers", "change windows")
    assert plain.names is None


def test_other_tools_find_their_source_and_sink() -> None:
    project = sk.rcpsp.read(sk.example_path("migration.sm"))
    last = project.num_activities - 1
    assert project.duration[0] == project.duration[last] == 0
    before, after = project.precedence.T
    assert sorted({*range(last + 1)} - set(after.tolist())) == [0]
    assert sorted({*range(last + 1)} - set(before.tolist())) == [last]


def test_resources_decide_the_example() -> None:
    project = sk.rcpsp.read(sk.example_path("migration.json"))
    makespans = []
    for rule in sk.rcpsp.RULES:
        for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
            schedule = scheme(project, rule)
            assert sk.check(project, schedule) == []
            makespans += [schedule.makespan, sk.rcpsp.justify(project, schedule).makespan]
    assert min(makespans) > 1.1 * sk.rcpsp.critical_path(project).length
    assert len(set(makespans)) > 10  # the rules have something to say


def test_an_unknown_example_is_refused_with_the_known_ones() -> None:
    with pytest.raises(sk.InvalidInputError, match=r"migration\.json, migration\.sm") as error:
        sk.example_path("nothing.sm")
    assert error.value.field == "name"
    assert error.value.value == "nothing.sm"


def test_the_plan_in_dates_is_the_same_project() -> None:
    project, plan = sk.rcpsp.read(sk.example_path("migration.json")), sk.plan.read(sk.example_path("migration.csv"))
    assert project.names == tuple(activity.name for activity in plan.activities)
    assert project.duration.tolist() == [activity.duration.total_seconds() / 3600 for activity in plan.activities]
    assert project.resource_names == tuple(resource.name for resource in plan.resources)
    assert project.capacity.tolist() == [resource.capacity for resource in plan.resources]
    demand = [[activity.resources.get(name, 0) for name in project.resource_names] for activity in plan.activities]
    assert project.demand.tolist() == demand
    position = {activity.name: k for k, activity in enumerate(plan.activities)}
    links = [(position[link.name], k) for k, activity in enumerate(plan.activities) for link in activity.predecessors]
    assert sorted(map(tuple, project.precedence.tolist())) == sorted(links)


def test_the_plan_in_dates_shows_what_plans_can_do() -> None:
    """Its schedule is optimal and passes the check, something is late, most resources have hours or outages of their own."""
    plan = sk.plan.read(sk.example_path("migration.csv"))
    r = plan.solve(max_schedules=1000)
    assert sk.check(plan, r) == []
    assert r.status == "optimal"
    assert any(row["late"] for row in r.table())
    assert all(resource.calendar or resource.outages or resource.name == "network engineers" for resource in plan.resources)
