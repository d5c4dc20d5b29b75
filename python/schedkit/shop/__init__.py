"""Shops, ``J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j``: jobs visit machines.

A job is a route of operations, and each operation takes one machine, which may be chosen among several. `dispatch` makes a
schedule by a rule, `simulate` does so while machines stop and come back, `solve` searches for a short one, and an
`Environment` lets agents learn to schedule. Times are int64 ticks of any unit.
"""

from ..calendar import Calendar
from .dispatching import OBJECTIVES, RULES, dispatch, dispatch_many
from .environment import Environment
from .exact import prove
from .files import read, write
from .graph import DisjunctiveGraph, disjunctive_graph
from .problem import Shop
from .rolling import roll
from .schedule import ShopBatch, ShopSchedule
from .search import ShopSolution, lower_bound, solve
from .simulation import Breakdowns, ShopSimulation, simulate

__all__ = [
    "OBJECTIVES",
    "RULES",
    "Breakdowns",
    "Calendar",
    "DisjunctiveGraph",
    "Environment",
    "Shop",
    "ShopBatch",
    "ShopSchedule",
    "ShopSimulation",
    "ShopSolution",
    "disjunctive_graph",
    "dispatch",
    "dispatch_many",
    "lower_bound",
    "prove",
    "read",
    "roll",
    "simulate",
    "solve",
    "write",
]
