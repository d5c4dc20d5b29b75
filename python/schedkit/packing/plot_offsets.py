"""The chart of memory offsets; matplotlib is imported only when it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _drawing
from .._extras import load
from .memory_offsets import OffsetResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_EDGES = 2000
"""Above this number of buffers rectangles have no edges."""


def offset_chart(result: OffsetResult, ax: Axes | None = None) -> Axes:
    """The address space over time; see `OffsetResult.plot`."""
    ax = _drawing.axes(ax, figsize=(9.0, 5.0))
    collections = load("matplotlib.collections", "plots need matplotlib: pip install 'schedkit[plot]'")
    start, end, size = (result._buffers[name] for name in ("start", "end", "size"))
    shown = np.arange(start.size)
    offset = result.offset
    if offset is None:
        shown = np.arange(0) if result.conflict is None else result.conflict
        offset = np.zeros(start.size, dtype=np.int64)
        offset[shown] = np.cumsum(size[shown]) - size[shown]
    corners = [
        [(start[i], offset[i]), (end[i], offset[i]), (end[i], offset[i] + size[i]), (start[i], offset[i] + size[i])]
        for i in shown.tolist()
    ]
    colours = [f"C{i % 10}" for i in shown.tolist()]
    edge = {"edgecolors": "white", "linewidths": 0.4} if shown.size <= _MOST_EDGES else {}
    ax.add_collection(collections.PolyCollection(corners, facecolors=colours, alpha=0.8, **edge))
    ax.axhline(result.lower_bound, color="#404040", linestyle="--", linewidth=1, label="lower bound")
    capacity = result._buffers["capacity"]
    if capacity is not None:
        ax.axhline(capacity, color="#c00000", linewidth=1, label="capacity")
    ax.autoscale_view()
    ax.set_xlabel("time")
    ax.set_ylabel("address")
    _drawing.legend(ax)
    return ax
