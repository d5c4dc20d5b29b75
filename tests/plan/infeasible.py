"""Random plans without a schedule: dates that single activities can keep, but not all of them together."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import schedkit as sk

START = datetime(2026, 3, 23)
CALENDARS = [
    {"name": "early", "weekly": {"mon-fri": "06:00-14:00"}},
    {"name": "six", "weekly": {"mon-sat": "08:00-12:00 13:00-17:00"}},
]

_PLAIN = [""] * 6 + [" FS+4h", " FS+1ed"]
_TYPED = [""] * 3 + [" FF", " SS", " SF", " FF+2h", " SS+1h"]


def content(draw: random.Random, number: int, *, types: bool = False, milestones: bool = False) -> dict[str, Any]:
    """The keys of a plan without deadlines; with `types` half of its links bind other events than an end and a start.

    With `milestones` half of its activities take no time.
    """
    resources: list[dict[str, Any]] = []
    for r in range(draw.randint(1, 3)):
        capacity, outages = draw.randint(1, 3), []
        if draw.random() < 0.5:
            begin = START + timedelta(hours=draw.randint(0, 24 * 6))
            end = begin + timedelta(hours=draw.randint(4, 30))
            outages = [{"from": _text(begin), "to": _text(end), "capacity": draw.randint(0, capacity - 1)}]
        calendar = draw.choice([None, None, "early", "six"])
        resources.append({"name": f"r{r}", "capacity": capacity, "calendar": calendar, "outages": outages})
    activities = []
    for k in range(number):
        used = draw.sample(resources, min(len(resources), draw.choice([0, 1, 1, 1, 2])))
        before = [i for i in range(max(0, k - 8), k) if draw.random() < (0.1 if number > 15 else 0.25)]
        pausable = draw.random() < 0.8
        activity = {
            "name": f"a{k}",
            "duration": f"{draw.choice([0, 1, 2, 3, 4, 6, 8, 12] if pausable else [1, 2, 3])}h",
            "predecessors": [f"a{i}{draw.choice(_TYPED if types else _PLAIN)}" for i in before],
            "resources": {resource["name"]: draw.randint(1, resource["capacity"]) for resource in used},
            "pausable": pausable,
        }
        if milestones and draw.random() < 0.5:
            activity |= {"duration": "0h", "pausable": True}
        if draw.random() < 0.15:
            activity["release"] = _text(START + timedelta(hours=draw.randint(0, 24 * 5)))
        activities.append(activity)
    return {"start": "2026-03-23", "calendars": CALENDARS, "resources": resources, "activities": activities}


def plan(seed: int, least: int, most: int, **kinds: bool) -> sk.plan.Plan:
    """A plan whose deadlines lie between what each activity needs alone and what a schedule of all of them gives it.

    It has no schedule more often than not. The kinds are those of `content`.
    """
    draw = random.Random(seed)
    keys = content(draw, draw.randint(least, most), **kinds)
    plenty = [{**resource, "capacity": 1000} for resource in keys["resources"]]
    together = {row["name"]: row["end"] for row in sk.plan.Plan(**keys).solve(max_schedules=500).table()}
    alone = {row["name"]: row["end"] for row in sk.plan.Plan(**keys | {"resources": plenty}).solve(max_schedules=20).table()}
    low = draw.choice([0.3, 0.3, -0.5])
    for activity in keys["activities"] if together and alone else ():
        if draw.random() < 0.3:
            first, last = alone[activity["name"]], together[activity["name"]]
            span = max(last - first, timedelta(hours=8))
            when = max(first + span * draw.uniform(low, 1), first - timedelta(hours=8))
            activity["deadline"] = f"{when:%Y-%m-%d %H}:00"
    return sk.plan.Plan(**keys)


def plans(number: int, least: int, most: int, **kinds: bool) -> list[sk.plan.Plan]:
    """The first plans without a schedule, by their seed."""
    found: list[sk.plan.Plan] = []
    seed = 0
    while len(found) < number:
        candidate = plan(seed, least, most, **kinds)
        if candidate.solve(max_schedules=300).status != "feasible" and candidate.solve(max_schedules=300).end is None:
            found.append(candidate)
        seed += 1
    return found


def _text(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"
