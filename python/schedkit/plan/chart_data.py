"""The data of charts and pages of a scheduled plan: bars, closed time and resource use, in seconds since 1970."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rcpsp
from . import critical, dates, horizon, open_time, past, variants
from .elements import Activity, PlanContent
from .model import model
from .open_time import Intervals, second
from .plan_model import PlanModel
from .working_times import working_times

_SECOND = timedelta(seconds=1)
_DAY = 86_400
_BEYOND = 2
"""Due dates and deadlines that lie beyond the end by at most so many times the plan's length are in the picture."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Bar:
    """An activity in a chart.

    Attributes
    ----------
    activity : Activity
    start : int or None
        None if it has ended and its start is not known.
    end : int
    pieces : array of shape (k, 2)
        When it works.
    resumes : int or None
        When it goes on, if it is under way.
    happened : int
        Until when it has happened: its end if it has ended, its start if it has not begun, and the present if it is under way.
    done : bool
        Whether it has ended.
    milestone : bool
        Whether it takes no time.
    critical : bool
    late : int
        Seconds from its due date, or its deadline if that is earlier.
    baseline : tuple of (int or None, int or None), or None
        Start and end in the baseline.
    hours : int
        Which of `ChartData.hours` are those in which it may work.
    """

    activity: Activity
    start: int | None
    end: int
    pieces: Intervals
    resumes: int | None
    happened: int
    done: bool
    milestone: bool
    critical: bool
    late: int
    baseline: tuple[int | None, int | None] | None
    hours: int

    @property
    def missed(self) -> int | None:
        """The date from which its lateness counts; None if it is on time."""
        return self.end - self.late if self.late else None

    @property
    def begin(self) -> int:
        """The start, or the end if the start is not known."""
        return self.end if self.start is None else self.start

    @property
    def goes_on(self) -> int:
        """When the work that is left begins: what is under way goes on."""
        return self.begin if self.resumes is None else self.resumes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Steps:
    """A number that is constant between moments.

    Attributes
    ----------
    time : array of int
        The number is 0 before the first one.
    value : array of int
        The number from each moment on.
    """

    time: NDArray[np.int64]
    value: NDArray[np.int64]

    def sums(self, edges: Sequence[int]) -> NDArray[np.float64]:
        """The integral between neighbouring edges, in seconds times the unit of the value."""
        if not self.time.size:
            return np.zeros(max(0, len(edges) - 1))
        at = np.append(self.time, max(int(self.time[-1]), *edges) + 1)
        whole = np.concatenate(([0.0], np.cumsum(np.diff(at) * self.value.astype(np.float64))))
        return np.diff(np.interp(np.asarray(edges, dtype=np.float64), at, whole))


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ResourceUse:
    """A resource over time.

    Attributes
    ----------
    name : str
    capacity : int
        Units that exist.
    used : Steps
        Units that work.
    available : Steps
        Units that are there, outside of closed time and outages.
    """

    name: str
    capacity: int
    used: Steps
    available: Steps


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ChartData:
    """A scheduled plan as it is drawn.

    Attributes
    ----------
    plan : Plan
    zone : tzinfo
    first, last : int
        What the picture spans.
    edge : int
        Beyond `last`: up to here hours and available units are known, for margins and for periods that begin before `last`.
    now : int or None
    bars : tuple of Bar
        In the order of the plan.
    hours : tuple of arrays of shape (k, 2)
        Open time of each set of calendars that activities have together.
    resources : tuple of ResourceUse
    chain : tuple of int
        Positions of the activities that decide the end, in order.
    removed : tuple of str
        Activities that the baseline alone has.
    """

    plan: PlanContent
    zone: tzinfo
    first: int
    last: int
    edge: int
    now: int | None
    bars: tuple[Bar, ...]
    hours: tuple[Intervals, ...]
    resources: tuple[ResourceUse, ...]
    chain: tuple[int, ...]
    removed: tuple[str, ...]


def chart_data(
    plan: PlanContent,
    rows: Sequence[Mapping[str, Any]],
    schedule: rcpsp.ProjectSchedule,
    chain: Sequence[str],
    baseline: Sequence[Mapping[str, Any]] = (),
) -> ChartData:
    """What is drawn of a plan.

    Parameters
    ----------
    plan : Plan
    rows : list of dict
        The table of the schedule.
    schedule : ProjectSchedule
        The schedule in ticks.
    chain : list of str
        The activities that decide the end.
    baseline : list of dict, optional
        The rows of an earlier schedule.
    """
    return _Drawing(plan, rows, schedule, baseline).data(chain)


class _Drawing:
    def __init__(
        self,
        plan: PlanContent,
        rows: Sequence[Mapping[str, Any]],
        schedule: rcpsp.ProjectSchedule,
        baseline: Sequence[Mapping[str, Any]],
    ) -> None:
        self._model: PlanModel = model(plan)
        self._plan, self._rows = plan, rows
        self._goes_on = schedule.start_time.tolist()
        self._tick = self._model.times.axis.tick // _SECOND
        self._origin = second(self._model.times.axis.origin)
        self._present = self._origin + (past.present(plan, self._model.times) or 0) * self._tick
        self._times = self._model.times
        self._hours: dict[tuple[str, ...], int] = {}
        self._opens: dict[tuple[Any, ...], Intervals] = {}
        self._baseline = {row["name"]: (_second(row["start"]), _second(row["end"])) for row in baseline}

    def data(self, chain: Sequence[str]) -> ChartData:
        position = {activity.name: k for k, activity in enumerate(self._plan.activities)}
        bars = tuple(map(self._bar, range(len(self._rows))))
        now = None if self._plan.now is None else second(self._plan.now)
        start, end = second(self._plan.start), max((bar.end for bar in bars), default=second(self._plan.start))
        moments = [start, end, *(bar.begin for bar in bars), *([] if now is None else [now])]
        moments += [when for bar in bars for when in bar.baseline or () if when is not None]
        first, last = min(moments), max(moments)
        dues = [_second(when) for bar in bars for when in (bar.activity.due, bar.activity.deadline)]
        last = max([last, *(when for when in dues if when is not None and when <= last + (last - first) * _BEYOND)])
        edge = last + max(1, -(-(last - first) // (2 * _DAY))) * _DAY
        self._write_out_calendars(edge)
        hours = tuple(self._clipped(names, first, edge) for names in self._hours)
        resources = tuple(self._use(resource.name, bars) for resource in self._plan.resources)
        return ChartData(
            self._plan,
            dates.zone(self._plan.timezone),
            first,
            last,
            edge,
            now,
            bars,
            hours,
            resources,
            tuple(position[name] for name in chain),
            tuple(name for name in self._baseline if name not in position),
        )

    def _write_out_calendars(self, edge: int) -> None:
        """Knows the calendars up to the edge of the picture, which may lie beyond the horizon of the search."""
        end = datetime.fromtimestamp(edge, UTC)
        if self._times.axis.to_ticks(end, rounding="up") > self._times.horizon:
            self._times = working_times(variants.variant(self._plan, tick=None), end)

    def _bar(self, k: int) -> Bar:
        activity, row = self._plan.activities[k], self._rows[k]
        start, end = _second(row["start"]), second(row["end"])
        done = activity.actual_end is not None
        begin, resumes = end if start is None else start, None
        happened, pieces = end if done else begin, self._pieces(activity, begin, end)
        if activity.actual_start is not None and not done:
            resumes = self._origin + self._goes_on[k] * self._tick
            happened = min(end, self._present)
            if happened < resumes:  # it waits
                pieces = np.concatenate((np.clip(pieces, begin, happened), np.clip(pieces, resumes, end)))
                pieces = pieces[pieces[:, 0] < pieces[:, 1]]
        names = self._model.times.calendars_of(activity)
        return Bar(
            activity,
            start,
            end,
            pieces,
            resumes,
            happened,
            done,
            start == end and not activity.duration,
            row["critical"],
            row["late"] // _SECOND,
            self._baseline.get(activity.name),
            self._hours.setdefault(names, len(self._hours)),
        )

    def _pieces(self, activity: Activity, start: int, end: int) -> Intervals:
        """When an activity works; facts that lie in closed time count as work."""
        if start == end:
            return np.empty((0, 2), dtype=np.int64)
        key = (self._model.times.calendars_of(activity), tuple(sorted(activity.resources.items())))
        if key not in self._opens:
            self._opens[key] = self._seconds(critical.opens_for(self._model, activity))
        opens = self._opens[key]
        inside = opens[np.searchsorted(opens[:, 1], start, "right") : np.searchsorted(opens[:, 0], end, "left")]
        found = np.clip(inside, start, end)
        return found if len(found) else np.array([[start, end]], dtype=np.int64)

    def _seconds(self, ticks: Intervals) -> Intervals:
        return np.asarray(ticks * self._tick + self._origin, dtype=np.int64)

    def _open(self, calendar: str) -> Intervals:
        """The open time of a calendar up to the edge of the picture, in seconds."""
        axis = self._times.axis
        return np.asarray(self._times.opens(calendar) * (axis.tick // _SECOND) + second(axis.origin), dtype=np.int64)

    def _clipped(self, names: tuple[str, ...], first: int, last: int) -> Intervals:
        """The open time that calendars have together in the picture; what lies before the calendars begin counts as open."""
        opens = self._open(names[0])
        for name in names[1:]:
            opens = open_time.common(opens, self._open(name))
        before = np.array([[first, self._origin]] if first < self._origin else [], dtype=np.int64).reshape(-1, 2)
        found = open_time.joined(np.concatenate((before, opens)))
        found = found[(found[:, 1] > first) & (found[:, 0] < last)]
        return np.clip(found, first, last)

    def _use(self, name: str, bars: Sequence[Bar]) -> ResourceUse:
        holders = [bar for bar in bars if name in bar.activity.resources]
        pieces = [bar.pieces for bar in holders]
        units = [np.full(len(worked), bar.activity.resources[name]) for bar, worked in zip(holders, pieces, strict=True)]
        none = np.empty((0, 2), dtype=np.int64)
        worked, held = np.concatenate([none, *pieces]), np.concatenate([none[:, 0], *units])
        time = np.unique(worked)
        change = np.zeros(time.size, dtype=np.int64)
        np.add.at(change, np.searchsorted(time, worked[:, 0]), held)
        np.add.at(change, np.searchsorted(time, worked[:, 1]), -held)
        (resource,) = (found for found in self._plan.resources if found.name == name)
        return ResourceUse(name, resource.capacity, Steps(time, np.cumsum(change)), self._available(name))

    def _available(self, name: str) -> Steps:
        left = self._model.units(name)
        changes = self._seconds(np.array(list(left), dtype=np.int64))
        opens = self._open(horizon.calendars_of_resources(self._plan)[name])
        time = np.unique(np.concatenate((changes, opens.ravel())))
        units = np.array(list(left.values()), dtype=np.int64)[np.searchsorted(changes, time, "right") - 1]
        is_open = np.searchsorted(opens.ravel(), time, "right") % 2 == 1
        return Steps(time, np.where(is_open, units, 0))


def _second(when: Any) -> int | None:
    return None if when is None else second(when)
