"""Modes on calendars in the model of CP-SAT: when each row may work, and what calendars leave of the resources.

A row that may pause has a start on a clock of its own, which runs while the row may work; there its duration is a fixed number.
Its real start and end follow by a shift that depends on the open interval they lie in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._past import FixedRow
from .constraints import NO_DEADLINE
from .problem import Project, core_of
from .situation import MOST_STEPS, pieces
from .working_time import Clock, Interval, TooManyStepsError, shifts


class RowCalendars:
    """The rows of a project, each as an activity of its own, on their calendars.

    Attributes
    ----------
    horizon : int
        What is planned ends by then.
    complete : bool
        Whether some schedule ends by then, if there is any.
    """

    def __init__(
        self,
        project: Project,
        started: Mapping[int, tuple[int, tuple[int, int]]],
        now: int,
        horizon: int | None,
    ) -> None:
        """`started`: row and span of each activity that has started."""
        owner = np.arange(project.num_activities) if project.activity is None else project.activity
        self._pausable = project.pausable[owner]
        self._duration: list[int] = project.duration.tolist()
        deadline = [None if time == NO_DEADLINE else time for time in project.deadline[owner].tolist()]
        self._rows = Project(
            project.duration,
            np.minimum(project.demand, project.capacity),
            project.capacity,
            calendars=project.calendars,
            pausable=self._pausable,
            release_time=project.release_time[owner],
            deadline=deadline,
        )
        native = core_of(self._rows)
        # Of what has started other rows stay free, but their literals are false.
        rows: list[FixedRow] = [(row, *span) for row, span in started.values()]
        self.complete = True
        if horizon is None:
            horizon = self._sufficient(project, rows, now, [end for _, (_, end) in started.values()])
        if horizon is None:
            self.complete = False
            horizon = now + int(self._rows.duration.sum()) * 8 + int(np.abs(project.lag).sum())
        self.horizon: int = max([horizon, now])
        left = native.remaining(rows, now, self.horizon, MOST_STEPS)
        if left is None:
            raise TooManyStepsError(f"has more than {MOST_STEPS} steps before {self.horizon}")
        self._opens: dict[int, list[Interval]] = {row: left["patterns"][k] for row, k in left["pattern_of"]}
        self._levels: list[tuple[int, list[int]]] = left["levels"]
        self._real = Clock([(now, self.horizon)] if now < self.horizon else [], 1)
        self._now = now

    def _sufficient(self, project: Project, rows: list[FixedRow], now: int, ends: list[int]) -> int | None:
        """A time by which some schedule is done, if there is any; None if no such time is known."""
        limited = bool((self._rows.deadline != NO_DEADLINE).all())
        follows = all(relation == "FS" for relation in project.relation) and bool((project.lag >= 0).all())
        horizon = core_of(self._rows).sufficient_horizon(rows, now) if limited or follows else None
        return None if horizon is None else max([horizon + int(np.maximum(project.lag, 0).sum()), *ends])

    def left(self, resource: int) -> list[tuple[int, int, int]]:
        """Pieces (begin, end, units) of what calendars and what has started leave of a resource."""
        return pieces(self._levels, resource, int(self._rows.capacity[resource]), (self._now, self.horizon))

    def place(self, cp: tuple[Any, Any], row: int, times: tuple[Any, Any], literal: Any) -> tuple[Any, list[Any]]:
        """The interval of a row from its start to its end, and those in which it works."""
        model, domain = cp
        start, end = times
        duration, opens = self._duration[row], self._opens.get(row, [])
        if duration == 0 or not self._pausable[row]:
            interval = model.new_optional_interval_var(start, duration, end, literal, f"run[{row}]")
            if duration > 0:
                ranges = [(begin, until - duration) for begin, until in opens if until - begin >= duration]
                model.add_linear_expression_in_domain(start, domain.from_intervals(ranges or [(1, 0)])).only_enforce_if(literal)
            return interval, [interval]
        clock = Clock(opens, 1)
        size = model.new_int_var(duration, max(duration, self.horizon - self._now), f"size[{row}]")
        interval = model.new_optional_interval_var(start, size, end, literal, f"run[{row}]")
        if clock.total < duration:
            model.add_bool_and([~literal])
            return interval, []
        own = model.new_int_var(0, clock.total - duration, f"own[{row}]")
        stretches = list(shifts(opens, clock, self._real))
        for shifted, value in ((own, start), (own + duration - 1, end - 1)):
            literals = []
            for first, last, shift in stretches:
                literals.append(model.new_bool_var(f"[{row}] from {first}"))
                model.add_linear_expression_in_domain(shifted, domain(first, last - 1)).only_enforce_if(literals[-1])
                model.add(value == shifted + shift + self._now).only_enforce_if(literals[-1])
            model.add(sum(literals) == literal)
        return interval, [self._part(model, own, stretch, (row, literal)) for stretch in stretches]

    def _part(self, model: Any, own: Any, stretch: tuple[int, int, int], of: tuple[int, Any]) -> Any:
        """The work of a row that may pause in one of its open intervals."""
        (first, last, shift), (row, literal) = stretch, of
        bounds = []
        for moment in (own, own + self._duration[row]):
            high = model.new_int_var(first, last, "")
            clipped = model.new_int_var(0, last, "")
            model.add_min_equality(clipped, [moment, last])
            model.add_max_equality(high, [clipped, first])
            bounds.append(high)
        size = model.new_int_var(0, last - first, "")
        move = shift + self._now
        return model.new_optional_interval_var(bounds[0] + move, size, bounds[1] + move, literal, f"work[{row}] from {first}")
