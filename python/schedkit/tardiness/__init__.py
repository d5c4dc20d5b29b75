"""One machine and due dates, ``1 || sum T_j`` and ``1 || sum w_j T_j``.

All jobs are there at time 0 and run one after the other; a job that completes after its due date costs (its weight times) its
tardiness. Rules make a sequence at once, `improve` searches on, `solve_exact` proves. Times are int64 ticks of any unit.
"""

from . import rules
from .exact import solve_exact, solve_exact_weighted
from .files import read_csv, read_orlib
from .generators import potts_van_wassenhove
from .problem import Instance
from .rules import *  # noqa: F403  # the rules
from .rules import RULES
from .schedule import SearchSchedule, SequenceSchedule, evaluate
from .search import improve

__all__ = [
    "RULES",
    "Instance",
    "SearchSchedule",
    "SequenceSchedule",
    "evaluate",
    "improve",
    "potts_van_wassenhove",
    "read_csv",
    "read_orlib",
    "solve_exact",
    "solve_exact_weighted",
]
__all__ += rules.__all__
