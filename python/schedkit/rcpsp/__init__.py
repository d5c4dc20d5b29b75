"""Resource-constrained projects, ``PS | prec | C_max``.

Activities with integer durations hold renewable resources while they run and wait for their predecessors. Times are int64 ticks
of any unit. Every schedule made here is feasible; `schedkit.check` proves it with code of its own.
"""

from ..calendar import Calendar
from . import ramp
from .algorithms import RULES, justify, parallel_sgs, serial_sgs, serial_sgs_many
from .bounds import CriticalPath, critical_path, lower_bound
from .constraints import NO_DEADLINE
from .exact import prove
from .files import read, write
from .problem import Project
from .schedule import OBJECTIVES, ProjectSchedule, ScheduleBatch
from .search import ProjectSolution, diagnose, solve

__all__ = [
    "NO_DEADLINE",
    "OBJECTIVES",
    "RULES",
    "Calendar",
    "CriticalPath",
    "Project",
    "ProjectSchedule",
    "ProjectSolution",
    "ScheduleBatch",
    "critical_path",
    "diagnose",
    "justify",
    "lower_bound",
    "parallel_sgs",
    "prove",
    "ramp",
    "read",
    "serial_sgs",
    "serial_sgs_many",
    "solve",
    "write",
]
