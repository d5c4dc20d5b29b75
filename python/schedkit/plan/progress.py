"""Progress of activities: what is done, what is under way and what is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from ..errors import InputTypeError
from . import dates
from ._refusal import Refusal, UnreadableError, similar, unknown
from .elements import Activity

KEYS = ("percent", "remaining", "actual_start", "actual_end")
"""The columns of progress."""


def require_sense(activity: Activity, now: datetime | None) -> None:
    """Refuses progress that contradicts itself.

    Raises
    ------
    UnreadableError
        Facts of the future, an end before the start, work of an activity that has no start.
    """
    start, end = (None if when is None else when.astimezone(UTC) for when in (activity.actual_start, activity.actual_end))
    if start is not None and end is not None and end < start:
        raise UnreadableError("actual_end is before actual_start")
    for column, fact in (("actual_start", start), ("actual_end", end)):
        if fact is not None and now is not None and fact > now.astimezone(UTC):
            reason = f"{column} is after now, which is {dates.shown(now)}"
            if column == "actual_end" and len(dates.text(fact.astimezone(now.tzinfo), end=True)) == len("2026-03-25"):
                reason += "; a date without a time counts to the end of the day, so give the time"
            raise UnreadableError(reason)
    if start is None and end is None:
        if activity.percent == 100:
            raise UnreadableError("percent = 100, but it has no actual_end: give the date on which it ended")
        if activity.percent:
            reason = f"percent = {activity.percent}, but it has no actual_start: give the date on which it began"
            raise UnreadableError(f"{reason}, or leave percent empty")
        if activity.remaining is not None and activity.remaining != activity.duration:
            reason = "remaining differs from the duration, but it has no actual_start: give the date on which it began"
            raise UnreadableError(f"{reason}, or change the duration")
    if end is not None and activity.remaining:
        raise UnreadableError("has an actual_end and work remaining")


def settled(activity: Activity) -> Activity:
    """The activity, which has ended when it started if that is known and it is a milestone without work left."""
    if activity.actual_start is None or activity.actual_end is not None or activity.duration or activity.remaining:
        return activity
    return dataclasses.replace(activity, actual_end=activity.actual_start)


def happened_at_once(activity: Activity) -> bool:
    """Whether an activity is a milestone that has happened, and started when it ended."""
    start, end = activity.actual_start, activity.actual_end
    return not activity.duration and start is not None and end is not None and dates.same(start, end)


def remaining(activity: Activity) -> Fraction:
    """The seconds of working time that are left: nothing of what has ended, else `remaining`, else what `percent` leaves."""
    if activity.actual_end is not None:
        return Fraction(0)
    if activity.remaining is not None:
        return Fraction(activity.remaining // timedelta(seconds=1))
    whole = Fraction(activity.duration // timedelta(seconds=1))
    done = activity.percent if activity.actual_start is not None and activity.percent is not None else 0
    return whole * (100 - Fraction(str(done))) / 100


def merged(
    activities: list[dict[str, Any]], news: Mapping[str, Mapping[str, Any]], at_once: Collection[str]
) -> list[dict[str, Any]]:
    """The activities of a plan, as keys, with news of their progress; the order of the news does not matter.

    What the news contradicts is forgotten: `percent` and `remaining` when an activity has ended, the one of the two that is
    old when the other one is new, and the old end of what has happened `at_once` when its start is new.

    Raises
    ------
    Refusal
        An unknown activity or key.
    """
    known = {activity["name"]: k for k, activity in enumerate(activities)}
    found = [dict(activity) for activity in activities]
    for index, (name, facts) in enumerate(news.items()):
        if not isinstance(name, str) or not isinstance(facts, Mapping):
            raise Refusal("progress maps names of activities to mappings", table="progress", index=index, kind=InputTypeError)
        if name not in known:
            raise Refusal(f"there is no such activity{similar(name, known)}", table="progress", index=index, name=name)
        for key in facts:
            if key not in KEYS:
                raise Refusal(unknown("key", key, KEYS), table="progress", index=index, name=name)
        activity = found[known[name]]
        stale = {"percent": "remaining", "remaining": "percent"}
        gone = {stale[key] for key in stale if facts.get(key) is not None}
        if facts.get("actual_end") is not None:
            gone |= set(stale)
        if name in at_once and "actual_start" in facts:
            gone.add("actual_end")
        for key in gone - facts.keys():
            activity.pop(key, None)
        activity.update(facts)
    return found
