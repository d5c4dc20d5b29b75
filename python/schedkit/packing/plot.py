"""Charts of packings; matplotlib is imported only when a chart is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _drawing
from .bin_packing import BinResult
from .partitioning import PartitionResult
from .placement import PlacementResult
from .replication import ReplicationResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ITEMS = 3000
"""Above this number of items bars are drawn whole, without their items."""


def partition_chart(result: PartitionResult, ax: Axes | None = None) -> Axes:
    """Bins as stacked bars with the bound as a line; see `PartitionResult.plot`."""
    ax = _bars(result, ax, result._speeds)
    ax.axhline(result.lower_bound, color="#404040", linestyle="--", linewidth=1, label="lower bound")
    _drawing.legend(ax)
    return ax


def bin_chart(result: BinResult, ax: Axes | None = None) -> Axes:
    """Bins as stacked bars with the capacity as a line; see `BinResult.plot`."""
    ax = _bars(result, ax)
    ax.axhline(result.capacity, color="#404040", linestyle="--", linewidth=1, label="capacity")
    _drawing.legend(ax)
    return ax


def placement_chart(result: PlacementResult, ax: Axes | None = None) -> Axes:
    """The used share of each resource on each node; see `PlacementResult.plot`."""
    capacity, demand = result._problem["capacity"], result._problem["demand"]
    num_nodes, num_resources = capacity.shape
    ax = _drawing.axes(ax, figsize=(min(max(4.0, 0.3 * num_nodes + 1.5), 24.0), 4.0))
    used = np.zeros(capacity.shape, dtype=np.int64)
    here = result.node >= 0
    np.add.at(used, result.node[here], demand[here])
    share = 100 * used / np.maximum(capacity, 1)
    width = 0.8 / max(num_resources, 1)
    for r in range(num_resources):
        ax.bar(np.arange(num_nodes) + (r - (num_resources - 1) / 2) * width, share[:, r], width, label=f"resource {r}")
    ax.axhline(100, color="#404040", linestyle="--", linewidth=1, label="capacity")
    ax.set_xlabel("node")
    ax.set_ylabel("used, %")
    _drawing.legend(ax)
    return ax


def replication_chart(result: ReplicationResult, ax: Axes | None = None) -> Axes:
    """The load of each device; see `ReplicationResult.plot`."""
    load, expert = np.atleast_2d(result._load), np.atleast_2d(result.expert)
    count = np.atleast_2d(result.replica_count)
    num_devices = result._layout[2]
    layers = np.arange(len(load))[:, None]
    part = load[layers, expert] / count[layers, expert]
    share = part.reshape(len(load), num_devices, -1).sum(axis=2)
    ax = _drawing.axes(ax, figsize=(min(max(4.0, 0.3 * num_devices + 1.5), 24.0), 4.0))
    device = np.arange(num_devices)
    if len(load) == 1:
        ax.bar(device, share[0])
        ax.axhline(float(np.max(result.lower_bound)), color="#404040", linestyle="--", linewidth=1, label="lower bound")
        _drawing.legend(ax)
    else:
        over = share / np.maximum(np.asarray(result.lower_bound)[:, None], np.finfo(float).tiny)
        ax.boxplot(over, positions=device, widths=0.6, manage_ticks=False)
        ax.axhline(1.0, color="#404040", linestyle="--", linewidth=1, label="lower bound of the layer")
        _drawing.legend(ax)
    ax.set_xlabel("device")
    ax.set_ylabel("load" if len(load) == 1 else "load over the lower bound, all layers")
    return ax


def _bars(result: Any, ax: Axes | None, speeds: NDArray[np.float64] | None = None) -> Axes:
    """One bar for each bin, with one part for each item, the lowest index at the bottom; with speeds the time that it takes."""
    ax = _drawing.axes(ax, figsize=(min(max(4.0, 0.3 * result.load.size + 1.5), 24.0), 4.0))
    if result.bin.size > _MOST_ITEMS:
        ax.bar(np.arange(result.load.size), result.load if speeds is None else result.load / speeds)
    else:
        order = np.argsort(result.bin, kind="stable")
        size, number = result.size[order], result.bin[order]
        size = size if speeds is None else size / speeds[number]
        top = np.cumsum(size)
        first = np.searchsorted(number, number)
        below = top - size
        bottom = below - below[first] if size.size else below
        colours = [f"C{k % 10}" for k in range(size.size)]
        ax.bar(number, size, bottom=bottom, color=colours, edgecolor="white", linewidth=0.5)
    ax.set_xlabel("bin")
    ax.set_ylabel("load" if speeds is None else "load over speed")
    _drawing.whole_ticks(ax.xaxis)
    return ax
