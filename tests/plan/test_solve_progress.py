"""Schedules after progress, and comparison with a baseline; dates counted by hand. 2026-03-23 is a Monday."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schedkit as sk

from .solving import plan, rows, solved

HOUR = timedelta(hours=1)
CREW = {"name": "crew"}


def begun(hour: str, **more: Any) -> dict[str, Any]:
    return {"actual_start": f"2026-03-{hour}:00", **more}


def test_what_is_done_stays_and_what_runs_goes_on_now() -> None:
    """Wednesday 10:00: 6 of 8 hours of pour are left, so it ends at 17:00; cure follows on Thursday, the rest starts now."""
    found = plan(
        {"name": "dig", "duration": "2d"},
        {"name": "pour", "duration": "1d", "predecessors": "dig"},
        {"name": "cure", "duration": "4h", "predecessors": "pour"},
        {"name": "order", "duration": "1h"},
    )
    done = begun("23 08", actual_end="2026-03-24 15:00")
    later = found.update({"dig": done, "pour": begun("25 08", percent=25)}, now="2026-03-25 10:00")
    r = solved(later)
    assert rows(r) == [
        ("dig", "Mon 23 08:00", "Tue 24 15:00"),
        ("pour", "Wed 25 08:00", "Wed 25 17:00"),
        ("cure", "Thu 26 08:00", "Thu 26 12:00"),
        ("order", "Wed 25 10:00", "Wed 25 11:00"),
    ]
    assert r.critical == ["pour", "cure"]


def test_lags_run_from_the_actual_end() -> None:
    """From Tuesday 15:00 four hours of work end on Wednesday 10:00, though it is Wednesday 09:00 already."""
    found = plan(
        {"name": "dig", "duration": "2d"},
        {"name": "pour", "duration": "1h", "predecessors": "dig FS+4h"},
        {"name": "look", "duration": "1h", "predecessors": "dig FS+1h"},
    ).update({"dig": begun("23 08", actual_end="2026-03-24 15:00")}, now="2026-03-25 09:00")
    assert rows(solved(found))[1:] == [("pour", "Wed 25 10:00", "Wed 25 11:00"), ("look", "Wed 25 09:00", "Wed 25 10:00")]


def test_progress_out_of_sequence_is_kept() -> None:
    """pour began although dig has not ended; both go on, and dig does not wait."""
    found = plan({"name": "dig", "duration": "2d"}, {"name": "pour", "duration": "1d", "predecessors": "dig"})
    r = solved(found.update({"pour": begun("23 08", percent=50)}, now="2026-03-24"))
    assert rows(r) == [("dig", "Tue 24 08:00", "Wed 25 17:00"), ("pour", "Mon 23 08:00", "Tue 24 12:00")]


def test_what_started_first_goes_on_first_if_units_do_not_suffice() -> None:
    """Both have begun, one crew is there: paint, which began earlier, ends Tuesday 12:00, then dig goes on."""
    activities = [{"name": name, "duration": "1d", "resources": "crew"} for name in ("dig", "paint", "rest")]
    news = {"dig": begun("23 10", remaining="4h"), "paint": begun("23 08", remaining="4h")}
    found = plan(*activities, resources=[CREW])
    r = solved(found.update(news, now="2026-03-24"))
    assert rows(r) == [
        ("dig", "Mon 23 10:00", "Tue 24 17:00"),
        ("paint", "Mon 23 08:00", "Tue 24 12:00"),
        ("rest", "Wed 25 08:00", "Wed 25 17:00"),
    ]
    assert r.critical == ["paint", "dig", "rest"]
    activities[0]["deadline"] = "2026-03-24 12:00"  # then dig goes on first
    r = solved(plan(*activities, resources=[CREW]).update(news, now="2026-03-24"))
    assert [row["end"].hour for row in r.table()[:2]] == [12, 17]


def test_a_deadline_that_work_under_way_misses_is_a_reason() -> None:
    found = plan({"name": "dig", "duration": "2d", "deadline": "2026-03-24"})
    r = solved(found.update({"dig": begun("24 08")}, now="2026-03-24 09:00"))
    assert (r.status, r.reasons[0].activities) == ("infeasible", ("dig",))


def test_work_under_way_pauses_even_if_it_should_not() -> None:
    """Two hours are left at 11:00; the lunch break is a fact of the calendar, so they end at 14:00."""
    found = plan({"name": "cut", "duration": "3h", "pausable": False}).update(
        {"cut": begun("23 10", remaining="2h")}, now="2026-03-23 11:00"
    )
    assert rows(solved(found)) == [("cut", "Mon 23 10:00", "Mon 23 14:00")]


def test_facts_need_not_lie_on_the_tick_and_unknown_starts_stay_unknown() -> None:
    found = plan({"name": "dig", "duration": "2d"}, {"name": "pour", "duration": "2h", "predecessors": "dig"}, tick="1h")
    later = found.update({"dig": {"actual_end": "2026-03-24 14:20"}}, now="2026-03-24 14:20")
    dig, pour = solved(later).table()
    assert (dig["start"], f"{dig['end']:%H:%M}") == (None, "14:20")
    assert f"{pour['start']:%a %H:%M}" == "Tue 15:00"


def test_facts_without_a_present_have_the_last_fact_as_present() -> None:
    found = plan(
        {"name": "dig", "duration": "1d", **begun("23 08", actual_end="2026-03-24 10:00")}, {"name": "look", "duration": "1h"}
    )
    assert rows(solved(found))[1] == ("look", "Tue 24 10:00", "Tue 24 11:00")


def test_everything_done_ends_with_the_last_fact() -> None:
    found = plan({"name": "dig", "duration": "1d"}).update(
        {"dig": begun("23 08", actual_end="2026-03-23 16:00")}, now="2026-04-01"
    )
    r = solved(found)
    assert (r.status, r.end, r.critical) == ("optimal", found.activities[0].actual_end, ["dig"])


def test_comparison_with_a_baseline() -> None:
    """dig takes four hours longer; over the change of the clocks on Sunday a shift counts the time that passes."""
    found = plan(
        {"name": "dig", "duration": "1d"}, {"name": "pour", "duration": "1d", "predecessors": "dig"}, start="2026-03-26"
    )
    baseline = found.solve()
    later = found.update({"dig": begun("26 08", remaining="4h")}, now="2026-03-27 08:00")
    r = solved(later)
    for other in (baseline, baseline.table()):
        dig, pour = r.compare(other)
        assert list(dig) == ["name", "start", "end", "baseline_start", "baseline_end", "start_shift", "end_shift"]
        assert (dig["start_shift"], dig["end_shift"]) == (0 * HOUR, 19 * HOUR)  # Thursday 17:00 to Friday 12:00
        assert pour["baseline_end"] == baseline.end
        assert (pour["start_shift"], pour["end_shift"]) == (
            5 * HOUR,
            66 * HOUR,
        )  # Fri 08:00 to 13:00, Fri 17:00 to Mon 12:00, with a lost hour
    assert [row["end_shift"] for row in r.compare(r)] == [0 * HOUR] * 2
    assert r.compare([])[0]["end_shift"] is None


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        (b"text", "baseline: must be the result of Plan.solve, or its table"),
        ([1], r"baseline\[0\]: must be a mapping"),
        ([{"name": "a"}], r"baseline\[0\]: has no 'start'"),
        ([{"name": "a", "start": 3, "end": None}], r"baseline\[0\]\.start: must be a datetime"),
        ([{"name": "a", "start": datetime(2026, 1, 1), "end": None}], r"baseline\[0\].start .*has no time zone"),
    ],
)
def test_what_is_no_baseline(baseline: Any, message: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError), match=message):
        plan().solve().compare(baseline)


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"start": "2026-03-23 06:00"}, {"downtime"}),
        ({"end": "2026-03-24 11:00"}, {"duration"}),
        ({"end": "2026-03-24 12:30"}, {"duration"}),
        ({"start": "2026-03-22 08:00"}, {"before_now", "downtime"}),
        ({"start": "2026-03-24 08:00", "end": "2026-03-25 12:00"}, {"precedence", "deadline", "capacity"}),
        ({"name": "x"}, {"unknown_id", "missing"}),
    ],
)
def test_the_check_of_plans_finds_what_is_wrong(changes: dict[str, Any], kinds: set[str]) -> None:
    """A schedule that is right, with one change; the kinds of violations follow from the rules by hand."""
    found = plan(
        {"name": "dig", "duration": "12h", "resources": "crew", "deadline": "2026-03-24"},
        {"name": "pour", "duration": "4h", "resources": "crew", "predecessors": "dig"},
        resources=[CREW],
        timezone="UTC",
    )
    table = found.solve().table()
    assert sk.check(found, table) == []
    table[0] |= {
        key: value if key == "name" else datetime.fromisoformat(value).replace(tzinfo=UTC) for key, value in changes.items()
    }
    assert {violation.kind for violation in sk.check(found, table)} == kinds


@pytest.mark.parametrize("link", ["m FF", "m SF", "m SF-1h", "m FF+2h", "m FS", "begun FF+1h", "begun SF"])
def test_work_under_way_goes_on_at_once_if_its_links_let_it_end_then(link: str) -> None:
    """Of a, four hours are left at 13:00. Stopping it for b would let the plan end earlier, but it has been begun."""
    activities: list[dict[str, Any]] = [
        {"name": "m", "duration": 0},
        {"name": "begun", "duration": "3h"},
        {"name": "a", "duration": "8h", "resources": "crew", "predecessors": link},
        {"name": "b", "duration": "4h", "resources": "crew"},
        {"name": "c", "duration": "3d", "predecessors": "b"},
    ]
    news = {
        "m": {"actual_end": "2026-03-23 08:00"},
        "begun": begun("23 08", remaining="3h"),  # it ends at 16:00
        "a": begun("23 08", remaining="4h"),
    }
    r = solved(plan(*activities, resources=[CREW]).update(news, now="2026-03-23 13:00"))
    assert rows_of(r)[1:] == [
        ("begun", "Mon 23 08:00", "Mon 23 16:00"),
        ("a", "Mon 23 08:00", "Mon 23 17:00"),
        ("b", "Tue 24 08:00", "Tue 24 12:00"),
        ("c", "Tue 24 13:00", "Fri 27 12:00"),
    ]


def test_work_under_way_waits_behind_work_that_waits() -> None:
    """x ends with the lag behind m, on Tuesday 10:00, and a not before x; b takes the crew until they go on."""
    activities: list[dict[str, Any]] = [
        {"name": "m", "duration": 0},
        {"name": "x", "duration": "8h", "predecessors": "m FF+1d 2h"},
        {"name": "a", "duration": "8h", "resources": "crew", "predecessors": "x FF"},
        {"name": "b", "duration": "4h", "resources": "crew"},
    ]
    news = {"m": {"actual_end": "2026-03-23 08:00"}, "x": begun("23 08", remaining="4h"), "a": begun("23 08", remaining="2h")}
    r = solved(plan(*activities, resources=[CREW]).update(news, now="2026-03-23 13:00"))
    assert rows_of(r)[1:] == [
        ("x", "Mon 23 08:00", "Tue 24 10:00"),
        ("a", "Mon 23 08:00", "Tue 24 10:00"),
        ("b", "Mon 23 13:00", "Mon 23 17:00"),
    ]


def rows_of(r: sk.plan.PlanSolution) -> list[tuple[str, str, str]]:
    """The rows with a start that is not known as an empty text."""
    found = [(row["name"], row["start"], row["end"]) for row in r.table()]
    return [(name, "" if start is None else f"{start:%a %d %H:%M}", f"{end:%a %d %H:%M}") for name, start, end in found]


def test_work_under_way_that_waits_goes_on_as_soon_as_its_link_lets_it() -> None:
    """x may end at 17:00 with the four hours that are left of a, which keep the crew."""
    activities: list[dict[str, Any]] = [
        {"name": "x", "duration": "4h"},
        {"name": "a", "duration": "8h", "resources": "crew", "predecessors": "x FF"},
        {"name": "b", "duration": "4h", "resources": "crew"},
        {"name": "c", "duration": "3d", "predecessors": "b"},
    ]
    found = plan(*activities, resources=[CREW]).update({"a": begun("23 08", remaining="4h")}, now="2026-03-23 13:00")
    r = solved(found)
    assert rows(r) == [
        ("x", "Mon 23 13:00", "Mon 23 17:00"),
        ("a", "Mon 23 08:00", "Mon 23 17:00"),
        ("b", "Tue 24 08:00", "Tue 24 12:00"),
        ("c", "Tue 24 13:00", "Fri 27 12:00"),
    ]
    assert (r.status, r.lower_bound) == ("optimal", r.end)
    assert r.critical[-3:] == ["a", "b", "c"]
    assert r.warnings == []


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("4h", "'a' is under way and goes on at 2026-03-24 08:00, not at once: its end waits for 'x' (FF)"),
        (0, "'a' is under way and ends at 2026-03-24 12:00, not at once: its end waits for 'x' (FF)"),
    ],
)
def test_work_under_way_that_a_link_holds_back_is_reported(left: Any, words: str) -> None:
    """x ends on Tuesday at noon, and a then as well: what is recorded of it stands."""
    found = plan({"name": "x", "duration": "8h"}, {"name": "a", "duration": "8h", "predecessors": "x FF"})
    r = solved(found.update({"a": begun("23 08", remaining=left)}, now="2026-03-23 13:00"))
    assert rows(r)[1] == ("a", "Mon 23 08:00", "Tue 24 12:00")
    assert [(warning.code, warning.activities, warning.detail) for warning in r.warnings] == [("held", ("x", "a"), words)]


def test_work_under_way_that_waits_for_other_work_under_way_names_it() -> None:
    """Both half done, on one crew: `b` began first and goes on until noon, then `a` until the evening."""
    begun = [("a", "2026-03-23 09:00"), ("b", "2026-03-23 08:00")]
    work = [{"name": name, "duration": "1d", "resources": "crew"} for name, _ in begun]
    plan = sk.plan.Plan(start="2026-03-23", resources=[{"name": "crew"}], activities=work)
    plan = plan.update({name: {"actual_start": start, "percent": 50} for name, start in begun}, now="2026-03-24")
    r = plan.solve()
    assert [f"{row['end']:%a %H:%M}" for row in r.table()] == ["Tue 17:00", "Tue 12:00"]
    assert r.critical == ["b", "a"]


@pytest.mark.parametrize("seed", range(40))
def test_the_chain_of_work_under_way_has_no_gap(seed: int) -> None:
    """Work that is left goes on, the first start first, as soon as the units are there; hours are counted one by one."""
    draw = random.Random(seed)
    capacity, begin = draw.randint(1, 3), datetime(2026, 3, 24, tzinfo=UTC)
    left = {f"a{k}": (draw.randint(1, 6), draw.randint(1, capacity)) for k in range(draw.randint(2, 6))}
    work = [{"name": name, "duration": "9h", "resources": {"crew": units}} for name, (_, units) in left.items()]
    plan = sk.plan.Plan(
        start="2026-03-23", calendar="always", resources=[{"name": "crew", "capacity": capacity}], activities=work
    )
    news = {
        name: {"actual_start": f"2026-03-23 {k:02}:00", "remaining": hours} for k, (name, (hours, _)) in enumerate(left.items())
    }
    used, spans = [0] * 60, {}
    for name, (hours, units) in left.items():
        start = next(at for at in range(60) if all(used[k] + units <= capacity for k in range(at, at + hours)))
        spans[name] = (start, start + hours)
        for at in range(start, start + hours):
            used[at] += units
    r = plan.update(news, now="2026-03-24").solve()
    assert [(row["end"] - begin) // timedelta(hours=1) for row in r.table()] == [end for _, end in spans.values()]
    assert spans[r.critical[-1]][1] == max(end for _, end in spans.values())
    assert spans[r.critical[0]][0] == 0
    for before, after in itertools.pairwise(r.critical):
        assert spans[before][1] == spans[after][0]


@pytest.mark.parametrize("link", ["x FF", "x SF+4h"])
@pytest.mark.parametrize("deadline", [None, "2026-03-23 17:00"])
def test_what_has_begun_does_not_wait_for_its_release(link: str, deadline: str | None) -> None:
    """x is done at 17:00, and so are the four hours that are left of a, whatever its release was."""
    work = {"name": "a", "duration": "8h", "predecessors": link, "release": "2026-03-25", "deadline": deadline}
    found = plan({"name": "x", "duration": "4h"}, work)
    later = found.update({"a": begun("23 08", remaining="4h")}, now="2026-03-23 13:00")
    r = solved(later)
    assert rows(r) == [("x", "Mon 23 13:00", "Mon 23 17:00"), ("a", "Mon 23 08:00", "Mon 23 17:00")]
    assert later.explain(max_schedules=500) == []


def test_the_end_of_begun_work_alone_does_not_count_its_release() -> None:
    """Four hours are left on Monday at 13:00, which end at 17:00, after the deadline that lies before the plan."""
    found = plan({"name": "a", "duration": "8h", "release": "2026-03-25", "deadline": "2026-03-20"}, start="2026-03-23")
    (reason,) = found.update({"a": begun("23 08", remaining="4h")}, now="2026-03-23 13:00").solve().reasons
    assert "by its own work alone it ends at 2026-03-23 17:00" in reason.detail
