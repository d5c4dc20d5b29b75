"""The parts of a plan that are lost when it is written as a project of MS Project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from . import dates
from ._refusal import listed
from .elements import Activity, Outage, PlanContent
from .writing import units_of

_MOST_NAMES = 3


def lost(plan: PlanContent) -> list[str]:
    """What the document of a plan cannot hold, in words, such as ``pausable of 'lift'``; empty if it keeps everything."""
    kept = plan.activities
    found = [
        (f"timezone (read the file with timezone={plan.timezone!r})", plan.timezone != "UTC"),
        ("tick", plan.tick is not None),
        ("hours_per_day and days_per_week to the minute", _between_minutes(plan)),
        ("start at the second occurrence of its clock time", _again(plan.start)),
        ("now at the second occurrence of its clock time", _again(plan.now)),
    ]
    of_activities = [
        ("pausable", [a.name for a in kept if not a.pausable]),
        ("weight", [a.name for a in kept if a.weight != 1]),
        ("fractions of percent", [a.name for a in kept if a.percent is not None and not float(a.percent).is_integer()]),
        ("dates at the second occurrence of their clock times", [a.name for a in kept if any(map(_again, _dates(a)))]),
    ]
    torn = [r.name for r in plan.resources if any(_is_torn(o) for o in r.outages)]
    words = [word for word, is_lost in found if is_lost]
    named = [*of_activities, ("ends of outages at clock times that occur two times", torn)]
    return words + [f"{word} of {_named(names)}" for word, names in named if names]


def _dates(activity: Activity) -> tuple[datetime | None, ...]:
    return activity.release, activity.deadline, activity.due, activity.actual_start, activity.actual_end


def _again(when: datetime | None) -> bool:
    """Whether a moment is the second one of its clock time."""
    return when is not None and when.fold == 1 and when.utcoffset() != when.replace(fold=0).utcoffset()


def _is_torn(outage: Outage) -> bool:
    """Whether an end of an outage is lost: whole outages close hours of the clock, whichever time the clock shows them."""
    return any(_again(when) or (not outage.capacity and _is_inside(when)) for when in (outage.start, outage.end))


def _is_inside(when: datetime) -> bool:
    """Whether a moment lies between the first and the last of the clock times that occur two times."""
    before = when.astimezone(UTC) - timedelta(seconds=1)
    return bool(dates.offset(when)) and bool(dates.offset(before.astimezone(when.tzinfo)))


def _between_minutes(plan: PlanContent) -> bool:
    units = units_of(plan)
    return any((units.seconds(unit) / 60).denominator != 1 for unit in "dw")


def _named(names: Iterable[str]) -> str:
    return listed(map(repr, names), _MOST_NAMES)
