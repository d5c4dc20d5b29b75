"""Parts of a plan that cannot go together, none of which is superfluous.

A plan without schedule keeps some of its parts and forgets the others: work, links, dates, units, hours. A conflict is found by
leaving out parts as long as no schedule exists (the deletion filter of Chinneck and Dravnieks, 1991), many at a time first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from . import dates, horizon, lengths, progress, variants
from .elements import Activity, Link, Outage, PlanContent, Resource
from .feasibility import Inquiry
from .variants import PlanVariant

KINDS = ("deadline", "outage", "capacity", "release", "link", "work", "hours")
"""The kinds of parts, in the order in which the search for a conflict tries to do without them."""


@dataclasses.dataclass(frozen=True, slots=True)
class ConflictPart:
    """A part of a plan that contradicts others.

    Attributes
    ----------
    kind : {"deadline", "release", "link", "work", "capacity", "outage", "hours"}
        ``work`` is that of an activity, with the units that it holds; ``hours`` are those of a calendar.
    name : str
        The activity, the resource (``capacity``, ``outage``) or the calendar (``hours``).
    value : Link, Outage or None
        The link to a predecessor (``link``), or the outage.
    text : str
        A description with names and dates.
    """

    kind: str
    name: str
    value: Link | Outage | None
    text: str


_OF_ACTIVITIES = ("deadline", "release", "link", "work")
"""The kinds of parts that belong to activities."""

_Kept = dict[str, set[tuple[str, Link | Outage | None]]]
"""The parts that are kept, by their kind."""


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """Parts that cannot go together.

    Attributes
    ----------
    parts : tuple of ConflictPart
    irreducible : bool
        Whether it is known that the rest goes together if any part is left out.
    """

    parts: tuple[ConflictPart, ...]
    irreducible: bool


def parts_of(plan: PlanContent) -> list[ConflictPart]:
    """The parts of a plan that can be left out, in the order of `KINDS`; what has happened is none."""
    found = [*_of_resources(plan), *_of_activities(plan), *_of_calendars(plan)]
    return sorted(found, key=lambda part: KINDS.index(part.kind))


def _of_resources(plan: PlanContent) -> Iterator[ConflictPart]:
    used = {name for activity in plan.activities for name in activity.resources}
    for resource in plan.resources:
        if resource.name in used:
            yield ConflictPart("capacity", resource.name, None, capacity_text(resource))
            for outage in dict.fromkeys(resource.outages):
                yield ConflictPart("outage", resource.name, outage, outage_text(resource, outage))


def _of_activities(plan: PlanContent) -> Iterator[ConflictPart]:
    for activity in plan.activities:
        name = activity.name
        if activity.actual_end is not None:
            continue
        seconds = progress.remaining(activity)
        if seconds:
            holds = [f"{number} of {of!r}" for of, number in activity.resources.items()]
            with_units = f" with {' and '.join(holds)}" if holds else ""
            length = lengths.work(timedelta(seconds=float(seconds)))
            verb = "takes" if activity.actual_start is None else "goes on for"
            yield ConflictPart("work", name, None, f"{name!r} {verb} {length}{with_units}")
        if activity.deadline is not None:
            yield ConflictPart("deadline", name, None, f"{name!r} ends by {dates.shown(activity.deadline)}")
        if activity.release is not None and activity.actual_start is None:
            yield ConflictPart("release", name, None, f"{name!r} starts at {dates.shown(activity.release)} or later")
        for link in activity.predecessors:
            yield ConflictPart("link", name, link, f"{name!r} waits for {link_text(link)}")


def _of_calendars(plan: PlanContent) -> Iterator[ConflictPart]:
    of_resource = horizon.calendars_of_resources(plan)
    used = {name for a in plan.activities for name in horizon.calendars_of(a, of_resource, plan.calendar)}
    if any(link.lag and not link.elapsed for activity in plan.activities for link in activity.predecessors):
        used.add(plan.calendar)
    known = horizon.calendars(plan)
    for name in sorted(used):
        if known[name].exceptions or known[name].weekly != variants.always_open(name).weekly:
            yield ConflictPart("hours", name, None, f"the hours of calendar {name!r}")


def capacity_text(resource: Resource) -> str:
    """The units of a resource in words."""
    return f"{resource.name!r} has {_units(resource.capacity)}"


def outage_text(resource: Resource, outage: Outage) -> str:
    """An outage in words."""
    return f"{resource.name!r} has {_units(outage.capacity)} from {dates.shown(outage.start)} to {dates.shown(outage.end)}"


def _units(number: int) -> str:
    return f"{number} unit{'s' * (number != 1)}"


def link_text(link: Link) -> str:
    """A link in words: the predecessor, with the kind of link unless it is a plain one."""
    if link.type == "FS" and not link.lag:
        return repr(link.name)
    sign = "-" if link.lag < timedelta(0) else "+"
    lag = f" {sign} {(lengths.passed if link.elapsed else lengths.work)(abs(link.lag))}" if link.lag else ""
    return f"{link.name!r} ({link.type}{lag})"


def restricted(plan: PlanContent, kept: Iterable[ConflictPart]) -> PlanVariant:
    """A plan that keeps some of its parts.

    Work that is left out takes no time; if a link holds back its end and another activity waits for its start, two milestones
    stand for these (see `variants.start_of`), because a single one would be later than the start of the work. Milestones of the
    plan stay in one piece. Capacity that is left out suffices for all, calendars that are left out never close. Activities and
    resources without any part that is kept are gone.
    """
    by_kind: _Kept = {kind: set() for kind in KINDS}
    involved = set()
    for part in kept:
        by_kind[part.kind].add((part.name, part.value))
        if part.kind in _OF_ACTIVITIES:
            involved.add(part.name)
        if isinstance(part.value, Link):
            involved.add(part.value.name)
    activities = [_restricted(activity, by_kind) for activity in plan.activities if activity.name in involved]
    worked = {a.name for a in plan.activities if progress.remaining(a)}
    activities = variants.parted(activities, {name for name in worked if (name, None) not in by_kind["work"]})
    used = {name for activity in activities for name in activity.resources}
    resources = []
    for resource in plan.resources:
        if resource.name in used:
            outages = tuple(outage for outage in resource.outages if (resource.name, outage) in by_kind["outage"])
            capacity = resource.capacity
            if (resource.name, None) not in by_kind["capacity"]:
                capacity = max(capacity, most_units(activities, resource.name))
            resources.append(dataclasses.replace(resource, outages=outages, capacity=capacity))
    found = variants.variant(plan, activities=tuple(activities), resources=tuple(resources))
    for part in _of_calendars(found):
        if (part.name, None) not in by_kind["hours"]:
            found = variants.with_calendar(found, variants.always_open(part.name))
    return found


def most_units(activities: Iterable[Activity], resource: str) -> int:
    """The units that suffice whatever the schedule is."""
    return max(1, sum(activity.resources.get(resource, 0) for activity in activities))


def _restricted(activity: Activity, kept: _Kept) -> Activity:
    if activity.actual_end is not None:
        return activity
    name, key = activity.name, (activity.name, None)
    links = tuple(link for link in activity.predecessors if (name, link) in kept["link"])
    found = dataclasses.replace(
        activity,
        predecessors=links,
        deadline=activity.deadline if key in kept["deadline"] else None,
        release=activity.release if key in kept["release"] else None,
    )
    if key in kept["work"]:
        return found
    if activity.actual_start is not None:
        return dataclasses.replace(found, remaining=timedelta(0), resources={})
    return dataclasses.replace(found, duration=timedelta(0), remaining=None, percent=None, resources={})


def is_looser(plan: PlanContent, kept: Iterable[ConflictPart]) -> bool:
    """Whether it is certain that a plan that keeps some of its parts has a schedule if the whole plan has one.

    It is not certain if hours or outages are left out that make work pause: it lasts longer with them, and other work may use
    its units meanwhile, or wait for its start, which is then earlier. Nor is it if a lead is counted in such hours.
    """
    by_kind: dict[str, set[tuple[str, Any]]] = {kind: set() for kind in KINDS}
    for part in kept:
        by_kind[part.kind].add((part.name, part.value))
    of_resource, closing = horizon.calendars_of_resources(plan), {part.name for part in _of_calendars(plan)}
    without = {name for name in closing if (name, None) not in by_kind["hours"]}
    pausing = {r.name for r in plan.resources if any((r.name, outage) not in by_kind["outage"] for outage in r.outages)}
    links = [link for activity in plan.activities for link in activity.predecessors if (activity.name, link) in by_kind["link"]]
    if plan.calendar in without and any(link.lag < timedelta(0) and not link.elapsed for link in links):
        return False
    awaited = {link.name for link in links if link.type[0] == "S"}
    for activity in plan.activities:
        if (activity.name, None) in by_kind["work"]:
            if not activity.pausable and activity.actual_start is None:
                continue
            longer = without.intersection(horizon.calendars_of(activity, of_resource, plan.calendar))
            held_back = any(link.type[1] == "F" and (activity.name, link) in by_kind["link"] for link in activity.predecessors)
            bound = bool(activity.resources) or (held_back and activity.name in awaited)
            if bound and (longer or pausing & activity.resources.keys()):
                return False
    return True


def smallest(plan: PlanContent, kept: Sequence[ConflictPart], involved: Collection[str], inquiry: Inquiry) -> Conflict:
    """A conflict among some parts of a plan, of which it is known that they cannot go together.

    Parameters
    ----------
    plan : Plan
    kept : list of ConflictPart
    involved : collection of str
        Activities that are likely to be part of it.
    inquiry : Inquiry
    """
    filtered = _Filter(plan, _narrowed(plan, kept, involved, inquiry), inquiry)
    filtered.leave_out_what_may_wait()
    for kind in KINDS:
        filtered.leave_out([part for part in filtered.kept if part.kind == kind])
        if kind in ("deadline", "link"):
            filtered.leave_out_what_may_wait()
    irreducible = filtered.confirmed()  # which may leave out more
    return Conflict(tuple(filtered.kept), irreducible)


def _narrowed(
    plan: PlanContent, kept: Sequence[ConflictPart], involved: Collection[str], inquiry: Inquiry
) -> Sequence[ConflictPart]:
    """The parts around some activities, with those before and after them if needed, if they cannot go together."""
    names = set(involved)
    for _ in range(2 if names else 0):
        resources = {name for a in plan.activities if a.name in names for name in a.resources}
        near = [part for part in kept if _touches(part, names, resources)]
        if inquiry.feasible(restricted(plan, near)) is False:
            return near
        names = _connected(plan, names)
    return kept


def _touches(part: ConflictPart, names: Collection[str], resources: Collection[str]) -> bool:
    if part.kind == "hours":
        return True
    if part.kind in ("capacity", "outage"):
        return part.name in resources
    if part.name not in names:
        return False
    return not isinstance(part.value, Link) or part.value.name in names


def _connected(plan: PlanContent, names: Collection[str]) -> set[str]:
    """Some activities, all that come before them and all that come after them."""
    before = {a.name: {link.name for link in a.predecessors} for a in plan.activities}
    after: dict[str, set[str]] = {name: set() for name in before}
    for name, others in before.items():
        for other in others:
            after[other].add(name)
    found = set(names)
    for neighbours in (before, after):
        reached, waiting = set(names), list(names)
        while waiting:
            new = neighbours[waiting.pop()] - reached
            reached |= new
            waiting += new
        found |= reached
    return found


class _Filter:
    """Leaves out parts as long as the rest has no schedule."""

    def __init__(self, plan: PlanContent, kept: Iterable[ConflictPart], inquiry: Inquiry) -> None:
        self.kept = list(kept)
        self._plan, self._inquiry = plan, inquiry
        self._needed: dict[ConflictPart, frozenset[ConflictPart]] = {}
        """Parts without which the others of a set go together, with that set."""

    def leave_out(self, some: Sequence[ConflictPart]) -> None:
        """Leaves out as many of some parts as possible."""
        if not some:
            return
        if self._without(some) is False:
            return
        if len(some) > 1:
            half = len(some) // 2
            self.leave_out(some[:half])
            self.leave_out(some[half:])

    def leave_out_what_may_wait(self) -> None:
        """Leaves out all activities that no activity with a deadline waits for, if the rest has no schedule."""
        before: dict[str, list[str]] = {}
        for part in self.kept:
            if isinstance(part.value, Link):
                before.setdefault(part.name, []).append(part.value.name)
        waiting = [part.name for part in self.kept if part.kind == "deadline"]
        reached = set(waiting)
        while waiting:
            new = set(before.get(waiting.pop(), ())) - reached
            reached |= new
            waiting += new
        late = [part for part in self.kept if part.kind in _OF_ACTIVITIES and part.name not in reached]
        if late:
            self._without(late)

    def confirmed(self) -> bool:
        """Tries once more to leave out each part that is left; returns whether it is known that none can be left out."""
        tried: frozenset[ConflictPart] | None = None
        while tried != frozenset(self.kept):
            tried = frozenset(self.kept)
            for part in list(self.kept):
                if self._needed.get(part) != frozenset(self.kept):
                    self._without([part])
        return all(self._needed.get(part) == tried for part in self.kept)

    def _without(self, some: Sequence[ConflictPart]) -> bool | None:
        """Leaves out some parts if it is proven that the rest has no schedule; returns whether it has one."""
        if self._inquiry.left <= 0:
            return None
        without = set(some)
        rest = [part for part in self.kept if part not in without]
        feasible = self._inquiry.feasible(restricted(self._plan, rest))
        if feasible is False:
            self.kept = rest
        elif feasible and len(some) == 1:
            self._needed[some[0]] = frozenset(self.kept)
        return feasible
