"""Charts of disjunctive graphs; matplotlib is imported only when a chart is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _drawing
from .graph import DisjunctiveGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELS = 150
_MOST_EDGES = 2000
"""Open edges beyond so many would be a grey area."""


def disjunctive_chart(graph: DisjunctiveGraph, ax: Axes | None = None) -> Axes:
    """A row for each job; see `DisjunctiveGraph.plot`."""
    count = int(graph.job.max(initial=-1)) + 1
    first = np.searchsorted(graph.job, np.arange(count))
    place = np.stack([np.arange(graph.job.size) - first[graph.job], graph.job], axis=1)
    width = int(place[:, 0].max(initial=0)) + 1
    ax = _drawing.axes(ax, figsize=(min(2.0 + 0.9 * width, 24.0), min(1.5 + 0.8 * count, 24.0)))
    labels = graph.job.size <= _MOST_LABELS
    if graph.disjunctive.shape[1] <= _MOST_EDGES:
        for a, b in graph.disjunctive.T.tolist():
            ax.plot(*zip(place[a], place[b], strict=True), color="#b0b0b0", linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    arcs = [(a, b, "#404040", 0.0) for a, b in graph.conjunctive.T.tolist()]
    arcs += [(a, b, f"C{graph.machine[a] % 10}", 0.18) for a, b in graph.ordered.T.tolist()]
    for a, b, colour, bend in arcs:
        style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 11, "shrinkB": 11, "connectionstyle": f"arc3,rad={bend}"}
        ax.annotate("", xy=place[b], xytext=place[a], arrowprops=style)
    colours = [f"C{m % 10}" if m >= 0 else "white" for m in graph.machine.tolist()]
    edges = ["#202020" if done else "#a0a0a0" for done in graph.placed.tolist()]
    ax.scatter(place[:, 0], place[:, 1], s=340, c=colours, edgecolors=edges, linewidths=1.6, zorder=3)
    if labels:
        for (x, y), machine, duration in zip(place.tolist(), graph.machine.tolist(), graph.duration.tolist(), strict=True):
            ink = "white" if machine >= 0 else "#404040"
            ax.text(x, y, f"{duration}", ha="center", va="center", color=ink, fontsize=8, zorder=4)
    ax.set_yticks(range(count), [f"job {j}" for j in range(count)])
    ax.set_xticks(range(width))
    ax.set_xlabel("operation of the job (colour: machine, number: duration)")
    ax.set_xlim(-0.6, width - 0.4)
    ax.set_ylim(count - 0.4, -0.6)
    return ax
