"""The tables of a plan, as texts for the cells of CSV and XLSX files."""

from __future__ import annotations

from typing import Any

from . import hours, links, writing
from .elements import PlanContent, WorkCalendar
from .reading import PLAN_KEYS
from .tables import COLUMNS

_ALWAYS = ("name", "duration", "predecessors", "resources")


def rows(plan: PlanContent) -> dict[str, list[list[str]]]:
    """The tables that have content, each with its header."""
    keys = writing.keys(plan)
    names, resources = {a.name for a in plan.activities}, {r.name for r in plan.resources}
    units = writing.units_of(plan)
    activities = []
    for item, activity in zip(keys["activities"], plan.activities, strict=True):
        texts = {
            "predecessors": "; ".join(links.link_text(link, names, units) for link in activity.predecessors),
            "resources": links.resources_text(activity.resources, resources),
        }
        activities.append(item | texts)
    used = {column for item in activities for column, value in item.items() if value != ""} | set(_ALWAYS)
    outages = [
        [resource.name, *map(str, writing.outage_keys(outage).values())]
        for resource in plan.resources
        for outage in resource.outages
    ]
    found = {
        "plan": _table("plan", [[key, _text(keys[key])] for key in PLAN_KEYS if keys[key] is not None]),
        "calendars": _table("calendars", [row for calendar in plan.calendars for row in _calendar(calendar)]),
        "resources": _table("resources", [[_text(item.get(c)) for c in COLUMNS["resources"]] for item in keys["resources"]]),
        "outages": _table("outages", outages),
    }
    columns = [column for column in COLUMNS["activities"] if column in used]
    found["activities"] = [columns, *([_text(item.get(column)) for column in columns] for item in activities)]
    return {name: table for name, table in found.items() if len(table) > 1 or name == "activities"}


def _table(name: str, content: list[list[str]]) -> list[list[str]]:
    return [list(COLUMNS[name]), *content]


def _calendar(calendar: WorkCalendar) -> list[list[str]]:
    days = [*hours.week_ranges(calendar.weekly), *hours.ranges(calendar.exceptions.items())]
    content = [[calendar.name, day, hours.text(spans)] for day, spans in days]
    return content or [[calendar.name, "mon-sun", "closed"]]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
