"""Scheduling for programs that embed it: fast, exact where exactness is possible, reproducible everywhere.

`schedkit.rcpsp` schedules resource-constrained projects, `schedkit.dag` task graphs on heterogeneous processors,
`schedkit.online` streams of jobs, `schedkit.tardiness` jobs with due dates on one machine, `schedkit.shop` jobs that visit
machines; `schedkit.packing` puts items into bins; `schedkit.plan` keeps projects with names, dates and working hours;
`schedkit.check` judges any schedule with code that the algorithms do not share.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._anytime import Improvement
from ._core import CancelToken
from ._examples import example_path
from ._version import __version__
from .checking import Violation, check
from .errors import (
    CycleError,
    FormatError,
    InfeasibleError,
    InputTypeError,
    InvalidInputError,
    LostCallError,
    Reason,
    SchedkitError,
    StoppedError,
    UnknownKeyError,
)
from .fixed import Fixed
from .time_axis import TimeAxis

if TYPE_CHECKING:
    from . import dag, online, packing, plan, rcpsp, serving, shop, tardiness
    from .evaluation import evaluate
    from .many import solve_many, solve_portfolio

__all__ = [
    "CancelToken",
    "CycleError",
    "Fixed",
    "FormatError",
    "Improvement",
    "InfeasibleError",
    "InputTypeError",
    "InvalidInputError",
    "LostCallError",
    "Reason",
    "SchedkitError",
    "StoppedError",
    "TimeAxis",
    "UnknownKeyError",
    "Violation",
    "__version__",
    "check",
    "dag",
    "evaluate",
    "example_path",
    "online",
    "packing",
    "plan",
    "rcpsp",
    "serving",
    "shop",
    "solve_many",
    "solve_portfolio",
    "tardiness",
]

_FAMILIES = ("dag", "online", "packing", "plan", "rcpsp", "serving", "shop", "tardiness")
_LATE = {"evaluate": "evaluation", "solve_many": "many", "solve_portfolio": "many"}


def __getattr__(name: str) -> Any:
    """Imports a family or a tool on first use, so that importing the package stays fast."""
    if name in _FAMILIES:
        return importlib.import_module(f".{name}", __name__)
    if name in _LATE:
        return getattr(importlib.import_module(f".{_LATE[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FAMILIES, *_LATE})
