"""Serving of language models: which requests join the batch, in which order they wait, and on which replica they run.

`Admission` and `Router` answer one question at a time, inside a model server. `simulate` replays a trace under a latency model.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .admission import Admission as Admission
from .files import read_trace as read_trace
from .problem import Trace as Trace
from .router import Router as Router
from .schedule import ServingResult as ServingResult
from .simulation import simulate as simulate

if TYPE_CHECKING:
    from . import plots as plots

__all__ = ["Admission", "Router", "ServingResult", "Trace", "plots", "read_trace", "simulate"]


def __getattr__(name: str) -> Any:
    """Loads the charts on first use, so that the import of the package stays quick."""
    if name == "plots":
        return importlib.import_module(".plots", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
