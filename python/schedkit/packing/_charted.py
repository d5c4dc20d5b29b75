"""What all results of packing that have a chart share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Charted:
    """The public method of results with a chart; the class of the result says what it shows."""

    __slots__ = ()

    if TYPE_CHECKING:  # every result has it

        def _draw(self, ax: Axes | None, **options: Any) -> Axes: ...

    def plot(self, ax: Axes | None = None) -> Axes:
        """The chart that the class describes (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.

        Returns
        -------
        matplotlib Axes
        """
        return self._draw(ax)
