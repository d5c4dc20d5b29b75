"""Online flow time, ``1, P | pmtn, r_j, online | sum F_j``.

Jobs arrive over time, and a policy decides which of them run. Sizes are known, estimated, or revealed operation by operation.
A policy sees only what its information model reveals. Times are float64 of any unit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import policies
from .custom import EstimatedJob as EstimatedJob
from .custom import JobView as JobView
from .custom import OperationJob as OperationJob
from .custom import Policy as Policy
from .custom import SizedJob as SizedJob
from .dispatcher import Dispatcher as Dispatcher
from .dispatcher import DispatcherStats as DispatcherStats
from .files import read_csv as read_csv
from .files import read_json as read_json
from .files import read_swf as read_swf
from .files import write_json as write_json
from .policies import *  # noqa: F403
from .problem import Jobs as Jobs
from .problem import lower_bound as lower_bound
from .queue import PolicyQueue as PolicyQueue
from .queue import QueueStats as QueueStats
from .replay import replay as replay
from .schedule import FlowResult as FlowResult
from .schedule import Segments as Segments
from .simulation import simulate as simulate

if TYPE_CHECKING:
    from . import adapters as adapters
    from . import theory as theory
    from . import workloads as workloads

_LAZY = ("adapters", "theory", "workloads")

if not TYPE_CHECKING:  # type checkers cannot read a list that is computed; for them the imports above are the exports
    __all__ = [  # noqa: PLE0604  # every item is a string
        *(
            "Dispatcher",
            "DispatcherStats",
            "EstimatedJob",
            "FlowResult",
            "JobView",
            "Jobs",
            "OperationJob",
            "Policy",
            "PolicyQueue",
            "QueueStats",
        ),
        *("Segments", "SizedJob", "lower_bound", "read_csv", "read_json", "read_swf", "replay", "simulate", "write_json"),
        *(name for name in policies.__all__ if name not in ("BuiltIn", "from_name")),
        *_LAZY,
    ]


def __getattr__(name: str) -> Any:
    """Loads adapters, formulas and workloads on first use, so that the import of the package stays quick."""
    if name in _LAZY:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
