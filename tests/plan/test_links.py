"""Plans with links of all types, lags and leads: dates counted by hand, every start hour tried, and CP-SAT on start hours."""

from __future__ import annotations

import dataclasses
import functools
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import schedkit as sk

from . import meaning
from .solving import plan, rows, solved

HOUR = timedelta(hours=1)
HOURS = 24 * 3
"""Hours from the start of a plan that are looked at, from Monday on."""
BEFORE = 24 * 3
"""Hours before the start of a plan to which leads may go back."""
COUNT = int(os.environ.get("SCHEDKIT_INSTANCES", "100"))


@pytest.mark.parametrize(
    ("predecessors", "expected"),
    [
        ("a SS+4h", ("Mon 23 13:00", "Tue 24 10:00")),  # four hours of work end at noon, b goes on after lunch
        ("a SS+4eh", ("Mon 23 13:00", "Tue 24 10:00")),
        ("a SS-1eh", ("Mon 23 08:00", "Mon 23 15:00")),
        ("a FF", ("Mon 23 10:00", "Mon 23 17:00")),
        ("a FF+2h", ("Mon 23 13:00", "Tue 24 10:00")),  # a ends Monday 17:00, two hours of work later it is Tuesday 10:00
        ("a FF-3eh", ("Mon 23 08:00", "Mon 23 15:00")),
        ("a SF+8h", ("Mon 23 10:00", "Mon 23 17:00")),
        ("a SF", ("Mon 23 08:00", "Mon 23 15:00")),
        ("a FS-2eh", ("Mon 23 15:00", "Tue 24 12:00")),
        ("a FS-5h", ("Mon 23 11:00", "Tue 24 09:00")),  # from 11:00 on five hours of work are left until 17:00
        ("a FF-3h", ("Mon 23 08:00", "Mon 23 15:00")),
        ("a SS-1h", ("Mon 23 08:00", "Mon 23 15:00")),
        ("a SS+2h; a FF+3h", ("Mon 23 14:00", "Tue 24 11:00")),
    ],
)
def test_six_hours_beside_a_day_of_work(predecessors: str, expected: tuple[str, str]) -> None:
    r = solved(plan({"name": "a", "duration": "1d"}, {"name": "b", "duration": "6h", "predecessors": predecessors}))
    assert rows(r)[1] == ("b", *expected)
    assert r.status == "optimal"


def test_work_under_way_waits_for_the_link_that_binds_its_end() -> None:
    """Monday 10:00: a has 16 hours, so it ends Wednesday 10:00; b, of which 4 hours are left, ends two hours of work later."""
    activities = [{"name": "a", "duration": "2d"}, {"name": "b", "duration": "4h", "predecessors": "a FF+2h; a SS+3h"}]
    found = plan(*activities).update({"b": {"actual_start": "2026-03-23 09:00"}}, now="2026-03-23 10:00")
    r = solved(found)
    assert rows(r) == [("a", "Mon 23 10:00", "Wed 25 10:00"), ("b", "Mon 23 09:00", "Wed 25 12:00")]
    assert r.critical == ["a", "b"]
    early = [{**row, "end": row["end"] - 2 * HOUR} if row["name"] == "b" else row for row in r.table()]
    assert [violation.kind for violation in sk.check(found, early)] == ["lag"]


def test_links_run_from_actual_starts_and_ends() -> None:
    """a began Monday 09:00 and goes on at 11:00: b may start three hours of work after 09:00, and end eight after it."""
    activities = [
        {"name": "a", "duration": "2d"},
        {"name": "b", "duration": "1h", "predecessors": "a SS+3h"},
        {"name": "c", "duration": "1h", "predecessors": "a SF+1d"},
    ]
    r = solved(plan(*activities).update({"a": {"actual_start": "2026-03-23 09:00"}}, now="2026-03-23 11:00"))
    assert rows(r)[1:] == [("b", "Mon 23 13:00", "Mon 23 14:00"), ("c", "Tue 24 08:00", "Tue 24 09:00")]
    done = {"actual_start": "2026-03-23 09:00", "actual_end": "2026-03-23 10:00"}
    r = solved(
        plan(*activities, {"name": "d", "duration": "1h", "predecessors": "a FF+4h"}).update(
            {"a": done}, now="2026-03-23 11:00"
        )
    )
    assert rows(r)[-1] == ("d", "Mon 23 14:00", "Mon 23 15:00")


def test_a_deadline_that_a_link_to_the_end_misses_is_a_reason() -> None:
    found = plan(
        {"name": "a", "duration": "1d"}, {"name": "b", "duration": "1h", "predecessors": "a FF+1h", "deadline": "2026-03-23"}
    )
    r = solved(found)
    assert (r.status, r.reasons[0].activities) == ("infeasible", ("a", "b"))
    assert r.reasons[0].amount == 9 * HOUR  # Tuesday 09:00 instead of Monday 24:00


# --- random plans


@dataclasses.dataclass(frozen=True, eq=False)
class Hourly:
    """A plan, hour by hour."""

    plan: sk.plan.Plan

    @functools.cached_property
    def first(self) -> datetime:
        return meaning.naive(self.plan.start)

    @functools.cache  # noqa: B019
    def is_open(self, calendar: str, hour: int) -> bool:
        return meaning.is_open(self.plan, calendar, self.first + hour * HOUR)

    def is_up(self, activity: sk.plan.Activity, hour: int) -> bool:
        of = {resource.name: resource.calendar or self.plan.calendar for resource in self.plan.resources}
        names = {of[name] for name in activity.resources} | ({activity.calendar} - {None})
        return all(self.is_open(name, hour) for name in names or {self.plan.calendar} if name is not None)

    def runs(self, activity: sk.plan.Activity) -> dict[int, tuple[int, list[int]]]:
        """The end, and the hours of work, of an activity by its start."""
        found = {}
        work = activity.duration // HOUR
        last = HOURS
        if activity.deadline is not None:
            last = min(last, (meaning.naive(activity.deadline) - self.first) // HOUR)
        for start in range(HOURS):
            up = [hour for hour in range(start, HOURS) if self.is_up(activity, hour)][:work]
            if len(up) < work or (up and up[0] != start) or (up and not activity.pausable and up[-1] != start + work - 1):
                continue
            end = up[-1] + 1 if up else start
            if end <= last:
                found[start] = (end, up)
        return found

    @functools.cache  # noqa: B019
    def since(self, link: sk.plan.Link, event: int) -> int | None:
        """The hour before which a link does not let the later event be; None for never.

        A lag in working time asks for so many open hours between the two, a lead for no more than so many.
        """
        lag = link.lag // HOUR
        if link.elapsed or not lag:
            return event + lag
        if lag > 0:
            opens = [hour for hour in range(event, 2 * HOURS) if self.is_open(self.plan.calendar, hour)]
            return opens[lag - 1] + 1 if len(opens) >= lag else None
        opens = [hour for hour in range(event - 1, -BEFORE, -1) if self.is_open(self.plan.calendar, hour)]
        return opens[-lag] + 1 if len(opens) > -lag else -BEFORE

    def keeps(self, link: sk.plan.Link, before: tuple[int, int], after: tuple[int, int]) -> bool:
        least = self.since(link, before[link.type[0] == "F"])
        return least is not None and after[link.type[1] == "F"] >= least


def by_hours(found: sk.plan.Plan) -> int | None:
    """The first hour by which everything can be done, by trying all starts."""
    hourly = Hourly(found)
    names = [activity.name for activity in found.activities]
    runs = [hourly.runs(activity) for activity in found.activities]
    best: int | None = None
    spans: list[tuple[int, int]] = []
    used: dict[tuple[str, int], int] = {}
    capacity = {resource.name: resource.capacity for resource in found.resources}

    def extend() -> None:
        nonlocal best
        k = len(spans)
        if k == len(names):
            best = max((end for _, end in spans), default=0)
            return
        activity = found.activities[k]
        for start, (end, up) in runs[k].items():
            if best is not None and end >= best:
                continue
            if not all(hourly.keeps(link, spans[names.index(link.name)], (start, end)) for link in activity.predecessors):
                continue
            taken = [(name, hour) for name in activity.resources for hour in up]
            if all(used.get(key, 0) + activity.resources[key[0]] <= capacity[key[0]] for key in taken):
                for key in taken:
                    used[key] = used.get(key, 0) + activity.resources[key[0]]
                spans.append((start, end))
                extend()
                spans.pop()
                for key in taken:
                    used[key] -= activity.resources[key[0]]

    extend()
    return best


def by_cp_sat(found: sk.plan.Plan) -> int | None:
    """The same by a model with one variable for each activity and start hour."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    hourly, model = Hourly(found), cp_model.CpModel()
    last = model.new_int_var(0, HOURS, "")
    use: dict[tuple[str, int], list[Any]] = {}
    events: dict[str, tuple[Any, Any]] = {}
    chosen: dict[str, dict[tuple[int, int], Any]] = {}
    for activity in found.activities:
        runs = {(start, end): (model.new_bool_var(""), up) for start, (end, up) in hourly.runs(activity).items()}
        model.add_exactly_one(x for x, _ in runs.values())
        chosen[activity.name] = {span: x for span, (x, _) in runs.items()}
        events[activity.name] = tuple(sum(span[end] * x for span, (x, _) in runs.items()) for end in (0, 1))
        model.add(last >= events[activity.name][1])
        for x, up in runs.values():
            for name, units in activity.resources.items():
                for hour in up:
                    use.setdefault((name, hour), []).append(units * x)
        for link in activity.predecessors:
            for span, x in chosen[link.name].items():
                least = hourly.since(link, span[link.type[0] == "F"])
                if least is None:
                    model.add(x == 0)
                else:
                    model.add(events[activity.name][link.type[1] == "F"] >= least).only_enforce_if(x)
    capacity = {resource.name: resource.capacity for resource in found.resources}
    for (name, _), terms in use.items():
        model.add(sum(terms) <= capacity[name])
    model.minimize(last)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # otherwise it leaves a handler with which Ctrl-C kills the process
    status = solver.solve(model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def links(draw: random.Random, names: list[str]) -> Iterator[str]:
    """Up to two links to each of some earlier activities."""
    for name in names:
        for kind in draw.sample(["FS", "SS", "FF", "SF"], draw.choice([0, 1, 1, 2])):
            unit = draw.choice(["h", "eh"])
            lag = draw.choice([0, 1, 2, 3, 5, 9, -1, -2, -4, -10])
            yield f"{name} {kind}{lag:+}{unit}"


def drawn(seed: int, most: int, calendars: list[str]) -> sk.plan.Plan:
    """A plan of a few activities in a week with short days."""
    draw = random.Random(seed)
    weeks = {"day": "8:00-10:00 11:00-13:00", "late": "9:00-11:00 12:00-15:00", "night": "22:00-01:00"}
    crews = {f"r{k}": (draw.randint(1, 2), name) for k, name in enumerate(calendars)}
    activities: list[dict[str, Any]] = []
    for k in range(draw.randint(2, most)):
        used = draw.sample(list(crews), draw.randint(0, min(2, len(crews))))
        activities.append(
            {
                "name": f"a{k}",
                "duration": draw.choice([0, 1, 2, 3, 5]),
                "resources": {name: draw.randint(1, crews[name][0]) for name in used},
                "predecessors": list(links(draw, [f"a{i}" for i in range(k) if draw.random() < 0.6])),
                "pausable": draw.random() < 0.8,
                "deadline": draw.choice([*[None] * 8, f"2026-03-{draw.choice([23, 24])} {draw.randint(9, 23)}:00"]),
            }
        )
    return plan(
        *activities,
        timezone="UTC",
        start="2026-03-23 07:00",
        calendar="day",
        calendars=[{"name": name, "weekly": {"mon-sun": hours}} for name, hours in weeks.items()],
        resources=[{"name": name, "capacity": units, "calendar": calendar} for name, (units, calendar) in crews.items()],
    )


def agrees(found: sk.plan.Plan, oracle: Callable[[sk.plan.Plan], int | None]) -> str:
    r = solved(found, max_schedules=20_000)
    best = oracle(found)
    if best is None:
        beyond = meaning.naive(found.start) + HOURS * HOUR
        assert r.status == "infeasible" or (r.end is not None and meaning.naive(r.end) > beyond)
    else:
        assert r.status == "optimal"
        assert r.end is not None
        assert meaning.naive(r.end) == meaning.naive(found.start) + best * HOUR
    return r.status


@pytest.mark.parametrize("part", range(4))
def test_under_one_calendar_no_start_hours_end_earlier(part: int) -> None:
    statuses = Counter(agrees(drawn(4 * seed + part, 3, ["day"]), by_hours) for seed in range(max(75, COUNT // 2)))
    assert statuses["optimal"] > 20
    assert statuses["infeasible"] > 3


@pytest.mark.parametrize("part", range(4))
def test_under_different_calendars_cp_sat_finds_nothing_earlier(part: int) -> None:
    plans = (drawn(9000 + 4 * seed + part, 5, ["day", "late", "night"]) for seed in range(max(100, COUNT // 2)))
    statuses = Counter(agrees(found, by_cp_sat) for found in plans)
    assert statuses["optimal"] > 20
    assert statuses["infeasible"] > 3


def test_both_judges_agree() -> None:
    for seed in range(20):
        found = drawn(seed, 3, ["day", "late"])
        assert by_hours(found) == by_cp_sat(found)
