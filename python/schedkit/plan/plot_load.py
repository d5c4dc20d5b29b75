"""The load of resources below the Gantt chart of a plan: hours that are worked, under hours that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._text import printable
from . import periods, plot_dates
from .chart_data import ChartData, ResourceUse

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_RESOURCES = 8
"""Resources for which there is space below a chart; the busiest are shown."""
_MOST_PERIODS = 130
_FEW_HOURS = 60 * 3600


def busiest(data: ChartData, span: tuple[int, int]) -> list[ResourceUse]:
    """The resources with the largest part of their time in use, in the order of the plan; those without work last."""

    def load(use: ResourceUse) -> float:
        return float(use.used.sums(span)[0]) / max(float(use.available.sums(span)[0]), 1.0)

    chosen = sorted(range(len(data.resources)), key=lambda k: (-load(data.resources[k]), k))[:MOST_RESOURCES]
    return [data.resources[k] for k in sorted(chosen)]


def panels(
    places: Sequence[Axes] | Any,
    data: ChartData,
    shown: Sequence[ResourceUse],
    span: tuple[int, int],
    axis: tuple[int, int],
) -> None:
    """Draws one panel for each resource.

    Within two days and a half a panel shows units at each moment. Longer charts show the hours of work in each day, week, month
    or year: units at each moment would go up and down with every shift.
    """
    for ax, use in zip(places, shown, strict=True):
        unit = _units(ax, use, axis) if span[1] - span[0] <= _FEW_HOURS else _hours(ax, use, data, span, axis)
        ax.set_ylim(0)
        name = printable(use.name)
        ax.set_ylabel(
            f"{name if len(name) <= 28 else name[:27] + '…'}\n{unit}",
            fontsize=7,
            rotation=0,
            ha="right",
            va="center",
            parse_math=False,
        )
        ax.tick_params(labelsize=6.5)
        ax.locator_params(axis="y", nbins=3)
        ax.margins(y=0.15)


def _hours(ax: Axes, use: ResourceUse, data: ChartData, span: tuple[int, int], axis: tuple[int, int]) -> str:
    period = periods.finest(*span, most=_MOST_PERIODS, at_least="day")
    edges = periods.starts(period, *axis, data.zone)
    used, available = use.used.sums(edges) / 3600, use.available.sums(edges) / 3600
    x = np.array([plot_dates.days(edge) for edge in edges])
    width = np.diff(x)
    ax.bar(x[:-1], used, width * 0.86, align="edge", color="#7da453", linewidth=0)
    ax.stairs(available, x, color="#404040", linewidth=1)
    return f"hours a {period.name}" if period.count == 1 else "hours a quarter"


def _units(ax: Axes, use: ResourceUse, span: tuple[int, int]) -> str:
    last = plot_dates.days(span[1])
    used, available = (
        ([*map(plot_dates.days, steps.time.tolist()), last], [*steps.value.tolist(), 0]) for steps in (use.used, use.available)
    )
    ax.fill_between(*used, step="post", color="#7da453", linewidth=0)
    ax.step(*available, where="post", color="#404040", linewidth=1)
    return f"of {use.capacity}"
