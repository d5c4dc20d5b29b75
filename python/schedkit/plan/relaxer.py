"""The search for changes of a plan that resolve a conflict, each the least of its kind where that is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any

from . import conflict_parts, dates, horizon, lengths, progress, restriction, variants
from .conflict_parts import ConflictPart
from .elements import Activity, Link, Outage, PlanContent, Resource
from .feasibility import Inquiry
from .relaxation import CHANGE, Relaxation, named, with_overtime

_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_NONE = timedelta(0)


class Relaxer:
    """Finds relaxations of a plan that has no schedule.

    Parameters
    ----------
    plan : Plan
        The plan, with its tick.
    parts : tuple of ConflictPart
        The conflict that is to be resolved; questions about these parts alone come first, because they are answered soon. That
        less does not do is concluded from them only if it is certain that the whole plan asks for no less.
    inquiry : Inquiry
    resolves : str
        What `Relaxation.resolves` says about them.
    any_tick : bool
        Whether overtime may make the tick finer.
    """

    def __init__(
        self,
        plan: PlanContent,
        parts: tuple[ConflictPart, ...],
        inquiry: Inquiry,
        *,
        resolves: str,
        any_tick: bool,
    ) -> None:
        self._plan, self._inquiry, self._resolves = plan, inquiry, resolves
        self._conflict, self._tells = restriction.restricted(plan, parts), restriction.is_looser(plan, parts)
        self._any_tick = any_tick

    def of(self, part: ConflictPart, kinds: Collection[str]) -> Iterator[Relaxation]:
        """The relaxations of a part of the conflict that give the plan a schedule; none if it is not known that any does.

        Parameters
        ----------
        part : ConflictPart
        kinds : collection of str
            The kinds of relaxations that are wanted.
        """
        finders = {
            "outage": (("outage", self._without_outage),),
            "link": (("link", self._without_link),),
            "hours": (("overtime", self._overtime),),
            "capacity": (("capacity", self._capacity),),
            "deadline": (("deadline", self._deadline),),
            "release": (("release", self._release),),
            "work": (("pausable", self._pausable), ("duration", self._duration)),
        }
        for kind, find in finders[part.kind]:
            found = find(part) if kind in kinds and self._inquiry.left > 0 else None
            if found is not None:
                yield found

    def _activity(self, name: str) -> Activity:
        return named(self._plan.activities, name)

    def _resource(self, name: str) -> Resource:
        return named(self._plan.resources, name)

    def _feasible(self, kind: str, name: str, value: Any) -> bool | None:
        return self._inquiry.feasible(CHANGE[kind](self._plan, name, value))

    def _made(self, kind: str, name: str, value: Any, text: str, *, least: bool = True) -> Relaxation:
        return Relaxation(kind, name, value, least, self._resolves, text)

    def _least(self, kind: str, name: str, value: Callable[[int], Any], too_little: int, enough: int) -> tuple[int, bool]:
        """The least number that does, by halving, and whether it is proven that one less does not.

        Parameters
        ----------
        kind, name : str
            Those of the relaxation.
        value : callable
            The value of the relaxation for a number; the more the higher the number is.
        too_little, enough : int
            It is known that the plan has no schedule and has one.
        """
        low, high = too_little, enough
        while high - low > 1:  # among the parts of the conflict alone
            middle = (low + high) // 2
            if self._inquiry.feasible(CHANGE[kind](self._conflict, name, value(middle))) is False:
                low = middle
            else:
                high = middle
        known = low if self._tells else too_little  # with all parts
        guesses = [guess for guess in (high, low) if known < guess < enough]
        low = proven = known
        while enough - low > 1:
            middle = guesses.pop(0) if guesses else (low + enough) // 2
            if not low < middle < enough:
                continue
            feasible = self._feasible(kind, name, value(middle))
            if feasible:
                enough = middle
            else:
                low, proven = middle, middle if feasible is False else proven
        return enough, proven == enough - 1

    def _without_outage(self, part: ConflictPart) -> Relaxation | None:
        outage = part.value
        assert isinstance(outage, Outage)
        when = f"from {dates.shown(outage.start)} to {dates.shown(outage.end)}"
        if not self._feasible("outage", part.name, outage):
            return None
        return self._made("outage", part.name, outage, f"do without the outage of {part.name!r} {when}")

    def _without_link(self, part: ConflictPart) -> Relaxation | None:
        link = part.value
        assert isinstance(link, Link)
        if not self._feasible("link", part.name, link):
            return None
        text = f"do not let {part.name!r} wait for {conflict_parts.link_text(link)}"
        return self._made("link", part.name, link, text)

    def _pausable(self, part: ConflictPart) -> Relaxation | None:
        if self._activity(part.name).pausable or not self._feasible("pausable", part.name, True):
            return None
        return self._made("pausable", part.name, True, f"let {part.name!r} pause and go on")

    def _deadline(self, part: ConflictPart) -> Relaxation | None:
        """The earliest date that the deadline could have."""
        name, activity = part.name, self._activity(part.name)
        free = self._inquiry.attempt(CHANGE["deadline"](self._plan, name, None))
        if free is None or not free.feasible or activity.deadline is None:
            return None
        times = free.model.times
        end = free.ends[self._plan.activities.index(activity)]
        tick, least = self._least("deadline", name, times.moment, times.tick(activity.deadline), end)
        value = times.moment(tick)
        proven = "no earlier one would do" if least else "an earlier one may do"
        later = lengths.moved(activity.deadline, value)
        text = f"move the deadline of {name!r} to {dates.shown(value)}, {later} later; {proven}"
        return self._made("deadline", name, value, text, least=least)

    def _release(self, part: ConflictPart) -> Relaxation | None:
        """The latest date that the release could have."""
        name, activity = part.name, self._activity(part.name)
        free = self._inquiry.attempt(CHANGE["release"](self._plan, name, None))
        if free is None or not free.feasible or activity.release is None:
            return None
        times = free.model.times
        given, first = times.tick(activity.release), min(free.model.now, times.tick(activity.release))
        earlier, least = self._least("release", name, lambda less: times.moment(given - less), 0, given - first)
        value = times.moment(given - earlier)
        proven = "no later release would do" if least else "a later release may do"
        before = lengths.moved(value, activity.release)
        text = f"let {name!r} start from {dates.shown(value)} on, {before} earlier; {proven}"
        return self._made("release", name, value, text, least=least)

    def _capacity(self, part: ConflictPart) -> Relaxation | None:
        """The least number of units that would do."""
        name, units = part.name, self._resource(part.name).capacity
        most = max(units, restriction.most_units(self._plan.activities, name))
        if not self._feasible("capacity", name, most):
            return None
        value, least = self._least("capacity", name, lambda units: units, units, most)
        proven = "fewer would not do" if least else "fewer may do"
        return self._made("capacity", name, value, f"have {value} units of {name!r} instead of {units}; {proven}", least=least)

    def _duration(self, part: ConflictPart) -> Relaxation | None:
        """The longest duration that fits."""
        name, activity, tick = part.name, self._activity(part.name), self._plan.tick
        if tick is None or not self._feasible("duration", name, _NONE):
            return None
        whole = timedelta(seconds=float(progress.remaining(activity)))
        given = -(-whole // tick)
        less, least = self._least("duration", name, lambda less: tick * (given - less), 0, given)
        least = least and (less == 1 or not self._may_want_more(activity))
        value = tick * (given - less)
        verb = "do" if activity.actual_start is None else "do what is left of"
        text = f"{verb} {name!r} in {lengths.work(value)} instead of {lengths.work(whole)}"
        text += "; more would be too long" if least else "; a little more may do"
        if not value:
            proven = "even a little of it would be too long" if least else "a little of it may do"
            text = f"leave out the work of {name!r}; {proven}"
        return self._made("duration", name, value, text, least=least)

    def _may_want_more(self, activity: Activity) -> bool:
        """Whether more work may resolve what less does not: a link holds back its end, and other work waits for its start."""
        links = (link for other in self._plan.activities for link in other.predecessors)
        awaited = any(link.type[0] == "S" and link.name == activity.name for link in links)
        return awaited and any(link.type[1] == "F" for link in activity.predecessors)

    def _overtime(self, part: ConflictPart) -> Relaxation | None:
        """The fewest hours by which the working days of a calendar would have to be longer."""
        name, tick = part.name, (self._plan.tick or _HOUR) // _SECOND
        calendar = horizon.calendars(self._plan)[name]
        hour, step = _HOUR // _SECOND, 1
        change: dict[str, Any] = {}
        if self._any_tick:
            change["tick"] = math.gcd(tick, hour) * _SECOND
        else:
            step = tick // math.gcd(tick, hour)
        most = -(-variants.most_overtime(calendar) // (step * hour)) * step

        def feasible(hours: int, of: PlanContent) -> bool | None:
            longer = with_overtime(of, name, hours * _HOUR)
            return self._inquiry.feasible(variants.variant(longer, **change))

        if most <= 0 or not feasible(most, self._plan):
            return None
        least = True
        for hours in range(step, most + step, step):
            if self._tells and feasible(hours, self._conflict) is False:
                continue
            found = hours == most or feasible(hours, self._plan)
            if found:
                proven = "fewer hours would not do" if least else "fewer hours may do"
                text = f"work {lengths.passed(hours * _HOUR)} longer on each working day of calendar {name!r}; {proven}"
                return self._made("overtime", name, hours * _HOUR, text, least=least)
            least = least and found is False
        return None
