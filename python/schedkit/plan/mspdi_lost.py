"""The parts of a plan that are lost when it is written as a project of MS Project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ._refusal import listed
from .elements import Activity, PlanContent
from .writing import units_of

_MOST_NAMES = 3


def lost(plan: PlanContent) -> list[str]:
    """What the document of a plan cannot hold, in words, such as ``pausable of 'lift'``; empty if it keeps everything."""
    kept = plan.activities
    found = [
        (f"timezone (read the file with timezone={plan.timezone!r})", plan.timezone != "UTC"),
        ("tick", plan.tick is not None),
        ("hours_per_day and days_per_week to the minute", _between_minutes(plan)),
        ("now at the second occurrence of its clock time", _again(plan.now)),
    ]
    of_activities = [
        ("pausable", [a.name for a in kept if not a.pausable]),
        ("weight", [a.name for a in kept if a.weight != 1]),
        ("fractions of percent", [a.name for a in kept if a.percent is not None and not float(a.percent).is_integer()]),
        ("dates at the second occurrence of their clock times", [a.name for a in kept if any(map(_again, _dates(a)))]),
    ]
    words = [word for word, is_lost in found if is_lost]
    return words + [f"{word} of {_named(names)}" for word, names in of_activities if names]


def _dates(activity: Activity) -> tuple[datetime | None, ...]:
    return activity.release, activity.deadline, activity.due, activity.actual_start, activity.actual_end


def _again(when: datetime | None) -> bool:
    """Whether a moment is the second one of its clock time."""
    return when is not None and when.fold == 1 and when.utcoffset() != when.replace(fold=0).utcoffset()


def _between_minutes(plan: PlanContent) -> bool:
    units = units_of(plan)
    return any((units.seconds(unit) / 60).denominator != 1 for unit in "dw")


def _named(names: Iterable[str]) -> str:
    return listed(map(repr, names), _MOST_NAMES)
