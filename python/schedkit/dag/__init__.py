"""Task graphs on heterogeneous processors, ``R | prec, c_ij | C_max``: HEFT and its family.

Tasks cost different times on different processors and send data to their successors; times are float64 of any unit. Every
schedule made here is feasible; `schedkit.check` proves it with code of its own.
"""

from .algorithms import (
    ALGORITHMS,
    cpop,
    dls,
    duplex,
    etf,
    fastest,
    heft,
    ippts,
    lookahead_heft,
    max_min,
    mct,
    met,
    min_min,
    olb,
    peft,
    ppts,
    random,
    sufferage,
)
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
    "cpop",
    "dls",
    "downward_rank",
    "duplex",
    "etf",
    "execute_many",
    "fastest",
    "fft_graph",
    "fork_join_graph",
    "from_networkx",
    "gauss_graph",
    "heft",
    "heft_priorities",
    "improve",
    "ippts",
    "layered_graph",
    "lookahead_heft",
    "lower_bound",
    "max_min",
    "mct",
    "met",
    "min_min",
    "olb",
    "peft",
    "plot_latency",
    "ppts",
    "random",
    "read_platform",
    "read_stg",
    "read_wfformat",
    "schedule_many",
    "simulate_stream",
    "stencil_graph",
    "sufferage",
    "upward_rank",
]
