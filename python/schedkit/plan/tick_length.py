"""The length of a tick: the greatest one that divides all hours, dates, durations and lags of a plan, or the plan's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from .._working_hours import in_words
from . import dates, progress
from ._refusal import Refusal
from .elements import PlanContent
from .open_time import Intervals

_SECOND = timedelta(seconds=1)
_MINUTE = 60
_DAY = 86_400


def facts(plan: PlanContent) -> Iterator[datetime]:
    """All dates on which something happened."""
    for activity in plan.activities:
        yield from (when for when in (activity.actual_start, activity.actual_end) if when is not None)


def _lengths(plan: PlanContent) -> Iterator[tuple[timedelta, dict[str, Any]]]:
    """All durations and lags, and where they stand."""
    for index, activity in enumerate(plan.activities):
        place = {"table": "activities", "index": index, "name": activity.name}
        yield activity.duration, {"column": "duration", **place}
        if activity.remaining is not None:
            yield activity.remaining, {"column": "remaining", **place}
        yield from ((link.lag, {"column": "predecessors", **place}) for link in activity.predecessors)


def _left_by_percent(plan: PlanContent) -> Iterator[int]:
    """The seconds that `percent` leaves of what is under way, rounded up to whole minutes."""
    for activity in plan.activities:
        if activity.percent is not None and activity.remaining is None and activity.actual_start is not None:
            yield math.ceil(progress.remaining(activity) / _MINUTE) * _MINUTE


def _moments(plan: PlanContent) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """All dates that lie on ticks, and where they stand."""
    yield plan.start, {"column": "start"}
    for index, activity in enumerate(plan.activities):
        for column in ("release", "deadline", "due"):
            when = getattr(activity, column)
            if when is not None:
                yield when, {"column": column, "table": "activities", "index": index, "name": activity.name}
    for index, resource in enumerate(plan.resources):
        for k, outage in enumerate(resource.outages):
            for key, when in (("from", outage.start), ("to", outage.end)):
                yield when, {"column": f"outages[{k}].{key}", "table": "resources", "index": index, "name": resource.name}


def greatest_tick(plan: PlanContent, origin: datetime, opens: Mapping[str, Intervals], last: int) -> int:
    """The greatest common divisor of all hours, dates, durations, lags and work that is left, in seconds."""
    found = math.gcd(*(length // _SECOND for length, _ in _lengths(plan)))
    found = math.gcd(found, *_left_by_percent(plan))
    found = math.gcd(found, *(dates.elapsed(origin, when) for when, _ in _moments(plan)))
    found = math.gcd(found, *(dates.elapsed(origin, when) for when in facts(plan)))
    if plan.now is not None:
        found = math.gcd(found, dates.elapsed(origin, plan.now))
    for intervals in opens.values():
        inner = intervals[(intervals > 0) & (intervals < last)]  # the ends of the time looked at open and close nothing
        found = math.gcd(found, int(np.gcd.reduce(inner)) if inner.size else 0)
    return found if 0 < found < _DAY else math.gcd(found, _DAY // 2)


def require_on_tick(plan: PlanContent, origin: datetime, opens: Mapping[str, Intervals], last: int, zone: tzinfo) -> None:
    """Refuses a plan whose own tick does not divide its hours, dates, durations and lags."""
    if plan.tick is None:
        return
    tick = plan.tick // _SECOND
    words = f"ticks of {in_words(plan.tick)}"
    for length, place in _lengths(plan):
        if length % plan.tick:
            raise Refusal(f"{in_words(abs(length))} is no whole number of {words}", **place)
    for when, place in _moments(plan):
        if dates.elapsed(origin, when) % tick:
            raise Refusal(f"{dates.shown(when)} does not lie on {words}, which begin at {origin:%H:%M}", **place)
    for name, intervals in opens.items():
        inner = intervals[(intervals > 0) & (intervals < last) & (intervals % tick != 0)]
        if inner.size:
            when = (origin.astimezone(UTC) + timedelta(seconds=int(inner.min()))).astimezone(zone)
            reason = f"calendar {name!r} opens or closes at {dates.shown(when)}, which does not lie on {words}"
            raise Refusal(reason, column="tick")
