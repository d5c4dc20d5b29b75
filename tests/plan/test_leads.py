"""Leads in working time: dates counted by hand, and what is refused."""

from __future__ import annotations

import pytest
import schedkit as sk

from .solving import plan, rows, solved


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
