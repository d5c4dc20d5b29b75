"""Chrome trace files, which https://ui.perfetto.dev and chrome://tracing open."""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import _validation


def write_trace(path: str | os.PathLike[str], events: list[dict[str, Any]]) -> None:
    """Writes events to a file; one tick of time is one microsecond of the trace."""
    Path(_validation.path(path)).write_text(json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}), encoding="utf-8")


def rows_without_overlap(start: Sequence[float], end: Sequence[float]) -> list[int]:
    """Assigns intervals to the least number of rows on which no two overlap; returns the row of each interval."""
    row = [0] * len(start)
    free: list[tuple[float, int]] = []
    rows = 0
    for i in sorted(range(len(start)), key=lambda i: (start[i], end[i], i)):
        if free and free[0][0] <= start[i]:
            row[i] = heapq.heappop(free)[1]
        else:
            row[i] = rows
            rows += 1
        heapq.heappush(free, (end[i], row[i]))
    return row
