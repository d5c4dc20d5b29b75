"""What the search for a schedule of a plan reports on its way."""

from __future__ import annotations

import dataclasses
from datetime import datetime


@dataclasses.dataclass(frozen=True, slots=True)
class PlanImprovement:
    """An improvement of the schedule or of the bound during a search, in dates of the plan's time zone.

    Attributes
    ----------
    end : datetime or None
        When the best schedule so far ends; None while there is none.
    lower_bound : datetime
        No schedule ends earlier.
    num_schedules : int
        Schedules made so far.
    elapsed : float
        Seconds since the start.
    """

    end: datetime | None
    lower_bound: datetime
    num_schedules: int
    elapsed: float
