"""Online flow time, ``1, P | pmtn, r_j, online | sum F_j``.

Jobs arrive; their sizes are known, estimated, or revealed operation by operation; a policy decides who runs. What a policy may
know is enforced: it is handed the facts of its information model and nothing else. Times are float64 of any unit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .files import read_csv, read_json, read_swf, write_json
from .jobs import Jobs, lower_bound
from .policies import (
    EDF,
    FCFS,
    HDF,
    HRRN,
    LAS,
    LLF,
    MLF,
    POLICIES,
    PS,
    PSJF,
    PSJFE,
    RMLF,
    RR,
    SJF,
    SLF,
    SRPT,
    SRPTB,
    SRPTE,
    WSRPT,
    Balance,
    BansalDhamdhere,
    ChunkBalance,
    Gittins,
    OpSRPT,
    SRPTAgeing,
)
from .queue import PolicyQueue, QueueStats
from .replay import replay
from .result import FlowResult, Segments
from .simulation import simulate
from .user import EstimatedJob, JobView, OperationJob, Policy, SizedJob

if TYPE_CHECKING:
    from . import adapters, theory, workloads

__all__ = [
    "EDF",
    "FCFS",
    "HDF",
    "HRRN",
    "LAS",
    "LLF",
    "MLF",
    "POLICIES",
    "PS",
    "PSJF",
    "PSJFE",
    "RMLF",
    "RR",
    "SJF",
    "SLF",
    "SRPT",
    "SRPTB",
    "SRPTE",
    "WSRPT",
    "Balance",
    "BansalDhamdhere",
    "ChunkBalance",
    "EstimatedJob",
    "FlowResult",
    "Gittins",
    "JobView",
    "Jobs",
    "OpSRPT",
    "OperationJob",
    "Policy",
    "PolicyQueue",
    "QueueStats",
    "SRPTAgeing",
    "Segments",
    "SizedJob",
    "adapters",
    "lower_bound",
    "read_csv",
    "read_json",
    "read_swf",
    "replay",
    "simulate",
    "theory",
    "workloads",
    "write_json",
]


def __getattr__(name: str) -> Any:
    """Adapters, formulas and workloads are loaded when they are first asked for: the import of the package stays quick."""
    if name in ("adapters", "theory", "workloads"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
