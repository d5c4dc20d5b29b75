"""Explanations of plans without a schedule: reasons and relaxations counted by hand. 2026-03-23 is a Monday."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import schedkit as sk
from hypothesis import given, settings
from schedkit.plan import conflict, conflict_parts
from schedkit.plan.variants import PlanVariant

from . import infeasible
from .solving import CREW, plan
from .strategies import keys

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def explained(found: sk.plan.Plan, **options: Any) -> list[sk.plan.PlanReason]:
    """The reasons; each relaxation that resolves all leads to a schedule that passes the check."""
    reasons = found.explain(**{"max_schedules": 5000, **options})
    for reason in reasons:
        assert reason.help == tuple(relaxation.text for relaxation in reason.relaxations)
        for relaxation in reason.relaxations:
            if relaxation.resolves == "all":
                changed = relaxation.apply(found)
                r = changed.solve(max_schedules=500)
                assert r.end is not None
                assert sk.check(changed, r) == []
        assert pickle.loads(pickle.dumps(reason)) == reason
        json.dumps(reason.to_dict(), allow_nan=False)
    return reasons


def parts(reason: sk.plan.PlanReason) -> set[tuple[str, str]]:
    return {(part.kind, part.name) for part in reason.conflict}


def changes(reason: sk.plan.PlanReason) -> dict[tuple[str, str], Any]:
    return {(relaxation.kind, relaxation.name): relaxation.value for relaxation in reason.relaxations}


def test_nothing_speaks_against_a_schedule() -> None:
    assert explained(plan()) == []
    assert explained(plan({"name": "dig", "duration": "2d", "deadline": "2026-03-24"})) == []


def test_a_chain_that_is_too_long() -> None:
    """Dig and pour take Monday and Tuesday; a day of work passes; strip ends on Thursday, a day after its deadline."""
    (reason,) = explained(
        plan(
            {"name": "dig", "duration": "1d"},
            {"name": "pour", "duration": "1d", "predecessors": "dig"},
            {"name": "strip", "duration": "1d", "predecessors": "pour FS+1d", "deadline": "2026-03-25"},
            {"name": "other", "duration": "2d", "deadline": "2026-03-25"},
        )
    )
    assert (reason.code, reason.activities, reason.irreducible) == ("deadline_missed", ("dig", "pour", "strip"), True)
    late = "'strip' ends at 2026-03-26 17:00 at the earliest, 17 hours after its deadline 2026-03-26 00:00"
    assert reason.detail == f"{late}, along 'dig' -> 'pour' -> 'strip' alone"
    work = {("work", name) for name in ("dig", "pour", "strip")}
    assert parts(reason) == {*work, ("link", "pour"), ("link", "strip"), ("deadline", "strip"), ("hours", "standard")}
    found = changes(reason)
    assert found["deadline", "strip"] == datetime(2026, 3, 26, 17, tzinfo=BERLIN)
    assert found["duration", "dig"] == timedelta(0)  # work of eight hours is what is too much
    # 24 working hours and a lag of 8 until the end of Wednesday: three days of 11 hours
    assert found["overtime", "standard"] == 3 * HOUR
    assert reason.relaxations[0].least
    assert reason.help[0] == "move the deadline of 'strip' to 2026-03-26 17:00, 17 hours later; no earlier one would do"


def test_an_earliest_end_says_what_it_counts() -> None:
    """Strip alone ends on Monday 17:00, behind dig and pour on Wednesday; with a release after the deadline a date decides."""
    late = {"deadline": "2026-03-23 12:00"}
    chain = [{"name": "dig", "duration": "1d"}, {"name": "pour", "duration": "1d", "predecessors": "dig"}]
    found = plan(*chain, {"name": "strip", "duration": "1d", "predecessors": "pour", **late})
    (reason,) = explained(found)
    after = "5 hours after its deadline 2026-03-23 12:00"
    assert reason.detail == f"by its own work alone 'strip' ends at 2026-03-23 17:00 at the earliest, {after}"
    assert found.solve(max_schedules=500).reasons[0].detail == reason.detail
    assert changes(reason)["deadline", "strip"] == datetime(2026, 3, 25, 17, tzinfo=BERLIN)
    milestone = {"name": "done", "duration": 0, "predecessors": "pour", "release": "2026-03-23 17:00", **late}
    assert explained(plan(*chain, milestone))[0].detail == (
        f"by its own dates alone 'done' ends at 2026-03-23 17:00 at the earliest, {after}"
    )


def test_resources_that_are_short() -> None:
    """Three days of work for one crew until Tuesday: a second crew does, or Wednesday for one of the three."""
    three = [{"name": name, "duration": "1d", "resources": "crew", "deadline": "2026-03-24"} for name in "abc"]
    (reason,) = explained(plan(*three, {"name": "other", "duration": "9d"}, resources=[CREW]))
    assert reason.detail == "'crew' is 8 working hours too short for 'a', 'b', 'c' before 2026-03-25 00:00"
    assert (reason.code, reason.resources, reason.amount) == ("too_much_work", ("crew",), 8 * HOUR)
    deadlines = {("deadline", name) for name in "abc"}
    assert parts(reason) == deadlines | {("work", name) for name in "abc"} | {("capacity", "crew"), ("hours", "standard")}
    found = changes(reason)
    assert {found[deadline] for deadline in deadlines} == {datetime(2026, 3, 25, 17, tzinfo=BERLIN)}
    assert found["capacity", "crew"] == 2
    assert found["overtime", "standard"] == 4 * HOUR
    assert "have 2 units of 'crew' instead of 1; fewer would not do" in reason.help


def test_parts_that_only_collide_together() -> None:
    """Each pair of them goes together: the lift cannot start before Tuesday, when the crane is away until noon."""
    crane = {"name": "crane", "outages": [{"from": "2026-03-24", "to": "2026-03-24 12:00"}]}
    (reason,) = explained(
        plan(
            {"name": "lift", "duration": "6h", "resources": "crane", "release": "2026-03-24", "deadline": "2026-03-24"},
            resources=[crane],
        )
    )
    kinds = {kind for kind, _ in parts(reason)}
    assert kinds == {"release", "deadline", "outage", "work", "hours"}
    found = changes(reason)
    assert found["deadline", "lift"] == datetime(2026, 3, 25, 10, tzinfo=BERLIN)  # four hours on Tuesday, two on Wednesday
    assert found["release", "lift"] == datetime(2026, 3, 23, 15, tzinfo=BERLIN)  # two hours on Monday
    assert found["duration", "lift"] == 4 * HOUR
    assert found["overtime", "standard"] == 2 * HOUR
    assert "do without the outage of 'crane' from 2026-03-24 00:00 to 2026-03-24 12:00" in reason.help


def test_work_that_never_fits() -> None:
    """Five hours in one stretch do not fit into four: a longer day, a pause or less work helps."""
    (reason,) = explained(plan({"name": "cut", "duration": "5h", "pausable": False}))
    assert parts(reason) == {("work", "cut"), ("hours", "standard")}
    assert changes(reason) == {
        ("pausable", "cut"): True,
        ("duration", "cut"): 4 * HOUR,
        ("overtime", "standard"): HOUR,
    }


def test_calendars_that_close_for_good() -> None:
    """Two hours on Monday are all that is open; two crews would do, or a lag less."""
    once = {"name": "once", "exceptions": {"2026-03-23": "8:00-10:00"}}
    options: dict[str, Any] = {"calendar": "once", "calendars": [once], "resources": [CREW]}
    pair = [{"name": "a", "duration": "1h", "resources": "crew"}, {"name": "b", "duration": "2h", "resources": "crew"}]
    (reason,) = explained(plan(*pair, **options))
    assert changes(reason)["capacity", "crew"] == 2
    assert changes(reason)["overtime", "once"] == HOUR
    never = [{"name": "a", "duration": "1h"}, {"name": "b", "duration": "1h", "calendar": "always", "predecessors": "a FS+4h"}]
    (reason,) = explained(plan(*never, **options))
    assert "the lag of 4 working hours behind 'a' never passes" in reason.detail
    assert ("link", "b") in parts(reason)


def test_several_reasons_have_helps_of_their_own() -> None:
    """Two crews are both late; each reason is resolved by its own deadline, and both together give a schedule."""
    found = plan(
        {"name": "dig", "duration": "2d", "deadline": "2026-03-23"},
        {"name": "paint", "duration": "3d", "deadline": "2026-03-23"},
    )
    reasons = explained(found)
    assert [reason.activities for reason in reasons] == [("dig",), ("paint",)] or len(reasons) == 2
    assert {relaxation.resolves for reason in reasons for relaxation in reason.relaxations} <= {"rest", "all"}
    first = [reason.relaxations[0] for reason in reasons]
    assert [relaxation.resolves for relaxation in first] == ["rest", "rest"]
    assert first[0].apply(found).solve().status == "infeasible"
    assert first[1].apply(first[0].apply(found)).solve().status == "optimal"


def test_progress_counts() -> None:
    """Two days of work are left on Tuesday morning, so Wednesday evening is the earliest deadline; what is done is done."""
    found = plan(
        {"name": "dig", "duration": "1d", "deadline": "2026-03-20"},
        {"name": "pour", "duration": "3d", "deadline": "2026-03-24", "predecessors": "dig"},
    )
    news: dict[str, dict[str, Any]] = {
        "dig": {"actual_start": "2026-03-23 08:00", "actual_end": "2026-03-23 12:00"},
        "pour": {"actual_start": "2026-03-23 13:00", "remaining": "2d"},
    }
    (reason,) = explained(found.update(news, now="2026-03-24"))
    assert parts(reason) == {("work", "pour"), ("deadline", "pour"), ("hours", "standard")}
    assert changes(reason)["deadline", "pour"] == datetime(2026, 3, 25, 17, tzinfo=BERLIN)
    assert changes(reason)["duration", "pour"] == 8 * HOUR


def test_overtime_lies_on_the_tick_of_the_plan() -> None:
    """An hour more on each of two days would do, but only two hours lie on the tick."""
    options: dict[str, Any] = {
        "tick": "2h",
        "timezone": "UTC",
        "calendar": "day",
        "calendars": [{"name": "day", "weekly": {"mon-fri": "08:00-16:00"}}],
    }
    (reason,) = explained(plan({"name": "dig", "duration": "18h", "deadline": "2026-03-24"}, **options))
    assert changes(reason)["overtime", "day"] == 2 * HOUR


def test_what_is_not_proven_is_unknown() -> None:
    """No two of twelve pieces of five hours share a day of eight, and five of four hours need three more: 15 days, not 14."""
    work = [
        {"name": f"a{k}", "duration": f"{hours}h", "pausable": False, "resources": "crew"}
        for k, hours in enumerate([5] * 12 + [4] * 5 + [3] * 6)
    ]
    end = {"name": "end", "duration": 0, "predecessors": [str(a["name"]) for a in work], "deadline": "2026-04-05"}
    options: dict[str, Any] = {
        "calendar": "early",
        "calendars": [{"name": "early", "weekly": {"mon-sun": "06:00-14:00"}}],
        "resources": [CREW],
        "timezone": "UTC",
    }
    found = plan(*work, end, **options)
    (reason,) = explained(found, max_schedules=3)
    assert (reason.code, reason.activities, reason.conflict) == ("unknown", ("end",), ())
    assert "neither a schedule was found nor a proof that there is none" in reason.detail
    assert "that of 'end' by " in reason.detail
    assert [(relaxation.kind, relaxation.name, relaxation.least) for relaxation in reason.relaxations] == [
        ("deadline", "end", False)
    ]
    two = plan(*work, end, {**end, "name": "end2"}, **options)
    (reason,) = explained(two, max_schedules=3)
    assert (reason.code, reason.activities, reason.relaxations) == ("unknown", ("end", "end2"), ())
    assert explained(two, max_schedules=3)[0].to_dict()["help"] == []


def test_the_answer_depends_on_the_seed_alone() -> None:
    three = [{"name": name, "duration": "1d", "resources": "crew", "deadline": "2026-03-24"} for name in "abc"]
    found = plan(*three, resources=[CREW])
    assert found.explain(max_schedules=500, seed=3) == found.explain(max_schedules=500, seed=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_limit": -1}, "time_limit"),
        ({"max_schedules": -1}, "max_schedules"),
        ({"seed": -1}, "seed"),
        ({"threads": 0}, "threads"),
    ],
)
def test_limits_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError), match=message):
        plan({"name": "a", "duration": "5h", "pausable": False}).explain(**options)


def test_relaxations_of_plans_are_plans() -> None:
    """Names are kept, and the relaxed plan can be written and read."""
    found = plan({"name": "<a>; 'b'".replace(";", ","), "duration": "3d", "deadline": "2026-03-24"}, name="Shed")
    (reason,) = explained(found)
    for relaxation in reason.relaxations:
        changed = relaxation.apply(found)
        assert (
            sk.plan.Plan(
                **{key: value for key, value in changed.to_dict().items() if key not in ("schedkit", "schema_version")}
            )
            == changed
        )
        assert changed.name == "Shed"


@settings(max_examples=25)
@given(keys())
def test_explanations_of_all_plans(content: dict[str, Any]) -> None:
    """Random plans with outages, progress, ticks and time zones: there are reasons if and only if there is no schedule."""
    for activity in content["activities"]:
        activity["predecessors"] = [
            {"name": link["name"], "type": "FS", "lag": str(link["lag"]).replace("-", "+")} for link in activity["predecessors"]
        ]
    found = sk.plan.Plan(**content)
    r = found.solve(max_schedules=200)
    reasons = explained(found, max_schedules=200)
    assert (reasons == []) == (r.end is not None)
    for reason in reasons if r.status == "infeasible" else ():
        assert reason.conflict
        assert reason.irreducible
        assert reason.relaxations


def test_a_deadline_before_the_start_is_counted_to_the_end_of_the_work() -> None:
    """From Monday 08:00 twelve hours of work end on Tuesday at noon, two days and a half after the end of Saturday."""
    found = plan({"name": "dig", "duration": "12h", "deadline": "2026-03-21"})
    (reason,) = found.explain(max_schedules=100)
    words = "by its own work alone it ends at 2026-03-24 12:00, 2 calendar days 12 hours after that"
    assert reason.amount == timedelta(hours=60)
    assert reason.detail == f"the deadline 2026-03-22 00:00 of 'dig' is before the plan starts; {words}"


def test_less_is_judged_with_the_work_that_is_no_part_of_the_conflict() -> None:
    """`b` starts a day before both `x` and `y` are done; without its work it would start when they are done."""
    work: list[dict[str, Any]] = [{"name": name, "duration": "1d", "resources": "crew"} for name in ("x", "y")]
    work.append({"name": "b", "duration": "1d", "predecessors": "x FF; y FF"})
    work.append({"name": "c", "duration": "4h", "predecessors": "b SS", "deadline": "2026-03-24 11:00"})
    plan = sk.plan.Plan(start="2026-03-23", resources=[{"name": "crew"}], activities=work)
    (reason,) = plan.explain()
    assert reason.irreducible
    assert "'b' takes 8 working hours" in [part.text for part in reason.conflict]
    value = {(relaxed.kind, relaxed.name): relaxed.value for relaxed in reason.relaxations}
    hour = timedelta(hours=1)
    assert value["overtime", "standard"] == hour
    assert (value["duration", "x"], value["duration", "y"], value["duration", "c"]) == (7 * hour, 7 * hour, 3 * hour)
    assert all(relaxed.least for relaxed in reason.relaxations)


class _Answers:
    """Says that there is a schedule if `b` has no deadline, or if `a` has none while `b` takes time."""

    left = float("inf")

    def feasible(self, variant: PlanVariant) -> bool:
        known = {activity.name: activity for activity in variant.activities}
        a, b = known.get("a"), known.get("b")
        return b is None or b.deadline is None or (bool(b.duration) and (a is None or a.deadline is None))


def test_what_the_last_attempt_leaves_out_is_no_part_of_the_conflict() -> None:
    """The work of `b` is left out after the deadlines were tried; the deadline of `a` is superfluous then."""
    work = [{"name": name, "duration": "4h", "deadline": "2026-03-23 10:00"} for name in "ab"]
    found = sk.plan.Plan(start="2026-03-23", activities=work)
    answers: Any = _Answers()
    assert conflict.smallest(found, conflict_parts.parts_of(found), (), answers) == conflict.Conflict(
        (conflict_parts.ConflictPart("deadline", "b", None, "'b' ends by 2026-03-23 10:00"),), irreducible=True
    )


def test_changes_do_not_undo_each_other() -> None:
    work = {"name": "a", "duration": "1d", "resources": "r", "deadline": "2026-03-24", "release": "2026-03-24"}
    found = sk.plan.Plan(start="2026-03-23", resources=[{"name": "r"}], activities=[work])

    def change(kind: str, name: str, value: Any) -> sk.plan.Relaxation:
        return sk.plan.Relaxation(kind, name, value, True, "all", "")

    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (23, 24, 26, 27)]
    for kind, name, less, more in (
        ("deadline", "a", days[2], days[3]),
        ("release", "a", days[1], days[0]),
        ("capacity", "r", 2, 3),
        ("duration", "a", 4 * HOUR, 2 * HOUR),
    ):
        expected = change(kind, name, more).apply(found)
        assert expected != found
        assert change(kind, name, less).apply(expected) == expected
        assert change(kind, name, more).apply(change(kind, name, less).apply(found)) == expected


@pytest.mark.parametrize("seed", [*range(12), 17])
def test_first_changes_give_a_schedule_in_any_order(seed: int) -> None:
    found = infeasible.plan(seed, 3, 7, types=True)
    reasons = found.explain(max_schedules=2000)
    first = [reason.relaxations[0] for reason in reasons if reason.relaxations]
    for order in (first, first[::-1]):
        changed = found
        for relaxed in order:
            changed = relaxed.apply(changed)
        r = changed.solve(max_schedules=2000)
        assert r.end is not None or len(first) < len(reasons)
        assert r.end is None or sk.check(changed, r) == []


@pytest.mark.parametrize("link", ["a FF", "a SF+8h"])
def test_milestones_stay_in_one_piece(link: str) -> None:
    """m is on Monday at 17:00, when a is done or eight hours have passed since it started; b waits for its start."""
    work: list[dict[str, Any]] = [
        {"name": "a", "duration": "1d"},
        {"name": "m", "duration": 0, "predecessors": link},
        {"name": "b", "duration": "2h", "predecessors": "m SS", "deadline": "2026-03-23 12:00"},
    ]
    (reason,) = explained(plan(*work))
    assert reason.irreducible
    needed = {("work", "a")} if link == "a FF" else set()
    assert parts(reason) == needed | {("link", "m"), ("link", "b"), ("deadline", "b"), ("hours", "standard")}
    assert changes(reason)["deadline", "b"] == datetime(2026, 3, 24, 10, tzinfo=BERLIN)


@pytest.mark.parametrize("resources", ["", "day; night"])
def test_codes_are_for_programs_alone(resources: str) -> None:
    """Five hours without a pause never fit, and two crews never work at the same time."""
    crews = [{"name": "day"}, {"name": "night", "calendar": "night"}]
    night = {"name": "night", "weekly": {"mon-fri": "20:00-04:00"}}
    work = {"name": "cut", "duration": "5h", "pausable": False, "resources": resources}
    found = plan(work, resources=crews, calendars=[night])
    r = found.solve()
    assert [reason.code for reason in r.reasons] == ["no_common_time"]
    assert r.to_dict()["reasons"][0]["code"] == "no_common_time"
    texts = [repr(r), str(r), *map(repr, r.reasons), *map(repr, found.explain(max_schedules=500))]
    assert not [text for text in texts if "no_common_time" in text]
