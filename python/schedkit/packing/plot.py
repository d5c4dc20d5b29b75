"""Charts of packings; matplotlib is imported only when a chart is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _drawing
from .bin_packing import BinResult
from .partitioning import PartitionResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ITEMS = 3000
"""Above this number of items bars are drawn whole, without their items."""


def partition_chart(result: PartitionResult, ax: Axes | None = None) -> Axes:
    """Bins as stacked bars with the bound as a line; see `PartitionResult.plot`."""
    ax = _bars(result, ax)
    if result._speeds is None:
        ax.axhline(result.lower_bound, color="#404040", linestyle="--", linewidth=1, label="lower bound")
        ax.legend()
    return ax


def bin_chart(result: BinResult, ax: Axes | None = None) -> Axes:
    """Bins as stacked bars with the capacity as a line; see `BinResult.plot`."""
    ax = _bars(result, ax)
    ax.axhline(result.capacity, color="#404040", linestyle="--", linewidth=1, label="capacity")
    ax.legend()
    return ax


def _bars(result: Any, ax: Axes | None) -> Axes:
    """One bar for each bin, with one part for each item, the lowest index at the bottom."""
    ax = _drawing.axes(ax, figsize=(min(max(4.0, 0.3 * result.load.size + 1.5), 24.0), 4.0))
    if result.bin.size > _MOST_ITEMS:
        ax.bar(np.arange(result.load.size), result.load)
    else:
        order = np.argsort(result.bin, kind="stable")
        size, number = result.size[order], result.bin[order]
        top = np.cumsum(size)
        first = np.searchsorted(number, number)
        below = top - size
        bottom = below - below[first] if size.size else below
        colours = [f"C{k % 10}" for k in range(size.size)]
        ax.bar(number, size, bottom=bottom, color=colours, edgecolor="white", linewidth=0.5)
    ax.set_xlabel("bin")
    ax.set_ylabel("load")
    return ax
