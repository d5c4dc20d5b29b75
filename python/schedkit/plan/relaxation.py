"""Changes of a plan that resolve a conflict, each the least of its kind where that is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from . import horizon, progress, variants
from .elements import Activity, PlanContent, Resource
from .variants import PlanVariant

KINDS = ("deadline", "capacity", "outage", "overtime", "pausable", "release", "link", "duration")
"""The kinds of relaxations, in the order in which they are listed."""
_Plan = TypeVar("_Plan", bound=PlanContent)
_Part = TypeVar("_Part", Activity, Resource)


@dataclasses.dataclass(frozen=True, slots=True)
class Relaxation:
    """A change of a plan that resolves a conflict; it has been tried by solving.

    Attributes
    ----------
    kind : {"deadline", "capacity", "outage", "overtime", "pausable", "release", "link", "duration"}
        A later deadline, more units, an outage that does not happen, working days that end later, work that may pause, an
        earlier release, a link that does not hold, less work.
    name : str
        The activity, the resource (``capacity``, ``outage``) or the calendar (``overtime``).
    value : datetime, int, timedelta, Outage, Link or bool
        The new deadline or release, the units, the length of overtime, the duration (of what is under way: what remains), or
        the outage or link that has to go; True for ``pausable``.
    least : bool
        Whether it is proven that less does not do: a tick, a unit, an hour of overtime.
    resolves : {"all", "rest", "conflict"}
        ``"all"``: with this change alone the plan has a schedule. ``"rest"``: it has one with this change and the first
        relaxation of each other reason, not with this change alone. ``"conflict"``: the parts of the conflict go together then;
        whether the plan has a schedule is not known.
    text : str
        A description with names and dates.
    """

    kind: str
    name: str
    value: Any
    least: bool
    resolves: str
    text: str

    def apply(self, plan: _Plan) -> _Plan:
        """The plan with this change.

        It never takes back another change: a deadline that is later already stays, and so do an earlier release, more units and
        less work.

        Parameters
        ----------
        plan : Plan
            The plan that was explained, or one with other relaxations.
        """
        content = self.content(plan)
        return type(plan)(**{name: getattr(content, name) for name in variants.FIELDS})

    def content(self, plan: PlanContent) -> PlanVariant:
        """The plan with this change, without checks.

        Parameters
        ----------
        plan : Plan
        """
        return CHANGE[self.kind](plan, self.name, self.value)


def with_overtime(plan: PlanContent, name: str, length: timedelta) -> PlanVariant:
    """The plan in which the working days of a calendar end so much later."""
    longer = variants.with_overtime(horizon.calendars(plan)[name], length // timedelta(seconds=1))
    return variants.with_calendar(plan, longer)


def _with_later_deadline(plan: PlanContent, name: str, value: datetime | None) -> PlanVariant:
    given = named(plan.activities, name).deadline
    later = None if value is None or given is None else max(given, value, key=datetime.timestamp)
    return variants.with_activity(plan, name, deadline=later)


def _with_earlier_release(plan: PlanContent, name: str, value: datetime | None) -> PlanVariant:
    given = named(plan.activities, name).release
    earlier = None if value is None or given is None else min(given, value, key=datetime.timestamp)
    return variants.with_activity(plan, name, release=earlier)


def _with_more_units(plan: PlanContent, name: str, value: int) -> PlanVariant:
    return variants.with_resource(plan, name, capacity=max(value, named(plan.resources, name).capacity))


def _with_less_work(plan: PlanContent, name: str, value: timedelta) -> PlanVariant:
    given = timedelta(seconds=float(progress.remaining(named(plan.activities, name))))
    return variants.with_work(plan, name, value) if value < given else variants.variant(plan)


def named(parts: tuple[_Part, ...], name: str) -> _Part:
    """The part of a plan that has a name."""
    (found,) = (part for part in parts if part.name == name)
    return found


CHANGE: dict[str, Callable[[PlanContent, str, Any], PlanVariant]] = {
    "deadline": _with_later_deadline,
    "release": _with_earlier_release,
    "capacity": _with_more_units,
    "pausable": lambda plan, name, value: variants.with_activity(plan, name, pausable=value),
    "duration": _with_less_work,
    "outage": variants.without_outage,
    "link": variants.without_link,
    "overtime": with_overtime,
}
"""The changes of each kind. None makes a plan tighter, so that one after another does not undo what the others did."""
