"""All schedules of small plans, hour by hour: a slow judge that shares no code with the library.

An hour is a number, counted from the start of the plan; calendars are open by `meaning.is_open` at the clock time of the hour.
Work under way goes on in the order of the starts, as soon as units and links let it, if any schedule has it so; else it comes
behind what work under way waits for.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import schedkit as sk

from . import meaning

HOUR = timedelta(hours=1)
Span = tuple[int | None, int]
Spans = dict[str, Span]

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


def random_plan(seed: int, places: tuple[tuple[str, str], ...] = (QUIET,), *, busy: bool = False) -> sk.plan.Plan:
    """Three to five activities with links of all kinds, leads, lags, milestones, releases, and often progress.

    If it is busy, about half of them are under way, and most hold units.
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


class TooManyError(Exception):
    """There are too many schedules to look at all of them."""


_MOST_STEPS = 400_000


class Judge:
    """What is known about all schedules of a plan that end in so many hours."""

    def __init__(self, plan: sk.plan.Plan, most: int = 24 * 8) -> None:
        self.plan, self.most, self.steps = plan, most, 0
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

    def goes_on(self, name: str, spans: Spans, used: dict[tuple[str, int], int]) -> tuple[Span, tuple[int, ...]] | None:
        """Start, end and hours of work under way, as early as units and its links let it end; None if it never can."""
        activity = self.activity[name]
        assert activity.actual_start is not None
        assert activity.remaining is not None
        start, hours = self.hour(activity.actual_start), activity.remaining // HOUR
        bound = max(self.now, self.earliest(name, "F", spans))
        if not hours:
            return (start, bound), ()
        for begin in range(self.now, self.most):
            worked = self.work(name, begin, hours, True)
            if worked is not None and worked[-1] + 1 >= bound and self.free(name, worked, used):
                return (start, worked[-1] + 1), worked
        return None

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

    def before(self, names: Collection[str]) -> set[str]:
        """What some activities wait for, directly or not, and these themselves."""
        reached, waiting = set(names), list(names)
        while waiting:
            new = {link.name for link in self.activity[waiting.pop()].predecessors} - reached
            reached |= new
            waiting += new
        return reached

    def linked(self, spans: Spans) -> bool:
        """Whether all links between activities hold, those to facts apart."""
        for name, (start, end) in spans.items():
            activity = self.activity[name]
            for link in activity.predecessors:
                if activity.actual_end is not None or link.name not in spans:
                    continue
                begin, until = spans[link.name]
                least = self.after(until if link.type[0] == "F" or begin is None else begin, link)
                at = end if link.type[1] == "F" else start if activity in self.fresh else None
                if at is not None and at < least:
                    return False
        return True

    @functools.cached_property
    def turns(self) -> dict[str, tuple[Span, tuple[int, ...]]]:
        """Start, end and hours of work under way that goes on before all else, because some schedule has it so."""
        found: dict[str, tuple[Span, tuple[int, ...]]] = {}
        waiting, tried = [a.name for a in self.running if a.remaining], -1
        while tried < len(found):
            tried = len(found)
            for name in waiting:
                spans, used = self.together(found)
                on = None if name in found else self.goes_on(name, spans, used)
                deadline = self.activity[name].deadline
                if on is not None and (deadline is None or on[0][1] <= self.hour(deadline)) and self.exists(found | {name: on}):
                    found[name] = on
        return found

    def together(self, some: Mapping[str, tuple[Span, tuple[int, ...]]]) -> tuple[Spans, dict[tuple[str, int], int]]:
        """The times of what has ended and of some work under way, and the units that this holds."""
        spans, used = self.known(), dict[tuple[str, int], int]()
        for name, (span, worked) in some.items():
            spans[name], used = span, self.take(name, worked, used)
        return spans, used

    def exists(self, some: Mapping[str, tuple[Span, tuple[int, ...]]]) -> bool:
        """Whether there is a schedule with some times of work under way, whenever the rest of that goes on.

        What need not be in time for these, or for a deadline, can be later than all else, if it can work at all.
        """
        self.steps = 0
        for activity in [*self.fresh, *self.running]:
            hours, pausable = (
                (activity.duration if activity.remaining is None else activity.remaining) // HOUR,
                activity.pausable,
            )
            pausable = pausable or activity in self.running
            if all(self.work(activity.name, start, hours, pausable) is None for start in range(self.now, self.most)):
                return False
        spans, used = self.together(some)
        dated = {a.name for a in self.plan.activities if a.deadline is not None and a.actual_end is None}
        ends = [end for _, end in spans.values()] + [self.hour(d) for name in dated if (d := self.activity[name].deadline)]
        names = [a.name for a in reversed(self.plan.activities) if a.name in self.before({*some, *dated} - {*self.known()})]
        return self._exists([name for name in names if name not in spans], spans, used, max(ends, default=0) + 72)

    def _exists(self, waiting: list[str], spans: Spans, used: dict[tuple[str, int], int], last: int) -> bool:
        if not waiting:
            return True
        name, *others = waiting
        activity = self.activity[name]
        running = activity in self.running
        hours = (activity.duration if activity.remaining is None else activity.remaining) // HOUR
        until = last if activity.deadline is None else self.hour(activity.deadline)
        release = 0 if running or activity.release is None else self.hour(activity.release)
        for start in range(max(self.now, release), until + 1):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise TooManyError
            worked = self.work(name, start, hours, running or activity.pausable)
            if worked is None or not self.free(name, worked, used):
                continue
            began = self.hour(activity.actual_start) if activity.actual_start is not None else start
            found = spans | {name: (began, worked[-1] + 1 if worked else start)}
            in_time = found[name][1] <= until and self.linked(found)
            if in_time and self._exists(others, found, self.take(name, worked, used), last):
                return True
        return False

    def followed(
        self, spans: Spans, used: dict[tuple[str, int], int], waiting: list[str]
    ) -> tuple[Spans, dict[tuple[str, int], int], list[str]] | None:
        """Times of waiting work under way whose predecessors are placed, and its remaining duration; None if some never end."""
        waiting = list(waiting)
        while waiting:
            links = {name: [link for link in self.activity[name].predecessors if link.type[1] == "F"] for name in waiting}
            ready = [name for name in waiting if all(link.name in spans for link in links[name])]
            if not ready:
                break
            name = min(ready, key=lambda k: (bool(self.activity[k].remaining), waiting.index(k)))
            on = self.goes_on(name, spans, used)
            if on is None:
                return None
            spans, used = spans | {name: on[0]}, self.take(name, on[1], used)
            waiting.remove(name)
        return spans, used, waiting

    @functools.cached_property
    def waiting(self) -> list[str]:
        """Work under way that has no turn, in the order of the starts, with that of which nothing is left."""
        return [a.name for a in self.running if a.name not in self.turns]

    @functools.cached_property
    def awaited(self) -> list[str]:
        """What has not begun and work under way waits for, if some of that has no turn; in the order of the plan."""
        if not any(self.activity[name].remaining for name in self.waiting):
            return []
        names = self.before({a.name for a in self.running if a.remaining})
        return [a.name for a in self.fresh if a.name in names]

    def schedules(self, last: int) -> Iterator[Spans]:
        """All schedules that end by an hour."""
        spans, used = self.together(self.turns)
        others = [a.name for a in self.fresh if a.name not in self.awaited]
        for some, held in self._more(self.awaited, spans, used, last):
            followed = self.followed(some, held, self.waiting)
            if followed is not None and self.linked(followed[0]):
                yield from self._rest(others, *followed, last)

    def _more(
        self, names: list[str], spans: Spans, used: dict[tuple[str, int], int], last: int
    ) -> Iterator[tuple[Spans, dict[tuple[str, int], int]]]:
        """All times of some activities that have not begun, with the units that are held then."""
        if not names:
            yield spans, used
            return
        name, *others = names
        for start in range(self.now, last + 1):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise TooManyError
            found = self.placed(self.activity[name], start, spans, last)
            if found is not None and self.free(name, found[1], used):
                more = spans | {name: (start, found[0])}
                if self.linked(more):
                    yield from self._more(others, more, self.take(name, found[1], used), last)

    def _rest(
        self, names: list[str], spans: Spans, used: dict[tuple[str, int], int], waiting: list[str], last: int
    ) -> Iterator[Spans]:
        """The times of all activities that have not ended, in the order of the plan."""
        if not names:
            followed = self.followed(spans, used, waiting)
            if followed is not None and not followed[2] and self.in_time(followed[0], last) and self.linked(followed[0]):
                yield followed[0]
            return
        for more, held in self._more(names[:1], spans, used, last):
            followed = self.followed(more, held, waiting)
            if followed is not None:
                yield from self._rest(names[1:], *followed, last)

    def in_time(self, spans: Spans, last: int) -> bool:
        dated = [(a.name, a.deadline) for a in self.plan.activities if a.deadline is not None and a.actual_end is None]
        return all(spans[name][1] <= self.hour(when) for name, when in dated) and max(end for _, end in spans.values()) <= last

    def least_end(self, most: int) -> int | None:
        """The earliest end of the plan; None if none is by an hour.

        Raises
        ------
        TooManyError
        """
        first = max([self.now, *(end for _, end in self.known().values())], default=0)
        return next(
            (
                last
                for last in range(0 if self.plan.now is None else min(first, self.now), most + 1)
                if next(self.schedules(last), None) is not None
            ),
            None,
        )

    @property
    def is_certain(self) -> bool:
        """Whether the rule says when work under way goes on: if it waits, it may wait longer for deadlines of other work."""
        dated = any(a.deadline is not None and a.actual_end is None for a in self.plan.activities)
        return not dated or not any(self.activity[name].remaining for name in self.waiting)

    def keeps(self, spans: Spans, last: int, under_way: Spans | None = None) -> bool:
        """Whether times are a schedule that ends by an hour, in which work under way goes on by the rule, or as it is given."""
        known = self.known()
        if any(spans[name] != span for name, span in known.items()) or not self.linked(spans) or not self.in_time(spans, last):
            return False
        used: dict[tuple[str, int], int] = {}
        for activity in self.fresh:
            start = spans[activity.name][0]
            found = None if start is None else self.placed(activity, start, known, last)
            if found is None or spans[activity.name][1] != found[0] or not self.free(activity.name, found[1], used):
                return False
            used = self.take(activity.name, found[1], used)
        for activity in self.running:
            begin = self.begun(activity, spans[activity.name][1])
            if begin is None or not self.free(activity.name, begin, used):
                return False
            used = self.take(activity.name, begin, used)
        expected = self.ruled(spans) if under_way is None else {a.name: under_way[a.name] for a in self.running if a.remaining}
        expected = expected if under_way is None else expected | self.at_once(spans)
        return all(spans[name] == span for name, span in expected.items())

    def begun(self, activity: sk.plan.Activity, end: int) -> tuple[int, ...] | None:
        """The hours from `now` on of work under way that ends at an hour."""
        assert activity.remaining is not None
        if not activity.remaining:
            return ()
        for start in range(end - 1, self.now - 1, -1):
            worked = self.work(activity.name, start, activity.remaining // HOUR, True)
            if worked is not None and worked[-1] + 1 == end:
                return worked
        return None

    def at_once(self, spans: Spans) -> Spans:
        """When work under way of which nothing is left ends."""
        found: Spans = {}
        for activity in self.running:
            on = None if activity.remaining else self.goes_on(activity.name, spans, {})
            if on is not None:
                found[activity.name] = on[0]
        return found

    def ruled(self, spans: Spans) -> Spans:
        """When work under way goes on by the rule, by the times of what it waits for."""
        found, used = self.together(self.turns)
        for name in self.awaited:
            found[name] = spans[name]
            start, end = spans[name]
            assert start is not None
            worked = [at for at in range(start, end) if self.up(name, at)] if self.activity[name].duration else []
            used = self.take(name, tuple(worked), used)
        followed = self.followed(found, used, self.waiting)
        assert followed is not None
        names = {a.name for a in self.running if a.remaining}
        return {name: span for name, span in followed[0].items() if name in names} | self.at_once(spans)

    def later(self, spans: Spans, last: int, under_way: Spans) -> Iterator[tuple[str, int]]:
        """Activities that could start later alone, and when, while all others stay where they are."""
        yield from self._alone(spans, last, +1, under_way)

    def earlier(self, spans: Spans, last: int) -> Iterator[tuple[str, int]]:
        """Activities that could start earlier alone."""
        yield from self._alone(spans, last, -1, None)

    def _alone(self, spans: Spans, last: int, step: int, under_way: Spans | None) -> Iterator[tuple[str, int]]:
        for activity in self.fresh:
            start = spans[activity.name][0]
            assert start is not None
            for other in range(start + step, last + 1 if step > 0 else self.now - 1, step):
                worked = self.work(activity.name, other, activity.duration // HOUR, activity.pausable)
                if worked is None:
                    continue
                moved = spans | {activity.name: (other, worked[-1] + 1 if worked else other)}
                for _ in self.running:
                    moved |= self.at_once(moved)
                if self.keeps(moved, last, under_way):
                    yield activity.name, other
                    break
