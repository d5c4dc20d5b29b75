"""Leads in working time: dates counted by hand, and what is refused."""

from __future__ import annotations

import itertools
import os
import random

import pytest
import schedkit as sk
from schedkit.plan import conflict, model
from schedkit.plan._refusal import Refusal

from . import infeasible, start_indexed
from .solving import plan, rows, solved

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "18")) // 2
HOURS = 24 * 28


@pytest.mark.parametrize(
    ("predecessors", "message"),
    [
        (
            "a FS-3h",
            r"activities\[1\].predecessors = 'a FS-3h' \(activity 'b'\): the lead of this FS link cannot be",
        ),
        ("a SF-1h", "a lead in working time behind a milestone"),
        ("a FF-1h", "a lead in working time behind a milestone"),
    ],
)
def test_long_leads_in_working_time_behind_milestones_are_refused(predecessors: str, message: str) -> None:
    found = plan({"name": "a", "duration": 0}, {"name": "b", "duration": 1, "predecessors": predecessors})
    with pytest.raises(sk.InvalidInputError, match=message):
        found.solve()


def test_leads_in_working_time_reach_back_over_nights_and_to_the_start() -> None:
    work = {"name": "a", "duration": "3d"}  # Monday to Wednesday
    for lead, start in (
        ("1d", "Wed 25 08:00"),
        ("2d", "Tue 24 08:00"),
        ("12h", "Tue 24 13:00"),
        ("3d", "Mon 23 08:00"),
        ("9d", "Mon 23 08:00"),
    ):
        found = plan(work, {"name": "b", "duration": "5d", "predecessors": f"a FS-{lead}"})
        assert rows(solved(found))[1][1] == start
        ends = plan(work, {"name": "b", "duration": "1d", "predecessors": f"a FF-{lead}"})
        assert solved(ends).status == "optimal"
    always = [{"name": "b", "duration": 1, "calendar": "always", "predecessors": "a FS-1d"}]
    assert rows(solved(plan(work, *always)))[1][1] == "Tue 24 17:00"  # from there no more than 8 hours remain
    starts = plan(
        work, {"name": "c", "duration": "2d", "predecessors": "a"}, {"name": "b", "duration": 1, "predecessors": "c SS-6h"}
    )
    assert rows(solved(starts))[2][1] == "Wed 25 10:00"


def test_deadlines_before_the_start_are_named_beside_leads() -> None:
    work = {"name": "a", "duration": "3d", "deadline": "2026-03-20"}
    r = solved(plan(work, {"name": "b", "duration": 1, "predecessors": "a FS-2d"}))
    assert r.status == "infeasible"
    assert "the deadline 2026-03-21 00:00 of 'a' is before the plan starts" in r.reasons[0].detail


@pytest.mark.parametrize("lead", ["FS-1h", "SS-1h", "FF-1h", "SF-1h", "FS-1eh"])
def test_explanations_with_leads_are_those_without(lead: str) -> None:
    """Neither c nor d fits into the four hours before or behind the break, whatever b waits for; overtime is as without b."""
    found = plan(
        {"name": "a", "duration": "3d"},
        {"name": "b", "duration": "2h", "predecessors": f"a {lead}"},
        {"name": "c", "duration": "6h", "pausable": False},
        {"name": "d", "duration": "5h", "pausable": False},
    )
    reasons = found.explain(max_schedules=5000)
    assert [(reason.activities, reason.irreducible) for reason in reasons] == [(("c",), True), (("d",), True)]
    kinds = [[(relaxation.kind, relaxation.resolves) for relaxation in reason.relaxations] for reason in reasons]
    assert kinds == [
        [("pausable", "rest"), ("overtime", "all"), ("duration", "rest")],
        [("pausable", "rest"), ("overtime", "rest"), ("duration", "rest")],
    ]
    first = [reason.relaxations[0] for reason in reasons]
    assert first[1].apply(first[0].apply(found)).solve(max_schedules=500).status == "optimal"


def test_no_help_leads_to_a_plan_that_is_refused() -> None:
    """Without the work of a its lead of 3 hours before b, of 2 hours, would be one behind a milestone."""
    for deadline, kinds in (("08", ["deadline"]), ("12", ["deadline", "duration"])):
        work = {"name": "a", "duration": "8h", "deadline": f"2026-03-23 {deadline}:00"}
        found = plan(work, {"name": "b", "duration": "2h", "predecessors": "a FS-3h"})
        (reason,) = found.explain(max_schedules=5000)
        assert [relaxation.kind for relaxation in reason.relaxations] == kinds
        for relaxation in reason.relaxations:
            assert relaxation.apply(found).solve(max_schedules=500).status == "optimal"


def _with_leads(seed: int) -> sk.plan.Plan | None:
    """A random plan without a schedule in which half of the links have leads; None if it is refused or has a schedule."""
    draw, without = random.Random(seed), infeasible.plan(seed, 3, 8)
    keys = {key: value for key, value in without.to_dict().items() if key not in ("schedkit", "schema_version")}
    count = 0
    for activity in keys["activities"]:
        links = activity.get("predecessors", [])
        for k, link in enumerate(links):
            if " " not in link and draw.random() < 0.6:
                links[k] = f"{link} FS-{draw.randint(1, 5)}h"
                count += 1
        activity["predecessors"] = links
    found = sk.plan.Plan(**keys)
    try:
        model.model(found)
    except Refusal:
        return None
    return found if count and found.solve(max_schedules=2000).status == "infeasible" else None


def test_conflicts_with_leads_are_irreducible() -> None:
    """A model that shares no code with the library judges each conflict, and each without one of its parts."""
    candidates = (_with_leads(seed) for seed in range(100 * INSTANCES))
    plans = list(itertools.islice((found for found in candidates if found is not None), INSTANCES))
    assert len(plans) == INSTANCES
    for found in plans:
        reasons = found.explain(max_schedules=20_000)
        assert reasons
        for reason in reasons:
            assert reason.irreducible
            assert {part.text for part in reason.conflict} <= {part.text for part in conflict.parts_of(found)}
            assert not start_indexed.feasible(found, HOURS, reason.conflict)
            for part in reason.conflict:
                assert start_indexed.feasible(found, HOURS, [other for other in reason.conflict if other != part]), part
            for relaxation in reason.relaxations:
                alone = relaxation.apply(found).solve(max_schedules=20_000)
                assert (relaxation.resolves == "all") == (alone.end is not None), relaxation.text
