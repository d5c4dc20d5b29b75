"""Work under way goes on in the order of its starts, unless no schedule lets it; dates counted by hand.

2026-03-25 is a Wednesday, all hours count, and it is 08:00 unless a test says otherwise.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import schedkit as sk
from schedkit import rcpsp
from schedkit.plan.verdict import verdict

from .solving import CREW, solved

HOUR = timedelta(hours=1)


def plan(*activities: dict[str, Any], **keys: Any) -> sk.plan.Plan:
    usual = {"start": "2026-03-25", "now": "2026-03-25 08:00", "calendar": "always", "resources": [CREW]}
    return sk.plan.Plan(**{**usual, "activities": activities, **keys})


def work(name: str, hours: int, *links: str, begun: int | None = None, crew: bool = True, **more: Any) -> dict[str, Any]:
    """An activity, and the hour of the day at which it began, if it has."""
    found = {"name": name, "duration": hours, "predecessors": list(links), "resources": "crew" if crew else None, **more}
    return found if begun is None else found | {"actual_start": f"2026-03-25 {begun:02}:00"}


def ends(rows: list[dict[str, Any]], key: str = "end") -> dict[str, str]:
    return {row["name"]: f"{row[key]:%d %H:%M}" for row in rows}


def settled(found: sk.plan.Plan, **options: Any) -> sk.plan.PlanSolution:
    """The solution, which is proven, has no warnings, and whose plan needs no explanation."""
    r = solved(found, **options)
    assert (r.status, r.lower_bound, r.warnings) == ("optimal", r.end, [])
    assert found.explain(max_schedules=500) == []
    assert all(row["slack"] >= 0 * HOUR for row in r.slack())
    return r


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("link", ["a0 FF", "a0 SF", "a0 SF+4h", "a0 FF-1h"])
def test_a_link_that_does_not_bind_takes_no_turn(link: str, late: bool) -> None:
    """a0 may end before a2, whose four hours end at noon when it goes on at once; a3, which began later, is next."""
    a2 = work("a2", 4, link, begun=6, deadline="2026-03-25 12:00")
    r = settled(plan(work("a0", 2, crew=False), a2, work("a3", 4, begun=7)), late=late)
    assert {name: at for name, at in ends(r.table()).items() if name != "a0"} == {"a2": "25 12:00", "a3": "25 16:00"}


def test_work_under_way_goes_before_what_it_waits_for_if_that_may_end_later() -> None:
    """a3 may end two hours after a5, so the crew ends a5 first."""
    r = settled(plan(work("a5", 6, "a3 FF-2h", begun=6), work("a3", 1)))
    assert ends(r.table()) == {"a5": "25 14:00", "a3": "25 15:00"}


def test_work_under_way_has_no_slack_and_gives_none() -> None:
    """a1 and a3 go on at once, so a2 follows a1, and b may wait until a1 ends."""
    links = [work("b", 0, crew=False), work("a1", 6, "b FF", begun=4), work("a2", 4)]
    r = settled(plan(*links, work("a3", 6, "a2 FF-8h", begun=0, crew=False)))
    assert ends(r.table()) == {"b": "25 08:00", "a1": "25 14:00", "a2": "25 18:00", "a3": "25 14:00"}
    assert [row["slack"] / HOUR for row in r.slack()] == [6, 0, 0, 0]


def test_neither_late_starts_nor_slack_interrupt_work_under_way() -> None:
    """It is 10:00, and the six hours of a3 end at 16:00; a2 may last until then, though z ends on the next day."""
    found = plan(
        work("a2", 2, crew=False),
        work("a3", 6, "a2 FF", begun=6, crew=False),
        work("z", 20, crew=False),
        now="2026-03-25 10:00",
    )
    r = settled(found)
    assert ends(r.table()) == {"a2": "25 12:00", "a3": "25 16:00", "z": "26 06:00"}
    assert ends(r.slack(), "latest_end") == {"a2": "25 16:00", "a3": "25 16:00", "z": "26 06:00"}
    assert ends(settled(found, late=True).table()) == ends(r.slack(), "latest_end")


@pytest.mark.parametrize("late", [False, True])
def test_work_whose_end_a_link_binds_waits_no_longer_than_it_has_to(late: bool) -> None:
    """a2 ends at 16:00, so the six hours of a3 do, whatever else could wait until the evening; other may."""
    found = plan(
        work("a2", 8, crew=False),
        work("other", 1, crew=False),
        work("a3", 6, "a2 FF", "other FF", begun=6, crew=False),
        work("z", 20, crew=False),
    )
    r = solved(found, late=late)
    assert ends(r.table()) == {"a2": "25 16:00", "other": "25 16:00" if late else "25 09:00", "a3": "25 16:00", "z": "26 04:00"}
    assert [warning.code for warning in r.warnings] == ["held"]
    assert [row["slack"] / HOUR for row in r.slack()] == [0, 0 if late else 7, 0, 0]


def test_work_that_a_link_binds_gives_its_units_away() -> None:
    """a0 ends at 13:00, and a2 at 13:00 at the earliest: a3, which began later, has the crew until noon."""
    r = solved(plan(work("a0", 5, crew=False), work("a2", 4, "a0 FF", begun=6), work("a3", 4, begun=7)))
    assert ends(r.table()) == {"a0": "25 13:00", "a2": "25 16:00", "a3": "25 12:00"}
    assert [warning.activities for warning in r.warnings] == [("a0", "a2")]


def test_work_that_waits_for_units_alone_has_no_warning() -> None:
    """a1 has the crew until 14:00, so a2 ends at 18:00, and x could end at any time until then."""
    r = settled(plan(work("x", 8, crew=False), work("a1", 6, begun=5), work("a2", 4, "x FF", begun=6)))
    assert ends(r.table()) == {"x": "25 16:00", "a1": "25 14:00", "a2": "25 18:00"}


def test_a_turn_gives_way_to_deadlines_of_other_work() -> None:
    """After one hour of second, check has its two hours until 11:00; with first, which began before, it would end at 21:00."""
    begun = [work("first", 10, begun=6), work("second", 1, begun=7)]
    check = work("check", 2, "second", crew=False, deadline="2026-03-25 11:00")
    r = solved(plan(*begun, check))
    assert (r.status, ends(r.table())) == ("optimal", {"first": "25 19:00", "second": "25 09:00", "check": "25 11:00"})
    assert [(warning.code, warning.activities) for warning in r.warnings] == [("held", ("first",))]
    (reason,) = plan(*begun, {**check, "deadline": "2026-03-25 10:00"}).explain(max_schedules=500)
    assert "move the deadline of 'check' to 2026-03-25 11:00, 1 hour later; no earlier one would do" in reason.help


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("on_interrupt", ["raise", "return"])
def test_an_interrupt_ends_all_searches(on_interrupt: Any, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the searches is interrupted does not matter: the best so far is the answer, or that of the exception."""
    found = plan(work("a0", 5, crew=False), work("a2", 4, "a0 FF", begun=6), work("a3", 4, begun=7))
    whole, calls = rcpsp.solve, 0

    def solve(*arguments: Any, **options: Any) -> rcpsp.ProjectSolution:
        nonlocal calls
        calls += options.get("fixed") is not None
        answer = whole(*arguments, **options)
        if calls == number:
            calls += 10
            interrupt = KeyboardInterrupt()
            interrupt.result = answer  # type: ignore[attr-defined]
            raise interrupt
        assert calls < number
        return answer

    monkeypatch.setattr(rcpsp, "solve", solve)
    if on_interrupt == "return":
        r = found.solve(max_schedules=100, on_interrupt=on_interrupt)
    else:
        with pytest.raises(KeyboardInterrupt) as caught:
            found.solve(max_schedules=100)
        r = caught.value.result  # type: ignore[attr-defined]
    assert isinstance(r, sk.plan.PlanSolution)
    assert r.end is None or sk.check(found, r) == []


@pytest.mark.parametrize("link", ["SF+6h", "SF", "SS+6h"])
def test_lags_behind_an_unknown_start_count_from_the_end_in_checks_too(link: str) -> None:
    """b ended on Tuesday at 08:00; six working hours later it is 15:00."""
    a: dict[str, Any] = {"name": "a", "duration": "4h", "predecessors": f"b {link}"}
    a |= {"actual_start": "2026-03-23 09:00", "percent": 100} if link[1] == "F" else {}
    b = {"name": "b", "duration": "2h", "actual_end": "2026-03-24 08:00"}
    found = sk.plan.Plan(start="2026-03-23", now="2026-03-24 09:00", activities=[b, a])
    r = found.solve(max_schedules=500)
    assert sk.check(found, r) == []
    assert r.table()[1]["end" if link[1] == "F" else "start"].hour == (9 if link == "SF" else 15)
    rows = r.table()
    rows[1] |= {"start": rows[1]["start"] - HOUR, "end": rows[1]["end"] - HOUR}
    kinds = {violation.kind for violation in sk.check(found, rows)}
    assert kinds
    assert link == "SF" or "lag" in kinds


@pytest.mark.parametrize("options", [{}, {"late": True}, {"soft_deadlines": True}])
@pytest.mark.parametrize(("left", "link", "end"), [("2h", [], "25 11:00"), ("30m", ["e FF"], "25 09:30")])
def test_work_under_way_that_waits_lets_other_work_under_way_keep_its_deadline(
    left: str, link: list[str], end: str, options: dict[str, Any]
) -> None:
    """g began before f, and both wait for e: f ends by its deadline if it goes on first."""
    g = work("g", 3, *link, begun=6, remaining=left)
    f = work("f", 1, "e FF", begun=7, remaining="30m", deadline="2026-03-25 09:00")
    r = solved(plan(work("e", 1, crew=False), g, f), **options)
    assert (r.status, r.lower_bound, ends(r.table())) == ("optimal", r.end, {"e": "25 09:00", "f": "25 09:00", "g": end})


def test_the_largest_miss_is_the_least_also_of_work_under_way_that_waits() -> None:
    """Ten hours after e the crew may do f, which began later than g and has a deadline then."""
    e, g = work("e", 12), work("g", 12, "e FF-16eh", begun=0, remaining="16h")
    f = work("f", 8, "e FF", begun=7, deadline="2026-03-26 04:00")
    r = solved(plan(f, e, g), soft_deadlines=True)
    assert (r.status, ends(r.table())) == ("optimal", {"e": "25 20:00", "f": "26 04:00", "g": "26 20:00"})


def test_late_starts_of_what_is_behind_work_of_which_nothing_is_left() -> None:
    """d ends an hour after b, and may do so long before e, which ends four hours after g at most."""
    day = "2026-04-05"
    found = sk.plan.Plan(start=day, now=f"{day} 12:00", resources=[{"name": "R0", "capacity": 3}], activities=[
        {"name": "d", "duration": "30m", "predecessors": "b FF+1h", "actual_start": f"{day} 08:00", "remaining": 0},
        {"name": "g", "duration": "3h", "predecessors": "e FF-4h", "actual_start": f"{day} 10:30", "remaining": 0},
        {"name": "b", "duration": "30m", "resources": {"R0": 3}, "actual_start": f"{day} 10:30"},
        {"name": "e", "duration": "2h", "predecessors": "d FF", "resources": {"R0": 1}},
        {"name": "c", "duration": "6h", "resources": {"R0": 1}},
        {"name": "a", "duration": "4h", "resources": {"R0": 2}},
    ])  # fmt: skip
    usual, late = solved(found), solved(found, late=True)
    assert (late.status, late.end) == ("optimal", usual.end)
    assert ends(late.table())["d"] == "06 09:30"


def test_checks_say_when_work_under_way_goes_on() -> None:
    """w has two hours left, n nothing, and nothing holds them back."""
    found = plan(work("w", 4, begun=6, crew=False, remaining=2), work("n", 1, begun=7, remaining=0))
    r = solved(found)
    rows = [{**row, "end": row["end"] + HOUR} for row in r.table()]
    day = "2026-03-25"
    assert [problem.detail for problem in sk.check(found, rows)] == [
        f"activity 'w' does not end at {day} 11:00:00 with its last 2 working hours from {day} 08:00:00 on, "
        "when nothing holds it back",
        f"activity 'n' has no work left and ends at {day} 09:00:00, not at {day} 08:00:00, as soon as its links let it",
    ]


@pytest.mark.parametrize("order", ["axy", "xya", "yxa"])
@pytest.mark.parametrize(("due", "value"), [("2026-03-25 17:00", 2), ("2026-03-25 15:00", 0)])
def test_work_that_gives_way_to_a_deadline_is_planned_like_work_that_has_not_begun(order: str, due: str, value: int) -> None:
    """x has the crew until 10:00. y comes next if it is due at 15:00, and behind a, which is due at 12:00, if at 17:00."""
    rows = {
        "a": work("a", 2, begun=6) | ({"due": "2026-03-25 12:00"} if value else {}),
        "x": work("x", 2, deadline="2026-03-25 10:00"),
        "y": work("y", 5, due=due),
    }
    r = solved(plan(*(rows[name] for name in order)), objective="total_tardiness")
    assert (r.status, r.objective, ends(r.table())["x"]) == ("optimal", 0 * HOUR, "25 10:00")
    assert ends(r.table())["y"] == ("25 17:00" if value else "25 15:00")
    texts = [warning.detail for warning in r.warnings]
    assert all(text.endswith("not at once: in its turn a deadline or a link could not be kept") for text in texts)
    assert len(texts) == 1


def test_links_from_work_of_which_nothing_is_left_count_in_a_turn() -> None:
    """drawings end now, so walls, which wait three hours for them, go on first and end at 11:00."""
    found = plan(
        work("drawings", 2, begun=3, crew=False, percent=100),
        work("walls", 2, "drawings FF+3eh", begun=4, remaining="2h", due="2026-03-25 11:00"),
        work("paint", 4, begun=5, remaining="4h"),
    )
    r = solved(found)
    assert (r.status, r.lower_bound) == ("optimal", r.end)
    assert ends(r.table()) == {"drawings": "25 08:00", "walls": "25 11:00", "paint": "25 15:00"}


def test_the_order_of_the_starts_is_that_of_the_facts_not_of_their_ticks() -> None:
    """b began at 04:30 and a at 05:00, which is the same tick."""
    a, b = work("a", 2, begun=5, remaining="1h"), work("b", 2, begun=5, remaining="1h")
    r = solved(plan(a, b | {"actual_start": "2026-03-25 04:30"}, tick="1h"))
    assert ends(r.table()) == {"a": "25 10:00", "b": "25 09:00"}


def test_the_next_tick_is_soon_enough_for_the_end_of_work_of_which_nothing_is_left() -> None:
    """Two hours after 07:30 it is 09:30, and ticks are hours; 11:00 is too late."""
    a = work("a", 2, begun=5, crew=False, actual_end="2026-03-25 07:30")
    found = plan(a, work("b", 2, "a FF+2eh", begun=6, crew=False, percent=100), tick="1h")
    r = solved(found)
    assert ends(r.table())["b"] == "25 10:00"
    rows = r.table()
    rows[1]["end"] += HOUR
    assert [violation.kind for violation in sk.check(found, rows)] == ["duration"]


@pytest.mark.parametrize(("now", "chain"), [("2026-06-05 12:00", ["a", "b"]), ("2026-06-08 08:00", ["b"])])
def test_what_ended_before_now_does_not_decide_the_end(now: str, chain: list[str]) -> None:
    """b starts on Monday morning: on Friday because a lasts until the evening, on Monday because it is Monday."""
    a = {"name": "a", "duration": "2d", "actual_start": "2026-06-04 08:00"}
    a |= {"actual_end": "2026-06-05 17:00"} if len(chain) == 1 else {}
    found = sk.plan.Plan(start="2026-06-01", now=now, activities=[a, {"name": "b", "duration": "1d", "predecessors": "a"}])
    r = solved(found)
    assert r.critical == chain


def test_the_verdict_on_missed_deadlines_is_about_schedules_that_miss_them_no_more() -> None:
    """a ends 4 hours late at least; b first and c behind it would end the plan a day sooner."""
    rows = [
        work("a", 8, deadline="2026-03-25 12:00"),
        work("b", 8),
        {"name": "c", "duration": 40, "predecessors": ["b"], "resources": None},
    ]
    r = plan(*rows).solve(max_schedules=500, soft_deadlines=True)
    assert verdict(r) == "deadlines are missed by 4 hours at most; no such schedule ends earlier"
    assert verdict(solved(plan(*rows[1:]))) == "no schedule ends earlier"
