"""What is known about the value of a schedule, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .._working_hours import in_words
from . import dates
from .solution import PlanSolution


def verdict(result: PlanSolution) -> str:
    """What is known about the value of a schedule, in words, without the end of the plan."""
    if result.objective_name == "makespan":
        if result.status == "optimal":
            return "no schedule ends earlier"
        if result.gap is None:
            return ""
        days = result.gap / timedelta(days=1)
        return f"no schedule ends before {dates.with_weekday(result.lower_bound)}, which is {days:.1f} days earlier"
    name = f"{result.objective_name.replace('_', ' ')} {_shown(result.objective)}"
    if result.status == "optimal":
        return f"{name}, the least possible"
    return name if result.lower_bound is None else f"{name}, at least {_shown(result.lower_bound)} in every schedule"


def _shown(value: Any) -> str:
    if not isinstance(value, timedelta):
        return str(value)
    if not value:
        return "0"
    return in_words(value) if value > timedelta(0) else f"-{in_words(-value)}"
