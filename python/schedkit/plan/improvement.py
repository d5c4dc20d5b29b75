"""The report of the search for a schedule of a plan on its way."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class PlanImprovement:
    """An improvement of the schedule or of the bound during a search, in dates of the plan's time zone.

    Attributes
    ----------
    end : datetime or None
        When the best schedule so far ends; None with an objective beside the makespan.
    lower_bound : datetime, timedelta or int
        No schedule has a better objective.
    num_schedules : int
        Schedules made so far.
    elapsed : float
        Seconds since the start.
    objective : datetime, timedelta or int
        The best value so far, as in `PlanSolution.objective`.
    """

    end: datetime | None
    lower_bound: Any
    num_schedules: int
    elapsed: float
    objective: Any
