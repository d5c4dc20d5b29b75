"""Scheduling for programs that embed it: fast, exact where exactness is possible, reproducible everywhere.

`schedkit.rcpsp` schedules resource-constrained projects, `schedkit.dag` task graphs on heterogeneous processors,
`schedkit.online` streams of jobs, `schedkit.tardiness` jobs with due dates on one machine; `schedkit.check` judges any schedule
with independent code.
"""

from . import dag, online, rcpsp, tardiness
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
    SchedkitError,
    UnknownKeyError,
)

__all__ = [
    "CancelToken",
    "CycleError",
    "FormatError",
    "Improvement",
    "InfeasibleError",
    "InputTypeError",
    "InvalidInputError",
    "SchedkitError",
    "UnknownKeyError",
    "Violation",
    "__version__",
    "check",
    "dag",
    "example_path",
    "online",
    "rcpsp",
    "tardiness",
]
