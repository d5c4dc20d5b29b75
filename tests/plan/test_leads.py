"""Leads in working time: dates counted by hand, and what is refused."""

from __future__ import annotations

import itertools
import os
import random
from datetime import timedelta

import pytest
import schedkit as sk
from schedkit.plan import conflict_parts

from . import infeasible, start_indexed
from .solving import plan, rows, solved

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "18")) // 2
HOURS = 24 * 28


@pytest.mark.parametrize(
    ("link", "start", "end"),
    [
        ("FS-3h", "Tue 24 14:00", "Tue 24 15:00"),
        ("SS-9h", "Mon 23 16:00", "Mon 23 17:00"),
        ("FF-1h", "Tue 24 15:00", "Tue 24 16:00"),
        ("SF-10h", "Mon 23 14:00", "Mon 23 15:00"),
        ("FS-9d", "Mon 23 08:00", "Mon 23 09:00"),
    ],
)
def test_leads_in_working_time_behind_milestones(link: str, start: str, end: str) -> None:
    """The milestone a is on Wednesday at 01:00; three working hours before it are those from Tuesday 14:00 on."""
    found = plan(
        {"name": "a", "duration": 0, "release": "2026-03-25 01:00"}, {"name": "b", "duration": 1, "predecessors": f"a {link}"}
    )
    r = solved(found)
    assert (r.status, f"{r.end:%a %d %H:%M}") == ("optimal", "Wed 25 01:00")
    assert rows(r)[1] == ("b", start, end)
    assert r.slack()[0]["slack"] == timedelta(0)
    (later,) = (row for row in r.slack() if row["name"] == "b")
    assert f"{later['latest_end']:%a %d %H:%M}" == "Tue 24 17:00"


def test_leads_in_working_time_behind_work_in_other_hours() -> None:
    """a works from Monday 20:00 to Tuesday 04:00; from Monday 15:00 no more than two working hours remain until then."""
    night = {"name": "night", "weekly": {"mon-fri": "20:00-04:00"}}
    work = {"name": "a", "duration": "8h", "calendar": "night"}
    found = plan(work, {"name": "b", "duration": "5h", "predecessors": "a FS-2h"}, calendars=[night])
    r = solved(found)
    assert rows(r) == [("a", "Mon 23 20:00", "Tue 24 04:00"), ("b", "Mon 23 15:00", "Tue 24 11:00")]
    assert (r.status, r.critical) == ("optimal", ["a", "b"])


@pytest.mark.parametrize("objective", ["makespan", "total_tardiness", "num_tardy"])
def test_nothing_starts_so_late_that_the_plan_ends_later_with_leads(objective: str) -> None:
    """The milestone ends the plan on Wednesday at 01:00; b may end on Tuesday at 17:00."""
    found = plan(
        {"name": "a", "duration": 0, "release": "2026-03-25 01:00"},
        {"name": "b", "duration": 1, "predecessors": "a FS-3h"},
        {"name": "c", "duration": 1, "due": "2026-04-25"},
    )
    r = solved(found, objective=objective, late=True)
    assert rows(r) == [
        ("a", "Wed 25 01:00", "Wed 25 01:00"),
        ("b", "Tue 24 16:00", "Tue 24 17:00"),
        ("c", "Tue 24 16:00", "Tue 24 17:00"),
    ]


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


def test_help_is_found_where_work_with_a_lead_behind_it_becomes_a_milestone() -> None:
    """Without the work of a its lead of 3 hours before b, of 2 hours, is one behind a milestone."""
    for deadline, kinds in (("08", ["deadline", "duration"]), ("12", ["deadline", "duration"])):
        work = {"name": "a", "duration": "8h", "deadline": f"2026-03-23 {deadline}:00"}
        found = plan(work, {"name": "b", "duration": "2h", "predecessors": "a FS-3h"})
        (reason,) = found.explain(max_schedules=5000)
        assert [relaxation.kind for relaxation in reason.relaxations] == kinds
        for relaxation in reason.relaxations:
            assert relaxation.apply(found).solve(max_schedules=500).status == "optimal"


def _with_leads(seed: int) -> sk.plan.Plan | None:
    """A random plan without a schedule in which half of the links have leads; None if it has a schedule or no lead."""
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
            assert {part.text for part in reason.conflict} <= {part.text for part in conflict_parts.parts_of(found)}
            assert not start_indexed.feasible(found, HOURS, reason.conflict)
            for part in reason.conflict:
                assert start_indexed.feasible(found, HOURS, [other for other in reason.conflict if other != part]), part
            for relaxation in reason.relaxations:
                alone = relaxation.apply(found).solve(max_schedules=20_000)
                assert (relaxation.resolves == "all") == (alone.end is not None), relaxation.text


@pytest.mark.parametrize(("link", "start"), [("FS-1h", "Sat 28 11:00"), ("SS-2h", "Sat 28 11:00"), ("FS-30eh", "Sat 28 11:00")])
@pytest.mark.parametrize("calendar", [None, "always"])
def test_leads_behind_what_happened_before_the_calendar_opens(link: str, start: str, calendar: str | None) -> None:
    """m was on Saturday at 10:00, no working hour lies between Friday evening and then, so c need not wait until Monday."""
    found = plan(
        {"name": "m", "duration": 0, "actual_start": "2026-03-28 10:00", "actual_end": "2026-03-28 10:00"},
        {"name": "c", "duration": 0, "predecessors": f"m {link}"},
        {"name": "d", "duration": "1h", "calendar": "always", "predecessors": f"m {link.replace('S-', 'F-')}"},
        {
            "name": "e",
            "duration": "3h",
            "calendar": calendar,
            "predecessors": f"m {link}; m {link.replace('S-', 'F-')}",
            "actual_start": "2026-03-28 10:30",
            "remaining": "2h",
        },
        start="2026-03-28 09:00",
        now="2026-03-28 11:00",
    )
    r = solved(found)
    assert [row[1] for row in rows(r)[1:3]] == [start, start]
    assert rows(r)[3][2] == ("Mon 30 10:00" if calendar is None else "Sat 28 13:00")
