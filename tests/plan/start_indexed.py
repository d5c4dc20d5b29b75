"""Whether a plan has a schedule and when it ends, by a model with one variable for each start of each activity.

Times are the hours of one zone.

The model reads the plan's own words and shares no code with the library: calendars by `meaning.is_open`, hour by hour. Parts of
a plan that are left out are those of `sk.plan.ConflictPart`; of work that is left out a start and a later end remain, while
milestones stay in one piece. It knows no progress.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import datetime, timedelta

import schedkit as sk
from ortools.sat.python import cp_model

from . import meaning

HOUR = timedelta(hours=1)
Part = tuple[str, str, object]


class Hours:
    """The hours of a plan, from its start on."""

    def __init__(self, plan: sk.plan.Plan, number: int, kept: Collection[Part] | None) -> None:
        self.plan, self.number, self._kept = plan, number, kept
        self.start = meaning.naive(plan.start)
        given = _open_hours(plan, number)
        self.open = {name: hours if self.keeps("hours", name) else [True] * (number + 1) for name, hours in given.items()}

    def keeps(self, kind: str, name: str, value: object = None) -> bool:
        return self._kept is None or (kind, name, value) in self._kept

    def hour(self, when: datetime) -> int:
        hour, rest = divmod(meaning.naive(when) - self.start, HOUR)
        assert not rest
        return hour

    def up(self, activity: sk.plan.Activity) -> list[bool]:
        """When an activity may work: its calendars are open, and outages leave what it holds."""
        resources = [resource for resource in self.plan.resources if resource.name in activity.resources]
        names = {resource.calendar or self.plan.calendar for resource in resources} | ({activity.calendar} - {None})
        found = [all(self.open[name][at] for name in names or {self.plan.calendar}) for at in range(self.number)]  # type: ignore[index]
        for resource in resources:
            level = self.level(resource)
            units = activity.resources[resource.name]
            found = [is_open and level[at] >= units for at, is_open in enumerate(found)]
        return found

    def level(self, resource: sk.plan.Resource) -> list[int]:
        """The units of a resource, whatever its hours are."""
        found = [resource.capacity if self.keeps("capacity", resource.name) else 10**6] * self.number
        for outage in resource.outages:
            if self.keeps("outage", resource.name, outage):
                first, last = self.hour(outage.start), self.hour(outage.end)
                found = [min(units, outage.capacity) if first <= at < last else units for at, units in enumerate(found)]
        return found

    def after(self, end: int, link: sk.plan.Link) -> int:
        """The hour at which the lag of a link has passed, or the first one from which no more than its lead remains."""
        left = link.lag // HOUR
        if link.elapsed:
            return end + left
        opens = self.open[self.plan.calendar]
        while left > 0 and end < self.number:
            left -= opens[end]
            end += 1
        while link.lag < 0 * HOUR and end > 0 and (left or not opens[end - 1]):
            left += opens[end - 1]
            end -= 1
        return end + left


@functools.lru_cache(maxsize=4)
def _open_hours(plan: sk.plan.Plan, number: int) -> dict[str, list[bool]]:
    names = {plan.calendar, "always", *(r.calendar for r in plan.resources), *(a.calendar for a in plan.activities)}
    hours = [meaning.naive(plan.start) + at * HOUR for at in range(number + 1)]
    return {name: [meaning.is_open(plan, name, when) for when in hours] for name in names if name is not None}


def feasible(plan: sk.plan.Plan, number: int, parts: Collection[sk.plan.ConflictPart] | None = None) -> bool:
    """Whether a plan, or some of its parts, has a schedule of so many hours."""
    return _solved(plan, number, parts, least_end=False) is not None


def least_end(plan: sk.plan.Plan, number: int) -> datetime | None:
    """When the plan ends at the earliest, on its clocks; None if it has no schedule of so many hours."""
    hours = _solved(plan, number, None, least_end=True)
    return None if hours is None else meaning.naive(plan.start) + hours * HOUR


def _solved(plan: sk.plan.Plan, number: int, parts: Collection[sk.plan.ConflictPart] | None, *, least_end: bool) -> int | None:
    """The hours from the start to an end, the earliest one on request; None if there is no schedule."""
    hours = Hours(plan, number, None if parts is None else {(part.kind, part.name, part.value) for part in parts})
    about = {part.name for part in parts or ()} | {
        part.value.name for part in parts or () if isinstance(part.value, sk.plan.Link)
    }
    model = cp_model.CpModel()
    starts: dict[str, list[tuple[int, cp_model.IntVar]]] = {}
    ends: dict[str, list[tuple[int, cp_model.IntVar]]] = {}
    users: dict[tuple[str, int], list[tuple[int, cp_model.IntVar]]] = {}
    for activity in plan.activities:
        name = activity.name
        if parts is not None and name not in about:
            continue  # nothing binds it, so it may be left out
        kept = not activity.duration or hours.keeps("work", name)
        work = activity.duration // HOUR if kept else 0
        first = 0 if activity.release is None or not hours.keeps("release", name) else hours.hour(activity.release)
        latest = number
        if activity.deadline is not None and hours.keeps("deadline", name):
            latest = min(latest, hours.hour(activity.deadline))
        up = hours.up(activity)
        opens = [at for at in range(number) if up[at]]
        spans = []
        for k, start in enumerate(opens if work else range(number + 1)):
            span = opens[k : k + work] if work else []
            end = span[-1] + 1 if span else start
            if start < max(first, 0) or end > latest or len(span) < work or (not activity.pausable and end - start != work):
                continue
            spans.append((start, end, span))
        if not spans:
            return None
        literals = [model.new_bool_var("") for _ in spans]
        model.add_exactly_one(literals)
        starts[name] = ends[name] = [(start, literal) for (start, _, _), literal in zip(spans, literals, strict=True)]
        if not kept:
            literals = [model.new_bool_var("") for _ in spans]
            model.add_exactly_one(literals)
            model.add(_value(starts[name]) <= sum(end * literal for (_, end, _), literal in zip(spans, literals, strict=True)))
        ends[name] = [(end, literal) for (_, end, _), literal in zip(spans, literals, strict=True)]
        for (_, _, span), literal in zip(spans, literals, strict=True):
            for at in span:
                for resource, units in activity.resources.items():
                    users.setdefault((resource, at), []).append((units, literal))
    level = {resource.name: hours.level(resource) for resource in plan.resources}
    for (resource, at), held in users.items():
        if sum(units for units, _ in held) > level[resource][at]:
            model.add(sum(units * literal for units, literal in held) <= level[resource][at])
    for activity in plan.activities:
        if activity.name not in starts:
            continue
        for link in activity.predecessors:
            if hours.keeps("link", activity.name, link):
                before = (starts if link.type[0] == "S" else ends)[link.name]
                after = (starts if link.type[1] == "S" else ends)[activity.name]
                model.add(_value(after) >= _value([(hours.after(at, link), literal) for at, literal in before]))
    last = model.new_int_var(0, number, "")
    for found in ends.values():
        model.add(last >= _value(found))
    if least_end:
        model.minimize(last)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    known = (cp_model.OPTIMAL, cp_model.INFEASIBLE) if least_end else (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE)
    assert status in known, solver.status_name()
    return None if status == cp_model.INFEASIBLE else solver.value(last)


def _value(times: list[tuple[int, cp_model.IntVar]]) -> cp_model.LinearExpr | int:
    """The time whose literal is true."""
    return sum(at * literal for at, literal in times)
