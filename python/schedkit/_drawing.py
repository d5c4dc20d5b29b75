"""Helpers of all charts: loading matplotlib on first use, and new figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._extras import load
from ._refusals import refuse_type

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pyplot() -> Any:
    """The module ``matplotlib.pyplot``."""
    return load("matplotlib.pyplot", "plots need matplotlib: pip install 'schedkit[plot]'")


def axes(ax: Axes | None, **figure: Any) -> Axes:
    """The given axes, or those of a new figure made with the options `figure`.

    Raises
    ------
    InputTypeError
        An `ax` that is no matplotlib Axes.
    """
    if ax is None:
        ax = pyplot().subplots(layout="constrained", **figure)[1]
    elif not isinstance(ax, load("matplotlib.axes", "plots need matplotlib: pip install 'schedkit[plot]'").Axes):
        raise refuse_type("ax", "must be the axes of a matplotlib figure", ax)
    return ax


_SEARCHED = 500
"""Artists up to which matplotlib looks for the best place of a legend, which takes long beside many."""


def legend(ax: Axes) -> None:
    """Adds a legend: where it covers least, or at the upper right beside many artists."""
    count = sum(len(collection.get_paths()) for collection in ax.collections) + len(ax.patches) + len(ax.lines)
    ax.legend(loc="best" if count <= _SEARCHED else "upper right")


def whole_ticks(axis: Any) -> None:
    """Puts ticks at whole numbers only, such as indices."""
    axis.get_major_locator().set_params(integer=True)
