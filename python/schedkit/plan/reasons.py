"""Reasons why a plan has no schedule, in names, dates and hours."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import errors
from .._text import printable, short_fields
from . import critical, dates, lengths, open_time, past
from ._refusal import listed
from .conflict_parts import ConflictPart
from .elements import Activity
from .plan_model import PlanModel
from .relaxation import Relaxation
from .working_times import WorkClock


@dataclasses.dataclass(frozen=True, slots=True)
class PlanReason:
    """A reason why a plan has no schedule.

    Attributes
    ----------
    code : str
        For programs, as in `schedkit.Reason`; ``"unknown"`` if neither a schedule nor a proof that there is none was found.
    activities : tuple of str
        Those involved; of a chain that is too long from first to last.
    resources : tuple of str
        Those involved.
    amount : timedelta or None
        The time that passes between a deadline and the earliest end, or the working time that is missing (of a resource units
        times working time); None where nothing would be enough or the reason has no amount.
    detail : str
        A description with names and dates.
    conflict : tuple of ConflictPart
        From `Plan.explain`: parts of the plan that cannot go together.
    irreducible : bool
        Whether it is known that the rest of the conflict goes together if any part of it is left out.
    relaxations : tuple of Relaxation
        From `Plan.explain`: changes that resolve the conflict.
    """

    code: str = dataclasses.field(repr=False)
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
    fact = _held_by_fact(model, next(iter(owners))) if owners and reason.code in (*_OF_LAST, *_NEVER) else None
    owners = dict.fromkeys([*([] if fact is None else [fact]), *owners])
    activities = [plan.activities[k] for k in owners]
    resources = tuple(plan.resources[r].name for r in reason.resources if r < len(plan.resources))
    lag = model.lags.get(reason.activities[-1]) if reason.activities else None
    amount, end = _amount(model, reason)
    words = _WORDS.get(reason.code, _other)(_Facts(model, reason, activities, resources, amount, end))
    if reason.code in (*_OF_LAST, *_NEVER) and lag is not None:
        before = plan.activities[lag[0]].name
        words = f"the lag of {lengths.work(lag[1])} behind {before!r} never passes: calendar {plan.calendar!r} closes too early"
        amount = None
    elif activities and (deadline := activities[-1].deadline) is not None and model.times.tick(deadline) < model.times.first:
        words = f"the deadline {_date(deadline)} of {activities[-1].name!r} is before the plan starts"
        amount, alone = None, _end_alone(model, activities[-1])
        if alone is not None:
            amount = timedelta(seconds=dates.elapsed(deadline, alone))
            what = "work" if activities[-1].duration else "dates"
            words += f"; by its own {what} alone it ends at {_date(alone)}, {lengths.moved(deadline, alone)} after that"
    elif reason.code in _OF_LAST and activities[-1].deadline is None:
        words = f"{' -> '.join(repr(a.name) for a in activities)} cannot be done before calendars close for good"
        amount = None
    names = tuple(activity.name for activity in activities)
    return PlanReason(reason.code, names, resources, amount, printable(words))


def _held_by_fact(model: PlanModel, k: int) -> int | None:
    """The activity of which something has happened that keeps another one from starting as early as the rest lets it."""
    times, activity = model.times, model.plan.activities[k]
    own = [times.start, times.now or 0, *([] if activity.release is None else [times.tick(activity.release)])]
    since = int(model.project.release_time[k])
    if since <= max(own):
        return None
    facts = (b for b in model.bounds if b.after == k and past.happened(model.plan, times, b) is not None)
    return next((bound.before for bound in facts if model.earliest(bound, 0, 0) == since), None)


def _end_alone(model: PlanModel, activity: Activity) -> datetime | None:
    """When an activity would end if it were the only one; None if calendars close before."""
    times = model.times
    release = None if activity.actual_start is not None else activity.release
    first = max([times.start, times.now or 0, *([] if release is None else [times.tick(release)])])
    end = WorkClock(critical.opens_for(model, activity)).after(first, times.remaining(activity))
    return None if end is None else times.moment(end)


@dataclasses.dataclass(frozen=True, slots=True)
class _Facts:
    """What the words of a reason are made of.

    Attributes
    ----------
    model : PlanModel
    reason : Reason
    activities : list of Activity
    resources : tuple of str
    amount : timedelta or None
        As in `PlanReason`.
    end : datetime or None
        The earliest end of the last activity, if it misses its deadline.
    """

    model: PlanModel
    reason: errors.Reason
    activities: list[Activity]
    resources: tuple[str, ...]
    amount: timedelta | None
    end: datetime | None

    @property
    def alone(self) -> str:
        """What the earliest end counts, in words, if the last activity is the only one and others may hold it back further."""
        last = self.activities[-1]
        if len(self.activities) > 1 or not (last.predecessors or last.resources):
            return ""
        return f"by its own {'work' if last.duration else 'dates'} alone "

    @property
    def along(self) -> str:
        """The chain of activities that the earliest end counts, in words, if there are several; others may hold them back."""
        chain = " -> ".join(repr(activity.name) for activity in self.activities)
        return f", along {chain} alone" if len(self.activities) > 1 else ""

    @property
    def miss(self) -> str:
        """The earliest end and the deadline that it misses, in words."""
        deadline = self.activities[-1].deadline
        if self.end is None or deadline is None:
            return ""
        return f"{_date(self.end)} at the earliest, {lengths.moved(deadline, self.end)} after its deadline {_date(deadline)}"


def _amount(model: PlanModel, reason: errors.Reason) -> tuple[timedelta | None, datetime | None]:
    """What the engine's amount is in the plan, and the end of the last activity that misses its deadline."""
    if reason.amount is None:
        return None, None
    k = reason.activities[-1] if reason.activities else -1
    length = model.times.axis.to_timedelta(reason.amount)
    if reason.code == "too_much_work" or k not in range(len(model.plan.activities)):
        return length, None
    deadline = model.plan.activities[k].deadline
    if deadline is None:
        return length, None
    if reason.code == "window_too_short" and model.project.duration[k]:
        return model.times.axis.to_timedelta(int(model.project.duration[k]) - _usable(model, k)), None
    end = model.times.moment(int(model.project.deadline[k]) + reason.amount)
    return timedelta(seconds=dates.elapsed(deadline, end)), end


def _usable(model: PlanModel, k: int) -> int:
    """The ticks in which an activity may work between its release and its deadline: all, or the longest stretch."""
    first, last = _window(model, k)
    opens = critical.opens_for(model, model.plan.activities[k])
    if model.project.pausable[k]:
        clock = WorkClock(opens)
        return max(0, clock.reading(last) - clock.reading(first))
    inside = opens.clip(first, max(first, last))
    return int((inside[:, 1] - inside[:, 0]).max(initial=0))


def _window(model: PlanModel, k: int) -> tuple[int, int]:
    return max(int(model.project.release_time[k]), model.now), int(model.project.deadline[k])


def _window_too_short(facts: _Facts) -> str:
    activity, model, k = facts.activities[-1], facts.model, facts.reason.activities[-1]
    if facts.end is not None:  # a milestone
        return f"{facts.alone}{activity.name!r} ends at {facts.miss}{facts.along}"
    if facts.amount is None:
        return f"{activity.name!r} does not fit before its deadline {_date(activity.deadline)}"
    needed = model.times.axis.to_timedelta(int(model.project.duration[k]))
    first, last = _window(model, k)
    begin = _date(model.times.moment(first))
    behind = "".join(f", behind {before.name!r}" for before in facts.activities[:-1])
    if last <= first:
        verb = "begin" if activity.actual_start is None else "go on"
        words = f"but may {verb} at {begin} at the earliest{behind}, not before its deadline {_date(activity.deadline)}"
        return f"{activity.name!r} needs {lengths.work(needed)}, {words}: {_missing(facts.amount)}"
    span = f"from {begin}{f'{behind},' if behind else ''} to its deadline {_date(activity.deadline)}"
    stretch, there = "" if model.project.pausable[k] else " in one stretch", needed - facts.amount
    found = f"there {lengths.be(there)} {lengths.work(there)}{stretch} {span}"
    return f"{activity.name!r} needs {lengths.work(needed)}, but {found}: {_missing(facts.amount)}"


def _missing(amount: timedelta) -> str:
    return f"{lengths.work(amount)} {lengths.be(amount)} missing"


def _no_time(facts: _Facts) -> str:
    activity = facts.activities[-1]
    units = _units(activity, facts.resources)
    if not facts.miss:
        words = f"{activity.name!r} never gets {units or 'open time of its calendar'} for as long as it needs"
        return words + _closed(facts.model, activity)
    return f"{facts.alone}{activity.name!r}{f' with {units}' if units else ''} ends at {facts.miss}{facts.along}"


def _closed(model: PlanModel, activity: Activity) -> str:
    """The calendars that are never open, alone or all together, behind words on work that never gets time."""
    calendars = model.times.calendars_of(activity)
    never = [name for name in calendars if not len(model.times.opens(name))]
    if never:
        return f": calendar {never[0]!r} is never open"
    opens = functools.reduce(open_time.common, map(model.times.opens, calendars))
    return "" if len(opens) else f": calendars {' and '.join(map(repr, calendars))} are never open together"


def _deadline_missed(facts: _Facts) -> str:
    last = facts.activities[-1]
    if not facts.miss:
        return f"{last.name!r} ends too late for its deadline {_date(last.deadline)}{facts.along}"
    return f"{facts.alone}{last.name!r} ends at {facts.miss}{facts.along}"


def _too_much_work(facts: _Facts) -> str:
    activities = facts.activities
    what = "open time" if not facts.resources else f"{listed(map(repr, facts.resources))}"
    short = "too short" if facts.amount is None else f"{lengths.work(facts.amount)} too short"
    deadlines = [activity.deadline for activity in activities if activity.deadline is not None]
    before = "their deadlines, or before calendars close"
    if len(deadlines) == len(activities) and deadlines:
        before = _date(max(deadlines, key=datetime.timestamp))
    return f"{what} is {short} for {listed(repr(a.name) for a in activities)} before {before}"


def _other(facts: _Facts) -> str:
    activities = facts.activities
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
    return "" if when is None else dates.shown(when)
