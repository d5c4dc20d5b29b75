"""Charts of sequences and their due dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .schedule import SequenceSchedule

_ON_TIME, _LATE = "#4c78a8", "#e45756"


def sequence_chart(schedule: SequenceSchedule, ax: Axes | None = None) -> Axes:
    """Draws jobs by position as bars over time, tardy ones in red; a mark shows the due date, a line the tardiness.

    Parameters
    ----------
    schedule : SequenceSchedule
        The schedule of one instance.
    ax : matplotlib Axes, optional
        Draws here; without it on a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SchedkitError
        If matplotlib is missing.
    """
    if schedule.sequence.ndim != 1:
        raise TypeError("a batch cannot be drawn, take one instance: batch[i]")
    ax = _drawing.axes(ax, figsize=(10, min(max(2.5, 0.2 * len(schedule)), 24.0)))
    order = schedule.sequence
    position = np.arange(order.size)
    start, completion, late = schedule.start_time[order], schedule.completion_time[order], schedule.tardiness[order]
    due = completion - schedule.lateness[order]
    colours = np.where(late > 0, _LATE, _ON_TIME)
    ax.barh(position, completion - start, left=start, height=0.8, color=colours.tolist())
    ax.hlines(position[late > 0], due[late > 0], completion[late > 0], color=_LATE, linewidth=1)
    ax.plot(due, position, linestyle="none", marker="|", markersize=8, color="black", label="due date")
    if order.size <= 60:
        ax.set_yticks(position, [str(job) for job in order])
    ax.invert_yaxis()
    ax.set_xlabel("time")
    ax.set_ylabel("job")
    ax.set_title(f"total tardiness {schedule.total_tardiness}, {schedule.num_tardy} of {order.size} jobs tardy")
    if order.size:
        ax.legend(loc="lower left", frameon=False)
    return ax
