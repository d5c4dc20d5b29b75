"""A plan hour by hour: when it is open, how many units there are, which hours work takes, and what links ask for.

An hour is a number, counted from the start of the plan; calendars are open by `meaning.is_open` at the clock time of the hour.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta

import schedkit as sk

from . import meaning

HOUR = timedelta(hours=1)
Span = tuple[int | None, int]
Spans = dict[str, Span]


class PlanHours:
    """The hours of a plan up to the last one that counts."""

    def __init__(self, plan: sk.plan.Plan, most: int = 24 * 8) -> None:
        self.plan, self.most = plan, most
        self.first = plan.start.astimezone(UTC)
        self.now = 0 if plan.now is None else self.hour(plan.now)
        self.fresh = [a for a in plan.activities if a.actual_start is None and a.actual_end is None]
        self.running = [a for a in plan.activities if a.actual_start is not None and a.actual_end is None]
        self.running.sort(key=lambda a: self.hour(a.actual_start or plan.start))
        self.done = [a for a in plan.activities if a.actual_end is not None]
        self.position = {a.name: k for k, a in enumerate(plan.activities)}
        self.activity = {a.name: a for a in plan.activities}
        self.resource = {r.name: r for r in plan.resources}

    def hour(self, when: datetime) -> int:
        hours, rest = divmod(when.astimezone(UTC) - self.first, HOUR)
        assert not rest
        return hours

    @functools.cache  # noqa: B019  # a judge lives as long as a test
    def is_open(self, calendar: str, at: int) -> bool:
        clock = (self.first + at * HOUR).astimezone(self.plan.start.tzinfo)
        return meaning.is_open(self.plan, calendar, meaning.naive(clock))

    @functools.cache  # noqa: B019
    def up(self, name: str, at: int) -> bool:
        """Whether an activity can work in an hour: its calendars are open, and outages leave the units that it holds."""
        activity = self.activity[name]
        calendars = {self.resource[r].calendar or self.plan.calendar for r in activity.resources}
        calendars |= {activity.calendar} if activity.calendar is not None else set()
        return all(self.is_open(c, at) for c in calendars or {self.plan.calendar}) and all(
            self.units(r, at) >= units for r, units in activity.resources.items()
        )

    def units(self, name: str, at: int) -> int:
        resource = self.resource[name]
        left = [o.capacity for o in resource.outages if self.hour(o.start) <= at < self.hour(o.end)]
        return min([resource.capacity, *left])

    def after(self, event: int, link: sk.plan.Link) -> int:
        """The hour at which the lag of a link has passed, or the first one from which no more than its lead remains."""
        left = link.lag // HOUR
        if link.elapsed:
            return event + left
        while left > 0:
            left -= self.is_open(self.plan.calendar, event)
            event += 1
        while left < 0 or (link.lag < 0 * HOUR and not self.is_open(self.plan.calendar, event - 1)):
            if event < -24 * 8:
                return event
            left += self.is_open(self.plan.calendar, event - 1)
            event -= 1
        return event

    @functools.cache  # noqa: B019
    def work(self, name: str, start: int, hours: int, pausable: bool) -> tuple[int, ...] | None:
        """The hours of work that begins in an hour; None if it cannot."""
        if not hours:
            return ()
        if not self.up(name, start):
            return None
        found: list[int] = []
        for at in range(start, self.most):
            if self.up(name, at):
                found.append(at)
            elif not pausable:
                return None
            if len(found) == hours:
                return tuple(found)
        return None

    def earliest(self, name: str, event: str, spans: Spans) -> int:
        """The hour before which an activity cannot start, or end, by its links from what is placed or has begun."""
        found = [-24 * 9]
        for link in self.activity[name].predecessors:
            began = self.activity[link.name].actual_start
            if link.type[1] == event and link.name not in spans and link.type[0] == "S" and began is not None:
                found.append(self.after(self.hour(began), link))
            elif link.type[1] == event and link.name in spans:
                start, end = spans[link.name]
                at = end if link.type[0] == "F" or start is None else start
                found.append(self.after(at, link))
        return max(found)

    def known(self) -> Spans:
        """The times of what has ended."""
        found: Spans = {}
        for activity in self.done:
            assert activity.actual_end is not None
            start = None if activity.actual_start is None else self.hour(activity.actual_start)
            found[activity.name] = (start, self.hour(activity.actual_end))
        return found

    def free(self, name: str, worked: tuple[int, ...], used: dict[tuple[str, int], int]) -> bool:
        held = self.activity[name].resources.items()
        return all(used.get((r, at), 0) + units <= self.units(r, at) for r, units in held for at in worked)

    def take(self, name: str, worked: tuple[int, ...], used: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        found = dict(used)
        for r, units in self.activity[name].resources.items():
            for at in worked:
                found[r, at] = found.get((r, at), 0) + units
        return found

    def placed(self, activity: sk.plan.Activity, start: int, spans: Spans, last: int) -> tuple[int, tuple[int, ...]] | None:
        """The end and the hours of an activity that starts in an hour, by its dates and the links from what is placed."""
        if start < max(self.now, self.hour(activity.release) if activity.release else 0):
            return None
        worked = self.work(activity.name, start, activity.duration // HOUR, activity.pausable)
        if worked is None:
            return None
        end = worked[-1] + 1 if worked else start
        until = min(last, self.hour(activity.deadline)) if activity.deadline else last
        if end > until or start < self.earliest(activity.name, "S", spans) or end < self.earliest(activity.name, "F", spans):
            return None
        return end, worked
