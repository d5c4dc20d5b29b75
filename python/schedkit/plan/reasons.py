"""Reasons why a plan has no schedule, in names, dates and hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import errors
from .._text import printable, short_fields
from ._refusal import listed
from .conflict import ConflictPart
from .durations import Units
from .elements import Activity
from .model import PlanModel
from .relaxation import Relaxation


@dataclasses.dataclass(frozen=True, slots=True)
class PlanReason:
    """A reason why a plan has no schedule.

    Attributes
    ----------
    code : str
        As in `schedkit.Reason`; ``"unknown"`` if neither a schedule nor a proof that there is none was found.
    activities : tuple of str
        Those involved; of a chain that is too long from first to last.
    resources : tuple of str
        Those involved.
    amount : timedelta or None
        The time by which a deadline is missed, or the units times hours that are missing; None where nothing would be enough or
        the reason has no amount.
    detail : str
        A description with names and dates.
    conflict : tuple of ConflictPart
        From `Plan.explain`: parts of the plan that cannot go together.
    irreducible : bool
        Whether it is known that the rest of the conflict goes together if any part of it is left out.
    relaxations : tuple of Relaxation
        From `Plan.explain`: changes that resolve the conflict.
    """

    code: str
    activities: tuple[str, ...]
    resources: tuple[str, ...]
    amount: timedelta | None
    detail: str
    conflict: tuple[ConflictPart, ...] = ()
    irreducible: bool = False
    relaxations: tuple[Relaxation, ...] = ()

    __repr__ = short_fields

    @property
    def help(self) -> tuple[str, ...]:
        """What would help, in words: the texts of the relaxations."""
        return tuple(relaxation.text for relaxation in self.relaxations)

    def to_dict(self) -> dict[str, Any]:
        """The reason as plain data, ready for JSON: dates with their offset (ISO 8601), lengths of time in hours."""
        data: dict[str, Any] = plain(dataclasses.asdict(self) | {"help": self.help})
        return data


def plain(value: Any) -> Any:
    """Plain data, ready for JSON: dates with their offset (ISO 8601), lengths of time in hours."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value / timedelta(hours=1)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value


def of_plan(model: PlanModel, reasons: Iterable[errors.Reason]) -> list[PlanReason]:
    """The reasons of the engine as reasons of the plan."""
    return [_reason(model, reason) for reason in reasons]


def _reason(model: PlanModel, reason: errors.Reason) -> PlanReason:
    plan = model.plan
    owners = dict.fromkeys(model.lags[k][0] if k in model.lags else k for k in reason.activities)
    activities = [plan.activities[k] for k in owners]
    resources = tuple(plan.resources[r].name for r in reason.resources if r < len(plan.resources))
    amount = None if reason.amount is None else model.times.axis.to_timedelta(reason.amount)
    lag = model.lags.get(reason.activities[-1]) if reason.activities else None
    words = _WORDS.get(reason.code, _other)(activities, resources, amount)
    if reason.code in (*_OF_LAST, *_NEVER) and lag is not None:
        before = plan.activities[lag[0]].name
        words = f"the lag of {_length(lag[1])} behind {before!r} never passes: calendar {plan.calendar!r} closes too early"
        amount = None
    elif activities and (deadline := activities[-1].deadline) is not None and model.times.tick(deadline) < model.times.first:
        words = f"the deadline {_date(deadline)} of {activities[-1].name!r} is before the plan starts"
        amount = None
    elif reason.code in _OF_LAST and activities[-1].deadline is None:
        words = f"{' -> '.join(repr(a.name) for a in activities)} cannot be done before calendars close for good"
        amount = None
    names = tuple(activity.name for activity in activities)
    return PlanReason(reason.code, names, resources, amount, printable(words))


def _window_too_short(activities: list[Activity], _: tuple[str, ...], amount: timedelta | None) -> str:
    activity = activities[-1]
    missing = "" if amount is None else f": {_length(amount)} are missing"
    return f"{activity.name!r} does not fit before its deadline {_date(activity.deadline)}{missing}"


def _no_time(activities: list[Activity], resources: tuple[str, ...], amount: timedelta | None) -> str:
    activity = activities[-1]
    needs = _units(activity, resources) or "open time of its calendar"
    if amount is None or activity.deadline is None:
        return f"{activity.name!r} never gets {needs} for as long as it needs"
    late = f"{_length(amount)} after its deadline {_date(activity.deadline)}"
    return f"{activity.name!r} gets {needs} for as long as it needs only {late}"


def _deadline_missed(activities: list[Activity], _: tuple[str, ...], amount: timedelta | None) -> str:
    last = activities[-1]
    late = "late" if amount is None else f"{_length(amount)} late"
    along = f", along {' -> '.join(repr(a.name) for a in activities)}" if len(activities) > 1 else ""
    return f"{last.name!r} ends at least {late} for its deadline {_date(last.deadline)}{along}"


def _too_much_work(activities: list[Activity], resources: tuple[str, ...], amount: timedelta | None) -> str:
    what = "open time" if not resources else f"{listed(map(repr, resources))}"
    short = "too short" if amount is None else f"{_hours(amount)} of work too short"
    deadlines = [activity.deadline for activity in activities if activity.deadline is not None]
    before = "their deadlines, or before calendars close"
    if len(deadlines) == len(activities) and deadlines:
        before = _date(max(deadlines, key=datetime.timestamp))
    return f"{what} is {short} for {listed(repr(a.name) for a in activities)} before {before}"


def _other(activities: list[Activity], _: tuple[str, ...], __: timedelta | None) -> str:
    names = f" of {listed(repr(a.name) for a in activities)}" if activities else ""
    return f"no order{names} keeps all deadlines: every order was tried"


_NEVER = ("demand_above_calendar", "no_common_time")
_OF_LAST = ("window_too_short", "deadline_missed")
"""The codes of reasons about the end of the last activity, which has a deadline, or whose calendars close for good."""
_WORDS = {
    "window_too_short": _window_too_short,
    **dict.fromkeys(_NEVER, _no_time),
    "deadline_missed": _deadline_missed,
    "too_much_work": _too_much_work,
}


def _units(activity: Activity, resources: tuple[str, ...]) -> str:
    return " and ".join(f"{activity.resources[name]} of {name!r}" for name in resources if name in activity.resources)


def _date(when: datetime | None) -> str:
    return "" if when is None else f"{when:%Y-%m-%d %H:%M}"


def _length(length: timedelta) -> str:
    """A length of time that passes, in days of 24 hours."""
    return Units(24, 7).text(length)


def _hours(length: timedelta) -> str:
    """An amount of work in hours and minutes."""
    return Units(10**6, 7).text(length)
