"""Serving of language models: which requests join the batch, in which order they wait, and on which replica they run.

`Admission` and `Router` answer one question at a time, inside a model server. `simulate` replays a trace under a latency model;
the module ``schedkit.serving.plots`` draws its results.
"""

from __future__ import annotations

from .admission import Admission as Admission
from .files import read_trace as read_trace
from .problem import Trace as Trace
from .router import Router as Router
from .schedule import ServingResult as ServingResult
from .simulation import simulate as simulate

__all__ = ["Admission", "Router", "ServingResult", "Trace", "read_trace", "simulate"]
