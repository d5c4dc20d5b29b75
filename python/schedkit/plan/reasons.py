"""Reasons why a plan has no schedule, in names, dates and hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime, timedelta

from .. import errors
from .._text import printable, short_fields
from ._refusal import listed
from .durations import Units
from .elements import Activity
from .model import PlanModel


@dataclasses.dataclass(frozen=True, slots=True)
class PlanReason:
    """A reason why a plan has no schedule.

    Attributes
    ----------
    code : str
        As in `schedkit.Reason`.
    activities : tuple of str
        Those involved; of a chain that is too long from first to last.
    resources : tuple of str
        Those involved.
    amount : timedelta or None
        The time by which a deadline is missed, or the units times hours that are missing; None where nothing would be enough or
        the reason has no amount.
    detail : str
        A description with names and dates.
    """

    code: str
    activities: tuple[str, ...]
    resources: tuple[str, ...]
    amount: timedelta | None
    detail: str

    __repr__ = short_fields


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
    elif activities and (deadline := activities[-1].deadline) is not None and model.times.tick(deadline) < 0:
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
    short = "too short" if amount is None else f"{_length(amount)} of work too short"
    return f"{what} is {short} for {listed(repr(a.name) for a in activities)} before their deadlines, or before calendars close"


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
