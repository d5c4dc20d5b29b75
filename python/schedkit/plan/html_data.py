"""The data of a page: what its scripts draw, as JSON that is safe inside of HTML.

Times are numbers that count `unit` seconds since `first`, and rows of times are the differences between neighbours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from .._text import printable
from . import dates, links, open_time, writing
from .chart_data import Bar, ChartData, Steps
from .open_time import second

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def text(data: ChartData | None) -> str:
    """The JSON of a page; without a schedule that of an empty plan."""
    content = _EMPTY if data is None else _Content(data).content()
    found = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in _ESCAPED.items():
        found = found.replace(character, escape)
    return found


_EMPTY: dict[str, Any] = {
    **{"first": 0, "last": 1, "edge": 1, "unit": 1, "now": None, "zone": [[0, 0]]},
    **{"activities": [], "hours": [], "resources": [], "chain": []},
}


class _Content:
    def __init__(self, data: ChartData) -> None:
        self._data, self._plan = data, data.plan
        self._names = {activity.name: k for k, activity in enumerate(data.plan.activities)}
        self._units = writing.units_of(data.plan)
        self._unit = max(1, math.gcd(*(int(time) - data.first for time in self._times())))

    def content(self) -> dict[str, Any]:
        data = self._data
        moments = [datetime.fromtimestamp(at, UTC) + timedelta(days=days) for at, days in ((data.first, -40), (data.edge, 400))]
        return {
            "first": data.first,
            "last": self._number(data.last),
            "edge": self._number(data.edge),
            "unit": self._unit,
            "now": self._number(data.now),
            "zone": [[until, offset] for _, until, offset in open_time.offsets(moments[0], moments[1], data.zone)],
            "activities": [self._activity(bar) for bar in data.bars],
            "hours": [self._differences(hours.ravel().tolist()) for hours in data.hours],
            "resources": [
                {"n": printable(use.name), "c": use.capacity, "u": self._steps(use.used), "v": self._steps(use.available)}
                for use in data.resources
            ],
            "chain": list(data.chain),
        }

    def _times(self) -> Iterable[int]:
        """All times of the page."""
        data = self._data
        yield from (data.first, data.last, data.edge, data.first if data.now is None else data.now)
        for bar in data.bars:
            moments = (bar.start, bar.end, bar.happened, *(bar.baseline or ()))
            yield from (moment for moment in moments if moment is not None)
            yield from (second(when) for when in (bar.activity.due, bar.activity.deadline) if when is not None)
            yield from np.unique(bar.pieces).tolist()
        for hours in data.hours:
            yield from np.unique(hours).tolist()
        for use in data.resources:
            yield from use.used.time.tolist()
            yield from self._within(use.available).time.tolist()

    def _number(self, moment: int | None) -> int | None:
        return None if moment is None else (moment - self._data.first) // self._unit

    def _differences(self, moments: Iterable[int]) -> list[int]:
        numbers = [(moment - self._data.first) // self._unit for moment in moments]
        return [number - before for number, before in zip(numbers, [0, *numbers], strict=False)]

    def _within(self, steps: Steps) -> Steps:
        """Steps up to the edge of the picture."""
        count = int(np.searchsorted(steps.time, self._data.edge, "right"))
        return Steps(steps.time[:count], steps.value[:count])

    def _steps(self, steps: Steps) -> list[list[int]]:
        within = self._within(steps)
        time, value = within.time.tolist(), within.value.tolist()
        if time and time[-1] < self._data.edge and value[-1]:
            time, value = [*time, self._data.edge], [*value, 0]
        return [self._differences(time), value]

    def _activity(self, bar: Bar) -> dict[str, Any]:
        activity = bar.activity
        pieces = bar.pieces.tolist()
        found: dict[str, Any] = {
            "n": printable(activity.name),
            "s": self._number(bar.start),
            "e": self._number(bar.end),
            "h": bar.hours,
            "f": bar.critical + 2 * bar.done + 4 * bar.milestone,
            "t": self._units.text(activity.duration),
        }
        if pieces and pieces != [[bar.start, bar.end]]:
            found["p"] = self._differences(moment for piece in pieces for moment in piece)
        if activity.resources:
            found["r"] = printable(links.resources_text(activity.resources, activity.resources.keys()))
        if activity.predecessors:
            found["a"] = printable("; ".join(links.link_text(link, self._names, self._units) for link in activity.predecessors))
            found["l"] = [[self._names[link.name], link.type] for link in activity.predecessors]
        for key, moment in (("d", activity.due), ("x", activity.deadline)):
            if moment is not None:
                found[key] = [self._number(second(moment)), dates.until(moment)]
        if bar.resumes is not None:
            found["g"] = self._number(bar.happened)
        if bar.late:
            found["k"] = bar.late
        if bar.baseline is not None:
            found["b"] = [self._number(moment) for moment in bar.baseline]
        return found
