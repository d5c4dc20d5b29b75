"""Random small plans of whole hours, with what planners write: links with leads and lags, milestones, outages, progress."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import schedkit as sk

from .plan_hours import HOUR

CALENDARS = [
    {"name": "short", "weekly": {"mon-sun": "09:00-11:00 13:00-16:00"}},
    {"name": "night", "weekly": {"mon-sun": "22:00-04:00"}},
]
QUIET = ("2026-03-23T07:00", "UTC")
CHANGES = (
    ("2026-10-24T20:00", "Europe/Berlin"), ("2026-03-28T20:00", "Europe/Berlin"), ("2026-11-01T01:00", "America/New_York"),
    ("2026-09-05T23:00", "America/Santiago"), ("2026-04-04T20:00", "America/Santiago"),
)  # fmt: skip
"""Starts in universal time, some hours before clocks change, and their zones."""


def random_plan(
    seed: int, places: tuple[tuple[str, str], ...] = (QUIET,), *, busy: bool = False, urgent: bool = False
) -> sk.plan.Plan:
    """Three to five activities with links of all kinds, leads, lags, milestones, releases, and often progress.

    If it is busy, about half of them are under way, and most hold units. If it is urgent, half of what is under way has a
    deadline as well.
    """
    draw = random.Random(seed)
    start, zone = draw.choice(places)
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)

    def date(hours: int) -> str:
        return f"{first + hours * HOUR:%Y-%m-%dT%H:%MZ}"

    usual = draw.choice(["short", "short", "always", "night"])
    resources: list[dict[str, Any]] = [
        {"name": "crew", "capacity": draw.randint(1, 2), "calendar": draw.choice([None, None, "always", "short"])}
    ]
    if draw.random() < 0.3:
        begin = draw.randint(2, 9)
        resources[0]["outages"] = [{"from": date(begin), "to": date(begin + draw.randint(1, 4)), "capacity": 0}]
    now = draw.choice([None, draw.randint(2, 8), draw.randint(2, 8)]) if not busy else draw.randint(2, 8)
    activities: list[dict[str, Any]] = []
    for k in range(draw.randint(3, 5)):
        pausable = draw.random() < 0.8
        activity: dict[str, Any] = {
            "name": f"a{k}",
            "duration": draw.choice([0, 0, 1, 2, 3, 4] if pausable else [0, 1, 2]) or (draw.randint(0, 4) if busy else 0),
            "pausable": pausable,
            "calendar": draw.choice([None, None, None, "always", "short"]),
            "resources": draw.choice([{}, {"crew": 1}, {"crew": resources[0]["capacity"]}]),
            "predecessors": [f"a{i} {_link(draw)}" for i in range(k) if draw.random() < 0.45],
        }
        if draw.random() < 0.15:
            activity["release"] = date(draw.randint(0, 12))
        states = ["fresh", "runs", "runs"] if busy else ["fresh", "fresh", "done", "runs"]
        state = draw.choice(states) if now is not None else "fresh"
        began = draw.randint(0, now) if now is not None else 0
        if state == "done" and now is not None:
            activity |= {"actual_end": date(draw.randint(began, now))}
            activity |= {"actual_start": date(began)} if draw.random() < 0.8 else {}
        if state == "runs" and activity["duration"]:
            activity |= {"actual_start": date(began), "remaining": draw.randint(0, 3)}
            if urgent and draw.random() < 0.5:
                activity["deadline"] = date((now or 0) + draw.randint(1, 20))
        elif draw.random() < 0.12 and state == "fresh":
            activity["deadline"] = date(draw.randint(6, 40))
        activities.append(activity)
    return sk.plan.Plan(
        start=date(0),
        timezone=zone,
        calendar=usual,
        now=None if now is None else date(now),
        calendars=CALENDARS,
        resources=resources,
        activities=activities,
        tick="1h",
    )


def _link(draw: random.Random) -> str:
    lag = draw.choice(["", "", "+1h", "+2eh", "-1h", "-2h", "-4h", "-2eh", "-9h"])
    return f"{draw.choice(['FS', 'SS', 'FF', 'SF'])}{lag}"
