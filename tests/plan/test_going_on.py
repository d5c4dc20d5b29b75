"""Work under way whose link waits for what has not happened, against all schedules of small plans, hour by hour.

All calendars are always open, so an hour from `now` on is a number, and work takes as many hours as it has.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schedkit as sk

from .solving import HOUR, plan, solved

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "40"))
NOW = "2026-03-23 12:00"
Spans = dict[str, tuple[int, int]]


def random_plan(seed: int) -> sk.plan.Plan:
    """One or two activities under way, one of which waits for one that has not begun, and up to three of these."""
    draw = random.Random(seed)
    fresh = [f"x{k}" for k in range(draw.randint(2, 3))]
    activities: list[dict[str, Any]] = []
    for k, name in enumerate(fresh):
        before = [other for other in fresh[:k] if draw.random() < 0.3]
        units = draw.choice([{}, {"crew": 1}, {"crew": 1}, {"crew": 2}])
        activities.append({"name": name, "duration": draw.randint(1, 3), "predecessors": before, "resources": units})
    news = {}
    for k in range(draw.randint(1, 2)):
        kind = draw.choice(["FF", "SF"])
        waits = [f"{draw.choice(fresh)} {kind}{draw.choice(['', '+1eh', '+2h'])}"] if not k or draw.random() < 0.5 else []
        units = draw.choice([{"crew": 1}, {"crew": 1}, {"crew": 2}, {}])
        activities.append({"name": f"run{k}", "duration": 8, "predecessors": waits, "resources": units})
        begun = {"actual_start": f"2026-03-23 0{draw.randint(0, 9)}:00", "remaining": draw.randint(1, 3)}
        news[f"run{k}"] = begun
    found = plan(*activities, resources=[{"name": "crew", "capacity": 2}], calendar="always")
    return found.update(news, now=NOW)


def earliest(link: sk.plan.Link, spans: Spans) -> int:
    return spans[link.name][link.type[0] == "F"] + link.lag // HOUR


def units_fit(found: sk.plan.Plan, spans: Spans) -> bool:
    held = {a.name: a.resources.get("crew", 0) for a in found.activities}
    last = max((end for _, end in spans.values()), default=0)
    return all(sum(held[name] for name, (begin, end) in spans.items() if begin <= at < end) <= 2 for at in range(last))


def waits_for(found: sk.plan.Plan, some: set[str]) -> set[str]:
    of = {a.name: {link.name for link in a.predecessors} for a in found.activities}
    reached = set(some)
    for _ in of:
        reached |= {before for name in reached for before in of[name]}
    return reached - some


def in_turn(found: sk.plan.Plan) -> Spans:
    """The times of work under way that goes on before all else, because some schedule has it so."""
    placed: Spans = {}
    waiting = sorted((a for a in found.activities if a.actual_start), key=lambda a: a.actual_start or found.start)
    for _ in range(2):  # work under way waits for work that has not begun alone, so the first round tells
        for activity in waiting:
            work = (activity.remaining or timedelta(0)) // HOUR
            ends = (end for end in itertools.count(work) if units_fit(found, placed | {activity.name: (end - work, end)}))
            end = next(ends)
            if activity.name not in placed and any(awaited(found, placed | {activity.name: (end - work, end)}, end + 1)):
                placed[activity.name] = (end - work, end)
    return placed


def awaited(found: sk.plan.Plan, placed: Spans, last: int) -> Iterator[Spans]:
    """All times, until an hour, of what placed activities wait for, beside these."""
    of = {a.name: a for a in found.activities}
    names = [a.name for a in found.activities if a.name in waits_for(found, set(placed))]
    for starts in itertools.product(range(last + 1), repeat=len(names)):
        spans = placed | {name: (at, at + of[name].duration // HOUR) for name, at in zip(names, starts, strict=True)}
        if units_fit(found, spans) and keeps_links(found, spans):
            yield spans


def keeps_links(found: sk.plan.Plan, spans: Spans) -> bool:
    links = ((spans[a.name][link.type[1] == "F"], link) for a in found.activities if a.name in spans for link in a.predecessors)
    return all(at >= earliest(link, spans) for at, link in links)


def goes_on(found: sk.plan.Plan, spans: Spans) -> Spans:
    """The times of what is under way: in turn, then as soon as links and the units of what it waits for let it end."""
    running = sorted((a for a in found.activities if a.actual_start), key=lambda a: a.actual_start or found.start)
    placed = in_turn(found)
    held = [a for a in running if a.name not in placed]
    if held:
        placed |= {name: spans[name] for name in waits_for(found, {a.name for a in running})}
    for activity in held:
        if not units_fit(found, placed):
            return {}  # what has not begun takes the units of work under way
        work = (activity.remaining or timedelta(0)) // HOUR
        least = max([work, *(earliest(link, spans) for link in activity.predecessors)])
        ends = (end for end in itertools.count(least) if units_fit(found, placed | {activity.name: (end - work, end)}))
        end = next(ends)
        placed[activity.name] = (end - work, end)
    return {a.name: placed[a.name] for a in running}


def schedules(found: sk.plan.Plan, last: int) -> Iterator[Spans]:
    """All schedules that end by an hour, in which work under way goes on as it should."""
    fresh = [a for a in found.activities if a.actual_start is None]
    for starts in itertools.product(range(last), repeat=len(fresh)):
        spans = {a.name: (at, at + a.duration // HOUR) for a, at in zip(fresh, starts, strict=True)}
        kept = all(spans[a.name][0] >= earliest(link, spans) for a in fresh for link in a.predecessors)
        if kept and units_fit(found, spans):
            whole = spans | goes_on(found, spans)
            if len(whole) == len(found.activities) and units_fit(found, whole) and keeps_links(found, whole):
                yield whole


def spans_of(found: sk.plan.Plan, r: sk.plan.PlanSolution) -> Spans:
    assert found.now is not None
    left = {a.name: (a.duration if a.remaining is None else a.remaining) // HOUR for a in found.activities}
    ends = {row["name"]: (row["end"] - found.now) // HOUR for row in r.table()}
    return {name: (end - left[name], end) for name, end in ends.items()}


@pytest.mark.parametrize("late", [False, True])
def test_held_work_goes_on_as_soon_as_its_links_let_it(late: bool) -> None:
    """The least end of all schedules lies between the bound and the end, and is the end where that is proven."""
    proven = 0
    for seed in range(INSTANCES):
        found = random_plan(seed)
        r = solved(found)
        spans = spans_of(found, r)
        assert {name: spans[name] for name in goes_on(found, spans)} == goes_on(found, spans), seed
        assert found.now is not None
        assert r.end is not None
        if late:
            later = solved(found, late=True)
            assert later.end == r.end
            assert spans_of(found, later) | goes_on(found, spans) == spans_of(found, later), seed
        else:
            hours = (r.end - found.now) // HOUR
            least = min(max(end for _, end in some.values()) for some in schedules(found, hours))
            assert (r.lower_bound - found.now) // HOUR <= least <= hours, seed
            assert r.status != "optimal" or least == hours, seed
            proven += r.status == "optimal"
    assert late or proven > INSTANCES // 2
