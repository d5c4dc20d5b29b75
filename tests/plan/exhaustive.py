"""All schedules of small plans, hour by hour: a slow judge that shares no code with the library.

Work under way goes on in the order of the starts, as soon as units and links let it, if any schedule has it so; else it is
placed like work that has not begun.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping

import schedkit as sk

from .plan_hours import HOUR, PlanHours, Span, Spans


class TooManyError(Exception):
    """There are too many schedules to look at all of them."""


_MOST_STEPS = 400_000


class Judge(PlanHours):
    """What is known about all schedules of a plan that end in so many hours."""

    def __init__(self, plan: sk.plan.Plan, most: int = 24 * 8) -> None:
        super().__init__(plan, most)
        self.steps = 0

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
        """The times of what has ended, of some work under way, and of what ends at once behind these; and the units held."""
        spans, used = self.known(), dict[tuple[str, int], int]()
        for name, (span, worked) in some.items():
            spans[name], used = span, self.take(name, worked, used)
        at_once = [a for a in self.running if not a.remaining]
        for _ in at_once:
            for activity in at_once:
                links = [link for link in activity.predecessors if link.type[1] == "F"]
                if all(link.name in spans or self.has_begun(link) for link in links):
                    on = self.goes_on(activity.name, spans, {})
                    assert on is not None
                    spans[activity.name] = on[0]
        return spans, used

    def has_begun(self, link: sk.plan.Link) -> bool:
        """Whether the event from which a link counts has happened."""
        before = self.activity[link.name]
        return before.actual_end is not None or (link.type[0] == "S" and before.actual_start is not None)

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

    @functools.cached_property
    def waiting(self) -> list[sk.plan.Activity]:
        """Work under way that is not done and has no turn."""
        return [a for a in self.running if a.remaining and a.name not in self.turns]

    def schedules(self, last: int) -> Iterator[Spans]:
        """All schedules that end by an hour."""
        _, used = self.together(self.turns)
        spans = self.known() | {name: span for name, (span, _) in self.turns.items()}
        names = [a.name for a in self.plan.activities if a in self.fresh or a in self.waiting]
        for found in self._all(names, spans, used, last):
            whole = found
            for _ in self.running:
                whole = whole | self.at_once(whole)
            if self.in_time(whole, last) and self.linked(whole):
                yield whole

    def _all(self, names: list[str], spans: Spans, used: dict[tuple[str, int], int], last: int) -> Iterator[Spans]:
        """All times of some activities beside others, in the order of the plan."""
        if not names:
            yield spans
            return
        name, *others = names
        activity = self.activity[name]
        for start in range(self.now, last + 1):
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise TooManyError
            if activity.actual_start is None:
                found, begun = self.placed(activity, start, spans, last), start
            else:
                assert activity.remaining is not None
                worked = self.work(name, start, activity.remaining // HOUR, True)
                found = None if worked is None else (worked[-1] + 1, worked)
                begun = self.hour(activity.actual_start)
            if found is not None and found[0] <= last and self.free(name, found[1], used):
                more = spans | {name: (begun, found[0])}
                if self.linked(more):
                    yield from self._all(others, more, self.take(name, found[1], used), last)

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
        """When work under way goes on by the rule, as far as that says so."""
        return {name: span for name, (span, _) in self.turns.items()} | self.at_once(spans)

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
