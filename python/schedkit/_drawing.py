"""Helpers of all charts: loading matplotlib on first use, and new figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._extras import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pyplot() -> Any:
    """The module ``matplotlib.pyplot``."""
    return load("matplotlib.pyplot", "plots need matplotlib: pip install 'schedkit[plot]'")


def axes(ax: Axes | None, **figure: Any) -> Axes:
    """The given axes, or those of a new figure made with the options `figure`."""
    if ax is None:
        ax = pyplot().subplots(layout="constrained", **figure)[1]
    return ax
