"""The check of schedules of plans: dates against the plan's own words, without the project that the search works on."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from .. import _validation
from . import dates, horizon, lengths, objective, open_time
from .elements import Activity, Link, PlanContent
from .open_time import Intervals, second
from .solution import PlanSolution
from .working_times import WorkClock, working_times

_Row = tuple[str, tuple[int, ...], str]
_Span = tuple[int | None, int]


def violations(plan: PlanContent, schedule: Any, **options: Any) -> list[_Row]:
    """Checks a schedule of a plan: the result of `Plan.solve`, its ``to_dict()``, or rows with ``name``, ``start`` and ``end``.

    Returns rows (kind, subject, detail); subjects are positions of activities, of a resource and the second since 1970.
    """
    for name in options:
        raise _validation.refuse(name, "has no meaning for a plan, which knows its progress itself")
    claimed: Any = schedule
    end: Any = None
    value: tuple[Any, Any] = (None, None)
    if isinstance(schedule, PlanSolution):
        claimed, end, value = schedule.table(), schedule.end, (schedule.objective_name, schedule.objective)
    elif isinstance(schedule, Mapping):
        if "activities" not in schedule:
            raise _validation.refuse("schedule", "has no 'activities'")
        claimed, end = schedule["activities"], schedule.get("end")
        value = (schedule.get("objective_name"), schedule.get("objective"))
    rows = list(_rows(claimed))
    found: list[_Row] = []
    position = {activity.name: k for k, activity in enumerate(plan.activities)}
    spans: dict[int, _Span] = {}
    for index, (name, span) in enumerate(rows):
        k = position.get(name)
        if k is None:
            found.append(("unknown_id", (index,), f"there is no activity {name!r}"))
        elif k in spans:
            found.append(("duplicate", (k,), f"activity {name!r} stands more than once"))
        else:
            spans[k] = span
    found += [("missing", (k,), f"activity {name!r} is missing") for name, k in position.items() if k not in spans]
    judge = _Judge(plan, spans)
    found += judge.all()
    last = max((until for _, until in spans.values()), default=second(plan.start))
    if end is not None and _second("schedule", "end", end) != last:
        found.append(("objective", (), f"the end is not that of the last activity, {judge.date(last)}"))
    found += judge.objective(*value)
    return sorted(found)


def _rows(claimed: Any) -> Iterator[tuple[str, _Span]]:
    if isinstance(claimed, (str, bytes, Mapping)) or not isinstance(claimed, Iterable):
        raise _validation.refuse_type("schedule", "must be the result of Plan.solve, or its table", claimed)
    for k, row in enumerate(claimed):
        place = f"schedule[{k}]"
        if not isinstance(row, Mapping):
            raise _validation.refuse_type(place, "must be a mapping with name, start and end", row)
        for key in ("name", "start", "end"):
            if key not in row:
                raise _validation.refuse(place, f"has no {key!r}")
        start = None if row["start"] is None else _second(place, "start", row["start"])
        yield row["name"], (start, _second(place, "end", row["end"]))


def _second(place: str, key: str, value: Any) -> int:
    """The seconds since 1970 of a date, which is a datetime or its text, with an offset."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        when = value
    if not isinstance(when, datetime) or when.utcoffset() is None:
        raise _validation.refuse(f"{place}.{key}", "expected a datetime with a time zone", value=value)
    return second(when)


@dataclasses.dataclass(frozen=True)
class _Judge:
    """Compares the claimed times of activities, in seconds since 1970, with the plan."""

    plan: PlanContent
    spans: dict[int, _Span]

    def all(self) -> Iterator[_Row]:
        for k, activity in enumerate(self.plan.activities):
            if k in self.spans:
                yield from self._window(k, activity)
                yield from self._working(k, activity)
                yield from self._links(k, activity)
        for r, resource in enumerate(self.plan.resources):
            yield from self._capacity(r, resource.name)

    def objective(self, name: Any, claimed: Any) -> Iterator[_Row]:
        """Compares the claimed value of an objective that counts from due dates; lengths of time may be in hours."""
        if claimed is None or name == "makespan" or len(self.spans) < len(self.plan.activities):
            return
        ends = [datetime.fromtimestamp(self.spans[k][1], UTC) for k in range(len(self.plan.activities))]
        value: Any = objective.judged(self.plan, self._times, name, ends)
        if isinstance(value, timedelta) and not isinstance(claimed, timedelta):
            value = value / timedelta(hours=1)
        if value is not None and value != claimed:
            yield "objective", (), f"the {name.replace('_', ' ')} is stored as {claimed}, it is {value}"

    def date(self, at: int) -> str:
        """A moment in the plan's time zone, in words."""
        when = datetime.fromtimestamp(at, UTC).astimezone(self.plan.start.tzinfo)
        return f"{when:%Y-%m-%d %H:%M:%S}{dates.offset(when)}"

    @functools.cached_property
    def _times(self) -> Any:
        return working_times(self.plan)

    @functools.cached_property
    def _now(self) -> int:
        """The present: `now` or the last fact, on a tick; the start of the plan if nothing has happened."""
        facts = [when for a in self.plan.activities for when in (a.actual_start, a.actual_end) if when is not None]
        when = self.plan.now if self.plan.now is not None else max(facts, key=second, default=self.plan.start)
        return second(self._times.moment(self._times.tick(when)))

    @functools.cached_property
    def _calendars(self) -> dict[str, Intervals]:
        last = max([second(horizon.horizon(self.plan)), *(end for _, end in self.spans.values())])
        first = min([second(self.plan.start), *(start for start, _ in self.spans.values() if start is not None)])
        moments = [datetime.fromtimestamp(at, UTC) + timedelta(days=days) for at, days in ((first, -40), (last, 40))]
        periods = open_time.offsets(moments[0], moments[1], dates.zone(self.plan.timezone))
        return {name: open_time.open_time(known, periods) for name, known in horizon.calendars(self.plan).items()}

    def _up(self, activity: Activity) -> Intervals:
        """When an activity may work: its calendars are open, and no outage leaves less than it holds."""
        of_resource = horizon.calendars_of_resources(self.plan)
        names = horizon.calendars_of(activity, of_resource, self.plan.calendar)
        key = (names, tuple(sorted(activity.resources.items())))
        if key not in self._known:
            self._known[key] = self._open(activity, names)
        return self._known[key]

    def _open(self, activity: Activity, names: tuple[str, ...]) -> Intervals:
        opens = functools.reduce(open_time.common, (self._calendars[name] for name in names))
        for resource in self.plan.resources:
            for outage in resource.outages:
                if outage.capacity < activity.resources.get(resource.name, 0):
                    gap = (second(outage.start), second(outage.end))
                    opens = open_time.common(opens, np.array([[-(2**60), gap[0]], [gap[1], 2**60]]))
        return opens

    def _begun(self, k: int) -> int:
        """The moment from which an activity does the work that is left of it.

        What is under way may have to wait, for units or for a link that binds its end, and then works until its end.
        """
        activity, (start, end) = self.plan.activities[k], self.spans[k]
        if start is not None and activity.actual_start is None:
            return start
        work = self._work(activity)
        waits = bool(activity.resources) or any(link.type[1] == "F" for link in activity.predecessors)
        if not work:
            return max([self._now, *self._ends_from(activity)])
        on = WorkClock(self._up(activity)).after(end, -work) if waits else None
        return self._now if on is None else max(self._now, on)

    def _ends_from(self, activity: Activity) -> Iterator[int]:
        """The moments from which on the links of an activity let it end, as far as the claimed times tell."""
        for link in activity.predecessors:
            i = self._position[link.name]
            earliest = self._after(link, self._event(i, link.type[0])) if i in self.spans and link.type[1] == "F" else None
            if earliest is not None:
                yield earliest

    def _event(self, k: int, event: str) -> int:
        """The moment of the start or the end of an activity; a start that is not known counts as the end."""
        start, end = self.spans[k]
        return end if event == "F" or start is None else start

    def _work(self, activity: Activity) -> int:
        return int(self._times.remaining(activity)) * int(self._times.axis.tick.total_seconds())

    def _window(self, k: int, activity: Activity) -> Iterator[_Row]:
        start, end = self.spans[k]
        who = f"activity {activity.name!r}"
        for fact, claimed in ((activity.actual_start, start), (activity.actual_end, end)):
            if fact is not None and second(fact) != claimed:
                yield "fixed", (k,), f"{who} is not where it was in fact, {self.date(second(fact))}"
        if activity.actual_end is not None:
            return
        if activity.actual_start is None:
            if start is None:
                yield "missing", (k,), f"{who} has no start"
                return
            if start < max(self._now, second(self.plan.start)):
                yield "before_now", (k,), f"{who} starts at {self.date(start)}, before the plan or its present"
            if activity.release is not None and start < second(activity.release):
                yield (
                    "release",
                    (k,),
                    f"{who} starts at {self.date(start)}, before its release {self.date(second(activity.release))}",
                )
        if activity.deadline is not None and end > second(activity.deadline):
            yield "deadline", (k,), f"{who} ends at {self.date(end)}, after its deadline {self.date(second(activity.deadline))}"

    def _working(self, k: int, activity: Activity) -> Iterator[_Row]:
        end, who = self.spans[k][1], f"activity {activity.name!r}"
        if activity.actual_end is not None:
            return
        begun, work, up = self._begun(k), self._work(activity), self._up(activity)
        if not work:
            # A plan whose ticks are longer than what separates facts ends it at the tick that comes next.
            tick = int(self._times.axis.tick.total_seconds()) if activity.actual_start is not None else 1
            if not begun <= end < begun + tick:
                begins = f"not at {self.date(begun)}, as soon as its links let it"
                at = "not when it starts" if activity.actual_start is None else begins
                yield "duration", (k,), f"{who} has no work left and ends at {self.date(end)}, {at}"
            return
        clock = WorkClock(up)
        if clock.reading(end) - clock.reading(begun) != work or clock.reading(end - 1) == clock.reading(end):
            since = "" if activity.actual_start is None else f" from {self.date(begun)} on, when nothing holds it back"
            amount = lengths.work(timedelta(seconds=work))
            yield "duration", (k,), f"{who} does not end at {self.date(end)} with its last {amount}{since}"
        if activity.actual_start is None and clock.reading(begun + 1) == clock.reading(begun):
            yield "downtime", (k,), f"{who} starts at {self.date(begun)}, when it cannot work"
        if activity.actual_start is None and not activity.pausable and end - begun != work:
            yield "downtime", (k,), f"{who} is interrupted, but it is not pausable"

    def _links(self, j: int, activity: Activity) -> Iterator[_Row]:
        for link in activity.predecessors:
            i = self._position[link.name]
            begun = activity.actual_start is not None and link.type[1] == "S"
            if i not in self.spans or begun or activity.actual_end is not None:
                continue  # what has happened is recorded as it was
            after = self.spans[j][link.type[1] == "F"]
            if after is None:
                continue  # its start is missing
            earliest = self._after(link, self._event(i, link.type[0]))
            if earliest is None or after < earliest:
                when = "never" if earliest is None else self.date(earliest)
                kind = "lag" if link.lag else "precedence"
                yield (
                    kind,
                    (i, j),
                    f"{link.type} link from {link.name!r} lets {activity.name!r} only at {when}, not {self.date(after)}",
                )

    def _after(self, link: Link, at: int) -> int | None:
        lag = link.lag // timedelta(seconds=1)
        return at + lag if link.elapsed else self._clock.after(at, lag)

    @functools.cached_property
    def _clock(self) -> WorkClock:
        """The clock of lags in working time."""
        return WorkClock(self._calendars[self.plan.calendar])

    @functools.cached_property
    def _position(self) -> dict[str, int]:
        return {activity.name: k for k, activity in enumerate(self.plan.activities)}

    @functools.cached_property
    def _known(self) -> dict[Any, Intervals]:
        return {}

    def _capacity(self, r: int, name: str) -> Iterator[_Row]:
        """The moments at which more units work than there are."""
        resource = self.plan.resources[r]
        changes: list[tuple[int, int]] = []
        for k, activity in enumerate(self.plan.activities):
            if name in activity.resources and k in self.spans and activity.actual_end is None and self._work(activity):
                worked = _between(self._up(activity), self._begun(k), self.spans[k][1])
                units = activity.resources[name]
                changes += [(begin, units) for begin, _ in worked.tolist()] + [(end, -units) for _, end in worked.tolist()]
        outages = [(second(o.start), second(o.end), o.capacity) for o in resource.outages]
        moments = sorted({at for at, _ in changes} | {at for begin, end, _ in outages for at in (begin, end)})
        changes.sort(reverse=True)
        used = 0
        for at in moments:
            while changes and changes[-1][0] <= at:
                used += changes.pop()[1]
            left = min([resource.capacity, *(units for begin, end, units in outages if begin <= at < end)])
            if used > left:
                yield "capacity", (r, at), f"resource {name!r} is used {used} times at {self.date(at)}, there are {left}"


def _between(intervals: Intervals, begin: int, end: int) -> Intervals:
    """The part of intervals that lies between two moments."""
    found = intervals[(intervals[:, 1] > begin) & (intervals[:, 0] < end)]
    return np.clip(found, begin, end)
