"""Chrome traces of simulated streams."""

from __future__ import annotations

import os
from typing import Any

from .. import _validation
from .._trace import write_trace
from .schedule import FlowResult


def write_flow_trace(result: FlowResult, path: str | os.PathLike[str]) -> None:
    """Writes jobs as slices on their servers; the segments must have been recorded."""
    if result.segments is None:
        raise _validation.refuse("segments", "were not recorded: simulate with segments=True")
    names = result.jobs.names
    events: list[dict[str, Any]] = []
    for (job, server, start, end), rate in zip(result.segments, result.segments.rate.tolist(), strict=True):
        span = {"pid": 0, "tid": server, "ts": start, "dur": end - start}
        name = f"job {job}" if names is None else names[job]
        events.append({"name": name, "ph": "X", **span, "args": {"job": job, "rate": rate}})
    write_trace(path, events)
