"""Task graphs on heterogeneous processors, ``R | prec, c_ij | C_max``: HEFT and its family.

Tasks cost different times on different processors and send data to their successors; times are float64 of any unit. Every
schedule made here is feasible; `schedkit.check` proves it with code of its own.
"""

from . import algorithms
from .algorithms import *  # noqa: F403  # the list schedulers
from .algorithms import ALGORITHMS
from .batch import execute_many, schedule_many
from .files import from_networkx, read_stg
from .generators import fork_join_graph, layered_graph, stencil_graph
from .network import Network
from .numerics import cholesky_graph, fft_graph, gauss_graph
from .platform import Platform, read_platform
from .problem import TaskGraph
from .ranks import bottom_level, downward_rank, heft_priorities, upward_rank
from .schedule import DagSchedule
from .search import ImprovedSchedule, improve, lower_bound
from .stream import KEYS, POLICIES, StreamResult, plot_latency, simulate_stream
from .stream_scheduler import StreamScheduler
from .wfformat import read_wfformat
from .workflow import Workflow

__all__ = [
    "ALGORITHMS",
    "KEYS",
    "POLICIES",
    "DagSchedule",
    "ImprovedSchedule",
    "Network",
    "Platform",
    "StreamResult",
    "StreamScheduler",
    "TaskGraph",
    "Workflow",
    "bottom_level",
    "cholesky_graph",
    "downward_rank",
    "execute_many",
    "fft_graph",
    "fork_join_graph",
    "from_networkx",
    "gauss_graph",
    "heft_priorities",
    "improve",
    "layered_graph",
    "lower_bound",
    "plot_latency",
    "read_platform",
    "read_stg",
    "read_wfformat",
    "schedule_many",
    "simulate_stream",
    "stencil_graph",
    "upward_rank",
]
__all__ += algorithms.__all__
