"""Projects as planners keep them: names, dates, working hours, progress.

A `Plan` is read from CSV, XLSX, JSON or the XML of MS Project, or made from plain data. Everything works in working time unless
told otherwise.
"""

from .conflict_parts import ConflictPart
from .elements import Activity, Link, Outage, Resource, WorkCalendar
from .files import read
from .improvement import PlanImprovement
from .problem import Plan
from .reasons import PlanReason
from .relaxation import Relaxation
from .sequence import PlanWarning
from .solution import PlanSolution

__all__ = [
    "Activity",
    "ConflictPart",
    "Link",
    "Outage",
    "Plan",
    "PlanImprovement",
    "PlanReason",
    "PlanSolution",
    "PlanWarning",
    "Relaxation",
    "Resource",
    "WorkCalendar",
    "read",
]
