"""Plans that start on a Monday in Berlin, and their schedules, judged in dates and in ticks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import schedkit as sk
from schedkit.plan import model

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
CREW = {"name": "crew"}


def plan(*activities: dict[str, Any], **keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": "2026-03-23", "timezone": "Europe/Berlin", "activities": activities, **keys})


def solved(found: sk.plan.Plan, **options: Any) -> sk.plan.PlanSolution:
    """The solution, whose schedule is judged in dates and in ticks."""
    r = found.solve(**{"max_schedules": 500, **options})
    if r.table():
        assert sk.check(found, r) == []
        assert sk.check(found, r.to_dict()) == []
        made = model.model(found, r.objective_name)
        assert r._schedule is not None
        assert sk.check(made.project, r._schedule, fixed=made.fixed, now=made.now) == []
    return r


def rows(r: sk.plan.PlanSolution) -> list[tuple[str, str, str]]:
    shown = [(row["name"], row["start"], row["end"]) for row in r.table()]
    return [(name, f"{start:%a %d %H:%M}", f"{end:%a %d %H:%M}") for name, start, end in shown]
